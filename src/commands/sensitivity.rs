//! `archsim sweep --sensitivity`: on which numbers of the model a metric hangs.

use super::compare::{Plan, Scene, run_and_show};
use super::measure::measured;
use crate::cli::{Common, SweepArgs};
use crate::console::Console;
use crate::exit::Failure;
use crate::input;
use crate::settings::{laid_out, prepare};
use crate::table::plural;
use archsim_experiment::compare::Comparison;
use archsim_experiment::sensitivity::{Setting, only, settings};
use archsim_experiment::sweep::Grid;

/// The name of what is written.
const NAME: &str = "sensitivity";
/// The file as it is.
const BASELINE: &str = "the file";
/// More settings than this are too many to hold side by side.
const MOST: usize = 150;

/// Runs the scenario with each number a share lower and a share higher, on the same random numbers.
pub(super) fn sensitivity(
    args: &SweepArgs,
    share: f64,
    common: &Common,
    console: Console,
    command: Vec<String>,
) -> Result<u8, Failure> {
    let (model, source, changed) = prepare(&args.file, &args.changes, console)?.runnable(console)?;
    let measure = measured(&args.measure, vec![], &model, console)?;
    let all = settings(&source).map_err(|findings| Failure::Findings(laid_out(&findings, &source, console)))?;
    let all = only(all, &args.only);
    if all.is_empty() || all.len() > MOST {
        let found = if all.is_empty() { "no number of the model stands".into() } else { plural(all.len(), "number") };
        let help = "name a part of the file with --only, for example --only web";
        return Err(Failure::Wrong(format!("{found} there; 1 to {MOST} can be varied\n  = help: {help}")));
    }
    let files = |name: &str| input::beside(&args.file, name);
    let mut points = vec![(vec![BASELINE.to_owned()], model.clone())];
    let mut impossible = vec![];
    for setting in &all {
        for factor in [1.0 - share, 1.0 + share] {
            match setting.scaled(&source, &files, factor) {
                Some((text, model)) => points.push((vec![named(setting, &text)], model)),
                None => impossible.push(format!("{} {}", setting.path, if factor < 1.0 { "lower" } else { "higher" })),
            }
        }
    }
    if !impossible.is_empty() && !console.quiet {
        console.tell(&format!("left out, for nothing near can stand there: {}\n", impossible.join(", ")));
    }
    let names = points.iter().map(|(settings, _)| settings[0].clone()).collect();
    let grid = Grid { axes: vec![("setting".into(), names)], points };
    let plan = Plan { name: NAME.into(), grid, against: 0, measure, from: None };
    let (file, simulation, model, source) = (&args.file, &args.simulation, &model, &source);
    run_and_show(Scene { file, simulation, model, source, changed, command }, &plan, &largest_first, common, console)
}

fn named(setting: &Setting, text: &str) -> String {
    format!("{} = {text} (not {})", setting.path, setting.text)
}

/// What moves the first metric most comes first.
fn largest_first(comparison: &mut Comparison) {
    let Some(metric) = comparison.points.measure.first().cloned() else { return };
    let size = |ratio: Option<f64>| ratio.map_or(-1.0, |ratio| libm::log(ratio.max(1e-12)).abs());
    let of_first = comparison.differences.iter().filter(|d| d.metric == metric);
    let mut sizes: Vec<(String, f64)> =
        of_first.map(|d| (d.alternative.clone(), size(d.ratio.and_then(|ratio| ratio.value)))).collect();
    // What has no steady state moves it most of all; a stable sort keeps the order of the file among equals.
    sizes.sort_by(|a, b| (b.1 < 0.0).cmp(&(a.1 < 0.0)).then(b.1.total_cmp(&a.1)));
    let place = |name: &str| sizes.iter().position(|(other, _)| other == name).map_or(0, |place| place + 1);
    comparison.points.points.sort_by_key(|point| place(&point.settings.join(", ")));
    comparison.differences.sort_by_key(|d| place(&d.alternative));
}

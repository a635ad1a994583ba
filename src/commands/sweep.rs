//! `archsim sweep`: the same scenario at every point of a grid.

use super::measure::measured;
use super::{begin, manifest};
use crate::cli::{Common, SweepArgs};
use crate::clock::{self, Stopwatch};
use crate::console::Console;
use crate::exit::{self, Failure, INTERRUPTED};
use crate::files::json::{self, Manifest};
use crate::files::{self, Results};
use crate::progress::{Progress, interrupted};
use crate::settings::{at_flag, laid_out, prepare, unknown};
use crate::table::{hang, ledger, sweep as tables, time};
use crate::{input, plots, quantity};
use archsim_experiment::language::{Diagnostic, Source};
use archsim_experiment::ledger::ledger as ledger_of;
use archsim_experiment::model::Model;
use archsim_experiment::report::{SweepReport, Verdict};
use archsim_experiment::scenario::Experiment;
use archsim_experiment::sweep::{Grid, grid, sweep as run};
use archsim_experiment::vary;

/// The name of a sweep that only the command line describes.
const AD_HOC: &str = "ad hoc";

/// What to vary and what to show.
struct Plan {
    name: String,
    axes: Vec<(String, Vec<String>)>,
    variants: Vec<(String, Vec<(String, String)>)>,
    measure: Vec<String>,
}

/// Runs a sweep.
pub(crate) fn sweep(args: &SweepArgs, common: &Common, console: Console, command: Vec<String>) -> Result<u8, Failure> {
    let (model, source, changed) = prepare(&args.file, &args.changes, console)?.runnable(console)?;
    let plan = plan(args, &model, console)?;
    let files = |name: &str| input::beside(&args.file, name);
    let grid = grid(&source, &files, &plan.axes, &plan.variants)
        .map_err(|(source, findings)| wrong_point(&plan, findings, &source, console))?;
    begin(&model, &args.simulation)?;
    let progress = progress(&grid, &plan, !common.no_progress && !common.quiet);
    let (started, watch) = (clock::now(), Stopwatch::start());
    let report = run(&plan.name, &grid, &plan.measure, &progress);
    progress.clear();
    let timing = watch.stop(report.work());
    let manifest = manifest(&model, command, changed, started, timing);
    let printed = console.print(&shown(args, &report, &grid, &manifest, console));
    let folder = files::folder(args.simulation.out.as_deref(), &args.file, Some(&plan.name));
    let results = results(&grid, &source, &model, &manifest, &report);
    // Neither a full disk nor a broken terminal keeps the results from the other.
    results.write(&folder)?;
    printed?;
    if !args.simulation.json && !common.quiet {
        console.print(&time::titled("Files", &results.listed(&folder), console.out))?;
    }
    if interrupted() {
        console.tell(&format!("interrupted: {} of {} points are finished\n", report.points.len(), grid.points.len()));
        return Ok(INTERRUPTED);
    }
    Ok(code(args, &report))
}

/// 1 if there are SLOs and no point meets them all.
fn code(args: &SweepArgs, report: &SweepReport) -> u8 {
    let verdicts = || report.points.iter().map(|point| tables::overall(&point.report));
    let good =
        |verdict: Verdict| verdict == Verdict::Pass || (verdict == Verdict::Undecided && !args.simulation.strict);
    if verdicts().any(good) || args.simulation.exit_zero { 0 } else { exit::SLO_FAILED }
}

fn progress(grid: &Grid, plan: &Plan, visible: bool) -> Progress {
    let replications: Vec<u32> = grid.points.iter().map(|(_, model)| model.run.replications).collect();
    let settings = grid.points.iter().map(|(settings, _)| settings.clone()).collect();
    Progress::new(&replications, visible).with_points(settings, plan.measure.clone())
}

fn shown(args: &SweepArgs, report: &SweepReport, grid: &Grid, manifest: &Manifest, console: Console) -> String {
    if args.simulation.json {
        return json::sweep(manifest, report);
    }
    let paint = console.out;
    let table = tables::grid(report, paint);
    let conclusion = tables::conclusion(report).map_or(String::new(), |(ink, text)| paint.text(ink, &text) + "\n");
    if console.quiet {
        return table;
    }
    let timing = &manifest.timing;
    let (events, wall) = (quantity::count(timing.events), quantity::plain(timing.wall_s, "s"));
    let speed = time::titled("Speed", &format!("{events} events in {wall}"), paint);
    let rests = format!("on what ledger.json lists; reproduce with {}", ledger::reproduce(manifest));
    let rests = time::titled("Rests", &hang(&rests, 7, console.width()), paint);
    format!(
        "{}\n{table}\n{conclusion}{speed}{rests}",
        tables::header(report, "point", grid.points.len(), &manifest.changed, paint)
    )
}

/// The point that cannot run: its settings, and what is wrong with them.
fn wrong_point(plan: &Plan, findings: Vec<Diagnostic>, source: &Source, console: Console) -> Failure {
    let axes: Vec<&str> = plan.axes.iter().map(|(path, _)| path.as_str()).collect();
    let first = plan.axes.first().map(|(path, values)| (path.as_str(), values.join(", ")));
    let at_path = findings.iter().all(|finding| finding.code == "path");
    match first {
        Some((path, values)) if at_path && axes.len() == 1 => at_flag(findings, "--vary", path, &values, console),
        _ => Failure::Findings(format!(
            "a point of the sweep over {} cannot run:\n{}",
            axes.join(", "),
            laid_out(&findings, source, console)
        )),
    }
}

/// What the command line or the experiment asks for.
fn plan(args: &SweepArgs, model: &Model, console: Console) -> Result<Plan, Failure> {
    let mut plan = match (&args.name, args.vary.is_empty()) {
        (None, false) => Plan { name: AD_HOC.into(), axes: vec![], variants: vec![], measure: vec![] },
        _ => named(args, model, console)?,
    };
    for (path, text) in &args.vary {
        let values = axis("--vary", path, text, console)?;
        plan.axes.retain(|(other, _)| other != path);
        plan.axes.push((path.clone(), values));
    }
    plan.measure = measured(&args.measure, plan.measure, model, console)?;
    Ok(plan)
}

/// The values of an axis.
fn axis(flag: &str, path: &str, text: &str, console: Console) -> Result<Vec<String>, Failure> {
    vary::values(text).map_err(|message| {
        at_flag(vec![Diagnostic::error("impossible-value", message, 0..0)], flag, path, text, console)
    })
}

/// An experiment of the file.
fn named(args: &SweepArgs, model: &Model, console: Console) -> Result<Plan, Failure> {
    let sweeps: Vec<&str> = model
        .experiments
        .iter()
        .filter(|(_, experiment)| matches!(experiment, Experiment::Sweep(_)))
        .map(|(name, _)| name.as_str())
        .collect();
    let file = args.file.display().to_string();
    let name = match (&args.name, &sweeps[..]) {
        (Some(name), _) => name.as_str(),
        (None, [only]) => only,
        (None, []) => {
            return Err(Failure::Wrong(format!(
                "{file} has no sweep\n  = help: say what to vary, for example --vary web.replicas=1..=8"
            )));
        }
        (None, several) => return Err(Failure::Wrong(several_sweeps(&file, several))),
    };
    let Some((_, experiment)) = model.experiments.iter().find(|(other, _)| other == name) else {
        return Err(Failure::Wrong(unknown("experiment", name, &sweeps, &file)));
    };
    if !matches!(experiment, Experiment::Sweep(_)) {
        let kind = experiment.kind();
        let help = match experiment {
            Experiment::Compare(_) => format!("archsim compare {file} {name:?}"),
            Experiment::Saturate(_) => format!("archsim saturate {file} {name:?}"),
            _ => "this version does not run it".into(),
        };
        return Err(Failure::Wrong(format!("`{name}` is a `{kind}`, not a sweep\n  = help: {help}")));
    }
    let axes = experiment.vary().into_iter().map(|(path, text)| {
        let values = axis(&format!("experiment {name:?}"), &path, &text, console)?;
        Ok((path, values))
    });
    let axes = axes.collect::<Result<Vec<_>, Failure>>()?;
    let variants = experiment.variants().into_iter().map(|variant| {
        let settings = model.variants.iter().find(|(other, _)| *other == variant).map(|(_, settings)| settings.clone());
        (variant, settings.unwrap_or_default())
    });
    Ok(Plan { name: name.to_owned(), axes, variants: variants.collect(), measure: experiment.measure() })
}

fn several_sweeps(file: &str, sweeps: &[&str]) -> String {
    let listed = sweeps.iter().map(|name| format!("\n  archsim sweep {file} {name:?}"));
    format!("{file} has several sweeps; say which one:{}", listed.collect::<String>())
}

/// Everything that goes into the folder.
fn results(grid: &Grid, source: &Source, model: &Model, manifest: &Manifest, report: &SweepReport) -> Results {
    let mut results = Results::default();
    results.add("summary.json", json::points(report));
    results.add("points.csv", files::points(report));
    results.add("ledger.json", json::pretty(&ledger_of(model)));
    results.add("manifest.json", json::pretty(manifest));
    results.scenario(source);
    for (name, svg) in plots::sweep(report, grid) {
        results.add(format!("plots/{name}.svg"), svg);
    }
    results
}

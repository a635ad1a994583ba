//! `archsim compare`: variants, or files, side by side on the same random numbers.

use super::measure::measured;
use super::{begin, fork, manifest};
use crate::cli::{Common, CompareArgs, Simulation};
use crate::clock::{self, Stopwatch};
use crate::console::Console;
use crate::exit::{Failure, INTERRUPTED};
use crate::files::json::{self, Manifest};
use crate::files::{self, Results};
use crate::progress::{Progress, interrupted};
use crate::settings::{laid_out, prepare, unknown};
use crate::table::{compare as tables, time};
use crate::{input, page, plots};
use archsim_experiment::compare::{Comparison, compare as run};
use archsim_experiment::core::Time;
use archsim_experiment::language::{Document, Path as FieldPath, Source, get_text};
use archsim_experiment::ledger::ledger as ledger_of;
use archsim_experiment::model::Model;
use archsim_experiment::scenario::{CompareArgs as Written, Experiment, sections};
use archsim_experiment::sweep::{Grid, grid};
use archsim_experiment::{check, vary};
use std::path::Path;

/// The file as it is.
const BASELINE: &str = "baseline";
/// The name of a comparison that only the command line describes.
const AD_HOC: &str = "compare";

/// What to compare.
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) grid: Grid,
    pub(super) against: usize,
    pub(super) measure: Vec<String>,
    /// The instant up to which all are one run.
    pub(super) from: Option<Time>,
}

/// What was prepared for it.
pub(super) struct Scene<'a> {
    pub(super) file: &'a Path,
    pub(super) simulation: &'a Simulation,
    pub(super) model: &'a Model,
    pub(super) source: &'a Source,
    pub(super) changed: Vec<String>,
    pub(super) command: Vec<String>,
}

/// Compares.
pub(crate) fn compare(
    args: &CompareArgs,
    common: &Common,
    console: Console,
    command: Vec<String>,
) -> Result<u8, Failure> {
    let (model, source, changed) = prepare(&args.file, &args.changes, console)?.runnable(console)?;
    let mut plan = plan(args, &model, &source, console)?;
    if let Some(instant) = &args.from {
        plan.from = Some(fork::instant(instant, &plan.grid.points[plan.against].1)?);
        fork::possible(args, &mut plan, (&model, &source), console)?;
    }
    let (file, simulation, model, source) = (&args.file, &args.simulation, &model, &source);
    run_and_show(Scene { file, simulation, model, source, changed, command }, &plan, &|_| (), common, console)
}

/// Runs the alternatives, puts what was found into an order, and shows and keeps it.
pub(super) fn run_and_show(
    scene: Scene<'_>,
    plan: &Plan,
    order: &dyn Fn(&mut Comparison),
    common: &Common,
    console: Console,
) -> Result<u8, Failure> {
    let Scene { file, simulation, model, source, changed, command } = scene;
    begin(model, simulation)?;
    let replications: Vec<u32> = plan.grid.points.iter().map(|(_, model)| model.run.replications).collect();
    let settings = plan.grid.points.iter().map(|(settings, _)| settings.clone()).collect();
    let visible = !common.no_progress && !common.quiet;
    let progress = Progress::new(&replications, visible).with_points(settings, plan.measure.clone());
    let (started, watch) = (clock::now(), Stopwatch::start());
    let mut comparison = match plan.from {
        None => run(&plan.name, &plan.grid, plan.against, &plan.measure, &progress),
        Some(at) => fork::run(plan, at, &progress)?,
    };
    order(&mut comparison);
    progress.clear();
    let timing = watch.stop(comparison.points.work());
    let manifest = manifest(model, command, changed, started, timing);
    let shown = match simulation.json {
        true => json::comparison(&manifest, &comparison),
        false => tables::comparison(&comparison, plan.grid.points.len(), &manifest, console),
    };
    let printed = console.print(&shown);
    let folder = files::folder(simulation.out.as_deref(), file, Some(&plan.name));
    let results =
        results(source, model, &manifest, &comparison).with_png(simulation.png)?.with_parquet(simulation.parquet)?;
    // Neither a full disk nor a broken terminal keeps the results from the other.
    results.write(&folder)?;
    printed?;
    if !simulation.json && !common.quiet {
        let files = time::titled("Files", &results.listed(&folder), console.out);
        console.print(&(files + &Results::page_line(&folder, console.out)))?;
    }
    if interrupted() {
        let (done, all) = (comparison.points.points.len(), plan.grid.points.len());
        console.tell(&format!("interrupted: {done} of {all} alternatives are finished\n"));
        return Ok(INTERRUPTED);
    }
    Ok(0)
}

/// What the command line or the experiment asks for.
fn plan(args: &CompareArgs, model: &Model, source: &Source, console: Console) -> Result<Plan, Failure> {
    let (files, names): (Vec<&String>, Vec<&String>) = args.others.iter().partition(|other| is_file(other));
    match (&files[..], &names[..]) {
        ([], []) => variants(args, model, source, None, console),
        ([], [name]) => variants(args, model, source, Some(name), console),
        (files, []) => of_files(args, model, files, console),
        (_, [name, ..]) => Err(Failure::Wrong(format!(
            "there is no file `{name}`\n  = help: compare takes either one file and an experiment of it, or several files"
        ))),
    }
}

/// Whether a word means a file and not an experiment.
fn is_file(word: &str) -> bool {
    word.ends_with(".ron") || Path::new(word).is_file()
}

/// Variants of a file.
fn variants(
    args: &CompareArgs,
    model: &Model,
    source: &Source,
    name: Option<&str>,
    console: Console,
) -> Result<Plan, Failure> {
    let (name, written) = experiment(args, model, name)?;
    let known: Vec<&str> =
        std::iter::once(BASELINE).chain(model.variants.iter().map(|(name, _)| name.as_str())).collect();
    let then = fork::then(&args.then);
    let known: Vec<&str> = known.into_iter().chain(then.iter().map(|(name, _)| name.as_str())).collect();
    let all = || model.variants.iter().chain(&then);
    let settings = |name: &str| all().find(|(other, _)| other == name).map(|(_, s)| s.clone());
    let files = |name: &str| input::beside(&args.file, name);
    let of = |names: &[String]| {
        let variants: Vec<_> = names.iter().map(|name| (name.clone(), settings(name).unwrap_or_default())).collect();
        grid(source, &files, &[], &variants)
    };
    let asked = match (&args.variants[..], &written) {
        ([], _) if then.is_some() => vec![],
        ([], Some(Written { variants: Some(variants), .. })) => variants.iter().map(|v| v.value.clone()).collect(),
        ([], _) => {
            let (can, cannot): (Vec<String>, Vec<String>) =
                known.iter().map(|name| (*name).to_owned()).partition(|name| of(std::slice::from_ref(name)).is_ok());
            if !cannot.is_empty() && !console.quiet {
                let names: Vec<String> = cannot.iter().map(|name| format!("`{name}`")).collect();
                console.tell(&format!("left out, for this version cannot run it: {}\n", names.join(", ")));
            }
            can
        }
        (asked, _) => asked.iter().flat_map(|text| names_in(text, &known)).collect(),
    };
    let by_file = written.as_ref().and_then(|written| Some(written.against.as_ref()?.value.clone()));
    let against = args.against.clone().or(by_file).unwrap_or(BASELINE.into());
    let mut names = vec![against];
    for name in asked.into_iter().chain(then.iter().map(|(name, _)| name.clone())) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let file = args.file.display().to_string();
    if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(Failure::Wrong(unknown("variant", name, &known, &file)));
    }
    if names.len() < 2 {
        return Err(Failure::Wrong(format!(
            "{file} has nothing to compare with `{}`\n  = help: add variants to the file, or name another file: archsim compare A.ron B.ron",
            names[0]
        )));
    }
    let grid = of(&names).map_err(|(source, findings)| {
        Failure::Findings(format!("a variant cannot run:\n{}", laid_out(&findings, &source, console)))
    })?;
    let measure = written.map_or(vec![], |written| Experiment::Compare(written).measure());
    let measure = measured(&args.measure, measure, model, console)?;
    Ok(Plan { name, grid, against: 0, measure, from: None })
}

/// Names separated by commas; a comma may also be part of a name that is known.
fn names_in(text: &str, known: &[&str]) -> Vec<String> {
    if known.contains(&text) {
        return vec![text.to_owned()];
    }
    text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// The experiment that is meant: the one that is named, or the only one where neither variants nor metrics are given.
fn experiment(args: &CompareArgs, model: &Model, name: Option<&str>) -> Result<(String, Option<Written>), Failure> {
    let all = model.experiments.iter().filter_map(|(name, experiment)| match experiment {
        Experiment::Compare(written) => Some((name.as_str(), written)),
        _ => None,
    });
    let all: Vec<(&str, &Written)> = all.collect();
    let named = |(name, written): &(&str, &Written)| Ok((name.to_string(), Some((*written).clone())));
    match (name, &all[..]) {
        (Some(name), _) => match all.iter().find(|(other, _)| *other == name) {
            Some(found) => named(found),
            None => {
                let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
                Err(Failure::Wrong(unknown("comparison", name, &names, &args.file.display().to_string())))
            }
        },
        (None, [only]) if args.variants.is_empty() && args.then.is_empty() => named(only),
        _ => Ok((AD_HOC.into(), None)),
    }
}

/// Files as alternatives: the run section of the first is that of all, for only then do they see the same random numbers.
fn of_files(args: &CompareArgs, model: &Model, others: &[&String], console: Console) -> Result<Plan, Failure> {
    if !args.variants.is_empty() || !args.then.is_empty() {
        return Err(Failure::Wrong("--variants and --then are those of one file; there are several files here".into()));
    }
    let first = args.file.display().to_string();
    let run = run_section(&model.text)?;
    let mut points = vec![(vec![first.clone()], model.clone())];
    for other in others {
        let (_, source, _) = prepare(Path::new(other.as_str()), &args.changes, console)?.runnable(console)?;
        let source = vary::set_all(&source, &[("run".into(), run.clone())])
            .map_err(|findings| Failure::Findings(laid_out(&findings, &source, console)))?;
        let checked = check::check_alone(&source, &|name| input::beside(Path::new(other.as_str()), name));
        let model = checked.model.ok_or_else(|| Failure::Findings(laid_out(&checked.findings, &source, console)))?;
        points.push((vec![(*other).clone()], model));
    }
    let names: Vec<String> = points.iter().map(|(name, _)| name[0].clone()).collect();
    let against = match &args.against {
        None => 0,
        Some(name) => names.iter().position(|other| other == name).ok_or_else(|| {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            Failure::Wrong(unknown("file", name, &known, "this comparison"))
        })?,
    };
    let measure = measured(&args.measure, vec![], model, console)?;
    let grid = Grid { axes: vec![("file".into(), names)], points };
    Ok(Plan { name: AD_HOC.into(), grid, against, measure, from: None })
}

/// The run section of a scenario as written; an empty one where it has none.
fn run_section(text: &str) -> Result<String, Failure> {
    let wrong = |problem: &archsim_experiment::language::Diagnostic| Failure::Wrong(problem.message.clone());
    let document = Document::parse(Source::new("scenario", text)).map_err(|problems| wrong(&problems[0]))?;
    let path = FieldPath::parse("run").map_err(|problem| wrong(&problem))?;
    let written = get_text(&document, &path, &sections()).map_err(|problem| wrong(&problem))?;
    Ok(written.map_or("()".into(), |(text, _)| text.to_owned()))
}

/// Everything that goes into the folder.
fn results(source: &Source, model: &Model, manifest: &Manifest, comparison: &Comparison) -> Results {
    let mut results = Results::default();
    results.add("summary.json", json::points(&comparison.points));
    results.add("differences.json", json::differences(comparison));
    results.add("differences.csv", files::differences(comparison));
    results.add("points.csv", files::points(&comparison.points));
    results.add("intervals.csv", files::intervals(&comparison.points));
    if comparison.from.is_some() {
        results.add("series.csv", files::courses(&comparison.points));
    }
    let ledger = ledger_of(model);
    results.add("ledger.json", json::pretty(&ledger));
    results.add("manifest.json", json::pretty(manifest));
    results.scenario(source);
    results.page(&page::compare(comparison, &plots::compare(comparison), &ledger, manifest));
    results
}

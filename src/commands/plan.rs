//! `archsim plan`: the cheapest setting that meets the SLOs.

use super::measure::named as metric;
use super::sweep::asked::axis;
use super::{begin, manifest};
use crate::chart::Figure;
use crate::cli::{Common, PlanArgs};
use crate::clock::{self, Stopwatch};
use crate::console::Console;
use crate::exit::{self, Failure, INTERRUPTED};
use crate::files::json::{self, Manifest};
use crate::files::{self, Results};
use crate::progress::{Progress, interrupted};
use crate::settings::{laid_out, objective, prepare, unknown};
use crate::table::plan as tables;
use crate::table::time;
use crate::{input, page, plots};
use archsim_experiment::language::Source;
use archsim_experiment::ledger::ledger as ledger_of;
use archsim_experiment::model::{Model, Slo};
use archsim_experiment::planning::{Planned, Question, plan as run};
use archsim_experiment::scenario::{Experiment, PlanArgs as Written};
use archsim_experiment::slo;

/// The name of a search that only the command line describes.
const AD_HOC: &str = "plan";
/// What is made small if nobody says.
const COST: &str = "cost";

/// What to search.
struct Asked {
    name: String,
    minimize: String,
    axes: Vec<(String, Vec<String>)>,
    keep: Vec<Slo>,
}

/// Searches.
pub(crate) fn plan(args: &PlanArgs, common: &Common, console: Console, command: Vec<String>) -> Result<u8, Failure> {
    let (model, source, changed) = prepare(&args.file, &args.changes, console)?.runnable(console)?;
    let Asked { name, minimize, axes, keep } = asked(args, &model, console)?;
    let minimize = metric("--minimize", &minimize, &model, console)?;
    begin(&model, &args.simulation)?;
    let progress = Progress::search(!common.no_progress && !common.quiet);
    let (started, watch) = (clock::now(), Stopwatch::start());
    let files = |name: &str| input::beside(&args.file, name);
    let question = Question { source: &source, files: &files, minimize, axes, keep, precision: args.precision };
    let found = run(&question, &progress)
        .map_err(|(source, findings)| Failure::Findings(laid_out(&findings, &source, console)))?;
    progress.clear();
    let timing = watch.stop(found.work());
    let manifest = manifest(&model, command, changed, started, timing);
    let shown = match args.simulation.json {
        true => json::plan(Some(&manifest), &question, &found),
        false => tables::planned(&name, &question, &found, &manifest, console),
    };
    let printed = console.print(&shown);
    let folder = files::folder(args.simulation.out.as_deref(), &args.file, Some(&name));
    let results = results(&source, &model, &question, &manifest, &found)
        .with_png(args.simulation.png)?
        .with_parquet(args.simulation.parquet)?;
    // Neither a full disk nor a broken terminal keeps the results from the other.
    results.write(&folder)?;
    printed?;
    if !args.simulation.json && !common.quiet {
        let files = time::titled("Files", &results.listed(&folder), console.out);
        console.print(&(files + &Results::page_line(&folder, console.out)))?;
    }
    match found.best {
        _ if interrupted() => Ok(INTERRUPTED),
        None if !args.simulation.exit_zero => Ok(exit::SLO_FAILED),
        _ => Ok(0),
    }
}

/// What the command line or the experiment asks for.
fn asked(args: &PlanArgs, model: &Model, console: Console) -> Result<Asked, Failure> {
    let (name, written) = experiment(args, model)?;
    let minimize = args.minimize.clone().or(written.as_ref().map(|written| written.minimize.value.clone()));
    let mut axes = vec![];
    for (path, raw) in written.iter().flat_map(|written| &written.vary.0) {
        axes.push((path.value.clone(), axis(&format!("experiment {name:?}"), &path.value, &raw.text, console)?));
    }
    for (path, text) in &args.vary {
        let values = axis("--vary", path, text, console)?;
        axes.retain(|(other, _)| other != path);
        axes.push((path.clone(), values));
    }
    if axes.is_empty() {
        return Err(Failure::Wrong(
            "say what may change, for example --vary web.replicas=1..=8, or write a `Plan` experiment".into(),
        ));
    }
    let by_file = written.as_ref().and_then(|written| written.keep.as_ref());
    let by_file = by_file.map(|keep| keep.iter().map(|text| text.value.clone()).collect::<Vec<_>>());
    let keep = match if args.keep.is_empty() { by_file } else { Some(args.keep.clone()) } {
        None => model.slos.clone(),
        Some(texts) => texts
            .iter()
            .map(|text| slo::parse(text, &model.catalogue).map_err(|error| objective("--keep", text, error, console)))
            .collect::<Result<_, _>>()?,
    };
    if keep.is_empty() {
        return Err(Failure::Wrong(
            "without SLOs the cheapest setting is the smallest\n  = help: say what must hold: --keep \"users.p99 < 300ms\"".into(),
        ));
    }
    Ok(Asked { name, minimize: minimize.unwrap_or(COST.into()), axes, keep })
}

/// The experiment that is meant: the one that is named, or the only one where the command line does not say what may change.
fn experiment(args: &PlanArgs, model: &Model) -> Result<(String, Option<Written>), Failure> {
    let all = model.experiments.iter().filter_map(|(name, experiment)| match experiment {
        Experiment::Plan(written) => Some((name.as_str(), written)),
        _ => None,
    });
    let all: Vec<(&str, &Written)> = all.collect();
    let named = |(name, written): &(&str, &Written)| Ok((name.to_string(), Some((*written).clone())));
    match (&args.name, &all[..]) {
        (Some(name), _) => match all.iter().find(|(other, _)| other == name) {
            Some(found) => named(found),
            None => {
                let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
                Err(Failure::Wrong(unknown("`Plan` experiment", name, &names, &args.file.display().to_string())))
            }
        },
        (None, [only]) if args.vary.is_empty() => named(only),
        _ => Ok((AD_HOC.into(), None)),
    }
}

/// Everything that goes into the folder.
fn results(source: &Source, model: &Model, question: &Question<'_>, manifest: &Manifest, found: &Planned) -> Results {
    let mut results = Results::default();
    results.add("summary.json", json::plan(None, question, found));
    results.add("trials.csv", files::trials(question, found));
    results.add("intervals.csv", files::planned(question, found));
    let ledger = ledger_of(model);
    results.add("ledger.json", json::pretty(&ledger));
    results.add("manifest.json", json::pretty(manifest));
    results.scenario(source);
    let figures: Vec<Figure> = plots::plan(question, found).into_iter().collect();
    results.page(&page::plan(question, found, &figures, &ledger, manifest));
    results
}

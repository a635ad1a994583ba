//! `archsim sweep`: the same scenario at every point of a grid. Each finished point is kept at once, and everything that is shown and
//! written is made from what was kept: a sweep that was stopped goes on where it was.

pub(super) mod asked;
pub(crate) mod finish;
mod keep;

use super::{begin, manifest};
use crate::cli::{Common, SweepArgs};
use crate::clock::{self, Stopwatch};
use crate::console::Console;
use crate::exit::{Failure, INTERRUPTED};
use crate::files::json::{self, Manifest};
use crate::files::store::{Definition, Found, Other, Store};
use crate::progress::{Progress, interrupted};
use crate::settings::{at_flag, laid_out, prepare};
use crate::shard::{Shard, Wanted};
use crate::table::plural;
use crate::{files, input};
use archsim_experiment::language::{Diagnostic, Source};
use archsim_experiment::model::Model;
use archsim_experiment::report::Work;
use archsim_experiment::run::Watch;
use archsim_experiment::sweep::{Grid, points};
use finish::{Swept, code};
use keep::Keeping;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Runs a sweep, or one shard of it.
pub(crate) fn sweep(args: &SweepArgs, common: &Common, console: Console, command: Vec<String>) -> Result<u8, Failure> {
    if let Some(share) = args.sensitivity {
        return super::sensitivity::sensitivity(args, share, common, console, command);
    }
    let shard = args.shard.map(in_environment).transpose()?;
    let prepared = prepare(&args.file, &args.changes, console)?;
    let original = prepared.original.clone();
    let (model, source, changed) = prepared.runnable(console)?;
    let (definition, grid) = whole(args, &model, &source, changed, console)?;
    let folder = files::folder(args.simulation.out.as_deref(), &args.file, Some(&definition.name));
    let store = Store::open(&folder, &definition, other(args)).map_err(kept_by)?;
    if let Some(shard) = shard {
        store.note_shard(shard.index, shard.count)?;
    }
    begin(&model, &args.simulation)?;
    let (definition, source, model, grid, store) = (&definition, &source, &model, &grid, &store);
    let swept = Swept { definition, source, model, grid, store, original: &original };
    let ours: Vec<usize> = (0..grid.points.len()).filter(|point| shard.is_none_or(|s| s.holds(*point))).collect();
    let begun = Begun { started: clock::now(), watch: Stopwatch::start() };
    let progress = progress(&swept, &ours, !common.no_progress && !common.quiet);
    let (work, failed) = run(&swept, &ours, &progress, console);
    progress.clear();
    let timing = begun.watch.stop(work);
    if let Some(failure) = failed {
        return Err(stopped(failure, store, &ours));
    }
    let manifest = manifest(model, command, definition.changed.clone(), begun.started, timing);
    match shard {
        Some(shard) => shard_is_done(shard, &ours, &swept, &manifest, args, console)?,
        None => {
            let report = swept.report();
            swept.publish(&report, &manifest, &args.simulation, args.output(), console)?;
            if !interrupted() {
                return Ok(code(&args.simulation, &report));
            }
        }
    }
    if interrupted() {
        let done = format!("{} of {} points are finished", done(store, &ours), ours.len());
        console.tell(&format!("interrupted: {done}; the same command goes on from there\n"));
        return Ok(INTERRUPTED);
    }
    Ok(0)
}

/// When it began.
struct Begun {
    started: String,
    watch: Stopwatch,
}

/// What is swept, with everything that its points depend on.
fn whole(
    args: &SweepArgs,
    model: &Model,
    source: &Source,
    changed: Vec<String>,
    console: Console,
) -> Result<(Definition, Grid), Failure> {
    let mut asked = asked::definition(args, model, console)?;
    let read = RefCell::new(BTreeMap::new());
    let files = |name: &str| {
        let text = input::beside(&args.file, name)?;
        read.borrow_mut().insert(name.to_owned(), text.clone());
        Ok(text)
    };
    let grid =
        asked.grid(source, &files).map_err(|(source, findings)| wrong_point(&asked, findings, &source, console))?;
    (asked.changed, asked.files, asked.scenario) = (changed, read.into_inner(), source.text().to_owned());
    Ok((asked, grid))
}

fn in_environment(wanted: Wanted) -> Result<Shard, Failure> {
    let shard = wanted.resolve(&|name| std::env::var(name).ok());
    shard.map_err(|problem| Failure::Wrong(format!("--shard auto: {problem}")))
}

/// What may happen to another sweep in the folder. One that was named is somebody's; that of the scenario's own folder is replaced like
/// the results of a run, unless its points would be lost. A shard replaces nothing: another one may have begun at the same time, and what
/// looks old may be what that one has just finished.
fn other(args: &SweepArgs) -> Other {
    match (args.fresh, args.shard.is_some() || args.simulation.out.is_some()) {
        (true, _) => Other::StartOver,
        (false, true) => Other::Refuse,
        (false, false) => Other::ReplaceFinished,
    }
}

fn kept_by(failure: Failure) -> Failure {
    match failure {
        Failure::Broken(text) => {
            Failure::Broken(format!("{text}\n  = help: a sweep keeps its points there; --out names another folder"))
        }
        wrong => wrong,
    }
}

/// Runs the points that are not there yet: what that took, and what went wrong.
fn run(swept: &Swept<'_>, ours: &[usize], progress: &Progress, console: Console) -> (Work, Option<Failure>) {
    let found: Vec<(usize, Found)> = ours.iter().map(|point| (*point, swept.store.read(*point))).collect();
    let missing: Vec<usize> =
        found.iter().filter(|(_, found)| !matches!(found, Found::Point(_))).map(|(point, _)| *point).collect();
    let damaged = found.iter().filter(|(_, found)| matches!(found, Found::Damaged)).count();
    resumed(ours.len(), missing.len(), damaged, console);
    for (point, found) in found {
        if let Some(kept) = found.point() {
            (0..swept.grid.points[point].1.run.replications).for_each(|r| progress.finished(point, r));
            progress.point(point, &kept.report);
        }
    }
    swept.store.tidy(&missing);
    let keeping = Keeping::new(swept.store, progress);
    points(swept.grid, &missing, &keeping, &|point, result| keeping.keep(point, &result));
    keeping.end()
}

/// Says how much was there already.
fn resumed(all: usize, missing: usize, damaged: usize, console: Console) {
    let there = all - missing;
    if console.quiet || (there == 0 && damaged == 0) {
        return;
    }
    let rest = match missing {
        0 => "nothing is left to run (--fresh runs them again)".to_owned(),
        n => format!("{} to run", plural(n, "point")),
    };
    let again = if damaged == 0 { String::new() } else { format!("; damaged and run again: {damaged}") };
    console.tell(&format!("{there} of {} were there, {rest}{again}\n", plural(all, "point")));
}

fn done(store: &Store, ours: &[usize]) -> usize {
    ours.iter().filter(|point| matches!(store.read(**point), Found::Point(_))).count()
}

/// A point could not be kept.
fn stopped(failure: Failure, store: &Store, ours: &[usize]) -> Failure {
    let Failure::Broken(text) = failure else { return failure };
    let kept = format!("{} of {} are kept", done(store, ours), plural(ours.len(), "point"));
    Failure::Broken(format!("{text}\n  = help: {kept}; when it can be written to, the same command goes on from there"))
}

/// What one shard says: the verdicts are for the whole.
fn shard_is_done(
    shard: Shard,
    ours: &[usize],
    swept: &Swept<'_>,
    manifest: &Manifest,
    args: &SweepArgs,
    console: Console,
) -> Result<(), Failure> {
    let (done, folder) = (done(swept.store, ours), swept.store.folder().display());
    if args.simulation.json {
        return console.print(&json::shard(manifest, (shard.index + 1, shard.count), done, ours.len()));
    }
    if console.quiet {
        return Ok(());
    }
    let whole = plural(swept.grid.points.len(), "point");
    let next = format!("When all shards are done: archsim merge {folder}");
    let ours = plural(ours.len(), "point");
    console.print(&format!("Shard {shard} of {whole}: {done} of its {ours} are in {folder}.\n{next}\n"))
}

fn progress(swept: &Swept<'_>, ours: &[usize], visible: bool) -> Progress {
    let all = swept.grid.points.iter().enumerate();
    let replications =
        all.map(|(point, (_, model))| if ours.binary_search(&point).is_ok() { model.run.replications } else { 0 });
    let replications: Vec<u32> = replications.collect();
    let settings = swept.grid.points.iter().map(|(settings, _)| settings.clone()).collect();
    Progress::new(&replications, visible).with_points(settings, swept.definition.measure.clone())
}

/// The point that cannot run: its settings, and what is wrong with them.
fn wrong_point(asked: &Definition, findings: Vec<Diagnostic>, source: &Source, console: Console) -> Failure {
    let axes: Vec<&str> = asked.axes.iter().map(|(path, _)| path.as_str()).collect();
    let first = asked.axes.first().map(|(path, values)| (path.as_str(), values.join(", ")));
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

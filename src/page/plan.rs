//! The page of a search for the cheapest setting.

use super::begin;
use super::document::{Cell, Datum, Finding, Grid, Page, Tone};
use crate::chart::Figure;
use crate::files::json::Manifest;
use crate::quantity::count;
use crate::table::plan::Words;
use crate::table::plural;
use crate::table::run::verdict_ink;
use crate::table::sweep::bare;
use archsim_experiment::ledger::Ledger;
use archsim_experiment::planning::{Planned, Question, Trial};
use archsim_experiment::report::Verdict;

/// The page of a search.
pub(crate) fn plan(
    question: &Question<'_>,
    found: &Planned,
    figures: &[Figure],
    ledger: &Ledger,
    manifest: &Manifest,
) -> Page {
    let mut page = begin(manifest, ledger);
    let words = Words { question, found };
    let axes = question.axes.iter().map(|(path, values)| {
        let values: Vec<&str> = values.iter().map(|value| bare(value)).collect();
        format!("{path} = {}", values.join(", "))
    });
    let axes: Vec<String> = axes.collect();
    page.about =
        vec![format!("The smallest {} that meets {}, over {}.", question.minimize.name, words.keep(), axes.join("; "))];
    let settings = plural(found.candidates.all.len(), "setting");
    let requests = format!("{} requests", count(found.work().requests));
    page.facts =
        [vec![settings, plural(found.trials.len(), "run"), requests, format!("seed {}", found.seed)], page.facts]
            .concat();
    let (ink, text) = words.answer();
    page.finding = Finding { tone: ink.into(), text };
    page.tables = trials(&words).filled().into_iter().collect();
    page.figures = figures.to_vec();
    page.checks = words.reasons().into_iter().chain([format!("Skipped: {}", words.skipped())]).collect();
    page
}

/// One row a setting that ran, the best first in what is made small.
fn trials(words: &Words<'_>) -> Grid {
    let metrics = words.metrics();
    let axes = words.question.axes.iter().map(|(path, _)| path.as_str());
    let columns: Vec<&str> = axes.chain(metrics.iter().copied()).chain(["SLOs", ""]).collect();
    let mut grid =
        Grid::new("What was run", "Each setting at its longest run; under each number its interval.", &columns);
    for index in words.most_wanted(&words.ran()) {
        let Some(place) = longest(words.found, index) else { continue };
        grid.rows.push(row(words, index, place, &metrics));
    }
    grid
}

/// The place of the longest run of a setting.
fn longest(found: &Planned, candidate: usize) -> Option<usize> {
    let trial: &Trial = found.trial(candidate)?;
    found.trials.iter().position(|other| std::ptr::eq(other, trial))
}

fn row(words: &Words<'_>, index: usize, place: usize, metrics: &[&str]) -> Vec<Cell> {
    let (found, trial) = (words.found, &words.found.trials[place]);
    let settings = found.candidates.all[index].settings.iter().map(|value| Cell::plain(bare(value)));
    let measured = metrics.iter().map(|metric| {
        let known = trial.get(metric).map(|estimate| Cell::estimate(metric, estimate, None));
        known.map_or(Cell::new(Tone::Quiet, "-"), |cell| {
            // A JSON pointer (RFC 6901).
            let name = metric.replace('~', "~0").replace('/', "~1");
            let datum =
                cell.datum.map(|datum| Datum { metric: format!("/trials/{place}/summary/{name}/value"), ..datum });
            Cell { datum, ..cell }
        })
    });
    let blamed = trial.slos.iter().filter(|slo| trial.verdict != Verdict::Pass && slo.verdict == trial.verdict);
    let blamed: Vec<&str> = blamed.map(|slo| slo.metric.as_str()).collect();
    let verdict =
        Cell { detail: blamed.join(", "), ..Cell::new(verdict_ink(trial.verdict).into(), trial.verdict.name()) };
    let place = match index {
        _ if Some(index) == found.best => Cell::new(Tone::Good, "best"),
        _ if Some(index) == found.runner_up => Cell::plain("runner-up"),
        _ => Cell::default(),
    };
    settings.chain(measured).chain([verdict, place]).collect()
}

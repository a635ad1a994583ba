//! `report.html`: what was found, on one page that can be handed on.

mod compare;
mod data;
mod document;
mod html;
mod plan;
mod run;
mod saturate;
mod sweep;

pub(crate) use compare::compare;
pub(crate) use document::{FORM, Page};
pub(crate) use html::html;
pub(crate) use plan::plan;
pub(crate) use run::run;
pub(crate) use saturate::saturate;
pub(crate) use sweep::{sample, sweep};

use crate::files::json::Manifest;
use crate::table::{ledger::reproduce, plural};
use archsim_experiment::ledger::{Bias, Entry, Ledger};
use archsim_experiment::report::Report;
use document::{Cell, Grid};

/// A page with what all pages say.
fn begin(manifest: &Manifest, ledger: &Ledger) -> Page {
    let changed = manifest.changed.iter().map(|change| format!("changed: {change}"));
    let interrupted = manifest.interrupted.then(|| "Interrupted: these are the results until then.".to_owned());
    Page {
        form: FORM,
        archsim: manifest.archsim.to_owned(),
        title: manifest.scenario.clone(),
        facts: changed.collect(),
        warnings: interrupted.into_iter().collect(),
        folded: rests(ledger).filled().into_iter().collect(),
        reproduce: reproduce(manifest),
        ..Page::default()
    }
}

/// How long and how often it ran.
fn effort(report: &Report) -> Vec<String> {
    let confidence = crate::quantity::given(report.confidence, "1");
    vec![
        format!(
            "{} x {}",
            crate::quantity::seconds(report.duration),
            plural(report.replications as usize, "replication")
        ),
        format!("seed {}", report.seed),
        format!("{confidence} intervals"),
    ]
}

/// What the model leaves out and assumes.
fn rests(ledger: &Ledger) -> Grid {
    let mut grid = Grid::new(
        "What this rests on",
        "What the model leaves out, and which way that errs, and what it assumes without being told.",
        &["", "what", "where"],
    );
    let mut add = |how: &str, entry: &Entry| {
        let places = entry.places.join(", ");
        grid.rows.push(vec![Cell::plain(how), Cell::plain(entry.what.as_str()), Cell::plain(places)]);
    };
    for omission in &ledger.left_out {
        let how = match omission.bias {
            Bias::Optimistic => "left out, reality is worse",
            Bias::Pessimistic => "left out, reality is better",
            Bias::Either => "left out, it depends",
        };
        add(how, &omission.entry);
    }
    for assumption in &ledger.assumed {
        add(if assumption.source.is_some() { "assumed, with a source" } else { "assumed by us" }, &assumption.entry);
    }
    grid
}

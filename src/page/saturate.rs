//! The page of a search for the highest load.

use super::begin;
use super::document::{Cell, Datum, Finding, Grid, Page, Tone};
use crate::chart::Figure;
use crate::files::json::Manifest;
use crate::quantity::{count, given};
use crate::table::plural;
use crate::table::saturate::{Asked, answer, back, band};
use archsim_experiment::ledger::Ledger;
use archsim_experiment::saturate::{Answer, Back, Probe, Saturation};

/// The page of a search.
pub(crate) fn saturate(
    found: &Saturation,
    asked: &Asked<'_>,
    figures: &[Figure],
    ledger: &Ledger,
    manifest: &Manifest,
) -> Page {
    let mut page = begin(manifest, ledger);
    let until = if asked.until.is_empty() { "there is no steady state".into() } else { asked.until.join(" and ") };
    let word = if asked.until.is_empty() { "until" } else { "as long as" };
    page.about = vec![format!("Raise {} {word} {until}.", asked.raise)];
    let requests = format!("{} requests", count(found.work().requests));
    page.facts =
        [vec![plural(found.probes.len(), "run"), requests, format!("seed {}", found.seed)], page.facts].concat();
    let (ink, text) = answer(found, asked);
    page.finding = Finding { tone: ink.into(), text };
    page.checks = band(found, asked).into_iter().map(|(_, text)| text).collect();
    match (&found.back, back(found, asked)) {
        // Who holds less than it says must not have to read the small print for it.
        (Some(Back::Below { .. } | Back::Never { .. }), Some((_, text))) => page.warnings.push(text),
        (_, text) => page.checks.extend(text.map(|(_, text)| text)),
    }
    page.verdicts = limits(found, asked).filled();
    page.folded.insert(0, probes(found, asked));
    page.figures = figures.to_vec();
    page
}

/// The number at a place of `summary.json` (a JSON pointer, RFC 6901).
fn stored(asked: &Asked<'_>, value: f64, pointer: String) -> Cell {
    Cell { datum: Some(Datum { metric: pointer, value, point: None }), ..Cell::plain(asked.value(value)) }
}

/// The answer beside what the plan says.
fn limits(found: &Saturation, asked: &Asked<'_>) -> Grid {
    let mut grid = Grid::new("How far does it go?", "", &["", asked.raise, "low", "high", ""]);
    if let Answer::UpTo { value, low, high, .. } = found.answer {
        let confidence = format!("{} interval", given(found.confidence, "1"));
        let cell = |value: f64, name: &str| stored(asked, value, format!("/answer/{name}"));
        let binding = found
            .binding
            .as_ref()
            .map_or(confidence.clone(), |slo| format!("{confidence}; above it {slo} fails first"));
        grid.rows.push(vec![
            Cell::plain("holds up to"),
            cell(value, "value"),
            cell(low, "low"),
            cell(high, "high"),
            Cell::plain(binding),
        ]);
    }
    if let Some(bound) = &found.bound {
        let why = format!("{} is full, by the plan, without retries and failures", bound.component);
        let value = stored(asked, bound.value, "/bound/value".into());
        grid.rows.push(vec![Cell::plain("bound"), value, Cell::default(), Cell::default(), Cell::plain(why)]);
    }
    let recovers = match &found.back {
        Some(Back::Below { low, high, .. }) => {
            Some((*low, "low", format!("once tipped; no more at {}", asked.value(*high))))
        }
        Some(Back::Always { at, .. }) => {
            Some((*at, "at", "once tipped, at the highest load that was tried".to_owned()))
        }
        _ => None,
    };
    if let Some((value, name, why)) = recovers {
        let value = stored(asked, value, format!("/back/{name}"));
        let name = Cell::plain("recovers up to");
        grid.rows.push(vec![name, value, Cell::default(), Cell::default(), Cell::plain(why)]);
    }
    grid
}

/// One row a value, in rising order.
fn probes(found: &Saturation, asked: &Asked<'_>) -> Grid {
    let look = "Every value that was tried: short runs to find the neighbourhood, long ones in it.";
    let columns = [asked.raise, "requests", "objective", "measured", "holds"];
    let mut grid = Grid::new("What was tried", look, &columns);
    let mut probes: Vec<(usize, &Probe)> = found.probes.iter().enumerate().collect();
    probes.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
    grid.rows = probes.into_iter().map(|(index, probe)| row(probe, index, asked)).collect();
    grid
}

fn row(probe: &Probe, index: usize, asked: &Asked<'_>) -> Vec<Cell> {
    let metric = probe.worst.as_deref().and_then(|text| text.split(['<', '>']).next()).unwrap_or("").trim();
    let measured = probe.measured.as_ref().map_or(Cell::new(Tone::Quiet, "-"), |estimate| {
        let cell = Cell::estimate(metric, estimate, None);
        let datum = cell.datum.map(|datum| Datum { metric: format!("/probes/{index}/measured/value"), ..datum });
        Cell { datum, ..cell }
    });
    let holds = match probe.holds {
        Some(true) => Cell::new(Tone::Good, "yes"),
        Some(false) => Cell::new(Tone::Bad, "no"),
        None => Cell::new(Tone::Unsure, "cannot be told"),
    };
    let objective = Cell::plain(probe.worst.clone().unwrap_or_default());
    vec![
        stored(asked, probe.value, format!("/probes/{index}/value")),
        Cell::plain(count(probe.requests)),
        objective,
        measured,
        holds,
    ]
}

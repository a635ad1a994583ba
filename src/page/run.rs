//! The page of a run.

use super::document::{Cell, Finding, Grid, Page, Tone};
use super::{begin, effort};
use crate::chart::{Drawing, Figure};
use crate::files::json::Manifest;
use crate::quantity::{self, show};
use crate::table::run::{by_utilization, conclusion, margin, verdict_ink};
use crate::table::{theory as theory_table, time};
use archsim_experiment::ledger::Ledger;
use archsim_experiment::report::{Report, SloVerdict, Status, Verdict};
use archsim_experiment::theory::Comparisons;

/// The page of a run.
pub(crate) fn run(
    report: &Report,
    figures: &[Figure],
    theory: &Comparisons,
    ledger: &Ledger,
    manifest: &Manifest,
) -> Page {
    let mut page = begin(manifest, ledger);
    let (picture, charts): (Vec<Figure>, Vec<Figure>) =
        figures.iter().cloned().partition(|figure| matches!(figure.drawing, Drawing::Architecture(_)));
    page.about.extend((!report.about.is_empty()).then(|| report.about.clone()));
    page.facts = [effort(report), page.facts].concat();
    page.finding = finding(report);
    page.warnings.extend(report.verdicts.iter().cloned());
    page.verdicts = Some(slos(report)).and_then(Grid::filled);
    page.picture = picture.into_iter().next();
    page.tables = [traffic(report), components(report)].into_iter().filter_map(Grid::filled).collect();
    page.figures = charts;
    page.folded.splice(0..0, theory_of(theory).filled());
    page.checks = report.checks.clone();
    page
}

/// The verdicts in a sentence, and why the first one failed.
fn finding(report: &Report) -> Finding {
    let blamed = report.slos.iter().find(|slo| slo.verdict == Verdict::Fail);
    let why = blamed.and_then(|slo| time::explain(report, slo).into_iter().next());
    let fact = match blamed {
        Some(slo) => Some(format!(
            "{} is {}, not {} {}",
            slo.metric,
            show(&slo.metric, &slo.measured).value,
            slo.comparison,
            slo.limit_text
        )),
        None => by_utilization(report).first().and_then(|(name, _, _)| {
            let busy = report.get(&format!("{name}.utilization"))?.value?;
            Some(format!("the busiest component is {name}, {}", quantity::plain(busy, "1")))
        }),
    };
    let (tone, verdict) = match conclusion(report) {
        Some((ink, text)) => (ink.into(), Some(text)),
        None => (Tone::Plain, Some("No SLO is set, so nothing is judged".into())),
    };
    let parts: Vec<String> = verdict.into_iter().chain(fact).chain(why).collect();
    Finding { tone, text: parts.join("; ") + "." }
}

/// The verdicts.
fn slos(report: &Report) -> Grid {
    let mut grid = Grid::new("Does it hold?", "", &["SLO", "verdict", "limit", "measured", "margin"]);
    grid.rows = report.slos.iter().map(|slo| slo_row(report, slo)).collect();
    grid
}

fn slo_row(report: &Report, slo: &SloVerdict) -> Vec<Cell> {
    let during = slo.during.map(|(from, to)| format!("from {} to {}", quantity::seconds(from), quantity::seconds(to)));
    let why = if slo.verdict == Verdict::Pass { vec![] } else { time::explain(report, slo) };
    let under: Vec<String> = slo.name.iter().cloned().chain(during).chain(why).collect();
    let mut measured = Cell::estimate(&slo.metric, &slo.measured, None);
    // Metrics of a window, and percentiles that are not in the summary, are in slos.json only.
    if report.get(&slo.metric).is_none_or(|estimate| estimate.value != slo.measured.value) {
        measured.datum = None;
    }
    vec![
        Cell { detail: under.join("; "), ..Cell::plain(slo.metric.as_str()) },
        Cell::new(verdict_ink(slo.verdict).into(), slo.verdict.name()),
        Cell::plain(format!("{} {}", slo.comparison, slo.limit_text)),
        measured,
        Cell::plain(slo.margin.map_or(String::new(), margin)),
    ]
}

/// A metric of a subject; nothing where there is nothing to be measured.
fn measured(report: &Report, subject: &str, word: &str) -> Cell {
    let metric = format!("{subject}.{word}");
    let known = report.get(&metric).filter(|estimate| estimate.status != Status::NoData);
    known.map_or(Cell::new(Tone::Quiet, "-"), |estimate| Cell::estimate(&metric, estimate, None))
}

/// What users see.
fn traffic(report: &Report) -> Grid {
    const METRICS: [&str; 6] = ["rate", "goodput", "errors", "p50", "p99", "p999"];
    let columns = ["traffic", "wanted", "ok", "errors", "p50", "p99", "p99.9"];
    let mut grid = Grid::new("What users see", "Under each number its interval.", &columns);
    for (source, endpoints) in &report.traffic {
        let nested = endpoints.iter().map(|endpoint| format!("{source}.{endpoint}"));
        for subject in std::iter::once(source.clone()).chain(nested) {
            let values = METRICS.iter().map(|word| measured(report, &subject, word));
            grid.rows.push(std::iter::once(Cell::plain(subject.as_str())).chain(values).collect());
        }
    }
    grid
}

/// How busy the machines are.
fn components(report: &Report) -> Grid {
    const METRICS: [&str; 5] = ["utilization", "utilization.worst", "queue", "waiting.p99", "errors"];
    let columns = ["component", "busy", "busiest instance", "queue", "wait p99", "errors"];
    let mut grid = Grid::new("How busy the machines are", "The busiest first.", &columns);
    for (name, kind, instances) in by_utilization(report) {
        let many = if *instances == 1 { kind.clone() } else { format!("{instances} x {kind}") };
        let values = METRICS.iter().map(|word| measured(report, name, word));
        grid.rows.push(std::iter::once(Cell { detail: many, ..Cell::plain(name.as_str()) }).chain(values).collect());
    }
    grid
}

/// Theory beside the simulation.
fn theory_of(theory: &Comparisons) -> Grid {
    let look = "Where queueing theory has a formula for this model, it stands beside the simulated number.";
    let mut grid = Grid::new("Theory check", look, &["metric", "simulated", "theory", "agree?", "law", "source"]);
    for number in &theory.numbers {
        let (ink, verdict) = theory_table::verdict(number);
        let prediction = &number.prediction;
        grid.rows.push(vec![
            Cell::plain(prediction.metric.as_str()),
            Cell::estimate(&prediction.metric, &number.simulated, None),
            Cell::plain(theory_table::predicted(number)),
            Cell::new(ink.into(), verdict),
            Cell::plain(format!("{}, {}", prediction.law, prediction.quality.name())),
            Cell::new(Tone::Quiet, prediction.source),
        ]);
    }
    for unsolved in &theory.unsolved {
        let dash = || Cell::new(Tone::Quiet, "-");
        let why = Cell::new(Tone::Quiet, format!("no formula: {}", unsolved.why));
        grid.rows.push(vec![Cell::plain(unsolved.of.as_str()), dash(), dash(), dash(), why, Cell::default()]);
    }
    grid
}

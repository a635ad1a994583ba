//! `intervals.csv`: one row for each point and metric, with the interval and its level.

use super::csv::{number, table};
use crate::table::sweep::bare;
use archsim_experiment::planning::{Planned, Question, Trial};
use archsim_experiment::report::{Estimate, SweepReport};
use archsim_experiment::saturate::{Probe, Returned, Saturation};

/// The columns after those that say which point it is.
const COLUMNS: [&str; 7] = ["metric", "unit", "value", "low", "high", "level", "status"];

/// Rows under the names of the columns that say which point each belongs to.
fn tidy(points: impl Iterator<Item = String>, rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let header = points.chain(COLUMNS.map(str::to_owned)).collect();
    table(std::iter::once(header).chain(rows))
}

/// A row; where there is no interval there is no level.
fn row(point: &[String], metric: &str, estimate: &Estimate, level: f64) -> Vec<String> {
    let level = number(estimate.low.or(estimate.high).map(|_| level));
    let numbers = [estimate.value, estimate.low, estimate.high].map(number);
    let words = [metric.to_owned(), estimate.unit.to_owned()];
    let status = estimate.status.name().to_owned();
    point.iter().cloned().chain(words).chain(numbers).chain([level, status]).collect()
}

fn settings(values: &[String]) -> Vec<String> {
    values.iter().map(|value| bare(value).to_owned()).collect()
}

/// Of a run, a sweep or a comparison: every metric of every point.
pub(crate) fn intervals(sweep: &SweepReport) -> Vec<u8> {
    let points = sweep.axes.iter().map(|(path, _)| format!("set:{path}"));
    let rows = sweep.points.iter().flat_map(|point| {
        let (report, settings) = (&point.report, settings(&point.settings));
        report.summary.iter().map(move |(metric, estimate)| row(&settings, metric, estimate, report.confidence))
    });
    tidy(points, rows)
}

/// Of a search for the highest load: what was measured at each load, on the way up in the order of the search, then once tipped.
pub(crate) fn searched(raise: &str, found: &Saturation) -> Vec<u8> {
    let up = found.probes.iter().flat_map(|probe| rows_of(probe.value, "up", of_probe(probe), found.confidence));
    let tipped = found
        .returned
        .iter()
        .flat_map(|tried| rows_of(tried.load, "tipped", of_returned(raise, tried), found.confidence));
    tidy([format!("set:{raise}"), "way".to_owned()].into_iter(), up.chain(tipped))
}

fn rows_of(load: f64, way: &str, metrics: Vec<(String, Estimate)>, level: f64) -> Vec<Vec<String>> {
    let point = [number(Some(load)), way.to_owned()];
    let mut rows: Vec<Vec<String>> =
        metrics.iter().map(|(name, estimate)| row(&point, name, estimate, level)).collect();
    // The objective may be about goodput.
    rows.dedup();
    rows
}

/// The metric of an objective as it is written: "users.p99 < 300ms".
fn metric(objective: &str) -> String {
    let at = objective.find(['<', '>']).unwrap_or(objective.len());
    objective
        .find(" -> ")
        .map_or(&objective[..at], |arrow| {
            let rest = &objective[arrow + 4..];
            &objective[..arrow + 4 + rest.find(['<', '>']).unwrap_or(rest.len())]
        })
        .trim()
        .to_owned()
}

fn of_probe(probe: &Probe) -> Vec<(String, Estimate)> {
    let measured = probe.worst.as_deref().map(metric).zip(probe.measured);
    let goodput = probe.flow.as_ref().map(|flow| (format!("{}.goodput", flow.source), flow.goodput));
    let attempts = probe.flow.iter().flat_map(|flow| &flow.attempts);
    let attempts = attempts.map(|(call, attempts)| (format!("{call}.attempts"), *attempts));
    measured.into_iter().chain(goodput).chain(attempts).collect()
}

fn of_returned(raise: &str, tried: &Returned) -> Vec<(String, Estimate)> {
    let measured = tried.measured.as_ref().map(|(objective, estimate)| (metric(objective), *estimate));
    let source = raise.strip_suffix(".rate").unwrap_or(raise);
    measured.into_iter().chain(tried.goodput.map(|goodput| (format!("{source}.goodput"), goodput))).collect()
}

/// Of a search for the cheapest setting: each setting that ran, at its longest run.
pub(crate) fn planned(question: &Question<'_>, found: &Planned) -> Vec<u8> {
    let points = question.axes.iter().map(|(path, _)| format!("set:{path}"));
    let longest = |candidate: usize| found.trial(candidate).map(|trial: &Trial| (candidate, trial));
    let trials = (0..found.candidates.all.len()).filter_map(longest);
    let rows = trials.flat_map(|(candidate, trial)| {
        let settings = settings(&found.candidates.all[candidate].settings);
        trial.shown.iter().map(move |(metric, estimate)| row(&settings, metric, estimate, found.confidence))
    });
    tidy(points, rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use archsim_experiment::report::Status;

    #[test]
    fn a_row_says_the_level_only_where_there_is_an_interval() {
        let estimate =
            Estimate { value: Some(0.25), low: Some(0.2), high: Some(0.3), unit: "s", status: Status::Ok, n: 9 };
        let point = ["3".to_owned()];
        assert_eq!(row(&point, "users.p99", &estimate, 0.95).join(","), "3,users.p99,s,0.25,0.2,0.3,0.95,ok");
        let alone = Estimate { low: None, high: None, status: Status::OneReplication, ..estimate };
        assert_eq!(row(&point, "users.p99", &alone, 0.95).join(","), "3,users.p99,s,0.25,,,,one_replication");
    }

    #[test]
    fn the_metric_of_an_objective_ends_at_its_comparison() {
        assert_eq!(metric("users.p99 < 300ms"), "users.p99");
        assert_eq!(metric("a -> b.attempts >= 3/s"), "a -> b.attempts");
    }
}

//! The chart over time: traffic, latency, queues, and the faults that explain them.

use super::{labels, stages, unit};
use crate::chart::{Drawing, FaultBand, Figure, Line, Panel, State, Unit};
use crate::quantity::plain;
use archsim_experiment::report::Report;

/// Queues that are drawn.
const MOST_QUEUES: usize = 4;
/// Sources that are drawn.
const MOST_SOURCES: usize = 3;

/// A column of the series.
type Column = (String, &'static str, Vec<Option<f64>>);

/// The chart of all windows; none without windows.
pub(super) fn chart(report: &Report) -> Option<Figure> {
    let sources: Vec<&str> = report.traffic.iter().map(|(name, _)| name.as_str()).take(MOST_SOURCES).collect();
    let lines = |words: &[&str]| -> Vec<Line> {
        let names = sources.iter().flat_map(|source| words.iter().map(move |word| format!("{source}.{word}")));
        names.filter_map(|name| Some(line(report, column(report, &name)?))).collect()
    };
    let queues: Vec<Line> = longest_queues(report).into_iter().map(|column| line(report, column)).collect();
    let waiting = match &queues[..] {
        [only] => format!("waiting, {}", only.name),
        _ => "waiting, all instances".into(),
    };
    let panel = |title: &str, unit: Unit, lines: Vec<Line>, log| Panel { title: title.into(), unit, lines, log };
    let panels = [
        panel("requests per second", Unit::PerSecond, lines(&["rate", "goodput"]), false),
        panel("latency", Unit::Seconds, lines(&["p50", "p99"]), true),
        panel(&waiting, unit("queue", "count"), queues, false),
    ];
    let panels: Vec<Panel> = panels.into_iter().filter(|panel| !panel.lines.is_empty()).collect();
    if panels.is_empty() {
        return None;
    }
    let bands = report.faults.iter();
    let bands: Vec<FaultBand> =
        bands.map(|(label, from, to)| FaultBand { label: label.clone(), from: *from, to: *to }).collect();
    let warmup = (!report.terminating && report.warmup > 0.0).then_some(report.warmup);
    let stages = stages::stages(report);
    let look = match (bands.is_empty(), warmup) {
        (false, _) if stages.iter().any(|stage| stage.state == State::Stable) => {
            "Do the lines come back after the shaded time? Whether something stronger would tip it, one run cannot tell."
        }
        (false, _) => "Do the lines come back after the shaded time?",
        (true, Some(_)) => {
            "After the shaded start the lines should only jitter; a slope means that there is no steady state."
        }
        (true, None) => "How far ok falls below what is wanted, and what the queues do meanwhile.",
    };
    let labels = labels(&report.name, title(report), look, "time", "");
    Some(Figure::new("series", labels, Drawing::Series { panels, faults: bands, warmup, stages }))
}

fn column<'r>(report: &'r Report, name: &str) -> Option<&'r Column> {
    report.series.columns.iter().find(|(column, _, _)| column == name)
}

/// A line through the middles of the windows.
fn line(report: &Report, (name, _, values): &Column) -> Line {
    let middle = |(from, to): &(f64, f64)| (from + to) / 2.0;
    let points = report.series.windows.iter().map(middle).zip(values.iter().copied()).collect();
    let place = report.series.columns.iter().position(|(column, _, _)| column == name);
    let band = place.and_then(|index| report.series.bands.get(index)).cloned().unwrap_or_default();
    Line { name: name.clone(), points, band }
}

/// The queues with the largest peaks, without those that are always empty.
fn longest_queues(report: &Report) -> Vec<&Column> {
    let peak = |column: &Column| column.2.iter().flatten().copied().fold(0.0, f64::max);
    let queues = report.components.iter().filter_map(|(name, _, _)| column(report, &format!("{name}.queue")));
    let mut queues: Vec<&Column> = queues.filter(|column| peak(column) > 0.0).collect();
    queues.sort_by(|a, b| peak(b).total_cmp(&peak(a)));
    queues.truncate(MOST_QUEUES);
    queues
}

/// What the first source went through, in a sentence.
fn title(report: &Report) -> String {
    let Some((source, _)) = report.traffic.first() else { return "What happens over time".into() };
    let between = |word: &str, from: f64, to: f64| between(report, &format!("{source}.{word}"), from, to);
    let rate = |value: f64| plain(value, "1/s");
    let end = report.duration;
    if let Some((label, at, _)) = report.faults.iter().min_by(|a, b| a.1.total_cmp(&b.1)) {
        let (before, after) = (mean(&between("goodput", 0.0, *at)), between("goodput", *at, end));
        let last = mean(&between("goodput", 0.9 * end, end));
        if let (Some(before), Some(worst), Some(last)) = (before, lowest(&after), last) {
            let (before, worst, last) = (rate(before), rate(worst), rate(last));
            return format!("{source}: {before} ok before \"{label}\", {worst} at worst, {last} at the end");
        }
    }
    let ok = mean(&between("goodput", report.warmup, end)).map(|ok| format!("{} are answered ok", rate(ok)));
    let p99 = between("p99", report.warmup, end);
    let span = lowest(&p99).zip(p99.iter().copied().reduce(f64::max));
    let span = span.map(|(low, high)| format!("p99 stays between {} and {}", plain(low, "s"), plain(high, "s")));
    let parts: Vec<String> = ok.into_iter().chain(span).collect();
    format!("{source}: {}", parts.join(", "))
}

/// The values of a column in the windows between two times.
pub(super) fn between(report: &Report, name: &str, from: f64, to: f64) -> Vec<f64> {
    let values = column(report, name).map(|column| &column.2[..]).unwrap_or_default();
    let windows = report.series.windows.iter().zip(values);
    windows.filter(|((start, end), _)| *start >= from && *end <= to).filter_map(|(_, value)| *value).collect()
}

pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn lowest(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::min)
}

//! Recovery time: how long after the end of the last disturbance what users see is back to what it was before the first.
//!
//! Judged by the windows of the time series, each about the requests wanted in it. *Before* is every window of every replication that
//! ends before the first disturbance begins, but the last of each: its last requests meet the disturbance. A later window is *out* if
//! its goodput is lower, or its mean latency higher, than the mean of those before by more than 10 % and by more than windows
//! differ without a cause: the one-sided simultaneous prediction limit of all later windows of all replications together, mean +
//! t s sqrt(1 + 1/n), with probability 99 % by Bonferroni (Hahn and Meeker, Statistical Intervals, 1991, 4.8). The recovery time
//! of a replication is the end of its last window that is out, minus the end of the last disturbance; 0 if none is out. It is known to
//! a window only. Windows that begin before the end of the disturbance are not judged, nor those whose requests may be in flight
//! when the run ends, nor slivers that the `during` of an SLO cuts off.

mod disturbance;
#[cfg(test)]
mod tests;
mod words;

use crate::metric::{Measure, Metric, Times};
use crate::model::Model;
use crate::report::{Estimate, Status};
use crate::run::{Replication, kept_metrics, series_metrics};
use archsim_core::Time;
use archsim_core::stats::interval::student_t_quantile;
use archsim_core::stats::{Moments, mean_interval};
pub use disturbance::Disturbance;
pub(crate) use words::sentences;

/// A smaller change than this share is no harm that anybody would call an outage, however little the windows differ.
const TOLERANCE: f64 = 0.1;
/// Probability that any window is out by chance, over both signals and all replications.
const CHANCE: f64 = 0.01;
/// Requests wanted so many times the latency limit before the end of the run have ended, but for exp(-5) < 1 % of them if latencies are
/// exponential.
const SETTLED: u64 = 5;

/// How one replication came back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Course {
    /// It was back after so many seconds.
    Back(f64),
    /// The last window that can be judged is out.
    Out,
    /// No window after the disturbance can be judged.
    Unknown,
}

/// What a window must keep to.
#[derive(Clone, Copy, Debug)]
struct Limits {
    goodput: f64,
    latency: f64,
}

/// Goodput and mean latency of a window.
type Seen = (Option<f64>, Option<f64>);

/// The windows of one replication.
struct Windows<'a> {
    spans: &'a [(Time, Time)],
    seen: Vec<Seen>,
    /// The length of a whole window.
    length: Time,
    end: Time,
}

impl Windows<'_> {
    /// Windows that are no slivers.
    fn whole(&self) -> impl Iterator<Item = ((Time, Time), Seen)> {
        let half = self.length.as_nanos() / 2;
        let whole = move |((start, end), _): &((Time, Time), Seen)| end.since(*start).as_nanos() >= half;
        self.spans.iter().copied().zip(self.seen.iter().copied()).filter(whole)
    }

    fn before(&self, start: Time) -> Vec<Seen> {
        let last = start.since(self.length);
        self.whole().filter(|((_, end), _)| *end <= last).map(|(_, seen)| seen).collect()
    }

    fn after(&self, end: Time) -> impl Iterator<Item = ((Time, Time), Seen)> {
        self.whole().filter(move |((start, _), _)| *start >= end)
    }

    fn judge(&self, over: Time, limits: &Limits) -> Course {
        let in_flight = Time::from_secs_f64(limits.latency).saturating_mul(SETTLED);
        let judged: Vec<(Time, bool)> = self
            .after(over)
            .filter(|((_, end), _)| *end + in_flight <= self.end)
            .map(|((_, end), seen)| (end, limits.broken(seen)))
            .collect();
        match (judged.last(), judged.iter().rfind(|(_, out)| *out)) {
            (None, _) => Course::Unknown,
            (Some((_, true)), _) => Course::Out,
            (_, None) => Course::Back(0.0),
            (_, Some((end, _))) => Course::Back(end.since(over).as_secs_f64()),
        }
    }
}

impl Limits {
    /// From the windows before; none where nobody came or nothing can be said of their spread.
    fn new(before: &[Seen], later: usize) -> Option<Self> {
        let goodput = prediction(before.iter().filter_map(|seen| seen.0), later)?;
        let latency = prediction(before.iter().filter_map(|seen| seen.1), later)?;
        Some(Limits { goodput: goodput.0 - goodput.1, latency: latency.0 + latency.1 })
    }

    fn broken(&self, (goodput, latency): Seen) -> bool {
        goodput.is_some_and(|goodput| goodput < self.goodput) || latency.is_some_and(|latency| latency > self.latency)
    }
}

/// The mean of what was before, and how far from it so many later windows may be.
fn prediction(before: impl Iterator<Item = f64>, later: usize) -> Option<(f64, f64)> {
    let mut moments = Moments::default();
    before.for_each(|value| moments.push(value));
    let (n, mean) = (moments.count() as f64, moments.mean().filter(|mean| *mean > 0.0)?);
    let tail = CHANCE / (2 * later.max(1)) as f64;
    let spread = student_t_quantile(1.0 - tail, n - 1.0) * (moments.variance()? * (1.0 + 1.0 / n)).sqrt();
    Some((mean, spread.max(TOLERANCE * mean)))
}

/// How each replication came back, by a metric [`Measure::Recovery`]; nothing without a disturbance.
pub(crate) fn courses(model: &Model, replications: &[Replication], metric: &Metric) -> Vec<Course> {
    let Some(disturbance) = model.disturbance else { return vec![] };
    let shown = series_metrics(model);
    let latency = shown.iter().position(|m| m.subject == metric.subject && m.measure == Measure::Mean(Times::Latency));
    let kept = kept_metrics(model).position(|m| m.subject == metric.subject).map(|index| shown.len() + index);
    let (Some(goodput), Some(latency)) = (kept, latency) else { return vec![] };
    let runs: Vec<Windows<'_>> = replications
        .iter()
        .map(|r| Windows {
            spans: &r.windows,
            seen: r.series.iter().map(|row| (row[goodput], row[latency])).collect(),
            length: r.windows.iter().map(|(start, end)| end.since(*start)).max().unwrap_or_default(),
            end: r.windows.last().map_or(Time::ZERO, |(_, end)| *end),
        })
        .collect();
    let before: Vec<Seen> = runs.iter().flat_map(|run| run.before(disturbance.start)).collect();
    let later = runs.iter().map(|run| run.after(disturbance.end).count()).sum();
    match Limits::new(&before, later) {
        Some(limits) => runs.iter().map(|run| run.judge(disturbance.end, &limits)).collect(),
        None => vec![Course::Unknown; runs.len()],
    }
}

/// The recovery time of each replication that has one.
pub(crate) fn each(courses: &[Course]) -> impl Iterator<Item = Option<f64>> {
    courses.iter().map(|course| match course {
        Course::Back(seconds) => Some(*seconds),
        Course::Out | Course::Unknown => None,
    })
}

/// The mean recovery time with Student's interval over the replications, its lower end a window lower since it is known to a window only;
/// no number unless all of them came back.
pub(crate) fn estimate(model: &Model, replications: &[Replication], metric: &Metric) -> Estimate {
    let courses = courses(model, replications, metric);
    let n = courses.len() as u64;
    let none = |status| Estimate { value: None, low: None, high: None, unit: metric.unit, status, n };
    if courses.contains(&Course::Out) {
        return none(Status::NotRecovered);
    }
    let Some(times) = each(&courses).collect::<Option<Vec<f64>>>().filter(|times| !times.is_empty()) else {
        return none(Status::NoData);
    };
    let value = times.iter().sum::<f64>() / times.len() as f64;
    let window = if value > 0.0 { window(replications).as_secs_f64() } else { 0.0 };
    match mean_interval(&times, model.run.confidence) {
        Some(interval) => Estimate {
            value: Some(value),
            low: Some((interval.low - window).max(0.0)),
            high: Some(interval.high),
            status: Status::Ok,
            ..none(Status::Ok)
        },
        None => Estimate { value: Some(value), ..none(Status::OneReplication) },
    }
}

/// The length of a window of the time series.
fn window(replications: &[Replication]) -> Time {
    let windows = replications.iter().flat_map(|replication| &replication.windows);
    windows.map(|(start, end)| end.since(*start)).max().unwrap_or_default()
}

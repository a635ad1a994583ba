//! The report: what a run or a sweep found, as data. The doors turn it into tables, files and charts.

mod word;

use archsim_models::world::Category;
use serde::{Deserialize, Serialize};

/// A word of a fixed list: a unit, a comparison.
pub type Word = &'static str;

/// Whether a number may be taken at its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A value with an interval.
    Ok,
    /// One replication: a value without an interval.
    OneReplication,
    /// Nothing was observed.
    NoData,
    /// Too few observations: for this percentile at all, or for an interval around a value.
    TooFew,
    /// The budget ended before the interval was as narrow as the run section asks.
    NotConverged,
    /// Never observed: the value is 0, the upper end an upper bound (the rule of three).
    UpperBound,
    /// The moments that an interval needs do not exist.
    HeavyTail,
    /// The system has no steady state: a number would mislead.
    NoSteadyState,
    /// The run ended at its ceiling of requests in flight.
    Stopped,
    /// In a replication at least, the run ended before what users see was back to what it was.
    NotRecovered,
    /// So many requests were in flight at the end of the run that it cannot be told; the lower end is what it is at least.
    Censored,
}

impl Status {
    /// As in files.
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::OneReplication => "one_replication",
            Status::NoData => "no_data",
            Status::TooFew => "too_few",
            Status::NotConverged => "not_converged",
            Status::UpperBound => "upper_bound",
            Status::HeavyTail => "heavy_tail",
            Status::NoSteadyState => "no_steady_state",
            Status::Stopped => "stopped",
            Status::NotRecovered => "not_recovered",
            Status::Censored => "censored",
        }
    }
}

/// A number with its doubt.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value; none where a number would mislead.
    pub value: Option<f64>,
    /// Lower end of the interval, 95 % unless the run section says another confidence.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Unit: "s", "1/s", "1" (a share or ratio), "count", "B", "B/s", "money/h".
    #[serde(deserialize_with = "word::unit")]
    pub unit: Word,
    /// Whether it may be taken at its word.
    pub status: Status,
    /// Observations behind it, over all replications.
    pub n: u64,
}

/// What was found for one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Name of the scenario.
    pub name: String,
    /// What it is about.
    pub about: String,
    /// Simulated seconds of each replication.
    pub duration: f64,
    /// Seconds left out at the start of each.
    pub warmup: f64,
    /// Confidence of the intervals, 0.95 as a rule.
    pub confidence: f64,
    /// Seed.
    pub seed: u64,
    /// Replications that were run to the end.
    pub replications: u32,
    /// Whether the study is terminating: nothing is removed, metrics are about the run from start to end.
    pub terminating: bool,
    /// Every metric in the order of the catalogue.
    pub summary: Vec<(String, Estimate)>,
    /// Verdicts on the SLOs, in file order.
    pub slos: Vec<SloVerdict>,
    /// The traffic sources with their endpoints (empty for a source with only one operation).
    pub traffic: Vec<(String, Vec<String>)>,
    /// The components: name, kind, instances.
    pub components: Vec<(String, String, u32)>,
    /// The edges that are used: "a -> b".
    pub edges: Vec<String>,
    /// Where the time goes, for each source and for each endpoint ("shoppers", "shoppers.checkout").
    pub time: Vec<TimeBreakdown>,
    /// The latency distribution of each source and endpoint, all outcomes, all replications together.
    pub latency: Vec<LatencyCurve>,
    /// Time series, first replication's windows averaged over replications.
    pub series: Series,
    /// Faults: label, start, end in seconds.
    pub faults: Vec<(String, f64, Option<f64>)>,
    /// Sentences on what was verified: every request accounted for, Little's law, in flight at the end.
    pub checks: Vec<String>,
    /// Sentences that change how the numbers must be read: no steady state, ended at the ceiling.
    pub verdicts: Vec<String>,
    /// Bookkeeping of the run loops.
    pub work: Work,
}

/// The verdict on one SLO.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SloVerdict {
    /// "shoppers.checkout.p99 < 1500ms".
    pub text: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// The metric.
    pub metric: String,
    /// "<", "<=", ">" or ">=".
    #[serde(deserialize_with = "word::comparison")]
    pub comparison: Word,
    /// The limit in the metric's unit.
    pub limit: f64,
    /// The limit as written.
    pub limit_text: String,
    /// The window it holds for, in seconds; the whole study without.
    pub during: Option<(f64, f64)>,
    /// What was measured.
    pub measured: Estimate,
    /// The verdict.
    pub verdict: Verdict,
    /// How many times better than needed (below 1: worse), where that makes sense.
    pub margin: Option<f64>,
}

/// Whether an SLO holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds, and the interval says so.
    Pass,
    /// It does not hold, and the interval says so; or there is nothing to judge by.
    Fail,
    /// The interval contains the limit.
    Undecided,
}

impl Verdict {
    /// As in tables.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "FAIL",
            Verdict::Undecided => "undecided",
        }
    }
}

/// Where the time of a source or endpoint went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeBreakdown {
    /// "shoppers" or "shoppers.checkout".
    pub of: String,
    /// Mean seconds a request, all requests; largest first.
    pub mean: Vec<TimePart>,
    /// Mean seconds a request, the slowest 1 %; largest first.
    pub slowest: Vec<TimePart>,
}

/// One part of a latency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimePart {
    /// The component.
    pub component: String,
    /// What the time was spent on.
    pub category: Category,
    /// Mean seconds.
    pub seconds: f64,
}

/// A distribution of latencies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyCurve {
    /// "shoppers" or "shoppers.checkout".
    pub of: String,
    /// Pairs of probability and seconds on a grid of nines.
    pub points: Vec<(f64, f64)>,
    /// Up to this probability at least ten requests were slower.
    pub reliable_to: f64,
    /// Requests behind it.
    pub n: u64,
}

/// A metric over time: its name, its unit, its value in each window.
pub type Column = (String, &'static str, Vec<Option<f64>>);

/// Metrics over time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Start and end of each window in seconds.
    pub windows: Vec<(f64, f64)>,
    /// For each metric its name, unit and value in each window, the mean over replications.
    #[serde(deserialize_with = "word::columns")]
    pub columns: Vec<Column>,
    /// For each metric the ends of the interval of that mean in each window (Student's t over the replications), none where a replication
    /// has no value; empty in a steady state and with one replication.
    pub bands: Vec<Vec<Option<(f64, f64)>>>,
}

/// What the run loops did; the times come from the door, which has a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Events handled.
    pub events: u64,
    /// Requests that ended.
    pub requests: u64,
}

/// A sweep: a grid of settings, each with its report.
#[derive(Clone, Debug)]
pub struct SweepReport {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the experiment, or "ad hoc".
    pub name: String,
    /// The varied paths with their values as text, in order; the last changes fastest. Variants are an axis called "variant".
    pub axes: Vec<(String, Vec<String>)>,
    /// Metrics to show.
    pub measure: Vec<String>,
    /// The points in the order of the grid; those that were not finished (interrupted) are missing.
    pub points: Vec<SweepPoint>,
}

/// One point of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepPoint {
    /// Value as text for each axis.
    pub settings: Vec<String>,
    /// What was found, without its time series: a sweep has thousands of points, and shows none.
    pub report: Report,
    /// For each replication the value of every metric, in the order of the summary.
    pub replications: Vec<Vec<Option<f64>>>,
}

impl SweepReport {
    /// What the run loops did for all points together.
    pub fn work(&self) -> Work {
        let sum = |of: fn(&Work) -> u64| self.points.iter().map(|point| of(&point.report.work)).sum();
        Work { events: sum(|work| work.events), requests: sum(|work| work.requests) }
    }
}

impl Report {
    /// The estimate of a metric.
    pub fn get(&self, metric: &str) -> Option<&Estimate> {
        self.summary.iter().find(|(name, _)| name == metric).map(|(_, estimate)| estimate)
    }

    /// Whether any SLO failed.
    pub fn failed(&self) -> bool {
        self.slos.iter().any(|slo| slo.verdict == Verdict::Fail)
    }
}

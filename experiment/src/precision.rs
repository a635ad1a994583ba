//! When a run is long enough: the widths that are wanted, and what may be spent on them.

use crate::assemble::{estimate_of, verdicts};
use crate::metric::{Measure, Metric};
use crate::model::Model;
use crate::report::{Estimate, Status, Verdict};
use crate::run::{Replication, Running, merged};
use crate::stability::{Stability, stability};
use crate::study::settle;
use crate::tipping::by_chance;
use archsim_core::Time;
use archsim_models::spec::{LoadSpec, TrafficSpec};

/// The `precision` of the `run` section with its defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// Half-width of an interval relative to its value, for means, shares and rates. Default 5 %.
    pub mean: f64,
    /// For percentiles up to p50. Default 5 %.
    pub p50: f64,
    /// For percentiles above p50 up to p95. Default 5 %.
    pub p95: f64,
    /// For percentiles above p95 up to p99. Default 10 %.
    pub p99: f64,
    /// For percentiles above p99. Default 20 %.
    pub p999: f64,
    /// Requests, of all replications together, after which a run ends in any case. Default 50,000,000.
    pub requests: u64,
    /// Simulated time after which a replication ends in any case. Default unlimited.
    pub time: Time,
}

/// A share below this counts as this when its width is judged: errors of 0.001 % need not be known to a twentieth of themselves.
pub const SMALL_SHARE: f64 = 0.01;
/// Requests, of all replications together, before the first look: intervals of short runs are too often too narrow (measured: with a
/// first look at 20,000 an interval for M/M/1 at load 0.5 holds the mean in 95.0 % of runs, from 1,000 in 92.2 %; at 100,000 in 96.1 %).
pub const FIRST_LOOK: u64 = 100_000;
/// Length of the first rows where nothing is known of the rate: doubled as often as it takes.
const SHORT: Time = Time::from_nanos(1_000_000);

impl Precision {
    /// The relative half-width wanted for a metric; none for what is not estimated, like costs and maxima.
    pub fn wanted(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::Quantile(_, p) if p <= 0.5 => Some(self.p50),
            Measure::Quantile(_, p) if p <= 0.95 => Some(self.p95),
            Measure::Quantile(_, p) if p <= 0.99 => Some(self.p99),
            Measure::Quantile(..) => Some(self.p999),
            Measure::Max(_) | Measure::Cost | Measure::Replicas | Measure::Entries | Measure::Growth => None,
            _ => Some(self.mean),
        }
    }

    /// Whether an estimate is as precise as wanted. What never happened is known as well as it can be.
    pub fn met(&self, metric: &Metric, estimate: &Estimate) -> bool {
        let Some(wanted) = self.wanted(metric.measure) else { return true };
        if matches!(estimate.status, Status::UpperBound | Status::HeavyTail) {
            return true;
        }
        let (Some(value), Some(low), Some(high)) = (estimate.value, estimate.low, estimate.high) else { return false };
        let share = metric.is_share();
        let scale = if share { value.max(SMALL_SHARE) } else { value };
        0.5 * (high - low) <= wanted * scale
    }
}

/// What a run is extended for.
pub(crate) struct Goal {
    precision: Precision,
    metrics: Vec<Metric>,
    /// Whether it is enough to know which objectives hold.
    deciding: bool,
    /// Whether it is over when chance has tipped a replication into collapse.
    wary: bool,
}

/// The metrics that a run is extended for: those of objectives and of the `measure` of experiments; without any, mean and p99 of every
/// source.
pub fn goals(model: &Model) -> Vec<Metric> {
    let measured = model.experiments.iter().flat_map(|(_, experiment)| experiment.measure());
    let mut names: Vec<String> = measured.chain(model.slos.iter().map(|slo| slo.metric.name.clone())).collect();
    if names.is_empty() {
        let sources = model.plan.sources.iter();
        names = sources.flat_map(|s| [format!("{}.mean", s.name), format!("{}.p99", s.name)]).collect();
    }
    names.sort();
    names.dedup();
    names.iter().filter_map(|name| model.catalogue.find(name).ok()).collect()
}

impl Goal {
    pub(crate) fn new(model: &Model, precision: Precision) -> Self {
        Goal { precision, metrics: goals(model), deciding: false, wary: false }
    }

    /// The same, but over as soon as an objective fails or all of them hold.
    pub(crate) fn deciding(model: &Model, precision: Precision) -> Self {
        Goal { deciding: true, ..Goal::new(model, precision) }
    }

    /// The same, but over as soon as chance has tipped a replication into collapse.
    pub(crate) fn wary(model: &Model, precision: Precision) -> Self {
        Goal { wary: true, ..Goal::new(model, precision) }
    }

    /// Requests before the first look. What only decides may look earlier: it asks for more confidence.
    fn first_look(&self) -> u64 {
        if self.deciding { FIRST_LOOK / 4 } else { FIRST_LOOK }
    }

    /// Length of the first rows: the first look comes at about [`Goal::first_look`] requests if the rate can be told.
    pub(crate) fn first_row(&self, model: &Model) -> Time {
        let rate = |traffic: &TrafficSpec| match traffic {
            TrafficSpec::Open(open) => match open.rate.value {
                LoadSpec::Constant(rate) => Some(rate.0),
                LoadSpec::Shape(_) => None,
            },
            TrafficSpec::Closed(_) => None,
        };
        let rates: Option<Vec<f64>> = model.setup.traffic.iter().map(|(_, traffic)| rate(traffic)).collect();
        let rate = rates.map_or(0.0, |rates| rates.iter().sum::<f64>()) * f64::from(model.run.replications);
        let seconds = self.first_look() as f64 / rate / crate::record::MOST as f64;
        if seconds.is_finite() && seconds > 0.0 { Time::from_secs_f64(seconds).max(Time::from_nanos(1)) } else { SHORT }
    }

    /// How many of the next rows the budget allows.
    pub(crate) fn rows_left(&self, running: &[Running], length: Time, wanted: usize) -> usize {
        let now = running.iter().map(Running::now).max().unwrap_or(Time::ZERO);
        let requests: u64 = running.iter().map(Running::requests).sum();
        let by_time = (self.precision.time - now).as_nanos() / length.as_nanos().max(1);
        let rows = (now.as_nanos() as f64 / length.as_nanos().max(1) as f64).max(1.0);
        let left = self.precision.requests.saturating_sub(requests) as f64;
        let by_requests = if requests == 0 { wanted as f64 } else { left / (requests as f64 / rows) };
        wanted.min(by_time as usize).min(by_requests as usize)
    }

    /// The share of the budget that is spent, for progress.
    pub(crate) fn share(&self, looked: &[Replication]) -> f64 {
        let requests: u64 = looked.iter().map(|r| r.measured.requests).sum();
        requests as f64 / self.precision.requests.max(1) as f64
    }

    /// Whether there is nothing more to run for: every metric is as precise as wanted, or has no steady state because a queue only grows.
    pub(crate) fn reached(&self, model: &Model, looked: &mut [Replication]) -> bool {
        if looked.iter().map(|r| r.measured.requests).sum::<u64>() < self.first_look() {
            return false;
        }
        if self.wary && by_chance(model, looked) {
            return true;
        }
        settle(model, looked);
        let stability = stability(model, looked);
        let open = |metric: &&Metric| stability.withheld(metric).is_none();
        if stability.stopped() || !self.metrics.iter().any(|metric| open(&metric)) {
            return true;
        }
        if self.deciding && decided(model, looked, &stability) {
            return true;
        }
        let main = merged(looked, 0, &model.plan);
        looked.iter().all(|r| r.settled)
            && self.metrics.iter().filter(open).all(|metric| {
                let estimate = estimate_of(model, looked, 0, main.as_ref(), &stability, metric);
                self.precision.met(metric, &estimate)
            })
    }
}

/// Whether an objective fails for certain, or all of them hold.
fn decided(model: &Model, looked: &[Replication], stability: &Stability) -> bool {
    let slos = verdicts(model, looked, stability);
    let all = |verdict: Verdict| !slos.is_empty() && slos.iter().all(|slo| slo.verdict == verdict);
    slos.iter().any(|slo| slo.verdict == Verdict::Fail) || (looked.iter().all(|r| r.settled) && all(Verdict::Pass))
}

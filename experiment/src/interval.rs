//! Intervals of metrics of a steady state, from the batches of all replications.

use crate::metric::{Measure, Metric, Observed, Subject};
use crate::model::Model;
use crate::run::Replication;
use archsim_core::Histogram;
use archsim_core::stats::batches::{MOST_BATCHES, Share, ratio_interval};
use archsim_core::stats::histogram::RELATIVE_ERROR;
use archsim_models::world::Row;

/// A percentile needs so many slower (or faster) observations in all.
pub const EXCEEDANCES: f64 = 100.0;
/// And so many in each batch of its interval.
const IN_EACH_BATCH: f64 = 10.0;

/// The ends of an interval.
pub type Ends = (f64, f64);

/// Whether there are enough observations beyond a quantile to tell it.
pub fn enough(n: u64, p: f64) -> bool {
    // The product may be a rounding error below a whole number, as for 0.01 of 10,000.
    n as f64 * p.min(1.0 - p) * (1.0 + 1e-9) >= EXCEEDANCES
}

/// The interval of a metric over the main window of a steady state; none where the batches are too few or it is not a mean, a share, a
/// time average or a quantile.
pub fn of_batches(model: &Model, replications: &[Replication], all: &Row, metric: &Metric) -> Option<Ends> {
    let observed = Observed { row: all, plan: &model.plan, replications: replications.len() as f64 };
    if let Measure::Quantile(_, p) = metric.measure {
        return quantile(model, replications, &observed.distribution(metric)?, metric, p);
    }
    let share = |row: &Row| mean_share(model, row, metric, &observed);
    let interval = ratio_interval(&shares(replications, &share), MOST_BATCHES, model.run.confidence)?;
    Some((interval.low, interval.high))
}

/// What each batch after the warm-up adds, for each replication.
fn shares(replications: &[Replication], share: &dyn Fn(&Row) -> Share) -> Vec<Vec<Share>> {
    let of_one = |r: &Replication| r.record.batches().iter().skip(r.cut).map(share).collect();
    replications.iter().map(of_one).collect()
}

/// What a batch adds to a mean: the sum of the observations and their number, or the area over a time and its length.
fn mean_share(model: &Model, row: &Row, metric: &Metric, all: &Observed<'_>) -> Share {
    let observed = Observed { row, plan: &model.plan, replications: 1.0 };
    if let (Measure::UtilizationWorst, Subject::Component(index)) = (metric.measure, metric.subject) {
        // The one that is busiest in all, not the busiest of each batch, which chance makes busier.
        let part = row.components[index].busy.get(all.busiest(index)).map_or(0.0, |busy| *busy as f64 * 1e-9);
        let servers = f64::from(model.plan.components[index].servers.max(1));
        return Share { part: part / servers, whole: row.seconds() };
    }
    let (value, n) = observed.value(metric);
    let whole = if per_observation(metric.measure) { n as f64 } else { row.seconds() };
    value.map_or(Share::default(), |value| Share { part: value * whole, whole })
}

/// Whether a metric is a mean over observations; the others are averages over time.
pub fn per_observation(measure: Measure) -> bool {
    use Measure::*;
    matches!(
        measure,
        Mean(_) | Deviation(_) | Above(..) | Errors | TimedOut | OutcomeShare(_) | HitRatio | Amplification
    )
}

/// The interval of a quantile: that of the share of the observations that do not exceed it, carried over by the distribution of all
/// (Wu and Kelton, Proc. Winter Simulation Conference 2014, call it sectioning by indicators). It needs no density, and is as
/// skewed as the distribution is there.
fn quantile(model: &Model, replications: &[Replication], all: &Histogram, metric: &Metric, p: f64) -> Option<Ends> {
    let value = all.quantile(p)?;
    let share = |row: &Row| {
        let observed = Observed { row, plan: &model.plan, replications: 1.0 };
        let times = observed.distribution(metric).unwrap_or_default();
        Share { part: times.at_most(value), whole: times.count() as f64 }
    };
    let beyond = all.count() as f64 * p.min(1.0 - p);
    let most = ((beyond / IN_EACH_BATCH * (1.0 + 1e-9)) as usize).min(MOST_BATCHES);
    let interval = ratio_interval(&shares(replications, &share), most, model.run.confidence)?;
    let half = interval.half_width();
    let at = |p: f64| all.quantile(p.clamp(0.0, 1.0)).unwrap_or(value);
    // A quantile is known to its bucket only, however well the batches agree.
    Some((at(p - half) * (1.0 - RELATIVE_ERROR) * 1e-9, at(p + half) * (1.0 + RELATIVE_ERROR) * 1e-9))
}

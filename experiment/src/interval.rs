//! Intervals of metrics of a steady state, from the batches of all replications.

use crate::metric::{Measure, Metric, Observed, Subject, squared_distances};
use crate::model::Model;
use crate::run::Replication;
use archsim_core::Histogram;
use archsim_core::stats::batches::{Linear, MOST_BATCHES, Share, half_width, linear, ratio_interval};
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
    if let Measure::Deviation(_) = metric.measure {
        return deviation(model, replications, &observed, metric);
    }
    let share = |row: &Row| mean_share(model, row, metric, &observed);
    let interval = ratio_interval(&shares(replications, &share), MOST_BATCHES, model.run.confidence)?;
    Some((interval.low, interval.high))
}

/// So many batches at most the interval of a metric can be made of.
pub fn most_batches(model: &Model, replications: &[Replication], all: &Row, metric: &Metric) -> usize {
    let observed = Observed { row: all, plan: &model.plan, replications: replications.len() as f64 };
    match metric.measure {
        Measure::Quantile(_, p) => observed.distribution(metric).map_or(0, |all| most_beyond(&all, p)),
        _ => MOST_BATCHES,
    }
}

/// What each of at most `most` batches adds to the error of the estimate, in the unit of the metric; none where [`of_batches`] has
/// none. The error of a quantile is that of the share below it, over the slope of the distribution there.
pub fn errors_of_batches(
    model: &Model,
    replications: &[Replication],
    all: &Row,
    metric: &Metric,
    most: usize,
) -> Option<Vec<Vec<f64>>> {
    let observed = Observed { row: all, plan: &model.plan, replications: replications.len() as f64 };
    if let Measure::Deviation(_) = metric.measure {
        let spread = squares(model, replications, &observed, metric)?;
        let (Linear { mut errors, .. }, value) = (linear(&spread, most)?, observed.value(metric).0?);
        errors.iter_mut().flatten().for_each(|error| *error /= 2.0 * value);
        return Some(errors);
    }
    let Measure::Quantile(_, p) = metric.measure else {
        let share = |row: &Row| mean_share(model, row, metric, &observed);
        return Some(linear(&shares(replications, &share), most)?.errors);
    };
    let all = observed.distribution(metric)?;
    let Linear { mut errors, .. } = linear(&below(model, replications, metric, all.quantile(p)?), most)?;
    let half = half_width(&errors, model.run.confidence)?.max(1.0 / all.count() as f64);
    let (low, high) = ((p - half).max(0.0), (p + half).min(1.0));
    let slope = (all.quantile(high)? - all.quantile(low)?) * 1e-9 / (high - low);
    errors.iter_mut().flatten().for_each(|error| *error *= -slope);
    Some(errors)
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
        Mean(_)
            | Deviation(_)
            | Above(..)
            | Share
            | WaitingPositive
            | WaitingAll
            | BatchMean
            | BatchAbove(_)
            | BehindMean
            | BehindAbove(_)
            | Stale
            | Errors
            | TimedOut
            | AttemptsTimedOut
            | OutcomeShare(_)
            | HitRatio
            | Amplification
    )
}

/// The interval of a quantile: that of the share of the observations that do not exceed it, carried over by the distribution of all
/// (Wu and Kelton, Proc. Winter Simulation Conference 2014, call it sectioning by indicators). It needs no density, and is as
/// skewed as the distribution is there.
fn quantile(model: &Model, replications: &[Replication], all: &Histogram, metric: &Metric, p: f64) -> Option<Ends> {
    let value = all.quantile(p)?;
    let shares = below(model, replications, metric, value);
    let interval = ratio_interval(&shares, most_beyond(all, p), model.run.confidence)?;
    let half = interval.half_width();
    let at = |p: f64| all.quantile(p.clamp(0.0, 1.0)).unwrap_or(value);
    // A quantile is known to its bucket only, however well the batches agree.
    Some((at(p - half) * (1.0 - RELATIVE_ERROR) * 1e-9, at(p + half) * (1.0 + RELATIVE_ERROR) * 1e-9))
}

/// The interval of a standard deviation: the root of that of the variance, which is the mean of the squared distances from the mean of all.
/// The deviations of the batches themselves are no means: they are too low on average, and miss what lies between the batches.
fn deviation(model: &Model, replications: &[Replication], all: &Observed<'_>, metric: &Metric) -> Option<Ends> {
    let spread = squares(model, replications, all, metric)?;
    let variance = ratio_interval(&spread, MOST_BATCHES, model.run.confidence)?;
    Some((variance.low.max(0.0).sqrt(), variance.high.max(0.0).sqrt()))
}

/// The squared distances of the times of each batch from the mean of all, in the square of the unit of the metric. That this mean is
/// estimated from the same times changes the variance in second order only.
fn squares(
    model: &Model,
    replications: &[Replication],
    all: &Observed<'_>,
    metric: &Metric,
) -> Option<Vec<Vec<Share>>> {
    let mean = all.distribution(metric)?.mean()?;
    Some(shares(replications, &|row: &Row| {
        let observed = Observed { row, plan: &model.plan, replications: 1.0 };
        let times = observed.distribution(metric).unwrap_or_default();
        Share { part: squared_distances(&times, mean) * 1e-18, whole: times.count() as f64 }
    }))
}

/// The share of the times of each batch that do not exceed a value, in nanoseconds.
fn below(model: &Model, replications: &[Replication], metric: &Metric, value: f64) -> Vec<Vec<Share>> {
    shares(replications, &|row: &Row| {
        let observed = Observed { row, plan: &model.plan, replications: 1.0 };
        let times = observed.distribution(metric).unwrap_or_default();
        Share { part: times.at_most(value), whole: times.count() as f64 }
    })
}

/// Batches with enough observations beyond a quantile in each.
fn most_beyond(all: &Histogram, p: f64) -> usize {
    let beyond = all.count() as f64 * p.min(1.0 - p);
    ((beyond / IN_EACH_BATCH * (1.0 + 1e-9)) as usize).min(MOST_BATCHES)
}

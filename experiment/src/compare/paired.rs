//! The difference of one metric between two alternatives that saw the same random numbers.

use crate::assemble;
use crate::interval::{errors_of_batches, most_batches};
use crate::metric::{Measure, Metric};
use crate::model::Model;
use crate::report::{Estimate, Report, Status};
use crate::run::{Replication, merged};
use archsim_core::stats::batches::{half_width, variance_of_mean};

/// What the difference says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The alternative has the higher value.
    Higher,
    /// The alternative has the lower value.
    Lower,
    /// The interval of the difference contains zero.
    NotDetected,
    /// The two have the same value to the last bit in every batch.
    Same,
    /// One of the two has no value to compare, or there is nothing to make an interval from.
    Unknown,
}

/// One metric of one alternative, compared.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Difference {
    /// The alternative.
    pub alternative: String,
    /// The metric.
    pub metric: String,
    /// What the difference says.
    pub found: Found,
    /// Value of the alternative minus value of the one it is compared with.
    pub difference: Estimate,
    /// Value of the alternative over the other's, where both are positive: a number without a unit.
    pub ratio: Option<Estimate>,
    /// The variance of the difference of independent runs of the same length over that of these pairs: so many times as many requests
    /// would have been needed without pairing.
    pub gain: Option<f64>,
}

/// One side of a comparison.
pub(crate) struct Side<'a> {
    pub(crate) model: &'a Model,
    pub(crate) replications: &'a [Replication],
    pub(crate) metric: Option<Metric>,
    pub(crate) report: &'a Report,
}

/// Two sides of one metric.
pub(super) struct Pair<'a> {
    pub(super) alternative: String,
    pub(super) metric: String,
    pub(super) base: Side<'a>,
    pub(super) other: Side<'a>,
}

/// What makes a pair uncertain: for each side what every batch, or every replication, adds to its error.
struct Errors {
    base: Vec<Vec<f64>>,
    other: Vec<Vec<f64>>,
}

/// The differences of all pairs, and how many of them are uncertain: their intervals hold together.
pub(super) fn differences(pairs: &[Pair<'_>]) -> (Vec<Difference>, usize) {
    let errors: Vec<Option<Errors>> = pairs.iter().map(Pair::errors).collect();
    let uncertain = |errors: &Errors| errors.between(1.0, 1.0).iter().flatten().any(|error| *error != 0.0);
    let family = errors.iter().flatten().filter(|errors| uncertain(errors)).count();
    (pairs.iter().zip(&errors).map(|(pair, errors)| pair.difference(errors.as_ref(), family)).collect(), family)
}

/// The errors of batches, or of replications.
type Each = Vec<Vec<f64>>;

/// What makes the same metric of two sides uncertain, in step with each other: of every batch where batches can tell it and both sides have
/// the same, else of every replication.
pub(crate) fn in_step(base: &Side<'_>, other: &Side<'_>) -> Option<(Each, Each)> {
    let same = |(base, other): &(Each, Each)| {
        base.len() == other.len() && base.iter().zip(other).all(|(base, other)| base.len() == other.len())
    };
    let sides = [base, other];
    let most = sides.iter().filter_map(|side| side.most()).min().filter(|_| sides.iter().all(|s| s.in_batches()));
    let batches = most.and_then(|most| Some((base.errors(most)?, other.errors(most)?)).filter(same));
    batches.or_else(|| Some((base.errors_of_replications()?, other.errors_of_replications()?)).filter(same))
}

impl Pair<'_> {
    fn estimates(&self) -> Option<(&Estimate, &Estimate)> {
        Some((self.base.report.get(&self.metric)?, self.other.report.get(&self.metric)?))
    }

    /// The errors of both sides.
    fn errors(&self) -> Option<Errors> {
        let (base, other) = self.estimates()?;
        base.value.and(other.value)?;
        in_step(&self.base, &self.other).map(|(base, other)| Errors { base, other })
    }

    fn difference(&self, errors: Option<&Errors>, family: usize) -> Difference {
        let (alternative, metric) = (self.alternative.clone(), self.metric.clone());
        let estimates = self.estimates();
        let unit = estimates.map_or("", |(base, _)| base.unit);
        let unknown = |status: Status, value: Option<f64>| Difference {
            alternative: alternative.clone(),
            metric: metric.clone(),
            found: Found::Unknown,
            difference: Estimate { value, low: None, high: None, unit, status, n: 0 },
            ratio: None,
            gain: None,
        };
        let Some((base, other)) = estimates else { return unknown(Status::NoData, None) };
        let (Some(from), Some(to)) = (base.value, other.value) else {
            return unknown(if base.value.is_none() { base.status } else { other.status }, None);
        };
        if base.status == Status::HeavyTail || other.status == Status::HeavyTail {
            return unknown(Status::HeavyTail, Some(to - from));
        }
        let n = base.n.min(other.n);
        let confidence = 1.0 - (1.0 - self.base.model.run.confidence) / family.max(1) as f64;
        let Some((errors, half)) = errors.and_then(|e| Some((e, half_width(&e.between(1.0, 1.0), confidence)?))) else {
            let one = self.base.replications.len() < 2;
            return unknown(if one { Status::OneReplication } else { Status::TooFew }, Some(to - from));
        };
        // What was never seen may still happen as often as its upper bound says.
        let unseen = |estimate: &Estimate| match estimate.status {
            Status::UpperBound => estimate.high.unwrap_or(0.0),
            _ => 0.0,
        };
        let (value, low, high) = (to - from, to - from - half - unseen(base), to - from + half + unseen(other));
        let estimate = |value, low, high, unit| Estimate {
            value: Some(value),
            low: Some(low),
            high: Some(high),
            unit,
            status: Status::Ok,
            n,
        };
        let found = match (low, high) {
            (0.0, 0.0) => Found::Same,
            (low, _) if low > 0.0 => Found::Higher,
            (_, high) if high < 0.0 => Found::Lower,
            _ => Found::NotDetected,
        };
        Difference {
            alternative,
            metric,
            found,
            difference: estimate(value, low, high, unit),
            ratio: errors.ratio(from, to, confidence).map(|(value, low, high)| estimate(value, low, high, "x")),
            gain: errors.gain(),
        }
    }
}

impl Errors {
    /// The errors of `other * to - base * from`.
    fn between(&self, from: f64, to: f64) -> Vec<Vec<f64>> {
        let run = |(base, other): (&Vec<f64>, &Vec<f64>)| {
            base.iter().zip(other).map(|(base, other)| other * to - base * from).collect()
        };
        self.base.iter().zip(&self.other).map(run).collect()
    }

    /// The ratio of the values with the interval of its logarithm: relative errors add up there.
    fn ratio(&self, from: f64, to: f64, confidence: f64) -> Option<(f64, f64, f64)> {
        let half = half_width(&self.between(1.0 / from, 1.0 / to), confidence).filter(|_| from > 0.0 && to > 0.0)?;
        Some((to / from, to / from * libm::exp(-half), to / from * libm::exp(half)))
    }

    /// How much the errors that both sides share take out of the variance.
    fn gain(&self) -> Option<f64> {
        let alone = variance_of_mean(&self.base) + variance_of_mean(&self.other);
        Some(alone / variance_of_mean(&self.between(1.0, 1.0))).filter(|gain| gain.is_finite())
    }
}

impl Side<'_> {
    /// Whether the metric of a steady state is one of those that batches can tell.
    fn in_batches(&self) -> bool {
        let whole = |metric: &Metric| matches!(metric.measure, Measure::Max(_) | Measure::Entries | Measure::Level(_));
        !self.model.terminating && self.metric.as_ref().is_some_and(|metric| !whole(metric))
    }

    fn most(&self) -> Option<usize> {
        let all = merged(self.replications, 0, &self.model.plan)?;
        Some(most_batches(self.model, self.replications, &all, self.metric.as_ref()?))
    }

    fn errors(&self, most: usize) -> Option<Vec<Vec<f64>>> {
        let all = merged(self.replications, 0, &self.model.plan)?;
        errors_of_batches(self.model, self.replications, &all, self.metric.as_ref()?, most)
    }

    /// Replications as batches: each is a run of its own.
    fn errors_of_replications(&self) -> Option<Vec<Vec<f64>>> {
        let metric = self.metric.as_ref()?;
        let each = assemble::each_value(self.model, self.replications, 0, metric);
        let mean = each.iter().sum::<f64>() / each.len() as f64;
        (each.len() == self.replications.len()).then(|| each.iter().map(|value| vec![value - mean]).collect())
    }
}

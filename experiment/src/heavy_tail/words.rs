//! Which laws are responsible, in words.

use super::spread::{Spread, Tails};
use super::{Cause, INTERVAL, MEAN, Place};
use crate::metric::Metric;
use archsim_core::Histogram;
use archsim_language::{Diagnostic, Source};
use archsim_models::Plan;

/// The largest of a thousand.
const LARGEST: f64 = 0.001;

/// What a law is about.
pub(super) const WORK: &str = "work";
/// What passes without a server.
pub(super) const DELAY: &str = "delay";
/// Times without servers.
pub(super) const OUTAGES: &str = "outages";
/// The network of an edge.
pub(super) const LATENCY: &str = "latency";
/// Times between requests of a source.
pub(super) const GAPS: &str = "gaps";

/// The laws that leave something without an interval: each by what it would do if it were the only one.
pub(super) fn causes(spread: &Spread<'_>, tails: &Tails) -> Vec<Cause> {
    let of_components = [(WORK, &tails.work), (DELAY, &tails.delay), (OUTAGES, &tails.away)];
    let components =
        (0..tails.work.len()).flat_map(|at| of_components.map(|(of, indices)| (Place::Component(at), of, indices[at])));
    let edges = tails.network.iter().enumerate().map(|(at, index)| (Place::Edge(at), LATENCY, *index));
    let sources = tails.gap.iter().enumerate().map(|(at, index)| (Place::Source(at), GAPS, *index));
    let heavy = components.chain(edges).chain(sources).filter(|(_, _, index)| index.is_finite());
    let found = heavy.map(|(place, of, index)| (place, of, index, spread.alone(place, of).heaviest()));
    found
        .filter(|(.., heaviest)| *heaviest <= INTERVAL)
        .map(|(place, of, index, heaviest)| Cause { place, of, index, no_mean: heaviest <= MEAN })
        .collect()
}

/// The name of the place.
pub(crate) fn name(plan: &Plan, place: Place) -> &str {
    match place {
        Place::Component(at) => &plan.components[at].name,
        Place::Edge(at) => &plan.edges[at].name,
        Place::Source(at) => &plan.sources[at].name,
    }
}

impl Cause {
    /// "the work of `web` is Pareto with alpha 1.5 and no `max`: the mean of the times that depend on it does not exist".
    pub fn sentence(&self, plan: &Plan) -> String {
        let (of, place, alpha) = (self.of, name(plan, self.place), self.index);
        let verb = if of.ends_with('s') { "are" } else { "is" };
        let so = match (self.place, self.no_mean) {
            (Place::Source(_), _) => "rates and averages over time behind them have no valid interval",
            (_, true) => "times that wait for it have no mean: what is shown grows with the length of the run",
            (_, false) => "means of times that depend on it have no valid interval",
        };
        format!("the {of} of `{place}` {verb} Pareto with alpha {alpha} and no `max`: {so}")
    }
}

/// An objective, or a metric that decides, that no length of run can tell.
pub(crate) fn undecidable(source: &Source, text: &str, metric: &Metric) -> Diagnostic {
    let message = format!("`{text}` cannot be decided: {} has no valid interval under its heavy tail", metric.name);
    let place = source.text().find(text).map_or(0..0, |at| at..at + text.len());
    Diagnostic::error("heavy-tail", message, place)
        .with_help("give the Pareto law a `max`; percentiles have intervals for an alpha above 2")
}

/// The share of the sum of all times that comes from the largest 0.1 % of them.
pub fn share_of_largest(times: &Histogram) -> Option<f64> {
    let mut left = times.count() as f64 * LARGEST;
    let buckets: Vec<(f64, f64)> =
        times.iter().map(|(low, high, n)| (0.5 * (low as f64 + high as f64), n as f64)).collect();
    let all: f64 = buckets.iter().map(|(value, n)| value * n).sum();
    let mut largest = 0.0;
    for (value, n) in buckets.iter().rev() {
        let taken = left.min(*n);
        largest += taken * value;
        left -= taken;
    }
    (all > 0.0).then(|| largest / all)
}

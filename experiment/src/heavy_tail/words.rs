//! Which laws are responsible, in words.

use super::spread::Tails;
use super::{Cause, INTERVAL, MEAN, Place};
use archsim_core::Histogram;
use archsim_models::Plan;

/// The largest of a thousand.
const LARGEST: f64 = 0.001;

/// The laws that leave something without an interval.
pub(super) fn causes(plan: &Plan, tails: &Tails) -> Vec<Cause> {
    let mut found = vec![];
    let mut add = |place: Place, of: &'static str, index: f64, area: f64| {
        if index.is_finite() && area <= INTERVAL {
            found.push(Cause { place, of, index, no_mean: area <= MEAN });
        }
    };
    for at in 0..plan.components.len() {
        let place = Place::Component(at);
        add(place, "work", tails.work[at], tails.work[at].min(tails.wait[at].area));
        add(place, "delay", tails.delay[at], tails.delay[at].min(tails.held[at]));
        add(place, "outages", tails.away[at], tails.away[at].min(tails.wait[at].area));
    }
    for (at, index) in tails.network.iter().enumerate() {
        add(Place::Edge(at), "latency", *index, *index);
    }
    for (at, index) in tails.gap.iter().enumerate() {
        add(Place::Source(at), "gaps", *index, *index);
    }
    found
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

//! Overloaded, with a steady state: bounded queues, limits, patience and time-outs keep what waits small by turning work away. What the
//! run says then is how much, where, and by which limit.

use super::words::reached;
use crate::metric::{Measure, Metric, Subject};
use crate::model::Model;
use crate::report::Estimate;
use archsim_models::Kind;
use archsim_models::spec::{At, LimitSpec};
use archsim_models::world::Outcome;

/// A share above this, with its whole interval, is overload: one lost call in a hundred is the usual grade of service that telephone
/// systems are dimensioned for.
const GRADE_OF_SERVICE: f64 = 0.01;
/// Below this busy share of all that a call needs, time-outs have another cause than load.
const SATURATED: f64 = 0.9;

/// What a metric is estimated as.
type Estimates<'a> = &'a dyn Fn(Subject, &'static str, Measure) -> Estimate;

/// The sentences on what is overloaded.
pub(crate) fn overloaded(model: &Model, estimate: &dyn Fn(&Metric) -> Estimate) -> Vec<String> {
    let estimate = |subject: Subject, unit: &'static str, measure: Measure| {
        estimate(&Metric { name: String::new(), unit, subject, measure })
    };
    let components = (0..model.plan.components.len()).flat_map(|index| component(model, index, &estimate));
    let edges = (0..model.plan.edges.len()).filter_map(|index| edge(model, index, &estimate));
    components.chain(edges).collect()
}

/// "31.1% (30.8 to 31.4)", if that is overload.
fn share(estimate: &Estimate) -> Option<String> {
    let value = estimate.value?;
    let percent = |value: f64| format!("{:.1}", value * 100.0);
    match estimate.low.zip(estimate.high) {
        Some((low, high)) if low > GRADE_OF_SERVICE => {
            Some(format!("{}% ({} to {})", percent(value), percent(low), percent(high)))
        }
        None if value > GRADE_OF_SERVICE => Some(percent(value) + "%"),
        _ => None,
    }
}

fn component(model: &Model, index: usize, estimate: Estimates<'_>) -> Vec<String> {
    let name = &model.plan.components[index].name;
    let lost = |outcome: Outcome| share(&estimate(Subject::Component(index), "1", Measure::OutcomeShare(outcome)));
    let rejected = lost(Outcome::Rejected).map(|share| {
        let limit = limit(model, index, estimate).map_or(String::new(), |limit| format!(": {limit}"));
        format!("overloaded: `{name}` turns away {share} of its calls{limit}")
    });
    let reneged = lost(Outcome::Reneged).map(|share| {
        format!("overloaded: {share} of the calls of `{name}` leave before they are served: their `patience` ends")
    });
    let balked = lost(Outcome::Balked)
        .map(|share| format!("overloaded: {share} of the calls of `{name}` do not `join` the queue they find"));
    rejected.into_iter().chain(reneged).chain(balked).collect()
}

/// Which limit makes a component turn calls away.
fn limit(model: &Model, index: usize, estimate: Estimates<'_>) -> Option<String> {
    let kind = &model.setup.components[index].1;
    let instances = model.plan.components[index].instances.max(1);
    let each = if instances > 1 { " each" } else { "" };
    let (limiter, slots, room): (Option<&At<LimitSpec>>, Option<u32>, Option<u32>) = match kind {
        Kind::Service(service) => (
            service.limit.as_ref(),
            service.concurrency.as_ref().map(|slots| slots.value),
            service.queue.as_ref().map(|queue| queue.value),
        ),
        Kind::LoadBalancer(balancer) => (balancer.limit.as_ref(), None, None),
        Kind::External(external) => {
            (external.limit.as_ref(), external.concurrency.as_ref().map(|slots| slots.value), Some(0))
        }
        Kind::Cache(_) | Kind::Database(_) | Kind::Broker(_) | Kind::Consumers(_) => (None, None, None),
    };
    let arrivals = estimate(Subject::Component(index), "1/s", Measure::Arrivals).value.unwrap_or(0.0);
    let limiter = limiter.map(|limit| limit.value.per_second());
    match (limiter, slots, room) {
        (Some(rate), slots, room) if arrivals > rate * f64::from(instances) || slots.is_none() || room.is_none() => {
            Some(format!("more come than its `limit` of {rate} a second{each}"))
        }
        (_, Some(slots), Some(0)) => Some(format!("its {} taken", all(slots, "slot", each))),
        (_, Some(_), Some(room)) => Some(format!("its queue of {room}{each} is full")),
        _ => Some("the time of the callers is over when they come, or when it is their turn (`deadline`)".into()),
    }
}

/// "one slot is", "4 slots each are".
fn all(number: u32, word: &str, each: &str) -> String {
    if number == 1 { format!("one {word}{each} is") } else { format!("{number} {word}s{each} are") }
}

/// Time-outs of calls to what is busy all the time.
fn edge(model: &Model, index: usize, estimate: Estimates<'_>) -> Option<String> {
    let plan = &model.plan.edges[index];
    let share = share(&estimate(Subject::Edge(index), "1", Measure::AttemptsTimedOut))?;
    let busy = |component: usize| {
        let busy = estimate(Subject::Component(component), "1", Measure::Utilization).value;
        (component, busy.unwrap_or(0.0))
    };
    let reached = reached(model, plan.callee as usize).into_iter().map(busy);
    let (cause, busy) = reached.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, busy)| *busy > SATURATED)?;
    let (cause, timeout) = (&model.plan.components[cause].name, plan.timeout);
    let calls = &plan.name;
    Some(format!(
        "overloaded: {share} of the calls `{calls}` take longer than their time-out of {timeout}: `{cause}` is busy {:.0}%",
        busy * 100.0
    ))
}

//! The sentences about queues that grow.

use super::growth::{Growing, Place};
use super::held_up::HeldUp;
use crate::metric::{Measure, Metric, Observed, Subject};
use crate::model::Model;
use crate::run::{Replication, merged};
use crate::trace::class_name;

/// Instances that are named one by one; more are counted.
const NAMED: usize = 3;
/// Below this busy share a component is not what others wait for.
const SATURATED: f64 = 0.9;

/// "no steady state: the queue of `web` grows by 12 a second, waits grow 212 ms per second; percentiles depend on `run.duration`".
pub(super) fn growth(model: &Model, replications: &[Replication], one: &Growing) -> String {
    let grows = significant(one.per_second);
    let what = match &one.place {
        Place::Component(index, instances) => {
            let whole = model.plan.components[*index].instances as usize;
            let cause = bottleneck(model, replications, *index)
                .map_or(String::new(), |(cause, busy)| format!(" because `{cause}` is busy {:.0}%", busy * 100.0));
            let (place, verb) = named(&model.plan.components[*index].name, instances, whole);
            format!("{place} {verb} by {grows} a second{cause}")
        }
        Place::Pool(edge) => {
            let edge = &model.plan.edges[*edge].name;
            format!("the calls `{edge}` that wait for a connection of its `pool` become {grows} more every second")
        }
    };
    let waits = duration(one.per_second / one.served.max(1e-9));
    format!("no steady state: {what}, waits grow {waits} per second; percentiles depend on `run.duration`")
}

/// "the queue of `db`", "the queue of `db[3]`", "the queues of 12 of 64 instances of `db`".
fn named(component: &str, instances: &[usize], whole: usize) -> (String, &'static str) {
    let names: Vec<String> = instances.iter().map(|at| format!("`{component}[{at}]`")).collect();
    match &names[..] {
        [] => (format!("the queue of `{component}`"), "grows"),
        [one] => (format!("the queue of {one}, one of {whole} instances,"), "grows"),
        [first @ .., last] if names.len() <= NAMED => {
            (format!("the queues of {} and {last}, of {whole} instances,", first.join(", ")), "grow")
        }
        _ => (format!("the queues of {} of {whole} instances of `{component}`", names.len()), "grow"),
    }
}

/// Who is held up and who is not, where that differs: "`batch` is held up, its times are withheld; `users` is not".
pub(super) fn affected(model: &Model, held: &HeldUp) -> Option<String> {
    let names = |marked: &[bool]| -> Vec<String> {
        let names = (0..marked.len()).filter(|class| marked[*class]);
        names.map(|class| format!("`{}`", class_name(&model.plan, class))).collect()
    };
    let (waiting, passing) = (names(&held.classes), names(&held.passing));
    if passing.is_empty() {
        return None;
    }
    let passing = passing.join(", ");
    Some(match &waiting[..] {
        [] => format!("not held up, with a steady state: {passing}"),
        waiting => {
            format!("held up, without times: {}; not held up, with a steady state: {passing}", waiting.join(", "))
        }
    })
}

/// The component that a growing queue is really about: of those called from it the busiest, if it is busier than the component itself.
fn bottleneck(model: &Model, replications: &[Replication], index: usize) -> Option<(String, f64)> {
    let row = merged(replications, 0, &model.plan)?;
    let observed = Observed { row: &row, plan: &model.plan, replications: replications.len() as f64 };
    let busy = |component: usize| {
        let (name, subject) = (String::new(), Subject::Component(component));
        observed.value(&Metric { name, unit: "1", subject, measure: Measure::Utilization }).0.unwrap_or(0.0)
    };
    let (cause, share) = reached(model, index).into_iter().map(|c| (c, busy(c))).max_by(|a, b| a.1.total_cmp(&b.1))?;
    (cause != index && share > SATURATED).then(|| (model.plan.components[cause].name.clone(), share))
}

/// A component and all that it calls, directly or not.
pub(super) fn reached(model: &Model, index: usize) -> Vec<usize> {
    let mut reached = vec![index];
    let mut at = 0;
    while let Some(&caller) = reached.get(at) {
        let callees = model.plan.edges.iter().filter(|e| e.caller as usize == caller).map(|e| e.callee as usize);
        let new: Vec<usize> = callees.filter(|callee| !reached.contains(callee)).collect();
        reached.extend(new);
        at += 1;
    }
    reached
}

/// A length of time of so many seconds.
fn duration(seconds: f64) -> String {
    if seconds < 1.0 { format!("{} ms", significant(seconds * 1e3)) } else { format!("{} s", significant(seconds)) }
}

/// A number with three significant digits.
fn significant(value: f64) -> String {
    let decimals = match value {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

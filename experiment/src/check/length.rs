//! `warmup-too-short` and `too-few-samples`: a run of a fixed length that is too short for what it is asked, seen before it is run.

use super::context::Check;
use crate::interval::{EXCEEDANCES, enough};
use crate::metric::{Measure, Metric, Subject, Times};
use crate::model::Model;
use crate::scenario::Warmup;
use archsim_core::Time;
use archsim_models::plan::{Arrivals, Op, Operation};
use archsim_models::spec::{At, KeySpec};
use std::collections::BTreeSet;

/// Requests times (1 - load)^2 over the sum of the squared coefficients of variation of gaps and service, for an interval of 95 % with
/// a half-width of 5 % of a mean (W. Whitt, "Planning queueing simulations", Management Science 35, 1989).
const PLANNED: f64 = 3000.0;
/// A mean is said to be short of requests when it has less than this share of the planned ones: its half-width, which goes with the
/// square root, is then above 20 %.
const FAR_BELOW: f64 = 1.0 / 16.0;
/// Below this load nobody waits long enough for the planning value to say much.
const BUSY: f64 = 0.8;
/// So many times as long as the start is felt, and leaving the start in moves a mean by 1 % or less.
const DROWNED: f64 = 100.0;

/// Both, for a run that has a fixed length and a steady state.
pub(super) fn check(check: &mut Check<'_>, model: &Model) {
    if model.terminating || model.run.precision.is_some() {
        return;
    }
    warm_up(check, model);
    let slos = check.scenario.slos.iter().zip(&model.slos).map(|(args, slo)| (&args.check, slo.metric.clone()));
    let asked = check.scenario.experiments.iter().flat_map(|(_, experiment)| experiment.value.measured());
    let measured = asked.filter_map(|name| Some((name, model.catalogue.find(&name.value).ok()?)));
    let mut seen = BTreeSet::new();
    let found: Vec<_> = slos
        .chain(measured)
        .filter(|(_, metric)| seen.insert(metric.name.clone()))
        .filter_map(|(place, metric)| Some((place.span.clone(), short_of(model, &metric)?)))
        .collect();
    for (span, (message, help)) in found {
        check.warn("too-few-samples", message, &span, &help);
    }
}

fn warm_up(check: &mut Check<'_>, model: &Model) {
    let Some(At { value: Warmup::Fixed(_), span }) = &check.scenario.run.warmup else { return };
    let warmup = model.run.warmup.as_secs_f64();
    let felt = |seconds: f64| seconds > warmup && model.run.duration.as_secs_f64() - warmup < DROWNED * seconds;
    if let Some((name, busy, seconds)) = slowest(model).filter(|(_, _, seconds)| felt(*seconds)) {
        let message = format!(
            "the warm-up of {} is too short: `{name}`, {:.0}% busy, takes about {} to forget how it began",
            model.run.warmup,
            busy * 100.0,
            rounded(seconds)
        );
        let help = format!("set `warmup` to {}, or to \"auto\"", lengthened(model, 3.0 * seconds));
        check.warn("warmup-too-short", message, span, &help);
    }
    if let Some((name, needed, seconds)) = cold_cache(model, &felt) {
        let message = format!(
            "the warm-up of {} is too short: `{name}` is looked into {} times in it, and needs at least {} look-ups to settle",
            model.run.warmup,
            count(needed / seconds * warmup),
            count(needed)
        );
        let help = format!("set `warmup` to {}, or leave `start_cold` out", lengthened(model, seconds));
        check.warn("warmup-too-short", message, span, &help);
    }
}

/// A warm-up for advice, with a word on the run where it would take half of it.
fn lengthened(model: &Model, seconds: f64) -> String {
    let more = if 2.0 * seconds > model.run.duration.as_secs_f64() { " in a run several times as long" } else { "" };
    format!("{}{more}", rounded(seconds))
}

/// The component that forgets its start last: name, load, and the relaxation time of M/M/1, 1 / (mu (1 - sqrt(rho))^2) (P. Morse,
/// "Queues, Inventories and Maintenance", 1958; J. Cohen, "The Single Server Queue", II.2). All servers together count as one that is
/// that many times as fast: instances with queues of their own need no less. Where nobody waits it is one service (M/M/infinity).
fn slowest(model: &Model) -> Option<(String, f64, f64)> {
    let of = |row: &crate::load_table::LoadRow| {
        let busy = row.busy.filter(|busy| *busy > 0.0 && *busy < 1.0)?;
        let (service, rest) = (row.work / row.arrivals, 1.0 - libm::sqrt(busy));
        let seconds = (service / (row.capacity?.max(1.0) * rest * rest)).max(service);
        seconds.is_finite().then(|| (row.component.clone(), busy, seconds))
    };
    model.load.rows.iter().filter_map(of).max_by(|a, b| a.2.total_cmp(&b.2))
}

/// A cache that begins empty and can neither be full nor know all keys when the warm-up is over: name, values, and seconds until so many
/// look-ups have come, the least that it takes. Values that expire are gone before that.
fn cold_cache(model: &Model, felt: &dyn Fn(f64) -> bool) -> Option<(String, f64, f64)> {
    let items = |(space, _): &(u32, f64)| match &model.setup.keys[*space as usize].1 {
        KeySpec::Zipf(args) => args.items as f64,
        KeySpec::Uniform(args) => args.items as f64,
        KeySpec::Hot(args) => args.items as f64,
        KeySpec::Scan(args) => args.items as f64,
        KeySpec::Replay(_) => 0.0,
    };
    model.plan.caches.iter().filter(|cache| !cache.warm && cache.hit_ratio.is_none()).find_map(|cache| {
        let name = &model.plan.components[cache.component as usize].name;
        let known: f64 = cache.spaces.iter().map(items).sum();
        let needed = known.min(cache.entries as f64 * f64::from(cache.shards));
        let filled = needed / model.load.lookup_rates.get(name)?;
        let seconds = cache.ttl.map_or(filled, |ttl| filled.min(ttl.as_secs_f64()));
        (felt(seconds) && seconds.is_finite()).then(|| (name.clone(), needed * seconds / filled, seconds))
    })
}

/// Why a run is too short for a metric, and what to do.
fn short_of(model: &Model, metric: &Metric) -> Option<(String, String)> {
    let rate = rate(model, metric)?;
    let seconds = (model.run.duration - model.run.warmup).as_secs_f64();
    let got = rate * seconds * f64::from(model.run.replications);
    let advice = |needed: f64| {
        let longer = rounded(model.run.warmup.as_secs_f64() + seconds * needed / got);
        format!("set `duration` to {longer}, or use `precision`")
    };
    let length = match model.run.replications {
        1 => model.run.duration.to_string(),
        n => format!("{n} times {}", model.run.duration),
    };
    match metric.measure {
        Measure::Quantile(_, p) if !enough(got as u64, p) => {
            let needed = EXCEEDANCES / p.min(1.0 - p);
            let text = format!("{} needs about {} requests, {length} gives {}", metric.name, count(needed), count(got));
            Some((text, advice(needed)))
        }
        Measure::Mean(times) if times != Times::Service && times != Times::PoolWait => {
            let (name, busy, needed) = planned(model, metric)?;
            let text = format!(
                "{} needs about {} requests to be known to 5% while `{name}` is {:.0}% busy, {length} gives {}",
                metric.name,
                count(needed),
                busy * 100.0,
                count(got)
            );
            (got < needed * FAR_BELOW).then(|| (text, advice(needed)))
        }
        _ => None,
    }
}

/// Observations of a metric per second, as planned.
fn rate(model: &Model, metric: &Metric) -> Option<f64> {
    let rate = match metric.subject {
        Subject::Classes(first, count) => {
            let source = model.plan.classes[first].source as usize;
            let plan = &model.plan.sources[source];
            let at = first - plan.first_class as usize;
            let before = at.checked_sub(1).map_or(0.0, |before| plan.cumulative[before]);
            model.load.sources[source].1 * (plan.cumulative[at + count - 1] - before)
        }
        Subject::Component(at) => model.load.rows[at].arrivals,
        _ => return None,
    };
    Some(rate).filter(|rate| rate.is_finite() && *rate > 0.0)
}

/// The component whose waits need the most requests, of those that a metric is about: name, load, requests.
fn planned(model: &Model, metric: &Metric) -> Option<(String, f64, f64)> {
    let (at, gaps) = match metric.subject {
        Subject::Component(at) => (at, 1.0),
        Subject::Classes(first, _) => {
            let source = model.plan.classes[first].source as usize;
            let Arrivals::Open { gap, .. } = &model.plan.sources[source].arrivals else { return None };
            (model.plan.components.len() + source, gap.scv())
        }
        _ => return None,
    };
    let of = |at: usize| {
        let (row, plan) = (model.load.rows.get(at)?, &model.plan.components[at]);
        let busy = row.busy.filter(|busy| (BUSY..1.0).contains(busy))?;
        // Where many servers stand for each other few wait, and those not long.
        let waits = plan.servers > 0 && f64::from(plan.servers) * (1.0 - busy) < 1.0;
        let needed = PLANNED * (gaps + variability(model, at)) / ((1.0 - busy) * (1.0 - busy));
        (waits && needed.is_finite()).then(|| (row.component.clone(), busy, needed))
    };
    called(model, at).into_iter().filter_map(of).max_by(|a, b| a.2.total_cmp(&b.2))
}

/// The squared coefficient of variation of the first work that a component does, 0 where it does none itself: programs of a component stand
/// one after the other.
fn variability(model: &Model, component: usize) -> f64 {
    let plan = &model.plan;
    let starts = |own: bool| {
        let of = move |row: &&Operation| (row.component as usize == component) == own;
        plan.operations.iter().filter(of).map(|row| row.start as usize)
    };
    let first = starts(true).min().unwrap_or(plan.ops.len());
    let end = starts(false).filter(|start| *start > first).min().unwrap_or(plan.ops.len());
    let computed = plan.ops[first..end].iter().find_map(|op| match op {
        Op::Compute { dist, .. } | Op::ComputeInTurn { dist, .. } => Some(plan.dists[*dist as usize].scv()),
        _ => None,
    });
    computed.unwrap_or(0.0)
}

/// A component, or what a source calls, and all that is called from there.
fn called(model: &Model, from: usize) -> Vec<usize> {
    let (mut reached, mut at) = (vec![from], 0);
    while let Some(&caller) = reached.get(at) {
        let callees = model.plan.edges.iter().filter(|e| e.caller as usize == caller).map(|e| e.callee as usize);
        let new: BTreeSet<usize> = callees.filter(|callee| !reached.contains(callee)).collect();
        reached.extend(new);
        at += 1;
    }
    reached
}

/// A number of requests to two digits: "43,000".
fn count(number: f64) -> String {
    let unit = libm::pow(10.0, (libm::floor(libm::log10(number.max(1.0))) - 1.0).max(0.0));
    crate::assemble::grouped((libm::round(number / unit) * unit) as u64)
}

/// A length of time, rounded up to two digits of hours, minutes or the unit below.
fn rounded(seconds: f64) -> Time {
    let seconds = seconds.clamp(1e-9, 9e9);
    let unit = if seconds >= 7200.0 {
        3600.0
    } else if seconds >= 120.0 {
        60.0
    } else {
        1.0
    };
    let value = seconds / unit;
    let whole = if unit > 1.0 { 1.0 } else { 0.0 };
    let step = libm::pow(10.0, libm::floor(libm::log10(value)) - 1.0).max(whole);
    Time::from_secs_f64((libm::ceil(value / step - 1e-9) * step * unit).max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_counts_are_rounded_for_people() {
        let lengths = [0.0123, 46.2, 527.0, 26_000.0, 1e6].map(|seconds| rounded(seconds).to_string());
        assert_eq!(lengths, ["13ms", "47s", "9m", "8h", "280h"]);
        assert_eq!([7.0, 5_510.0, 2_361_000.0].map(count), ["7", "5,500", "2,400,000"]);
    }
}

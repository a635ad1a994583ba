//! Stations with impatience, reserves, pauses, vacations, cold starts, unequal cores, batches.

use super::open::{UNIT, poisson, service};
use crate::law::{Law, span};
use crate::params::{Maybe, Params};
use crate::view::{Study, View, during, from, metric, of};

/// Poisson arrivals at a station with some fields and exponential work unless said otherwise.
fn station(p: &Params, fields: &str) -> Maybe<View> {
    let rate = p.number("arrival_rate")?;
    let workers = p.count_or("workers", 1);
    let work = format!("Compute({})", p.law_or("service", UNIT)?.ron());
    let component = service("s", &format!("cpu: {workers}, {fields}"), &work);
    Ok(View::new("", Study::new(poisson("u", "s", rate, ""), component, rate), "u", "s"))
}

/// Requests that leave the queue before their service starts.
pub(super) fn impatience(p: &Params) -> Maybe<Vec<View>> {
    let patience = p.law("patience").or_else(|_| p.law("queue_timeout"))?.ron();
    let view = station(p, &format!("patience: {patience}, "))?;
    Ok(vec![
        view.own("abandon.prob", metric("s.reneged"))
            .own("wait.mean[all]", metric("s.waiting.all.mean"))
            .own("throughput", metric("u.goodput")),
    ])
}

/// Workers kept free for important requests.
pub(super) fn reserve(p: &Params) -> Maybe<Vec<View>> {
    let (workers, reserve) = (p.count("workers")?, p.count("reserve")?);
    let (important, ordinary) = (p.number("rate_important")?, p.number("rate_ordinary")?);
    let fields = format!("cpu: {workers}, concurrency: {workers}, queue: 0, reserve: {{ 1: {reserve} }}, ");
    let component = service("s", &fields, &format!("Compute({})", p.law_or("service", UNIT)?.ron()));
    let traffic = [poisson("u1", "s", important, ", priority: 0"), poisson("u2", "s", ordinary, ", priority: 1")];
    let study = Study::new(traffic.join(", "), component, important + ordinary);
    let class = |tag: &str, source: &str| {
        View::new(tag, study.clone(), source, "s").own("block.prob", metric(format!("{source}.errors")))
    };
    Ok(vec![View::new("", study.clone(), "u1", "s"), class("important", "u1"), class("ordinary", "u2")])
}

/// Several requests at each instant.
pub(super) fn batches(p: &Params) -> Maybe<Vec<View>> {
    let (batches, text) = (p.number("batch_rate")?, p.text("batch_size")?);
    let numbers = crate::law::numbers(text);
    let (mean, size) = match (text.split([' ', '(']).next().unwrap_or_default(), &numbers[..]) {
        ("always", [size, ..]) => (*size, format!("{size}")),
        ("geometric", [mean, ..]) if text.contains("mean") => (*mean, format!("Geometric(mean: {mean:?})")),
        ("uniform", [low, high, ..]) => ((low + high) / 2.0, format!("Uniform({low}, {high})")),
        _ => return Err(format!("the batch size `{text}`")),
    };
    let rate = batches * mean;
    let component = service("s", "", &format!("Compute({})", p.law_or("service", UNIT)?.ron()));
    Ok(vec![View::new("", Study::new(poisson("u", "s", rate, &format!(", batch: {size}")), component, rate), "u", "s")])
}

/// Arrivals at a rate that jumps between two levels.
pub(super) fn modulated(p: &Params) -> Maybe<Vec<View>> {
    let (high, low, leave_high, leave_low) = (p.number("r_hi")?, p.number("r_lo")?, p.number("a")?, p.number("b")?);
    let states = format!("[({high:?}, {}), ({low:?}, {})]", span(1.0 / leave_high), span(1.0 / leave_low));
    let rate = (high / leave_high + low / leave_low) / (1.0 / leave_high + 1.0 / leave_low);
    let traffic = format!("\"u\": Open(to: \"s\", rate: Mmpp({states}))");
    let fields = format!("cpu: {}, ", p.count_or("workers", 1));
    let component = service("s", &fields, &format!("Compute({})", p.law_or("service", UNIT)?.ron()));
    Ok(vec![View::new("", Study::new(traffic, component, rate), "u", "s")])
}

/// A worker that is up and down in turn.
pub(super) fn breakdowns(p: &Params) -> Maybe<Vec<View>> {
    let (up, down) = (p.law("up")?.ron(), p.law("down")?.ron());
    let view = station(p, &format!("pauses: (up: {up}, down: {down}), "))?;
    Ok(vec![view.own("availability", metric("s.availability"))])
}

/// A worker that goes away whenever nothing waits.
pub(super) fn vacations(p: &Params) -> Maybe<Vec<View>> {
    Ok(vec![station(p, &format!("vacation: (time: {}), ", p.law("vacation")?.ron()))?])
}

/// Workers that are off until they are needed.
pub(super) fn set_up(p: &Params) -> Maybe<Vec<View>> {
    let (rate, workers) = (p.number("arrival_rate")?, p.count_or("workers_max", 1));
    let fields = format!("cpu: {workers}, cold_start: (time: {}), ", p.law("setup")?.ron());
    let component = service("s", &fields, &format!("Compute({})", p.law_or("service", UNIT)?.ron()));
    let view = View::new("", Study::new(poisson("u", "s", rate, ""), component, rate), "u", "s");
    Ok(vec![view.own("workers_on.mean", metric("s.cores.on")).own("workers_setup.mean", metric("s.cores.starting"))])
}

/// Workers of different speed at one queue, the fastest idle one first.
pub(super) fn unequal(p: &Params) -> Maybe<Vec<View>> {
    let (rate, rates) = (p.number("arrival_rate")?, p.numbers("rates")?);
    let speeds: Vec<String> = rates.iter().map(|rate| format!("{rate:?}")).collect();
    let fields = format!("cpu: {}, core_speed: [{}], assign: FastestIdle, ", rates.len(), speeds.join(", "));
    let component = service("s", &fields, &format!("Compute({})", UNIT.ron()));
    let view = View::new("", Study::new(poisson("u", "s", rate, ""), component, rate), "u", "s");
    Ok(vec![
        view.lacks("utilization[fast]", "the utilisation of one core as a metric")
            .lacks("utilization[slow]", "the utilisation of one core as a metric"),
    ])
}

/// A server that takes several waiting requests at once.
pub(super) fn bulk(p: &Params) -> Maybe<Vec<View>> {
    let (rate, most, law) = (p.number("arrival_rate")?, p.count("max_batch")?, p.law("batch_service")?);
    let step = format!("Batch(max: {most}, at_once: 1, steps: [Compute({})])", law.ron());
    let view = View::new("", Study::new(poisson("u", "s", rate, ""), service("s", "", &step), rate), "u", "s");
    Ok(vec![
        view.own("idle.prob", from("s.utilization", |busy| 1.0 - busy)).own("batch_size.mean", metric("s.batch.mean")),
    ])
}

/// A producer that sends a batch when it is full or old.
pub(super) fn linger(p: &Params) -> Maybe<Vec<View>> {
    let (rate, most, linger) = (p.number("arrival_rate")?, p.count("max_batch")?, p.number("linger")?);
    let step = format!("Batch(max: {most}, linger: {}, steps: [])", span(linger));
    let view = View::new("", Study::new(poisson("u", "s", rate, ""), service("s", "", &step), rate), "u", "s");
    Ok(vec![
        view.own("batch_size.mean", metric("s.batch.mean"))
            .own("batch_rate", metric("s.batch.rate"))
            .own("batch_full.prob", metric(format!("s.batch.above_{}", most.saturating_sub(1)))),
    ])
}

/// A rate "a+b*sin(2*pi*t/c)" at several workers, from an empty start.
pub(super) fn sine(p: &Params) -> Maybe<Vec<View>> {
    let text = p.text("rate")?;
    let (mean, swing, period) = match crate::law::numbers(text)[..] {
        [mean, swing, _, period] if text.contains("sin") => (mean, swing, period),
        _ => return Err(format!("the rate `{text}`")),
    };
    let load = format!(
        "Diurnal(low: {:?}, high: {:?}, period: {}, phase: {})",
        mean - swing,
        mean + swing,
        span(period),
        span(period / 4.0)
    );
    let fields = format!("cpu: {}, ", p.count_or("workers", 1));
    let component = service("s", &fields, &format!("Compute({})", p.law_or("service", UNIT)?.ron()));
    let traffic = format!("\"u\": Open(to: \"s\", rate: {load})");
    let instants = (1..=400).map(|n| f64::from(n) * period / 4.0);
    let instants = instants.chain((1..=100).map(|n| f64::from(n) * 2.5)).chain((1..=200).map(f64::from));
    let view = |t: f64| {
        View::new(format!("t={t}"), Study::new(&traffic, &component, 1.0).terminating(t), "u", "s")
            .own(format!("jobs.mean_at_t[{t}]"), during("s.in_flight", t - 1e-3, t))
    };
    Ok(instants.map(view).collect())
}

/// A request that joins the tail again with a probability.
pub(super) fn feedback(p: &Params) -> Maybe<Vec<View>> {
    let (rate, again) = (p.number("arrival_rate")?, p.number("feedback")?);
    let law: Law = p.law_or("service", UNIT)?;
    let mean = law.mean();
    let step = format!("Repeat(while: {again:?}, steps: [Compute({})])", law.ron());
    let view = View::new("", Study::new(poisson("u", "s", rate, ""), service("s", "", &step), rate), "u", "s");
    let visits = move |v: &[f64]| v[0] / v[1] / mean;
    Ok(vec![view.own("visits.mean", of(["s.utilization".into(), "u.rate".into()], visits))])
}

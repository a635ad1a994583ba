//! One station with open arrivals.

use crate::case::Case;
use crate::law::{Law, span};
use crate::params::{Maybe, Params};
use crate::view::{Study, View, during, from, metric};

/// Exponential with mean 1, where the parameters do not say.
pub(super) const UNIT: Law = Law::Exp(1.0);

/// A service of one endpoint with some fields.
pub(super) fn service(name: &str, fields: &str, steps: &str) -> String {
    format!("\"{name}\": Service({fields}on: {{ \"x\": [{steps}] }})")
}

/// Poisson traffic.
pub(super) fn poisson(name: &str, to: &str, rate: f64, more: &str) -> String {
    format!("\"{name}\": Open(to: \"{to}\", rate: {rate:?}{more})")
}

/// The arrivals that the parameters describe: a rate, or a law of gaps; with the rate.
fn arrivals(p: &Params) -> Maybe<(String, f64)> {
    if !p.has("interarrival") {
        let rate = p.number("arrival_rate").or_else(|_| p.number("rate"))?;
        return Ok((poisson("u", "s", rate, ""), rate));
    }
    let gap = p.law("interarrival")?;
    let process = match gap {
        Law::Constant(_) => "Deterministic".to_owned(),
        ref gap => format!("Renewal({})", gap.ron()),
    };
    let rate = 1.0 / gap.mean();
    Ok((poisson("u", "s", rate, &format!(", arrivals: {process}")), rate))
}

/// The fields of a station of workers with room for so many in all.
fn workers(count: u32, capacity: Option<u32>, discipline: &str) -> Maybe<String> {
    let room = match capacity {
        Some(capacity) if capacity < count => return Err("room for at least as many as there are workers".into()),
        Some(capacity) => format!("concurrency: {count}, queue: {}, ", capacity - count),
        None => String::new(),
    };
    Ok(format!("cpu: {count}, discipline: {discipline}, {room}"))
}

/// One station, with a view for each number of workers or law of service.
pub(super) fn stations(p: &Params, discipline: &str) -> Maybe<Vec<View>> {
    let (traffic, rate) = arrivals(p)?;
    let service_law = p.law_or("service", UNIT)?;
    if p.text("workers").is_ok_and(|text| text == "unlimited") {
        return unlimited(&traffic, rate, &service_law);
    }
    let variants = match p.numbers("workers") {
        Ok(counts) => counts.into_iter().map(|count| (format!("workers={count}"), count as u32)).collect(),
        Err(_) => vec![(String::new(), p.count_or("workers", p.count_or("cores", 1)))],
    };
    let capacity = if p.has("capacity_total") { Some(p.count("capacity_total")?) } else { None };
    let view = |(tag, count): (String, u32)| {
        let station = service("s", &workers(count, capacity, discipline)?, &format!("Compute({})", service_law.ron()));
        let view = View::new(tag, Study::new(&traffic, station, rate), "u", "s");
        let state = |view: View, n: u32| view.own(format!("jobs.prob_eq_{n}"), metric(format!("s.in_flight.is_{n}")));
        Ok((0..=20).fold(view, state))
    };
    variants.into_iter().map(view).collect()
}

fn unlimited(traffic: &str, rate: f64, law: &Law) -> Maybe<Vec<View>> {
    let station = service("s", "", &format!("Wait({})", law.ron()));
    let steady = View::new("", Study::new(traffic, station.clone(), rate), "u", "s");
    let steady =
        steady.own("jobs.p99", metric("s.in_flight.p99")).own("jobs.prob_gt_30", metric("s.in_flight.above_30"));
    let mut views = vec![steady];
    views.extend(instants(traffic, &station, &[1.0, 2.0, 5.0, 10.0, 20.0]));
    Ok(views)
}

/// Numbers present at some instants after an empty start.
fn instants(traffic: &str, station: &str, instants: &[f64]) -> Vec<View> {
    let view = |t: &f64| {
        let study = Study::new(traffic, station, 1.0).terminating(*t);
        View::new(format!("t={t}"), study, "u", "s")
            .own(format!("jobs.mean_at_t[{t}]"), during("s.in_flight", t - 1e-3, *t))
    };
    instants.iter().map(view).collect()
}

/// M/M/1 from an empty start.
pub(super) fn transient(p: &Params) -> Maybe<Vec<View>> {
    let (traffic, _) = arrivals(p)?;
    let station = service("s", "", &format!("Compute({})", p.law_or("service", UNIT)?.ron()));
    Ok(instants(&traffic, &station, &[1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 100.0, 200.0]))
}

/// Constant gaps and constant work; a view for each work: never a wait, or a wait that grows by the same with each request.
pub(super) fn scripted(p: &Params) -> Maybe<Vec<View>> {
    let gap = p.law("interarrival")?.mean();
    let first = 10_000.0;
    let view = |law: Law| {
        let length = gap * (first + 0.5);
        let traffic = format!(
            "\"u\": Open(to: \"s\", rate: Steps([(\"0s\", {:?}), ({}, 0)]), arrivals: Deterministic)",
            1.0 / gap,
            span(length)
        );
        let station = service("s", "", &format!("Compute({})", law.ron()));
        let study = Study::new(traffic, station, 1.0 / gap).terminating(2.0 * length + 2.0 * first * law.mean());
        let work = law.mean();
        View::new(format!("service={work}"), study, "u", "s")
            .own(format!("wait.max[service={work}]"), metric("s.waiting.max"))
            .own(format!("wait.mean[service={work},first 10000]"), metric("s.waiting.mean"))
    };
    Ok(p.laws("service")?.into_iter().map(view).collect())
}

/// Disciplines that look at sizes.
pub(super) fn disciplines(p: &Params) -> Maybe<Vec<View>> {
    let (traffic, rate) = arrivals(p)?;
    let law = p.law_or("service", UNIT)?;
    let words = [
        ("SRPT", "ShortestRemaining"),
        ("PSJF", "ShortestFirst(preemptive: true)"),
        ("SJF", "ShortestFirst"),
        ("LAS", "LeastAttained"),
        ("FB", "LeastAttained"),
    ];
    let view = |(tag, discipline): (&str, &str)| {
        let station = service("s", &format!("discipline: {discipline}, "), &format!("Compute({})", law.ron()));
        View::new(tag, Study::new(&traffic, station, rate), "u", "s")
    };
    Ok(words.into_iter().map(view).collect())
}

/// A station behind a network of constant delay.
pub(super) fn network_delay(p: &Params) -> Maybe<Vec<View>> {
    let (traffic, rate) = arrivals(p)?;
    let station = service("s", "", &format!("Compute({})", p.law_or("service", UNIT)?.ron()));
    let edges = format!("edges: {{ \"u -> s\": (latency: {}) }}", span(p.number("one_way")?));
    Ok(vec![View::new("", Study::new(traffic, station, rate).more(edges), "u", "s")])
}

/// Only draws, each the latency of a request: the law that the parameters mean.
pub(super) fn sampler(p: &Params, cases: &[Case]) -> Maybe<Vec<View>> {
    if p.has("keys") {
        return super::cache::key_shares(p, cases);
    }
    let name = cases.first().map_or("", |case| case.model.as_str());
    let mean = p.number("mean");
    let law = match (mean, p.number("k"), p.number("scv"), p.number("shape"), p.number("alpha")) {
        (_, _, _, Ok(shape), _) if p.has("scale") => Law::Weibull(shape, p.number("scale")?),
        (_, _, _, _, Ok(alpha)) => {
            Law::Pareto(alpha, p.number("min").or(p.number("low"))?, p.number("high").or(p.number("max")).ok())
        }
        (Ok(mean), Ok(k), ..) => Law::Erlang(k as u32, mean),
        (Ok(mean), _, Ok(scv), ..) if name.contains("hyper") => {
            Law::parse(&format!("hyperexp2(mean={mean:?},scv={scv:?},balanced)"))?
        }
        (Ok(mean), _, Ok(scv), ..) if name.contains("gamma") => Law::Gamma(mean, scv),
        (Ok(mean), _, Ok(scv), ..) => Law::LogNormal(mean, scv),
        (Ok(mean), _, _, Ok(shape), _) if name.contains("weibull") => {
            Law::Weibull(shape, mean / libm::tgamma(1.0 + 1.0 / shape))
        }
        (Ok(mean), _, _, Ok(shape), _) => Law::Gamma(mean, 1.0 / shape),
        (Ok(mean), ..) => Law::Exp(mean),
        _ if p.has("law") => p.law("law")?,
        _ => return Err("a law".into()),
    };
    let station = service("s", "", &format!("Wait({})", law.ron()));
    Ok(vec![View::new("", Study::new(poisson("u", "s", 100.0, ""), station, 100.0), "u", "s")])
}

/// One pump, two kinds of vehicles, no waiting room.
pub(super) fn gas_station(p: &Params) -> Maybe<Vec<View>> {
    let (rate, cars) = (p.number("rate")?, p.number("cars")?);
    let work = format!("Choose([({cars:?}, [Compute(Exp(\"8s\"))]), ({:?}, [Compute(Exp(\"3s\"))])])", 1.0 - cars);
    let station = service("s", "concurrency: 1, queue: 0, ", &work);
    Ok(vec![View::new("", Study::new(poisson("u", "s", rate, ""), station, rate), "u", "s")])
}

/// Clients that give up while the server works on.
pub(super) fn client_timeout(p: &Params) -> Maybe<Vec<View>> {
    let rate = p.number("arrival_rate")?;
    let patience = span(p.number("timeout")?);
    let traffic = poisson("u", "s", rate, &format!(", timeout: {patience}"));
    let station = service("s", "", &format!("Compute({})", p.law_or("service", UNIT)?.ron()));
    let view = View::new("", Study::new(traffic, station, rate), "u", "s");
    let timeout = p.number("timeout")?;
    Ok(vec![
        view.own(format!("response.mean[client-observed, capped at {timeout}]"), metric("u.mean"))
            .own("success.prob", from("u.errors", |errors| 1.0 - errors)),
    ])
}

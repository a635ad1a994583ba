//! Several stations, one after the other or one inside the other.

use super::open::{UNIT, poisson, service};
use crate::law::Law;
use crate::params::{Maybe, Params};
use crate::view::{Study, View, metric, of};

/// Stations in series, each called by a front that takes no time.
pub(super) fn series(laws: &[Law], fields: &str) -> (String, String) {
    let names: Vec<String> = (1..=laws.len()).map(|n| format!("s{n}")).collect();
    let calls: Vec<String> = names.iter().map(|name| format!("Call(\"{name}\")")).collect();
    let mut components = vec![service("f", "", &calls.join(", "))];
    let station = |(name, law): (&String, &Law)| service(name, fields, &format!("Compute({})", law.ron()));
    components.extend(names.iter().zip(laws).map(station));
    (components.join(", "), "f".to_owned())
}

/// Views of the stations of a series: by number.
pub(super) fn numbered(study: &Study, count: usize) -> Vec<View> {
    let mut views = vec![View::new("", study.clone(), "u", "s1")];
    views.extend((1..=count).map(|n| View::new(n.to_string(), study.clone(), "u", &format!("s{n}"))));
    views
}

/// Stations in series with exponential service of the given rates.
pub(super) fn tandem(p: &Params) -> Maybe<Vec<View>> {
    let rate = p.number("arrival_rate")?;
    let laws: Vec<Law> = match p.numbers("rates") {
        Ok(rates) => rates.iter().map(|rate| Law::Exp(1.0 / rate)).collect(),
        Err(_) => p.numbers("means")?.iter().map(|mean| Law::Exp(*mean)).collect(),
    };
    let (components, to) = series(&laws, "");
    let study = Study::new(poisson("u", &to, rate, ""), components, rate).cost(laws.len() as f64);
    Ok(numbered(&study, laws.len()))
}

/// A cache server whose hits are drawn, then a database on a miss.
pub(super) fn hit_or_miss(p: &Params) -> Maybe<Vec<View>> {
    let (rate, hit) = (p.number("arrival_rate")?, p.number("hit")?);
    let (look_up, read) = (p.law_or("cache", Law::Exp(0.1))?, p.law_or("db", Law::Exp(0.6))?);
    let miss = format!("Call(\"cache\"), Maybe(p: {:?}, then: [Call(\"db\")])", 1.0 - hit);
    let components = [
        service("f", "", &miss),
        service("cache", "", &format!("Compute({})", look_up.ron())),
        service("db", "", &format!("Compute({})", read.ron())),
    ];
    let study = Study::new(poisson("u", "f", rate, ""), components.join(", "), rate).cost(2.0);
    Ok(vec![
        View::new("", study.clone(), "u", "cache"),
        View::new("db", study.clone(), "u", "db"),
        View::new("cache", study, "u", "cache"),
    ])
}

/// Stations in series, the first always with work to do; a worker who has done keeps its place until there is room further on: topics
/// of which the publisher waits for room.
pub(super) fn tandem_with_blocking(p: &Params) -> Maybe<Vec<View>> {
    let work = p.law_or("service", UNIT)?;
    let room = p.count("room_2")?.saturating_sub(1);
    let study = |stations: usize| {
        let topic = |n: usize| match n {
            1 => "\"t1\": (max_length: 20, overflow: DropOldest)".to_owned(),
            n => format!("\"t{n}\": (max_length: {room}, overflow: Block)"),
        };
        let topics: Vec<String> = (1..=stations).map(topic).collect();
        let station = |n: usize| {
            let onward = if n < stations { format!(", Publish(\"b.t{}\")", n + 1) } else { String::new() };
            format!("\"s{n}\": Consumers(of: \"b.t{n}\", handle: [Compute({}){onward}])", work.ron())
        };
        let consumers: Vec<String> = (1..=stations).map(station).collect();
        let rate = 20.0 / work.mean();
        let components = format!(
            "\"b\": Broker(topics: {{ {} }}), \"f\": Service(on: {{ \"x\": [Publish(\"b.t1\")] }}), {}",
            topics.join(", "),
            consumers.join(", ")
        );
        Study::new(poisson("u", "f", rate, ""), components, 0.6 / work.mean()).cost(10.0).settle(100.0 * work.mean())
    };
    let view = |tag: &str, stations: usize| {
        let last = metric(format!("s{stations}.throughput"));
        let name = if tag.is_empty() { "throughput".to_owned() } else { format!("throughput[{tag}]") };
        View::new(tag, study(stations), "u", "s1").own(name, last)
    };
    Ok(vec![view("", 2), view("three stations", 3)])
}

/// A request that finds the second station full is lost.
pub(super) fn tandem_with_loss(p: &Params) -> Maybe<Vec<View>> {
    let (rate, room) = (p.number("arrival_rate")?, p.count("room_2")?);
    let work = format!("Compute({})", p.law_or("service", UNIT)?.ron());
    let last = format!("concurrency: 1, queue: {}, ", room.saturating_sub(1));
    let components =
        [service("f", "", "Call(\"s1\"), Call(\"s2\")"), service("s1", "", &work), service("s2", &last, &work)];
    let study = Study::new(poisson("u", "f", rate, ""), components.join(", "), rate).cost(2.0);
    Ok(vec![View::new("", study, "u", "s2")])
}

/// Threads that are held while a connection is waited for and used.
pub(super) fn threads_and_connections(p: &Params) -> Maybe<Vec<View>> {
    let rate = p.number("arrival_rate")?;
    let (threads, connections) = (p.count("threads")?, p.count("connections")?);
    let (work, db) = (p.law("work")?, p.law("db")?);
    let components = [
        service("s", &format!("concurrency: {threads}, "), &format!("Wait({}), Call(\"db\")", work.ron())),
        service("db", "", &format!("Wait({})", db.ron())),
    ];
    let edges = format!("edges: {{ \"s -> db\": (pool: {connections}) }}");
    let study = Study::new(poisson("u", "s", rate, ""), components.join(", "), rate).more(edges.clone()).cost(2.0);
    // Always more users than threads: the most that goes through.
    let users = format!("\"u\": Closed(to: \"s\", users: {})", 2 * threads);
    let busy = Study::new(users, components.join(", "), rate).more(edges).cost(2.0);
    let slots = of(["s.in_flight".into(), "s.queue".into()], move |v| (v[0] - v[1]) / f64::from(threads));
    Ok(vec![
        View::new("", study.clone(), "u", "s").own("conn_wait.mean", metric("s -> db.pool_wait.mean")),
        View::new("threads", study, "u", "s").own("utilization", slots),
        View::new("saturated", busy, "u", "s").own("saturation_throughput", metric("u.goodput")),
    ])
}

/// Messages that are delivered again and then put aside.
pub(super) fn dead_letters(p: &Params) -> Maybe<Vec<View>> {
    let (rate, fail, most) = (p.number("rate")?, p.number("fail")?, p.count("max_deliveries")?);
    let components = format!(
        "\"f\": Service(on: {{ \"x\": [Publish(\"b.in\")] }}), \"b\": Broker(topics: {{ \"in\": (), \"dead\": () }}), \
         \"w\": Consumers(of: \"b.in\", threads: 1000, attempts: {most}, dead_letter: \"b.dead\", handle: [Call(\"t\"), Fail({fail:?})]), \
         \"t\": Service(on: {{ \"x\": [Wait(\"1ms\")] }})"
    );
    let study = Study::new(poisson("u", "f", rate, ""), components, rate).cost(3.0);
    let view = View::new("", study, "u", "w");
    Ok(vec![
        view.own("dead.prob", of(["b.dead.rate".into(), "b.in.rate".into()], |v| v[0] / v[1]))
            .own("dead.rate", metric("b.dead.rate"))
            .own("deliveries.mean", of(["t.arrivals".into(), "b.in.rate".into()], |v| v[0] / v[1])),
    ])
}

//! Sample paths: single requests, equal to the nanosecond.

use super::open::service;
use crate::case::ModelCases;
use crate::law::{numbers, span};
use crate::params::{Maybe, Params};
use crate::run;
use crate::view::{Study, View, split};
use archsim_experiment::trace::{Question, Trip, trace};
use serde_json::{Value, json};

/// All requests of a study in the order in which they were wanted; each source stands for one request or for a list of them.
fn trips(study: &Study, seconds: f64) -> Maybe<Vec<Trip>> {
    let mut model = run::model_for(study, seconds, 1)?;
    (model.terminating, model.run.warmup) = (true, archsim_experiment::core::Time::ZERO);
    let question = Question { slowest: 1_000_000, of: None, failed: false, replication: 0 };
    let mut trips = trace(&model, &question).map_err(|_| "requests to follow".to_owned())?;
    trips.sort_by_key(|trip| trip.number);
    Ok(trips)
}

/// Times that are whole nanoseconds, as the case writes them.
fn seconds(value: f64) -> Value {
    json!((value * 1e9).round() / 1e9)
}

/// When each was done, or how it ended otherwise.
fn completions(study: &Study, horizon: f64) -> Maybe<Vec<Value>> {
    let end = |trip: &Trip| match trip.outcome {
        "ok" => seconds(trip.wanted_s + trip.latency_s),
        outcome => json!(outcome),
    };
    Ok(trips(study, horizon)?.iter().map(end).collect())
}

/// Arrivals at listed instants.
fn replay(times: &[f64]) -> String {
    let times: Vec<String> = times.iter().map(|time| span(*time)).collect();
    format!("Replay([{}])", times.join(", "))
}

/// A source for each request, with an endpoint of its own work.
fn one_by_one(arrivals: &[f64], steps: &[String], priorities: &[f64], fields: &str) -> Study {
    let source = |(n, at): (usize, &f64)| {
        let priority = priorities.get(n).copied().unwrap_or(0.0);
        format!("\"u{n}\": Open(to: \"s.x{n}\", rate: {}, priority: {priority})", replay(&[*at]))
    };
    let traffic: Vec<String> = arrivals.iter().enumerate().map(source).collect();
    let endpoints: Vec<String> = steps.iter().enumerate().map(|(n, steps)| format!("\"x{n}\": [{steps}]")).collect();
    let station = format!("\"s\": Service({fields}on: {{ {} }})", endpoints.join(", "));
    Study::new(traffic.join(", "), station, 1.0)
}

/// A path of the family, by its parameters, and by its words where those decide.
pub(super) fn paths(p: &Params, model: &ModelCases) -> Maybe<Vec<View>> {
    let words = model.words.to_lowercase();
    if p.has("arrivals") && p.has("sizes") {
        return station(p, &words);
    }
    if p.has("trace") {
        return cache(p, model);
    }
    if p.has("times") {
        return time_to_live(p);
    }
    if p.has("burst") {
        return bucket(p, &words);
    }
    if p.has("timeout") && p.has("backoff") {
        return retry(p);
    }
    match () {
        () if words.contains("hedge") => hedge(),
        () if words.contains("linger") => linger(&words),
        () if words.contains("stopped during") => pause(&words),
        () if words.contains("threads") && words.contains("connection") => nested(),
        () if words.contains("round robin") => round_robin(&words),
        () => Err("a reading of this sample path".into()),
    }
}

/// The discipline that the words name.
fn discipline(words: &str) -> &'static str {
    let has = |word: &str| words.contains(word);
    match () {
        () if has("processor sharing") => "ProcessorSharing",
        () if has("lifo") && has("preemptive") && !has("non-preemptive") => "Lifo(preemptive: true)",
        () if has("lifo") => "Lifo",
        () if has("shortest remaining") => "ShortestRemaining",
        () if has("shortest") && has("non-preemptive") => "ShortestFirst",
        () if has("least attained") => "LeastAttained",
        () if has("priorit") && has("non-preemptive") => "Priority",
        () if has("priorit") => "Priority(preemptive: true)",
        () => "Fifo",
    }
}

fn station(p: &Params, words: &str) -> Maybe<Vec<View>> {
    let (arrivals, sizes) = (p.numbers("arrivals")?, p.numbers("sizes")?);
    let names = [("two workers", 2), ("three workers", 3), ("four workers", 4)];
    let named = names.iter().find(|(name, _)| words.contains(name)).map_or(1, |(_, count)| *count);
    let workers = p.count_or("workers", named);
    let room = match p.count("capacity_total") {
        Ok(room) => format!("concurrency: {workers}, queue: {}, ", room.saturating_sub(workers)),
        Err(_) => String::new(),
    };
    let fields = format!("cpu: {workers}, discipline: {}, {room}", discipline(words));
    let steps: Vec<String> = sizes.iter().map(|size| format!("Compute({})", span(*size))).collect();
    let study = one_by_one(&arrivals, &steps, &p.numbers("priority").unwrap_or_default(), &fields);
    let horizon = arrivals.iter().chain(&sizes).sum::<f64>() + 1.0;
    Ok(vec![View::new("", study, "u", "s").look("completions", move |study| completions(study, horizon))])
}

/// Look-ups of listed keys, one a second; a miss takes half a second.
fn look_ups(keys: &[u64], arrivals: &str, cache: &str) -> Study {
    let keys: Vec<String> = keys.iter().map(u64::to_string).collect();
    let components = format!(
        "\"c\": Cache(start_cold: true, {cache}), {}",
        service("s", "", "Cached(cache: \"c\", key: \"k\", miss: [Wait(\"1ms\")])")
    );
    Study::new(format!("\"u\": Open(to: \"s\", {arrivals})"), components, 1.0)
        .more(format!("keys: {{ \"k\": Replay([{}]) }}", keys.join(", ")))
}

/// Which look-ups hit.
fn hits(study: &Study, horizon: f64, most: usize) -> Maybe<Vec<Value>> {
    let hit = |trip: &Trip| json!(u8::from(trip.latency_s < 0.0005));
    Ok(trips(study, horizon)?.iter().take(most).map(hit).collect())
}

fn count(hits: &[Value]) -> Value {
    json!(hits.iter().filter_map(Value::as_u64).sum::<u64>())
}

fn cache(p: &Params, model: &ModelCases) -> Maybe<Vec<View>> {
    let keys: Vec<u64> = p.numbers("trace")?.iter().map(|key| *key as u64).collect();
    let words = model.words.to_uppercase();
    let policies = ["SIEVE", "CLOCK", "FIFO", "SLRU", "LFU", "ARC", "LIP", "LRU"];
    let optimum = words.contains("OPTIMUM") || words.contains("BELADY");
    let named = policies.into_iter().find(|policy| words.contains(&format!("POLICY {policy}")));
    let eviction = match named {
        _ if optimum => "Opt".to_owned(),
        Some("SLRU") => "Slru(protected: \"34%\")".to_owned(),
        Some(policy) => policy[..1].to_owned() + &policy[1..].to_lowercase(),
        None => return Err("an eviction policy in the words".into()),
    };
    let n = keys.len();
    let study = look_ups(
        &keys,
        "rate: 1, arrivals: Deterministic",
        &format!("entries: {}, eviction: {eviction}", p.count("capacity")?),
    );
    let horizon = n as f64 + 0.5;
    Ok(vec![
        View::new("", study, "u", "c")
            .look("hits", move |study| hits(study, horizon, n))
            .look("hit_count", move |study| Ok(vec![count(&hits(study, horizon, n)?)])),
    ])
}

fn time_to_live(p: &Params) -> Maybe<Vec<View>> {
    let times = p.numbers("times")?;
    let (n, horizon) = (times.len(), times.iter().fold(0.0, |a: f64, b| a.max(*b)) + 1.0);
    let view = |name: &str, refresh: bool| {
        // The entry is there from the instant of the miss: filling takes no time, and the miss is seen by its own latency after the fill.
        let cache = format!("ttl: {}, refresh: {refresh}", span(p.number_or("ttl", 3.0)));
        let study = look_ups(&[1], &format!("rate: {}", replay(&times)), &cache);
        let study = Study {
            components: study.components.replace("miss: [Wait(\"1ms\")]", "miss: [After([Wait(\"0s\")])]"),
            ..study
        };
        View::new(name, study, "u", "c").look(name, move |study| instant_hits(study, horizon, n))
    };
    Ok(vec![view("hits_no_refresh", false), view("hits_refresh", true)])
}

/// Hits where a miss takes no time: a miss has one more leg.
fn instant_hits(study: &Study, horizon: f64, most: usize) -> Maybe<Vec<Value>> {
    let trips = trips(study, horizon)?;
    let least = trips.iter().map(|trip| trip.legs.len()).min().unwrap_or(0);
    Ok(trips.iter().take(most).map(|trip| json!(u8::from(trip.legs.len() == least))).collect())
}

/// The numbers after a word.
fn after(words: &str, word: &str) -> Vec<f64> {
    let rest = words.split_once(word).map_or("", |(_, rest)| rest);
    let end = rest.find([':', ';', ']']).unwrap_or(rest.len());
    let sentence = rest[..end].split(". ").next().unwrap_or_default();
    numbers(sentence)
}

fn bucket(p: &Params, words: &str) -> Maybe<Vec<View>> {
    let times = p.numbers("times").unwrap_or_else(|_| after(words, "requests at"));
    let limit = format!("limit: TokenBucket(rate: {:?}, burst: {}), ", p.number("rate")?, p.count("burst")?);
    let study = Study::new(format!("\"u\": Open(to: \"s\", rate: {})", replay(&times)), service("s", &limit, ""), 1.0);
    let horizon = times.iter().fold(0.0, |a: f64, b| a.max(*b)) + 1.0;
    let admitted = move |study: &Study| {
        Ok(trips(study, horizon)?.iter().map(|trip| json!(u8::from(trip.outcome == "ok"))).collect())
    };
    Ok(vec![View::new("", study, "u", "s").look("admitted", admitted)])
}

fn retry(p: &Params) -> Maybe<Vec<View>> {
    let pauses: Vec<String> = p.numbers("backoff")?.iter().map(|pause| span(*pause)).collect();
    let edge = format!(
        "edges: {{ \"u -> s\": (timeout: {}, cancel: true, retry: (max: {}, backoff: List([{}]))) }}",
        span(p.number("timeout")?),
        pauses.len(),
        pauses.join(", ")
    );
    // The words fix the work: 3 for the first and second attempt, 0.5 for the third.
    let station = service("s", "cpu: 10, ", "Compute(Sequence([\"3s\", \"3s\", \"0.5s\"]))");
    let study = Study::new(format!("\"u\": Open(to: \"s\", rate: {})", replay(&[0.0])), station, 1.0).more(edge);
    let starts = |study: &Study| {
        let trips = trips(study, 100.0)?;
        let legs = trips.iter().flat_map(|trip| &trip.legs).filter(|leg| leg.component == "s");
        Ok(legs.map(|leg| seconds(leg.start_s)).collect())
    };
    let view = View::new("", study, "u", "s").look("attempt_starts", starts);
    Ok(vec![view.look("completion", |study| completions(study, 100.0))])
}

fn hedge() -> Maybe<Vec<View>> {
    // The words fix the numbers: A needs 5, a hedge after 2, B needs 1.5.
    let station = service("s", "replicas: 2, ", "Compute(Sequence([\"5s\", \"1.5s\"]))");
    let study = Study::new(format!("\"u\": Open(to: \"s\", rate: {})", replay(&[0.0])), station, 1.0)
        .more("edges: { \"u -> s\": (hedge: (after: \"2s\")) }");
    let busy = |nth: usize| {
        move |study: &Study| {
            let trips = trips(study, 100.0)?;
            let legs: Vec<_> = trips.iter().flat_map(|trip| &trip.legs).filter(|leg| leg.component == "s").collect();
            let duration = legs.get(nth).and_then(|leg| leg.duration_s).ok_or("a second copy")?;
            Ok(vec![seconds(duration)])
        }
    };
    let view = View::new("", study, "u", "s").look("completion", |study| completions(study, 100.0));
    Ok(vec![view.look("busy_a", busy(0)).look("busy_b", busy(1))])
}

fn linger(words: &str) -> Maybe<Vec<View>> {
    let arrivals = after(words, "messages at");
    let (linger, most) = match (after(words, "linger").first(), after(words, "max").first()) {
        (Some(linger), Some(most)) => (*linger, *most),
        _ => return Err("linger and size in the words".into()),
    };
    let step = format!("Batch(max: {most}, linger: {}, steps: [])", span(linger));
    let study =
        Study::new(format!("\"u\": Open(to: \"s\", rate: {})", replay(&arrivals)), service("s", "", &step), 1.0);
    let horizon = arrivals.iter().fold(0.0, |a: f64, b| a.max(*b)) + linger + 1.0;
    let sent = move |study: &Study| -> Maybe<Vec<(Value, u64)>> {
        let mut batches: Vec<(Value, u64)> = vec![];
        for time in completions(study, horizon)? {
            match batches.last_mut() {
                Some((last, size)) if *last == time => *size += 1,
                _ => batches.push((time, 1)),
            }
        }
        Ok(batches)
    };
    Ok(vec![
        View::new("", study, "u", "s")
            .look("send_times", move |study| Ok(sent(study)?.into_iter().map(|(time, _)| time).collect()))
            .look("sizes", move |study| Ok(sent(study)?.into_iter().map(|(_, size)| json!(size)).collect())),
    ])
}

fn pause(words: &str) -> Maybe<Vec<View>> {
    let (window, arrivals) = (after(words, "stopped during"), after(words, "arrivals"));
    let (from, to) = match window[..] {
        [from, to, ..] => (from, to),
        _ => return Err("the stop in the words".into()),
    };
    let size = after(words, "service").first().copied().unwrap_or(1.0);
    let steps = vec![format!("Compute({})", span(size)); arrivals.len()];
    let study = one_by_one(&arrivals, &steps, &[], "");
    let fault = format!("faults: [Pause(target: \"s\", at: {}, for: {})]", span(from), span(to - from));
    Ok(vec![View::new("", study.more(fault), "u", "s").look("completions", |study| completions(study, 100.0))])
}

fn nested() -> Maybe<Vec<View>> {
    // The words fix the numbers: two threads, one connection, three requests at once, work 1, then 2 on the connection.
    let study = one_by_one(&[0.0; 3], &vec!["Wait(\"1s\"), Call(\"db\")".to_owned(); 3], &[], "concurrency: 2, ");
    let components = format!("{}, {}", study.components, service("db", "", "Wait(\"2s\")"));
    let study = Study { components, ..study }.more("edges: { \"s -> db\": (pool: 1) }");
    Ok(vec![View::new("", study, "u", "s").look("completions", |study| completions(study, 100.0))])
}

fn round_robin(words: &str) -> Maybe<Vec<View>> {
    let _ = words;
    let components =
        format!("\"lb\": LoadBalancer(targets: [\"s\"]), {}", service("s", "replicas: 3, ", "Wait(\"0s\")"));
    let study = Study::new(
        format!("\"u\": Open(to: \"lb\", rate: {})", replay(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])),
        components,
        1.0,
    );
    let assigned = |study: &Study| {
        let place = |trip: &Trip| trip.legs.iter().find(|leg| leg.component == "s").map(|leg| leg.instance - 1);
        Ok(trips(study, 10.0)?.iter().map(|trip| json!(place(trip))).collect())
    };
    let view = View::new("", study, "u", "s").look("first", assigned);
    Ok(vec![view.lacks("then", "a server that is taken out of a group while running")])
}

/// The trace of keys that the words define.
fn generated_keys(requests: u32) -> Vec<u64> {
    let mut state: u64 = 12345;
    let mut draw = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % 1000
    };
    let key = |i: u64, least: u64| {
        let place = i % 5000;
        if place >= 4500 { 1000 + 500 * (i / 5000) + place - 4500 } else { least }
    };
    (0..u64::from(requests)).map(|i| key(i, draw().min(draw()).min(draw()))).collect()
}

/// Hits of each policy on a generated trace.
pub(super) fn generated(p: &Params, model: &ModelCases) -> Maybe<Vec<View>> {
    let (entries, requests) = (p.count("capacity")?, p.count("requests")?);
    let keys = generated_keys(requests);
    let first: Vec<u64> = p.numbers("first_keys").unwrap_or_default().iter().map(|key| *key as u64).collect();
    if !keys.starts_with(&first) {
        return Err("another trace of keys".into());
    }
    let view = |case: &crate::case::Case| {
        let tag = split(&case.quantity).1;
        let eviction = match tag {
            "LRU" => "Lru",
            "FIFO" => "Fifo",
            "CLOCK" => "Clock",
            "SIEVE" => "Sieve",
            "LFU" => "Lfu",
            "SLRU" => "Slru(protected: \"80%\")",
            "ARC" => "Arc",
            "OPT" => "Opt",
            "LRU+TTL" => "Lru, ttl: \"300s\"",
            "LRU+TTL refresh" => "Lru, ttl: \"300s\", refresh: true",
            _ => return View::new(tag, Study::default(), "u", "c").lacks(&case.quantity, format!("the policy {tag}")),
        };
        let study =
            look_ups(&keys, "rate: 1, arrivals: Deterministic", &format!("entries: {entries}, eviction: {eviction}"));
        let study = Study { components: study.components.replace("miss: [Wait(\"1ms\")]", "miss: []"), ..study };
        let study = study.terminating(f64::from(requests) + 0.5);
        let of_all = f64::from(requests);
        View::new(tag, study, "u", "c")
            .own(&case.quantity, crate::view::from("c.hit_ratio", move |ratio| (ratio * of_all).round()))
    };
    Ok(model.cases.iter().map(view).collect())
}

/// A backlog and steady arrivals: until nobody is left.
pub(super) fn backlog(p: &Params) -> Maybe<Vec<View>> {
    let (backlog, gap, work) = (p.count("backlog")?, p.number("arrivals_ms")?, p.number("service_ms")?);
    let drained = f64::from(backlog) * work * 1e-3 / (1.0 - work / gap).max(1e-3) + 1.0;
    let traffic = format!(
        "\"b\": Open(to: \"s\", rate: {}, batch: {backlog}), \"u\": Open(to: \"s\", rate: {:?}, arrivals: Deterministic)",
        replay(&[0.0]),
        1000.0 / gap
    );
    let study = Study::new(traffic, service("s", "", &format!("Compute({})", span(work * 1e-3))), 1.0);
    let empty = move |study: &Study| -> Maybe<(f64, usize)> {
        let mut spans: Vec<(f64, f64)> = vec![];
        for trip in trips(study, drained)? {
            spans.push((trip.wanted_s, trip.wanted_s + trip.latency_s));
        }
        spans.sort_by(|a, b| a.1.total_cmp(&b.1));
        let next = |index: usize| spans.get(index + 1).map_or(f64::INFINITY, |next| next.0);
        // First in, first out: nobody is present when the next to end has not come yet.
        let found =
            (0..spans.len()).find(|index| next(*index) > spans[*index].1 + 1e-9).ok_or("an end of the backlog")?;
        Ok((spans[found].1, found + 1))
    };
    Ok(vec![
        View::new("", study, "u", "s")
            .look("drain_time_s", move |study| Ok(vec![seconds(empty(study)?.0)]))
            .look("completed", move |study| Ok(vec![json!(empty(study)?.1)])),
    ])
}

//! Retries, limits, breakers, hedges.

use super::open::{UNIT, poisson, service};
use crate::law::span;
use crate::params::{Maybe, Params};
use crate::view::{Study, View, from, metric, of};

/// Pauses given one by one.
fn pauses(pauses: &[f64], jitter: &str) -> String {
    let list: Vec<String> = pauses.iter().map(|pause| span(*pause)).collect();
    format!("List(pauses: [{}]{jitter})", list.join(", "))
}

/// Attempts that fail independently, with pauses between them.
pub(super) fn retries(p: &Params) -> Maybe<Vec<View>> {
    let (rate, fail) = (p.number("arrival_rate")?, p.number("fail")?);
    let further = p.count("max_attempts")?.saturating_sub(1);
    let station = service("s", "", &format!("Wait({}), Fail({fail:?})", p.law_or("service", UNIT)?.ron()));
    let study = |jitter: &str| -> Maybe<Study> {
        let backoff = pauses(&p.numbers("backoff")?, jitter);
        let edges = format!("edges: {{ \"u -> s\": (retry: (max: {further}, backoff: {backoff})) }}");
        Ok(Study::new(poisson("u", "s", rate, ""), station.clone(), rate).more(edges))
    };
    Ok(vec![
        View::new("", study("")?, "u", "s")
            .own("attempts.mean", metric("u -> s.amplification"))
            .own("attempt_rate", metric("u -> s.attempts"))
            .own("success.prob", from("u.errors", |errors| 1.0 - errors)),
        View::new("full jitter, success", study(", jitter: Full")?, "u", "s").own("response.mean", metric("u.ok.mean")),
    ])
}

/// A token bucket that rejects what it has no token for.
pub(super) fn bucket(p: &Params) -> Maybe<Vec<View>> {
    let (rate, tokens, burst) = (p.number("arrival_rate")?, p.number("token_rate")?, p.count("burst")?);
    let station = format!("\"s\": External(latency: \"0s\", limit: {tokens:?}, burst: {burst})");
    let view = View::new("", Study::new(poisson("u", "s", rate, ""), station, rate), "u", "s");
    Ok(vec![view.own("reject.prob", of(["s.rejected".into()], |v| v[0]))])
}

/// A limiter before a service that takes no time.
fn limited(p: &Params, limit: &str) -> Maybe<View> {
    let rate = p.number("arrival_rate")?;
    let station = service("s", &format!("limit: {limit}, "), "");
    Ok(View::new("", Study::new(poisson("u", "s", rate, ""), station, rate), "u", "s"))
}

/// A token bucket whose requests wait for their token.
pub(super) fn delaying_bucket(p: &Params) -> Maybe<Vec<View>> {
    let (tokens, burst) = (p.number("token_rate")?, p.count("burst")?);
    let view = limited(p, &format!("TokenBucket(rate: {tokens:?}, burst: {burst}, excess: Wait)"))?;
    let view =
        view.own("delay.prob_positive", metric("s.waiting.positive")).own("delay.mean", metric("s.waiting.mean"));
    let word = |view: View, word: &str| {
        view.own(format!("delay.{word}"), metric(format!("s.waiting.{}", word.replace('.', ""))))
    };
    Ok(vec![["p50", "p90", "p95", "p99", "p99.9"].into_iter().fold(view, word)])
}

/// So many in each aligned window.
pub(super) fn window(p: &Params) -> Maybe<Vec<View>> {
    let (limit, window) = (p.count("limit")?, span(p.number("window")?));
    Ok(vec![limited(p, &format!("FixedWindow(requests: {limit}, window: {window})"))?])
}

/// Poisson requests that are tried again, at a station with some fields.
fn retried(p: &Params, fields: &str, retry: &str) -> Maybe<View> {
    let rate = p.number("arrival_rate")?;
    let station = service("s", fields, &format!("Compute({})", p.law_or("service", UNIT)?.ron()));
    let edges = format!("edges: {{ \"u -> s\": (retry: (max: Unlimited{retry})) }}");
    let view = View::new("", Study::new(poisson("u", "s", rate, ""), station, rate).more(edges).cost(2.0), "u", "s");
    Ok(view
        .own("attempts.mean", metric("u -> s.amplification"))
        .own("orbit.mean", metric("u -> s.retrying"))
        .own("giveup.prob", metric("u.errors"))
        .own("block.prob[per attempt]", metric("s.rejected")))
}

/// One worker, no queue; who finds it busy tries again until it is served.
pub(super) fn orbit(p: &Params) -> Maybe<Vec<View>> {
    let backoff = p.law("backoff")?.ron();
    Ok(vec![retried(p, "concurrency: 1, queue: 0, ", &format!(", backoff: Random({backoff})"))?])
}

/// Rejected attempts come back with a probability.
pub(super) fn storm(p: &Params) -> Maybe<Vec<View>> {
    let (room, again, backoff) = (p.count("capacity_total")?, p.number("retry_probability")?, p.law("backoff")?.ron());
    let workers = p.count_or("workers", 1);
    let fields = format!("cpu: {workers}, concurrency: {workers}, queue: {}, ", room.saturating_sub(workers));
    Ok(vec![retried(p, &fields, &format!(", p: {again:?}, backoff: Random({backoff})"))?])
}

/// Who loses patience in the queue joins its tail again with a probability.
pub(super) fn impatient_retries(p: &Params) -> Maybe<Vec<View>> {
    let (patience, again) = (p.law("patience")?.ron(), p.number("retry_probability")?);
    Ok(vec![retried(p, &format!("patience: {patience}, "), &format!(", p: {again:?}"))?])
}

/// A second copy when the first takes too long.
pub(super) fn hedges(p: &Params) -> Maybe<Vec<View>> {
    let (law, after) = (p.law("copy")?, p.number("hedge_after")?);
    let station = service("s", "replicas: 2, ", &format!("Wait({})", law.ron()));
    let edges = format!("edges: {{ \"u -> s\": (hedge: (after: {})) }}", span(after));
    let view = View::new("", Study::new(poisson("u", "s", 10.0, ""), station, 10.0).more(edges).cost(2.0), "u", "s");
    Ok(vec![
        view.own("hedge.prob", from("u -> s.amplification", |attempts| attempts - 1.0))
            .own("work.mean", of(["s.in_flight".into(), "u.rate".into()], |v| v[0] / v[1])),
    ])
}

/// Copies of every request to several servers; the first to complete removes the others.
pub(super) fn copies(p: &Params) -> Maybe<Vec<View>> {
    let (rate, servers, copies) = (p.number("arrival_rate")?, p.count("servers")?, p.count("copies")?);
    let fields = format!("replicas: {servers}, ");
    let station = service("s", &fields, &format!("Compute({})", p.law_or("service", UNIT)?.ron()));
    let edges = format!("edges: {{ \"u -> s\": (copies: (count: {copies}), balance: Random) }}");
    let study = Study::new(poisson("u", "s", rate, ""), station, rate).more(edges).cost(f64::from(copies));
    Ok(vec![View::new("", study, "u", "s")])
}

/// Calls that fail independently, behind a breaker.
pub(super) fn breaker(p: &Params) -> Maybe<Vec<View>> {
    let (rate, fail) = (p.number("rate")?, p.number("fail")?);
    let (threshold, open) = (p.count("threshold")?, p.number("open")?);
    let station = service("s", "", &format!("Fail({fail:?})"));
    let edges = format!("edges: {{ \"u -> s\": (breaker: (failures: {threshold}, open_for: {})) }}", span(open));
    let view = View::new("", Study::new(poisson("u", "s", rate, ""), station, rate).more(edges), "u", "s");
    Ok(vec![
        view.own("rejected.fraction", of(["s.arrivals".into(), "u.rate".into()], |v| 1.0 - v[0] / v[1]))
            .own("open.time_fraction", metric("u -> s.open"))
            .own("opens.rate", metric("u -> s.opens")),
    ])
}

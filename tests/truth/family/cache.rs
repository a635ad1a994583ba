//! Caches, keys and shards.

use super::open::{UNIT, poisson, service};
use crate::case::Case;
use crate::law::Law;
use crate::params::{Maybe, Params};
use crate::view::{Study, View, from, metric, split};

/// Look-ups of independent keys, one a second.
fn look_ups(keys: &str, cache: &str, more: &str, rate: f64) -> Study {
    let components =
        format!("{}, \"c\": Cache({cache})", service("f", "", "Cached(cache: \"c\", key: \"k\", miss: [])"));
    Study::new(poisson("u", "f", rate, more), components, rate).more(format!("keys: {{ \"k\": {keys} }}")).cost(2.0)
}

/// The eviction policy of a tag.
fn eviction(tag: &str) -> Maybe<String> {
    let inner = crate::law::numbers(tag);
    Ok(match tag.split('(').next().unwrap_or(tag) {
        "LRU" => "Lru".into(),
        "FIFO" => "Fifo".into(),
        "RANDOM" => "Random".into(),
        "CLOCK" => "Clock".into(),
        "SIEVE" => "Sieve".into(),
        "LFU" => "Lfu".into(),
        "perfect LFU" => "PerfectLfu".into(),
        "LIP" => "Lip".into(),
        "ARC" => "Arc".into(),
        "SLRU" if inner.len() == 2 => format!("Slru(protected: {:?})", inner[1] / (inner[0] + inner[1])),
        "sampled-LRU" if inner.len() == 1 => format!("SampledLru(samples: {})", inner[0]),
        _ => return Err(format!("the eviction policy {tag}")),
    })
}

/// A view for each policy that a quantity names.
pub(super) fn independent_references(p: &Params, cases: &[Case]) -> Maybe<Vec<View>> {
    let (items, entries) = (p.count("keys")?, p.count("capacity")?);
    let keys = format!("Zipf(items: {items}, s: {:?})", p.number_or("zipf", 0.0));
    let view = |case: &Case| {
        let tag = split(&case.quantity).1;
        let eviction = match eviction(tag) {
            Ok(eviction) => eviction,
            Err(lacking) => return View::new(tag, Study::default(), "u", "c").lacks(&case.quantity, lacking),
        };
        let cache = format!("entries: {entries}, eviction: {eviction}, start_cold: true");
        View::new(tag, look_ups(&keys, &cache, "", 1000.0), "u", "c").own("hit.ratio", metric("c.hit_ratio"))
    };
    Ok(cases.iter().map(view).collect())
}

/// One key that lives for a while, from the fill or from the last hit.
pub(super) fn time_to_live(p: &Params) -> Maybe<Vec<View>> {
    let (rate, ttl) = (p.number("rate")?, p.number("ttl")?);
    let view = |tag: &str, more: &str| {
        let cache = format!("ttl: {}, start_cold: true{more}", crate::law::span(ttl));
        View::new(tag, look_ups("Uniform(items: 1)", &cache, "", rate), "u", "c")
            .own("hit.ratio", metric("c.hit_ratio"))
            .own("origin_rate", from("c.hit_ratio", move |hits| rate * (1.0 - hits)))
    };
    Ok(vec![view("no refresh", ""), view("refresh", ", refresh: true")])
}

/// Shards by the rest of the key's number; the first shard is the busiest.
pub(super) fn shards(p: &Params) -> Maybe<Vec<View>> {
    let (rate, shards) = (p.number("arrival_rate")?, p.count("shards")?);
    let keys = format!("keys: {{ \"k\": Zipf(items: {}, s: {:?}) }}", p.count("keys")?, p.number_or("zipf", 0.0));
    let law = p.law_or("service", UNIT)?.ron();
    let store = format!(
        "\"s\": Database(shards: {shards}, shard_by: \"k\", sharding: Modulo, ops: {{ \"read\": Read({law}) }})"
    );
    let study = Study::new(poisson("u", "s", rate, ""), store, rate).more(keys);
    Ok(vec![
        View::new("", study.clone(), "u", "s"),
        View::new("shard 0", study, "u", "s")
            .own("utilization", metric("s.utilization.worst"))
            .lacks("response.mean", "times of one shard as a metric"),
    ])
}

/// Reads at a replica that lags behind: (a) always the same lag, (b) exponential.
pub(super) fn replica_lag(p: &Params) -> Maybe<Vec<View>> {
    let (rate, lag) = (p.number("write_rate")?, p.number("lag")?);
    let view = |tag: &str, lag: Law| {
        let store = format!(
            "\"s\": Database(read_replicas: 1, replication: Async(lag: {}), reads: Replica, shard_by: \"k\", \
             ops: {{ \"write\": Write(\"0s\"), \"read\": Read(\"0s\") }})",
            lag.ron()
        );
        let traffic = format!("{}, {}", poisson("w", "s.write", rate, ""), poisson("u", "s.read", rate, ""));
        let study = Study::new(traffic, store, 2.0 * rate).more("keys: { \"k\": Uniform(items: 1) }").cost(3.0);
        View::new(tag, study, "u", "s").own("stale.prob", metric("s.stale"))
    };
    Ok(vec![view("a", Law::Constant(lag)), view("b", Law::Exp(lag))])
}

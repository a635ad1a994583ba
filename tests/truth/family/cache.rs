//! Caches, keys and shards.

use super::open::{UNIT, poisson, service};
use crate::case::Case;
use crate::law::Law;
use crate::params::{Maybe, Params};
use crate::view::{Reading, Study, View, from, metric, split};
use std::sync::Arc;

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
    Ok(vec![View::new("", study.clone(), "u", "s"), shard(0, study)])
}

/// One of the shards.
fn shard(number: u32, study: Study) -> View {
    let tag = format!("shard {number}");
    let own = |quantity: &str| format!("{quantity}[{tag}]");
    let view = View::new(tag.clone(), study, "u", "s")
        .own(own("utilization"), metric(format!("s[{number}].utilization")))
        .own(own("throughput"), metric(format!("s[{number}].throughput")));
    ["mean", "p50", "p95", "p99", "p99.9"].into_iter().fold(view, |view, word| {
        let name = word.replace('.', "");
        let view = view.own(own(&format!("response.{word}")), metric(format!("s[{number}].sojourn.{name}")));
        view.own(own(&format!("wait.{word}")), metric(format!("s[{number}].waiting.{name}")))
    })
}

/// Only draws of keys: the share of the requests that each of as many shards gets.
pub(super) fn key_shares(p: &Params, cases: &[Case]) -> Maybe<Vec<View>> {
    let items = p.count("keys")?;
    let keys = format!("keys: {{ \"k\": Zipf(items: {items}, s: {:?}) }}", p.number_or("exponent", 0.0));
    let store = format!(
        "\"s\": Database(shards: {items}, shard_by: \"k\", sharding: Modulo, ops: {{ \"read\": Read(\"0s\") }})"
    );
    let study = Study::new(poisson("u", "s", 100.0, ""), store, 100.0).more(keys).cost(3.0);
    let view = |view: View, case: &Case| {
        let ranks = crate::law::numbers(&split(&case.quantity).1.replace("..", " "));
        let (Some(&first), Some(&last)) = (ranks.first(), ranks.last()) else { return view };
        let shards = (first.max(1.0) as u32..=last.min(f64::from(items)) as u32).map(|rank| rank - 1);
        let metrics = shards.map(|shard| (format!("s[{shard}].share"), None)).collect();
        view.own(&case.quantity, Reading { metrics, formula: Arc::new(|shares| shares.iter().sum()) })
    };
    Ok(vec![cases.iter().fold(View::new("", study, "u", "s"), view)])
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

//! Numbers and rules that the file does not give.

use super::{Assumption, Entry, components};
use archsim_models::spec::TrafficSpec;
use archsim_models::{Kind, Setup};
use std::collections::BTreeMap;

/// What the file leaves to defaults, those without a source first.
pub(super) fn assumed(setup: &Setup) -> Vec<Assumption> {
    let mut all: Vec<Assumption> = sizes(setup).into_iter().chain(rules(setup)).flatten().collect();
    all.extend(presets(setup));
    all.sort_by_key(|assumption| assumption.source.is_some());
    all
}

fn ours(entry: Option<Entry>) -> Option<Assumption> {
    entry.map(|entry| Assumption { entry, source: None })
}

fn sourced(entry: Option<Entry>, source: &str) -> Option<Assumption> {
    entry.map(|entry| Assumption { entry, source: Some(source.to_owned()) })
}

fn sizes(setup: &Setup) -> Vec<Option<Assumption>> {
    let one_core = |kind: &Kind| match kind {
        Kind::Service(service) => service.cpu.is_none(),
        Kind::Consumers(consumers) => consumers.cpu.is_none(),
        _ => false,
    };
    let one_worker = |kind: &Kind| match kind {
        Kind::Database(database) => database.workers.is_none(),
        Kind::Cache(cache) => cache.workers.is_none() && cache.time.is_some(),
        _ => false,
    };
    let endless = |kind: &Kind| matches!(kind, Kind::Cache(c) if c.hit_ratio.is_none() && c.entries.is_none());
    let eternal = |kind: &Kind| matches!(kind, Kind::Cache(c) if c.hit_ratio.is_none() && c.ttl.is_none());
    let primary = |kind: &Kind| matches!(kind, Kind::Database(d) if d.reads.is_none() && d.read_replicas.is_some());
    vec![
        ours(Entry::at("one core each", components(setup, one_core))),
        ours(Entry::at("one worker each", components(setup, one_worker))),
        ours(Entry::at("room for every value", components(setup, endless))),
        ours(Entry::at("values that live for ever", components(setup, eternal))),
        ours(Entry::at("reads that all go to the primary", components(setup, primary))),
    ]
}

fn rules(setup: &Setup) -> Vec<Option<Assumption>> {
    let poisson = |spec: &TrafficSpec| matches!(spec, TrafficSpec::Open(open) if open.arrivals.is_none());
    let sources = setup.traffic.iter().filter(|(_, spec)| poisson(spec)).map(|(name, _)| name.clone()).collect();
    let in_order = |kind: &Kind| matches!(kind, Kind::Service(service) if service.discipline.is_none());
    let in_turn = |kind: &Kind| matches!(kind, Kind::LoadBalancer(balancer) if balancer.policy.is_none());
    let oldest = |kind: &Kind| matches!(kind, Kind::Cache(c) if c.hit_ratio.is_none() && c.eviction.is_none());
    vec![
        ours(Entry::at("first come, first served at the cores", components(setup, in_order))),
        ours(Entry::at("eviction of what was used longest ago", components(setup, oldest))),
        sourced(
            Entry::at("independent users (Poisson arrivals)", sources),
            "many independent users together are nearly Poisson: Palm-Khintchine theorem",
        ),
        sourced(
            Entry::at("balancing in turn", components(setup, in_turn)),
            "the default of nginx (ngx_http_upstream_module) and of Envoy (lb_policy)",
        ),
    ]
}

/// One entry for each preset, with the components that use it.
fn presets(setup: &Setup) -> Vec<Assumption> {
    let mut used: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, kind) in &setup.components {
        kind.preset().into_iter().for_each(|preset| used.entry(&preset.value).or_default().push(name.clone()));
    }
    let assumption = |(preset, places): (&str, Vec<String>)| Assumption {
        entry: Entry { what: format!("numbers of preset `{preset}`"), places },
        source: Some(format!("each number's source: archsim kinds preset {preset}")),
    };
    used.into_iter().map(assumption).collect()
}

//! Numbers and rules that the file does not give.

use super::{Assumption, Entry, components, computes, edges};
use crate::model::Model;
use archsim_models::kind::database::DatabaseSpec;
use archsim_models::spec::TrafficSpec;
use archsim_models::{Kind, Setup};
use std::collections::BTreeMap;

/// What the file leaves to defaults, those without a source first.
pub(super) fn assumed(model: &Model) -> Vec<Assumption> {
    let setup = &model.setup;
    let all = sizes(setup).into_iter().chain(rules(setup)).chain([any_replica(model), oldest_message(setup)]);
    let mut all: Vec<Assumption> = all.flatten().collect();
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
        Kind::Service(service) => service.cpu.is_none() && computes(kind),
        Kind::Consumers(consumers) => consumers.cpu.is_none() && computes(kind),
        _ => false,
    };
    let one_worker = |kind: &Kind| match kind {
        Kind::Database(database) => database.workers.is_none(),
        Kind::Cache(cache) => cache.workers.is_none() && cache.time.is_some(),
        _ => false,
    };
    let single = |kind: &Kind| match kind {
        Kind::Service(service) => service.replicas.is_none(),
        Kind::Cache(cache) => cache.shards.is_none(),
        Kind::Database(database) => database.shards.is_none(),
        Kind::Broker(broker) => broker.nodes.is_none(),
        Kind::Consumers(consumers) => consumers.members.is_none(),
        Kind::LoadBalancer(_) | Kind::External(_) => false,
    };
    let open = |kind: &Kind| matches!(kind, Kind::Service(service) if service.concurrency.is_none());
    let one_thread = |kind: &Kind| matches!(kind, Kind::Consumers(consumers) if consumers.threads.is_none());
    let one_try = |kind: &Kind| matches!(kind, Kind::Consumers(consumers) if consumers.attempts.is_none());
    let at_once = |kind: &Kind| {
        let copied = |database: &DatabaseSpec| database.read_replicas.is_some() && database.replication.is_none();
        matches!(kind, Kind::Database(database) if copied(database))
    };
    let endless = |kind: &Kind| matches!(kind, Kind::Cache(c) if c.hit_ratio.is_none() && c.entries.is_none());
    let eternal = |kind: &Kind| matches!(kind, Kind::Cache(c) if c.hit_ratio.is_none() && c.ttl.is_none());
    let primary = |kind: &Kind| matches!(kind, Kind::Database(d) if d.reads.is_none() && d.read_replicas.is_some());
    vec![
        ours(Entry::at("one instance", components(setup, single))),
        ours(Entry::at("one core each", components(setup, one_core))),
        ours(Entry::at("one worker each", components(setup, one_worker))),
        ours(Entry::at("any number of requests in progress", components(setup, open))),
        ours(Entry::at("one thread for each member", components(setup, one_thread))),
        ours(Entry::at("messages that are given up at the first failure", components(setup, one_try))),
        ours(Entry::at("writes that reach read replicas with no delay but their own work", components(setup, at_once))),
        ours(Entry::at("room for every value", components(setup, endless))),
        ours(Entry::at("values that live for ever", components(setup, eternal))),
        ours(Entry::at("reads that all go to the primary", components(setup, primary))),
    ]
}

fn rules(setup: &Setup) -> Vec<Option<Assumption>> {
    let poisson = |spec: &TrafficSpec| matches!(spec, TrafficSpec::Open(open) if open.arrivals.is_none());
    let sources = setup.traffic.iter().filter(|(_, spec)| poisson(spec)).map(|(name, _)| name.clone()).collect();
    let in_order = |kind: &Kind| match kind {
        Kind::Service(service) => service.discipline.is_none() && computes(kind),
        Kind::Consumers(consumers) => consumers.discipline.is_none() && computes(kind),
        Kind::Database(database) => database.discipline.is_none(),
        Kind::Cache(cache) => cache.discipline.is_none() && cache.time.is_some(),
        Kind::LoadBalancer(_) | Kind::Broker(_) | Kind::External(_) => false,
    };
    let hasty = |spec: &TrafficSpec| matches!(spec, TrafficSpec::Closed(closed) if closed.think.is_none());
    let hasty = setup.traffic.iter().filter(|(_, spec)| hasty(spec)).map(|(name, _)| name.clone()).collect();
    let in_turn = |kind: &Kind| matches!(kind, Kind::LoadBalancer(balancer) if balancer.policy.is_none());
    let oldest = |kind: &Kind| matches!(kind, Kind::Cache(c) if c.hit_ratio.is_none() && c.eviction.is_none());
    vec![
        ours(Entry::at("first come, first served at cores and workers", components(setup, in_order))),
        ours(Entry::at("users who ask again as soon as they have an answer", hasty)),
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

/// Calls to several replicas with nothing that chooses among them: neither a balancer nor `balance`.
fn any_replica(model: &Model) -> Option<Assumption> {
    let kind = |component: u32| model.setup.components.get(component as usize).map(|(_, kind)| kind);
    let several = |callee: u32| matches!(kind(callee), Some(kind @ Kind::Service(_)) if kind.instance_count() > 1);
    let balanced = |caller: u32| matches!(kind(caller), Some(Kind::LoadBalancer(_)));
    let places = edges(model, |edge, spec| several(edge.callee) && !balanced(edge.caller) && spec.balance.is_none());
    ours(Entry::at("each call goes to a random replica", places))
}

/// Topics with a limit that do not say what happens at it.
fn oldest_message(setup: &Setup) -> Option<Assumption> {
    let silent = |(name, kind): &(String, Kind)| match kind {
        Kind::Broker(broker) => {
            let topics = broker.topics.0.iter().filter(|(_, t)| t.max_length.is_some() && t.overflow.is_none());
            topics.map(|(topic, _)| format!("{name}.{}", topic.value)).collect()
        }
        _ => vec![],
    };
    let places = setup.components.iter().flat_map(silent).collect();
    sourced(
        Entry::at("a full topic drops the message that has waited longest", places),
        "drop-head, the default of RabbitMQ (manual, \"Queue Length Limit\")",
    )
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

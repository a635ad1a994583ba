//! What of the real system is in the model.

use super::{Entry, components, computes, edges, has_step};
use crate::model::Model;
use archsim_core::Time;
use archsim_models::Kind;
use archsim_models::kind::broker::Overflow;
use archsim_models::kind::database::{DatabaseSpec, Replication};
use archsim_models::plan::TopicPlan;
use archsim_models::spec::{LoadSpec, Step, TrafficSpec};

/// The mechanisms that are at work, those of users first.
pub(super) fn modelled(model: &Model) -> Vec<Entry> {
    let mut entries: Vec<Option<Entry>> = traffic(model);
    entries.extend(machines(model));
    entries.extend(full_topics(model));
    entries.extend(calls(model));
    entries.push(Entry::at("faults", model.faults.iter().map(|fault| fault.label.clone()).collect()));
    entries.into_iter().flatten().collect()
}

fn traffic(model: &Model) -> Vec<Option<Entry>> {
    let sources = |holds: &dyn Fn(&TrafficSpec) -> bool| {
        model.setup.traffic.iter().filter(|(_, spec)| holds(spec)).map(|(name, _)| name.clone()).collect()
    };
    let shape = |spec: &TrafficSpec, constant: bool| match spec {
        TrafficSpec::Open(open) => matches!(open.rate.value, LoadSpec::Constant(_)) == constant,
        TrafficSpec::Closed(_) => false,
    };
    vec![
        Entry::at("users who come at a constant rate", sources(&|spec| shape(spec, true))),
        Entry::at("users whose rate changes over time", sources(&|spec| shape(spec, false))),
        Entry::at("users who wait for each answer", sources(&|spec| matches!(spec, TrafficSpec::Closed(_)))),
        Entry::at("users who give up", sources(&|spec| spec.common().timeout.is_some())),
        Entry::at("users who try again", sources(&|spec| spec.common().retry.is_some())),
    ]
}

fn machines(model: &Model) -> Vec<Option<Entry>> {
    let setup = &model.setup;
    let queues = |kind: &Kind| match kind {
        Kind::Database(_) => true,
        Kind::Cache(cache) => cache.time.is_some(),
        Kind::Broker(broker) => broker.append.is_some(),
        _ => computes(kind),
    };
    let slots = |kind: &Kind| match kind {
        Kind::Service(service) => service.concurrency.is_some(),
        Kind::External(external) => external.concurrency.is_some(),
        _ => false,
    };
    let other_order = |kind: &Kind| match kind {
        Kind::Service(service) => service.discipline.is_some() || service.admission.is_some(),
        Kind::Database(database) => database.discipline.is_some(),
        Kind::Cache(cache) => cache.discipline.is_some(),
        Kind::Consumers(consumers) => consumers.discipline.is_some(),
        _ => false,
    };
    let wrong = |kind: &Kind| match kind {
        Kind::External(external) => external.errors.is_some(),
        kind => has_step(kind, |step| matches!(step, Step::Fail(_))),
    };
    let pauses = |kind: &Kind| match kind {
        Kind::Service(service) => {
            service.pauses.is_some() || service.vacation.is_some() || service.cold_start.is_some()
        }
        Kind::Database(database) => database.pauses.is_some(),
        _ => false,
    };
    let impatient = |kind: &Kind| match kind {
        Kind::Service(service) => service.patience.is_some() || service.join.is_some(),
        Kind::Database(database) => database.patience.is_some(),
        _ => false,
    };
    let limited = |kind: &Kind| match kind {
        Kind::Service(service) => service.limit.is_some(),
        Kind::LoadBalancer(balancer) => balancer.limit.is_some(),
        Kind::External(external) => external.limit.is_some(),
        _ => false,
    };
    let real_keys = |kind: &Kind| matches!(kind, Kind::Cache(cache) if cache.hit_ratio.is_none());
    let waits = |database: &DatabaseSpec| {
        let replication = database.replication.as_ref().map(|replication| &replication.value);
        matches!(replication, Some(Replication::Sync(_) | Replication::Quorum(_)))
    };
    let waiting = |kind: &Kind| matches!(kind, Kind::Database(database) if waits(database));
    let lagging =
        |kind: &Kind| matches!(kind, Kind::Database(database) if database.read_replicas.is_some() && !waits(database));
    vec![
        Entry::at("waiting for cores and workers", components(setup, queues)),
        Entry::at("a limit on requests in progress", components(setup, slots)),
        Entry::at("pauses and breakdowns", components(setup, pauses)),
        Entry::at("requests that leave a queue", components(setup, impatient)),
        Entry::at("queues served in the order that `discipline` says", components(setup, other_order)),
        Entry::at("rate limits", components(setup, limited)),
        Entry::at("hits and misses by real keys", components(setup, real_keys)),
        Entry::at("replicas that apply writes late", components(setup, lagging)),
        Entry::at("replies that wait for several copies", components(setup, waiting)),
        Entry::at("locks", components(setup, |kind| has_step(kind, |step| matches!(step, Step::Hold(_))))),
        Entry::at("work in batches", components(setup, |kind| has_step(kind, |step| matches!(step, Step::Batch(_))))),
        Entry::at("messages that wait for consumers", components(setup, |kind| matches!(kind, Kind::Consumers(_)))),
        Entry::at("errors", components(setup, wrong)),
    ]
}

/// What happens to a message that finds the queue of a group full.
fn full_topics(model: &Model) -> Vec<Option<Entry>> {
    let full = |wanted: Overflow| {
        let topics = model.plan.topics.iter();
        let holds = |topic: &&TopicPlan| topic.bound.as_ref().is_some_and(|bound| bound.overflow == wanted);
        topics.filter(holds).map(|topic| topic.name.clone()).collect()
    };
    vec![
        Entry::at("full topics that drop the message that has waited longest", full(Overflow::DropOldest)),
        Entry::at("full topics that refuse what is published", full(Overflow::Reject)),
        Entry::at("full topics that make the publisher wait for room", full(Overflow::Block)),
    ]
}

fn calls(model: &Model) -> Vec<Option<Entry>> {
    vec![
        Entry::at("network delay", edges(model, |_, spec| spec.latency.is_some())),
        Entry::at("transfers that share bandwidth", edges(model, |_, spec| spec.bandwidth.is_some())),
        Entry::at("lost messages", edges(model, |_, spec| spec.loss.is_some())),
        Entry::at("time-outs", edges(model, |edge, _| edge.timeout > Time::ZERO)),
        Entry::at("retries", edges(model, |edge, _| edge.retries > 0)),
        Entry::at("second copies of slow calls", edges(model, |_, spec| spec.hedge.is_some() || spec.copies.is_some())),
        Entry::at("circuit breakers", edges(model, |_, spec| spec.breaker.is_some())),
        Entry::at("connection pools", edges(model, |_, spec| spec.pool.is_some())),
    ]
}

//! The row of a component: its parts, the work that is offered to each, and the busiest.

use super::LoadRow;
use super::calls::HANDLE;
use super::flow::Flow;
use archsim_models::kind::consumers::ConsumersSpec;
use archsim_models::kind::database::{DatabaseSpec, OperationSpec, QuorumArgs};
use archsim_models::kind::external::ExternalSpec;
use archsim_models::kind::service::ServiceSpec;
use archsim_models::spec::{At, LimitSpec};
use archsim_models::{Kind, Setup};

/// Servers of a component that stand for each other.
pub(crate) struct Part {
    /// What to call it where there are several.
    name: String,
    /// Number of servers, times their speed.
    pub(crate) capacity: f64,
    /// Work per second of each operation.
    operations: Vec<(String, f64)>,
    /// Whether it counts only for how busy the component is: threads that hold cores, a limit on requests.
    limit: bool,
}

impl Part {
    fn new(name: impl Into<String>, capacity: f64) -> Self {
        Part { name: name.into(), capacity, operations: Vec::new(), limit: false }
    }

    fn with(mut self, operation: impl Into<String>, work: f64) -> Self {
        self.operations.push((operation.into(), work));
        self
    }

    fn limit(self) -> Self {
        Part { limit: true, ..self }
    }

    /// Work per second.
    pub(crate) fn work(&self) -> f64 {
        self.operations.iter().map(|(_, work)| work).sum()
    }

    fn busy(&self) -> f64 {
        if self.capacity > 0.0 { self.work() / self.capacity } else { 0.0 }
    }
}

/// The row of a component.
pub(crate) fn row(setup: &Setup, flow: &Flow, component: usize) -> LoadRow {
    let (name, kind) = &setup.components[component];
    let nodes = flow.calls.graph.node_indices().filter(|node| flow.calls.graph[*node].component == component);
    let arrivals: f64 = nodes.map(|node| flow.visits[node.index()]).sum();
    let requests: f64 = flow.rates.iter().sum();
    let parts = parts(setup, flow, component, &flow.visits);
    let own = || parts.iter().filter(|part| !part.limit);
    let capacity: f64 = own().map(|part| part.capacity).sum();
    let hottest = parts.iter().max_by(|a, b| a.busy().total_cmp(&b.busy()));
    LoadRow {
        component: name.clone(),
        arrivals,
        visits: if requests > 0.0 { arrivals / requests } else { 0.0 },
        work: own().next().map_or(unlimited_work(kind, arrivals), |_| own().map(Part::work).sum()),
        capacity: own().next().map(|_| capacity),
        busy: hottest.map(Part::busy),
        hottest: hottest.and_then(|part| hottest_in_words(part, &parts)),
        hit_ratio: flow.hit_ratio(component),
    }
}

fn unlimited_work(kind: &Kind, arrivals: f64) -> f64 {
    let time = match kind {
        Kind::LoadBalancer(balancer) => balancer.time.as_ref(),
        Kind::Cache(cache) => cache.time.as_ref(),
        Kind::External(external) => Some(&external.latency),
        _ => None,
    };
    arrivals * time.map_or(0.0, |time| time.mean_seconds())
}

fn hottest_in_words(part: &Part, parts: &[Part]) -> Option<String> {
    let stands_out = parts.iter().any(|other| other.busy() < 0.99 * part.busy());
    let working = part.operations.iter().filter(|(_, work)| *work > 0.0);
    let most = working.clone().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(name, _)| name.clone());
    let most = most.filter(|_| working.count() > 1);
    let name = stands_out.then(|| part.name.clone());
    match (name, most) {
        (Some(name), Some(most)) => Some(format!("{name}, {most}")),
        (name, most) => name.or(most),
    }
}

/// The parts of a component with the work that the given visits bring; none where nothing is limited.
pub(crate) fn parts(setup: &Setup, flow: &Flow, component: usize, visits: &[f64]) -> Vec<Part> {
    let rate = |operation: &str| flow.calls.node(component, operation).map_or(0.0, |node| visits[node.index()]);
    match &setup.components[component].1 {
        Kind::Service(service) => {
            let all: f64 = service.on.keys().map(rate).sum();
            let limit = limit_part(service.limit.as_ref(), service.replica_count(), all);
            std::iter::once(service_part(service, flow, component, visits)).chain(limit).collect()
        }
        Kind::LoadBalancer(balancer) => {
            let nodes = flow.calls.graph.node_indices().filter(|node| flow.calls.graph[*node].component == component);
            let all = nodes.map(|node| visits[node.index()]).sum();
            limit_part(balancer.limit.as_ref(), 1, all).into_iter().collect()
        }
        Kind::Cache(cache) => {
            let time = cache.time.as_ref().map_or(0.0, |time| time.mean_seconds());
            let part = |workers: u32| {
                let part = Part::new("workers", f64::from(workers) * f64::from(cache.shard_count()));
                ["get", "set", "invalidate"].iter().fold(part, |part, name| part.with(*name, rate(name) * time))
            };
            cache.worker_count().map(part).into_iter().collect()
        }
        Kind::Database(database) => database_parts(database, &rate),
        Kind::Broker(broker) => {
            let time = broker.append.as_ref().map_or(0.0, |time| time.mean_seconds());
            let mut nodes: Vec<Part> =
                (1..=broker.node_count()).map(|node| Part::new(format!("node {node}"), 1.0)).collect();
            let count = nodes.len().max(1);
            for (index, topic) in broker.topics.keys().enumerate() {
                if let Some(node) = nodes.get_mut(index % count) {
                    node.operations.push((topic.to_owned(), rate(topic) * time));
                }
            }
            nodes
        }
        Kind::Consumers(consumers) => consumer_parts(consumers, flow, component, visits),
        Kind::External(external) => external_parts(external, rate(ExternalSpec::OPERATION)),
    }
}

fn service_part(service: &ServiceSpec, flow: &Flow, component: usize, visits: &[f64]) -> Part {
    let replicas = f64::from(service.replica_count());
    let part = Part::new("cores", replicas * core_speeds(service) * mean_speed(service) * up_share(service));
    service.on.keys().fold(part, |part, name| {
        let work = flow.calls.node(component, name);
        let work = work.map_or(0.0, |node| visits[node.index()] * flow.calls.graph[node].compute);
        part.with(name, work)
    })
}

/// Cores of a replica, each times its own speed.
fn core_speeds(service: &ServiceSpec) -> f64 {
    let speeds = service.core_speed.as_ref().filter(|speeds| !speeds.is_empty());
    let speed = |core: u32| speeds.map_or(1.0, |speeds| speeds[core as usize % speeds.len()]);
    (0..service.core_count()).map(speed).sum()
}

/// Share of the time in which it works: the mean time up over that of a whole cycle.
fn up_share(service: &ServiceSpec) -> f64 {
    service.pauses.as_ref().map_or(1.0, |pauses| {
        let (up, down) = (pauses.up.mean_seconds(), pauses.down.mean_seconds());
        up / (up + down)
    })
}

/// Mean speed of the replicas; speeds are given in turn.
fn mean_speed(service: &ServiceSpec) -> f64 {
    let Some(speeds) = service.speed.as_ref().filter(|speeds| !speeds.is_empty()) else { return 1.0 };
    let (count, replicas) = (speeds.len(), service.replica_count() as usize);
    let rounds = (replicas / count) as f64;
    let all: f64 = speeds.iter().sum::<f64>() * rounds + speeds[..replicas % count].iter().sum::<f64>();
    all / (replicas as f64).max(1.0)
}

/// Copies without a primary, of which an operation asks some.
fn quorum_parts(database: &DatabaseSpec, quorum: &QuorumArgs, rate: &dyn Fn(&str) -> f64) -> Vec<Part> {
    let copies = database.replica_count() + 1;
    let servers = database.shard_count() * copies * database.worker_count();
    let mut part = Part::new("copies", f64::from(servers));
    for (name, operation) in &database.ops.0 {
        let asked = match operation {
            OperationSpec::Write(_) => quorum.written(copies),
            OperationSpec::Read(_) | OperationSpec::Scatter(_) => quorum.asked(copies),
        };
        let work = rate(&name.value) * operation.time().mean_seconds() * f64::from(asked);
        part.operations.push((name.value.clone(), work));
    }
    vec![part]
}

/// Primaries and read replicas; a scatter asks every shard, a write is applied on every copy.
fn database_parts(database: &DatabaseSpec, rate: &dyn Fn(&str) -> f64) -> Vec<Part> {
    if let Some(quorum) = database.quorum() {
        return quorum_parts(database, quorum, rate);
    }
    let (shards, replicas) = (f64::from(database.shard_count()), f64::from(database.replica_count()));
    let servers = shards * f64::from(database.worker_count());
    let from = database.read_from();
    let on_primary = if from.skip == 0 { 1.0 / f64::from(from.among.max(1)) } else { 0.0 };
    let mut primary = Part::new("primaries", servers);
    let mut copies = Part::new("read replicas", servers * replicas);
    for (name, operation) in &database.ops.0 {
        let work = rate(&name.value) * operation.time().mean_seconds();
        let (name, on_primary, on_copies) = match operation {
            OperationSpec::Read(_) => (name.value.clone(), on_primary, 1.0 - on_primary),
            OperationSpec::Scatter(_) => {
                let label = if shards > 1.0 { " (asks every shard)" } else { "" };
                (format!("{}{label}", name.value), shards * on_primary, shards * (1.0 - on_primary))
            }
            OperationSpec::Write(_) => (name.value.clone(), 1.0, replicas),
        };
        primary.operations.push((name.clone(), work * on_primary));
        copies.operations.push((name, work * on_copies));
    }
    if replicas > 0.0 { vec![primary, copies] } else { vec![primary] }
}

/// Cores do the computing; a thread is held for all of the handling.
fn consumer_parts(consumers: &ConsumersSpec, flow: &Flow, component: usize, visits: &[f64]) -> Vec<Part> {
    let Some(node) = flow.calls.node(component, HANDLE) else { return Vec::new() };
    let (rate, members) = (visits[node.index()], f64::from(consumers.member_count()));
    let cores = Part::new("cores", members * f64::from(consumers.core_count()));
    let threads = Part::new("threads", members * f64::from(consumers.thread_count())).limit();
    vec![
        cores.with(HANDLE, rate * flow.calls.graph[node].compute),
        threads.with(HANDLE, rate * flow.times[node.index()]),
    ]
}

fn external_parts(external: &ExternalSpec, rate: f64) -> Vec<Part> {
    let mut parts = Vec::new();
    if let Some(slots) = &external.concurrency {
        let part = Part::new("concurrency", f64::from(slots.value));
        parts.push(part.with(ExternalSpec::OPERATION, rate * external.latency.mean_seconds()));
    }
    parts.extend(limit_part(external.limit.as_ref(), 1, rate));
    parts
}

/// Limiters let only so many requests through.
fn limit_part(limit: Option<&At<LimitSpec>>, instances: u32, rate: f64) -> Option<Part> {
    let capacity = limit?.value.per_second() * f64::from(instances);
    Some(Part::new("limit", capacity).with("requests", rate).limit())
}

//! From specs with names to the flat tables of a [`Plan`].

mod asked;
mod batch;
mod copies;
mod copies_of_data;
mod edges;
mod faults;
mod programs;
mod queueing;
mod resolve;
mod sources;
mod steps;

pub use asked::asked;

use crate::kind::Kind;
use crate::plan::*;
use crate::spec::{Discipline, Duration, EdgeSpec, FaultSpec, KeySpec, TrafficSpec};
use archsim_core::{Dist, Zipf};
use std::collections::{BTreeMap, BTreeSet};

/// A checked scenario, ready to be compiled: every name in it resolves and every value is possible.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Key spaces by name.
    pub keys: Vec<(String, KeySpec)>,
    /// Components by name, in file order.
    pub components: Vec<(String, Kind)>,
    /// Traffic sources by name, in file order.
    pub traffic: Vec<(String, TrafficSpec)>,
    /// Edge lines: caller pattern, callee pattern (`*` is any), settings.
    pub edges: Vec<(String, String, EdgeSpec)>,
    /// Faults.
    pub faults: Vec<FaultSpec>,
    /// Look-ups per second that each cache is planned to get, by name; the age of values in a warm start depends on it.
    pub lookup_rates: BTreeMap<String, f64>,
}

impl Setup {
    /// The edge from one component or source to another: each field from the most specific line.
    pub fn edge(&self, caller: &str, callee: &str) -> EdgeSpec {
        let mut edge = EdgeSpec::plain();
        for (from, to) in [(caller, callee), ("*", callee), (caller, "*"), ("*", "*")] {
            for (_, _, line) in self.edges.iter().filter(|(a, b, _)| a == from && b == to) {
                edge.or(line);
            }
        }
        edge
    }

    /// Index of a component.
    pub fn component(&self, name: &str) -> Option<usize> {
        self.components.iter().position(|(n, _)| n == name)
    }
}

/// Splits `component.operation`; the operation is empty where only a component is named.
pub fn target(text: &str) -> (&str, &str) {
    text.split_once('.').unwrap_or((text, ""))
}

/// Copies of a component.
pub(crate) struct Replicas {
    pub(crate) count: u32,
    pub(crate) speed: Vec<f64>,
}

/// A run of instances.
#[derive(Clone, Copy)]
pub(crate) struct Instances {
    pub(crate) first: u32,
    pub(crate) count: u32,
}

/// Builds a [`Plan`].
pub(crate) struct Compiler<'a> {
    setup: &'a Setup,
    plan: Plan,
    names: BTreeMap<String, u32>,
    edges: BTreeMap<(u32, u32), u32>,
    asked: Vec<BTreeSet<String>>,
    sites: Vec<u32>,
    waiting_calls: Vec<(u32, String)>,
    waiting_groups: Vec<WaitingGroup>,
    cache_spaces: BTreeMap<u32, BTreeMap<u32, f64>>,
    current: u32,
}

/// A balancer's group whose targets are resolved when all components are there.
struct WaitingGroup {
    balancer: u32,
    component: u32,
    targets: Vec<(String, f64)>,
    operation: String,
}

/// Compiles a checked scenario.
///
/// # Panics
/// If a name does not resolve: the checks before this exclude it.
pub fn compile(setup: &Setup) -> Plan {
    let mut compiler = Compiler::new(setup);
    compiler.spaces();
    compiler.topics_and_caches();
    for (index, (_, kind)) in setup.components.iter().enumerate() {
        compiler.current = index as u32;
        kind.compile(&mut compiler, index as u32);
    }
    compiler.sources();
    compiler.resolve();
    compiler.copy_calls();
    compiler.faults();
    compiler.plan
}

impl<'a> Compiler<'a> {
    pub(super) fn new(setup: &'a Setup) -> Self {
        let count = setup.components.len();
        let mut plan = Plan::default();
        for (name, kind) in &setup.components {
            plan.components.push(ComponentPlan {
                name: name.clone(),
                kind: kind.name(),
                first_instance: 0,
                instances: 0,
                servers: 0,
                need: 1,
                primaries: 0,
                observed: true,
                memory_per_request: 0,
                per_instance: kind.per_instance(),
                cost: kind.cost(),
            });
        }
        let names = setup.components.iter().enumerate().map(|(i, (n, _))| (n.clone(), i as u32)).collect();
        Compiler {
            setup,
            plan,
            names,
            edges: BTreeMap::new(),
            asked: asked(setup),
            sites: vec![0; count + setup.traffic.len()],
            waiting_calls: vec![],
            waiting_groups: vec![],
            cache_spaces: BTreeMap::new(),
            current: 0,
        }
    }

    pub(super) fn spaces(&mut self) {
        for (_, spec) in &self.setup.keys {
            self.plan.spaces.push(match spec {
                KeySpec::Zipf(a) => Space::Zipf(Zipf::new(a.items, a.s).expect("key spaces are checked")),
                KeySpec::Uniform(a) => Space::Uniform { items: a.items },
                KeySpec::Hot(a) => {
                    let hot = ((a.items as f64 * a.hot.0).round() as u64).clamp(1, a.items);
                    Space::Hot { items: a.items, hot, share: a.share.0 }
                }
                KeySpec::Replay(a) => Space::Listed(a.numbers()),
                KeySpec::Scan(a) => Space::Scan { items: a.items },
            });
        }
    }

    pub(super) fn topics_and_caches(&mut self) {
        for (index, (name, kind)) in self.setup.components.iter().enumerate() {
            if let Kind::Broker(broker) = kind {
                for topic in broker.topics.keys() {
                    let name = format!("{name}.{topic}");
                    self.plan.topics.push(TopicPlan { component: index as u32, name, groups: vec![], bound: None });
                }
            }
        }
    }

    pub(crate) fn component(&mut self, index: u32) -> &mut ComponentPlan {
        &mut self.plan.components[index as usize]
    }

    pub(crate) fn dist(&mut self, time: &Duration) -> u32 {
        self.plan.dists.push(time.0.clone());
        self.plan.dists.len() as u32 - 1
    }

    pub(crate) fn space(&self, name: &str) -> u32 {
        self.setup.keys.iter().position(|(n, _)| n == name).expect("key spaces are checked") as u32
    }

    pub(super) fn station(&mut self, capacity: Capacity) -> u32 {
        self.plan.stations.push(capacity);
        self.plan.stations.len() as u32 - 1
    }

    pub(crate) fn instances(
        &mut self,
        component: u32,
        replicas: Replicas,
        cores: Capacity,
        admission: Option<Admission>,
    ) -> Instances {
        let (admission, queueing) = self.queueing(component, admission);
        let first = self.plan.instances.len() as u32;
        for index in 0..replicas.count {
            let cores = self.station(cores.clone());
            let slots = admission.as_ref().map_or(NONE, |a| {
                self.station(Capacity { servers: a.slots, discipline: a.discipline.clone(), room: a.room })
            });
            let speed = match replicas.speed.len() {
                0 => 1.0,
                n => replicas.speed[index as usize % n],
            };
            self.plan.instances.push(InstancePlan { component, cores, slots, limit: NONE, speed, queueing });
        }
        let plan = self.component(component);
        (plan.first_instance, plan.instances) = (first, replicas.count);
        let slots = admission.map(|a| a.slots).filter(|slots| *slots != u32::MAX);
        plan.servers = if cores.servers == u32::MAX { slots.unwrap_or(0) } else { cores.servers };
        Instances { first, count: replicas.count }
    }

    /// An extra instance without capacity, for work that belongs to no replica.
    pub(crate) fn router(&mut self, component: u32) -> u32 {
        let cores = self.station(Capacity { servers: u32::MAX, discipline: Discipline::Fifo, room: u32::MAX });
        self.plan.instances.push(InstancePlan {
            component,
            cores,
            slots: NONE,
            limit: NONE,
            speed: 1.0,
            queueing: NONE,
        });
        self.plan.instances.len() as u32 - 1
    }

    pub(super) fn site(&mut self) -> u32 {
        let site = &mut self.sites[self.current as usize];
        *site += 1;
        *site
    }

    pub(crate) fn op(&mut self, op: Op) -> u32 {
        self.plan.ops.push(op);
        self.plan.ops.len() as u32 - 1
    }

    pub(super) fn here(&self) -> u32 {
        self.plan.ops.len() as u32
    }

    pub(crate) fn reply(&mut self) {
        self.op(Op::Reply);
    }

    /// Compiles a program and returns its first instruction.
    pub(crate) fn program(&mut self, _component: u32, body: impl FnOnce(&mut Self)) -> u32 {
        let start = self.here();
        body(self);
        start
    }

    pub(crate) fn operation(&mut self, component: u32, name: &str, start: u32, at: Instances) {
        let route =
            if at.count == 1 { Route::Single(at.first) } else { Route::Replicas { first: at.first, count: at.count } };
        self.routed_operation(component, name, start, route);
    }

    pub(crate) fn routed_operation(&mut self, component: u32, name: &str, start: u32, route: Route) {
        self.plan.operations.push(Operation { component, name: name.to_string(), start, route });
    }

    /// Work on a core or worker of the instance.
    pub(crate) fn hold_station(&mut self, dist: u32) -> u32 {
        let site = self.site();
        self.compute(dist, site, 1);
        site
    }

    /// Work on cores of the instance.
    pub(super) fn compute(&mut self, dist: u32, site: u32, cores: u32) {
        self.op(match self.plan.dists[dist as usize] {
            Dist::Sequence(_) => Op::ComputeInTurn { dist, cores },
            _ => Op::Compute { dist, site, cores },
        });
    }

    pub(super) fn chance(&mut self, p: f64) -> u32 {
        self.plan.chances.push(p);
        self.plan.chances.len() as u32 - 1
    }

    pub(crate) fn fail(&mut self, p: f64) {
        let (chance, site) = (self.chance(p), self.site());
        self.op(Op::Fail { chance, site });
    }

    /// A rate limiter before each of the instances.
    pub(crate) fn limit(&mut self, instances: Instances, limit: Option<LimitPlan>) {
        let Some(limit) = limit else { return };
        for instance in instances.first..instances.first + instances.count {
            self.plan.instances[instance as usize].limit = self.plan.limits.len() as u32;
            self.plan.limits.push(limit);
        }
    }

    pub(crate) fn cache(&mut self, mut cache: CachePlan) -> u32 {
        let name = &self.plan.components[cache.component as usize].name;
        cache.lookup_rate = self.setup.lookup_rates.get(name).copied().unwrap_or(0.0) * 1e-9;
        self.plan.caches.push(cache);
        self.plan.caches.len() as u32 - 1
    }

    pub(crate) fn bound_topic(&mut self, topic: u32, bound: TopicBound) {
        self.plan.topics[topic as usize].bound = Some(bound);
    }

    pub(crate) fn topic(&self, component: u32, name: &str) -> u32 {
        let name = format!("{}.{name}", self.plan.components[component as usize].name);
        self.topic_by_name(&name)
    }

    pub(crate) fn topic_by_name(&self, name: &str) -> u32 {
        self.plan.topics.iter().position(|t| t.name == name).expect("topics are checked") as u32
    }

    pub(crate) fn consumers(&mut self, plan: ConsumerPlan) {
        let group = self.plan.consumers.len() as u32;
        self.plan.topics[plan.topic as usize].groups.push(group);
        self.plan.consumers.push(plan);
    }

    pub(crate) fn operations_asked_of(&self, component: u32) -> Vec<String> {
        self.asked[component as usize].iter().cloned().collect()
    }
}

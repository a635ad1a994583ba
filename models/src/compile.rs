//! From specs with names to the flat tables of a [`Plan`].

use crate::kind::Kind;
use crate::load::Load;
use crate::plan::*;
use crate::spec::edge::FailureKind;
use crate::spec::{
    Balance, Discipline, Duration, EdgeSpec, Entries, FaultSpec, KeySpec, Step, Steps, TrafficSpec,
    traffic::ArrivalsSpec,
};
use archsim_core::{Dist, Time, Zipf};
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
    compiler.faults();
    compiler.plan
}

impl<'a> Compiler<'a> {
    fn new(setup: &'a Setup) -> Self {
        let count = setup.components.len();
        let mut plan = Plan::default();
        for (name, kind) in &setup.components {
            plan.components.push(ComponentPlan {
                name: name.clone(),
                kind: kind.name(),
                first_instance: 0,
                instances: 0,
                servers: 0,
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

    fn spaces(&mut self) {
        for (_, spec) in &self.setup.keys {
            self.plan.spaces.push(match spec {
                KeySpec::Zipf(a) => Space::Zipf(Zipf::new(a.items, a.s).expect("key spaces are checked")),
                KeySpec::Uniform(a) => Space::Uniform { items: a.items },
                KeySpec::Hot(a) => {
                    let hot = ((a.items as f64 * a.hot.0).round() as u64).clamp(1, a.items);
                    Space::Hot { items: a.items, hot, share: a.share.0 }
                }
                KeySpec::Replay(_) => unreachable!("a replayed key space is refused by the reader"),
            });
        }
    }

    fn topics_and_caches(&mut self) {
        for (index, (name, kind)) in self.setup.components.iter().enumerate() {
            if let Kind::Broker(broker) = kind {
                for topic in broker.topics.keys() {
                    let name = format!("{name}.{topic}");
                    self.plan.topics.push(TopicPlan { component: index as u32, name, groups: vec![] });
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

    fn station(&mut self, capacity: Capacity) -> u32 {
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
            self.plan.instances.push(InstancePlan { component, cores, slots, speed });
        }
        let plan = self.component(component);
        (plan.first_instance, plan.instances) = (first, replicas.count);
        plan.servers = if cores.servers == u32::MAX { admission.map_or(0, |a| a.slots) } else { cores.servers };
        Instances { first, count: replicas.count }
    }

    /// An extra instance without capacity, for work that belongs to no replica.
    pub(crate) fn router(&mut self, component: u32) -> u32 {
        let cores = self.station(Capacity { servers: u32::MAX, discipline: Discipline::Fifo, room: u32::MAX });
        self.plan.instances.push(InstancePlan { component, cores, slots: NONE, speed: 1.0 });
        self.plan.instances.len() as u32 - 1
    }

    fn site(&mut self) -> u32 {
        let site = &mut self.sites[self.current as usize];
        *site += 1;
        *site
    }

    pub(crate) fn op(&mut self, op: Op) -> u32 {
        self.plan.ops.push(op);
        self.plan.ops.len() as u32 - 1
    }

    fn here(&self) -> u32 {
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
        self.op(Op::Compute { dist, site, cores: 1 });
        site
    }

    fn chance(&mut self, p: f64) -> u32 {
        self.plan.chances.push(p);
        self.plan.chances.len() as u32 - 1
    }

    pub(crate) fn fail(&mut self, p: f64) {
        let (chance, site) = (self.chance(p), self.site());
        self.op(Op::Fail { chance, site });
    }

    pub(crate) fn limit(&mut self, limit: LimitPlan) -> u32 {
        self.plan.limits.push(limit);
        self.plan.limits.len() as u32 - 1
    }

    pub(crate) fn cache(&mut self, mut cache: CachePlan) -> u32 {
        let name = &self.plan.components[cache.component as usize].name;
        cache.lookup_rate = self.setup.lookup_rates.get(name).copied().unwrap_or(0.0) * 1e-9;
        self.plan.caches.push(cache);
        self.plan.caches.len() as u32 - 1
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

    /// The program of a consumer thread: take a message, handle it, again or give up, and on to the next.
    pub(crate) fn consumer_program(&mut self, component: u32, handle: &Steps, dead_letter: Option<&str>) -> u32 {
        let consumer = self.plan.consumers.len() as u32;
        let start = self.op(Op::NextMessage { consumer });
        let fork = self.fork(vec![], 1);
        self.op(Op::Fork { fork });
        let handled = self.op(Op::Handled { consumer });
        self.op(Op::Jump { to: start });
        let unhandled = self.op(Op::Unhandled { consumer, dead: NONE });
        if let Some(topic) = dead_letter {
            let dead = self.here();
            self.plan.ops[unhandled as usize] = Op::Unhandled { consumer, dead };
            self.call(component, topic, None, (0, 0), Some(handled));
            self.op(Op::Jump { to: handled });
        }
        let branch = self.here();
        self.steps(component, handle);
        self.op(Op::Join);
        let plan = &mut self.plan.forks[fork as usize];
        (plan.branches, plan.on_error) = (vec![(branch, Place::Here)], unhandled);
        start
    }

    fn fork(&mut self, branches: Vec<(u32, Place)>, need: u32) -> u32 {
        let site = self.site();
        self.plan.forks.push(ForkPlan { branches, need, on_error: NONE, site });
        self.plan.forks.len() as u32 - 1
    }

    /// Compiles branches out of line, after a jump over them, and the fork that starts them.
    fn branches(&mut self, component: u32, bodies: &[&Steps], need: u32) -> u32 {
        let fork = self.fork(vec![], need);
        let over = self.op(Op::Jump { to: NONE });
        let mut branches = vec![];
        for body in bodies {
            branches.push((self.here(), Place::Here));
            self.steps(component, body);
            self.op(Op::Join);
        }
        let to = self.here();
        self.plan.ops[over as usize] = Op::Jump { to };
        self.plan.forks[fork as usize].branches = branches;
        self.op(Op::Fork { fork });
        fork
    }

    /// An operation on every shard, each branch a visit of its own.
    pub(crate) fn scatter(&mut self, first: u32, shards: u32, copies: u32, from: ReadFrom, time: u32) {
        let fork = self.fork(vec![], shards);
        let over = self.op(Op::Jump { to: NONE });
        let start = self.here();
        self.hold_station(time);
        self.op(Op::Join);
        let to = self.here();
        self.plan.ops[over as usize] = Op::Jump { to };
        let place = |shard: u32| Place::Shard { first: first + shard * copies, from };
        self.plan.forks[fork as usize].branches = (0..shards).map(|shard| (start, place(shard))).collect();
        self.op(Op::Fork { fork });
    }

    /// Sends a write on to the read replicas, where it takes the same work after a lag.
    pub(crate) fn replicate(&mut self, _component: u32, replicas: u32, lag: Option<u32>, time: u32, work_site: u32) {
        let site = self.site();
        let over = self.op(Op::Jump { to: NONE });
        let start = self.here();
        if let Some(dist) = lag {
            let site = self.site();
            self.op(Op::Wait { dist, site });
        }
        self.op(Op::Compute { dist: time, site: work_site, cores: 1 });
        self.op(Op::Applied);
        let to = self.here();
        self.plan.ops[over as usize] = Op::Jump { to };
        self.plan.replications.push(ReplicatePlan { replicas, start, site });
        let replicate = self.plan.replications.len() as u32 - 1;
        self.op(Op::Replicate { replicate });
    }

    fn call(&mut self, component: u32, to: &str, space: Option<u32>, bytes: (u64, u64), on_error: Option<u32>) -> u32 {
        let callee = self.names[target(to).0];
        let edge = self.edge(component, callee);
        let call = self.plan.calls.len() as u32;
        let site = self.site();
        self.plan.calls.push(CallPlan {
            edge,
            operation: NONE,
            site,
            space: space.unwrap_or(NONE),
            balancer: NONE,
            on_error: on_error.unwrap_or(NONE),
            request: bytes.0,
            response: bytes.1,
        });
        self.waiting_calls.push((call, to.to_string()));
        self.op(Op::Call { call });
        call
    }

    /// Passes the request on to a group of targets.
    pub(crate) fn forward(&mut self, component: u32, targets: &[(String, f64)], operation: &str, policy: &Balance) {
        let balancer = self.plan.balancers.len() as u32;
        let same = |g: &&WaitingGroup| g.component == component && g.targets == targets;
        let state = match self.waiting_groups.iter().find(same) {
            Some(group) => self.plan.balancers[group.balancer as usize].state,
            None => {
                self.plan.balancer_states += 1;
                self.plan.balancer_states - 1
            }
        };
        self.plan.balancers.push(BalancerPlan { policy: policy.clone(), targets: vec![], state });
        let (targets, operation) = (targets.to_vec(), operation.to_string());
        self.waiting_groups.push(WaitingGroup { balancer, component, targets, operation });
        let (call, site) = (self.plan.calls.len() as u32, self.site());
        let none = CallPlan {
            edge: NONE,
            operation: NONE,
            site,
            space: NONE,
            balancer,
            on_error: NONE,
            request: 0,
            response: 0,
        };
        self.plan.calls.push(none);
        self.op(Op::Call { call });
    }

    pub(crate) fn steps(&mut self, component: u32, steps: &Steps) {
        for step in steps.iter() {
            self.step(component, &step.value);
        }
    }

    fn step(&mut self, component: u32, step: &Step) {
        match step {
            Step::Compute(a) => {
                let (dist, site) = (self.dist(&a.time), self.site());
                self.op(Op::Compute { dist, site, cores: a.cores.as_ref().map_or(1, |c| c.value) });
            }
            Step::Wait(a) => {
                let (dist, site) = (self.dist(&a.time), self.site());
                self.op(Op::Wait { dist, site });
            }
            Step::Call(a) => {
                let space = a.key.as_ref().map(|k| self.space(&k.value));
                let bytes = (a.request.map_or(0, |s| s.0), a.response.map_or(0, |s| s.0));
                let call = self.call(component, &a.to.value, space, bytes, None);
                if let Some(steps) = &a.on_error {
                    let over = self.op(Op::Jump { to: NONE });
                    self.plan.calls[call as usize].on_error = self.here();
                    self.steps(component, steps);
                    let to = self.here();
                    self.plan.ops[over as usize] = Op::Jump { to };
                }
            }
            Step::Parallel(a) => {
                let single: Vec<Steps> = a.steps.0.iter().map(|s| Steps(vec![s.clone()])).collect();
                let need = a.need.as_ref().map_or(single.len() as u32, |n| n.value);
                if !single.is_empty() && need > 0 {
                    self.branches(component, &single.iter().collect::<Vec<_>>(), need);
                }
            }
            Step::Do(a) => self.steps(component, &a.steps),
            Step::Choose(a) => self.choose(component, &a.branches),
            Step::Maybe(a) => {
                let (chance, site) = (self.chance(a.p.0), self.site());
                let maybe = self.op(Op::Maybe { chance, site, otherwise: NONE });
                self.steps(component, &a.then);
                let over = self.op(Op::Jump { to: NONE });
                let otherwise = self.here();
                self.plan.ops[maybe as usize] = Op::Maybe { chance, site, otherwise };
                if let Some(steps) = &a.otherwise {
                    self.steps(component, steps);
                }
                let to = self.here();
                self.plan.ops[over as usize] = Op::Jump { to };
            }
            Step::Repeat(a) => self.repeat(component, a.times.value, &a.steps),
            Step::Cached(a) => self.cached(component, a),
            Step::Get(a) => self.cache_step(component, "get", a),
            Step::Set(a) => self.cache_step(component, "set", a),
            Step::Invalidate(a) => self.cache_step(component, "invalidate", a),
            Step::Publish(a) => {
                let space = a.key.as_ref().map(|k| self.space(&k.value));
                self.call(component, &a.to.value, space, (a.size.map_or(0, |s| s.0), 0), None);
            }
            Step::After(a) => {
                let site = self.site();
                let after = self.op(Op::After { start: NONE, site });
                let over = self.op(Op::Jump { to: NONE });
                let start = self.here();
                self.steps(component, &a.steps);
                self.reply();
                let to = self.here();
                self.plan.ops[after as usize] = Op::After { start, site };
                self.plan.ops[over as usize] = Op::Jump { to };
            }
            Step::Hold(a) => {
                let lock = self.lock(&a.lock.value);
                self.op(Op::Lock { lock });
                let fork = self.branches(component, &[&a.steps], 1);
                self.op(Op::Unlock { lock });
                let over = self.op(Op::Jump { to: NONE });
                self.plan.forks[fork as usize].on_error = self.here();
                self.op(Op::Unlock { lock });
                self.op(Op::Raise);
                let to = self.here();
                self.plan.ops[over as usize] = Op::Jump { to };
            }
            Step::Fail(a) => self.fail(a.p.0),
        }
    }

    fn lock(&mut self, name: &str) -> u32 {
        if let Some(index) = self.plan.locks.iter().position(|l| l == name) {
            return index as u32;
        }
        self.plan.locks.push(name.to_string());
        self.plan.locks.len() as u32 - 1
    }

    fn choose(&mut self, component: u32, branches: &[(f64, Steps)]) {
        let total: f64 = branches.iter().map(|(w, _)| w).sum();
        let (choice, site) = (self.plan.choices.len() as u32, self.site());
        self.plan.choices.push(vec![]);
        self.op(Op::Choose { choice, site });
        let (mut cumulative, mut table, mut ends) = (0.0, vec![], vec![]);
        for (weight, steps) in branches {
            cumulative += weight / total;
            table.push((cumulative, self.here()));
            self.steps(component, steps);
            ends.push(self.op(Op::Jump { to: NONE }));
        }
        let to = self.here();
        for end in ends {
            self.plan.ops[end as usize] = Op::Jump { to };
        }
        if let Some(last) = table.last_mut() {
            last.0 = 1.0;
        }
        self.plan.choices[choice as usize] = table;
    }

    /// A loop. The rounds are counted in the request; a loop inside a loop runs as a branch, which has a counter of its own.
    fn repeat(&mut self, component: u32, times: u32, steps: &Steps) {
        let mut inner = false;
        steps.visit(&mut |step| inner |= matches!(step.value, Step::Repeat(_)));
        let start = self.op(Op::LoopStart { times, end: NONE });
        if inner {
            self.branches(component, &[steps], 1);
        } else {
            self.steps(component, steps);
        }
        self.op(Op::LoopEnd { start: start + 1 });
        let end = self.here();
        self.plan.ops[start as usize] = Op::LoopStart { times, end };
    }

    fn cached(&mut self, component: u32, a: &crate::spec::steps::CachedArgs) {
        let (name, space) = (&a.cache.value, self.space(&a.key.value));
        let bytes = a.size.map_or(0, |s| s.0);
        let Kind::Cache(cache) = &self.setup.components[self.names[name] as usize].1 else {
            unreachable!("caches are checked")
        };
        let (forced, coalesce) =
            (cache.hit_ratio.is_some(), cache.coalesce.unwrap_or(false) && cache.hit_ratio.is_none());
        self.looked_up(name, space);
        let get = self.call(component, &format!("{name}.get"), Some(space), (0, bytes), None);
        let hit = self.op(Op::IfHit { to: NONE });
        self.plan.calls[get as usize].on_error = self.here();
        let fork = if coalesce { Some(self.branches(component, &[&a.miss], 1)) } else { None };
        if fork.is_none() {
            self.steps(component, &a.miss);
        }
        let set = (!forced).then(|| self.call(component, &format!("{name}.set"), Some(space), (bytes, 0), None));
        if let Some(fork) = fork {
            self.release_on_error(component, fork, name, space);
        }
        let to = self.here();
        if let Some(set) = set {
            self.plan.calls[set as usize].on_error = to;
        }
        self.plan.ops[hit as usize] = Op::IfHit { to };
    }

    /// When the branch that should fill a key fails, the requests that wait for the fill are told.
    fn release_on_error(&mut self, component: u32, fork: u32, cache: &str, space: u32) {
        let over = self.op(Op::Jump { to: NONE });
        self.plan.forks[fork as usize].on_error = self.here();
        let release = self.call(component, &format!("{cache}.release"), Some(space), (0, 0), None);
        self.plan.calls[release as usize].on_error = self.here();
        self.op(Op::Raise);
        let to = self.here();
        self.plan.ops[over as usize] = Op::Jump { to };
    }

    /// A cache operation whose failure does not fail the request.
    fn cache_step(&mut self, component: u32, op: &str, a: &crate::spec::steps::KeyedArgs) {
        let (name, space) = (&a.cache.value, self.space(&a.key.value));
        let bytes = a.size.map_or(0, |s| s.0);
        if op == "get" {
            self.looked_up(name, space);
        }
        let bytes = if op == "get" { (0, bytes) } else { (bytes, 0) };
        let call = self.call(component, &format!("{name}.{op}"), Some(space), bytes, None);
        self.plan.calls[call as usize].on_error = self.here();
    }

    fn looked_up(&mut self, cache: &str, space: u32) {
        *self.cache_spaces.entry(self.names[cache]).or_default().entry(space).or_default() += 1.0;
    }

    fn edge(&mut self, caller: u32, callee: u32) -> u32 {
        if let Some(&edge) = self.edges.get(&(caller, callee)) {
            return edge;
        }
        let components = self.setup.components.len() as u32;
        let callee_name = self.setup.components[callee as usize].0.clone();
        let (caller_name, mut spec) = if caller < components {
            let name = self.setup.components[caller as usize].0.clone();
            (name.clone(), self.setup.edge(&name, &callee_name))
        } else {
            let (name, traffic) = &self.setup.traffic[(caller - components) as usize];
            let (mut spec, common) = (self.setup.edge(name, &callee_name), traffic.common());
            spec.timeout = common.timeout.cloned().or(spec.timeout);
            spec.retry = common.retry.cloned().or(spec.retry);
            (name.clone(), spec)
        };
        let callers = if caller < components { self.plan.components[caller as usize].instances } else { 1 };
        let first_caller = if caller < components {
            self.plan.components[caller as usize].first_instance
        } else {
            self.plan.sources[(caller - components) as usize].instance
        };
        let latency = spec.latency.take().filter(|l| l.0 != Dist::Constant(0.0)).map_or(NONE, |l| self.dist(&l));
        let bandwidth = spec.bandwidth.map_or(0.0, |b| b.0 * 1e-9);
        let shared = Capacity { servers: 1, discipline: Discipline::ProcessorSharing, room: u32::MAX };
        let pipe = |c: &mut Self| if bandwidth > 0.0 { c.station(shared.clone()) } else { NONE };
        let (pipe_there, pipe_back) = (pipe(self), pipe(self));
        let first_pool = spec.pool.as_ref().map_or(NONE, |pool| {
            let first = self.plan.stations.len() as u32;
            for _ in 0..callers {
                self.station(Capacity { servers: pool.value, discipline: Discipline::Fifo, room: u32::MAX });
            }
            first
        });
        let retry = spec.retry.as_ref();
        let on = |kind: FailureKind| retry.and_then(|r| r.on.as_ref()).is_none_or(|on| on.contains(&kind));
        let budget = retry.and_then(|r| r.budget).map_or(-1.0, |b| b.0);
        let first_budget = self.plan.budgets;
        if budget >= 0.0 {
            self.plan.budgets += callers;
        }
        let edge = self.plan.edges.len() as u32;
        let timeout = spec.timeout.as_ref().map_or(Time::ZERO, |t| t.value.0);
        let retries = retry.map_or(0, |r| r.max.value);
        let loss = spec.loss.as_ref().map_or(0.0, |l| l.value.0);
        let propagate = spec.deadline.is_some();
        let first_balancer = spec.balance.as_ref().map_or(NONE, |policy| {
            let first = self.plan.balancers.len() as u32;
            for _ in 0..callers {
                self.plan.balancer_states += 1;
                let state = self.plan.balancer_states - 1;
                self.plan.balancers.push(BalancerPlan { policy: policy.value.clone(), targets: vec![], state });
            }
            first
        });
        let plain = latency == NONE
            && loss == 0.0
            && bandwidth == 0.0
            && timeout == Time::ZERO
            && retries == 0
            && first_pool == NONE
            && !propagate
            && first_balancer == NONE;
        self.plan.edges.push(EdgePlan {
            caller,
            callee,
            name: format!("{caller_name} -> {callee_name}"),
            first_caller,
            latency,
            loss,
            pipe_there,
            pipe_back,
            bandwidth,
            timeout,
            retries,
            retry_on: [on(FailureKind::Timeout), on(FailureKind::Error), on(FailureKind::Rejected)],
            backoff: retry.and_then(|r| r.backoff.as_ref()).map(Backoff::from),
            budget,
            first_budget,
            first_pool,
            cancel: spec.cancel.unwrap_or(false),
            propagate,
            first_balancer,
            plain,
            disturbed: false,
        });
        self.edges.insert((caller, callee), edge);
        edge
    }

    fn sources(&mut self) {
        let components = self.setup.components.len() as u32;
        for (index, (name, spec)) in self.setup.traffic.iter().enumerate() {
            let caller = components + index as u32;
            self.current = caller;
            let instance = self.router(caller);
            let (common, first_class) = (spec.common(), self.plan.classes.len() as u32);
            let (component, own) = target(&common.to.value);
            let mix: Vec<(String, f64, u8)> = match common.mix {
                Some(Entries(mix)) => mix
                    .iter()
                    .map(|(op, e)| (op.value.clone(), e.weight, e.priority.unwrap_or(common.priority)))
                    .collect(),
                None => vec![(own.to_string(), 1.0, common.priority)],
            };
            let total: f64 = mix.iter().map(|m| m.1).sum();
            let mut cumulative: Vec<f64> = mix
                .iter()
                .scan(0.0, |sum, m| {
                    *sum += m.1 / total;
                    Some(*sum)
                })
                .collect();
            if let Some(last) = cumulative.last_mut() {
                *last = 1.0;
            }
            let arrivals = self.arrivals(spec);
            self.plan.sources.push(SourcePlan {
                name: name.clone(),
                instance,
                first_class,
                classes: mix.len() as u32,
                cumulative,
                arrivals,
            });
            for (operation, _, priority) in mix {
                let start = self.here();
                let to = format!("{component}.{operation}");
                self.call(caller, &to, None, (common.request, common.response), None);
                self.op(Op::Finish);
                let name = if common.mix.is_some() { operation } else { String::new() };
                self.plan.classes.push(ClassPlan { source: index as u32, name, start, priority });
            }
        }
    }

    fn arrivals(&mut self, spec: &TrafficSpec) -> Arrivals {
        match spec {
            TrafficSpec::Open(a) => {
                let gap = match &a.arrivals {
                    None | Some(ArrivalsSpec::Poisson) => Dist::Exponential { mean: 1.0 },
                    Some(ArrivalsSpec::Deterministic) => Dist::Constant(1.0),
                    Some(ArrivalsSpec::Renewal(r)) => r.gap.0.scaled(1.0 / r.gap.0.mean()),
                };
                let name = &self.setup.traffic[self.current as usize - self.setup.components.len()].0;
                let spikes = self.setup.faults.iter().filter_map(|fault| match fault {
                    FaultSpec::Spike(s) if s.traffic.value == *name => {
                        let (at, end) = fault.window();
                        Some((at.0, end.map_or(Time::MAX, |e| e.0), s.factor.value))
                    }
                    _ => None,
                });
                Arrivals::Open { gap, load: Load::new(&a.rate.value, spikes.collect()) }
            }
            TrafficSpec::Closed(a) => {
                let think = a.think.as_ref().map_or(NONE, |t| self.dist(t));
                Arrivals::Closed { users: a.users.value, think }
            }
        }
    }

    fn find_operation(&self, component: u32, name: &str) -> u32 {
        let mut own = self.plan.operations.iter().enumerate().filter(|(_, o)| o.component == component);
        let found = own.find(|(_, o)| o.name == name || name.is_empty());
        found.unwrap_or_else(|| panic!("operation `{name}` of component {component} is checked before")).0 as u32
    }

    /// Calls and groups find their operations now that all components are there.
    fn resolve(&mut self) {
        for (call, to) in std::mem::take(&mut self.waiting_calls) {
            let (component, operation) = target(&to);
            self.plan.calls[call as usize].operation = self.find_operation(self.names[component], operation);
        }
        for group in std::mem::take(&mut self.waiting_groups) {
            self.resolve_group(&group);
        }
        for edge in 0..self.plan.edges.len() {
            self.resolve_edge_balancers(edge);
        }
        for (component, spaces) in std::mem::take(&mut self.cache_spaces) {
            let total: f64 = spaces.values().sum();
            if let Some(cache) = self.plan.caches.iter_mut().find(|c| c.component == component) {
                cache.spaces = spaces.into_iter().map(|(space, n)| (space, n / total)).collect();
            }
        }
    }

    fn resolve_group(&mut self, group: &WaitingGroup) {
        self.current = group.component;
        let (mut targets, mut slot) = (vec![], 0);
        for (name, weight) in &group.targets {
            let callee = self.names[name];
            let (operation, edge) = (self.find_operation(callee, &group.operation), self.edge(group.component, callee));
            match self.plan.operations[operation as usize].route {
                Route::Replicas { first, count } => {
                    for instance in first..first + count {
                        targets.push(TargetPlan { instance, operation, edge, weight: *weight, slot });
                        slot += 1;
                    }
                }
                _ => {
                    targets.push(TargetPlan { instance: NONE, operation, edge, weight: *weight, slot });
                    slot += 1;
                }
            }
        }
        let balancer = &mut self.plan.balancers[group.balancer as usize];
        balancer.targets = targets;
    }

    fn resolve_edge_balancers(&mut self, edge: usize) {
        let EdgePlan { first_balancer, callee, caller, .. } = self.plan.edges[edge];
        if first_balancer == NONE {
            return;
        }
        let component = &self.plan.components[callee as usize];
        let (first, count) = (component.first_instance, component.instances);
        let target =
            |slot| TargetPlan { instance: first + slot, operation: NONE, edge: edge as u32, weight: 1.0, slot };
        let targets: Vec<TargetPlan> = (0..count).map(target).collect();
        let callers = self.plan.components.get(caller as usize).map_or(1, |c| c.instances);
        for balancer in first_balancer..first_balancer + callers {
            let plan = &mut self.plan.balancers[balancer as usize];
            plan.targets = targets.clone();
        }
    }

    fn faults(&mut self) {
        for fault in &self.setup.faults {
            let (start, end) = fault.window();
            let push = |plan: &mut Plan, on: ChangeKind, off: Option<ChangeKind>| {
                plan.changes.push(Change { at: start.0, what: on });
                if let (Some(end), Some(off)) = (end, off) {
                    plan.changes.push(Change { at: end.0, what: off });
                }
            };
            let span = |plan: &Plan, name: &str, instances: Option<u32>| {
                let component = &plan.components[self.names[name] as usize];
                (component.first_instance, instances.unwrap_or(component.instances).min(component.instances))
            };
            match fault {
                FaultSpec::Slow(a) => {
                    let (first, count) = span(&self.plan, &a.target.value, a.instances.as_ref().map(|i| i.value));
                    let speed = |factor| ChangeKind::Speed { first, count, factor };
                    push(&mut self.plan, speed(1.0 / a.factor.value), Some(speed(a.factor.value)));
                }
                FaultSpec::Crash(a) => {
                    let (first, count) = span(&self.plan, &a.target.value, a.instances.as_ref().map(|i| i.value));
                    let down = ChangeKind::Down { first, count, silent: a.silent.unwrap_or(false) };
                    push(&mut self.plan, down, Some(ChangeKind::Up { first, count }));
                }
                FaultSpec::Flush(a) => {
                    let component = self.names[&a.target.value];
                    if let Some(cache) = self.plan.caches.iter().position(|c| c.component == component) {
                        push(&mut self.plan, ChangeKind::Flush { cache: cache as u32 }, None);
                    }
                }
                FaultSpec::Edge(a) => {
                    let fits = |pattern: &str, name: &str| pattern == "*" || pattern == name;
                    let (from, to) = a.edge.value.split_once("->").map_or(("", ""), |(f, t)| (f.trim(), t.trim()));
                    let named = |e: &&mut EdgePlan| {
                        e.name.split_once(" -> ").is_some_and(|(f, t)| fits(from, f) && fits(to, t))
                    };
                    self.plan.edges.iter_mut().filter(named).for_each(|e| (e.disturbed, e.plain) = (true, false));
                    let edges: Vec<u32> = self
                        .plan
                        .edges
                        .iter()
                        .enumerate()
                        .filter(|(_, e)| e.name.split_once(" -> ").is_some_and(|(f, t)| fits(from, f) && fits(to, t)))
                        .map(|(i, _)| i as u32)
                        .collect();
                    let latency = match &a.latency {
                        Some(latency) => {
                            self.plan.dists.push(latency.0.clone());
                            self.plan.dists.len() as u32 - 1
                        }
                        None => NONE,
                    };
                    let loss = a.loss.map_or(0.0, |l| l.0);
                    let calm = ChangeKind::Calm { edges: edges.clone() };
                    push(&mut self.plan, ChangeKind::Disturb { edges, latency, loss }, Some(calm));
                }
                FaultSpec::Spike(_) => {}
            }
        }
        self.plan.changes.sort_by_key(|change| change.at);
    }
}

/// The operations that callers ask of each component, with those that balancers pass on.
pub fn asked(setup: &Setup) -> Vec<BTreeSet<String>> {
    let mut asked = vec![BTreeSet::new(); setup.components.len()];
    let mut open: Vec<(usize, String)> = vec![];
    let ask = |open: &mut Vec<(usize, String)>, to: &str| {
        let (component, operation) = target(to);
        if let Some(index) = setup.component(component) {
            open.push((index, operation.to_string()));
        }
    };
    for (_, kind) in &setup.components {
        for steps in kind.programs() {
            steps.visit(&mut |step| match &step.value {
                Step::Call(a) => ask(&mut open, &a.to.value),
                Step::Publish(a) => ask(&mut open, &a.to.value),
                _ => {}
            });
        }
    }
    for (_, traffic) in &setup.traffic {
        let common = traffic.common();
        match common.mix {
            Some(mix) => mix.keys().for_each(|op| ask(&mut open, &format!("{}.{op}", target(&common.to.value).0))),
            None => ask(&mut open, &common.to.value),
        }
    }
    while let Some((index, operation)) = open.pop() {
        if !asked[index].insert(operation.clone()) {
            continue;
        }
        if let Kind::LoadBalancer(balancer) = &setup.components[index].1 {
            for to in balancer.targets_of(&operation) {
                if let Some(next) = setup.component(&to.value) {
                    open.push((next, operation.clone()));
                }
            }
        }
    }
    asked
}

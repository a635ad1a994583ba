//! The least mean time that operations take: no queue, no retry, the longest branch of what happens at the same time.

use super::calls::{Calls, HANDLE, Hits, Operation};
use archsim_models::compile::target;
use archsim_models::spec::{Step, Steps};
use archsim_models::{Kind, Setup};
use petgraph::graph::NodeIndex;
use petgraph::visit::DfsPostOrder;

/// The least mean time of every operation, in seconds.
pub(crate) struct Times<'a> {
    setup: &'a Setup,
    calls: &'a Calls,
    hits: &'a Hits,
    /// By node of the graph of calls; 0 until it is known, so that a cycle counts once.
    times: Vec<f64>,
}

impl<'a> Times<'a> {
    pub(crate) fn new(setup: &'a Setup, calls: &'a Calls, hits: &'a Hits) -> Self {
        let mut times = Times { setup, calls, hits, times: vec![0.0; calls.graph.node_count()] };
        let mut visited = vec![false; times.times.len()];
        for start in calls.graph.node_indices() {
            if visited[start.index()] {
                continue;
            }
            let mut order = DfsPostOrder::new(&calls.graph, start);
            while let Some(node) = order.next(&calls.graph) {
                if !std::mem::replace(&mut visited[node.index()], true) {
                    times.times[node.index()] = times.operation(node);
                }
            }
        }
        times
    }

    /// The time of an operation.
    pub(crate) fn of(&self, node: NodeIndex) -> f64 {
        self.times[node.index()]
    }

    /// The time from a request of a source to its answer, for one of its operations.
    pub(crate) fn of_request(&self, source: usize, node: NodeIndex) -> f64 {
        let callee = &self.setup.components[self.calls.graph[node].component].0;
        self.network(&self.setup.traffic[source].0, callee) + self.of(node)
    }

    /// Mean network time there and back.
    fn network(&self, caller: &str, callee: &str) -> f64 {
        2.0 * self.setup.edge(caller, callee).latency.map_or(0.0, |latency| latency.mean_seconds())
    }

    fn operation(&self, node: NodeIndex) -> f64 {
        let Operation { component, name, .. } = &self.calls.graph[node];
        let (caller, kind) = &self.setup.components[*component];
        match kind {
            Kind::Service(service) => service.on.get(name).map_or(0.0, |steps| self.steps(caller, steps)),
            Kind::Consumers(consumers) if name == HANDLE => self.steps(caller, &consumers.handle),
            Kind::Cache(cache) => cache.time.as_ref().map_or(0.0, |time| time.mean_seconds()),
            Kind::Database(database) => database.ops.get(name).map_or(0.0, |op| op.time().mean_seconds()),
            Kind::Broker(broker) => broker.append.as_ref().map_or(0.0, |time| time.mean_seconds()),
            Kind::External(external) => external.latency.mean_seconds(),
            Kind::LoadBalancer(balancer) => {
                let targets = self.calls.graph.neighbors(node).map(|to| {
                    let callee = &self.setup.components[self.calls.graph[to].component].0;
                    self.network(caller, callee) + self.of(to)
                });
                let quickest = targets.min_by(f64::total_cmp).unwrap_or(0.0);
                balancer.time.as_ref().map_or(0.0, |time| time.mean_seconds()) + quickest
            }
            Kind::Consumers(_) => 0.0,
        }
    }

    fn steps(&self, caller: &str, steps: &Steps) -> f64 {
        steps.iter().map(|step| self.step(caller, step)).sum()
    }

    /// A call to `component.operation`: network there and back, and the operation.
    fn call(&self, caller: &str, to: &str) -> f64 {
        let (component, operation) = target(to);
        let Some(index) = self.setup.component(component) else { return 0.0 };
        let operation = match self.setup.components[index].1.operations().first() {
            Some(first) if operation.is_empty() => first,
            _ => operation,
        };
        let time = self.calls.node(index, operation).map_or(0.0, |node| self.of(node));
        self.network(caller, component) + time
    }

    fn step(&self, caller: &str, step: &Step) -> f64 {
        match step {
            Step::Compute(args) => args.time.mean_seconds(),
            Step::Wait(args) => args.time.mean_seconds(),
            Step::Call(args) => self.call(caller, &args.to),
            Step::Publish(args) => self.call(caller, &args.to),
            Step::Get(args) => self.call(caller, &format!("{}.get", args.cache.value)),
            Step::Set(args) => self.call(caller, &format!("{}.set", args.cache.value)),
            Step::Invalidate(args) => self.call(caller, &format!("{}.invalidate", args.cache.value)),
            Step::Do(args) => self.steps(caller, &args.steps),
            Step::Hold(args) => self.steps(caller, &args.steps),
            Step::Batch(args) => {
                self.steps(caller, &args.steps) + args.each.as_ref().map_or(0.0, |each| self.steps(caller, each))
            }
            Step::Repeat(args) => args.mean_rounds() * self.steps(caller, &args.steps),
            Step::Parallel(args) => {
                let mut branches: Vec<f64> = args.steps.iter().map(|step| self.step(caller, step)).collect();
                branches.sort_by(f64::total_cmp);
                // Copies of a branch take the same time: the n-th fastest is the n-th in the list with every entry so many times.
                let times = args.times.as_ref().map_or(1, |times| times.value.max(1)) as usize;
                let last = (args.needed() as usize).checked_sub(1).map(|last| last / times);
                last.and_then(|last| branches.get(last)).copied().unwrap_or(0.0)
            }
            Step::Choose(args) => {
                let total: f64 = args.branches.iter().map(|(weight, _)| weight).sum();
                let part = |(weight, steps): &(f64, Steps)| weight / total * self.steps(caller, steps);
                if total > 0.0 { args.branches.iter().map(part).sum() } else { 0.0 }
            }
            Step::Maybe(args) => {
                let otherwise = args.otherwise.as_ref().map_or(0.0, |steps| self.steps(caller, steps));
                args.p.0 * self.steps(caller, &args.then) + (1.0 - args.p.0) * otherwise
            }
            Step::Cached(args) => {
                let index = self.setup.component(&args.cache.value);
                let hit = index.and_then(|index| self.hits.get(&(index, args.key.value.clone()))).copied();
                let get = self.call(caller, &format!("{}.get", args.cache.value));
                get + (1.0 - hit.unwrap_or(0.0)) * self.steps(caller, &args.miss)
            }
            Step::After(_) | Step::Fail(_) => 0.0,
        }
    }
}

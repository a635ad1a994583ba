//! The graph of calls: which operation uses which, how often, and whether always.

use archsim_models::compile::target;
use archsim_models::kind::load_balancer::LoadBalancerSpec;
use archsim_models::spec::edge::EdgeSpec;
use archsim_models::spec::hedge::CancelCopies;
use archsim_models::spec::steps::Rounds;
use archsim_models::spec::{At, Step, Steps, TrafficSpec};
use archsim_models::{Kind, Setup};
use petgraph::graph::{DiGraph, EdgeReference, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;
use std::ops::Range;

/// The name of the only operation of consumers.
pub(crate) const HANDLE: &str = "handle";

/// An operation of a component.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    /// Index of the component.
    pub(crate) component: usize,
    /// Its name; of a balancer the operation that it passes on.
    pub(crate) name: String,
    /// Core-seconds of its own `Compute` steps for one visit.
    pub(crate) compute: f64,
}

/// What a use does to the keys of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyUse {
    /// Looks a key up and fills it on a miss.
    Cached,
    /// Looks a key up.
    Get,
    /// Fills it.
    Set,
    /// Removes it.
    Invalidate,
}

/// One operation uses another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Use {
    /// Mean number of uses for one visit.
    pub(crate) weight: f64,
    /// Whether every visit leads to one.
    pub(crate) always: bool,
    /// The key space, and what is done with the key, if the other is a cache.
    pub(crate) key: Option<(KeyUse, String)>,
    /// Where the file says so.
    pub(crate) place: Range<usize>,
}

/// Hit ratios by component and key space.
pub(crate) type Hits = BTreeMap<(usize, String), f64>;

/// The graph of calls of a scenario. What does not resolve is left out.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    /// Operations and uses.
    pub(crate) graph: DiGraph<Operation, Use>,
    /// For each source its operations with their shares of the requests.
    pub(crate) sources: Vec<Vec<(NodeIndex, f64)>>,
    /// For each source the copies in which its calls are worked on.
    pub(crate) source_copies: Vec<f64>,
    /// Whether a step goes on with the first answers of several.
    some_of_many: bool,
    index: BTreeMap<(usize, String), NodeIndex>,
}

/// In how many copies each call along an edge is worked on, whatever happens.
fn copies(edge: &EdgeSpec) -> f64 {
    edge.copies.as_ref().map_or(1.0, |copies| match copies.value.cancel {
        Some(CancelCopies::Never) => f64::from(copies.value.count.value),
        _ => 1.0,
    })
}

impl Calls {
    /// The graph when look-ups hit with the given probabilities (0 where none is given and none is forced).
    pub(crate) fn new(setup: &Setup, hits: &Hits) -> Self {
        let (graph, sources, source_copies, index) = (DiGraph::new(), Vec::new(), Vec::new(), BTreeMap::new());
        let mut calls = Calls { graph, sources, source_copies, some_of_many: false, index };
        let mut builder = Builder { setup, hits, calls: &mut calls, balancers: Vec::new() };
        builder.operations();
        builder.programs();
        builder.topics();
        builder.sources();
        builder.balancers();
        calls.count_copies(setup);
        calls
    }

    /// Every use is as many as it has copies that all are worked on.
    fn count_copies(&mut self, setup: &Setup) {
        let name = |component: usize| setup.components[component].0.as_str();
        for link in self.graph.edge_indices() {
            let Some((from, to)) = self.graph.edge_endpoints(link) else { continue };
            let edge = setup.edge(name(self.graph[from].component), name(self.graph[to].component));
            self.graph[link].weight *= copies(&edge);
        }
        let of_source = |(source, nodes): (&(String, TrafficSpec), &Vec<(NodeIndex, f64)>)| {
            nodes.first().map_or(1.0, |(node, _)| copies(&setup.edge(&source.0, name(self.graph[*node].component))))
        };
        self.source_copies = setup.traffic.iter().zip(&self.sources).map(of_source).collect();
    }

    /// The edges that are used: name and what happens along them.
    fn edges(&self, setup: &Setup) -> BTreeMap<String, EdgeSpec> {
        let name = |component: usize| setup.components[component].0.as_str();
        let link = |link: EdgeReference<'_, Use>| {
            (name(self.graph[link.source()].component), name(self.graph[link.target()].component))
        };
        let sources = setup.traffic.iter().zip(&self.sources).flat_map(|((source, _), nodes)| {
            nodes.iter().map(move |(node, _)| (source.as_str(), name(self.graph[*node].component)))
        });
        let used = self.graph.edge_references().map(link).chain(sources);
        used.map(|(from, to)| (format!("{from} -> {to}"), setup.edge(from, to))).collect()
    }

    /// Edges on which retries or hedges may add calls.
    pub(crate) fn retrying(&self, setup: &Setup) -> Vec<String> {
        let more = self.edges(setup).into_iter().filter(|(_, edge)| edge.retry.is_some() || edge.hedge.is_some());
        more.map(|(name, _)| name).collect()
    }

    /// Whether a response may be over before all its steps: a time-out, or the first of several answers.
    pub(crate) fn may_be_shorter(&self, setup: &Setup) -> bool {
        let shorter = |edge: &EdgeSpec| edge.timeout.is_some() || edge.hedge.is_some() || edge.copies.is_some();
        let users = setup.traffic.iter().any(|(_, traffic)| traffic.common().timeout.is_some());
        users || self.some_of_many || self.edges(setup).values().any(shorter)
    }

    /// The node of an operation.
    pub(crate) fn node(&self, component: usize, operation: &str) -> Option<NodeIndex> {
        self.index.get(&(component, operation.to_owned())).copied()
    }
}

struct Builder<'a> {
    setup: &'a Setup,
    hits: &'a Hits,
    calls: &'a mut Calls,
    balancers: Vec<NodeIndex>,
}

impl Builder<'_> {
    fn add(&mut self, component: usize, name: &str) -> NodeIndex {
        let node = self.calls.graph.add_node(Operation { component, name: name.to_owned(), compute: 0.0 });
        self.calls.index.insert((component, name.to_owned()), node);
        node
    }

    fn operations(&mut self) {
        for (component, (_, kind)) in self.setup.components.iter().enumerate() {
            for name in kind.operations() {
                self.add(component, name);
            }
            if let Kind::Consumers(_) = kind {
                self.add(component, HANDLE);
            }
        }
    }

    /// The node that a call reaches; the node of a balancer is made when it is first asked for.
    fn resolve(&mut self, component: &str, operation: &str) -> Option<NodeIndex> {
        let component = self.setup.component(component)?;
        let kind = &self.setup.components[component].1;
        let operation = match kind.operations().first() {
            Some(first) if operation.is_empty() => first,
            _ => operation,
        };
        let known = self.calls.node(component, operation);
        known.or_else(|| {
            let Kind::LoadBalancer(_) = kind else { return None };
            let node = self.add(component, operation);
            self.balancers.push(node);
            Some(node)
        })
    }

    fn uses(&mut self, from: NodeIndex, found: Vec<Found<'_>>) {
        for found in found {
            match found.what {
                What::Compute(seconds) => self.calls.graph[from].compute += seconds * found.weight,
                What::Call { component, operation, key } => {
                    if let Some(to) = self.resolve(component, operation) {
                        let key = key.map(|(what, space)| (what, space.to_owned()));
                        let link = Use { weight: found.weight, always: found.always, key, place: found.place };
                        self.calls.graph.add_edge(from, to, link);
                    }
                }
            }
        }
    }

    fn programs(&mut self) {
        let setup = self.setup;
        for (component, (_, kind)) in setup.components.iter().enumerate() {
            let programs: Vec<(&str, &Steps)> = match kind {
                Kind::Service(service) => {
                    service.on.0.iter().map(|(name, steps)| (name.value.as_str(), steps)).collect()
                }
                Kind::Consumers(consumers) => vec![(HANDLE, &consumers.handle)],
                _ => Vec::new(),
            };
            for (name, steps) in programs {
                let mut walk = Walk { setup, hits: self.hits, found: Vec::new(), some_of_many: false };
                walk.steps(steps, 1.0, true);
                self.calls.some_of_many |= walk.some_of_many;
                if let Some(node) = self.calls.node(component, name) {
                    self.uses(node, walk.found);
                }
            }
        }
    }

    /// Topics lead to their groups, groups to their dead letters.
    fn topics(&mut self) {
        let setup = self.setup;
        for (component, (_, kind)) in setup.components.iter().enumerate() {
            let (Kind::Consumers(consumers), Some(group)) = (kind, self.calls.node(component, HANDLE)) else {
                continue;
            };
            let link =
                |weight, place: &At<String>| Use { weight, always: weight > 0.0, key: None, place: place.span.clone() };
            let (broker, topic) = target(&consumers.of.value);
            if let Some(topic) = self.resolve(broker, topic) {
                self.calls.graph.add_edge(topic, group, link(1.0, &consumers.of));
            }
            if let Some(dead) = &consumers.dead_letter {
                let (broker, topic) = target(&dead.value);
                if let Some(topic) = self.resolve(broker, topic) {
                    self.calls.graph.add_edge(group, topic, link(0.0, dead));
                }
            }
        }
    }

    fn sources(&mut self) {
        for (_, traffic) in &self.setup.traffic {
            let common = traffic.common();
            let (component, operation) = target(&common.to.value);
            let mix: Vec<(&str, f64)> = match common.mix {
                Some(mix) => mix.0.iter().map(|(name, entry)| (name.value.as_str(), entry.weight)).collect(),
                None => vec![(operation, 1.0)],
            };
            let total: f64 = mix.iter().map(|(_, weight)| weight).sum();
            let nodes =
                mix.into_iter().filter_map(|(name, weight)| Some((self.resolve(component, name)?, weight / total)));
            let nodes = nodes.collect();
            self.calls.sources.push(nodes);
        }
    }

    fn balancers(&mut self) {
        let setup = self.setup;
        while let Some(node) = self.balancers.pop() {
            let Operation { component, name, .. } = self.calls.graph[node].clone();
            let Kind::LoadBalancer(balancer) = &setup.components[component].1 else { continue };
            let targets = targets(balancer, &name);
            let weigh = |(to, weight): &(&At<String>, f64)| weight * f64::from(instances(setup, to));
            let total: f64 = targets.iter().map(weigh).sum();
            for one in &targets {
                let weight = if total > 0.0 { weigh(one) / total } else { 0.0 };
                if let Some(to) = self.resolve(&one.0.value, &name) {
                    let place = one.0.span.clone();
                    self.calls.graph.add_edge(node, to, Use { weight, always: targets.len() == 1, key: None, place });
                }
            }
        }
    }
}

/// The targets of a balancer for an operation, with their weights.
fn targets<'a>(balancer: &'a LoadBalancerSpec, operation: &str) -> Vec<(&'a At<String>, f64)> {
    let groups = balancer.groups();
    let own = groups.iter().position(|(name, _)| *name == Some(operation));
    let any = || groups.iter().position(|(name, _)| name.is_none());
    own.or_else(any).map(|at| groups[at].1.clone()).unwrap_or_default()
}

/// How many targets a component is to a balancer.
fn instances(setup: &Setup, name: &str) -> u32 {
    match setup.component(name).map(|index| &setup.components[index].1) {
        Some(Kind::Service(service)) => service.replica_count(),
        _ => 1,
    }
}

/// Something that a program does, how often, and whether always.
struct Found<'a> {
    what: What<'a>,
    weight: f64,
    always: bool,
    place: Range<usize>,
}

enum What<'a> {
    Compute(f64),
    Call { component: &'a str, operation: &'a str, key: Option<(KeyUse, &'a str)> },
}

/// Walks through a program and notes what it does.
struct Walk<'a> {
    setup: &'a Setup,
    hits: &'a Hits,
    found: Vec<Found<'a>>,
    some_of_many: bool,
}

impl<'a> Walk<'a> {
    /// Walks through steps that are reached with a weight; returns the share that gets past them.
    fn steps(&mut self, steps: &'a Steps, weight: f64, always: bool) -> f64 {
        let (mut share, mut always) = (1.0, always);
        for step in steps.iter() {
            share *= self.step(step, weight * share, always);
            always &= share > 0.0;
        }
        share
    }

    fn note(&mut self, what: What<'a>, weight: f64, always: bool, place: &Range<usize>) {
        self.found.push(Found { what, weight, always, place: place.clone() });
    }

    fn call(&mut self, to: &'a At<String>, weight: f64, always: bool) {
        let (component, operation) = target(&to.value);
        self.note(What::Call { component, operation, key: None }, weight, always, &to.span);
    }

    fn keyed(&mut self, use_: KeyUse, cache: &'a At<String>, key: &'a At<String>, weight: f64, always: bool) {
        let operation = match use_ {
            KeyUse::Cached | KeyUse::Get => "get",
            KeyUse::Set => "set",
            KeyUse::Invalidate => "invalidate",
        };
        let what = What::Call { component: &cache.value, operation, key: Some((use_, &key.value)) };
        self.note(what, weight, always, &cache.span);
    }

    fn step(&mut self, step: &'a At<Step>, weight: f64, always: bool) -> f64 {
        match &step.value {
            Step::Compute(args) => {
                let cores = f64::from(args.cores.as_ref().map_or(1, |cores| cores.value));
                self.note(What::Compute(args.time.mean_seconds() * cores), weight, always, &step.span);
            }
            Step::Call(args) => {
                self.call(&args.to, weight, always);
                if let Some(steps) = &args.on_error {
                    self.steps(steps, 0.0, false);
                }
            }
            Step::Publish(args) => {
                let broker = self.setup.component(target(&args.to.value).0);
                if broker.is_some_and(|index| matches!(self.setup.components[index].1, Kind::Broker(_))) {
                    self.call(&args.to, weight, always);
                }
            }
            Step::Parallel(args) => {
                let times = f64::from(args.times.as_ref().map_or(1, |times| times.value));
                let branches = args.steps.iter().map(|branch| self.step(branch, weight * times, always));
                let share: f64 = branches.product();
                self.some_of_many |= args.need.is_some();
                return if args.need.is_some() { 1.0 } else { libm::pow(share, times) };
            }
            Step::Do(args) => return self.steps(&args.steps, weight, always),
            Step::Hold(args) => return self.steps(&args.steps, weight, always),
            // At the least: when there is much to do, batches are full.
            Step::Batch(args) => {
                let share = self.steps(&args.steps, weight / f64::from(args.max.value.max(1)), false);
                return share * args.each.as_ref().map_or(1.0, |each| self.steps(each, weight, always));
            }
            Step::After(args) => {
                self.steps(&args.steps, weight, always);
            }
            Step::Choose(args) => return self.choose(&args.branches, weight, always),
            Step::Maybe(args) => {
                let then = self.steps(&args.then, weight * args.p.0, always && args.p.0 >= 1.0);
                let rest = 1.0 - args.p.0;
                let otherwise = args.otherwise.as_ref().map(|o| self.steps(o, weight * rest, always && rest >= 1.0));
                return args.p.0 * then + rest * otherwise.unwrap_or(1.0);
            }
            Step::Repeat(args) => return self.repeat(args.rounds(), &args.steps, weight, always),
            Step::Cached(args) => return self.cached(args, weight, always),
            Step::Get(args) => self.keyed(KeyUse::Get, &args.cache, &args.key, weight, always),
            Step::Set(args) => self.keyed(KeyUse::Set, &args.cache, &args.key, weight, always),
            Step::Invalidate(args) => self.keyed(KeyUse::Invalidate, &args.cache, &args.key, weight, always),
            Step::Fail(args) => return 1.0 - args.p.0,
            Step::Wait(_) => {}
        }
        1.0
    }

    fn choose(&mut self, branches: &'a [(f64, Steps)], weight: f64, always: bool) -> f64 {
        let total: f64 = branches.iter().map(|(weight, _)| weight).sum();
        let mut share = 0.0;
        for (part, steps) in branches {
            let part = if total > 0.0 { part / total } else { 0.0 };
            share += part * self.steps(steps, weight * part, always && part >= 1.0);
        }
        share
    }

    /// A loop ends early when a round fails: the mean number of rounds is a geometric sum.
    fn repeat(&mut self, rounds: Rounds, steps: &'a Steps, weight: f64, always: bool) -> f64 {
        let first = self.found.len();
        let share = self.steps(steps, weight, always && rounds != Rounds::Fixed(0));
        let (rounds, all) = match rounds {
            Rounds::Fixed(times) => {
                let all = libm::pow(share, f64::from(times));
                (if share < 1.0 { (1.0 - all) / (1.0 - share) } else { f64::from(times) }, all)
            }
            // A round follows if the one before it has succeeded and the draw says so.
            Rounds::While(again) => (1.0 / (1.0 - again * share), share * (1.0 - again) / (1.0 - again * share)),
        };
        self.found[first..].iter_mut().for_each(|found| found.weight *= rounds);
        all
    }

    fn cached(&mut self, args: &'a archsim_models::spec::steps::CachedArgs, weight: f64, always: bool) -> f64 {
        let index = self.setup.component(&args.cache.value);
        let forced = index.and_then(|index| match &self.setup.components[index].1 {
            Kind::Cache(cache) => cache.hit_ratio,
            _ => None,
        });
        let computed = || index.and_then(|index| self.hits.get(&(index, args.key.value.clone())));
        let hit = forced.map_or_else(|| computed().copied().unwrap_or(0.0), |forced| forced.0);
        self.keyed(KeyUse::Cached, &args.cache, &args.key, weight, always);
        let missed = weight * (1.0 - hit);
        let share = self.steps(&args.miss, missed, always && hit <= 0.0 && forced.is_some());
        if forced.is_none() {
            let what = What::Call { component: &args.cache.value, operation: "set", key: None };
            self.note(what, missed * share, false, &args.cache.span);
        }
        hit + (1.0 - hit) * share
    }
}

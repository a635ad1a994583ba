//! Follows the requests of a source through the components: which stations they visit, how often, and what else takes time.

use super::stations::{Flow, Order, Routing, Station, Stations};
use archsim_core::Dist;
use archsim_models::compile::target;
use archsim_models::kind::cache::CacheSpec;
use archsim_models::kind::database::{DatabaseSpec, OperationSpec};
use archsim_models::kind::external::ExternalSpec;
use archsim_models::kind::load_balancer::LoadBalancerSpec;
use archsim_models::kind::service::ServiceSpec;
use archsim_models::spec::{Balance, Discipline, Duration, EdgeSpec, Step, Steps};
use archsim_models::{Kind, Setup};
use std::collections::BTreeMap;

/// Calls within calls beyond which a scenario is not followed.
const DEPTH: usize = 50;
/// Why times in turn have no formula.
const IN_TURN: &str = "its times come in turn and are not independent";

/// What a request asks of a station.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) component: usize,
    pub(crate) law: Dist,
    /// Mean number for a request.
    pub(crate) share: f64,
}

/// The way of the requests of one source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way {
    pub(crate) visits: Vec<Visit>,
    /// Mean time for network, pauses and services without a limit.
    pub(crate) delay: f64,
    /// Whether that time is always the same.
    pub(crate) delay_is_constant: bool,
}

/// Walks.
pub(crate) struct Walk<'a> {
    setup: &'a Setup,
    /// Which stations let a Poisson process through; empty on the first walk.
    passing: BTreeMap<usize, bool>,
    rate: f64,
    flow: Flow,
    pub(crate) stations: Stations,
    /// What stands against any formula: component or source, and why.
    pub(crate) problems: Vec<(String, String)>,
    way: Way,
    /// Who calls.
    via: String,
    depth: usize,
}

/// Who calls, through which edge, and who chooses the instance.
struct Via<'a> {
    caller: &'a str,
    callers: u32,
    balance: Option<Balance>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(setup: &'a Setup, passing: BTreeMap<usize, bool>) -> Self {
        let (stations, problems) = (Stations::new(), Vec::new());
        let way = Way { delay_is_constant: true, ..Way::default() };
        Walk { setup, passing, rate: 0.0, flow: Flow::Poisson, stations, problems, way, via: String::new(), depth: 0 }
    }

    /// The way of requests that a source sends with a rate to an operation.
    pub(crate) fn follow(&mut self, source: &str, rate: f64, flow: Flow, component: &str, operation: &str) -> Way {
        (self.rate, self.flow, self.depth) = (rate, flow, 0);
        self.way = Way { delay_is_constant: true, ..Way::default() };
        self.call(&Via { caller: source, callers: 1, balance: None }, component, operation, 1.0);
        std::mem::take(&mut self.way)
    }

    fn problem(&mut self, of: &str, why: impl Into<String>) {
        let found = (of.to_owned(), why.into());
        if !self.problems.contains(&found) {
            self.problems.push(found.clone());
        }
        self.flow = Flow::Unknown(format!("arrivals come through `{}`: {}", found.0, found.1));
    }

    fn pass(&mut self, time: &Duration, share: f64) {
        if !is_independent(&time.0) {
            return self.problem("a delay", IN_TURN);
        }
        self.way.delay += share * time.mean_seconds();
        let constant = matches!(time.0, Dist::Constant(_));
        self.way.delay_is_constant &= constant && share == 1.0;
        if let (Flow::Renewal(_), false) = (&self.flow, constant) {
            self.flow = Flow::Unknown("random delays stand between regular arrivals and it".into());
        }
    }

    fn call(&mut self, via: &Via<'_>, component: &str, operation: &str, share: f64) {
        let Some(index) = self.setup.component(component) else { return };
        self.depth += 1;
        if self.depth > DEPTH {
            return self.problem(component, "calls go round in a circle");
        }
        let edge = self.setup.edge(via.caller, component);
        self.via = via.caller.to_owned();
        self.edge(via.caller, component, &edge, share);
        let balance = via.balance.clone().or(edge.balance.as_ref().map(|balance| balance.value.clone()));
        let kind = &self.setup.components[index].1;
        let operation = match kind.operations().first() {
            Some(first) if operation.is_empty() => first,
            _ => operation,
        };
        match kind {
            Kind::Service(service) => self.service(index, service, operation, share, routing(balance, via.callers)),
            Kind::Database(database) => self.database(index, database, operation, share),
            Kind::Cache(cache) => self.cache(index, cache, share),
            Kind::External(external) => self.external(index, external, share),
            Kind::LoadBalancer(balancer) => self.balancer(index, balancer, operation, share),
            Kind::Broker(_) | Kind::Consumers(_) => self.problem(component, "messages have no formula here"),
        }
        self.depth -= 1;
    }

    fn edge(&mut self, caller: &str, callee: &str, edge: &EdgeSpec, share: f64) {
        let plain = EdgeSpec { latency: edge.latency.clone(), balance: edge.balance.clone(), ..EdgeSpec::plain() };
        if *edge != plain {
            let why = "the edge does more than take time: time-outs, retries, losses, pools or bandwidth";
            self.problem(&format!("{caller} -> {callee}"), why);
        }
        if let Some(latency) = &edge.latency {
            self.pass(latency, share);
            self.pass(latency, share);
        }
    }

    fn service(&mut self, index: usize, service: &ServiceSpec, operation: &str, share: f64, routing: Routing) {
        let name = &self.setup.components[index].0;
        let order = self.order(index, service.discipline.as_ref());
        if !is_plain(service) {
            self.problem(name, "slots, limits or cores of another speed");
        }
        let station = self.station(service.replica_count(), Some(service.core_count()), order, routing);
        if let Some(steps) = service.on.get(operation) {
            self.steps(index, &station, steps, share);
        }
    }

    fn database(&mut self, index: usize, database: &DatabaseSpec, operation: &str, share: f64) {
        let name = &self.setup.components[index].0;
        // Every field is named, here and below, so that a new one has to be decided about.
        let DatabaseSpec {
            preset: _,
            ops,
            shards: _,
            shard_by,
            read_replicas: _,
            replication: _,
            reads: _,
            workers: _,
            discipline,
            sharding: _,
            pauses,
            patience,
            connections,
            cost: _,
        } = database;
        if shard_by.is_some() || database.replica_count() > 0 || connections.is_some() {
            self.problem(name, "shards by key, read replicas or a limit on connections");
        }
        if pauses.is_some() || patience.is_some() {
            self.problem(name, "pauses, or requests that lose patience");
        }
        let shards = database.shard_count();
        let order = self.order(index, discipline.as_ref());
        let station = self.station(shards, Some(database.worker_count()), order, Routing::Random);
        match ops.get(operation) {
            Some(OperationSpec::Scatter(_)) if shards > 1 => self.problem(name, "an operation asks every shard"),
            Some(operation) => self.visit(index, station, operation.time(), share),
            None => {}
        }
    }

    fn cache(&mut self, index: usize, cache: &CacheSpec, share: f64) {
        let name = &self.setup.components[index].0;
        let CacheSpec {
            preset: _,
            time,
            workers: _,
            discipline,
            entries: _,
            ttl: _,
            eviction: _,
            shards: _,
            coalesce: _,
            refresh: _,
            sharding: _,
            hit_ratio: _,
            start_cold: _,
            cost: _,
        } = cache;
        if cache.shard_count() > 1 || cache.coalesce == Some(true) {
            self.problem(name, "shards by key, or misses that wait for each other");
        }
        let order = self.order(index, discipline.as_ref());
        let Some(time) = time else { return };
        let station = self.station(1, cache.worker_count(), order, Routing::Random);
        self.visit(index, station, time, share);
    }

    fn external(&mut self, index: usize, external: &ExternalSpec, share: f64) {
        let name = &self.setup.components[index].0;
        let ExternalSpec { latency, errors: None, limit: None, burst: _, concurrency: None } = external else {
            return self.problem(name, "it has limits or errors");
        };
        let station = self.station(1, None, Order::Fifo, Routing::Random);
        self.visit(index, station, latency, share);
    }

    fn balancer(&mut self, index: usize, balancer: &LoadBalancerSpec, operation: &str, share: f64) {
        let name = &self.setup.components[index].0;
        let LoadBalancerSpec {
            preset: _,
            targets: _,
            routes: _,
            policy,
            limit: None,
            time,
            health: None,
            layer: None,
            cost: _,
        } = balancer
        else {
            return self.problem(name, "it limits requests");
        };
        if let Some(time) = time {
            self.pass(time, share);
        }
        let [one] = balancer.targets_of(operation)[..] else { return self.problem(name, "it has several targets") };
        let policy = policy.as_ref().map_or(Balance::RoundRobin, |policy| policy.value.clone());
        let via = Via { caller: name, callers: 1, balance: Some(policy) };
        self.call(&via, &one.value, operation, share);
    }

    fn order(&mut self, index: usize, discipline: Option<&Discipline>) -> Order {
        match discipline {
            None | Some(Discipline::Fifo) => Order::Fifo,
            Some(Discipline::ProcessorSharing(args)) if args.weights.is_none() => Order::Sharing,
            Some(_) => {
                self.problem(&self.setup.components[index].0, "no formula here for its discipline");
                Order::Fifo
            }
        }
    }

    fn station(&self, instances: u32, servers: Option<u32>, order: Order, routing: Routing) -> Station {
        Station {
            instances,
            servers,
            order,
            routing,
            flow: self.flow.clone(),
            work: Vec::new(),
            once: true,
            via: self.via.clone(),
        }
    }

    /// Adds a visit to a station, and what it does to the flow.
    fn visit(&mut self, index: usize, seen: Station, time: &Duration, share: f64) {
        let law = time.0.scaled(1e-9);
        if !is_independent(&law) {
            return self.problem(&self.setup.components[index].0, IN_TURN);
        }
        if law.mean() <= 0.0 {
            return;
        }
        let partly = matches!(self.flow, Flow::Renewal(_)) && share != 1.0;
        let flow =
            if partly { Flow::Unknown("only some of the regular arrivals reach it".into()) } else { self.flow.clone() };
        let again = self.way.visits.iter().any(|visit| visit.component == index);
        let station = self.stations.entry(index).or_insert(Station { flow: flow.clone(), ..seen.clone() });
        if station.flow != flow && !matches!(station.flow, Flow::Unknown(_)) {
            let both = "arrivals of different kinds meet there".to_owned();
            station.flow = if let Flow::Unknown(_) = flow { flow } else { Flow::Unknown(both) };
        } else if matches!(flow, Flow::Renewal(_)) && !station.work.is_empty() {
            station.flow = Flow::Unknown("several sources of regular arrivals meet there".into());
        }
        // Two who deal in turn, each for itself, do not deal in turn together.
        if station.routing != seen.routing || (seen.routing != Routing::Random && station.via != seen.via) {
            station.routing = Routing::Other;
        }
        station.once &= !again && share == 1.0;
        station.work.push((self.rate * share, law.clone()));
        self.way.visits.push(Visit { component: index, law, share });
        self.after(index);
    }

    /// What the flow is behind a station.
    fn after(&mut self, index: usize) {
        let passes = self.passing.get(&index).copied().unwrap_or(true);
        let name = &self.setup.components[index].0;
        self.flow = match &self.flow {
            Flow::Poisson if passes => Flow::Poisson,
            Flow::Unknown(why) => Flow::Unknown(why.clone()),
            _ => Flow::Unknown(format!("its arrivals are not Poisson: they come through `{name}`")),
        };
    }

    fn steps(&mut self, index: usize, station: &Station, steps: &Steps, share: f64) {
        for step in steps.iter() {
            self.step(index, station, step, share);
        }
    }

    fn step(&mut self, index: usize, station: &Station, step: &Step, share: f64) {
        let name = &self.setup.components[index].0;
        match step {
            Step::Compute(args) if args.cores.is_none() => {
                let now = Station { flow: self.flow.clone(), ..station.clone() };
                self.visit(index, now, &args.time, share);
            }
            Step::Wait(args) => self.pass(&args.time, share),
            Step::Call(args) if args.key.is_none() => {
                let (component, operation) = target(&args.to.value);
                let via = Via { caller: name, callers: station.instances, balance: None };
                self.call(&via, component, operation, share);
            }
            Step::Do(args) => self.steps(index, station, &args.steps, share),
            Step::Maybe(args) => {
                let otherwise = args.otherwise.as_ref().map(|steps| (1.0 - args.p.0, steps));
                let branches = [(args.p.0, &args.then)].into_iter().chain(otherwise);
                self.branches(index, station, branches.collect(), share);
            }
            Step::Choose(args) => {
                let total: f64 = args.branches.iter().map(|(weight, _)| weight).sum();
                let branches = args.branches.iter().map(|(weight, steps)| (weight / total.max(1e-300), steps));
                self.branches(index, station, branches.collect(), share);
            }
            Step::Repeat(args) if args.mean_rounds() >= 1.0 => {
                self.steps(index, station, &args.steps, share);
                let more = args.mean_rounds() - 1.0;
                if more > 0.0 {
                    self.steps(index, station, &args.steps, share * more);
                }
            }
            Step::Cached(args) => {
                let forced =
                    self.setup.component(&args.cache.value).and_then(|cache| match &self.setup.components[cache].1 {
                        Kind::Cache(cache) => cache.hit_ratio,
                        _ => None,
                    });
                let Some(hit) = forced else {
                    return self.problem(name, "whether a key hits depends on the keys before it");
                };
                let via = Via { caller: name, callers: station.instances, balance: None };
                self.call(&via, &args.cache.value, "get", share);
                self.branches(index, station, vec![(1.0 - hit.0, &args.miss)], share);
            }
            _ => self
                .problem(name, "a step without a formula: several branches at once, locks, failures, keys or messages"),
        }
    }

    /// Alternatives: each starts with the flow of now, and any of them can spoil what follows.
    fn branches(&mut self, index: usize, station: &Station, branches: Vec<(f64, &Steps)>, share: f64) {
        let before = self.flow.clone();
        let mut after = before.clone();
        for (part, steps) in branches.into_iter().filter(|(part, _)| *part > 0.0) {
            self.flow = before.clone();
            self.steps(index, station, steps, share * part);
            if self.flow != before {
                after = self.flow.clone();
            }
        }
        self.flow = after;
    }
}

/// Whether draws of a law do not depend on each other.
pub(crate) fn is_independent(dist: &Dist) -> bool {
    match dist {
        Dist::Sequence(_) => false,
        Dist::Mixture(parts) => parts.iter().all(|(_, part)| is_independent(part)),
        _ => true,
    }
}

/// Whether a service is nothing but replicas with cores. Every field is named, so that a new one has to be decided about.
fn is_plain(service: &ServiceSpec) -> bool {
    let ServiceSpec {
        preset: _,
        on: _,
        replicas: _,
        cpu: _,
        discipline: _,
        concurrency: None,
        queue: None,
        admission: _,
        limit: None,
        speed: None,
        core_speed: None,
        assign: _,
        pauses: None,
        vacation: None,
        cold_start: None,
        patience: None,
        join: None,
        reserve: None,
        memory_per_request: _,
        per_instance: _,
        cost: _,
        shed: None,
        autoscale: None,
    } = service
    else {
        return false;
    };
    true
}

fn routing(balance: Option<Balance>, callers: u32) -> Routing {
    match balance {
        None | Some(Balance::Random) => Routing::Random,
        Some(Balance::RoundRobin) if callers == 1 => Routing::RoundRobin,
        Some(Balance::PowerOfTwo(args)) if callers == 1 && args.with_replacement != Some(true) => {
            Routing::Choices(args.choices.as_ref().map_or(2, |choices| choices.value))
        }
        _ => Routing::Other,
    }
}

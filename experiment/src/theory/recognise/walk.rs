//! Follows the requests of a source through the components: which stations they visit, how often, and what else takes time.

use super::plain::{
    Single, away, beyond_formulas, beyond_formulas_on_edge, beyond_formulas_outside, order, routing, single,
};
use super::problem::Problem;
use super::stations::{Flow, Order, Routing, Station, Stations, Work};
use archsim_core::Dist;
use archsim_models::kind::cache::CacheSpec;
use archsim_models::kind::database::{DatabaseSpec, OperationSpec};
use archsim_models::kind::external::ExternalSpec;
use archsim_models::kind::load_balancer::LoadBalancerSpec;
use archsim_models::kind::service::ServiceSpec;
use archsim_models::spec::{Balance, Discipline, Duration, EdgeSpec};
use archsim_models::{Kind, Setup};
use std::collections::{BTreeMap, BTreeSet};

/// Calls within calls beyond which a scenario is not followed.
const DEPTH: usize = 50;
/// Why times in turn have no formula.
pub(super) const IN_TURN: &str = "its times come in turn and are not independent";

/// What a request asks of a station.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Visit {
    pub(crate) component: usize,
    pub(crate) law: Dist,
    /// Mean number for a request.
    pub(crate) share: f64,
    pub(crate) priority: u8,
    /// Mean time on the way since the visit before.
    pub(crate) after: f64,
}

/// Several visits or pauses at once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fork {
    pub(crate) branches: Vec<Branch>,
    /// How many of them have to be over.
    pub(crate) need: usize,
    /// Mean number for a request.
    pub(crate) share: f64,
}

/// One of several at once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Branch {
    /// A visit to a station.
    Queue(usize),
    /// A time of its own, in seconds.
    Time(Dist),
}

/// The way of the requests of one source.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) visits: Vec<Visit>,
    pub(crate) forks: Vec<Fork>,
    /// Mean time for network, pauses and services without a limit.
    pub(crate) delay: f64,
    /// Whether that time is always the same.
    pub(crate) delay_is_constant: bool,
    /// Whether all of it but the branches at once is always the same.
    pub(crate) fixed_delay: bool,
    /// Whether there was no problem on it.
    pub(crate) sound: bool,
}

impl Way {
    pub(super) fn new() -> Self {
        Way {
            visits: Vec::new(),
            forks: Vec::new(),
            delay: 0.0,
            delay_is_constant: true,
            fixed_delay: true,
            sound: true,
        }
    }
}

/// What the first walk told of a station.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// A Poisson process goes through it.
    pub(crate) passes: bool,
    /// As many go out as come in.
    pub(crate) stable: bool,
}

/// Walks.
pub(crate) struct Walk<'a> {
    pub(super) setup: &'a Setup,
    /// What is known of stations; empty on the first walk.
    known: BTreeMap<usize, Known>,
    rate: f64,
    priority: u8,
    pub(super) flow: Flow,
    /// Whether every request comes as far as this.
    pub(super) certain: bool,
    pub(crate) stations: Stations,
    /// Stations at which requests are lost.
    pub(crate) lossy: BTreeSet<usize>,
    /// Stations of components with requests that ask nothing of them.
    pub(super) passed_by: BTreeSet<usize>,
    /// What stands against any formula.
    pub(crate) problems: Vec<Problem>,
    pub(super) way: Way,
    /// Who calls.
    via: String,
    depth: usize,
    /// Mean number of calls to the component at work, for a request.
    pub(super) entry: f64,
}

/// Who calls, and who chooses the instance.
pub(super) struct Via<'a> {
    pub(super) caller: &'a str,
    pub(super) callers: u32,
    pub(super) balance: Option<Balance>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(setup: &'a Setup, known: BTreeMap<usize, Known>) -> Self {
        Walk {
            setup,
            known,
            rate: 0.0,
            priority: 0,
            flow: Flow::Poisson,
            certain: true,
            stations: Stations::new(),
            lossy: BTreeSet::new(),
            passed_by: BTreeSet::new(),
            problems: Vec::new(),
            way: Way::new(),
            via: String::new(),
            depth: 0,
            entry: 1.0,
        }
    }

    /// The way of requests that a source sends with a rate to an operation.
    pub(crate) fn follow(
        &mut self,
        source: &str,
        sent: (f64, u8),
        flow: Flow,
        component: &str,
        operation: &str,
    ) -> Way {
        ((self.rate, self.priority), self.flow, self.depth, self.certain) = (sent, flow, 0, true);
        self.way = Way::new();
        self.call(&Via { caller: source, callers: 1, balance: None }, component, operation, 1.0);
        std::mem::replace(&mut self.way, Way::new())
    }

    /// Requests whose work is nothing to the component: its metrics are about them, too.
    pub(crate) fn finish(&mut self) {
        for (_, station) in self.stations.iter_mut().filter(|(index, _)| self.passed_by.contains(index)) {
            (station.once, station.alone) = (false, false);
        }
    }

    pub(crate) fn add_problem(&mut self, problem: Problem) {
        self.flow = Flow::Unknown(format!("what comes through `{}` has no known law", problem.of));
        (self.certain, self.way.sound) = (false, false);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Something at a component, and whether requests may fail by it.
    pub(super) fn problem(&mut self, index: usize, why: impl Into<String>, fails: bool) {
        let of = self.setup.components[index].0.clone();
        self.add_problem(Problem { of, why: why.into(), at: Some(index), fails: fails.then_some(index) });
    }

    /// Time that passes without a queue.
    pub(super) fn pass(&mut self, index: usize, time: &Duration, share: f64) {
        if !is_independent(&time.0) {
            return self.problem(index, IN_TURN, false);
        }
        self.way.delay += share * time.mean_seconds();
        let constant = matches!(time.0, Dist::Constant(_));
        self.way.delay_is_constant &= constant && share == 1.0;
        self.way.fixed_delay &= constant && share == 1.0;
        if constant {
            return;
        }
        if let Flow::Renewal(_) | Flow::Batches(_) = &self.flow {
            self.flow = Flow::Unknown("random delays stand between regular arrivals and it".into());
        }
    }

    pub(super) fn call(&mut self, via: &Via<'_>, component: &str, operation: &str, share: f64) {
        let Some(index) = self.setup.component(component) else { return };
        self.depth += 1;
        if self.depth > DEPTH {
            return self.problem(index, "calls go round in a circle", false);
        }
        let edge = self.setup.edge(via.caller, component);
        self.via = via.caller.to_owned();
        self.edge(via.caller, index, &edge, share);
        let balance = via.balance.clone().or(edge.balance.as_ref().map(|balance| balance.value.clone()));
        let kind = &self.setup.components[index].1;
        let operation = match kind.operations().first() {
            Some(first) if operation.is_empty() => first,
            _ => operation,
        };
        let mut routing = routing(balance, via.callers);
        if matches!(routing, Routing::Choices(_)) && edge.latency.is_some() {
            routing = Routing::Other;
        }
        let before = self.entry;
        self.entry = share;
        match kind {
            Kind::Service(service) => self.service(index, service, operation, share, routing),
            Kind::Database(database) => self.database(index, database, operation, share),
            Kind::Cache(cache) => self.cache(index, cache, share),
            Kind::External(external) => self.external(index, external, share),
            Kind::LoadBalancer(balancer) => self.balancer(index, balancer, operation, share),
            Kind::Broker(_) | Kind::Consumers(_) => self.problem(index, "messages are outside of the formulas", false),
        }
        (self.entry, self.depth) = (before, self.depth - 1);
    }

    fn edge(&mut self, caller: &str, callee: usize, edge: &EdgeSpec, share: f64) {
        if let Some((why, fails)) = beyond_formulas_on_edge(edge) {
            let of = format!("{caller} -> {}", self.setup.components[callee].0);
            let fails = if fails { self.setup.component(caller) } else { None };
            self.add_problem(Problem { of, why, at: Some(callee), fails });
        }
        if let Some(latency) = &edge.latency {
            self.pass(callee, latency, share);
            self.pass(callee, latency, share);
        }
    }

    fn service(&mut self, index: usize, service: &ServiceSpec, operation: &str, share: f64, routing: Routing) {
        let away = away(service);
        if let Some((why, fails)) = beyond_formulas(service, away.is_some()) {
            self.problem(index, why, fails);
        }
        let cores = service.core_count();
        let mut station = self.station(service.replica_count(), Some(cores), Order::Fifo, routing);
        station.away = away;
        let mut kinds = service.on.0.iter().map(|(_, steps)| single(steps));
        let first = kinds.next().flatten();
        let only = first.filter(|first| kinds.all(|kind| kind == Some(*first)));
        station.alone = only.is_some();
        if let Some(slots) = &service.concurrency {
            self.slots(index, service, &mut station, (slots.value, only));
        } else {
            station.order = self.order(index, service.discipline.as_ref());
        }
        if let Some(patience) = &service.patience {
            let at_one_place = only == Some(Single::Compute) && service.concurrency.is_none()
                || service
                    .concurrency
                    .as_ref()
                    .is_some_and(|slots| only.is_some() && (only == Some(Single::Wait) || slots.value <= cores));
            if !at_one_place || station.room.is_some() || station.order != Order::Fifo {
                self.problem(index, "requests lose patience, and not in one plain queue", true);
            }
            station.patience = Some(patience.0.scaled(1e-9));
        }
        let visits = self.station_visits(index);
        if let Some(steps) = service.on.get(operation) {
            self.steps(index, &station, steps, share);
        }
        if self.station_visits(index) == visits {
            self.passed_by.insert(index);
        }
    }

    fn station_visits(&self, index: usize) -> usize {
        self.stations.get(&index).map_or(0, |station| station.work.len())
    }

    /// Slots: a formula holds where they or the cores are the only thing that is waited for.
    fn slots(
        &mut self,
        index: usize,
        service: &ServiceSpec,
        station: &mut Station,
        (slots, only): (u32, Option<Single>),
    ) {
        let fails = service.queue.is_some();
        let room = service.queue.as_ref().map(|queue| slots.saturating_add(queue.value));
        let cores = service.core_count();
        let waits_for_slots = only == Some(Single::Wait) || (only.is_some() && slots <= cores);
        let order_of = |discipline: Option<&Discipline>| order(discipline);
        station.room = room;
        if only.is_none() {
            return self.problem(index, "slots (`concurrency`) are held during several steps", fails);
        }
        if waits_for_slots {
            station.servers = Some(slots);
            station.cores = (only == Some(Single::Compute)).then_some(cores);
            station.order = self.order(index, service.admission.as_ref());
        } else if order_of(service.admission.as_ref()) != Some(Order::Fifo)
            || order_of(service.discipline.as_ref()) != Some(Order::Fifo)
        {
            self.problem(index, "more slots than cores, and not served in order of arrival", fails);
        }
    }

    fn database(&mut self, index: usize, database: &DatabaseSpec, operation: &str, share: f64) {
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
        let shards = database.shard_count();
        let keyed = shard_by.is_some() && shards > 1;
        if keyed || database.replica_count() > 0 {
            self.problem(
                index,
                if keyed { "keys choose its shards (`shard_by`)" } else { "it has read replicas" },
                false,
            );
        }
        if connections.is_some() || pauses.is_some() {
            self.problem(index, "it pauses or limits connections", connections.is_some());
        }
        let order = self.order(index, discipline.as_ref());
        let mut station = self.station(shards, Some(database.worker_count()), order, Routing::Random);
        if let Some(patience) = patience {
            station.patience = Some(patience.0.scaled(1e-9));
            if order != Order::Fifo {
                self.problem(index, "requests lose patience, and not in order of arrival", true);
            }
        }
        match ops.get(operation) {
            Some(OperationSpec::Scatter(_)) if shards > 1 => {
                self.problem(index, "an operation asks every shard (`Scatter`)", false)
            }
            Some(operation) => self.visit(index, station, operation.time(), share),
            None => {}
        }
    }

    fn cache(&mut self, index: usize, cache: &CacheSpec, share: f64) {
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
        if cache.shard_count() > 1 && time.is_some() {
            self.problem(index, "keys choose its shards", false);
        }
        let order = self.order(index, discipline.as_ref());
        let Some(time) = time else { return };
        let station = self.station(1, cache.worker_count(), order, Routing::Random);
        self.visit(index, station, time, share);
    }

    fn external(&mut self, index: usize, external: &ExternalSpec, share: f64) {
        if let Some(why) = beyond_formulas_outside(external) {
            self.problem(index, why, true);
        }
        let slots = external.concurrency.as_ref().map(|slots| slots.value);
        let mut station = self.station(1, slots, Order::Fifo, Routing::Random);
        (station.cores, station.room) = (None, slots);
        self.visit(index, station, &external.latency, share);
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
            return self.problem(index, "its `limit` rejects or delays requests", true);
        };
        if let Some(time) = time {
            self.pass(index, time, share);
        }
        let [one] = balancer.targets_of(operation)[..] else {
            return self.problem(index, "it spreads requests over several components", false);
        };
        let policy = policy.as_ref().map_or(Balance::RoundRobin, |policy| policy.value.clone());
        let via = Via { caller: name, callers: 1, balance: Some(policy) };
        self.call(&via, &one.value, operation, share);
    }

    fn order(&mut self, index: usize, discipline: Option<&Discipline>) -> Order {
        order(discipline).unwrap_or_else(|| {
            self.problem(index, "its cores are shared by weights or with `scaling`", false);
            Order::Sharing
        })
    }

    fn station(&self, instances: u32, servers: Option<u32>, order: Order, routing: Routing) -> Station {
        Station {
            instances,
            servers,
            cores: servers,
            order,
            routing,
            flow: self.flow.clone(),
            work: Vec::new(),
            once: true,
            alone: true,
            known: true,
            room: None,
            patience: None,
            away: None,
            via: self.via.clone(),
        }
    }

    /// Adds a visit to a station, and what it does to the flow.
    pub(super) fn visit(&mut self, index: usize, seen: Station, time: &Duration, share: f64) {
        let law = time.0.scaled(1e-9);
        if !is_independent(&law) {
            return self.problem(index, IN_TURN, false);
        }
        if law.mean() <= 0.0 {
            return;
        }
        let flow = match &self.flow {
            Flow::Renewal(_) if share != 1.0 => Flow::Unknown("only some of the regular arrivals reach it".into()),
            Flow::Batches(_) if share != 1.0 => Flow::Unknown("only a part of each batch reaches it".into()),
            flow => flow.clone(),
        };
        let again = self.way.visits.iter().any(|visit| visit.component == index);
        let lost = seen.loses();
        let station = self.stations.entry(index).or_insert(Station { flow: flow.clone(), ..seen.clone() });
        if station.flow != flow && !matches!(station.flow, Flow::Unknown(_)) {
            let both = "arrivals of different kinds meet there".to_owned();
            station.flow = if let Flow::Unknown(_) = flow { flow } else { Flow::Unknown(both) };
        } else if !matches!(flow, Flow::Poisson | Flow::Unknown(_)) && !station.work.is_empty() {
            station.flow = Flow::Unknown("several sources of regular arrivals meet there".into());
        }
        // Two who deal in turn, each for itself, do not deal in turn together.
        if station.routing != seen.routing || (seen.routing != Routing::Random && station.via != seen.via) {
            station.routing = Routing::Other;
        }
        station.once &= !again && share == self.entry;
        station.alone &= seen.alone;
        station.known &= self.certain;
        let priority = self.priority;
        station.work.push(Work { rate: self.rate * share, law: law.clone(), priority });
        let before: f64 = self.way.visits.iter().map(|visit| visit.after).sum();
        self.way.visits.push(Visit { component: index, law, share, priority, after: self.way.delay - before });
        if lost {
            self.lossy.insert(index);
        }
        self.after(index, lost);
    }

    /// What the flow is behind a station.
    fn after(&mut self, index: usize, lost: bool) {
        let known = self.known.get(&index).copied().unwrap_or(Known { passes: true, stable: true });
        let name = &self.setup.components[index].0;
        self.certain &= known.stable && !lost;
        self.flow = match &self.flow {
            Flow::Poisson if known.passes && known.stable && !lost => Flow::Poisson,
            Flow::Unknown(why) => Flow::Unknown(why.clone()),
            _ if lost => Flow::Unknown(format!("some requests are lost before it, at `{name}`")),
            _ if !known.stable => Flow::Unknown(format!("`{name}`, before it, is overloaded")),
            _ => Flow::Unknown(format!("its arrivals are not Poisson: they come through `{name}`")),
        };
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

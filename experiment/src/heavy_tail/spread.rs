//! From the laws of a plan to the tails of everything that is measured: what waits for what.

use super::Place;
use super::program::{all, before_the_answer};
use super::tail::Tail;
use super::words::{DELAY, GAPS, LATENCY, OUTAGES, WORK};
use crate::load_table::LoadTable;
use archsim_core::{Dist, Time};
use archsim_models::Plan;
use archsim_models::plan::{Arrivals, CallPlan, Capacity, NONE, Op, Pace};
use archsim_models::spec::Discipline;

/// The tails of a plan.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tails {
    /// What a core or worker of each component is held for.
    pub work: Vec<f64>,
    /// How long each component is down or its cores are away.
    pub away: Vec<f64>,
    /// Waiting for a core, a slot or a thread, by component.
    pub wait: Vec<Tail>,
    /// Everything from arrival to answer, by component.
    pub sojourn: Vec<Tail>,
    /// Waiting for a lock, by lock.
    pub lock: Vec<Tail>,
    /// Waiting for a connection, by edge.
    pub pool: Vec<Tail>,
    /// The response that users see, by class.
    pub class: Vec<Tail>,
    /// Of what passes at each component without a server: `Wait` steps and the like.
    pub delay: Vec<f64>,
    /// Of the network, by edge; infinite for those along which nobody waits longer than a time-out.
    pub network: Vec<f64>,
    /// Of the gaps between requests, by source.
    pub gap: Vec<f64>,
    /// Of the rates that a source brings: its gaps, and where users wait for answers those too.
    pub rate: Vec<f64>,
    /// The same for each class.
    pub rate_of_class: Vec<f64>,
    /// Of the rates at each component.
    pub reached: Vec<f64>,
    /// From a call of an operation to its answer.
    pub operation: Vec<Tail>,
}

impl Tails {
    /// The index of the heaviest sum that some mean is made of.
    pub(super) fn heaviest(&self) -> f64 {
        let tails = [&self.wait, &self.sojourn, &self.lock, &self.pool, &self.class].into_iter().flatten();
        let indices = [&self.work, &self.away, &self.delay, &self.network, &self.rate, &self.reached];
        tails.map(|tail| tail.area).chain(indices.into_iter().flatten().copied()).fold(f64::INFINITY, f64::min)
    }
}

/// What the tails are worked out from.
pub(super) struct Spread<'a> {
    pub(super) plan: &'a Plan,
    load: &'a LoadTable,
    /// Whether the number of those who wait is limited anyway: closed traffic only, or a run of a length that is part of the question.
    pub(super) limited: bool,
    /// Whether all work at a component is stopped when its callers have waited long enough.
    stopped: Vec<bool>,
    /// The only law that counts, where one is looked at alone.
    only: Option<(Place, &'static str)>,
}

impl<'a> Spread<'a> {
    pub(super) fn new(plan: &'a Plan, load: &'a LoadTable, terminating: bool) -> Self {
        let closed = plan.sources.iter().all(|source| matches!(source.arrivals, Arrivals::Closed { .. }));
        Spread { plan, load, limited: terminating || closed, stopped: stopped(plan), only: None }
    }

    /// The same as if no other law were heavy.
    pub(super) fn alone(&self, place: Place, of: &'static str) -> Tails {
        let Spread { plan, load, limited, .. } = *self;
        Spread { plan, load, limited, stopped: self.stopped.clone(), only: Some((place, of)) }.spread()
    }

    fn index(&self, dist: u32) -> f64 {
        if dist == NONE { f64::INFINITY } else { self.plan.dists[dist as usize].tail_index() }
    }

    /// The index of the law at a place.
    fn law(&self, place: Place, of: &'static str, index: f64) -> f64 {
        if self.only.is_none_or(|only| only == (place, of)) { index } else { f64::INFINITY }
    }

    /// The index of a law of a component.
    fn at(&self, component: usize, of: &'static str, dist: u32) -> f64 {
        self.law(Place::Component(component), of, self.index(dist))
    }

    /// The index of the network along an edge.
    fn latency(&self, edge: usize) -> f64 {
        self.law(Place::Edge(edge), LATENCY, self.index(self.plan.edges[edge].latency))
    }

    /// The tails: those of callees first, by repeating until nothing gets heavier any more. None where no law has a heavy one.
    pub(super) fn tails(&self) -> Option<Tails> {
        let laws = self.plan.dists.iter().map(Dist::tail_index);
        let gaps = self.plan.sources.iter().map(|source| self.gap(&source.arrivals));
        laws.chain(gaps).any(f64::is_finite).then(|| self.spread())
    }

    fn spread(&self) -> Tails {
        let components = self.plan.components.len();
        let light = |count: usize| vec![Tail::LIGHT; count];
        let mut tails = Tails {
            work: (0..components).map(|component| self.work(component)).collect(),
            away: (0..components).map(|component| self.away(component)).collect(),
            wait: light(components),
            sojourn: light(components),
            lock: light(self.plan.locks.len()),
            pool: light(self.plan.edges.len()),
            class: light(self.plan.classes.len()),
            gap: self
                .plan
                .sources
                .iter()
                .enumerate()
                .map(|(at, s)| self.law(Place::Source(at), GAPS, self.gap(&s.arrivals)))
                .collect(),
            delay: (0..components).map(|component| self.delay(component)).collect(),
            network: (0..self.plan.edges.len()).map(|edge| self.network(edge)).collect(),
            rate: vec![],
            rate_of_class: vec![],
            reached: vec![],
            operation: light(self.plan.operations.len()),
        };
        for _ in 0..=self.plan.operations.len() {
            let before = tails.clone();
            self.once(&mut tails);
            if tails == before {
                break;
            }
        }
        tails.class = self.plan.classes.iter().map(|class| self.program(&tails, None, class.start)).collect();
        self.rates(&mut tails);
        tails
    }

    fn once(&self, tails: &mut Tails) {
        for component in 0..self.plan.components.len() {
            tails.wait[component] = tails.wait[component].and(self.wait(tails, component));
        }
        for edge in 0..self.plan.edges.len() {
            tails.pool[edge] = self.pool(tails, edge);
        }
        self.held_locks(tails);
        for (index, operation) in self.plan.operations.iter().enumerate() {
            let component = operation.component as usize;
            let inside = self.program(tails, Some(component), operation.start);
            tails.operation[index] = tails.operation[index].and(inside).and(self.slots(tails, component));
        }
        self.fills(tails);
        for (index, operation) in self.plan.operations.iter().enumerate() {
            let component = operation.component as usize;
            tails.sojourn[component] = tails.sojourn[component].and(tails.operation[index]);
        }
        for consumer in &self.plan.consumers {
            let component = consumer.component as usize;
            let handling = self.program(tails, Some(component), consumer.start);
            tails.sojourn[component] = tails.sojourn[component].and(handling);
        }
    }

    /// The instructions of a component, with what goes on after an answer.
    fn instructions(&self, component: usize) -> Vec<Op> {
        let own = self.plan.operations.iter().filter(|o| o.component as usize == component).map(|o| o.start);
        let handling = self.plan.consumers.iter().filter(|c| c.component as usize == component).map(|c| c.start);
        let reached = own.chain(handling).flat_map(|start| all(self.plan, start));
        reached.map(|at| self.plan.ops[at as usize]).collect()
    }

    fn work(&self, component: usize) -> f64 {
        if self.stopped[component] {
            return f64::INFINITY;
        }
        let computed = |op: Op| match op {
            Op::Compute { dist, .. } | Op::ComputeInTurn { dist, .. } => self.at(component, WORK, dist),
            _ => f64::INFINITY,
        };
        self.instructions(component).into_iter().map(computed).fold(f64::INFINITY, f64::min)
    }

    fn delay(&self, component: usize) -> f64 {
        let passed =
            |op: Op| if let Op::Wait { dist, .. } = op { self.at(component, DELAY, dist) } else { f64::INFINITY };
        let all = || self.instructions(component).into_iter().map(passed).fold(f64::INFINITY, f64::min);
        if self.stopped[component] { f64::INFINITY } else { all() }
    }

    fn network(&self, edge: usize) -> f64 {
        let plan = &self.plan.edges[edge];
        let ends = plan.timeout > Time::ZERO && plan.retries != u32::MAX;
        if ends { f64::INFINITY } else { self.latency(edge) }
    }

    /// Outages, pauses, vacations and starts.
    fn away(&self, component: usize) -> f64 {
        let instances = self.instances(component);
        let failures = self.plan.failures.iter().filter(|f| instances.contains(&(f.first as usize)));
        let mut laws: Vec<u32> = failures.map(|failures| failures.down).collect();
        for queueing in instances.filter_map(|i| self.plan.queueing.get(self.plan.instances[i].queueing as usize)) {
            laws.extend(queueing.pauses.map(|(_, down)| down));
            laws.extend(queueing.crew.iter().flat_map(|crew| [crew.vacation, crew.set_up, crew.down]));
        }
        laws.into_iter().map(|dist| self.at(component, OUTAGES, dist)).fold(f64::INFINITY, f64::min)
    }

    fn instances(&self, component: usize) -> std::ops::Range<usize> {
        let plan = &self.plan.components[component];
        plan.first_instance as usize..(plan.first_instance + plan.instances) as usize
    }

    fn gap(&self, arrivals: &Arrivals) -> f64 {
        match arrivals {
            Arrivals::Open { gap, .. } => gap.tail_index(),
            Arrivals::Paced(paced) => match &paced.pace {
                Pace::Gaps { gap, .. } => gap.tail_index(),
                Pace::Replay(_) => f64::INFINITY,
            },
            Arrivals::Closed { think, .. } => self.index(*think),
        }
    }

    /// Servers that the load leaves free on average, the one that it works on included.
    fn spare(servers: u32, held: f64) -> f64 {
        (f64::from(servers) - libm::floor(held)).max(1.0)
    }

    /// Of the servers of a component so many are busy on average.
    fn busy(&self, component: usize, servers: u32) -> f64 {
        self.load.rows.get(component).and_then(|row| row.busy).unwrap_or(0.0) * f64::from(servers)
    }

    /// Whether a number of slots limits how many of a component's requests can wait for a core.
    pub(super) fn has_slots(&self, component: usize) -> bool {
        let slots = self.instances(component).next().map_or(NONE, |at| self.plan.instances[at].slots);
        self.plan.stations.get(slots as usize).is_some_and(|slots| slots.servers != u32::MAX)
    }

    /// Waiting for a core or worker.
    fn cores(&self, tails: &Tails, component: usize, cores: &Capacity) -> Tail {
        let index = tails.work[component];
        match self.station(cores, Tail::delay(index), self.busy(component, cores.servers)) {
            wait if wait.busy.is_finite() && self.has_slots(component) => Tail::limited(index),
            wait => wait,
        }
    }

    /// Waiting at a station where somebody holds a server for such a time, and so many are held on average.
    fn station(&self, station: &Capacity, hold: Tail, held: f64) -> Tail {
        let shares =
            station.discipline.interrupts_or_shares() && !matches!(station.discipline, Discipline::Priority(_));
        if station.servers == u32::MAX || hold.time.is_infinite() {
            Tail::LIGHT
        } else if shares || self.limited || station.room != u32::MAX {
            Tail::limited(hold.time)
        } else {
            Tail::behind(hold, Self::spare(station.servers, held))
        }
    }

    /// Nobody waits for longer than the patience.
    fn patient(&self, component: usize, wait: Tail) -> Tail {
        let plan = self.instances(component).next().map(|instance| self.plan.instances[instance].queueing);
        let patience = plan.and_then(|queueing| self.plan.queueing.get(queueing as usize)).map(|plan| plan.patience);
        match patience.filter(|patience| *patience != NONE) {
            Some(patience) if self.index(patience).is_infinite() => wait.cut(),
            _ => wait,
        }
    }

    fn wait(&self, tails: &Tails, component: usize) -> Tail {
        let Some(instance) = self.instances(component).next().map(|at| &self.plan.instances[at]) else {
            return Tail::LIGHT;
        };
        if self.stopped[component] {
            return Tail::LIGHT;
        }
        let cores = &self.plan.stations[instance.cores as usize];
        let at_work = self.cores(tails, component, cores);
        let away = match tails.away[component] {
            index if index.is_infinite() => Tail::LIGHT,
            index if self.limited => Tail::limited(index),
            index => Tail::queue(index, 1.0),
        };
        let of_messages =
            self.plan.consumers.iter().find(|c| c.component as usize == component).map_or(Tail::LIGHT, |consumer| {
                let handling = self.program(tails, Some(component), consumer.start);
                let bounded = self.limited || self.plan.topics[consumer.topic as usize].bound.is_some();
                let threads = consumer.members * consumer.threads;
                match handling.time {
                    index if index.is_infinite() => Tail::LIGHT,
                    index if bounded => Tail::limited(index),
                    _ => Tail::behind(handling, Self::spare(threads, self.busy(component, threads))),
                }
            });
        let locks = self.locks(tails, component);
        self.patient(component, at_work.and(away)).and(of_messages).and(self.slots(tails, component)).and(locks)
    }

    /// Waiting for a slot, which is held from then on until the answer.
    fn slots(&self, tails: &Tails, component: usize) -> Tail {
        let slots = self.instances(component).next().map_or(NONE, |at| self.plan.instances[at].slots);
        if slots == NONE || self.stopped[component] {
            return Tail::LIGHT;
        }
        let own = self.plan.operations.iter().filter(|operation| operation.component as usize == component);
        let held = own.map(|o| self.program(tails, Some(component), o.start)).fold(Tail::LIGHT, Tail::and);
        let inside = self.load.inside.get(component).copied().unwrap_or(0.0);
        let of_each = inside / f64::from(self.plan.components[component].instances.max(1));
        self.patient(component, self.station(&self.plan.stations[slots as usize], held, of_each))
    }

    fn pool(&self, tails: &Tails, edge: usize) -> Tail {
        let plan = &self.plan.edges[edge];
        if plan.first_pool == NONE || plan.timeout > Time::ZERO {
            return Tail::LIGHT;
        }
        let held = Tail::delay(self.latency(edge)).and(tails.sojourn[plan.callee as usize]);
        let caller = self.plan.components.get(plan.caller as usize).map_or(1, |caller| caller.instances.max(1));
        let of_each = self.load.on_edges.get(&plan.name).copied().unwrap_or(0.0) / f64::from(caller);
        self.station(&self.plan.stations[plan.first_pool as usize], held, of_each)
    }

    /// From the start of a program until its answer.
    pub(super) fn program(&self, tails: &Tails, component: Option<usize>, start: u32) -> Tail {
        if component.is_some_and(|component| self.stopped[component]) {
            return Tail::LIGHT;
        }
        let reached = before_the_answer(self.plan, start);
        let each = reached.iter().map(|at| self.instruction(tails, component, self.plan.ops[*at as usize]));
        each.fold(Tail::LIGHT, Tail::and)
    }

    fn instruction(&self, tails: &Tails, component: Option<usize>, op: Op) -> Tail {
        match op {
            Op::Compute { dist, .. } | Op::ComputeInTurn { dist, .. } => {
                let wait = component.map_or(Tail::LIGHT, |component| self.at_work(tails, component));
                Tail::delay(component.map_or(f64::INFINITY, |at| self.at(at, WORK, dist))).and(wait)
            }
            Op::Wait { dist, .. } => Tail::delay(component.map_or(f64::INFINITY, |at| self.at(at, DELAY, dist))),
            Op::Lock { lock } => tails.lock[lock as usize],
            Op::Call { call } => self.call(tails, &self.plan.calls[call as usize]),
            Op::Fork { fork } => {
                let fork = &self.plan.forks[fork as usize];
                let of = |(start, _): &(u32, _)| self.program(tails, component, *start);
                Tail::of_several(fork.branches.iter().map(of).collect(), fork.need as usize)
            }
            Op::Batch { batch } => {
                let plan = &self.plan.batches[batch as usize];
                let work = self.program(tails, component, plan.start);
                let waits = plan.at_once != u32::MAX && !self.limited;
                if waits { work.and(Tail::behind(work, f64::from(plan.at_once))) } else { work }
            }
            _ => Tail::LIGHT,
        }
    }

    /// Waiting for a core, without waiting for a slot.
    fn at_work(&self, tails: &Tails, component: usize) -> Tail {
        let Some(at) = self.instances(component).next() else { return Tail::LIGHT };
        let cores = &self.plan.stations[self.plan.instances[at].cores as usize];
        let away = if tails.away[component].is_infinite() { Tail::LIGHT } else { tails.wait[component] };
        self.patient(component, self.cores(tails, component, cores)).and(away)
    }

    fn call(&self, tails: &Tails, call: &CallPlan) -> Tail {
        if call.balancer == NONE {
            return self.answer(tails, call.edge, call.operation);
        }
        let targets = &self.plan.balancers[call.balancer as usize].targets;
        let answer = |operation: u32, edge: u32| {
            let operation = if operation == NONE { call.operation } else { operation };
            self.answer(tails, if call.edge == NONE { edge } else { call.edge }, operation)
        };
        targets.iter().map(|target| answer(target.operation, target.edge)).fold(Tail::LIGHT, Tail::and)
    }

    /// From a call until its answer, or until the caller waits no longer.
    fn answer(&self, tails: &Tails, edge: u32, operation: u32) -> Tail {
        let inside = tails.operation.get(operation as usize).copied().unwrap_or(Tail::LIGHT);
        let Some(plan) = self.plan.edges.get(edge as usize) else { return inside };
        let whole = inside.and(Tail::delay(self.latency(edge as usize))).and(tails.pool[edge as usize]);
        let ends = plan.timeout > Time::ZERO && plan.retries != u32::MAX;
        if ends { whole.cut() } else { whole }
    }

    fn rates(&self, tails: &mut Tails) {
        for (index, source) in self.plan.sources.iter().enumerate() {
            let classes = source.first_class as usize..(source.first_class + source.classes) as usize;
            let answers = tails.class[classes].iter().map(|class| class.area).fold(f64::INFINITY, f64::min);
            let closed = matches!(source.arrivals, Arrivals::Closed { .. });
            let rate = if closed { tails.gap[index].min(answers) } else { tails.gap[index] };
            tails.rate.push(rate);
            tails.rate_of_class.extend(std::iter::repeat_n(rate, source.classes as usize));
        }
        let components = self.plan.components.len();
        let mut rates = vec![f64::INFINITY; components];
        rates.extend(&tails.rate);
        for _ in 0..=components {
            for edge in &self.plan.edges {
                rates[edge.callee as usize] = rates[edge.callee as usize].min(rates[edge.caller as usize]);
            }
            for consumer in &self.plan.consumers {
                let broker = self.plan.topics[consumer.topic as usize].component as usize;
                rates[consumer.component as usize] = rates[consumer.component as usize].min(rates[broker]);
            }
        }
        rates.truncate(components);
        tails.reached = rates;
    }
}

/// Components whose work ends with the patience of those who asked for it: every caller has a time-out that stops it, or is
/// itself such a component.
fn stopped(plan: &Plan) -> Vec<bool> {
    let components = plan.components.len();
    let mut stopped = vec![false; components + plan.sources.len()];
    loop {
        let mut next = vec![false; stopped.len()];
        plan.edges.iter().for_each(|edge| next[edge.callee as usize] = true);
        for edge in &plan.edges {
            next[edge.callee as usize] &= edge.cancel && (edge.timeout > Time::ZERO || stopped[edge.caller as usize]);
        }
        if next == stopped {
            stopped.truncate(components);
            return stopped;
        }
        stopped = next;
    }
}

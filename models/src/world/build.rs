//! A world before its first instant: every table the plan asks for, and what is scheduled from the start.

use super::account::{CATEGORIES, Segments};
use super::alarm::Alarm;
use super::batching::Gathering;
use super::eviction::Future;
use super::failing::Machine;
use super::keyed_store::KeyedStore;
use super::ledger::Ledger;
use super::measure::{Measure, Schedule};
use super::pace::PaceState;
use super::quick::Quick;
use super::source::SourceState;
use super::station::Stations;
use super::table::Table;
use super::version::Versions;
use super::{BUDGET, Body, Disturbance, Instance, Lock, crewing, foresee, station};
use crate::breaker::Breaker;
use crate::limit::Limiter;
use crate::plan::*;
use crate::policy::Knowledge;
use archsim_core::{Agenda, Key, Time, Timeouts};
use std::collections::{BTreeMap, VecDeque};

impl Body {
    pub(super) fn new(plan: &Plan, space_names: &[String], root: Key, schedule: Schedule) -> Self {
        let Stations { stations, ranked, shared } = Stations::new(plan, root);
        let mut alarms = vec![Alarm::Cut, Alarm::Change];
        let mut alarm = |a: Alarm| {
            alarms.push(a);
            alarms.len() as u32 - 1
        };
        let mut timeouts = Timeouts::default();
        let lanes: Vec<u32> =
            plan.edges.iter().map(|e| if e.timeout > Time::ZERO { timeouts.lane(e.timeout) } else { NONE }).collect();
        let lane_count = lanes.iter().filter(|l| **l != NONE).max().map_or(0, |l| l + 1);
        // A changeover may bring every edge another time-out.
        let lane_alarms = (0..lane_count + plan.edges.len() as u32).map(|l| alarm(Alarm::Lane(l))).collect();
        let mut sharing_alarms = vec![0; shared.len()];
        for (index, station) in stations.iter().enumerate() {
            if station.order == station::Order::Sharing {
                sharing_alarms[station.extra as usize] = alarm(Alarm::Sharing(index as u32));
            }
        }
        let poll_alarms = (0..plan.consumers.len() as u32).map(|c| alarm(Alarm::Poll(c))).collect();
        let mut crew_alarms = vec![0; ranked.len()];
        for (index, station) in stations.iter().enumerate().filter(|(_, s)| s.order == station::Order::Ranked) {
            if ranked[station.extra as usize].crew.is_some() {
                crew_alarms[station.extra as usize] = alarm(Alarm::Crew(index as u32));
            }
        }
        let of_batch = |(index, batch): (usize, &BatchPlan)| {
            (0..batch.instances).map(move |place| (index as u32, place)).collect::<Vec<_>>()
        };
        let steps: Vec<(u32, u32)> = plan.batches.iter().enumerate().flat_map(of_batch).collect();
        let batch_alarms: Vec<u32> =
            steps.iter().enumerate().map(|(at, (batch, _))| alarm(Alarm::Batch(*batch, at as u32))).collect();
        let pauses = crewing::pauses(plan, root);
        let pause_alarms = (0..pauses.len() as u32).map(|index| alarm(Alarm::Pause(index))).collect();
        let machines = Machine::all(plan, root, &mut alarms);
        let successions = super::failover::successions(plan, root, &mut alarms);
        let first_source = alarms.len() as u32;
        alarms.extend(plan.sources.iter().map(|_| Alarm::Source));
        let paces = plan.sources.iter().map(|s| PaceState::new(root.named(&s.name))).collect();
        let sources = {
            let state = |(index, s): (usize, &SourcePlan)| {
                SourceState::new(root.named(&s.name), s.instance, foresee::scatter(plan, index as u32))
            };
            plan.sources.iter().enumerate().map(state).collect()
        };
        let observed = |component: u32| plan.components.get(component as usize).is_some_and(|c| c.observed);
        let instance = |i: &InstancePlan| Instance {
            component: i.component,
            cores: i.cores,
            slots: i.slots,
            limit: i.limit,
            gated: i.slots != NONE || i.limit != NONE,
            speed: i.speed,
            up: true,
            silent: false,
            causes: 0,
            observed: observed(i.component),
        };
        let (mut stores, mut first_store) = (vec![], vec![]);
        for cache in &plan.caches {
            first_store.push(stores.len() as u32);
            let key = root.named(&plan.components[cache.component as usize].name);
            let future = Future::of(plan, cache);
            stores.extend(
                (0..cache.shards).map(|shard| KeyedStore::new(cache, key.child(u64::from(shard)), future.clone())),
            );
        }
        let (mut pools, mut first_pool_queue) = (0u32, vec![]);
        for edge in &plan.edges {
            first_pool_queue.push(pools);
            if edge.first_pool != NONE {
                pools += plan.components.get(edge.caller as usize).map_or(1, |c| c.instances);
            }
        }
        let ledger = |c: &ConsumerPlan| Ledger {
            taken: vec![VecDeque::new(); (c.members * c.threads) as usize],
            ..Ledger::default()
        };
        let knowledge = |state: u32| {
            let of_state = plan.balancers.iter().find(|b| b.state == state);
            of_state.map_or_else(Knowledge::default, |b| Knowledge::new(&b.targets))
        };
        let mut state = Body {
            agenda: Agenda::default(),
            base: alarms.len() as u32,
            alarms,
            first_source,
            quick: Quick::new(plan),
            frames: Table(Vec::new()),
            rare: Table(Vec::new()),
            free: NONE,
            segments: Segments::new(),
            stations: Table(stations),
            ranked: Table(ranked),
            shared,
            instances: Table(plan.instances.iter().map(instance).collect()),
            connections: vec![VecDeque::new(); pools as usize],
            first_pool_queue,
            knowledge: Table((0..plan.balancer_states).map(knowledge).collect()),
            budgets: vec![BUDGET; plan.budgets as usize],
            timeouts,
            lanes,
            lane_alarms,
            sharing_alarms,
            poll_alarms,
            crew_alarms,
            pause_alarms,
            pauses,
            halts: vec![0; plan.instances.len()],
            counted_down: vec![false; plan.instances.len()],
            stores,
            first_store,
            ledgers: plan.consumers.iter().map(ledger).collect(),
            blocked: vec![Default::default(); plan.topics.len()],
            gatherings: vec![Gathering::default(); batch_alarms.len()],
            batch_alarms,
            carried: BTreeMap::new(),
            locks: vec![Lock::default(); plan.locks.len()],
            limiters: vec![Limiter::new(); plan.limits.len()],
            breakers: vec![Breaker::default(); plan.breakers.len()],
            machines,
            successions,
            repairs: vec![Default::default(); plan.failures.len()],
            down: vec![0; plan.components.len()],
            sources: Table(sources),
            paces,
            versions: plan.versions.iter().map(Versions::new).collect(),
            turns: vec![0; plan.dists.len()],
            disturbances: vec![Disturbance { latency: NONE, loss: 0.0 }; plan.edges.len()],
            salts: space_names.iter().map(|name| Key::root(0, 0).named(name).bits()).collect(),
            group_salts: plan
                .consumers
                .iter()
                .map(|c| Key::root(0, 1).named(&plan.components[c.component as usize].name).bits())
                .collect(),
            cache_keys: plan.caches.iter().map(|c| root.named(&plan.components[c.component as usize].name)).collect(),
            next_change: 0,
            in_flight: 0,
            requests: 0,
            order: 0,
            cells: plan.components.len() * CATEGORIES as usize,
            measure: Measure::new(
                schedule,
                plan.components.len(),
                plan.classes.len(),
                plan.edges.len(),
                plan.topics.len(),
            ),
            stopped: None,
            journal: None,
        };
        for index in 0..plan.instances.len() {
            state.set_speed(index as u32, plan.instances[index].speed);
        }
        state
    }

    /// Schedules what happens by itself: the cuts, the faults, the first arrivals, the consumers.
    pub(super) fn begin(&mut self, plan: &Plan) {
        self.warm_caches(plan);
        if let Some(&first) = self.measure.schedule.cuts.first() {
            self.agenda.schedule_late(first, 0);
        }
        self.schedule_change(plan);
        self.start_pauses();
        self.start_machines(plan);
        self.start_consumers(plan);
        self.start_sources(plan);
    }
}

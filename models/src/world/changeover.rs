//! A changeover: a running world goes on by another plan. What is in progress keeps what it has drawn, armed and sent; what begins from
//! now on goes by the new plan.

use super::quick::{Quick, counts};
use super::station::Order;
use super::table::Hot as _;
use super::{BUDGET, Body, World, foresee};
use crate::breaker::Breaker;
use crate::limit::Limiter;
use crate::plan::*;
use archsim_core::{Dist, Time};
use std::sync::Arc;

impl World {
    /// Keeps from the start what the policies of a later plan will want to know. What else happens does not change.
    pub fn prepare_for(&mut self, later: &Plan) {
        for (index, balancer) in later.balancers.iter().enumerate().filter(|(_, b)| counts(&b.policy)) {
            self.state.quick.count(index as u32, &balancer.targets);
        }
    }

    /// Goes on by another plan from this instant, after everything that happens in it. Once in a run; equal plans change nothing.
    ///
    /// # Panics
    /// If there is an obstacle ([`Plan::obstacle`]).
    pub fn change_over(&mut self, later: Arc<Plan>) {
        let obstacle = self.plan.obstacle(&later);
        assert!(obstacle.is_none(), "{obstacle:?}");
        self.state.change_over(&self.plan, &later);
        self.plan = later;
    }
}

/// Callers of an edge.
fn callers(plan: &Plan, edge: &EdgePlan) -> u32 {
    plan.components.get(edge.caller as usize).map_or(1, |caller| caller.instances)
}

impl Body {
    fn change_over(&mut self, from: &Plan, to: &Plan) {
        self.carry_budgets(from, to);
        self.carry_breakers(from, to);
        self.carry_limiters(from, to);
        self.carry_laws(from, to);
        self.quick = Quick::new(to);
        self.change_time_outs(to);
        self.change_weights(from, to);
        for (cache, &first) in to.caches.iter().zip(&self.first_store) {
            self.stores[first as usize..(first + cache.shards) as usize].iter_mut().for_each(|s| s.change_over(cache));
        }
        self.change_queueing(to);
        for index in 0..to.instances.len() as u32 {
            self.change_instance(from, to, index);
        }
        self.change_pools(to);
        self.change_batches(from, to);
        for source in 0..to.sources.len() as u32 {
            self.sources[source].scatter = foresee::scatter(to, source);
            self.await_again(to, source);
        }
    }

    /// A budget that is new is full.
    fn carry_budgets(&mut self, from: &Plan, to: &Plan) {
        let before = std::mem::replace(&mut self.budgets, vec![BUDGET; to.budgets as usize]);
        let of_edges = from
            .edges
            .iter()
            .zip(&to.edges)
            .map(|(a, b)| ((a.budget, a.first_budget), (b.budget, b.first_budget), callers(to, b)));
        let of_copies = from.copies.iter().zip(&to.copies).map(|(a, b)| {
            let callers = to.edges.get(b.edge as usize).map_or(1, |edge| callers(to, edge));
            ((a.budget, a.first_budget), (b.budget, b.first_budget), callers)
        });
        for ((had, old), (has, new), callers) in of_edges.chain(of_copies) {
            if had >= 0.0 && has >= 0.0 {
                let (old, new) = (old as usize, new as usize);
                self.budgets[new..new + callers as usize].copy_from_slice(&before[old..old + callers as usize]);
            }
        }
    }

    /// A breaker that is new is closed.
    fn carry_breakers(&mut self, from: &Plan, to: &Plan) {
        let before = std::mem::replace(&mut self.breakers, vec![Breaker::default(); to.breakers.len()]);
        for (a, b) in from.edges.iter().zip(&to.edges).filter(|(a, _)| a.first_breaker != NONE) {
            for caller in 0..callers(to, b) {
                let (old, new) = ((a.first_breaker + caller) as usize, (b.first_breaker + caller) as usize);
                self.breakers[new] = before[old].clone();
                self.breakers[new].change_over(&from.breakers[old].1, &to.breakers[new].1);
            }
        }
    }

    /// A limiter that is new is full of tokens.
    fn carry_limiters(&mut self, from: &Plan, to: &Plan) {
        let now = self.agenda.now();
        let mut before = std::mem::replace(&mut self.limiters, vec![Limiter::new(); to.limits.len()]);
        for (a, b) in from.instances.iter().zip(&to.instances).filter(|(a, _)| a.limit != NONE) {
            let (old, new) = (a.limit as usize, b.limit as usize);
            self.limiters[new] = std::mem::take(&mut before[old]);
            if from.limits[old] != to.limits[new] {
                self.limiters[new].change_over(&from.limits[old], &to.limits[new], now);
            }
        }
    }

    /// What names a law by its place finds it at its new one.
    fn carry_laws(&mut self, from: &Plan, to: &Plan) {
        let in_turn = |plan: &Plan| -> Vec<usize> {
            let is = |index: &usize| matches!(plan.dists[*index], Dist::Sequence(_));
            (0..plan.dists.len()).filter(is).collect()
        };
        let before = std::mem::replace(&mut self.turns, vec![0; to.dists.len()]);
        for (old, new) in in_turn(from).into_iter().zip(in_turn(to)) {
            self.turns[new] = before[old];
        }
        let extra = |plan: &Plan| -> Vec<u32> {
            let latency = |change: &Change| match change.what {
                ChangeKind::Disturb { latency, .. } => latency,
                _ => NONE,
            };
            plan.changes.iter().map(latency).collect()
        };
        let (old, new) = (extra(from), extra(to));
        for disturbance in self.disturbances.iter_mut().filter(|d| d.latency != NONE) {
            let place = old.iter().position(|latency| *latency == disturbance.latency);
            disturbance.latency = place.map_or(NONE, |place| new[place]);
        }
    }

    /// What is armed stays armed; an edge that loses its time-out keeps its lane for that.
    fn change_time_outs(&mut self, to: &Plan) {
        for (edge, lane) in to.edges.iter().zip(&mut self.lanes) {
            let same = *lane != NONE && self.timeouts.after(*lane) == edge.timeout;
            if edge.timeout > Time::ZERO && !same {
                *lane = self.timeouts.lane(edge.timeout);
            }
        }
    }

    fn change_weights(&mut self, from: &Plan, to: &Plan) {
        for (a, b) in from.balancers.iter().zip(&to.balancers).filter(|(a, b)| a.targets != b.targets) {
            let known = &mut self.knowledge[b.state];
            let weights = |of: &BalancerPlan| of.targets.iter().map(|target| target.weight).collect::<Vec<f64>>();
            if weights(a) != weights(b) {
                known.even = b.targets.iter().all(|target| target.weight == b.targets[0].weight);
                known.credit.clear();
            }
        }
    }

    /// How long who joins from now on waits, who joins, and what is kept for whom.
    fn change_queueing(&mut self, to: &Plan) {
        for instance in to.instances.iter().filter(|instance| instance.queueing != NONE) {
            let of = &to.queueing[instance.queueing as usize];
            let patient = if of.at_slots { instance.slots } else { instance.cores };
            let extra = |station: u32| self.stations[station].extra;
            if of.patience != NONE && self.stations[patient].order == Order::Ranked {
                let queue = extra(patient);
                self.ranked[queue].patience = to.dists.get(of.patience as usize).cloned();
            }
            if instance.slots != NONE {
                let queue = extra(instance.slots);
                (self.ranked[queue].join, self.ranked[queue].reserve) = (of.join.clone(), of.reserve.clone());
            }
        }
    }

    /// Its speed, its limits, its servers; who waits for one that has become free starts.
    fn change_instance(&mut self, from: &Plan, to: &Plan, index: u32) {
        let (old, new) = (&from.instances[index as usize], &to.instances[index as usize]);
        let state = &mut self.instances[index];
        (state.limit, state.gated) = (new.limit, new.slots != NONE || new.limit != NONE);
        if old.speed != new.speed {
            // A fault may have slowed it: it is slower than usual by the same factor.
            let factor = state.speed / old.speed;
            let speed = if factor == 1.0 { new.speed } else { new.speed * factor };
            self.set_speed(index, speed);
        }
        if self.change_station(from, to, new.cores) {
            match self.stations[new.cores].order {
                Order::Fifo | Order::Lifo => self.start_listed(new.cores),
                Order::Ranked => self.start_ranked(new.cores),
                Order::Sharing => self.share_among(new.cores),
            }
        }
        if new.slots != NONE && self.change_station(from, to, new.slots) {
            while self.admit_next(new.slots) {}
        }
    }

    /// A station gets its servers, room and order; whether anything is different.
    fn change_station(&mut self, from: &Plan, to: &Plan, station: u32) -> bool {
        let (old, new) = (&from.stations[station as usize], &to.stations[station as usize]);
        let state = &mut self.stations[station];
        (state.servers, state.room) = (new.servers, new.room);
        if state.order.is_list() {
            state.order = Order::of(&new.discipline);
        }
        old != new
    }

    /// Those who are present share another number of servers.
    fn share_among(&mut self, station: u32) {
        let now = self.agenda.now();
        let s = &mut self.stations[station];
        let shared = &mut self.shared[s.extra as usize];
        let busy = shared.present.min(s.servers);
        if busy > s.busy {
            s.start(busy - s.busy, now);
        } else {
            s.stop(s.busy - busy, now);
        }
        shared.set_servers(now, s.servers);
        shared.alarm = Time::MAX;
        self.time_shared(station);
    }

    fn change_pools(&mut self, to: &Plan) {
        for (index, edge) in to.edges.iter().enumerate().filter(|(_, edge)| edge.first_pool != NONE) {
            for caller in 0..callers(to, edge) {
                let pool = edge.first_pool + caller;
                self.stations[pool].servers = to.stations.hot(pool).servers;
                while self.stations[pool].has_free(1) && self.grant_connection(to, index as u32, caller) {}
            }
        }
    }

    fn change_batches(&mut self, from: &Plan, to: &Plan) {
        for (index, (a, b)) in from.batches.iter().zip(&to.batches).enumerate().filter(|(_, (a, b))| a != b) {
            debug_assert_eq!(a.first_gathering, b.first_gathering);
            for at in b.first_gathering..b.first_gathering + b.instances {
                self.start_batches(to, index as u32, at);
            }
        }
    }
}

//! The edge: the caller's side of a call. Pool, time-out, retry with budget and backoff, balancing, network there and back.

use super::Body;
use super::account::Category;
use super::frame::{Frame, Outcome, State, flag};
use super::quick::{Destination, QuickCall, QuickTarget};
use super::table::Hot as _;
use crate::plan::*;
use crate::policy;
use archsim_core::{Key, Time};

/// Draws that belong to an attempt rather than to a step of the callee.
pub(super) mod site {
    pub(crate) const PICK: u64 = u64::MAX - 2;
    pub(crate) const THERE: u64 = u64::MAX - 3;
    pub(crate) const BACK: u64 = u64::MAX - 4;
    pub(crate) const LOSS_THERE: u64 = u64::MAX - 5;
    pub(crate) const LOSS_BACK: u64 = u64::MAX - 6;
    pub(crate) const DISTURBED: u64 = u64::MAX - 7;
    pub(crate) const BACKOFF: u64 = u64::MAX - 8;
    pub(crate) const AGAIN: u64 = u64::MAX - 11;
}

impl Body {
    /// A step calls: the first attempt.
    #[inline(always)]
    pub(super) fn begin_call(&mut self, plan: &Plan, f: u32, call: u32) -> u32 {
        let frame = &mut self.frames[f];
        frame.call = call;
        frame.attempt = 0;
        frame.flags &= !flag::HIT;
        if self.quick.calls[call].budget {
            self.save_tokens(plan, f, self.quick.calls[call].to.edge);
        }
        self.attempt(plan, f, call, 0)
    }

    /// One attempt: chooses a target, arms the time-out, gets a connection, sends.
    #[inline(always)]
    pub(super) fn attempt(&mut self, plan: &Plan, f: u32, call: u32, number: u16) -> u32 {
        let QuickCall { mut to, site, space, balancer, onward, copy, .. } = self.quick.calls[call];
        let frame = &mut self.frames[f];
        let mut key = attempt_key(frame, number, site);
        let (request, class) = (frame.request, frame.class);
        let mut slot = NONE;
        if balancer != NONE {
            let chosen =
                if copy { self.balance_apart(plan, f, balancer, key) } else { self.balance(plan, balancer, key) };
            let Some(chosen) = chosen else {
                return self.fail(plan, f, Outcome::Error);
            };
            let target = self.quick.targets[chosen];
            (to, slot) = (target.to, target.slot);
        }
        self.count_attempt(to.edge, if copy { self.number_of_copy(f, number) } else { number });
        let (edge, mut via) = (to.edge, to.edge);
        let mut flags = if to.direct { flag::DIRECT | flag::VISIT } else { 0 };
        let timed = to.timed;
        if onward != NONE {
            (to, via, key) = self.pass_on(plan, onward, to.instance, key);
            flags |= flag::ONWARD;
        }
        self.frames[f].slot = slot;
        let mut item = 0;
        if to.instance == NONE || space != NONE {
            item = if space != NONE { self.item(plan, request, space) } else { 0 };
            if to.instance == NONE {
                to.instance = self.place(plan, f, to, (space != NONE).then_some(item), key);
            }
        }
        let c = self.allocate(key, request, to.start, to.instance);
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        (frame.child, frame.since, frame.state, frame.due, frame.edge) = (c, now, State::Calling, Time::MAX, edge);
        let generation = frame.generation;
        let child = &mut self.frames[c];
        (child.parent, child.parent_generation, child.via, child.class) = (f, generation, via, class);
        child.flags = flags;
        self.note_attempt(f, c, number);
        if space != NONE {
            self.rare(c).item = item;
        }
        if to.direct {
            if timed {
                self.arm(edge, f);
            }
            return self.arrived_at_once(plan, c);
        }
        self.guarded(plan, f, c)
    }

    #[inline(always)]
    fn count_attempt(&mut self, edge: u32, number: u16) {
        let row = &mut self.measure.edges[edge];
        row.attempts += 1;
        row.calls += u64::from(number == 0);
    }

    /// The index of the target that a balancer chooses. Counts it as outstanding, if its policy needs that.
    #[inline(always)]
    fn balance(&mut self, plan: &Plan, balancer: u32, key: Key) -> Option<u32> {
        let BalancerPlan { policy, targets, .. } = plan.balancers.hot(balancer);
        let quick = self.quick.balancers[balancer];
        let known = &mut self.knowledge[quick.state];
        let chosen = policy::pick(policy, targets, known, &mut key.draw(site::PICK))?;
        if quick.counts {
            known.sent(targets.hot(chosen as u32).slot);
        }
        Some(quick.first_target + chosen as u32)
    }

    /// A request comes to a balancer that keeps no frame, and goes on at once, by its call `onward`. Gives where to, the target
    /// chosen, and the key of the attempt.
    #[inline(always)]
    fn pass_on(&mut self, plan: &Plan, onward: u32, at: u32, key: Key) -> (Destination, u32, Key) {
        self.measure.enter(self.instances[at].component, self.agenda.now());
        let QuickCall { site, balancer, .. } = self.quick.calls[onward];
        let key = key.child(u64::from(site) << 12);
        // Whoever has no targets keeps frames.
        let chosen = self.balance(plan, balancer, key).unwrap_or(0);
        let to = self.quick.targets[chosen].to;
        self.count_attempt(to.edge, 0);
        (to, chosen, key)
    }

    /// The answer passes the balancer that kept no frame, or the caller has given up, on an attempt that came there at `arrived`.
    #[inline(always)]
    pub(super) fn passed_back(&mut self, target: u32, arrived: Time, outcome: Outcome) {
        let QuickTarget { slot, state, caller, .. } = self.quick.targets[target];
        if slot != NONE {
            self.knowledge[state].answered(slot);
        }
        let now = self.agenda.now();
        let row = self.measure.exit(caller, now);
        row.outcomes[outcome as usize] += 1;
        row.other_sojourns = row.other_sojourns.wrapping_add(now.since(arrived).as_nanos());
    }

    /// The instance that gets an attempt.
    #[inline(always)]
    pub(super) fn place(&mut self, plan: &Plan, f: u32, to: Destination, item: Option<u64>, key: Key) -> u32 {
        match plan.operations.hot(to.operation).route {
            Route::Single(instance) => instance,
            Route::Replicas { first, count } => {
                let edge = &plan.edges.hot(to.edge);
                if self.quick.calls[self.frames[f].call].copy {
                    return self.place_apart(plan, f, (first, count), edge, key);
                }
                if edge.first_balancer == NONE {
                    return any_replica(key, first, count);
                }
                let caller = self.frames[f].instance.saturating_sub(edge.first_caller);
                let index = edge.first_balancer + caller;
                let balancer = &plan.balancers.hot(index);
                let known = &mut self.knowledge[balancer.state];
                let chosen =
                    policy::pick(&balancer.policy, &balancer.targets, known, &mut key.draw(site::PICK)).unwrap_or(0);
                if self.quick.balancers[index].counts {
                    known.sent(chosen as u32);
                    self.frames[f].slot = chosen as u32;
                }
                first + chosen as u32
            }
            Route::Shard { first, shards, copies, from, space, modulo } => {
                let mut draw = key.draw(site::PICK);
                let shard = if shards == 1 {
                    0
                } else if let Some(item) = item {
                    self.shard(item, shards, modulo)
                } else if let Some(space) = space {
                    let item = self.item(plan, self.frames[f].request, space);
                    self.shard(item, shards, modulo)
                } else {
                    draw.below(u64::from(shards)) as u32
                };
                self.copy(first + shard * copies, from, &mut draw)
            }
            Route::KeyHash { first, count, modulo } => {
                if count == 1 {
                    first
                } else if let Some(item) = item {
                    first + self.shard(item, count, modulo)
                } else {
                    first + key.draw(site::PICK).below(u64::from(count)) as u32
                }
            }
        }
    }

    /// One of the copies of a shard.
    pub(super) fn copy(&self, primary: u32, from: ReadFrom, draw: &mut archsim_core::Stream) -> u32 {
        let first = primary + from.skip;
        if from.among == 1 {
            return first;
        }
        if !from.least {
            return first + draw.below(u64::from(from.among)) as u32;
        }
        // What the router has sent and not got back: in work and in the queue.
        let in_progress = |instance: u32| {
            let cores = &self.stations[self.instances[instance].cores];
            cores.busy + cores.queued
        };
        (first..first + from.among).rev().min_by_key(|instance| in_progress(*instance)).unwrap_or(first)
    }

    /// The counts of the balancer that chose the target of this attempt.
    #[inline(always)]
    pub(super) fn answered_to_balancer(&mut self, plan: &Plan, f: u32) {
        let frame = &mut self.frames[f];
        let slot = std::mem::replace(&mut frame.slot, NONE);
        if slot == NONE {
            return;
        }
        let mut balancer = self.quick.calls[frame.call].balancer;
        if balancer == NONE {
            let edge = &plan.edges.hot(frame.edge);
            balancer = edge.first_balancer + frame.instance.saturating_sub(edge.first_caller);
        }
        let state = self.quick.balancers[balancer].state;
        self.knowledge[state].answered(slot);
    }

    /// The attempt is over for the caller: the time-out is off, the connection free, the balancer informed.
    pub(super) fn settle(&mut self, plan: &Plan, f: u32, edge: u32, outcome: Outcome) {
        if self.frames[f].flags & flag::WATCHED != 0 {
            self.tell_breaker(plan, f, edge, outcome);
        }
        let frame = &mut self.frames[f];
        if frame.flags & flag::ARMED != 0 {
            frame.flags &= !flag::ARMED;
            self.rare[f].timeout_at = Time::MAX;
            self.timeouts.disarm(self.lanes[edge as usize]);
        }
        if frame.flags & flag::CONNECTION != 0 {
            frame.flags &= !flag::CONNECTION;
            self.free_connection(plan, f, edge);
        }
        self.answered_to_balancer(plan, f);
    }

    /// The caller stops waiting for this attempt.
    pub(super) fn timed_out(&mut self, plan: &Plan, f: u32) -> u32 {
        self.rare[f].timeout_at = Time::MAX;
        let frame = &mut self.frames[f];
        frame.flags &= !flag::ARMED;
        let (edge, child) = (frame.edge, frame.child);
        self.measure.edges[edge].timeouts += 1;
        self.give_up(plan, f, child, edge, Outcome::TimedOut);
        self.failed(plan, f, Outcome::TimedOut, None)
    }

    /// Lets go of an attempt: it is stopped where the edge says so, and works on unheard otherwise.
    pub(super) fn give_up(&mut self, plan: &Plan, f: u32, child: u32, edge: u32, outcome: Outcome) {
        let pooled = self.frames[f].state == State::Pooled;
        let there = self.is_child(child, f, self.frames[f].generation);
        if there {
            self.note_abandoned(child);
        }
        if pooled {
            let now = self.agenda.now();
            let edge_plan = &plan.edges.hot(edge);
            let caller = self.frames[f].instance.saturating_sub(edge_plan.first_caller);
            self.stations[edge_plan.first_pool + caller].leave(now);
            self.spend(f, edge_plan.callee, Category::Pool);
            if there {
                self.release_frame(child);
            }
        } else if there && plan.edges.hot(edge).cancel {
            self.stop(plan, child);
        }
        self.settle(plan, f, edge, outcome);
        let frame = &mut self.frames[f];
        frame.generation = frame.generation.wrapping_add(1);
        (frame.child, frame.state) = (NONE, State::Ready);
    }
}

/// The draws of an attempt: the step, the visit to it, the number of the attempt.
#[inline(always)]
pub(super) fn attempt_key(frame: &Frame, number: u16, site: u32) -> Key {
    let key = frame.key.child(u64::from(number & 0xFFF) | u64::from(frame.lap) << 32 | u64::from(site) << 12);
    if number < 0x1000 { key } else { key.child(u64::from(number >> 12)) }
}

/// The replica that gets an attempt where no policy chooses.
#[inline(always)]
pub(super) fn any_replica(key: Key, first: u32, count: u32) -> u32 {
    first + key.draw(site::PICK).below(u64::from(count)) as u32
}

//! The edge: the caller's side of a call. Pool, time-out, retry with budget and backoff, balancing, network there and back.

use super::account::{Category, EMPTY, List};
use super::frame::{Frame, Outcome, State, flag};
use super::quick::{Destination, QuickCall, QuickTarget, counts};
use super::run::inherited;
use super::table::Hot as _;
use super::{BUDGET, Body};
use crate::plan::*;
use crate::policy;
use archsim_core::{Key, Ring, Time};

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

    /// A first attempt pays into the retry budget.
    pub(super) fn save_tokens(&mut self, plan: &Plan, f: u32, edge: u32) {
        let share = plan.edges.hot(edge).budget;
        let budget = self.budget(plan, f, edge);
        *budget = (*budget + share).min(BUDGET);
    }

    pub(super) fn budget(&mut self, plan: &Plan, f: u32, edge: u32) -> &mut f64 {
        let edge = &plan.edges.hot(edge);
        let caller = self.frames[f].instance.saturating_sub(edge.first_caller);
        &mut self.budgets[(edge.first_budget + caller) as usize]
    }

    /// The pause before a retry is over.
    pub(super) fn next_attempt(&mut self, plan: &Plan, f: u32) -> u32 {
        let edge = self.frames[f].edge;
        self.measure.pauses(edge, false, self.agenda.now());
        self.spend(f, plan.edges.hot(edge).callee, Category::Backoff);
        let Frame { call, attempt, .. } = self.frames[f];
        self.attempt(plan, f, call, attempt)
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

    /// The answer passes the balancer that kept no frame, or the caller has given up.
    #[inline(always)]
    pub(super) fn passed_back(&mut self, target: u32, outcome: Outcome) {
        let QuickTarget { slot, state, caller, .. } = self.quick.targets[target];
        if slot != NONE {
            self.knowledge[state].answered(slot);
        }
        let now = self.agenda.now();
        self.measure.exit(caller, now).outcomes[outcome as usize] += 1;
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
                let balancer = &plan.balancers.hot(edge.first_balancer + caller);
                let known = &mut self.knowledge[balancer.state];
                let chosen =
                    policy::pick(&balancer.policy, &balancer.targets, known, &mut key.draw(site::PICK)).unwrap_or(0);
                if counts(&balancer.policy) {
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

    /// An attempt on an edge with policies: time-out, deadline, connection.
    #[inline(never)]
    pub(super) fn guarded(&mut self, plan: &Plan, f: u32, c: u32) -> u32 {
        let now = self.agenda.now();
        let edge = self.frames[f].edge;
        let edge_plan = &plan.edges.hot(edge);
        if edge_plan.first_breaker != NONE && !self.passes_breaker(plan, f, edge) {
            return self.refused_by_breaker(plan, f, c);
        }
        let mut patience = Time::MAX;
        if edge_plan.timeout > Time::ZERO {
            patience = now + edge_plan.timeout;
            self.arm(edge, f);
        }
        if edge_plan.propagate {
            let deadline = self.rare[f].deadline;
            self.rare(c).deadline = patience.min(deadline);
        }
        if edge_plan.first_pool == NONE {
            return self.send(plan, f, c);
        }
        let caller = self.frames[f].instance.saturating_sub(edge_plan.first_caller);
        let pool = &mut self.stations[edge_plan.first_pool + caller];
        if pool.busy < pool.servers {
            pool.start(1, now);
            self.frames[f].flags |= flag::CONNECTION;
            self.measure.edges[edge].pool_wait.record(0);
            return self.send(plan, f, c);
        }
        pool.join(now);
        // Not sent yet: nothing that happens at the callee concerns it.
        self.frames[c].state = State::Pending;
        let frame = &mut self.frames[f];
        frame.state = State::Pooled;
        let queue = self.first_pool_queue[edge as usize] + caller;
        self.connections[queue as usize].push_back((f, frame.generation));
        NONE
    }

    pub(super) fn arm(&mut self, edge: u32, f: u32) {
        let now = self.agenda.now();
        let (lane, token) = (self.lanes[edge as usize], self.base + f);
        let (rare, base) = (&self.rare, self.base);
        let live = |token: u32, due: Time| rare[token - base].timeout_at == due;
        if let Some(alarm) = self.timeouts.arm(lane, now, token, live) {
            self.agenda.schedule_late(alarm, self.lane_alarms[lane as usize]);
        }
        let due = now + self.timeouts.after(lane);
        // Off again before the frame is given back, so its other rare parts stay as new.
        self.rare[f].timeout_at = due;
        self.frames[f].flags |= flag::ARMED;
    }

    /// The message leaves for the callee.
    pub(super) fn send(&mut self, plan: &Plan, f: u32, c: u32) -> u32 {
        let (edge, call) = (self.frames[f].edge, self.frames[f].call);
        let edge_plan = &plan.edges.hot(edge);
        let key = self.frames[c].key;
        let now = self.agenda.now();
        self.frames[c].since = now;
        let bytes = plan.calls.hot(call).request;
        self.count_bytes(plan, edge, bytes, true);
        let loss = edge_plan.loss + self.disturbances[edge as usize].loss;
        if loss > 0.0 && key.draw(site::LOSS_THERE).chance(loss) {
            self.measure.edges[edge].lost += 1;
            self.frames[f].child = NONE;
            self.release_frame(c);
            return NONE;
        }
        if edge_plan.pipe_there != NONE && bytes > 0 {
            let work = Time::from_nanos_f64(bytes as f64 / edge_plan.bandwidth);
            self.frames[c].outcome = Outcome::Ok;
            self.rare(c).turn = SENDING;
            self.transfer(c, edge_plan.pipe_there, work);
            return NONE;
        }
        let travel = self.travel(plan, edge, key, site::THERE);
        if travel == Time::ZERO {
            return self.arrived(plan, c);
        }
        self.at(c, State::Sent, now + travel);
        NONE
    }

    /// The connection that an attempt has waited for is there.
    pub(super) fn granted(&mut self, plan: &Plan, c: u32) -> u32 {
        let Frame { parent, parent_generation, .. } = self.frames[c];
        if self.frames[parent].generation != parent_generation {
            self.release_frame(c);
            return NONE;
        }
        self.send(plan, parent, c)
    }

    pub(super) fn count_bytes(&mut self, plan: &Plan, edge: u32, bytes: u64, there: bool) {
        if bytes == 0 {
            return;
        }
        let EdgePlan { caller, callee, .. } = *plan.edges.hot(edge);
        self.measure.edges[edge].bytes += bytes;
        let callee = &mut self.measure.components[callee];
        *(if there { &mut callee.bytes_in } else { &mut callee.bytes_out }) += bytes;
        if let Some(caller) = self.measure.components.get_mut(caller as usize) {
            *(if there { &mut caller.bytes_out } else { &mut caller.bytes_in }) += bytes;
        }
    }

    /// Network time of one message.
    pub(super) fn travel(&mut self, plan: &Plan, edge: u32, key: archsim_core::Key, site: u64) -> Time {
        let disturbance = self.disturbances[edge as usize];
        let mut draw =
            |dist: u32, site: u64| if dist == NONE { 0.0 } else { self.time(plan, dist, &mut key.draw(site)) };
        let extra = if disturbance.latency == NONE { 0.0 } else { draw(disturbance.latency, site::DISTURBED ^ site) };
        Time::from_nanos_f64(draw(plan.edges.hot(edge).latency, site) + extra)
    }

    /// A message has passed the shared link; the network time follows.
    pub(super) fn transferred(&mut self, plan: &Plan, c: u32) -> u32 {
        let there = std::mem::replace(&mut self.rare[c].turn, 0) == SENDING;
        let child = &self.frames[c];
        let (edge, key) = (child.via, child.key);
        let now = self.agenda.now();
        let (state, site) = if there { (State::Sent, site::THERE) } else { (State::Replying, site::BACK) };
        let travel = self.travel(plan, edge, key, site);
        if travel > Time::ZERO {
            self.at(c, state, now + travel);
            return NONE;
        }
        if there { self.arrived(plan, c) } else { self.delivered(plan, c) }
    }

    /// The reply leaves for the caller.
    pub(super) fn send_back(&mut self, plan: &Plan, c: u32) -> u32 {
        let child = &self.frames[c];
        let (edge, key, parent, outcome) = (child.via, child.key, child.parent, child.outcome);
        let edge_plan = &plan.edges.hot(edge);
        let wanted = self.frames[parent].generation == child.parent_generation;
        let call = self.frames[parent].call;
        let bytes =
            if wanted && outcome == Outcome::Ok { plan.calls.get(call as usize).map_or(0, |c| c.response) } else { 0 };
        self.count_bytes(plan, edge, bytes, false);
        let loss = edge_plan.loss + self.disturbances[edge as usize].loss;
        if loss > 0.0 && key.draw(site::LOSS_BACK).chance(loss) {
            self.measure.edges[edge].lost += 1;
            self.vanish(c);
            return NONE;
        }
        self.frames[c].since = self.agenda.now();
        if edge_plan.pipe_back != NONE && bytes > 0 {
            let work = Time::from_nanos_f64(bytes as f64 / edge_plan.bandwidth);
            self.transfer(c, edge_plan.pipe_back, work);
            return NONE;
        }
        let travel = self.travel(plan, edge, key, site::BACK);
        if travel == Time::ZERO {
            return self.deliver(plan, c);
        }
        let due = self.agenda.now() + travel;
        self.at(c, State::Replying, due);
        NONE
    }

    /// The reply has travelled.
    pub(super) fn delivered(&mut self, plan: &Plan, c: u32) -> u32 {
        let callee = plan.edges[self.frames[c].via as usize].callee;
        self.spend(c, callee, Category::Network);
        self.deliver(plan, c)
    }

    /// The reply is with the caller, who may have stopped waiting.
    #[inline(always)]
    pub(super) fn deliver(&mut self, plan: &Plan, c: u32) -> u32 {
        let child = &mut self.frames[c];
        let (p, outcome, flags, generation) = (child.parent, child.outcome, child.flags, child.parent_generation);
        let (instance, waited, worked, via) = (child.instance, child.waited, child.worked, child.via);
        let mut list = std::mem::replace(&mut child.segments, EMPTY);
        self.release_frame(c);
        if flags & flag::ONWARD != 0 {
            self.passed_back(via, outcome);
        }
        let parent = &mut self.frames[p];
        if parent.generation != generation {
            self.segments.release(&mut list);
            return NONE;
        }
        let edge = parent.edge;
        if parent.flags & (flag::ARMED | flag::CONNECTION | flag::WATCHED) != 0 {
            self.settle(plan, p, edge, outcome);
        } else if parent.slot != NONE {
            self.answered_to_balancer(plan, p);
        }
        let parent = &mut self.frames[p];
        parent.generation = parent.generation.wrapping_add(1);
        parent.child = NONE;
        if outcome == Outcome::Ok {
            parent.flags |= flags & flag::HIT;
            parent.since = self.agenda.now();
            parent.state = State::Ready;
            self.segments.append(&mut parent.segments, list);
            let component = self.instances[instance].component;
            self.segments.push_visit(&mut parent.segments, component, waited.as_nanos(), worked.as_nanos());
            return p;
        }
        let component = self.instances[instance].component;
        self.failed(plan, p, outcome, Some(Told { list, component, waited, worked }))
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

    /// A connection is free: for the first who still waits for one.
    pub(super) fn free_connection(&mut self, plan: &Plan, f: u32, edge: u32) {
        let now = self.agenda.now();
        let edge_plan = &plan.edges.hot(edge);
        let caller = self.frames[f].instance.saturating_sub(edge_plan.first_caller);
        let (pool, queue) = (edge_plan.first_pool + caller, self.first_pool_queue[edge as usize] + caller);
        self.stations[pool].stop(1, now);
        while let Some((next, generation)) = self.connections[queue as usize].pop_front() {
            let frame = &mut self.frames[next];
            if frame.generation != generation || frame.state != State::Pooled {
                continue;
            }
            frame.flags |= flag::CONNECTION;
            frame.state = State::Calling;
            let child = frame.child;
            self.stations[pool].leave(now);
            self.stations[pool].start(1, now);
            let waited = self.spend(next, edge_plan.callee, Category::Pool);
            self.measure.edges[edge].pool_wait.record(waited.as_nanos());
            // The message leaves in its turn: the one who freed the connection goes on first.
            self.at(child, State::Granted, now);
            return;
        }
    }

    /// The oldest time-outs of a lane.
    pub(super) fn ring_lane(&mut self, plan: &Plan, lane: u32) {
        let now = self.agenda.now();
        loop {
            let (rare, base) = (&self.rare, self.base);
            let live = |token: u32, due: Time| rare[token - base].timeout_at == due;
            match self.timeouts.ring(lane, now, live) {
                Ring::Fire(token) => {
                    let f = token - self.base;
                    let next = self.timed_out(plan, f);
                    self.run(plan, next);
                }
                Ring::Sleep(until) => return self.agenda.schedule_late(until, self.lane_alarms[lane as usize]),
                Ring::Idle => return,
            }
        }
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

    /// An attempt has failed: another one, the steps for this case, or the end.
    pub(super) fn failed(&mut self, plan: &Plan, f: u32, outcome: Outcome, told: Option<Told>) -> u32 {
        let edge = self.frames[f].edge;
        let edge_plan = &plan.edges.hot(edge);
        let kind = match outcome {
            Outcome::TimedOut => 0,
            Outcome::Rejected | Outcome::Reneged | Outcome::Balked => 2,
            _ => 1,
        };
        let frame = &self.frames[f];
        let again = u32::from(frame.attempt) < edge_plan.retries
            && edge_plan.retry_on[kind]
            && outcome != Outcome::Cancelled
            && self.rare[f].deadline > self.agenda.now();
        let again = again && self.wants_again(plan, f, edge_plan) && self.take_token(plan, f, edge);
        self.account_failure(f, edge_plan.callee, told, again);
        if again {
            return self.retry(plan, f, edge);
        }
        let frame = &mut self.frames[f];
        frame.outcome = outcome;
        frame.state = State::Ready;
        let call = &plan.calls.hot(frame.call);
        if call.on_error != NONE {
            frame.pc = call.on_error;
            return f;
        }
        let passed_on =
            call.copy || call.balancer != NONE && outcome != Outcome::TimedOut || frame.flags & flag::ROOT != 0;
        self.fail(plan, f, if passed_on { outcome } else { inherited(outcome) })
    }

    /// An attempt that nobody heard of, or that is made again, was a waste; the answer that ends the call tells where its time went.
    fn account_failure(&mut self, f: u32, callee: u32, told: Option<Told>, again: bool) {
        match told {
            Some(Told { list, component, waited, worked }) if !again => {
                let frame = &mut self.frames[f];
                frame.since = self.agenda.now();
                self.segments.append(&mut frame.segments, list);
                self.segments.push_visit(&mut frame.segments, component, waited.as_nanos(), worked.as_nanos());
            }
            told => {
                if let Some(mut told) = told {
                    self.segments.release(&mut told.list);
                }
                self.spend(f, callee, Category::Wasted);
            }
        }
    }

    /// Whether a caller that tries again only sometimes does so this time.
    fn wants_again(&self, plan: &Plan, f: u32, edge: &EdgePlan) -> bool {
        let frame = &self.frames[f];
        let key = || attempt_key(frame, frame.attempt, plan.calls.hot(frame.call).site);
        edge.retry_chance >= 1.0 || key().draw(site::AGAIN).chance(edge.retry_chance)
    }

    pub(super) fn take_token(&mut self, plan: &Plan, f: u32, edge: u32) -> bool {
        if plan.edges.hot(edge).budget < 0.0 {
            return true;
        }
        let budget = self.budget(plan, f, edge);
        let allowed = *budget >= 1.0;
        if allowed {
            *budget -= 1.0;
        }
        allowed
    }

    pub(super) fn retry(&mut self, plan: &Plan, f: u32, edge: u32) -> u32 {
        self.measure.edges[edge].retries += 1;
        let frame = &mut self.frames[f];
        frame.attempt = next_number(frame.attempt);
        if frame.flags & flag::ROOT != 0 {
            let (row, class) = (frame.cores, frame.class);
            self.measure.class(row, class).retries += 1;
        }
        let frame = &self.frames[f];
        let pause = plan.edges.hot(edge).backoff.map_or(Time::ZERO, |backoff| {
            let key = attempt_key(frame, frame.attempt, plan.calls.hot(frame.call).site);
            backoff.pause(&plan.dists, u32::from(frame.attempt), key.draw(site::BACKOFF))
        });
        self.measure.pauses(edge, true, self.agenda.now());
        let due = self.agenda.now() + pause;
        self.at(f, State::Backoff, due);
        NONE
    }
}

/// The draws of an attempt: the step, the visit to it, the number of the attempt.
#[inline(always)]
fn attempt_key(frame: &Frame, number: u16, site: u32) -> Key {
    let key = frame.key.child(u64::from(number & 0xFFF) | u64::from(frame.lap) << 32 | u64::from(site) << 12);
    if number < 0x1000 { key } else { key.child(u64::from(number >> 12)) }
}

/// The number of the next attempt. A call that is tried for ever counts round and round in the upper half.
fn next_number(number: u16) -> u16 {
    number.checked_add(1).unwrap_or(1 << 15)
}

/// The replica that gets an attempt where no policy chooses.
#[inline(always)]
pub(super) fn any_replica(key: Key, first: u32, count: u32) -> u32 {
    first + key.draw(site::PICK).below(u64::from(count)) as u32
}

/// Where the time of an answered attempt went: its segments, and its visit to the component.
pub(super) struct Told {
    list: List,
    component: u32,
    waited: Time,
    worked: Time,
}

/// Marks a message that is on its way to the callee while it shares a link.
pub(super) const SENDING: u64 = u64::MAX;

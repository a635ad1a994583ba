//! Connections of an edge: guards before a call goes out, the queue for a connection, and its way back.

use super::Body;
use super::account::Category;
use super::frame::{Frame, State, flag};
use super::table::Hot as _;
use crate::plan::*;
use archsim_core::{Ring, Time};

impl Body {
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

    /// The connection that an attempt has waited for is there.
    pub(super) fn granted(&mut self, plan: &Plan, c: u32) -> u32 {
        let Frame { parent, parent_generation, .. } = self.frames[c];
        if self.frames[parent].generation != parent_generation {
            self.release_frame(c);
            return NONE;
        }
        self.send(plan, parent, c)
    }

    /// A connection is free: for the first who still waits for one.
    pub(super) fn free_connection(&mut self, plan: &Plan, f: u32, edge: u32) {
        let edge_plan = &plan.edges.hot(edge);
        let caller = self.frames[f].instance.saturating_sub(edge_plan.first_caller);
        let pool = &mut self.stations[edge_plan.first_pool + caller];
        pool.stop(1, self.agenda.now());
        // After a changeover to a smaller pool there may still be too many.
        if pool.has_free(1) {
            self.grant_connection(plan, edge, caller);
        }
    }

    /// The first who still waits for a connection of a caller gets the free one; whether there was anybody.
    pub(super) fn grant_connection(&mut self, plan: &Plan, edge: u32, caller: u32) -> bool {
        let now = self.agenda.now();
        let edge_plan = &plan.edges.hot(edge);
        let (pool, queue) = (edge_plan.first_pool + caller, self.first_pool_queue[edge as usize] + caller);
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
            return true;
        }
        false
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
}

//! The way of a message there and back: latency, bandwidth, loss.

use super::Body;
use super::account::{Category, EMPTY};
use super::call::site;
use super::frame::{Outcome, State, flag};
use super::retry::Told;
use super::table::Hot as _;
use crate::plan::*;
use archsim_core::Time;

impl Body {
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
        let arrived = child.arrived;
        let mut list = std::mem::replace(&mut child.segments, EMPTY);
        self.release_frame(c);
        if flags & flag::ONWARD != 0 {
            self.passed_back(via, arrived, outcome);
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
}

/// Marks a message that is on its way to the callee while it shares a link.
pub(super) const SENDING: u64 = u64::MAX;

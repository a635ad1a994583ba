//! Stopping: a frame wherever it is, with everything it holds and waits for.

use super::Body;
use super::frame::{Frame, Outcome, State, flag};
use super::network::SENDING;
use super::run::TRANSFER;
use super::station::Order;
use super::table::Hot as _;
use crate::plan::*;
use archsim_core::Time;

impl Body {
    /// Whether a frame is still the attempt or branch that another waits for: it may have been lost, and its slot be another's.
    pub(super) fn is_child(&self, child: u32, f: u32, generation: u32) -> bool {
        if child == NONE {
            return false;
        }
        let frame = &self.frames[child];
        frame.state != State::Free && frame.parent == f && frame.parent_generation == generation
    }

    /// Stops a frame wherever it is, with everything it holds.
    pub(super) fn stop(&mut self, plan: &Plan, f: u32) {
        self.stop_as(plan, f, Outcome::Cancelled);
    }

    /// Stops a frame and writes down why.
    pub(super) fn stop_as(&mut self, plan: &Plan, f: u32, outcome: Outcome) {
        if self.frames[f].flags & flag::ONWARD != 0 && !self.goes_further(plan, f, outcome) {
            return;
        }
        let linked = self.let_go(plan, f);
        self.forget_after(f);
        self.leave(f, outcome);
        self.forget_attempt(f);
        if linked {
            // Still in a queue: freed when its turn comes.
            let frame = &mut self.frames[f];
            (frame.state, frame.due, frame.parent) = (State::Dead, Time::MAX, NONE);
        } else {
            self.release_frame(f);
        }
    }

    /// Stops an attempt at the balancer that kept no frame for it. Whether that stops the frame too: as the edge on from there says.
    pub(super) fn goes_further(&mut self, plan: &Plan, f: u32, outcome: Outcome) -> bool {
        let Frame { via: target, arrived, .. } = self.frames[f];
        self.passed_back(target, arrived, outcome);
        let edge = self.quick.targets[target].to.edge;
        // If it is not stopped it works on unheard.
        let frame = &mut self.frames[f];
        (frame.flags, frame.via, frame.parent) = (frame.flags & !flag::ONWARD, edge, NONE);
        plan.edges.hot(edge).cancel
    }

    /// An attempt ends without a word to the caller, who goes on waiting.
    pub(super) fn vanish(&mut self, f: u32) {
        self.forget_attempt(f);
        self.release_frame(f);
    }

    /// Takes a frame that is about to be reused out of the hands of whoever started it, who might stop another's later.
    pub(super) fn forget_attempt(&mut self, f: u32) {
        let Frame { parent, parent_generation, flags, .. } = self.frames[f];
        if parent == NONE || self.frames[parent].generation != parent_generation {
            return;
        }
        if flags & flag::BRANCH != 0 {
            self.unlink_branch(parent, f);
        } else if self.frames[parent].child == f {
            self.frames[parent].child = NONE;
        }
    }

    /// Gives back what a frame holds or waits for. Whether it is still linked in a queue.
    pub(super) fn let_go(&mut self, plan: &Plan, f: u32) -> bool {
        let now = self.agenda.now();
        let frame = self.frames[f];
        let instance = self.instances[frame.instance];
        let mut linked = false;
        match frame.state {
            State::Serving if frame.call == TRANSFER || self.stations[instance.cores].order == Order::Sharing => {
                let edge = frame.via;
                let station = match (frame.call == TRANSFER, self.rare[f].turn == SENDING) {
                    (false, _) => instance.cores,
                    (true, true) => plan.edges.hot(edge).pipe_there,
                    (true, false) => plan.edges.hot(edge).pipe_back,
                };
                self.frames[f].state = State::Dead;
                self.leave_shared(f, station);
            }
            State::Serving => {
                self.frames[f].state = State::Dead;
                self.stations[instance.cores].served(frame.cores, now.since(frame.since));
                self.forget_service(f, instance.cores);
                self.free_cores(instance.cores, frame.cores);
            }
            State::Queued | State::Admission => {
                let station = if frame.state == State::Queued { instance.cores } else { instance.slots };
                self.stations[station].leave(now);
                linked = self.stations[station].is_linked();
            }
            State::Calling | State::Pooled => self.give_up(plan, f, frame.child, frame.edge, Outcome::Cancelled),
            State::Gathering => self.stop_branches(plan, f),
            State::Limited => self.limiters[instance.limit as usize].leave(now),
            State::Backoff => self.measure.pauses(frame.edge, false, now),
            _ => {}
        }
        let lock = self.rare[f].lock;
        if lock != NONE {
            self.unlock(f, lock);
        }
        if frame.flags & flag::CARRIER != 0 {
            self.drop_batch(f);
        }
        linked
    }

    pub(super) fn stop_branches(&mut self, plan: &Plan, f: u32) {
        let generation = self.frames[f].generation;
        let mut branch = self.frames[f].child;
        self.frames[f].generation = generation.wrapping_add(1);
        while branch != NONE {
            let next = self.rare[branch].sibling;
            if self.is_child(branch, f, generation) {
                self.stop(plan, branch);
            }
            branch = next;
        }
    }
}

//! A visit of a request to a component: arrival, admission, reply, failure.

use super::account::Category;
use super::frame::{Frame, Outcome, State, flag};
use super::station::Order;
use super::{Body, Instance};
use crate::limit::Verdict;
use crate::plan::*;

impl Body {
    /// A request reaches its instance: refused, queued for a slot, or started.
    #[inline(always)]
    pub(super) fn arrived(&mut self, plan: &Plan, f: u32) -> u32 {
        let now = self.agenda.now();
        let frame = &self.frames[f];
        let Instance { component, gated, up, silent, .. } = self.instances[frame.instance];
        if frame.since < now {
            self.spend(f, component, Category::Network);
        }
        let frame = &mut self.frames[f];
        frame.arrived = now;
        frame.flags |= flag::VISIT;
        frame.state = State::Ready;
        self.measure.enter(component, now);
        self.note_arrival(f);
        if !up || self.is_expired(f, now) {
            return self.refuse(plan, f, up, silent);
        }
        if gated { self.knock(plan, f) } else { f }
    }

    /// The same for a new frame that has come by a direct edge: its time begins here, and no deadline travels along.
    #[inline(always)]
    pub(super) fn arrived_at_once(&mut self, plan: &Plan, f: u32) -> u32 {
        let now = self.agenda.now();
        let Instance { component, gated, up, silent, .. } = self.instances[self.frames[f].instance];
        self.measure.enter(component, now);
        if !up {
            return self.refuse(plan, f, up, silent);
        }
        if gated { self.knock(plan, f) } else { f }
    }

    /// The rate limiter of the instance, then its slots.
    fn knock(&mut self, plan: &Plan, f: u32) -> u32 {
        let Instance { limit, slots, .. } = self.instances[self.frames[f].instance];
        let now = self.agenda.now();
        if limit != NONE {
            let limiter = &mut self.limiters[limit as usize];
            match limiter.ask(&plan.limits[limit as usize], now) {
                Verdict::Pass => {}
                Verdict::Reject => return self.fail(plan, f, Outcome::Rejected),
                Verdict::PassAt(due) => {
                    limiter.join(now);
                    self.at(f, State::Limited, due);
                    return NONE;
                }
            }
        }
        if slots == NONE { f } else { self.admit(plan, f, slots) }
    }

    /// A request has its token.
    pub(super) fn limited(&mut self, plan: &Plan, f: u32) -> u32 {
        let now = self.agenda.now();
        let Instance { limit, slots, .. } = self.instances[self.frames[f].instance];
        self.limiters[limit as usize].leave(now);
        self.has_waited(f);
        self.frames[f].state = State::Ready;
        if self.is_expired(f, now) {
            return self.fail(plan, f, Outcome::Rejected);
        }
        if slots == NONE { f } else { self.admit(plan, f, slots) }
    }

    /// A slot, a place in the queue for one, or a rejection.
    pub(super) fn admit(&mut self, plan: &Plan, f: u32, slots: u32) -> u32 {
        let now = self.agenda.now();
        let s = &mut self.stations[slots];
        if s.order == Order::Ranked {
            return self.admit_ranked(plan, f, slots);
        }
        if s.busy < s.servers && s.queued == 0 {
            s.start(1, now);
            self.frames[f].flags |= flag::SLOT;
            return f;
        }
        if s.queued >= s.room {
            return self.fail(plan, f, Outcome::Rejected);
        }
        self.enqueue(f, slots, State::Admission);
        NONE
    }

    #[cold]
    pub(super) fn refuse(&mut self, plan: &Plan, f: u32, up: bool, silent: bool) -> u32 {
        if up {
            return self.fail(plan, f, Outcome::Rejected);
        }
        if silent {
            self.leave(f, Outcome::Crashed);
            self.vanish(f);
            return NONE;
        }
        self.fail(plan, f, Outcome::Crashed)
    }

    /// Gives a slot back and admits whoever is next.
    pub(super) fn free_slot(&mut self, slots: u32) {
        let now = self.agenda.now();
        self.stations[slots].stop(1, now);
        self.admit_next(slots);
    }

    /// Admits the next in the queue for a slot if one is free; whether somebody was admitted.
    #[inline]
    pub(super) fn admit_next(&mut self, slots: u32) -> bool {
        let now = self.agenda.now();
        let next = self.take_from_queue(slots);
        if next != NONE {
            self.has_waited(next);
            self.frames[next].flags |= flag::SLOT;
            self.stations[slots].start(1, now);
            if self.is_expired(next, now) { self.at(next, State::Expired, now) } else { self.soon(next) }
        }
        next != NONE
    }

    /// A visit ends: the slot is free, the component's books are closed on it.
    #[inline(always)]
    pub(super) fn leave(&mut self, f: u32, outcome: Outcome) {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        if frame.flags & flag::VISIT == 0 {
            return;
        }
        frame.flags &= !flag::VISIT;
        let held = frame.flags & flag::SLOT != 0;
        let Instance { component, slots, observed, .. } = self.instances[frame.instance];
        let row = self.measure.exit(component, now);
        row.outcomes[outcome as usize] += 1;
        if observed && outcome == Outcome::Ok {
            row.waiting.record(frame.waited.as_nanos());
            row.service.record(frame.worked.as_nanos());
            row.sojourn.record(now.since(frame.arrived).as_nanos());
            if self.measure.details.is_some() {
                self.note_detail(f);
            }
        } else {
            row.other_sojourns = row.other_sojourns.wrapping_add(now.since(frame.arrived).as_nanos());
        }
        self.note_end(f, outcome);
        if held {
            self.frames[f].flags &= !flag::SLOT;
            self.free_slot(slots);
        }
    }

    /// The program is over: the reply starts on its way back.
    #[inline(always)]
    pub(super) fn reply(&mut self, plan: &Plan, f: u32, outcome: Outcome) -> u32 {
        self.frames[f].outcome = outcome;
        self.leave(f, outcome);
        let Frame { parent, flags, .. } = self.frames[f];
        if flags & flag::RARE != 0 {
            self.start_after(f);
        }
        if parent == NONE {
            self.release_frame(f);
            return NONE;
        }
        if flags & flag::DIRECT != 0 {
            return self.deliver(plan, f);
        }
        self.send_back(plan, f)
    }

    /// The program cannot go on.
    pub(super) fn fail(&mut self, plan: &Plan, f: u32, outcome: Outcome) -> u32 {
        let lock = self.rare[f].lock;
        if lock != NONE {
            self.unlock(f, lock);
        }
        self.forget_after(f);
        let flags = self.frames[f].flags;
        if flags & flag::ROOT != 0 {
            return self.finish_request(plan, f, outcome);
        }
        if flags & flag::BRANCH != 0 {
            return self.joined(plan, f, outcome);
        }
        self.reply(plan, f, outcome)
    }
}

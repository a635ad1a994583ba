//! Ranked queues at work: starting whoever has the lowest rank, and interrupting whoever has a higher one.

use super::frame::{Frame, Outcome, State, flag};
use super::ranked::{Rule, Waiter};
use super::run::{draw_site, stretched};
use super::station::Order;
use super::{Body, Instance};
use crate::plan::{NONE, Plan};
use archsim_core::Time;

/// Whether somebody is still in the queue it was put into.
fn waits(frame: &Frame, waiter: &Waiter) -> bool {
    frame.generation == waiter.generation && matches!(frame.state, State::Queued | State::Admission)
}

impl Body {
    /// The first of a ranked queue whose request is still wanted.
    pub(super) fn first_ranked(&mut self, station: u32) -> Option<Waiter> {
        let frames = &self.frames;
        let queue = &mut self.ranked[self.stations[station].extra];
        queue.tidy(self.stations[station].queued, |waiter| waits(&frames[waiter.frame], waiter));
        while let Some(waiter) = queue.peek() {
            if waits(&frames[waiter.frame], &waiter) {
                return Some(waiter);
            }
            queue.pop();
        }
        None
    }

    /// Starts those with the lowest ranks while there are cores for them, their own or those of higher ranks.
    pub(super) fn start_ranked(&mut self, station: u32) {
        self.start_those_first(station);
        self.settle_crew(station);
    }

    fn start_those_first(&mut self, station: u32) {
        let now = self.agenda.now();
        let extra = self.stations[station].extra;
        let preemptive = self.ranked[extra].preemptive;
        loop {
            let s = &self.stations[station];
            let free = self.ranked[extra].crew.as_ref().map_or(s.servers.saturating_sub(s.busy), |crew| crew.idle());
            if s.queued == 0 || free == 0 && !preemptive {
                return;
            }
            let Some(waiter) = self.first_ranked(station) else { return };
            let (f, wanted) = (waiter.frame, self.frames[waiter.frame].cores);
            if self.halts[self.frames[f].instance as usize] > 0 {
                return;
            }
            if wanted > free && !(preemptive && self.make_room(station, waiter, wanted - free)) {
                return;
            }
            self.ranked[extra].pop();
            self.stations[station].leave(now);
            self.has_waited(f);
            if self.is_expired(f, now) {
                self.at(f, State::Expired, now);
            } else {
                self.stations[station].start(wanted, now);
                self.serve_ranked(waiter, extra);
            }
        }
    }

    fn serve_ranked(&mut self, waiter: Waiter, extra: u32) {
        let frame = &self.frames[waiter.frame];
        let speed = self.instances[frame.instance].speed;
        let queue = &mut self.ranked[extra];
        queue.serving.push(waiter);
        let speed = queue.crew.as_mut().map_or(speed, |crew| speed * crew.assign(waiter.frame));
        let due = self.agenda.now() + stretched(frame.work, speed);
        self.at(waiter.frame, State::Serving, due);
    }

    /// Interrupts others with higher ranks for somebody who lacks cores; they wait with the rest of their work. Whether it worked.
    fn make_room(&mut self, station: u32, waiter: Waiter, lacking: u32) -> bool {
        let extra = self.stations[station].extra;
        if self.ranked[extra].rule == Rule::Remaining {
            self.update_remaining(station, extra);
        }
        let (frames, now) = (&self.frames, self.agenda.now());
        let held = |other: &Waiter| if frames[other.frame].due > now { frames[other.frame].cores } else { 0 };
        let victims = self.ranked[extra].victims(waiter.rank, lacking, held);
        for victim in &victims {
            self.interrupt(station, *victim);
        }
        !victims.is_empty()
    }

    /// The ranks of those in service by what is left of their work now.
    fn update_remaining(&mut self, station: u32, extra: u32) {
        let mut serving = std::mem::take(&mut self.ranked[extra].serving);
        for waiter in &mut serving {
            waiter.rank = self.work_left(waiter.frame, station).as_nanos();
        }
        self.ranked[extra].serving = serving;
    }

    /// Work left of a frame in service, at speed 1.
    pub(super) fn work_left(&self, f: u32, station: u32) -> Time {
        let frame = &self.frames[f];
        if frame.due == Time::MAX {
            return frame.work; // It stands still.
        }
        stretched(frame.due.since(self.agenda.now()), 1.0 / self.pace(f, station))
    }

    pub(super) fn interrupt(&mut self, station: u32, victim: Waiter) {
        let (now, f) = (self.agenda.now(), victim.frame);
        let left = self.work_left(f, station);
        let length = now.since(self.frames[f].since);
        self.has_worked(f);
        let frame = &mut self.frames[f];
        (frame.work, frame.state, frame.due) = (left, State::Queued, Time::MAX);
        let s = &mut self.stations[station];
        s.served(frame.cores, length);
        s.stop(frame.cores, now);
        s.join(now);
        let queue = &mut self.ranked[s.extra];
        queue.finished(f);
        queue.push(victim);
    }

    /// Takes a frame off the list of those in service.
    pub(super) fn forget_service(&mut self, f: u32, station: u32) {
        let s = &self.stations[station];
        if s.order == Order::Ranked {
            self.ranked[s.extra].finished(f);
        }
    }

    /// From now on somebody who has joined waits only so long.
    pub(super) fn lose_patience(&mut self, f: u32, station: u32) {
        let s = &self.stations[station];
        if s.order != Order::Ranked {
            return;
        }
        let Some(patience) = &self.ranked[s.extra].patience else { return };
        let frame = &self.frames[f];
        let mut draw = frame.key.child(PATIENCE).draw(draw_site(frame.pc, frame.lap));
        let (due, state) = (self.agenda.now() + Time::from_nanos_f64(patience.sample(&mut draw)), frame.state);
        self.at(f, state, due);
    }

    /// Somebody has waited as long as it would.
    pub(super) fn renege(&mut self, plan: &Plan, f: u32) -> u32 {
        let now = self.agenda.now();
        let Instance { component, cores, slots, .. } = self.instances[self.frames[f].instance];
        let station = if self.frames[f].state == State::Queued { cores } else { slots };
        self.stations[station].leave(now);
        self.has_waited(f);
        let frame = &mut self.frames[f];
        (frame.state, frame.due) = (State::Ready, Time::MAX);
        self.measure.components[component].reneged.record(frame.waited.as_nanos());
        if station == cores {
            self.start_ranked(station);
        }
        self.fail(plan, f, Outcome::Reneged)
    }

    /// A slot with more to say than yes if one is free: whether the arrival joins, and what is kept for others.
    pub(super) fn admit_ranked(&mut self, plan: &Plan, f: u32, slots: u32) -> u32 {
        let now = self.agenda.now();
        let frame = &self.frames[f];
        let waiting = self.stations[self.instances[frame.instance].cores].queued;
        let (s, urgency) = (&self.stations[slots], self.urgency(frame.class));
        let queue = &self.ranked[s.extra];
        let chance = queue.joining(s.busy + s.queued, s.queued + waiting);
        if chance < 1.0 && !frame.key.child(PATIENCE).draw(JOIN).chance(chance) {
            return self.fail(plan, f, Outcome::Balked);
        }
        // With a reserve those who wait may have to, while others need not.
        let first = s.queued == 0 || !queue.reserve.is_empty();
        if first && s.has_free(1 + queue.reserved(urgency)) {
            self.stations[slots].start(1, now);
            self.frames[f].flags |= flag::SLOT;
            return f;
        }
        if s.queued >= s.room {
            return self.fail(plan, f, Outcome::Rejected);
        }
        self.enqueue(f, slots, State::Admission);
        self.lose_patience(f, slots);
        NONE
    }
}

/// Names the draws of patience and of joining, among the children of a request's key.
const PATIENCE: u64 = 0x7061_7469;
/// The draw of joining.
const JOIN: u64 = u64::MAX >> 1;

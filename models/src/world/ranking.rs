//! Ranked queues at work: starting whoever has the lowest rank, and interrupting whoever has a higher one.

use super::Body;
use super::frame::{Frame, State};
use super::ranked::{Rule, Waiter};
use super::run::stretched;
use super::station::Order;
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
        let now = self.agenda.now();
        let extra = self.stations[station].extra;
        let preemptive = self.ranked[extra].preemptive;
        loop {
            let s = &self.stations[station];
            let free = s.servers - s.busy;
            if s.queued == 0 || free == 0 && !preemptive {
                return;
            }
            let Some(waiter) = self.first_ranked(station) else { return };
            let (f, wanted) = (waiter.frame, self.frames[waiter.frame].cores);
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
        let due = self.agenda.now() + stretched(frame.work, self.instances[frame.instance].speed);
        if self.ranked[extra].preemptive {
            self.ranked[extra].serving.push(waiter);
        }
        self.at(waiter.frame, State::Serving, due);
    }

    /// Interrupts others with higher ranks for somebody who lacks cores; they wait with the rest of their work. Whether it worked.
    fn make_room(&mut self, station: u32, waiter: Waiter, lacking: u32) -> bool {
        let extra = self.stations[station].extra;
        if self.ranked[extra].rule == Rule::Remaining {
            self.update_remaining(extra);
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
    fn update_remaining(&mut self, extra: u32) {
        let mut serving = std::mem::take(&mut self.ranked[extra].serving);
        for waiter in &mut serving {
            waiter.rank = self.work_left(waiter.frame).as_nanos();
        }
        self.ranked[extra].serving = serving;
    }

    /// Work left of a frame in service, at speed 1.
    fn work_left(&self, f: u32) -> Time {
        let frame = &self.frames[f];
        stretched(frame.due.since(self.agenda.now()), 1.0 / self.instances[frame.instance].speed)
    }

    fn interrupt(&mut self, station: u32, victim: Waiter) {
        let (now, f) = (self.agenda.now(), victim.frame);
        let left = self.work_left(f);
        self.has_worked(f);
        let frame = &mut self.frames[f];
        (frame.work, frame.state, frame.due) = (left, State::Queued, Time::MAX);
        let s = &mut self.stations[station];
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
}

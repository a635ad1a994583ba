//! Stations at work: seizing, queueing in the order of the discipline, serving, interrupting.

use super::frame::{State, flag};
use super::ranked::Waiter;
use super::run::stretched;
use super::station::Order;
use super::{Body, Instance};
use crate::plan::*;
use archsim_core::Time;

impl Body {
    /// Asks the instance's cores for what the frame wants: starts, or joins the queue.
    #[inline(always)]
    pub(super) fn seize(&mut self, f: u32) {
        let frame = &self.frames[f];
        let Instance { cores: station, speed, .. } = self.instances[frame.instance];
        let s = &mut self.stations[station];
        if !s.order.is_list() {
            return self.seize_in_turn(f, station);
        }
        let now = self.agenda.now();
        if s.queued == 0 && s.has_free(frame.cores) {
            s.start(frame.cores, now);
            let due = now + stretched(frame.work, speed);
            return self.at(f, State::Serving, due);
        }
        let frame = &mut self.frames[f];
        (frame.state, frame.due) = (State::Queued, Time::MAX);
        s.join(now);
        self.link(f, station);
    }

    /// The same where the discipline has more to say.
    #[inline(never)]
    pub(super) fn seize_in_turn(&mut self, f: u32, station: u32) {
        if self.stations[station].order == Order::Sharing {
            return self.share(f, station);
        }
        self.enqueue(f, station, State::Queued);
        self.start_ranked(station);
        if self.frames[f].state == State::Queued {
            self.lose_patience(f, station);
        }
    }

    /// Joins the queue of a station in its order.
    pub(super) fn enqueue(&mut self, f: u32, station: u32, state: State) {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        (frame.state, frame.due) = (state, Time::MAX);
        let s = &mut self.stations[station];
        s.join(now);
        if s.order != Order::Ranked {
            return self.link(f, station);
        }
        self.order += 1;
        let (work, turn, generation) = (frame.work, self.order, frame.generation);
        let urgency = self.quick.classes[u32::from(frame.class)].priority;
        let queue = &mut self.ranked[s.extra];
        queue.push(Waiter { rank: queue.rank(turn, urgency, work), turn, frame: f, generation });
    }

    /// Puts a frame into a queue that is a list.
    #[inline(always)]
    pub(super) fn link(&mut self, f: u32, station: u32) {
        let s = &mut self.stations[station];
        if s.order == Order::Lifo {
            self.frames[f].next = s.head;
            s.head = f;
            if s.tail == NONE {
                s.tail = f;
            }
            return;
        }
        self.frames[f].next = NONE;
        let tail = std::mem::replace(&mut s.tail, f);
        if tail == NONE {
            s.head = f;
        } else {
            self.frames[tail].next = f;
        }
    }

    /// How urgent the requests of a class are.
    pub(super) fn urgency(&self, class: u16) -> u8 {
        self.quick.classes[u32::from(class)].priority
    }

    /// The first of the queue whose request is still wanted, without taking it.
    pub(super) fn first_in_queue(&mut self, station: u32) -> u32 {
        if self.stations[station].order == Order::Ranked {
            return self.first_ranked(station).map_or(NONE, |waiter| waiter.frame);
        }
        loop {
            let head = self.stations[station].head;
            if head == NONE || self.frames[head].state != State::Dead {
                return head;
            }
            self.unlink_head(station);
            self.release_frame(head);
        }
    }

    pub(super) fn unlink_head(&mut self, station: u32) {
        let s = &mut self.stations[station];
        s.head = self.frames[s.head].next;
        if s.head == NONE {
            s.tail = NONE;
        }
    }

    /// Takes the first of the queue if its turn has come: `free` servers are there.
    #[inline(always)]
    pub(super) fn take_from_queue(&mut self, station: u32) -> u32 {
        if self.stations[station].queued == 0 {
            return NONE;
        }
        self.take_waiting(station)
    }

    pub(super) fn take_waiting(&mut self, station: u32) -> u32 {
        let f = self.first_in_queue(station);
        if f == NONE {
            return NONE;
        }
        let s = &self.stations[station];
        let wanted = match self.frames[f].state {
            State::Queued => self.frames[f].cores,
            _ if s.order == Order::Ranked => 1 + self.ranked[s.extra].reserved(self.urgency(self.frames[f].class)),
            _ => 1,
        };
        if !s.has_free(wanted) {
            return NONE;
        }
        if s.order == Order::Ranked {
            self.ranked[s.extra].pop();
        } else {
            self.unlink_head(station);
        }
        let now = self.agenda.now();
        self.stations[station].leave(now);
        f
    }

    /// Gives cores back and starts whoever is next.
    pub(super) fn free_cores(&mut self, station: u32, cores: u32) {
        let now = self.agenda.now();
        self.stations[station].stop(cores, now);
        if self.stations[station].order.is_list() {
            return self.start_listed(station);
        }
        self.start_ranked(station);
    }

    /// Starts those at the head of a queue that is a list while there is room for them.
    pub(super) fn start_listed(&mut self, station: u32) {
        let now = self.agenda.now();
        loop {
            let s = &mut self.stations[station];
            if s.queued == 0 {
                return;
            }
            let f = s.head;
            let frame = &mut self.frames[f];
            let stopped = frame.state == State::Dead;
            if !stopped && !s.has_free(frame.cores) {
                return;
            }
            s.head = frame.next;
            if s.head == NONE {
                s.tail = NONE;
            }
            if stopped {
                self.release_frame(f);
                continue;
            }
            s.leave(now);
            let (cores, work, instance) = (frame.cores, frame.work, frame.instance);
            self.has_waited(f);
            if self.is_expired(f, now) {
                self.at(f, State::Expired, now);
                continue;
            }
            self.stations[station].start(cores, now);
            let due = now + stretched(work, self.instances[instance].speed);
            self.at(f, State::Serving, due);
        }
    }

    /// The work of a frame is done.
    #[inline(always)]
    pub(super) fn served(&mut self, f: u32) -> u32 {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        frame.state = State::Ready;
        let (cores, station, length) = (frame.cores, self.instances[frame.instance].cores, now.since(frame.since));
        self.has_worked(f);
        let s = &mut self.stations[station];
        s.served(cores, length);
        if !s.order.is_list() {
            self.served_in_turn(f, station, cores);
            return f;
        }
        s.stop(cores, now);
        if s.queued > 0 {
            self.start_listed(station);
        }
        f
    }

    /// The same where the discipline has more to say.
    #[inline(never)]
    pub(super) fn served_in_turn(&mut self, f: u32, station: u32, cores: u32) {
        self.forget_service(f, station);
        self.free_cores(station, cores);
    }

    /// A pause is over.
    #[inline(always)]
    pub(super) fn waited(&mut self, plan: &Plan, f: u32) -> u32 {
        let frame = &self.frames[f];
        if frame.flags & flag::ROOT != 0 {
            return self.wants(plan, f);
        }
        self.has_worked(f);
        self.frames[f].state = State::Ready;
        f
    }
}

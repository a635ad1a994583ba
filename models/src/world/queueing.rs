//! Stations at work: seizing, queueing in the order of the discipline, serving, interrupting.

use super::frame::{State, flag};
use super::run::stretched;
use super::station::{Order, Station};
use super::{Body, Instance};
use crate::plan::*;
use archsim_core::Time;
use std::cmp::Reverse;

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
        if s.queued == 0 && s.servers - s.busy >= frame.cores {
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
        let (now, cores) = (self.agenda.now(), self.frames[f].cores);
        let s = &mut self.stations[station];
        match s.order {
            Order::Sharing => return self.share(f, station),
            Order::Preemptive => {
                self.order += 1;
                let turn = self.order;
                self.rare(f).turn = turn;
            }
            Order::Fifo | Order::Lifo | Order::Priority => {}
        }
        let s = &mut self.stations[station];
        if s.queued == 0 && s.servers - s.busy >= cores {
            s.start(cores, now);
            return self.serve(f, station);
        }
        if s.order == Order::Preemptive && self.preempt(f, station) {
            return;
        }
        self.enqueue(f, station, State::Queued);
    }

    /// Starts the work of a frame that has its cores.
    #[inline(always)]
    pub(super) fn serve(&mut self, f: u32, station: u32) {
        let frame = &self.frames[f];
        let speed = self.instances[frame.instance].speed;
        let due = self.agenda.now() + stretched(frame.work, speed);
        if self.stations[station].order == Order::Preemptive {
            let extra = self.stations[station].extra;
            self.priorities[extra as usize].serving.push(f);
        }
        self.at(f, State::Serving, due);
    }

    /// Joins the queue of a station in its order.
    pub(super) fn enqueue(&mut self, f: u32, station: u32, state: State) {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        (frame.state, frame.due) = (state, Time::MAX);
        let s = &mut self.stations[station];
        s.join(now);
        match s.order {
            Order::Priority | Order::Preemptive => {
                let (extra, class, generation) = (s.extra, frame.class, frame.generation);
                let turn = self.turn(f);
                let entry = Reverse((self.urgency(class), turn, f, generation));
                self.priorities[extra as usize].waiting.push(entry);
            }
            Order::Fifo | Order::Lifo | Order::Sharing => self.link(f, station),
        }
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

    /// The place of a frame among equals.
    pub(super) fn turn(&mut self, f: u32) -> u64 {
        if self.rare[f].turn == 0 {
            self.order += 1;
            let turn = self.order;
            self.rare(f).turn = turn;
        }
        self.rare[f].turn
    }

    /// The first of the queue whose request is still wanted, without taking it.
    pub(super) fn first_in_queue(&mut self, station: u32) -> u32 {
        let s = &self.stations[station];
        if matches!(s.order, Order::Priority | Order::Preemptive) {
            let queue = &mut self.priorities[s.extra as usize].waiting;
            while let Some(&Reverse((_, _, f, generation))) = queue.peek() {
                let frame = &self.frames[f];
                if frame.generation == generation && matches!(frame.state, State::Queued | State::Admission) {
                    return f;
                }
                queue.pop();
            }
            return NONE;
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
        let wanted = if self.frames[f].state == State::Queued { self.frames[f].cores } else { 1 };
        if s.servers - s.busy < wanted {
            return NONE;
        }
        if matches!(s.order, Order::Priority | Order::Preemptive) {
            self.priorities[s.extra as usize].waiting.pop();
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
        loop {
            let next = self.take_from_queue(station);
            if next == NONE {
                return;
            }
            self.has_waited(next);
            if self.is_expired(next, now) {
                self.at(next, State::Expired, now);
                continue;
            }
            let cores = self.frames[next].cores;
            self.stations[station].start(cores, now);
            self.serve(next, station);
        }
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
            if !stopped && s.servers - s.busy < frame.cores {
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
        self.has_worked(f);
        let frame = &mut self.frames[f];
        frame.state = State::Ready;
        let (cores, station) = (frame.cores, self.instances[frame.instance].cores);
        let s = &mut self.stations[station];
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
        let Station { order, extra, .. } = self.stations[station];
        if order == Order::Preemptive {
            self.priorities[extra as usize].serving.retain(|other| *other != f);
        }
        self.rare[f].turn = 0;
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

    /// Interrupts the least urgent in service if the frame is more urgent; it waits in front of its class with the rest of its work.
    pub(super) fn preempt(&mut self, f: u32, station: u32) -> bool {
        let now = self.agenda.now();
        let extra = self.stations[station].extra as usize;
        let frame = &self.frames[f];
        let (priority, wanted) = (self.urgency(frame.class), frame.cores);
        let serving = &self.priorities[extra].serving;
        let urgency = |other: &u32| self.urgency(self.frames[*other].class);
        let Some(victim) = serving.iter().copied().max_by_key(|o| (urgency(o), self.frames[*o].since)) else {
            return false;
        };
        let held = self.frames[victim].cores;
        let s = &self.stations[station];
        if urgency(&victim) <= priority || s.servers - s.busy + held < wanted {
            return false;
        }
        let speed = self.instances[self.frames[victim].instance].speed;
        let left = self.frames[victim].due - now;
        self.has_worked(victim);
        let other = &mut self.frames[victim];
        other.work = stretched(left, 1.0 / speed);
        self.priorities[extra].serving.retain(|o| *o != victim);
        self.stations[station].stop(held, now);
        self.enqueue(victim, station, State::Queued);
        self.stations[station].start(wanted, now);
        self.serve(f, station);
        true
    }
}

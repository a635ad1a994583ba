//! Processor sharing: all in service at once, each at its share; and the speed of instances, which re-times what is in service.

use super::frame::{Frame, State};
use super::run::{TRANSFER, stretched};
use super::station::Order;
use super::{Body, Instance};
use crate::plan::*;
use archsim_core::Time;

impl Body {
    pub(super) fn share(&mut self, f: u32, station: u32) {
        let now = self.agenda.now();
        let extra = self.stations[station].extra as usize;
        self.order += 1;
        let order = self.order;
        let urgency = self.urgency(self.frames[f].class);
        let frame = &mut self.frames[f];
        (frame.state, frame.due) = (State::Serving, Time::MAX);
        let shared = &mut self.shared[extra];
        shared.add(now, frame.work, urgency, order, (f, frame.generation));
        if shared.present <= self.stations[station].servers {
            self.stations[station].start(1, now);
        }
        self.time_shared(station);
    }

    /// Schedules the alarm for the next end; a later end waits for the alarm that is pending.
    pub(super) fn time_shared(&mut self, station: u32) {
        let now = self.agenda.now();
        let extra = self.stations[station].extra as usize;
        let shared = &mut self.shared[extra];
        let Some(end) = shared.next(now) else { return };
        if end < shared.alarm {
            shared.alarm = end;
            let token = self.sharing_alarms[extra];
            if end > now { self.agenda.schedule(end, token) } else { self.agenda.soon(token) }
        }
    }

    pub(super) fn ring_shared(&mut self, plan: &Plan, station: u32) {
        let now = self.agenda.now();
        let extra = self.stations[station].extra as usize;
        if self.shared[extra].alarm != now {
            return;
        }
        self.shared[extra].alarm = Time::MAX;
        self.shared[extra].advance(now);
        loop {
            let frames = &self.frames;
            let stopped =
                |f: u32, generation: u32| frames[f].generation != generation || frames[f].state != State::Serving;
            let Some(f) = self.shared[extra].take_finished(stopped) else { break };
            self.one_less_shared(station);
            let next = self.shared_end(plan, f);
            self.run(plan, next);
        }
        self.time_shared(station);
    }

    /// A server is free if fewer are present than there are servers; the one who left does not count as present any more.
    fn one_less_shared(&mut self, station: u32) {
        let now = self.agenda.now();
        let s = &mut self.stations[station];
        if self.shared[s.extra as usize].present < s.servers {
            s.stop(1, now);
        }
    }

    /// One in service at a shared station is stopped.
    pub(super) fn leave_shared(&mut self, f: u32, station: u32) {
        let now = self.agenda.now();
        let extra = self.stations[station].extra as usize;
        let Frame { work, generation, .. } = self.frames[f];
        self.shared[extra].remove(now, work, f, generation);
        self.one_less_shared(station);
        self.time_shared(station);
    }

    pub(super) fn shared_end(&mut self, plan: &Plan, f: u32) -> u32 {
        let frame = &mut self.frames[f];
        if frame.call == TRANSFER {
            frame.call = NONE;
            return self.transferred(plan, f);
        }
        // What is not work at full speed is waiting, but they cannot be told apart in time: all of it is service.
        let Frame { work, instance, .. } = *frame;
        self.note_stretch_of(f, stretched(work, self.instances[instance].speed));
        self.has_worked(f);
        self.frames[f].state = State::Ready;
        f
    }

    /// Puts a message on a shared link.
    pub(super) fn transfer(&mut self, f: u32, link: u32, work: Time) {
        let frame = &mut self.frames[f];
        (frame.call, frame.work) = (TRANSFER, work);
        self.share(f, link);
    }

    /// Changes the speed of an instance and re-times what is in service.
    pub(super) fn set_speed(&mut self, instance: u32, speed: f64) {
        let now = self.agenda.now();
        let Instance { cores, speed: before, .. } = self.instances[instance];
        self.instances[instance].speed = speed;
        if self.stations[cores].order == Order::Sharing {
            let extra = self.stations[cores].extra as usize;
            if self.halts[instance as usize] > 0 {
                return; // It goes on with the new speed.
            }
            self.shared[extra].set_speed(now, speed);
            self.shared[extra].alarm = Time::MAX;
            return self.time_shared(cores);
        }
        if speed == before {
            return;
        }
        for f in 0..self.frames.len() as u32 {
            let frame = &self.frames[f];
            if frame.state == State::Serving && frame.instance == instance && frame.due != Time::MAX {
                let due = now + stretched(frame.due - now, speed / before);
                self.at(f, State::Serving, due);
            }
        }
    }
}

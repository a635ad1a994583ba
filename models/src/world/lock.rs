//! Locks: what lets in one at a time.

use super::Body;
use super::frame::State;
use crate::plan::*;
use archsim_core::Time;

impl Body {
    pub(super) fn lock(&mut self, f: u32, lock: u32) -> bool {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        if !self.locks[lock as usize].held {
            self.locks[lock as usize].held = true;
            self.rare(f).lock = lock;
            return true;
        }
        (frame.state, frame.due, frame.since) = (State::Locked, Time::MAX, now);
        self.locks[lock as usize].waiting.push_back((f, frame.generation));
        false
    }

    pub(super) fn unlock(&mut self, f: u32, lock: u32) {
        self.rare(f).lock = NONE;
        while let Some((next, generation)) = self.locks[lock as usize].waiting.pop_front() {
            let frame = &self.frames[next];
            if frame.generation == generation && frame.state == State::Locked {
                self.has_waited(next);
                self.rare(next).lock = lock;
                return self.soon(next);
            }
        }
        self.locks[lock as usize].held = false;
    }
}

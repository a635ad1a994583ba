//! Faults: what changes at an instant.

use super::frame::{Outcome, State, flag};
use super::table::Hot as _;
use super::{Body, Disturbance};
use crate::plan::*;

impl Body {
    pub(super) fn schedule_change(&mut self, plan: &Plan) {
        if let Some(change) = plan.changes.get(self.next_change) {
            self.agenda.schedule(change.at, 1);
        }
    }

    /// All changes of this instant.
    pub(super) fn change(&mut self, plan: &Plan) {
        while let Some(change) = plan.changes.get(self.next_change) {
            if change.at > self.agenda.now() {
                return self.schedule_change(plan);
            }
            self.next_change += 1;
            self.apply(plan, &change.what);
        }
    }

    fn apply(&mut self, plan: &Plan, change: &ChangeKind) {
        match change {
            ChangeKind::Speed { first, count, factor } => {
                for instance in *first..first + count {
                    let speed = self.instances[instance].speed * factor;
                    // What was slowed by a factor and quickened again is as before, to the last bit.
                    let usual = plan.instances[instance as usize].speed;
                    let speed = if (speed / usual - 1.0).abs() < 1e-9 { usual } else { speed };
                    self.set_speed(instance, speed);
                }
            }
            ChangeKind::Down { first, count, silent } => {
                for instance in *first..first + count {
                    self.crash(plan, instance, *silent);
                }
            }
            ChangeKind::Up { first, count } => {
                for instance in *first..first + count {
                    self.recover(plan, instance);
                }
            }
            ChangeKind::Pause { first, count } => {
                (*first..first + count).for_each(|instance| self.halt(instance, true))
            }
            ChangeKind::Resume { first, count } => {
                (*first..first + count).for_each(|instance| self.halt(instance, false))
            }
            ChangeKind::Flush { cache } => {
                let first = self.first_store[*cache as usize] as usize;
                for shard in first..first + plan.caches.hot(*cache).shards as usize {
                    self.stores[shard].clear();
                }
            }
            ChangeKind::Disturb { edges, latency, loss } => {
                for edge in edges {
                    self.disturbances[*edge as usize] = Disturbance { latency: *latency, loss: *loss };
                }
            }
            ChangeKind::Calm { edges } => {
                for edge in edges {
                    self.disturbances[*edge as usize] = Disturbance { latency: NONE, loss: 0.0 };
                }
            }
        }
    }

    /// An instance goes down with all that is in progress on it.
    pub(super) fn crash(&mut self, plan: &Plan, instance: u32, silent: bool) {
        let state = &mut self.instances[instance];
        state.causes += 1;
        if !state.up {
            return;
        }
        (state.up, state.silent) = (false, silent);
        self.count_down(instance);
        let state = &self.instances[instance];
        let stations = [state.cores, state.slots];
        let component = state.component;
        self.count_up(plan, component, instance, false);
        let on_it: Vec<u32> = (0..self.frames.len() as u32).filter(|f| self.concerns(*f, instance)).collect();
        let now = self.agenda.now();
        for f in &on_it {
            let frame = &mut self.frames[*f];
            if matches!(frame.state, State::Queued | State::Admission) {
                let station = if frame.state == State::Queued { stations[0] } else { stations[1] };
                (frame.state, frame.due) = (State::Ready, archsim_core::Time::MAX);
                self.stations[station].leave(now);
            }
        }
        self.clear_queues(stations);
        for f in on_it {
            // One failure may end another: a slot may be free by now, or somebody else's.
            if self.concerns(f, instance) {
                self.crash_frame(plan, f, silent);
            }
        }
    }

    /// One cause for an instance to be down is gone; with the last it is up.
    pub(super) fn recover(&mut self, plan: &Plan, instance: u32) {
        let state = &mut self.instances[instance];
        state.causes = state.causes.saturating_sub(1);
        if state.causes > 0 || state.up {
            return;
        }
        state.up = true;
        let component = state.component;
        self.count_down(instance);
        self.count_up(plan, component, instance, true);
        self.wake_threads(instance);
    }

    /// An instance has come up or gone down: whether the component is still available.
    fn count_up(&mut self, plan: &Plan, component: u32, instance: u32, up: bool) {
        let Some(of) = plan.components.get(component as usize) else { return };
        if of.primaries > 0 && !(instance - of.first_instance).is_multiple_of(of.primaries) {
            return;
        }
        let down = &mut self.down[component as usize];
        let available =
            |down: u32| if of.primaries > 0 { down == 0 } else { of.instances - down.min(of.instances) >= of.need };
        let before = available(*down);
        *down = if up { *down - 1 } else { *down + 1 };
        let after = available(*down);
        if before != after {
            self.measure.available(component, after, self.agenda.now());
        }
    }

    /// Whether a frame is in progress on an instance, as a visit, a branch or on its own; not on its way to it or back, and no thread.
    fn concerns(&self, f: u32, instance: u32) -> bool {
        let frame = &self.frames[f];
        let idle = matches!(
            frame.state,
            State::Free | State::Sent | State::Replying | State::Pending | State::Dead | State::Granted
        );
        let travelling = frame.state == State::Serving && frame.call == super::run::TRANSFER;
        frame.instance == instance && !idle && !travelling && frame.flags & (flag::THREAD | flag::ROOT) == 0
    }

    /// The queues of a crashed instance are gone; those who were stopped before and still linked are freed.
    fn clear_queues(&mut self, stations: [u32; 2]) {
        for station in stations.into_iter().filter(|s| *s != NONE) {
            let s = &mut self.stations[station];
            let mut at = std::mem::replace(&mut s.head, NONE);
            s.tail = NONE;
            if !s.is_linked() {
                self.ranked[s.extra].clear();
            }
            while at != NONE {
                let next = self.frames[at].next;
                if self.frames[at].state == State::Dead {
                    self.release_frame(at);
                }
                at = next;
            }
        }
    }

    fn crash_frame(&mut self, plan: &Plan, f: u32, silent: bool) {
        let frame = &self.frames[f];
        let visit = frame.flags & flag::VISIT != 0;
        let branch_of_visit = frame.flags & flag::BRANCH != 0 && !visit;
        let thread = branch_of_visit && self.frames[frame.parent].flags & flag::THREAD != 0;
        if branch_of_visit && !thread {
            return; // Stopped with its parent, or on its own already and left to end.
        }
        if silent && visit || !visit && !thread {
            return self.stop_as(plan, f, Outcome::Crashed);
        }
        self.let_go(plan, f);
        // Whatever it was at since its last step is lost with it.
        self.spend(f, self.instances[self.frames[f].instance].component, super::Category::Wasted);
        let next = self.fail(plan, f, Outcome::Crashed);
        self.run(plan, next);
    }

    /// The threads of a member that is up again.
    fn wake_threads(&mut self, instance: u32) {
        let parked: Vec<u32> = (0..self.frames.len() as u32)
            .filter(|f| {
                let frame = &self.frames[*f];
                frame.instance == instance && frame.flags & flag::THREAD != 0 && frame.state == State::Parked
            })
            .collect();
        for f in parked {
            self.ledgers.iter_mut().for_each(|ledger| ledger.idle.retain(|idle| *idle != f));
            self.soon(f);
        }
    }
}

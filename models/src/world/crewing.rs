//! Crews and pauses at work: cores that come and go, instances that stand still.

use super::Body;
use super::crew::Duty;
use super::frame::State;
use super::run::stretched;
use super::station::Order;
use crate::plan::{InstancePlan, Plan};
use archsim_core::{Dist, Key, Time};

/// Up and down in turn.
#[derive(Clone, Debug)]
pub(super) struct Pauses {
    pub instance: u32,
    pub up: Dist,
    pub down: Dist,
    pub key: Key,
    /// Number of changes so far; odd while down.
    pub changes: u64,
}

/// The instances that pause by themselves. The draws of each are named after its component and place in it.
pub(super) fn pauses(plan: &Plan, root: Key) -> Vec<Pauses> {
    let of = |(index, instance): (usize, &InstancePlan)| {
        let (up, down) = plan.queueing.get(instance.queueing as usize)?.pauses?;
        let component = plan.components.get(instance.component as usize)?;
        let place = index as u64 - u64::from(component.first_instance);
        let key = root.named(&component.name).named("pauses").child(place);
        let dist = |index: u32| plan.dists[index as usize].clone();
        Some(Pauses { instance: index as u32, up: dist(up), down: dist(down), key, changes: 0 })
    };
    plan.instances.iter().enumerate().filter_map(of).collect()
}

impl Body {
    /// After a change of the queue or the cores: who rests, who starts, and when something happens by itself.
    pub(super) fn settle_crew(&mut self, station: u32) {
        let (now, queued) = (self.agenda.now(), self.stations[station].queued);
        let extra = self.stations[station].extra;
        let Some(crew) = &mut self.ranked[extra].crew else { return };
        crew.settle(now, queued);
        let next = crew.next();
        if next < crew.alarm {
            crew.alarm = next;
            let token = self.crew_alarms[extra as usize];
            if next > now { self.agenda.schedule(next, token) } else { self.agenda.soon(token) }
        }
        self.count_crew(station);
    }

    /// Brings the counts of cores that are on, starting and down up to date.
    fn count_crew(&mut self, station: u32) {
        let now = self.agenda.now();
        let queue = &mut self.ranked[self.stations[station].extra];
        let Some(crew) = &queue.crew else { return };
        let counts = [crew.idle() + crew.count(Duty::Busy), crew.count(Duty::SettingUp), crew.count(Duty::Down)];
        let before = std::mem::replace(&mut queue.counted, counts);
        self.measure.count_workers(queue.component, before, counts, now);
    }

    /// Cores whose duty ends now.
    pub(super) fn ring_crew(&mut self, station: u32) {
        let now = self.agenda.now();
        let extra = self.stations[station].extra;
        let mut interrupted = vec![];
        let Some(crew) = &mut self.ranked[extra].crew else { return };
        if crew.alarm != now {
            return;
        }
        crew.alarm = Time::MAX;
        while let Some(served) = crew.turn(now) {
            interrupted.extend(served);
        }
        for f in interrupted {
            let waiter = self.ranked[extra].serving.iter().copied().find(|waiter| waiter.frame == f);
            if let Some(waiter) = waiter {
                self.interrupt(station, waiter);
            }
        }
        self.start_ranked(station);
    }

    /// Instances that pause by themselves: the first time, from the start of the run.
    pub(super) fn start_pauses(&mut self) {
        for index in 0..self.pauses.len() as u32 {
            self.next_pause(index);
        }
        for station in 0..self.stations.len() as u32 {
            if self.stations[station].order == Order::Ranked {
                self.settle_crew(station);
            }
        }
    }

    fn next_pause(&mut self, index: u32) {
        let pauses = &self.pauses[index as usize];
        let dist = if pauses.changes.is_multiple_of(2) { &pauses.up } else { &pauses.down };
        let length = Time::from_nanos_f64(dist.sample(&mut pauses.key.draw(pauses.changes)));
        let (at, token) = (self.agenda.now() + length, self.pause_alarms[index as usize]);
        if length > Time::ZERO { self.agenda.schedule(at, token) } else { self.agenda.soon(token) }
    }

    pub(super) fn ring_pause(&mut self, index: u32) {
        let pauses = &mut self.pauses[index as usize];
        pauses.changes += 1;
        let (instance, down) = (pauses.instance, pauses.changes % 2 == 1);
        self.halt(instance, down);
        self.next_pause(index);
    }

    /// An instance stands still for one more reason, or for one less.
    pub(super) fn halt(&mut self, instance: u32, down: bool) {
        let reasons = &mut self.halts[instance as usize];
        let before = *reasons;
        *reasons = if down { before + 1 } else { before.saturating_sub(1) };
        if (before == 0) != (*reasons == 0) {
            self.count_down(instance);
            self.stand_still(instance, down);
        }
    }

    /// Whether an instance is down, for the books: it has crashed or stands still.
    pub(super) fn count_down(&mut self, instance: u32) {
        let now = self.agenda.now();
        let super::Instance { component, up, .. } = self.instances[instance];
        let down = !up || self.halts[instance as usize] > 0;
        if std::mem::replace(&mut self.counted_down[instance as usize], down) != down {
            self.measure.count_instances(component, down, now);
        }
    }

    /// Stops the work of an instance where it is, or lets it go on.
    fn stand_still(&mut self, instance: u32, down: bool) {
        let (now, super::Instance { cores, speed, .. }) = (self.agenda.now(), self.instances[instance]);
        let extra = self.stations[cores].extra;
        if self.stations[cores].order == Order::Sharing {
            let shared = &mut self.shared[extra as usize];
            shared.set_speed(now, if down { 0.0 } else { speed });
            shared.alarm = Time::MAX;
            return self.time_shared(cores);
        }
        for index in 0..self.ranked[extra].serving.len() {
            let f = self.ranked[extra].serving[index].frame;
            if down {
                let left = self.work_left(f, cores);
                let frame = &mut self.frames[f];
                if frame.due > now {
                    (frame.work, frame.due) = (left, Time::MAX);
                }
            } else if self.frames[f].due == Time::MAX {
                let due = now + stretched(self.frames[f].work, self.pace(f, cores));
                self.at(f, State::Serving, due);
            }
        }
        if !down {
            self.start_ranked(cores);
        }
    }

    /// Work per time of a frame in service.
    pub(super) fn pace(&self, f: u32, station: u32) -> f64 {
        let speed = self.instances[self.frames[f].instance].speed;
        let crew = &self.ranked[self.stations[station].extra].crew;
        crew.as_ref().map_or(speed, |crew| speed * crew.speed_for(f))
    }
}

//! What happens by itself at an instant: ends of rows, faults, sources, pauses, polls.

use super::keyed_store::KeyedStore;
use super::measure::Areas;
use super::{Body, Instance};
use crate::plan::*;

/// What an alarm is about. Alarms have the first tokens, frames the ones after.
#[derive(Clone, Copy, Debug)]
pub(super) enum Alarm {
    /// The next arrival of an open source; these alarms are last, in the order of the sources.
    Source,
    /// The end of a row.
    Cut,
    /// What faults change.
    Change,
    /// The oldest time-out of a lane.
    Lane(u32),
    /// The next end at a shared station.
    Sharing(u32),
    /// The first at a batch step has waited long enough: the step and its gathering.
    Batch(u32, u32),
    /// A poll has waited long enough.
    Poll(u32),
    /// A core of this station comes, goes, or has started.
    Crew(u32),
    /// An instance pauses or goes on.
    Pause(u32),
    /// A machine that fails by chance goes down or comes up.
    Machine(u32),
    /// A replica takes the place of a failed primary.
    Failover(u32),
}

impl Body {
    /// An alarm rings. Gives who runs now.
    #[inline(always)]
    pub(super) fn ring(&mut self, plan: &Plan, alarm: u32) -> u32 {
        if alarm >= self.first_source {
            return self.arrival(plan, alarm - self.first_source);
        }
        self.ring_other(plan, alarm);
        NONE
    }

    #[inline(never)]
    pub(super) fn ring_other(&mut self, plan: &Plan, alarm: u32) {
        match self.alarms[alarm as usize] {
            Alarm::Source => {}
            Alarm::Cut => {
                self.cut(plan);
                if let Some(&next) = self.measure.schedule.cuts.get(self.measure.row as usize) {
                    self.agenda.schedule_late(next, 0);
                }
            }
            Alarm::Change => self.change(plan),
            Alarm::Lane(lane) => self.ring_lane(plan, lane),
            Alarm::Sharing(station) => self.ring_shared(plan, station),
            Alarm::Failover(index) => self.ring_failover(plan, index),
            Alarm::Machine(machine) => self.ring_machine(plan, machine),
            Alarm::Poll(consumer) => self.wake_consumer(consumer, true),
            Alarm::Batch(batch, at) => self.ring_batch(plan, batch, at),
            Alarm::Crew(station) => self.ring_crew(station),
            Alarm::Pause(index) => self.ring_pause(index),
        }
    }

    /// Ends a row: collects the areas of all stations.
    pub(super) fn cut(&mut self, plan: &Plan) {
        let now = self.agenda.now();
        let mut areas: Vec<Areas> = vec![];
        for component in &plan.components {
            let (mut busy, mut queue) = (vec![], 0);
            for index in component.first_instance..component.first_instance + component.instances {
                let Instance { cores, slots, limit, .. } = self.instances[index];
                if limit != NONE {
                    queue += self.limiters[limit as usize].collect(now);
                }
                let (mut served, waited) = self.stations[cores].collect(now);
                queue += waited;
                if slots != NONE {
                    let (held, waited) = self.stations[slots].collect(now);
                    queue += waited;
                    if self.stations[cores].servers == u32::MAX {
                        served = held;
                    }
                }
                if component.per_instance || busy.is_empty() { busy.push(served) } else { busy[0] += served }
            }
            areas.push((busy, queue));
        }
        let mut entries = vec![0; plan.components.len()];
        for (cache, &first) in plan.caches.iter().zip(&self.first_store) {
            entries[cache.component as usize] =
                self.stores[first as usize..(first + cache.shards) as usize].iter().map(KeyedStore::len).sum();
        }
        self.collect_open_breakers(plan);
        let waiting = self.waiting(plan);
        self.measure.close_row(now, areas, &entries, waiting);
    }
}

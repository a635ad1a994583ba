//! Failed machines that wait for their repair, and replicas that take the place of a failed primary.
//!
//! The first instance of a shard is the place of its primary. When a replica takes over, the two machines change places: requests find
//! their way without knowing who is who.

use super::{Alarm, Body};
use crate::plan::*;
use archsim_core::{Key, Time};
use std::collections::VecDeque;

/// The repairs of one fault.
#[derive(Clone, Debug, Default)]
pub(super) struct Repairs {
    /// Machines that wait.
    waiting: VecDeque<u32>,
    /// How many are being repaired.
    at_work: u32,
}

/// A shard that may lose its primary.
#[derive(Clone, Debug)]
pub(super) struct Succession {
    failures: u32,
    /// The place of its primary.
    first: u32,
    /// The primary that has failed, until another is there.
    failed: Option<u32>,
    due: Time,
    key: Key,
    rounds: u64,
    alarm: u32,
    /// Whether none of its machines is up.
    dark: bool,
}

/// Every shard of which the primary is replaced, with an alarm for each.
pub(super) fn successions(plan: &Plan, root: Key, alarms: &mut Vec<Alarm>) -> Vec<Succession> {
    let mut all = vec![];
    for (index, of) in plan.failures.iter().enumerate().filter(|(_, of)| of.failover != NONE) {
        let component = plan.instances[of.first as usize].component;
        let key = root.named("failover").named(&plan.components[component as usize].name).child(index as u64);
        for shard in 0..of.count / of.copies.max(1) {
            let (first, alarm) = (of.first + shard * of.copies, alarms.len() as u32);
            alarms.push(Alarm::Failover(all.len() as u32));
            let key = key.child(u64::from(shard));
            let failures = index as u32;
            all.push(Succession { failures, first, failed: None, due: Time::MAX, key, rounds: 0, alarm, dark: false });
        }
    }
    all
}

impl Body {
    /// A machine that is repaired in turn goes down, or its repair is over.
    pub(super) fn ring_repaired_in_turn(&mut self, plan: &Plan, machine: u32) {
        let state = self.machines[machine as usize];
        if state.changes % 2 == 1 {
            self.crash(plan, state.instance, plan.failures[state.failures as usize].silent);
            self.has_failed(plan, machine);
        } else {
            self.is_repaired(plan, machine);
            self.next_change_of(plan, machine as usize);
        }
        self.note_dark(plan, machine);
    }

    /// The succession of a machine's shard.
    fn succession_of(&self, plan: &Plan, machine: u32) -> Option<usize> {
        let of = self.machines[machine as usize];
        let copies = plan.failures[of.failures as usize].copies;
        let holds = |s: &Succession| s.failures == of.failures && (s.first..s.first + copies).contains(&of.instance);
        self.successions.iter().position(holds)
    }

    /// The machines of a shard that are up, in the order of their places.
    fn first_up(&self, plan: &Plan, succession: usize) -> Option<u32> {
        let Succession { failures, first, .. } = self.successions[succession];
        let places = first..first + plan.failures[failures as usize].copies;
        let up = self
            .machines
            .iter()
            .enumerate()
            .filter(|(_, m)| m.failures == failures && places.contains(&m.instance) && m.changes % 2 == 0);
        up.min_by_key(|(_, m)| m.instance).map(|(index, _)| index as u32)
    }

    fn has_failed(&mut self, plan: &Plan, machine: u32) {
        let Some(index) = self.succession_of(plan, machine) else { return self.repair(plan, machine) };
        let now = self.agenda.now();
        let any_up = self.first_up(plan, index).is_some();
        let succession = &mut self.successions[index];
        if any_up && self.machines[machine as usize].instance == succession.first {
            let law = plan.failures[succession.failures as usize].failover;
            let length = plan.dists[law as usize].sample(&mut succession.key.draw(succession.rounds));
            succession.rounds += 1;
            succession.due = now + Time::from_nanos_f64(length);
            succession.failed = Some(machine);
            self.agenda.schedule(succession.due, succession.alarm);
            let component = self.instances[succession.first].component;
            return self.measure.count_shards(component, false, true, now);
        }
        if !any_up && let Some(primary) = succession.failed.take() {
            // Nobody is left who could take over.
            succession.due = Time::MAX;
            let component = self.instances[succession.first].component;
            self.measure.count_shards(component, false, false, now);
            self.repair(plan, primary);
        }
        self.repair(plan, machine);
    }

    /// The failover of a shard is over: the first replica that is up is its primary now.
    pub(super) fn ring_failover(&mut self, plan: &Plan, index: u32) {
        let now = self.agenda.now();
        let (index, succession) = (index as usize, &mut self.successions[index as usize]);
        if succession.due != now {
            return;
        }
        succession.due = Time::MAX;
        let (first, Some(failed)) = (succession.first, succession.failed.take()) else { return };
        self.measure.count_shards(self.instances[first].component, false, false, now);
        if let Some(heir) = self.first_up(plan, index) {
            let place = self.machines[heir as usize].instance;
            self.crash(plan, place, false);
            self.change_places(plan, heir, failed);
            self.recover(plan, first);
        }
        self.repair(plan, failed);
    }

    /// Two machines of a shard, with the data that they have.
    fn change_places(&mut self, plan: &Plan, one: u32, other: u32) {
        let (a, b) = (self.machines[one as usize].instance, self.machines[other as usize].instance);
        (self.machines[one as usize].instance, self.machines[other as usize].instance) = (b, a);
        for (versions, of) in self.versions.iter_mut().zip(&plan.versions) {
            if (of.first..of.first + of.count).contains(&a) {
                versions.change_places((a - of.first) as usize, (b - of.first) as usize);
            }
        }
    }

    /// A machine is up again: as the primary if there is none.
    fn is_repaired(&mut self, plan: &Plan, machine: u32) {
        let failures = self.machines[machine as usize].failures as usize;
        self.repairs[failures].at_work -= 1;
        if let Some(index) = self.succession_of(plan, machine) {
            let Succession { first, failed, .. } = self.successions[index];
            let failures = self.machines[machine as usize].failures;
            let holder = self.machines.iter().position(|m| m.failures == failures && m.instance == first);
            let leaderless = holder.filter(|holder| failed.is_none() && self.machines[*holder].changes % 2 == 1);
            if let Some(holder) = leaderless {
                self.change_places(plan, machine, holder as u32);
            }
        }
        self.recover(plan, self.machines[machine as usize].instance);
        if let Some(next) = self.repairs[failures].waiting.pop_front() {
            self.repair(plan, next);
        }
    }

    /// A failed machine is repaired, or waits for it.
    fn repair(&mut self, plan: &Plan, machine: u32) {
        let failures = self.machines[machine as usize].failures as usize;
        let repairs = &mut self.repairs[failures];
        if repairs.at_work < plan.failures[failures].repairers {
            repairs.at_work += 1;
            self.next_change_of(plan, machine as usize);
        } else {
            repairs.waiting.push_back(machine);
        }
    }

    /// Counts shards of which nothing is up.
    fn note_dark(&mut self, plan: &Plan, machine: u32) {
        let Some(index) = self.succession_of(plan, machine) else { return };
        let dark = self.first_up(plan, index).is_none();
        let succession = &mut self.successions[index];
        if dark != std::mem::replace(&mut succession.dark, dark) {
            let component = self.instances[succession.first].component;
            self.measure.count_shards(component, true, dark, self.agenda.now());
        }
    }
}

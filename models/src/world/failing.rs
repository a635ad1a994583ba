//! Machines that fail by chance: up for a time, down for a time, for ever.
//!
//! Where they are repaired in turn, or replace each other, see [`super::failover`].

use super::{Alarm, Body};
use crate::plan::*;
use archsim_core::{Key, Time};

/// An instance that alternates between up and down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    pub(super) failures: u32,
    /// Where it stands: another of its shard may have its place when it comes back.
    pub(super) instance: u32,
    pub(super) key: Key,
    /// How often it has changed; it is down when that is odd.
    pub(super) changes: u64,
    alarm: u32,
}

impl Machine {
    /// All of them, each with an alarm.
    pub(super) fn all(plan: &Plan, root: Key, alarms: &mut Vec<Alarm>) -> Vec<Machine> {
        let mut machines = vec![];
        for (index, of) in plan.failures.iter().enumerate() {
            let component = plan.instances[of.first as usize].component;
            let key = root.named("failures").named(&plan.components[component as usize].name).child(index as u64);
            for number in 0..of.count {
                let alarm = alarms.len() as u32;
                alarms.push(Alarm::Machine(machines.len() as u32));
                let (failures, instance) = (index as u32, of.first + number);
                machines.push(Machine { failures, instance, key: key.child(u64::from(number)), changes: 0, alarm });
            }
        }
        machines
    }
}

impl Body {
    pub(super) fn start_machines(&mut self, plan: &Plan) {
        for machine in 0..self.machines.len() {
            self.next_change_of(plan, machine);
        }
    }

    /// A machine goes down or comes up.
    pub(super) fn ring_machine(&mut self, plan: &Plan, machine: u32) {
        let state = &mut self.machines[machine as usize];
        state.changes += 1;
        let Machine { failures, instance, changes, .. } = *state;
        let of = &plan.failures[failures as usize];
        if of.failover != NONE || of.repairers < of.count {
            return self.ring_repaired_in_turn(plan, machine);
        }
        if changes % 2 == 1 {
            self.crash(plan, instance, of.silent);
        } else {
            self.recover(plan, instance);
        }
        self.next_change_of(plan, machine as usize);
    }

    pub(super) fn next_change_of(&mut self, plan: &Plan, machine: usize) {
        let Machine { failures, key, changes, alarm, .. } = self.machines[machine];
        let of = &plan.failures[failures as usize];
        let law = if changes % 2 == 0 { of.up } else { of.down };
        let stay = plan.dists[law as usize].sample(&mut key.draw(changes));
        // Never twice in one instant, so that time goes on whatever the laws say.
        let due = self.agenda.now() + Time::from_nanos_f64(stay).max(Time::from_nanos(1));
        self.agenda.schedule(due, alarm);
    }
}

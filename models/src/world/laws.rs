//! Laws that hold on every run to the nanosecond, whatever is simulated. A run that breaks one is wrong, and says so.

use super::Body;
use super::frame::{State, flag};
use super::row::ComponentRow;
use super::run::TRANSFER;
use super::station::{Order, Station};
use crate::plan::Plan;
use archsim_core::Time;

/// What went through a component over the whole run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flow {
    /// Attempts that came.
    pub arrived: u64,
    /// Attempts that left.
    pub left: u64,
    /// Attempt-nanoseconds inside, modulo 2^64: the integral of the number inside.
    area: u64,
    /// From arrival to end of all that left, in nanoseconds, modulo 2^64.
    stayed: u64,
}

impl Flow {
    /// Adds what a row counted.
    pub(super) fn add(&mut self, row: &ComponentRow) {
        self.arrived += row.arrived;
        self.left += row.outcomes.iter().sum::<u64>();
        self.area = self.area.wrapping_add(row.inside);
        self.stayed = self.stayed.wrapping_add(row.sojourn.sum() as u64).wrapping_add(row.other_sojourns);
    }
}

impl Body {
    /// Checks the laws at the present instant.
    ///
    /// # Panics
    /// If one of them does not hold: flow balance, attempts that came are those that left and those inside; Little's law (J. Little,
    /// Operations Research 9, 1961) with its edge term, the integral of the number inside is the sum of the times that those who left
    /// and those who are still inside have spent there; the parts of a latency add up to it; the utilisation law, see
    /// [`Body::assert_utilization`].
    pub(super) fn assert_laws(&self, plan: &Plan) {
        let now = self.agenda.now();
        let mut ages = vec![0_u64; plan.components.len()];
        let mut add = |component: u32, since: Time| {
            let age = &mut ages[component as usize];
            *age = age.wrapping_add((now - since).as_nanos());
        };
        for frame in self.frames.0.iter().filter(|frame| frame.state != State::Free) {
            if frame.flags & flag::VISIT != 0 {
                add(self.instances[frame.instance].component, frame.arrived);
            }
            if frame.flags & flag::ONWARD != 0 {
                // Is at the balancer too, which keeps no frame.
                add(self.quick.targets[frame.via].caller, frame.arrived);
            }
        }
        for (index, component) in plan.components.iter().enumerate() {
            let (mut flow, name) = (self.measure.flow[index], &component.name);
            flow.add(&self.measure.components.0[index]);
            let inside = self.measure.inside.0[index];
            let (arrived, left) = (flow.arrived, flow.left);
            assert_eq!(arrived, left + inside, "conservation is broken at `{name}` at {now}: arrived = left + inside");
            let area = flow.area.wrapping_add(inside.wrapping_mul(now.as_nanos()));
            let spent = flow.stayed.wrapping_add(ages[index]);
            assert!(
                area == spent,
                "Little's law is broken at `{name}` at {now}: {area} nanoseconds inside, {spent} spent"
            );
        }
        for table in &self.measure.time {
            assert_eq!(table.gap(), 0, "the account of time is broken at {now}: latencies and their parts differ");
        }
        self.assert_utilization(plan);
    }

    /// The utilisation law (P. Denning and J. Buzen, ACM Computing Surveys 10, 1978): servers were busy for as long as those they
    /// served, or serve, were in service. Counted on both sides: by seizing and freeing servers, and by the account of each one's time.
    fn assert_utilization(&self, plan: &Plan) {
        let now = self.agenda.now();
        let mut serving = vec![0_u64; self.stations.len()];
        for frame in self.frames.0.iter().filter(|frame| frame.state == State::Serving && frame.call != TRANSFER) {
            let length = now.since(frame.since).as_nanos();
            let given = &mut serving[self.instances[frame.instance].cores as usize];
            *given = given.wrapping_add(length.wrapping_mul(u64::from(frame.cores)));
        }
        for component in &plan.components {
            for instance in component.first_instance..component.first_instance + component.instances {
                let cores = self.instances[instance].cores;
                let (busy, given) = (self.stations[cores].unaccounted_for(now), serving[cores as usize]);
                let law = match self.stations[cores].order {
                    Order::Sharing => self.is_work_done(&self.stations[cores], now),
                    _ => busy == given,
                };
                let name = &component.name;
                assert!(
                    law,
                    "the utilisation law is broken at `{name}` at {now}: {busy} nanoseconds busy, {given} given"
                );
            }
        }
    }

    /// The utilisation law where servers are shared, to the rounding of ends to a nanosecond: the servers were busy as long as the work
    /// that they did takes them. What those who were stopped had got is between nothing and all of their work.
    fn is_work_done(&self, station: &Station, now: Time) -> bool {
        let frames = &self.frames;
        let in_service =
            |f: u32, generation: u32| frames[f].generation == generation && frames[f].state == State::Serving;
        let busy = station.unaccounted_for(now) as f64;
        let Some((least, most, rounding)) = self.shared[station.extra as usize].work_done(now, in_service) else {
            return true;
        };
        (least - rounding..=most + rounding).contains(&busy)
    }
}

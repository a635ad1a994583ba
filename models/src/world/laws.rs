//! Laws that hold on every run to the nanosecond, whatever is simulated. A run that breaks one is wrong, and says so.

use super::Body;
use super::frame::{State, flag};
use super::row::ComponentRow;
use crate::plan::Plan;

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

/// Kinds whose visits are not frames of their own: a balancer that only passes on keeps none, a consumer's thread handles one message
/// after the other in one visit.
const WITHOUT_VISITS: [&str; 2] = ["LoadBalancer", "Consumers"];

impl Body {
    /// Checks the laws at the present instant.
    ///
    /// # Panics
    /// If one of them does not hold: flow balance, attempts that came are those that left and those inside; Little's law (J. Little,
    /// Operations Research 9, 1961) with its edge term, the integral of the number inside is the sum of the times that those who left
    /// and those who are still inside have spent there; the parts of a latency add up to it.
    pub(super) fn assert_laws(&self, plan: &Plan) {
        let now = self.agenda.now();
        let mut ages = vec![0_u64; plan.components.len()];
        for frame in self.frames.0.iter().filter(|frame| frame.state != State::Free && frame.flags & flag::VISIT != 0) {
            let component = self.instances[frame.instance].component;
            let age = &mut ages[component as usize];
            *age = age.wrapping_add((now - frame.arrived).as_nanos());
        }
        for (index, component) in plan.components.iter().enumerate() {
            let (mut flow, name) = (self.measure.flow[index], &component.name);
            flow.add(&self.measure.components.0[index]);
            let inside = self.measure.inside.0[index];
            let (arrived, left) = (flow.arrived, flow.left);
            assert_eq!(arrived, left + inside, "conservation is broken at `{name}` at {now}: arrived = left + inside");
            let area = flow.area.wrapping_add(inside.wrapping_mul(now.as_nanos()));
            let spent = flow.stayed.wrapping_add(ages[index]);
            let law = WITHOUT_VISITS.contains(&component.kind) || area == spent;
            assert!(law, "Little's law is broken at `{name}` at {now}: {area} nanoseconds inside, {spent} spent");
        }
        for table in &self.measure.time {
            assert_eq!(table.gap(), 0, "the account of time is broken at {now}: latencies and their parts differ");
        }
    }
}

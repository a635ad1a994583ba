//! What happens at the queue of a component beside serving it.

use super::Compiler;
use crate::plan::*;
use crate::spec::queueing::{Assign, PauseUnit, Queueing};
use crate::spec::{Discipline, Duration};

impl Compiler<'_> {
    /// The plan of a component's queues, and its slots: unlimited ones are put in front where arrivals have to be counted.
    pub(super) fn queueing(&mut self, component: u32, admission: Option<Admission>) -> (Option<Admission>, u32) {
        let setup = self.setup;
        let Some((_, kind)) = setup.components.get(component as usize) else { return (admission, NONE) };
        let spec = kind.queueing();
        if spec.is_plain() {
            return (admission, NONE);
        }
        let at_slots = admission.is_some();
        let unlimited = || Admission { slots: u32::MAX, room: u32::MAX, discipline: Discipline::Fifo };
        let admission = admission.or_else(|| spec.counts_arrivals().then(unlimited));
        let whole = spec.pauses.filter(|pauses| pauses.each != Some(PauseUnit::Core));
        let plan = QueueingPlan {
            patience: self.optional_dist(spec.patience),
            at_slots,
            join: spec.join.cloned(),
            reserve: spec.reserve.map(|reserve| reserve.0.clone()).unwrap_or_default(),
            pauses: whole.map(|pauses| (self.dist(&pauses.up), self.dist(&pauses.down))),
            crew: spec.has_crew().then(|| self.crew(&spec)),
        };
        self.plan.queueing.push(plan);
        (admission, self.plan.queueing.len() as u32 - 1)
    }

    fn crew(&mut self, spec: &Queueing<'_>) -> CrewPlan {
        let each = spec.pauses.filter(|pauses| pauses.each == Some(PauseUnit::Core));
        CrewPlan {
            speeds: spec.core_speed.to_vec(),
            assign: spec.assign.cloned().unwrap_or(Assign::FastestIdle),
            vacation: self.optional_dist(spec.vacation.map(|vacation| &vacation.time)),
            repeat: spec.vacation.is_some_and(|vacation| vacation.repeat.unwrap_or(true)),
            set_up: self.optional_dist(spec.cold_start.map(|start| &start.time)),
            keep: self.optional_dist(spec.cold_start.and_then(|start| start.keep.as_ref())),
            up: self.optional_dist(each.map(|pauses| &pauses.up)),
            down: self.optional_dist(each.map(|pauses| &pauses.down)),
        }
    }

    fn optional_dist(&mut self, time: Option<&Duration>) -> u32 {
        time.map_or(NONE, |time| self.dist(time))
    }
}

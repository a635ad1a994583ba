//! Batch steps as instructions: the requests wait, a frame of its own does the work.

use super::Compiler;
use crate::plan::*;
use crate::spec::Steps;
use crate::spec::steps::BatchArgs;
use archsim_core::Time;

impl Compiler<'_> {
    pub(super) fn batch(&mut self, component: u32, args: &BatchArgs) {
        let batch = self.plan.batches.len() as u32;
        let first_gathering = self.plan.batches.last().map_or(0, |last| last.first_gathering + last.instances);
        let ComponentPlan { first_instance, instances, .. } = *self.component(component);
        let max = args.max.value;
        self.plan.batches.push(BatchPlan {
            max,
            min: args.min.as_ref().map_or(if args.linger.is_some() { max } else { 1 }, |min| min.value),
            linger: args.linger.as_ref().map_or(Time::MAX, |linger| linger.value.0),
            at_once: args.at_once.as_ref().map_or(u32::MAX, |most| most.value),
            start: NONE,
            failed: NONE,
            first_instance,
            instances,
            first_gathering,
        });
        self.op(Op::Batch { batch });
        let over = self.op(Op::Jump { to: NONE });
        let failed = self.op(Op::Raise);
        let start = self.here();
        let fork = self.fork(vec![], 1);
        self.op(Op::Fork { fork });
        self.op(Op::BatchEnd { batch, failed: false });
        let on_error = self.op(Op::BatchEnd { batch, failed: true });
        let branch = self.here();
        self.steps(component, &args.steps);
        if let Some(each) = &args.each {
            self.for_each(component, each);
        }
        self.op(Op::Join);
        let plan = &mut self.plan.forks[fork as usize];
        (plan.branches, plan.on_error) = (vec![(branch, Place::Here)], on_error);
        let to = self.here();
        self.plan.ops[over as usize] = Op::Jump { to };
        let plan = &mut self.plan.batches[batch as usize];
        (plan.start, plan.failed) = (start, failed);
    }

    fn for_each(&mut self, component: u32, steps: &Steps) {
        self.op(Op::BatchRounds);
        let start = self.here();
        self.branches(component, &[steps], 1);
        self.op(Op::LoopEnd { start });
    }
}

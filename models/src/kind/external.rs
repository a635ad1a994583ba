//! `External`: a service of somebody else, known by its latency, errors and limits.

use crate::compile::{Compiler, Replicas};
use crate::plan::{Admission, Capacity, LimitPlan};
use crate::spec;
use crate::spec::{At, Discipline, Duration, Fraction, LimitSpec};

spec! {
    /// A service that is not ours: answers after a latency, fails with a probability, refuses what is over its limits. Its latency
    /// does not depend on our load.
    ExternalSpec as "External" {
        /// Time to answer.
        latency: Duration,
        /// Probability that it answers with an error. Default 0.
        errors: Option<Fraction>,
        /// How often it accepts requests: `"100/s"` is a token bucket, the rest is rejected at once. Default unlimited.
        limit: Option<At<LimitSpec>>,
        /// Requests it accepts in a burst, with a `limit` that is a rate. Default: what the limit allows in one second, at least 1.
        burst: Option<At<u32>>,
        /// Requests it works on at once; the rest is rejected. Default unlimited.
        concurrency: Option<At<u32>>,
    }
}

impl ExternalSpec {
    /// The name of its only operation.
    pub const OPERATION: &'static str = "call";

    pub(crate) fn compile(&self, compiler: &mut Compiler, component: u32) {
        let unlimited = Capacity { servers: u32::MAX, discipline: Discipline::Fifo, room: u32::MAX };
        let admission =
            self.concurrency.as_ref().map(|c| Admission { slots: c.value, room: 0, discipline: Discipline::Fifo });
        let span = compiler.instances(component, Replicas { count: 1, speed: vec![] }, unlimited, admission);
        let time = compiler.dist(&self.latency);
        let burst = self.burst.as_ref().map(|b| b.value);
        compiler.limit(span, self.limit.as_ref().map(|limit| LimitPlan::new(&limit.value, burst)));
        let start = compiler.program(component, |c| {
            c.hold_station(time);
            if let Some(errors) = self.errors.filter(|e| e.0 > 0.0) {
                c.fail(errors.0);
            }
            c.reply();
        });
        compiler.operation(component, Self::OPERATION, start, span);
    }
}

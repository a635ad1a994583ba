//! `External`: a service of somebody else, known by its latency, errors and limits.

use crate::compile::{Compiler, Replicas};
use crate::plan::{Admission, Capacity, LimitPlan, Op};
use crate::spec;
use crate::spec::{At, Discipline, Duration, Fraction, Rate};

spec! {
    /// A service that is not ours: answers after a latency, fails with a probability, refuses what is over its limits. Its latency
    /// does not depend on our load.
    ExternalSpec as "External" {
        /// Time to answer.
        latency: Duration,
        /// Probability that it answers with an error. Default 0.
        errors: Option<Fraction>,
        /// Requests per second it accepts (a token bucket); the rest is rejected at once. Default unlimited.
        limit: Option<At<Rate>>,
        /// Requests it accepts in a burst, with `limit`. Default: what the limit allows in one second, at least 1.
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
        let limit = self.limit.as_ref().map(|l| {
            let burst = self.burst.as_ref().map_or(l.value.0.max(1.0), |b| f64::from(b.value.max(1)));
            compiler.limit(LimitPlan { per_nanosecond: l.value.0 * 1e-9, burst })
        });
        let start = compiler.program(component, |c| {
            if let Some(limit) = limit {
                c.op(Op::Limit { limit });
            }
            c.hold_station(time);
            if let Some(errors) = self.errors.filter(|e| e.0 > 0.0) {
                c.fail(errors.0);
            }
            c.reply();
        });
        compiler.operation(component, Self::OPERATION, start, span);
    }
}

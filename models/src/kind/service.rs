//! `Service`: endpoints that are programs of steps, run by replicas with cores and slots.

use crate::compile::{Compiler, Replicas};
use crate::plan::{Admission, Capacity, LimitPlan};
use crate::spec;
use crate::spec::{At, Discipline, Entries, LimitSpec, NotYet, Size, Steps};

spec! {
    /// A program that answers requests: each endpoint is a list of steps. Replicas are copies of it; each has its own cores and
    /// slots. Compute steps queue for the cores; a request that waits for a call keeps its slot and holds no core.
    ServiceSpec as "Service" {
        /// Defaults from a named product, see `archsim kinds preset`.
        preset: Option<At<String>>,
        /// Endpoints by name, each a list of steps.
        on: Entries<Steps>,
        /// Copies. Default 1.
        replicas: Option<At<u32>>,
        /// Cores of each replica. Default 1.
        cpu: Option<At<u32>>,
        /// Order in which `Compute` steps get the cores. Default `Fifo`.
        discipline: Option<Discipline>,
        /// Slots of each replica: requests in progress, from admission to reply. Default unlimited.
        concurrency: Option<At<u32>>,
        /// Waiting room of each replica before the slots; a request that finds it full is rejected. Needs `concurrency`. Default unlimited.
        queue: Option<At<u32>>,
        /// Order in which the waiting room is served. Default `Fifo`.
        admission: Option<Discipline>,
        /// How often each replica lets requests in, before slots and queue: `"100/s"`, or a limiter in full. Default unlimited.
        limit: Option<At<LimitSpec>>,
        /// Speed of the cores, one for all or one per replica, in turn. Default 1.
        speed: Option<At<Vec<f64>>>,
        /// Bytes of memory that a request in progress holds. Default 0.
        memory_per_request: Option<Size>,
        /// Whether utilisation is kept per replica. Default true; false saves time with a million replicas.
        per_instance: Option<bool>,
        /// Money per replica and hour. Default 0.
        cost: Option<f64>,
        /// Load shedding. Not in this version.
        shed: Option<NotYet>,
        /// Autoscaling. Not in this version.
        autoscale: Option<NotYet>,
    }
}

impl ServiceSpec {
    /// Number of replicas.
    pub fn replica_count(&self) -> u32 {
        self.replicas.as_ref().map_or(1, |r| r.value)
    }
    /// Cores of each replica.
    pub fn core_count(&self) -> u32 {
        self.cpu.as_ref().map_or(1, |c| c.value)
    }

    pub(crate) fn compile(&self, compiler: &mut Compiler, component: u32) {
        let cores = Capacity {
            servers: self.core_count(),
            discipline: self.discipline.clone().unwrap_or(Discipline::Fifo),
            room: u32::MAX,
        };
        let admission = self.concurrency.as_ref().map(|slots| Admission {
            slots: slots.value,
            room: self.queue.as_ref().map_or(u32::MAX, |q| q.value),
            discipline: self.admission.clone().unwrap_or(Discipline::Fifo),
        });
        let replicas = Replicas {
            count: self.replica_count(),
            speed: self.speed.as_ref().map(|s| s.value.clone()).unwrap_or_default(),
        };
        let span = compiler.instances(component, replicas, cores, admission);
        compiler.limit(span, self.limit.as_ref().map(|limit| LimitPlan::new(&limit.value, None)));
        compiler.component(component).memory_per_request = self.memory_per_request.map_or(0, |s| s.0);
        for (name, steps) in &self.on.0 {
            let start = compiler.program(component, |c| {
                c.steps(component, steps);
                c.reply();
            });
            compiler.operation(component, &name.value, start, span);
        }
    }
}

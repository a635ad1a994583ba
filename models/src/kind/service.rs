//! `Service`: endpoints that are programs of steps, run by replicas with cores and slots.

use crate::compile::{Compiler, Replicas};
use crate::plan::{Admission, Capacity, LimitPlan};
use crate::spec;
use crate::spec::queueing::{Assign, ColdStartSpec, Joining, PausesSpec, Queueing, VacationSpec};
use crate::spec::{At, ByPriority, Discipline, Duration, Entries, LimitSpec, NotYet, Size, Steps};

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
        /// Speed of each core of a replica, in turn, on top of `speed`: `core_speed: [1.5, 0.5]`. Default: all alike.
        core_speed: Option<At<Vec<f64>>>,
        /// Which of several idle cores takes the next piece of work, where cores are told apart. Default `FastestIdle`.
        assign: Option<Assign>,
        /// Pauses or breakdowns: `pauses: (up: Exp("50s"), down: Exp("5s"))`. Default none.
        pauses: Option<PausesSpec>,
        /// What a core does while nothing waits: `vacation: (time: Exp("2s"))`. Default: it waits for work.
        vacation: Option<VacationSpec>,
        /// Cores that are off until they are needed: `cold_start: (time: "5s")`. Default: they are always on.
        cold_start: Option<ColdStartSpec>,
        /// How long a request waits at most, for a slot if `concurrency` is given and otherwise for a core, drawn anew for each wait; then
        /// it leaves with the outcome `reneged`. It does not count once service has started. Default: for ever.
        patience: Option<Duration>,
        /// Whether an arrival joins, by how many it finds: `join: Discouraged`, `join: ByPresent([1, 0.5])`. Default: always.
        join: Option<Joining>,
        /// Slots kept free for more urgent requests (trunk reservation): with `reserve: { 1: 2 }` requests of priority 1 and above (less
        /// urgent) are admitted only if more than 2 slots are free. Needs `concurrency`. Default none.
        reserve: Option<ByPriority<u32>>,
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

    /// What happens at its queues beside serving them.
    pub fn queueing(&self) -> Queueing<'_> {
        Queueing {
            patience: self.patience.as_ref(),
            join: self.join.as_ref(),
            reserve: self.reserve.as_ref(),
            pauses: self.pauses.as_ref(),
            core_speed: self.core_speed.as_ref().map_or(&[], |speeds| &speeds.value),
            assign: self.assign.as_ref(),
            vacation: self.vacation.as_ref(),
            cold_start: self.cold_start.as_ref(),
        }
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

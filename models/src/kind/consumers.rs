//! `Consumers`: a group of members that handle the messages of a topic.

use crate::compile::{Compiler, Replicas};
use crate::plan::{Capacity, ConsumerPlan};
use crate::spec;
use crate::spec::edge::BackoffSpec;
use crate::spec::{At, Discipline, NotYet, Span, Steps};

spec! {
    /// A group that handles the messages of one topic: each message once, by whichever member takes it. A member has threads; each
    /// thread polls a batch and handles its messages one after the other.
    ConsumersSpec as "Consumers" {
        /// The topic: `broker.topic`.
        of: At<String>,
        /// Steps to run for each message.
        handle: Steps,
        /// Members of the group. Default 1.
        members: Option<At<u32>>,
        /// Threads of each member. Default 1.
        threads: Option<At<u32>>,
        /// Cores of each member. Default 1.
        cpu: Option<At<u32>>,
        /// Order in which `Compute` steps get the cores. Default `Fifo`.
        discipline: Option<Discipline>,
        /// How messages are fetched. Default one by one.
        poll: Option<PollSpec>,
        /// How often a message is handled before it is given up. Default 1.
        attempts: Option<At<u32>>,
        /// Pause before a message is handled again. Default none.
        backoff: Option<BackoffSpec>,
        /// Topic for messages that were given up: `broker.topic`. Default: they are dropped.
        dead_letter: Option<At<String>>,
        /// Moving partitions between members. Not in this version.
        rebalance: Option<NotYet>,
        /// Autoscaling. Not in this version.
        autoscale: Option<NotYet>,
        /// Money per member and hour. Default 0.
        cost: Option<f64>,
    }
}
spec! {
    /// How messages are fetched (after Kafka's `max.poll.records`, `fetch.min.bytes` and `fetch.max.wait.ms`).
    PollSpec as "poll" {
        /// Most messages in a batch. Default 1.
        max_records: Option<At<u32>>,
        /// Messages a poll waits for. Default 1.
        min_records: Option<At<u32>>,
        /// How long a poll waits for `min_records` once there is a message. Default 500 ms, as `fetch.max.wait.ms`.
        max_wait: Option<Span>,
    }
}

impl ConsumersSpec {
    /// Number of members.
    pub fn member_count(&self) -> u32 {
        self.members.as_ref().map_or(1, |m| m.value)
    }
    /// Threads of each member.
    pub fn thread_count(&self) -> u32 {
        self.threads.as_ref().map_or(1, |t| t.value)
    }
    /// Cores of each member.
    pub fn core_count(&self) -> u32 {
        self.cpu.as_ref().map_or(1, |c| c.value)
    }

    pub(crate) fn compile(&self, compiler: &mut Compiler, component: u32) {
        let discipline = self.discipline.clone().unwrap_or(Discipline::Fifo);
        let cores = Capacity { servers: self.core_count(), discipline, room: u32::MAX };
        let span = compiler.instances(component, Replicas { count: self.member_count(), speed: vec![] }, cores, None);
        let start =
            compiler.consumer_program(component, &self.handle, self.dead_letter.as_ref().map(|d| d.value.as_str()));
        let poll = self.poll.as_ref();
        let records = |field: Option<&At<u32>>| field.map_or(1, |r| r.value.max(1));
        let plan = ConsumerPlan {
            component,
            topic: compiler.topic_by_name(&self.of.value),
            first_instance: span.first,
            members: span.count,
            threads: self.thread_count(),
            start,
            max_records: records(poll.and_then(|p| p.max_records.as_ref())),
            min_records: records(poll.and_then(|p| p.min_records.as_ref())),
            max_wait: poll.and_then(|p| p.max_wait).map_or(archsim_core::Time::from_nanos(500_000_000), |w| w.0),
            attempts: self.attempts.as_ref().map_or(1, |a| a.value.max(1)),
            backoff: self.backoff.as_ref().map(|pause| compiler.backoff(pause)),
        };
        compiler.consumers(plan);
    }
}

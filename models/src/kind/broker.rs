//! `Broker`: topics that keep messages until every group of consumers has handled them.

use crate::compile::{Compiler, Replicas};
use crate::plan::{Capacity, Op, Route, TopicBound};
use crate::spec::{At, Discipline, Duration, Entries, NotYet};
use crate::{choice, spec};

spec! {
    /// Takes messages and hands each to every consumer group of its topic. A topic is one queue per group, first in first out.
    BrokerSpec as "Broker" {
        /// Defaults from a named product, see `archsim kinds preset`.
        preset: Option<At<String>>,
        /// Topics by name: `{ "orders": () }`.
        topics: Entries<TopicSpec>,
        /// Instances; topics are dealt to them in turn. Default 1.
        nodes: Option<At<u32>>,
        /// Work to append one message, one at a time on each node. Default none.
        append: Option<Duration>,
        /// Copies of each message. Only 1 in this version.
        replication: Option<At<u32>>,
        /// Money per node and hour. Default 0.
        cost: Option<f64>,
    }
}
spec! {
    /// A topic.
    TopicSpec as "topic" {
        /// Parts read by one member of a group each. Only 1 queue per topic in this version.
        partitions: Option<At<u32>>,
        /// Messages that may wait in the queue of each group, beside those that idle consumers take at once; 0 hands each message over
        /// directly. Default unlimited.
        max_length: Option<At<u32>>,
        /// What happens to a message that finds a queue full. Default `DropOldest`, as RabbitMQ's `overflow: drop-head` (RabbitMQ manual,
        /// "Queue Length Limit").
        overflow: Option<At<Overflow>>,
        /// Acknowledgement by replicas. Not in this version.
        acks: Option<NotYet>,
        /// Time after which messages are dropped. Not in this version.
        retention: Option<NotYet>,
    }
}

choice! {
    /// What happens to a message that finds a queue full.
    Overflow as "overflow" {
        /// The message that has waited longest is dropped (`drop-head`).
        DropOldest,
        /// The publisher is told that it was refused (`reject-publish`).
        Reject,
        /// The publisher waits until there is room, first come first served: backpressure, in queueing networks blocking after service.
        Block,
    }
}

impl BrokerSpec {
    /// Number of nodes.
    pub fn node_count(&self) -> u32 {
        self.nodes.as_ref().map_or(1, |n| n.value)
    }

    pub(crate) fn compile(&self, compiler: &mut Compiler, component: u32) {
        let one_writer = Capacity { servers: 1, discipline: Discipline::Fifo, room: u32::MAX };
        let span =
            compiler.instances(component, Replicas { count: self.node_count(), speed: vec![] }, one_writer, None);
        let append = self.append.as_ref().map(|t| compiler.dist(t));
        for (index, (name, spec)) in self.topics.0.iter().enumerate() {
            let topic = compiler.topic(component, &name.value);
            if let Some(most) = &spec.max_length {
                let overflow = spec.overflow.as_ref().map_or(Overflow::DropOldest, |overflow| overflow.value.clone());
                compiler.bound_topic(topic, TopicBound { most: most.value, overflow });
            }
            let start = compiler.program(component, |c| {
                if let Some(append) = append {
                    c.hold_station(append);
                }
                c.op(Op::Append { topic });
                c.reply();
            });
            let node = span.first + index as u32 % span.count;
            compiler.routed_operation(component, &name.value, start, Route::Single(node));
        }
    }
}

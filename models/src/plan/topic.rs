//! Topics and the groups that read them.

use super::Backoff;
use crate::kind::broker::Overflow;
use archsim_core::Time;

/// A topic and the groups that read it.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicPlan {
    /// Its broker.
    pub component: u32,
    /// "broker.topic".
    pub name: String,
    /// The groups.
    pub groups: Vec<u32>,
    /// How many messages may wait; none for as many as come.
    pub bound: Option<TopicBound>,
}

/// A limit on the messages that wait in the queue of each group.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicBound {
    /// Most that wait, beside those that idle threads are about to take.
    pub most: u32,
    /// What happens to one more.
    pub overflow: Overflow,
}

/// A group of consumers.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerPlan {
    /// Its component.
    pub component: u32,
    /// What it reads.
    pub topic: u32,
    /// First member.
    pub first_instance: u32,
    /// Number of members.
    pub members: u32,
    /// Threads of each.
    pub threads: u32,
    /// First instruction of a thread.
    pub start: u32,
    /// Most messages in a batch.
    pub max_records: u32,
    /// Messages a poll waits for.
    pub min_records: u32,
    /// How long it waits for them.
    pub max_wait: Time,
    /// How often a message is handled before it is given up.
    pub attempts: u32,
    /// Pause before it is handled again.
    pub backoff: Option<Backoff>,
}

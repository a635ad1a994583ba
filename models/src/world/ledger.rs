//! The ledger of a consumer group: messages that nobody has taken yet, and threads that wait for some.

use archsim_core::{Key, Time};
use std::collections::VecDeque;

/// A message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub published: Time,
    pub key: Key,
    pub request: Key,
    pub class: u16,
    pub attempt: u16,
}

/// One group's view of its topic.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    pub waiting: VecDeque<Message>,
    /// Idle threads: frame and generation.
    pub idle: VecDeque<u32>,
    /// For each thread what it has taken and not finished; the first is in work.
    pub taken: Vec<VecDeque<Message>>,
    /// Messages of the group that are not finished.
    pub unfinished: u64,
}

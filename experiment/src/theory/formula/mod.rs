//! Formulas of queueing theory, a family in each file: pure functions, each with its source and where it holds.
//!
//! Hit ratios of caches are in the load table, which needs them before anything runs.

pub mod absent;
pub mod batch;
pub mod birth_death;
pub mod bounds;
#[cfg(test)]
pub(crate) mod chain;
pub mod closed;
pub mod deterministic;
pub mod erlang;
pub mod fork_join;
pub mod gather;
pub mod impatience;
pub mod last_come;
pub mod law;
pub mod open;
pub mod order;
pub mod pollaczek_khinchine;
pub mod priority;
pub mod processor_sharing;
#[cfg(test)]
pub(crate) mod reference;
pub mod renewal;
pub mod shortest_queue;
pub mod supermarket;

pub use law::Law;

//! The plan: what a scenario means to the engine, compiled once into flat tables and shared by all replications.
//!
//! A component is a few entries in these tables; what it does for a request is a program of [`Op`]s. Everything is an
//! index, nothing is looked up by name while running.

mod call;
mod change;
mod changeover;
mod component;
mod edge;
mod op;
mod source;
mod station;
mod store;
mod topic;

pub use call::*;
pub use change::*;
pub use component::*;
pub use edge::*;
pub use op::*;
pub use source::*;
pub use station::*;
pub use store::*;
pub use topic::*;

use archsim_core::Dist;

pub use crate::backoff::{Backoff, PauseLength};
pub use crate::breaker::BreakerPlan;
pub use crate::limit::LimitPlan;

/// "No such thing" in every index.
pub const NONE: u32 = u32::MAX;

/// Everything that does not change while running.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// All programs.
    pub ops: Vec<Op>,
    /// All distributions, in nanoseconds.
    pub dists: Vec<Dist>,
    /// All calls.
    pub calls: Vec<CallPlan>,
    /// All forks.
    pub forks: Vec<ForkPlan>,
    /// All probabilities.
    pub chances: Vec<f64>,
    /// All weighted choices: cumulative weight and where to go on.
    pub choices: Vec<Vec<(f64, u32)>>,
    /// All components.
    pub components: Vec<ComponentPlan>,
    /// All instances; after those of the components one for each source.
    pub instances: Vec<InstancePlan>,
    /// What happens at queues beside serving them.
    pub queueing: Vec<QueueingPlan>,
    /// All stations.
    pub stations: Vec<Capacity>,
    /// All operations.
    pub operations: Vec<Operation>,
    /// All edges.
    pub edges: Vec<EdgePlan>,
    /// All groups of targets.
    pub balancers: Vec<BalancerPlan>,
    /// Number of balancer states.
    pub balancer_states: u32,
    /// Number of retry budgets.
    pub budgets: u32,
    /// All edges with copies.
    pub copies: Vec<CopiesPlan>,
    /// All circuit breakers, one per edge and caller instance, with the edge.
    pub breakers: Vec<(u32, BreakerPlan)>,
    /// All caches.
    pub caches: Vec<CachePlan>,
    /// All topics.
    pub topics: Vec<TopicPlan>,
    /// All groups of consumers.
    pub consumers: Vec<ConsumerPlan>,
    /// All rate limiters.
    pub limits: Vec<LimitPlan>,
    /// All steps at which requests wait for each other.
    pub batches: Vec<BatchPlan>,
    /// Names of the locks.
    pub locks: Vec<String>,
    /// All replication plans.
    pub replications: Vec<ReplicatePlan>,
    /// All that keep versions of keys.
    pub versions: Vec<VersionPlan>,
    /// All key spaces.
    pub spaces: Vec<Space>,
    /// All sources.
    pub sources: Vec<SourcePlan>,
    /// All classes.
    pub classes: Vec<ClassPlan>,
    /// Instances that fail by chance.
    pub failures: Vec<FailuresPlan>,
    /// What faults change, in order of time.
    pub changes: Vec<Change>,
}

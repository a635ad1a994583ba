//! Calls: where they go, by which route, in how many copies.

use archsim_core::Time;

/// Where a message may go.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "a route explains its numbers")]
pub enum Route {
    /// One instance.
    Single(u32),
    /// A replica, by the edge's balancing policy.
    Replicas { first: u32, count: u32 },
    /// The shard of the request's key, or a uniform one; in it an instance as `from` says.
    Shard { first: u32, shards: u32, copies: u32, from: ReadFrom, space: Option<u32>, modulo: bool },
    /// The shard of a cache that has the key.
    KeyHash { first: u32, count: u32, modulo: bool },
}

/// Which instances of a shard serve: `among` of them after the first `skip`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadFrom {
    /// Instances left out (1 leaves out the primary).
    pub skip: u32,
    /// Instances to choose from.
    pub among: u32,
    /// Whether the one with the least in progress is taken (the later one in a tie) instead of any.
    pub least: bool,
}

/// An operation of a component: where it starts and which instance runs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The component.
    pub component: u32,
    /// Its name.
    pub name: String,
    /// First instruction.
    pub start: u32,
    /// The instances that may run it.
    pub route: Route,
}

/// A use of an edge by a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallPlan {
    /// The edge; `NONE` where the balancer's choice decides it.
    pub edge: u32,
    /// The operation; `NONE` where the balancer's choice decides it.
    pub operation: u32,
    /// Names the draws of this call.
    pub site: u32,
    /// Key space that addresses caches and shards; `NONE` without.
    pub space: u32,
    /// The balancer's group; `NONE` for a call by name.
    pub balancer: u32,
    /// Where to go on after a failure; `NONE` fails the caller.
    pub on_error: u32,
    /// Bytes there.
    pub request: u64,
    /// Bytes back.
    pub response: u64,
    /// Whether it is one of several copies of a call.
    pub copy: bool,
}

/// Several copies of each call along an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CopiesPlan {
    /// The edge; of a balancer's call that of its first target.
    pub edge: u32,
    /// Copies, with the first.
    pub count: u32,
    /// From one copy to the next; zero sends all at once.
    pub after: Time,
    /// Whether the first answer stops the others.
    pub cancel: bool,
    /// Whether all copies have the draws of the first.
    pub same_work: bool,
    /// Tokens that a call adds to the budget of copies; negative without one.
    pub budget: f64,
    /// First of the budgets, one per caller instance.
    pub first_budget: u32,
}

/// Branches of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct ForkPlan {
    /// First instruction of each, and where it runs.
    pub branches: Vec<(u32, Place)>,
    /// How many must succeed.
    pub need: u32,
    /// Where to go on when too many failed; `NONE` fails the request.
    pub on_error: u32,
    /// Names the draws of this step.
    pub site: u32,
    /// Whether the branches that are no longer needed are stopped.
    pub cancel: bool,
    /// What its branches are copies of; `NONE` for branches that differ.
    pub copies: u32,
}

/// Where a branch runs.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "a place explains its numbers")]
pub enum Place {
    /// On the instance that forks, as part of the same visit.
    Here,
    /// On an instance of a shard, as a visit of its own.
    Shard { first: u32, from: ReadFrom },
    /// On the instance so many after the one that forks, as a visit of its own.
    Beside(u32),
    /// On a copy of the shard whose coordinator forks, drawn, each branch on another, as a visit of its own.
    Copy { router: u32, first: u32, copies: u32 },
}

//! Edges, and the balancers that choose among them.

use super::Backoff;
use crate::spec::Balance;
use archsim_core::Time;

/// The resolved edge from one component or traffic source to another component.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgePlan {
    /// Caller: a component, or the number of components plus a source.
    pub caller: u32,
    /// Callee.
    pub callee: u32,
    /// "a -> b".
    pub name: String,
    /// First instance of the caller; state is kept per caller instance.
    pub first_caller: u32,
    /// Network time one way; `NONE` without.
    pub latency: u32,
    /// Probability that a message is lost.
    pub loss: f64,
    /// Station that shares the bandwidth there; `NONE` without.
    pub pipe_there: u32,
    /// Station that shares the bandwidth back; `NONE` without.
    pub pipe_back: u32,
    /// Bytes per nanosecond.
    pub bandwidth: f64,
    /// Patience; zero without.
    pub timeout: Time,
    /// Further attempts; `u32::MAX` is no limit.
    pub retries: u32,
    /// Probability that a failed attempt is tried again.
    pub retry_chance: f64,
    /// Which failures are tried again: timed out, error, rejected.
    pub retry_on: [bool; 3],
    /// Pause before a further attempt.
    pub backoff: Option<Backoff>,
    /// Tokens that a first attempt adds; negative without a budget.
    pub budget: f64,
    /// First of the budgets, one per caller instance.
    pub first_budget: u32,
    /// First of the pools, one station per caller instance; `NONE` without.
    pub first_pool: u32,
    /// First of the circuit breakers, one per caller instance; `NONE` without.
    pub first_breaker: u32,
    /// Whether abandoned work is stopped.
    pub cancel: bool,
    /// Whether the remaining time travels along.
    pub propagate: bool,
    /// First of the balancers, one per caller instance; `NONE` without.
    pub first_balancer: u32,
    /// Nothing but the call itself: no time, no policy, no randomness.
    pub plain: bool,
    /// Faults that may act on it.
    pub disturbed: bool,
}

/// One target of a balancer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetPlan {
    /// The instance; `NONE` where the operation's own route decides it.
    pub instance: u32,
    /// The operation; `NONE` where the call says it.
    pub operation: u32,
    /// The edge to it.
    pub edge: u32,
    /// Its weight.
    pub weight: f64,
    /// Its index in what the balancer counts; groups for several operations share the counts.
    pub slot: u32,
}

/// A group of targets and the policy that chooses among them.
#[derive(Clone, Debug, PartialEq)]
pub struct BalancerPlan {
    /// The policy.
    pub policy: Balance,
    /// The targets.
    pub targets: Vec<TargetPlan>,
    /// Index of the counts and cursors it uses.
    pub state: u32,
}

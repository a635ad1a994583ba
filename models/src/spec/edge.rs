//! Edges: how each call behaves, from the caller's side.

use super::breaker::BreakerSpec;
use super::hedge::{CopiesSpec, HedgeSpec};
use super::{At, Balance, Bandwidth, Count, Duration, Fraction, NotYet, Span};
use crate::{choice, spec};

spec! {
    /// What the caller does around each call, and what the network does to it. A field is taken from the most specific line that
    /// gives it: `a -> b`, then `* -> b`, then `a -> *`, then `* -> *`.
    EdgeSpec as "an edge" {
        /// Network time one way, drawn for each direction. Default none.
        latency: Option<Duration>,
        /// Probability that a message is lost, each direction. Needs a time-out. Default 0.
        loss: Option<At<Fraction>>,
        /// Bytes per second; all transfers of the edge in one direction share it equally. Default unlimited.
        bandwidth: Option<Bandwidth>,
        /// How long an attempt may take: pool, network, queue, work and answer together. Default for ever.
        timeout: Option<At<Span>>,
        /// Further attempts after a failed one. Default none.
        retry: Option<RetrySpec>,
        /// Connections per caller replica; an attempt waits for a free one, first come first served. Default unlimited.
        pool: Option<At<u32>>,
        /// Whether the callee stops work that the caller has given up. Default false: it goes on, which is what makes storms.
        cancel: Option<bool>,
        /// `Propagate`: what is left of the caller's time goes along, and a callee whose time is over rejects at once. Default none.
        deadline: Option<Deadline>,
        /// How a replica of the callee is chosen. Default `Random`. Not together with a balancer as callee.
        balance: Option<At<Balance>>,
        /// A further copy of a call that is not answered in time: `(after: "30ms")`. Default none.
        hedge: Option<At<HedgeSpec>>,
        /// Several copies of each call at once: `(count: 3)`. Default none. Not together with `hedge`.
        copies: Option<At<CopiesSpec>>,
        /// Circuit breaker, one in each caller replica: `(failures: 5, open_for: "10s")`. Default none.
        breaker: Option<At<BreakerSpec>>,
        /// Load shedding. Not in this version.
        shed: Option<NotYet>,
    }
}

impl EdgeSpec {
    /// Takes each field that is missing here from `other`.
    pub fn or(&mut self, other: &EdgeSpec) {
        macro_rules! inherit { ($($field:ident),*) => { $( if self.$field.is_none() { self.$field = other.$field.clone(); } )* } }
        inherit!(
            latency, loss, bandwidth, timeout, retry, pool, cancel, deadline, balance, hedge, copies, breaker, shed
        );
    }

    /// An edge without any policy.
    pub fn plain() -> Self {
        EdgeSpec {
            latency: None,
            loss: None,
            bandwidth: None,
            timeout: None,
            retry: None,
            pool: None,
            cancel: None,
            deadline: None,
            balance: None,
            hedge: None,
            copies: None,
            breaker: None,
            shed: None,
        }
    }
}

choice! {
    /// What happens to the caller's remaining time.
    Deadline as "a deadline" {
        /// It travels with the call.
        Propagate,
    }
}
spec! {
    /// Further attempts after a failed one.
    RetrySpec as "retry" {
        /// Extra attempts: 2 means up to three in all; `Unlimited` tries until it succeeds.
        max: At<Count>,
        /// Probability that a failed attempt is tried again; otherwise the caller gives up. Drawn anew after every failure. Default 1.
        p: Option<Fraction>,
        /// Failures that are tried again. Default `[Timeout, Error, Rejected]`.
        on: Option<Vec<FailureKind>>,
        /// Pause before each further attempt. Default none.
        backoff: Option<BackoffSpec>,
        /// Retries as a share of first attempts: a bucket of at most 10 tokens, full at the start; a first attempt adds this share of a
        /// token, a retry takes one (after gRPC's retry throttling, gRFC A6: `maxTokens` 10, `tokenRatio`). Default unlimited.
        budget: Option<Fraction>,
    }
}
choice! {
    /// A kind of failure.
    FailureKind as "a failure" {
        /// No answer in time.
        Timeout,
        /// The callee answered with an error, or crashed.
        Error,
        /// The callee refused the attempt: queue full, limit reached, deadline passed.
        Rejected,
    }
}
choice! {
    /// Pause before a further attempt.
    BackoffSpec as "a backoff" {
        /// Always the same: `Fixed("200ms")`.
        Fixed(FixedArgs),
        /// Doubling: `Exponential(base: "25ms", cap: "1s", jitter: Full)`.
        Exponential(ExponentialArgs),
        /// Given one by one, the last for all further retries: `List(["500ms", "1s"])`.
        List(ListArgs),
        /// Drawn anew each time: `Random(Exp("2s"))`.
        Random(RandomArgs),
    }
}
spec! {
    /// Arguments of `Fixed`.
    FixedArgs as "Fixed" {
        /// The pause.
        pause: At<Span>,
        /// Randomness. Default `None`: exactly the pause.
        jitter: Option<Jitter>,
    }
}
spec! {
    /// Arguments of `Exponential`.
    ExponentialArgs as "Exponential" {
        /// Pause before the first retry.
        base: At<Span>,
        /// Longest pause. Default 1 minute.
        cap: Option<At<Span>>,
        /// Growth from one retry to the next. Default 2.
        factor: Option<f64>,
        /// Randomness. Default `None`: exactly the pause.
        jitter: Option<Jitter>,
    }
}
spec! {
    /// Arguments of `List`.
    ListArgs as "List" {
        /// The pauses before the first, second, ... retry, each a duration or a distribution.
        pauses: At<Vec<Duration>>,
        /// Randomness. Default `None`: exactly the pause.
        jitter: Option<Jitter>,
    }
}
spec! {
    /// Arguments of `Random`.
    RandomArgs as "Random" {
        /// The pause.
        pause: Duration,
    }
}
choice! {
    /// Randomness of a pause (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015).
    Jitter as "jitter" {
        /// Uniform between zero and the pause.
        Full,
        /// Uniform between half of the pause and the pause.
        Equal,
    }
}

impl RetrySpec {
    /// Most further attempts; `u32::MAX` is no limit.
    pub fn most(&self) -> u32 {
        match self.max.value {
            Count::Limited(max) => max,
            Count::Unlimited => u32::MAX,
        }
    }
}

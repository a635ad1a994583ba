//! Policies as a scenario names them: balancing, eviction, disciplines.

use super::At;
use crate::{choice, spec};

choice! {
    /// How a target is chosen among several.
    Balance as "a balancing policy" {
        /// Each in turn; with unequal weights the smooth weighted order (nginx, `ngx_http_upstream_round_robin.c`).
        RoundRobin,
        /// At random, in proportion to the weights.
        Random,
        /// Fewest outstanding attempts divided by weight, as this caller or balancer counts them; ties at random.
        LeastOutstanding,
        /// The least outstanding of `choices` targets drawn at random (Mitzenmacher 2001): `PowerOfTwo(choices: 2)`.
        PowerOfTwo(PowerOfTwoArgs),
        /// By a hash of the request's key on a ring. Not in this version.
        ConsistentHash,
    }
}
spec! {
    /// Arguments of `PowerOfTwo`.
    PowerOfTwoArgs as "PowerOfTwo" {
        /// How many targets are looked at. Default 2.
        choices: Option<At<u32>>,
        /// Whether the same target may be drawn twice. Default false.
        with_replacement: Option<bool>,
    }
}
choice! {
    /// The order in which a queue is served.
    Discipline as "a discipline" {
        /// First in, first out.
        Fifo,
        /// Last in, first out, without pre-emption.
        Lifo,
        /// The most urgent first (smaller is more urgent), first in first out among equals: `Priority(preemptive: true)`.
        Priority(PriorityArgs),
        /// All at once, each at its share of the servers: n requests on c cores run at speed min(1, c/n) each.
        ProcessorSharing,
    }
}
spec! {
    /// Arguments of `Priority`.
    PriorityArgs as "Priority" {
        /// Whether a more urgent request interrupts one in service, which later goes on where it was. Default false.
        preemptive: Option<bool>,
    }
}
choice! {
    /// What a full cache throws out.
    Eviction as "an eviction policy" {
        /// The least recently used.
        Lru,
        /// The oldest.
        Fifo,
        /// Any, with equal probability.
        Random,
    }
}
choice! {
    /// Where a database's reads go.
    Reads as "a read preference" {
        /// To the primary.
        Primary,
        /// To a read replica, any with equal probability.
        Replica,
        /// To the read replica with the fewest operations in progress, and to the primary when every replica has more than it: the
        /// router of the database knows what it has sent to each, as read/write splitting proxies with least connections do.
        PreferReplica,
        /// To the primary or a read replica, each with equal probability.
        Any,
    }
}

//! Policies as a scenario names them: balancing, eviction, disciplines.

use super::{At, ByPriority, Fraction};
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
        /// A target without outstanding attempts, each with equal probability; if there is none, one at random (Lu et al. 2011).
        JoinIdle,
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
    /// The order in which a queue is served. `Compute` steps and database, cache and consumer work may have any of them; a slot is held
    /// whole, so `admission` is one that neither interrupts nor shares nor looks at sizes.
    Discipline as "a discipline" {
        /// First in, first out.
        Fifo,
        /// Last in, first out. The newest waits for the one in service, or interrupts it: `Lifo(preemptive: true)`.
        Lifo(LifoArgs),
        /// Any of those who wait, with equal probability, whenever a server is free (service in random order).
        RandomOrder,
        /// The most urgent first (smaller is more urgent), first in first out among equals: `Priority(preemptive: true)`.
        Priority(PriorityArgs),
        /// The least work first (SJF); whoever asks for less may interrupt (PSJF): `ShortestFirst(preemptive: true)`. Work is what the
        /// step asks for, also after an interruption.
        ShortestFirst(ShortestArgs),
        /// Whoever has the least work left, interrupting (SRPT; Schrage and Miller 1966). Of equals the one who came first.
        ShortestRemaining,
        /// Whoever has got the least work so far, interrupting; equals share (LAS, also called foreground-background; Kleinrock II,
        /// 4.6). Needs no knowledge of sizes.
        LeastAttained,
        /// All at once, each at its share of the servers: n requests on c cores run at speed min(1, c/n) each. With weights by priority
        /// the shares are in proportion to them (discriminatory processor sharing, Kleinrock 1967), and nobody gets more than one core:
        /// `ProcessorSharing(weights: { 0: 3, 1: 1 })`.
        ProcessorSharing(SharingArgs),
    }
}
spec! {
    /// Arguments of `Lifo`.
    LifoArgs as "Lifo" {
        /// Whether a newcomer interrupts, and whoever is interrupted later goes on where it was. Default false.
        preemptive: Option<bool>,
    }
}
spec! {
    /// Arguments of `Priority`.
    PriorityArgs as "Priority" {
        /// Whether a more urgent request interrupts one in service, which later goes on where it was. Default false.
        preemptive: Option<bool>,
    }
}
spec! {
    /// Arguments of `ShortestFirst`.
    ShortestArgs as "ShortestFirst" {
        /// Whether a request that asks for less interrupts one in service, which later goes on where it was. Default false.
        preemptive: Option<bool>,
    }
}
spec! {
    /// Arguments of `ProcessorSharing`.
    SharingArgs as "ProcessorSharing" {
        /// Weight of each priority; of a priority that is not named 1. Default: all alike.
        weights: Option<ByPriority<f64>>,
        /// Speed that is lost by working side by side: `scaling: (contention: 0.05, coherency: 0.001)`. Default none.
        scaling: Option<At<ScalingSpec>>,
    }
}
spec! {
    /// With n in service each goes at 1/(1 + contention (n-1) + coherency n (n-1)) of its speed: the Universal Scalability Law (Gunther,
    /// Guerrilla Capacity Planning, 2007). Without coherency it is Amdahl's law. Throughput is largest at n = sqrt((1-contention)/coherency).
    ScalingSpec as "scaling" {
        /// Share of the work that only one at a time can do: from 0 to 1. Default 0.
        contention: Option<f64>,
        /// What each pair costs to keep in agreement, as a share of the work; at least 0. Default 0.
        coherency: Option<f64>,
    }
}

impl Discipline {
    /// Whether somebody in service may have to make room, or has only a share of a server.
    pub fn interrupts_or_shares(&self) -> bool {
        match self {
            Discipline::Fifo | Discipline::RandomOrder => false,
            Discipline::Lifo(args) => args.preemptive.unwrap_or(false),
            Discipline::Priority(args) => args.preemptive.unwrap_or(false),
            Discipline::ShortestFirst(args) => args.preemptive.unwrap_or(false),
            Discipline::ShortestRemaining | Discipline::LeastAttained | Discipline::ProcessorSharing(_) => true,
        }
    }

    /// Whether it looks at how much work is asked for.
    pub fn knows_sizes(&self) -> bool {
        matches!(self, Discipline::ShortestFirst(_) | Discipline::ShortestRemaining)
    }

    /// Processor sharing with equal shares.
    pub fn equal_shares() -> Self {
        Discipline::ProcessorSharing(SharingArgs { weights: None, scaling: None })
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
        /// The oldest that was not used since the hand of the clock last passed it; one that was begins anew as the youngest
        /// (Corbato 1968).
        Clock,
        /// As `Clock`, but what was used stays in its place and the hand goes on from there (Zhang et al., NSDI 2024).
        Sieve,
        /// Segmented: new values are on probation and leave first; a second use protects them (Karedla, Love and Wherry 1994).
        Slru(SlruArgs),
        /// The least often used since it was stored; of equals the least recently used.
        Lfu,
        /// The least often looked up since the start, whether it was cached or not; of equals the least recently used.
        PerfectLfu,
        /// Adaptive replacement cache: lists for what was used once and more often, whose sizes follow what was thrown out too early
        /// (Megiddo and Modha, FAST 2003).
        Arc,
        /// As `Lru`, but a new value comes in as the least recently used (LIP; Qureshi et al., ISCA 2007).
        Lip,
        /// The least recently used of a few drawn at random, as Redis does: `SampledLru(samples: 5)`.
        SampledLru(SampledLruArgs),
        /// The one that will be asked for again last: the optimum, by looking into the future (Belady 1966). Only for keys of `Replay`.
        Opt,
    }
}
spec! {
    /// Arguments of `Slru`.
    SlruArgs as "Slru" {
        /// Part of the entries that is protected. Default 80 %.
        protected: Option<Fraction>,
    }
}
spec! {
    /// Arguments of `SampledLru`.
    SampledLruArgs as "SampledLru" {
        /// How many different values are looked at, up to 64. Default 5, as in Redis (redis.conf: maxmemory-samples).
        samples: Option<At<u32>>,
    }
}

impl SlruArgs {
    /// Protected entries of so many, to the nearest; at least one entry is not.
    pub fn protected_of(&self, entries: u64) -> u64 {
        let share = self.protected.map_or(0.8, |share| share.0);
        (libm::round(entries as f64 * share) as u64).min(entries.saturating_sub(1))
    }
}

impl SampledLruArgs {
    /// How many values are looked at.
    pub fn count(&self) -> u32 {
        self.samples.as_ref().map_or(5, |samples| samples.value)
    }
}
choice! {
    /// How a key chooses its shard.
    Sharding as "a sharding" {
        /// By a hash of the key.
        Hash,
        /// Key k is on shard k modulo the number of shards; of a Zipf space the most popular key is key 0.
        Modulo,
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

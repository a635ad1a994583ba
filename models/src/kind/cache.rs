//! `Cache`: real keys with capacity, eviction and time to live, in shards.

use crate::compile::{Compiler, Replicas};
use crate::plan::{CacheOp, CachePlan, Capacity, Op, Route};
use crate::spec;
use crate::spec::policy::{Eviction, Sharding};
use crate::spec::{At, Count, Discipline, Duration, Fraction, Span};

spec! {
    /// Keeps values by key: `get`, `set` and `invalidate`. A hit ratio follows from the keys that are asked for, the entries that fit
    /// and the time they live; `hit_ratio` forces one instead.
    CacheSpec as "Cache" {
        /// Defaults from a named product, see `archsim kinds preset`.
        preset: Option<At<String>>,
        /// Work of one operation. Default none.
        time: Option<Duration>,
        /// Parallel workers of each shard. Default 1.
        workers: Option<At<Count>>,
        /// Order in which operations get the workers. Default `Fifo`.
        discipline: Option<Discipline>,
        /// Values that fit, per shard. Default unlimited.
        entries: Option<At<u64>>,
        /// How long a value lives from when it was filled. Default for ever.
        ttl: Option<At<Span>>,
        /// Whether a hit starts `ttl` anew. Default false: it counts from the fill. A value is there while its age is below `ttl`.
        refresh: Option<bool>,
        /// What a full shard throws out. Default `Lru`.
        eviction: Option<Eviction>,
        /// Instances that share the keys by hash. Default 1.
        shards: Option<At<u32>>,
        /// How a key chooses its shard. Default `Hash`.
        sharding: Option<Sharding>,
        /// Whether requests that miss the same key wait for one fill. Default false.
        coalesce: Option<bool>,
        /// Probability that a look-up hits, instead of real keys. Default: real keys.
        hit_ratio: Option<Fraction>,
        /// Whether the cache starts empty. Default false: it starts filled as it would be after a long time at its load.
        start_cold: Option<bool>,
        /// Money per shard and hour. Default 0.
        cost: Option<f64>,
    }
}

impl CacheSpec {
    /// Number of shards.
    pub fn shard_count(&self) -> u32 {
        self.shards.as_ref().map_or(1, |s| s.value)
    }
    /// Workers of each shard; `None` where there is no limit.
    pub fn worker_count(&self) -> Option<u32> {
        match self.workers.as_ref().map_or(Count::Limited(1), |w| w.value) {
            Count::Limited(n) => Some(n),
            Count::Unlimited => None,
        }
    }

    pub(crate) fn compile(&self, compiler: &mut Compiler, component: u32) {
        let shards = self.shard_count();
        let discipline = self.discipline.clone().unwrap_or(Discipline::Fifo);
        let workers = Capacity { servers: self.worker_count().unwrap_or(u32::MAX), discipline, room: u32::MAX };
        let span = compiler.instances(component, Replicas { count: shards, speed: vec![] }, workers, None);
        let cache = compiler.cache(CachePlan {
            component,
            first_instance: span.first,
            shards,
            modulo: self.sharding == Some(Sharding::Modulo),
            entries: self.entries.as_ref().map_or(u64::MAX, |e| e.value),
            ttl: self.ttl.as_ref().map(|t| t.value.0),
            refresh: self.refresh.unwrap_or(false),
            eviction: self.eviction.clone().unwrap_or(Eviction::Lru),
            coalesce: self.coalesce.unwrap_or(false),
            hit_ratio: self.hit_ratio.map(|h| h.0),
            warm: !self.start_cold.unwrap_or(false),
            spaces: vec![],
            lookup_rate: 0.0,
        });
        let time = self.time.as_ref().map(|t| compiler.dist(t));
        for (name, op) in [
            ("get", CacheOp::Get),
            ("set", CacheOp::Set),
            ("invalidate", CacheOp::Invalidate),
            ("release", CacheOp::Release),
        ] {
            let modulo = self.sharding == Some(Sharding::Modulo);
            let start = compiler.program(component, |c| {
                if let (Some(time), true) = (time, op != CacheOp::Release) {
                    c.hold_station(time);
                }
                c.op(Op::Cache { cache, op });
                c.reply();
            });
            compiler.routed_operation(
                component,
                name,
                start,
                Route::KeyHash { first: span.first, count: span.count, modulo },
            );
        }
    }
}

//! Data: caches, copies of shards, key spaces.

use crate::spec::policy::Eviction;
use archsim_core::{Stream, Time, Zipf};

/// A cache.
#[derive(Clone, Debug, PartialEq)]
pub struct CachePlan {
    /// Its component.
    pub component: u32,
    /// First shard.
    pub first_instance: u32,
    /// Number of shards.
    pub shards: u32,
    /// Whether a key is on the shard of its number instead of its hash.
    pub modulo: bool,
    /// Values per shard.
    pub entries: u64,
    /// Time to live from the fill.
    pub ttl: Option<Time>,
    /// Whether a hit starts the time to live anew.
    pub refresh: bool,
    /// What a full shard throws out.
    pub eviction: Eviction,
    /// Whether misses of a key wait for one fill.
    pub coalesce: bool,
    /// A forced hit ratio.
    pub hit_ratio: Option<f64>,
    /// Whether it starts filled.
    pub warm: bool,
    /// Key spaces looked up in it, each with its share of the look-ups.
    pub spaces: Vec<(u32, f64)>,
    /// Look-ups per nanosecond, as planned; a warm start needs it for the age of values.
    pub lookup_rate: f64,
}

/// How a write reaches the read replicas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplicatePlan {
    /// Number of replicas after the primary.
    pub replicas: u32,
    /// First instruction of the apply work.
    pub start: u32,
    /// Names its draws.
    pub site: u32,
}

/// Which instances keep versions of the keys of a space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VersionPlan {
    /// First instance.
    pub first: u32,
    /// Number of instances.
    pub count: u32,
    /// The key space.
    pub space: u32,
}

/// A key space.
#[derive(Clone, Debug)]
pub enum Space {
    /// Zipf's law.
    Zipf(Zipf),
    /// All alike.
    Uniform {
        /// Number of keys.
        items: u64,
    },
    /// A hot and a cold part.
    Hot {
        /// Number of keys.
        items: u64,
        /// Number of hot keys.
        hot: u64,
        /// Share of the requests for them.
        share: f64,
    },
    /// One by one, in the order of the requests of a source, and again from the first.
    Listed(Vec<u64>),
    /// 0, 1, 2 and so on, in the order of the requests of a source, and again from 0.
    Scan {
        /// Number of keys.
        items: u64,
    },
}

impl Space {
    /// Draws a key; the first of those that are not drawn but come in an order.
    #[inline(always)]
    pub(crate) fn draw(&self, draw: &mut Stream) -> u64 {
        match self {
            Space::Zipf(zipf) => zipf.rank(draw),
            Space::Uniform { items } => draw.below(*items),
            Space::Hot { items, hot, share } => {
                if draw.chance(*share) || hot == items {
                    draw.below(*hot)
                } else {
                    hot + draw.below(items - hot)
                }
            }
            Space::Listed(_) | Space::Scan { .. } => 0,
        }
    }
}

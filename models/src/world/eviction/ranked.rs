//! The lowest rank goes: the least often used, or the one that is used again last.

use crate::plan::{CachePlan, Plan, Space};
use crate::spec::policy::Eviction;
use crate::world::keyed_store::Map;
use std::collections::BTreeSet;

/// What the rank of a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::world) enum By {
    /// Uses since it was stored, the fill included (LFU).
    CountWhileCached,
    /// Look-ups of its key since the start, cached or not (perfect LFU).
    Count,
    /// How soon its key is asked for again (Belady, IBM Systems Journal 5, 1966).
    NextUse,
}

/// When each key of a trace is asked for: its places in the trace, and the length of the trace, after which it begins again.
#[derive(Clone, Debug, Default)]
pub(in crate::world) struct Future {
    pub(in crate::world) places: Map<Vec<u32>>,
    pub(in crate::world) length: u64,
}

impl Future {
    /// What a cache that looks into the future has to know.
    pub(in crate::world) fn of(plan: &Plan, cache: &CachePlan) -> Self {
        let mut future = Future::default();
        if let (Eviction::Opt, Some(&(space, _))) = (&cache.eviction, cache.spaces.first())
            && let Space::Listed(keys) = &plan.spaces[space as usize]
        {
            future.length = keys.len() as u64;
            for (place, key) in keys.iter().enumerate() {
                future.places.entry(key | u64::from(space) << 40).or_default().push(place as u32);
            }
        }
        future
    }

    /// The place of look-up number `count` of a key, from 0, in the endless trace.
    fn place(&self, key: u64, count: u64) -> u64 {
        let Some(places) = self.places.get(&key) else { return u64::MAX };
        let (round, index) = (count / places.len() as u64, count % places.len() as u64);
        round * self.length + u64::from(places[index as usize])
    }
}

/// Values in the order of their ranks, the least recently used first among equals.
#[derive(Clone, Debug)]
pub(in crate::world) struct Ranked {
    by: By,
    ranks: BTreeSet<(u64, u64, u32)>,
    of: Vec<(u64, u64)>,
    uses: u64,
    looked: Map<u64>,
    future: Future,
}

impl Ranked {
    pub(super) fn new(by: By, future: Future) -> Self {
        Ranked { by, ranks: BTreeSet::new(), of: vec![], uses: 0, looked: Map::default(), future }
    }

    pub(super) fn looked(&mut self, key: u64) {
        if self.by != By::CountWhileCached {
            *self.looked.entry(key).or_insert(0) += 1;
        }
    }

    /// Counts are gone; the place in a trace is not.
    pub(super) fn forget(&mut self) {
        if self.by == By::Count {
            self.looked.clear();
        }
    }

    fn rank(&mut self, slot: u32, key: u64, uses: u64) {
        let count = self.looked.get(&key).copied().unwrap_or(0);
        let rank = match self.by {
            By::CountWhileCached => uses,
            By::Count => count,
            By::NextUse => u64::MAX - self.future.place(key, count),
        };
        self.uses += 1;
        self.of[slot as usize] = (rank, self.uses);
        self.ranks.insert((rank, self.uses, slot));
    }

    pub(super) fn used(&mut self, slot: u32, key: u64) {
        let (rank, use_number) = self.of[slot as usize];
        self.ranks.remove(&(rank, use_number, slot));
        self.rank(slot, key, rank + 1);
    }

    pub(super) fn victim(&mut self) -> u32 {
        self.ranks.first().map_or(0, |(_, _, slot)| *slot)
    }

    pub(super) fn insert(&mut self, slot: u32, key: u64) {
        if self.of.len() <= slot as usize {
            self.of.resize(slot as usize + 1, (0, 0));
        }
        self.rank(slot, key, 1);
    }

    pub(super) fn remove(&mut self, slot: u32) {
        let (rank, use_number) = self.of[slot as usize];
        self.ranks.remove(&(rank, use_number, slot));
    }
}

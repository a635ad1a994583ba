//! ARC: two LRU lists, for values used once and more often, whose sizes follow what was thrown out of them too early.

use super::lists::Lists;
use crate::world::keyed_store::Map;

/// Used once; used again.
const ONCE: usize = 0;
const AGAIN: usize = 1;

/// Keys that were thrown out of the two lists, without their values.
#[derive(Clone, Debug, Default)]
struct Ghosts {
    lists: Lists<2>,
    index: Map<u32>,
    keys: Vec<u64>,
    free: Vec<u32>,
}

impl Ghosts {
    fn push(&mut self, list: usize, key: u64) {
        let slot = self.free.pop().unwrap_or(self.keys.len() as u32);
        if slot as usize == self.keys.len() {
            self.keys.push(key);
        }
        self.keys[slot as usize] = key;
        self.index.insert(key, slot);
        self.lists.push_young(list, slot);
    }

    /// Forgets a key; gives the list that it was in.
    fn take(&mut self, key: u64) -> Option<usize> {
        let slot = self.index.remove(&key)?;
        let list = self.lists.list(slot);
        self.lists.remove(slot);
        self.free.push(slot);
        Some(list)
    }

    fn forget_oldest(&mut self, list: usize) {
        let slot = self.lists.oldest(list);
        if let Some(key) = self.keys.get(slot as usize).copied() {
            self.take(key);
        }
    }
}

/// Megiddo and Modha, "ARC: a self-tuning, low overhead replacement cache", FAST 2003, figure 4.
#[derive(Clone, Debug)]
pub(in crate::world) struct Adaptive {
    lists: Lists<2>,
    ghosts: Ghosts,
    capacity: f64,
    /// Wanted size of the list of values used once: p in the paper.
    target: f64,
    /// The ghost list that the key to be stored was in.
    from: Option<usize>,
}

impl Adaptive {
    pub(super) fn new(capacity: u64) -> Self {
        Adaptive {
            lists: Lists::default(),
            ghosts: Ghosts::default(),
            capacity: capacity as f64,
            target: 0.0,
            from: None,
        }
    }

    pub(super) fn forget(&mut self) {
        (self.ghosts, self.target) = (Ghosts::default(), 0.0);
    }

    pub(super) fn admit(&mut self, key: u64) {
        let sizes = [self.ghosts.lists.len(ONCE) as f64, self.ghosts.lists.len(AGAIN) as f64];
        self.from = self.ghosts.take(key);
        match self.from {
            Some(ONCE) => self.target = (self.target + (sizes[AGAIN] / sizes[ONCE]).max(1.0)).min(self.capacity),
            Some(_) => self.target = (self.target - (sizes[ONCE] / sizes[AGAIN]).max(1.0)).max(0.0),
            None => {}
        }
    }

    pub(super) fn used(&mut self, slot: u32, _key: u64) {
        self.lists.move_young(AGAIN, slot);
    }

    /// `REPLACE` of the paper.
    pub(super) fn victim(&mut self) -> u32 {
        let once = self.lists.len(ONCE) as f64;
        let too_long = once > self.target || self.from == Some(AGAIN) && once == self.target;
        let list = if once >= 1.0 && too_long || self.lists.len(AGAIN) == 0 { ONCE } else { AGAIN };
        self.lists.oldest(list)
    }

    pub(super) fn evicted(&mut self, slot: u32, key: u64) {
        self.ghosts.push(self.lists.list(slot), key);
        self.lists.remove(slot);
    }

    /// The new value; then the lists with their ghosts are cut to the lengths of the paper: c for those used once, 2c in all.
    pub(super) fn insert(&mut self, slot: u32, _key: u64) {
        let list = if self.from.take().is_some() { AGAIN } else { ONCE };
        self.lists.push_young(list, slot);
        let once = (self.lists.len(ONCE) + self.ghosts.lists.len(ONCE)) as f64;
        if once > self.capacity {
            self.ghosts.forget_oldest(ONCE);
        }
        let all = once + (self.lists.len(AGAIN) + self.ghosts.lists.len(AGAIN)) as f64;
        if once <= self.capacity && all > 2.0 * self.capacity {
            self.ghosts.forget_oldest(AGAIN);
        }
    }

    pub(super) fn remove(&mut self, slot: u32) {
        self.lists.remove(slot);
    }
}

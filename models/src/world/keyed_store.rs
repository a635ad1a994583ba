//! A keyed store: real keys with time to live, capacity and eviction; and the fills that others wait for.

use crate::plan::{CachePlan, NONE};
use crate::policy::eviction;
use archsim_core::{Key, Time, rng};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A fixed hash: the map is only ever asked for a key, never walked, so its order cannot reach a result.
#[derive(Clone, Copy, Default)]
pub(super) struct FixedHash(u64);

impl Hasher for FixedHash {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = rng::mix(self.0 ^ u64::from(*byte));
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = rng::mix(value);
    }
}

pub(super) type Map<V> = HashMap<u64, V, BuildHasherDefault<FixedHash>>;

/// How long others wait for a fill before one of them tries itself: the lease of Nishtala et al. (NSDI 2013) lasts 10 s.
const LEASE: Time = Time::from_nanos(10_000_000_000);

#[derive(Clone, Copy, Debug)]
struct Value {
    key: u64,
    expires: Time,
    older: u32,
    younger: u32,
}

/// One shard of a cache.
#[derive(Clone, Debug)]
pub(super) struct KeyedStore {
    values: Vec<Value>,
    index: Map<u32>,
    fills: Map<(Time, Vec<(u32, u32)>)>,
    oldest: u32,
    youngest: u32,
    capacity: u64,
    ttl: Option<Time>,
    refreshes: bool,
    random: bool,
    draws: Key,
    evictions: u64,
}

impl KeyedStore {
    pub(super) fn new(plan: &CachePlan, draws: Key) -> Self {
        KeyedStore {
            values: Vec::new(),
            index: Map::default(),
            fills: Map::default(),
            oldest: NONE,
            youngest: NONE,
            capacity: plan.entries.min(u64::from(NONE) - 1),
            ttl: plan.ttl,
            refreshes: eviction::refreshes(&plan.eviction),
            random: eviction::random(&plan.eviction),
            draws,
            evictions: 0,
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.values.len() as u64
    }

    /// Looks a key up. A value that has lived its time is gone.
    pub(super) fn get(&mut self, key: u64, now: Time) -> bool {
        let Some(&slot) = self.index.get(&key) else { return false };
        if now >= self.values[slot as usize].expires {
            self.remove(key);
            return false;
        }
        if self.refreshes {
            self.unlink(slot);
            self.link_youngest(slot);
        }
        true
    }

    /// Stores a key, throwing another out if there is no room.
    pub(super) fn set(&mut self, key: u64, now: Time) {
        self.set_until(key, self.ttl.map_or(Time::MAX, |ttl| now + ttl));
    }

    /// Stores a key that lives up to an instant.
    pub(super) fn set_until(&mut self, key: u64, expires: Time) {
        if let Some(&slot) = self.index.get(&key) {
            self.values[slot as usize].expires = expires;
            if self.refreshes {
                self.unlink(slot);
                self.link_youngest(slot);
            }
            return;
        }
        if self.capacity == 0 {
            return;
        }
        if self.len() >= self.capacity {
            self.evict();
        }
        let slot = self.values.len() as u32;
        self.values.push(Value { key, expires, older: NONE, younger: NONE });
        self.index.insert(key, slot);
        self.link_youngest(slot);
    }

    fn evict(&mut self) {
        self.evictions += 1;
        let victim = if self.random { self.draws.draw(self.evictions).below(self.len()) as u32 } else { self.oldest };
        let key = self.values[victim as usize].key;
        self.remove(key);
    }

    /// Removes a key if it is there.
    pub(super) fn remove(&mut self, key: u64) {
        let Some(slot) = self.index.remove(&key) else { return };
        self.unlink(slot);
        let last = self.values.len() as u32 - 1;
        self.values.swap_remove(slot as usize);
        if slot != last {
            // The last value has moved into the gap: its neighbours and the index follow.
            let Value { key, older, younger, .. } = self.values[slot as usize];
            self.index.insert(key, slot);
            if older == NONE {
                self.oldest = slot
            } else {
                self.values[older as usize].younger = slot
            }
            if younger == NONE { self.youngest = slot } else { self.values[younger as usize].older = slot }
        }
    }

    /// Forgets all values.
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.index.clear();
        (self.oldest, self.youngest) = (NONE, NONE);
    }

    fn unlink(&mut self, slot: u32) {
        let Value { older, younger, .. } = self.values[slot as usize];
        if older == NONE {
            self.oldest = younger
        } else {
            self.values[older as usize].younger = younger
        }
        if younger == NONE { self.youngest = older } else { self.values[younger as usize].older = older }
    }

    fn link_youngest(&mut self, slot: u32) {
        let value = &mut self.values[slot as usize];
        (value.older, value.younger) = (self.youngest, NONE);
        if self.youngest == NONE {
            self.oldest = slot
        } else {
            self.values[self.youngest as usize].younger = slot
        }
        self.youngest = slot;
    }

    /// A miss: true for the one who is to fill the key, false for those who wait for that fill.
    pub(super) fn leads(&mut self, key: u64, now: Time) -> bool {
        match self.fills.get_mut(&key) {
            Some((since, _)) if now < *since + LEASE => false,
            Some((since, _)) => {
                *since = now;
                true
            }
            None => {
                self.fills.insert(key, (now, Vec::new()));
                true
            }
        }
    }

    /// Waits for the fill of a key.
    pub(super) fn wait(&mut self, key: u64, who: (u32, u32)) {
        if let Some((_, waiting)) = self.fills.get_mut(&key) {
            waiting.push(who);
        }
    }

    /// The fill is over: those who wait for it.
    pub(super) fn filled(&mut self, key: u64) -> Vec<(u32, u32)> {
        self.fills.remove(&key).map(|(_, waiting)| waiting).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::policy::Eviction;

    fn store(entries: u64, eviction: Eviction, ttl: Option<u64>) -> KeyedStore {
        let plan = CachePlan {
            component: 0,
            first_instance: 0,
            shards: 1,
            entries,
            ttl: ttl.map(Time::from_nanos),
            eviction,
            coalesce: false,
            hit_ratio: None,
            warm: false,
            spaces: vec![],
            lookup_rate: 0.0,
        };
        KeyedStore::new(&plan, Key::root(1, 0))
    }

    /// Hits of a look-up followed by a fill on a miss, one key after the other.
    fn hits(store: &mut KeyedStore, keys: &[u64]) -> String {
        let mut at = 0;
        let mut look = |key: &u64| {
            at += 1;
            let hit = store.get(*key, Time::from_nanos(at));
            if !hit {
                store.set(*key, Time::from_nanos(at));
            }
            if hit { 'H' } else { '.' }
        };
        keys.iter().map(&mut look).collect()
    }

    #[test]
    fn lru_keeps_the_recently_used_and_fifo_the_recently_filled() {
        let keys = [1, 2, 1, 3, 1, 2];
        assert_eq!(hits(&mut store(2, Eviction::Lru, None), &keys), "..H.H.");
        assert_eq!(hits(&mut store(2, Eviction::Fifo, None), &keys), "..H...");
    }

    #[test]
    fn a_value_lives_its_time_from_the_fill() {
        let mut store = store(10, Eviction::Lru, Some(5));
        assert_eq!(hits(&mut store, &[7, 7, 7, 7, 7, 7, 7]), ".HHHH.H");
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn the_store_agrees_with_a_plain_list_over_random_operations() {
        let mut store = store(8, Eviction::Lru, None);
        let mut model: Vec<u64> = vec![];
        for n in 0..20_000 {
            let mut draw = Key::root(2, 0).draw(n);
            let key = draw.below(20);
            match draw.below(10) {
                0 => {
                    store.remove(key);
                    model.retain(|k| *k != key);
                }
                1..5 => {
                    assert_eq!(store.get(key, Time::from_nanos(n)), model.contains(&key));
                    if model.contains(&key) {
                        model.retain(|k| *k != key);
                        model.push(key);
                    }
                }
                _ => {
                    store.set(key, Time::from_nanos(n));
                    model.retain(|k| *k != key);
                    model.push(key);
                    if model.len() > 8 {
                        model.remove(0);
                    }
                }
            }
            assert_eq!(store.len(), model.len() as u64);
        }
    }

    #[test]
    fn one_leads_and_the_others_wait() {
        let mut store = store(8, Eviction::Lru, None);
        assert!(store.leads(5, Time::ZERO));
        assert!(!store.leads(5, Time::ZERO));
        store.wait(5, (1, 0));
        assert_eq!(store.filled(5), [(1, 0)]);
        assert!(store.leads(5, Time::ZERO));
        assert!(store.leads(5, LEASE));
    }
}

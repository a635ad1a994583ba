//! A keyed store: real keys with time to live, capacity and eviction; and the fills that others wait for.

use super::eviction::{Future, Order};
use crate::plan::{CachePlan, NONE};
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
}

/// One shard of a cache.
#[derive(Clone, Debug)]
pub(super) struct KeyedStore {
    values: Vec<Value>,
    free: Vec<u32>,
    index: Map<u32>,
    order: Order,
    fills: Map<(Time, Vec<(u32, u32)>)>,
    capacity: u64,
    ttl: Option<Time>,
    /// Whether a hit starts the time to live anew.
    refresh: bool,
}

impl KeyedStore {
    pub(super) fn new(plan: &CachePlan, draws: Key, future: Future) -> Self {
        let capacity = plan.entries.min(u64::from(NONE) - 1);
        KeyedStore {
            values: Vec::new(),
            free: Vec::new(),
            index: Map::default(),
            order: Order::new(&plan.eviction, capacity, draws, future),
            fills: Map::default(),
            capacity,
            ttl: plan.ttl,
            refresh: plan.refresh,
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.index.len() as u64
    }

    /// From now on what is stored lives as long as the plan says.
    pub(super) fn change_over(&mut self, plan: &CachePlan) {
        (self.ttl, self.refresh) = (plan.ttl, plan.refresh);
    }

    /// Looks a key up. A value that has lived its time is gone.
    pub(super) fn get(&mut self, key: u64, now: Time) -> bool {
        self.order.looked(key);
        let Some(&slot) = self.index.get(&key) else { return false };
        let value = &mut self.values[slot as usize];
        if now >= value.expires {
            self.remove(key);
            return false;
        }
        if let (true, Some(ttl)) = (self.refresh, self.ttl) {
            value.expires = now + ttl;
        }
        self.order.used(slot, key);
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
            self.order.used(slot, key);
            return;
        }
        if self.capacity == 0 {
            return;
        }
        self.order.admit(key);
        if self.order.is_full(self.len(), self.capacity) {
            let victim = self.order.victim();
            let key = self.values[victim as usize].key;
            self.order.evicted(victim, key);
            self.index.remove(&key);
            self.free.push(victim);
        }
        let slot = self.slot(Value { key, expires });
        self.index.insert(key, slot);
        self.order.insert(slot, key);
    }

    fn slot(&mut self, value: Value) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.values[slot as usize] = value;
            return slot;
        }
        self.values.push(value);
        self.values.len() as u32 - 1
    }

    /// Removes a key if it is there.
    pub(super) fn remove(&mut self, key: u64) {
        if let Some(slot) = self.index.remove(&key) {
            self.order.remove(slot);
            self.free.push(slot);
        }
    }

    /// Forgets all values and what was learnt of them.
    pub(super) fn clear(&mut self) {
        for slot in 0..self.values.len() {
            let key = self.values[slot].key;
            if self.index.get(&key) == Some(&(slot as u32)) {
                self.remove(key);
            }
        }
        self.order.forget();
    }

    /// Moves the clock back: what would live up to an instant lives so much shorter.
    pub(super) fn rewind(&mut self, by: Time) {
        for value in self.values.iter_mut().filter(|value| value.expires < Time::MAX) {
            value.expires = value.expires - by;
        }
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
mod tests;

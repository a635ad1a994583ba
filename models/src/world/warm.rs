//! Warm starts: a cache begins as it would be after a long time at its load, by Che's approximation.
//!
//! A value is in an LRU cache if it was asked for within the last T look-ups, T being the characteristic time at which the
//! expected number of such values is the capacity (Che, Tung, Wang, IEEE JSAC 20, 2002); in FIFO and random caches with
//! probability pT / (1 + pT) (Fricker, Robert, Roberts, ITC 24, 2012). For the other policies look-ups are rehearsed.

use super::Body;
use crate::plan::*;
use crate::spec::policy::Eviction;
use archsim_core::{Key, Time};

/// Keys looked at for a warm start, the most popular first; what is less popular starts cold.
const MOST_KEYS: u64 = 5_000_000;

/// Look-ups before the start for each entry, at least, and at most.
const REHEARSED: u64 = 30;
const LEAST_REHEARSED: u64 = 10_000;
const MOST_REHEARSED: u64 = 1_000_000;
/// The draws of these look-ups.
const REHEARSAL: u64 = u64::MAX - 15;

/// A key, its probability, and the draws of its start.
struct Candidate {
    item: u64,
    probability: f64,
}

/// Popularity of the keys of a space, the most popular first.
fn popularity(space: &Space) -> Vec<f64> {
    match space {
        Space::Zipf(zipf) => (0..zipf.items().min(MOST_KEYS)).map(|rank| zipf.probability(rank)).collect(),
        Space::Uniform { items } => vec![1.0 / *items as f64; (*items).min(MOST_KEYS) as usize],
        Space::Hot { items, hot, share } => {
            let cold = (items - hot).max(1) as f64;
            let all = if hot == items { 1.0 } else { *share };
            let probability = |key: u64| if key < *hot { all / *hot as f64 } else { (1.0 - share) / cold };
            (0..(*items).min(MOST_KEYS)).map(probability).collect()
        }
        // Before the first of a list there is nothing: the checks ask for a cold start.
        Space::Listed(_) | Space::Scan { .. } => vec![],
    }
}

/// Probability that a key is in the cache when the characteristic time is `t` look-ups.
fn resident(lru: bool, probability: f64, t: f64) -> f64 {
    if lru { -libm::expm1(-probability * t) } else { probability * t / (1.0 + probability * t) }
}

/// The characteristic time: the expected number of values is the capacity. Infinite if all keys fit.
fn characteristic_time(lru: bool, keys: &[Candidate], capacity: f64) -> f64 {
    if keys.len() as f64 <= capacity {
        return f64::INFINITY;
    }
    let expected = |t: f64| keys.iter().map(|k| resident(lru, k.probability, t)).sum::<f64>();
    let (mut low, mut high) = (0.0, capacity.max(1.0));
    while expected(high) < capacity && high < 1e18 {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if expected(middle) < capacity { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

impl Body {
    pub(super) fn warm_caches(&mut self, plan: &Plan) {
        for (index, cache) in plan.caches.iter().enumerate() {
            if cache.warm && cache.hit_ratio.is_none() && cache.entries > 0 {
                self.warm(plan, index, cache);
            }
        }
    }

    fn warm(&mut self, plan: &Plan, index: usize, cache: &CachePlan) {
        let mut shards: Vec<Vec<Candidate>> = (0..cache.shards).map(|_| vec![]).collect();
        for &(space, share) in &cache.spaces {
            for (rank, probability) in popularity(&plan.spaces[space as usize]).into_iter().enumerate() {
                let item = rank as u64 | u64::from(space) << 40;
                let shard = self.shard(item, cache.shards, cache.modulo);
                shards[shard as usize].push(Candidate { item, probability: probability * share });
            }
        }
        // Known formulas are for these; a value that hits keep alive, or another order, is found by trying.
        let known = matches!(cache.eviction, Eviction::Lru | Eviction::Fifo | Eviction::Random) && !cache.refresh;
        let all_fit = shards.iter().all(|keys| keys.len() as u64 <= cache.entries) && cache.ttl.is_none();
        if !known && !all_fit {
            return self.rehearse(plan, index, cache);
        }
        for (shard, keys) in shards.iter().enumerate() {
            let values = self.stationary(cache, keys, self.cache_keys[index]);
            let store = &mut self.stores[self.first_store[index] as usize + shard];
            for (item, expires) in values {
                store.set_until(item, expires);
            }
        }
    }

    /// Looks keys up before the run begins, each drawn on its own, and stores what is missed, until many times the entries were asked
    /// for. The time that this would take lies before the start: what lives up to an instant is put so much earlier.
    fn rehearse(&mut self, plan: &Plan, index: usize, cache: &CachePlan) {
        let entries = cache.entries.min(MOST_REHEARSED).saturating_mul(u64::from(cache.shards));
        let looks = entries.saturating_mul(REHEARSED).clamp(LEAST_REHEARSED, MOST_REHEARSED);
        let gap = if cache.lookup_rate > 0.0 { 1.0 / cache.lookup_rate } else { 0.0 };
        let at = |look: u64| Time::from_nanos_f64(look as f64 * gap);
        let draws = self.cache_keys[index].child(REHEARSAL);
        for look in 0..looks {
            let mut draw = draws.draw(look);
            let mut left = draw.uniform();
            let chosen = cache.spaces.iter().find(|(_, share)| {
                left -= share;
                left < 0.0
            });
            let Some(&(space, _)) = chosen.or(cache.spaces.last()) else { return };
            let item = plan.spaces[space as usize].draw(&mut draw) | u64::from(space) << 40;
            let shard = self.shard(item, cache.shards, cache.modulo);
            let store = &mut self.stores[self.first_store[index] as usize + shard as usize];
            if !store.get(item, at(look)) {
                store.set(item, at(look));
            }
        }
        let first = self.first_store[index] as usize;
        self.stores[first..first + cache.shards as usize].iter_mut().for_each(|store| store.rewind(at(looks)));
    }

    /// The values of a shard in its steady state, the oldest first, each with the instant up to which it lives.
    fn stationary(&self, cache: &CachePlan, keys: &[Candidate], draws: Key) -> Vec<(u64, Time)> {
        let lru = cache.eviction == Eviction::Lru;
        let t = characteristic_time(lru, keys, cache.entries as f64);
        let mut values = vec![];
        for key in keys {
            let mut draw = draws.child(self.spread(key.item)).draw(0);
            let rate = key.probability * cache.lookup_rate;
            // With a time to live from the fill a value is there for the share rT / (1 + rT) of the time.
            let alive = cache.ttl.map_or(1.0, |ttl| {
                let fills = rate * ttl.as_nanos() as f64;
                if cache.lookup_rate > 0.0 { fills / (1.0 + fills) } else { 1.0 }
            });
            let inside = if t.is_infinite() { 1.0 } else { resident(lru, key.probability, t) };
            if !draw.chance(inside * alive) {
                continue;
            }
            let age = if t.is_infinite() {
                draw.uniform()
            } else if lru {
                // Time since the last look-up, given that it is below T: a cut exponential.
                -libm::log1p(-draw.uniform() * resident(true, key.probability, t)) / key.probability
            } else {
                draw.uniform() * t
            };
            values.push((age, key.item, draw.uniform()));
        }
        values.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let expires = |left: f64| cache.ttl.map_or(Time::MAX, |ttl| Time::from_nanos_f64(left * ttl.as_nanos() as f64));
        values.into_iter().map(|(_, item, left)| (item, expires(left))).collect()
    }
}

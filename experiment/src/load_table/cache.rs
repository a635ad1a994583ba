//! Hit ratios of caches with real keys, by Che's approximation.
//!
//! A value is in an LRU cache if it was asked for within the last T look-ups, T being the characteristic time at which the
//! expected number of such values is the capacity (Che, Tung, Wang, IEEE JSAC 20, 2002); in FIFO and random caches with
//! probability pT / (1 + pT) (Fricker, Robert, Roberts, ITC 24, 2012). A time to live from the fill ends a chain of hits
//! (Jung, Berger, Balakrishnan, INFOCOM 2003: rT / (1 + rT) without a limit on entries). The other policies are planned as LRU.

use archsim_models::kind::cache::CacheSpec;
use archsim_models::spec::KeySpec;
use archsim_models::spec::policy::Eviction;
use std::collections::BTreeMap;

/// Up to this rank every key counts on its own; beyond it neighbouring ranks are taken together.
const EXACT: u64 = 100;
/// Growth of the groups of ranks beyond [`EXACT`]; the error of a hit ratio is below 0.001.
const GROWTH: f64 = 1.03;

/// What happens to the keys of one space in a cache, per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct KeyRates {
    /// Look-ups that fill on a miss.
    pub(crate) cached: f64,
    /// Look-ups that do not.
    pub(crate) get: f64,
    /// Fills.
    pub(crate) set: f64,
    /// Removals.
    pub(crate) invalidate: f64,
}

impl KeyRates {
    /// Look-ups per second.
    pub(crate) fn lookups(&self) -> f64 {
        self.cached + self.get
    }

    fn refreshing(&self) -> f64 {
        self.lookups() + self.set
    }
}

/// So many keys, each asked for with this probability.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Group {
    keys: f64,
    probability: f64,
}

/// A group of keys with the rates of one of its keys, per second.
struct Member {
    group: Group,
    refresh: f64,
    invalidate: f64,
}

/// The hit ratio of each key space in a cache, in the order given.
pub(crate) fn hit_ratios(cache: &CacheSpec, spaces: &[(&KeySpec, KeyRates)]) -> Vec<f64> {
    let capacity = cache.entries.as_ref().map_or(f64::INFINITY, |e| e.value as f64) * f64::from(cache.shard_count());
    let mut ttl = cache.ttl.as_ref().map(|ttl| ttl.value.seconds());
    let lru = !matches!(cache.eviction, Some(Eviction::Fifo | Eviction::Random));
    let members: Vec<Vec<Member>> = spaces.iter().map(|(space, rates)| members(space, rates)).collect();
    let mut time = characteristic_time(lru, members.iter().flatten(), capacity);
    if let (true, Some(refreshed)) = (cache.refresh.unwrap_or(false), ttl) {
        // A value that each hit keeps alive is there as long as its key was asked for within the shorter of the two times.
        (time, ttl) = (time.min(refreshed), None);
    }
    let of_space = |(members, (_, rates)): (&Vec<Member>, &(&KeySpec, KeyRates))| {
        if rates.cached + rates.set <= 0.0 || capacity <= 0.0 {
            return 0.0;
        }
        let hit = |m: &Member| m.group.keys * m.group.probability * hit_ratio(resident(lru, m, time), m.refresh, ttl);
        members.iter().map(hit).sum::<f64>().clamp(0.0, 1.0)
    };
    members.iter().zip(spaces).map(of_space).collect()
}

fn members(space: &KeySpec, rates: &KeyRates) -> Vec<Member> {
    let member = |group: Group| Member {
        group,
        refresh: group.probability * rates.refreshing(),
        invalidate: group.probability * rates.invalidate,
    };
    groups(space).into_iter().map(member).collect()
}

/// Probability that a key is in the cache: the last thing that happened to it was no removal, and not too long ago.
fn resident(lru: bool, member: &Member, time: f64) -> f64 {
    let all = member.refresh + member.invalidate;
    if all <= 0.0 {
        return 0.0;
    }
    let recent = match (time.is_infinite(), lru) {
        (true, _) => 1.0,
        (false, true) => -libm::expm1(-all * time),
        (false, false) => all * time / (1.0 + all * time),
    };
    recent * member.refresh / all
}

/// The time at which the expected number of values is the capacity, in seconds; infinite if all keys fit.
fn characteristic_time<'a>(lru: bool, members: impl Iterator<Item = &'a Member> + Clone, capacity: f64) -> f64 {
    let expected = |time: f64| members.clone().map(|m| m.group.keys * resident(lru, m, time)).sum::<f64>();
    if expected(f64::INFINITY) <= capacity {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (0.0, 1e-6);
    while expected(high) < capacity && high < 1e18 {
        (low, high) = (high, high * 4.0);
    }
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if expected(middle) < capacity { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// Hits per look-up of a key that is found with probability `found` and expires `ttl` after its fill: a fill is followed
/// by a chain of hits, each with that probability, of at most `rate * ttl`; exact where only one of the two limits counts.
fn hit_ratio(found: f64, rate: f64, ttl: Option<f64>) -> f64 {
    let Some(ttl) = ttl else { return found };
    let longest = rate * ttl;
    let hits = match 1.0 - found {
        missing if missing < 1e-9 => longest,
        missing => found * (1.0 - libm::pow(found, longest)) / missing,
    };
    hits / (1.0 + hits)
}

/// The keys of a space, those of nearly the same popularity together.
fn groups(space: &KeySpec) -> Vec<Group> {
    match space {
        KeySpec::Uniform(args) => vec![Group { keys: args.items as f64, probability: 1.0 / args.items as f64 }],
        KeySpec::Hot(args) => {
            let items = args.items as f64;
            let hot = (items * args.hot.0).round().clamp(1.0, items);
            let share = if hot == items { 1.0 } else { args.share.0 };
            let cold = (items - hot).max(1.0);
            vec![
                Group { keys: hot, probability: share / hot },
                Group { keys: items - hot, probability: (1.0 - share) / cold },
            ]
        }
        KeySpec::Zipf(args) => zipf(args.items, args.s),
        KeySpec::Replay(args) => listed(&args.numbers()),
        KeySpec::Scan(args) => vec![Group { keys: args.items as f64, probability: 1.0 / args.items as f64 }],
    }
}

/// The keys of a trace by how often they come, those that come as often together.
fn listed(keys: &[u64]) -> Vec<Group> {
    let mut times = BTreeMap::new();
    keys.iter().for_each(|key| *times.entry(key).or_insert(0u64) += 1);
    let mut alike = BTreeMap::new();
    times.values().for_each(|times| *alike.entry(*times).or_insert(0.0) += 1.0);
    let probability = |times: u64| times as f64 / keys.len().max(1) as f64;
    alike.into_iter().map(|(times, keys)| Group { keys, probability: probability(times) }).collect()
}

fn zipf(items: u64, s: f64) -> Vec<Group> {
    let weight = |rank: f64| libm::pow(rank, -s);
    let mut groups = Vec::new();
    let mut first = 1;
    while first <= items {
        let last = if first <= EXACT { first } else { ((first as f64 * GROWTH) as u64).min(items) };
        let keys = (last - first + 1) as f64;
        groups.push(Group { keys, probability: weight((first + last) as f64 / 2.0) });
        first = last + 1;
    }
    let total: f64 = groups.iter().map(|group| group.keys * group.probability).sum();
    groups.iter_mut().for_each(|group| group.probability /= total);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use archsim_core::Time;
    use archsim_models::spec::keys::{UniformKeysArgs, ZipfArgs};
    use archsim_models::spec::{At, Span};

    fn cache(entries: Option<u64>, ttl: Option<f64>) -> CacheSpec {
        CacheSpec {
            discipline: None,
            preset: None,
            time: None,
            workers: None,
            entries: entries.map(At::nowhere),
            ttl: ttl.map(|ttl| At::nowhere(Span(Time::from_secs_f64(ttl)))),
            refresh: None,
            sharding: None,
            eviction: None,
            shards: None,
            coalesce: None,
            hit_ratio: None,
            start_cold: None,
            cost: None,
        }
    }

    fn uniform(items: u64) -> KeySpec {
        KeySpec::Uniform(UniformKeysArgs { items })
    }

    fn one(cache: &CacheSpec, space: &KeySpec, rates: KeyRates) -> f64 {
        hit_ratios(cache, &[(space, rates)])[0]
    }

    const HUNDRED: KeyRates = KeyRates { cached: 100.0, get: 0.0, set: 0.0, invalidate: 0.0 };

    fn close(found: f64, expected: f64, error: f64) {
        assert!((found - expected).abs() <= error, "{found} instead of {expected}");
    }

    #[test]
    fn uniform_keys_hit_in_proportion_to_the_capacity() {
        close(one(&cache(Some(250), None), &uniform(1000), HUNDRED), 0.25, 1e-6);
        assert_eq!(one(&cache(Some(1000), None), &uniform(1000), HUNDRED), 1.0);
        assert_eq!(one(&cache(None, None), &uniform(1000), HUNDRED), 1.0);
        assert_eq!(one(&cache(Some(0), None), &uniform(1000), HUNDRED), 0.0);
    }

    #[test]
    fn a_time_to_live_alone_gives_the_renewal_formula() {
        // 10 keys at 10 a second each, 3 s: 30 hits for each fill.
        close(one(&cache(None, Some(3.0)), &uniform(10), HUNDRED), 30.0 / 31.0, 1e-9);
    }

    #[test]
    fn a_time_to_live_that_hits_refresh_gives_the_chance_of_a_short_gap() {
        // 10 keys at 10 a second each, 0.1 s: a gap is shorter with probability 1 - 1/e.
        let refreshed = CacheSpec { refresh: Some(true), ..cache(None, Some(0.1)) };
        close(one(&refreshed, &uniform(10), HUNDRED), 1.0 - (-1f64).exp(), 1e-9);
    }

    #[test]
    fn a_long_time_to_live_leaves_the_capacity_alone() {
        close(one(&cache(Some(250), Some(1e6)), &uniform(1000), HUNDRED), 0.25, 1e-6);
    }

    #[test]
    fn removals_cost_hits() {
        // Half of what happens to a key is its removal.
        let rates = KeyRates { invalidate: 100.0, ..HUNDRED };
        close(one(&cache(None, None), &uniform(1000), rates), 0.5, 1e-9);
    }

    #[test]
    fn nothing_is_found_where_nothing_is_filled() {
        assert_eq!(one(&cache(None, None), &uniform(10), KeyRates { get: 5.0, ..KeyRates::default() }), 0.0);
    }

    #[test]
    fn groups_of_ranks_change_nothing_that_matters() {
        // Che's approximation with every rank on its own, for 20,000 keys, s = 1, 2,000 entries.
        let space = KeySpec::Zipf(ZipfArgs { items: 20_000, s: 1.0 });
        let total: f64 = (1..=20_000).map(|rank| 1.0 / f64::from(rank)).sum();
        let exact = (1..=20_000).map(|rank| Group { keys: 1.0, probability: 1.0 / f64::from(rank) / total });
        let member = |group: Group| Member { group, refresh: group.probability * 100.0, invalidate: 0.0 };
        let members: Vec<Member> = exact.map(member).collect();
        let time = characteristic_time(true, members.iter(), 2_000.0);
        let hits: f64 = members.iter().map(|m| m.group.probability * resident(true, m, time)).sum();
        close(one(&cache(Some(2_000), None), &space, HUNDRED), hits, 0.001);
    }

    #[test]
    fn the_largest_key_space_is_quick() {
        assert!(zipf(1_000_000_000, 0.99).len() < 1_000);
    }
}

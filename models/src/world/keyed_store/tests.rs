use super::*;
use crate::spec::policy::{Eviction, SampledLruArgs, SlruArgs};
use crate::spec::{At, Fraction};

fn store(entries: u64, eviction: Eviction, ttl: Option<u64>) -> KeyedStore {
    let plan = CachePlan {
        component: 0,
        first_instance: 0,
        shards: 1,
        modulo: false,
        entries,
        ttl: ttl.map(Time::from_nanos),
        eviction,
        coalesce: false,
        hit_ratio: None,
        warm: false,
        spaces: vec![],
        lookup_rate: 0.0,
        refresh: false,
    };
    KeyedStore::new(&plan, Key::root(1, 0), Future::default())
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

fn trace(keys: &[u64]) -> Future {
    let mut future = Future { length: keys.len() as u64, ..Future::default() };
    for (place, key) in keys.iter().enumerate() {
        future.places.entry(*key).or_default().push(place as u32);
    }
    future
}

fn of(entries: u64, eviction: Eviction, ttl: Option<u64>, refresh: bool, keys: &[u64]) -> KeyedStore {
    let plain = store(entries, eviction.clone(), ttl);
    let order = Order::new(&eviction, entries, Key::root(1, 0), trace(keys));
    KeyedStore { order, refresh, ..plain }
}

fn slru(protected: f64) -> Eviction {
    Eviction::Slru(SlruArgs { protected: Some(Fraction(protected)) })
}

fn counted(hits: &str) -> usize {
    hits.bytes().filter(|hit| *hit == b'H').count()
}

#[test]
fn short_paths_by_hand() {
    let keys = [1, 2, 3, 1, 4, 1, 2, 5, 1, 3, 4, 2, 1, 2, 5, 3, 1, 4, 2, 2, 1, 5];
    let path = |eviction: Eviction| hits(&mut of(3, eviction, None, false, &keys), &keys);
    assert_eq!(path(Eviction::Lru), "...H.H..H....H.....HH.");
    assert_eq!(path(Eviction::Sieve), "...H.H..H...HH..H..HH.");
    assert_eq!(counted(&path(Eviction::Opt)), 12);
    // The third is on probation, and 1 is protected by its use: 4 pushes 2 out, and so on.
    assert_eq!(hits(&mut of(3, slru(0.34), None, false, &[]), &[1, 2, 1, 3, 4, 1, 2, 3]), "..H..H..");
    // LIP keeps what was there: a scan only costs the oldest place.
    assert_eq!(hits(&mut of(2, Eviction::Lip, None, false, &[]), &[1, 1, 2, 3, 4, 1]), ".H...H");
    // Used twice, 1 outlives 2 and 3, which were used once.
    assert_eq!(hits(&mut of(2, Eviction::Lfu, None, false, &[]), &[1, 1, 2, 3, 1, 2]), ".H..H.");
    // With the counters of its look-ups kept, 2 comes back stronger than 3.
    assert_eq!(hits(&mut of(2, Eviction::PerfectLfu, None, false, &[]), &[1, 1, 1, 2, 3, 2, 3, 3, 2]), ".HH....H.");
}

#[test]
fn a_hit_may_start_the_time_to_live_anew() {
    let times = [0, 20, 30, 40, 65, 69, 70];
    let path = |refresh: bool| {
        let mut store = of(3, Eviction::Lru, Some(30), refresh, &[]);
        times.map(|at| {
            let hit = store.get(7, Time::from_nanos(at));
            if !hit {
                store.set(7, Time::from_nanos(at));
            }
            u8::from(hit)
        })
    };
    assert_eq!(path(false), [0, 1, 0, 1, 0, 1, 1]);
    assert_eq!(path(true), [0, 1, 1, 1, 1, 1, 1]);
}

/// 100,000 keys: popular ones (the smallest of three draws of a linear congruential generator), and scans of new ones.
fn long_trace() -> Vec<u64> {
    let mut state = 12345u64;
    let mut draw = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % 1000
    };
    let mut key = |i: u64| {
        let smallest = draw().min(draw()).min(draw());
        if i % 5000 >= 4500 { 1000 + 500 * (i / 5000) + i % 5000 - 4500 } else { smallest }
    };
    (0..100_000).map(&mut key).collect()
}

/// Counted by two other implementations of each policy.
#[test]
fn hits_of_a_long_trace() {
    let keys = long_trace();
    assert_eq!(keys[..6], [42, 380, 338, 57, 0, 343]);
    let found = |eviction, ttl, refresh| counted(&hits(&mut of(100, eviction, ttl, refresh, &keys), &keys));
    assert_eq!(found(Eviction::Lru, None, false), 15640);
    assert_eq!(found(Eviction::Fifo, None, false), 15423);
    assert_eq!(found(Eviction::Clock, None, false), 15839);
    assert_eq!(found(Eviction::Sieve, None, false), 20228);
    assert_eq!(found(Eviction::Lfu, None, false), 19923);
    assert_eq!(found(slru(0.8), None, false), 18908);
    assert_eq!(found(Eviction::Arc, None, false), 17984);
    assert_eq!(found(Eviction::Opt, None, false), 45754);
    assert_eq!(found(Eviction::Lru, Some(300), false), 15623);
    assert_eq!(found(Eviction::Lru, Some(300), true), 15640);
}

/// Six keys by Zipf's law, three fit: the stationary laws of the chains of all states, solved numerically.
#[test]
fn hit_ratios_of_small_caches() {
    const LOOKS: usize = 200_000;
    let zipf = archsim_core::Zipf::new(6, 1.0).unwrap();
    let keys: Vec<u64> = (0..LOOKS as u64).map(|n| zipf.rank(&mut Key::root(9, 0).draw(n))).collect();
    let sampled = Eviction::SampledLru(SampledLruArgs { samples: Some(At::nowhere(2)) });
    let exact = [
        (Eviction::Lru, 0.637815028476),
        (Eviction::Fifo, 0.611273080661),
        (Eviction::Random, 0.611273080661),
        (Eviction::Clock, 0.63676003453),
        (Eviction::Sieve, 0.651541982411),
        (slru(0.34), 0.651248582854),
        (sampled, 0.631004766645),
        (Eviction::Lip, 0.669626034651),
    ];
    for (eviction, ratio) in exact {
        let found = counted(&hits(&mut of(3, eviction.clone(), None, false, &[]), &keys)) as f64 / LOOKS as f64;
        // Standard deviation of one look-up at most 0.7: four standard errors.
        assert!((found - ratio).abs() < 4.0 * 0.7 / (LOOKS as f64).sqrt(), "{eviction:?}: {found} instead of {ratio}");
    }
}

#[test]
fn every_policy_agrees_with_its_own_length_and_index_under_random_operations() {
    let sampled = Eviction::SampledLru(SampledLruArgs { samples: None });
    let all = [
        Eviction::Lru,
        Eviction::Fifo,
        Eviction::Random,
        Eviction::Clock,
        Eviction::Sieve,
        slru(0.5),
        Eviction::Lfu,
        Eviction::PerfectLfu,
        Eviction::Arc,
        Eviction::Lip,
        sampled,
        Eviction::Opt,
    ];
    for eviction in all {
        let mut store = of(8, eviction.clone(), Some(40), true, &[1, 2, 3]);
        for n in 0..5_000 {
            let mut draw = Key::root(2, 0).draw(n);
            let (key, now) = (draw.below(20), Time::from_nanos(n));
            match draw.below(200) {
                0 => store.clear(),
                1..20 => store.remove(key),
                20..100 => {
                    store.get(key, now);
                }
                _ => {
                    store.set(key, now);
                    assert!(store.get(key, now), "{eviction:?}: what was just stored is there");
                }
            }
            assert!(store.len() <= 8, "{eviction:?}");
        }
        store.clear();
        assert_eq!(store.len(), 0);
    }
}

//! Arrivals, sequences of times and traces of keys: sample paths worked by hand, and the formulas of batches and random rates.

use crate::support::{report, scenario, value};
use crate::theory::holds;
use archsim_experiment::report::Report;

fn path(duration: &str, traffic: &str, components: &str, more: &str) -> Report {
    let run = format!(r#"duration: "{duration}", warmup: "0s", replications: 1"#);
    report(&scenario(&run, traffic, components, more))
}

fn is(report: &Report, metric: &str, expected: f64) {
    let found = value(report, metric);
    assert!((found - expected).abs() < 1e-12 * expected.max(1.0), "{metric}: {found}, expected {expected}");
}

const FOUR: &str = r#""u": Open(to: "s", rate: Replay(["0s", "1s", 2, 3.0]))"#;
const SIZES: &str = r#"Compute(Sequence(["4s", "2s", "1s", "3s"]))"#;

#[test]
fn listed_arrivals_with_listed_work() {
    // One server: done at 4, 6, 7, 10. Two: at 4, 3, 4, 7.
    let one = path("20s", FOUR, &format!(r#""s": Service(on: {{ "x": [{SIZES}] }})"#), "");
    is(&one, "u.mean", (4.0 + 5.0 + 5.0 + 7.0) / 4.0);
    is(&one, "u.max", 7.0);
    is(&one, "s.utilization", 0.5);
    is(&one, "u.rate", 4.0 / 20.0);
    let two = path("20s", FOUR, &format!(r#""s": Service(cpu: 2, on: {{ "x": [{SIZES}] }})"#), "");
    is(&two, "u.mean", (4.0 + 2.0 + 2.0 + 4.0) / 4.0);
}

#[test]
fn each_attempt_takes_the_next_time() {
    // Attempts at 0, 1.5 and 3.5, the third of 0.5: done at 4.
    let r = path(
        "20s",
        r#""u": Open(to: "s", rate: Replay(["0s"]))"#,
        r#""s": Service(on: { "x": [Compute(Sequence(["3s", "3s", "500ms"]))] })"#,
        r#"edges: { "u -> s": (timeout: "1s", cancel: true, retry: (max: 2, backoff: Exponential(base: "500ms"))) }"#,
    );
    is(&r, "u.mean", 4.0);
    is(&r, "s.utilization", 2.5 / 20.0);
}

#[test]
fn waits_networks_and_thinking_take_times_in_turn() {
    // Thinks 1, works 2 + 1 both ways, thinks 3, works 4 + 1: requests of 4 and 6 seconds, the third is wanted at 15.
    let r = path(
        "14500ms",
        r#""u": Closed(to: "s", users: 1, think: Sequence(["1s", "3s", "2s"]))"#,
        r#""s": Service(on: { "x": [Wait(Sequence(["2s", "4s"]))] })"#,
        r#"edges: { "u -> s": (latency: Sequence(["1s"])) }"#,
    );
    is(&r, "u.mean", 5.0);
    is(&r, "u.rate", 2.0 / 14.5);
}

#[test]
fn batches_come_at_once_and_in_order() {
    // Three every second, each of 0.1 s: 0.1, 0.2, 0.3.
    let r = path(
        "9500ms",
        r#""u": Open(to: "s", rate: 3, arrivals: Deterministic, batch: 3)"#,
        r#""s": Service(on: { "x": [Compute("100ms")] })"#,
        "",
    );
    is(&r, "u.mean", 0.2);
    is(&r, "u.rate", 27.0 / 9.5);
    // In order: those of a batch take the times of a sequence in turn.
    let r = path(
        "9500ms",
        r#""u": Open(to: "s", rate: Replay(["1s", "5s"]), batch: 2)"#,
        r#""s": Service(on: { "x": [Compute(Sequence(["300ms", "100ms"]))] })"#,
        "",
    );
    is(&r, "u.mean", 0.35);
}

#[test]
fn the_keys_of_a_list_come_in_its_order() {
    let service = r#""s": Service(on: { "x": [Cached(cache: "c", key: "k", miss: [])] }), "c": Cache(entries: 2, start_cold: true)"#;
    let traffic = |n: u32| format!(r#""u": Open(to: "s", rate: {n}, arrivals: Deterministic)"#);
    // Two entries: misses on a, b, hits on a and b, a miss on c (a goes), a hit on b, and again.
    let r = path("6500ms", &traffic(1), service, r#"keys: { "k": Replay(["a", "b", "a", "b", "c", "b"]) }"#);
    is(&r, "c.hit_ratio", 3.0 / 6.0);
    // A scan of three keys never hits two entries; of two keys it always does after the first round.
    is(&path("10500ms", &traffic(1), service, r#"keys: { "k": Scan(items: 3) }"#), "c.hit_ratio", 0.0);
    is(&path("10500ms", &traffic(1), service, r#"keys: { "k": Scan(items: 2) }"#), "c.hit_ratio", 0.8);
}

#[test]
fn batches_of_poisson_arrivals() {
    let model = |batch: &str| {
        scenario(
            r#"duration: "40000s", warmup: "1000s", replications: 10"#,
            &format!(r#""u": Open(to: "s", rate: 8, batch: {batch})"#),
            r#""s": Service(on: { "x": [Compute(Exp("100ms"))] })"#,
            "",
        )
    };
    // M^X/M/1: mean number rho (1 + E[X^2] / E[X]) / (2 (1 - rho)) (Gross and Harris, 3.1), rho = 0.8.
    let mean = |second: f64, first: f64| 0.8 * (1.0 + second / first) / (2.0 * 0.2) / 8.0;
    holds(&model("4"), &[("u.mean", mean(16.0, 4.0), 0.1), ("s.utilization", 0.8, 0.02)]);
    // Geometric with mean 3: E[X^2] = m (2 m - 1) = 15.
    holds(&model("Geometric(mean: 3)"), &[("u.mean", mean(15.0, 3.0), 0.1)]);
}

#[test]
fn random_rates_give_the_modulated_poisson_process() {
    let model = scenario(
        r#"duration: "20000s", warmup: "1000s", replications: 10"#,
        r#""u": Open(to: "s", rate: Mmpp([(16, "2s"), (2, "2s")]))"#,
        r#""s": Service(on: { "x": [Compute(Exp("100ms"))] })"#,
        "",
    );
    holds(&model, &[("u.rate", 9.0, 0.02), ("s.utilization", 0.9, 0.02), ("u.mean", MMPP, 0.2)]);
}

/// Mean response of MMPP/M/1 with rates 16 and 2, stays of 2 s, service of 0.1 s, by the matrix-geometric method (Neuts 1981):
/// the mean number is p0 R (I - R)^-2 1, the response that over the rate 9.
const MMPP: f64 = 5.787382497242414;

#[test]
fn a_replica_lags_behind() {
    // Writes to one key at 2/s, each at the replica 0.3 s later: stale if a write came within the lag, 1 - exp(-0.6). With an exponential
    // lag of that mean, newer writes overtaking older ones: stale with probability lambda m / (1 + lambda m).
    for (lag, stale) in [(r#""300ms""#, 1.0 - (-0.6f64).exp()), (r#"Exp("300ms")"#, 0.375)] {
        let model = scenario(
            r#"duration: "2000s", warmup: "10s", replications: 10"#,
            r#""w": Open(to: "db.write", rate: 2), "r": Open(to: "db.read", rate: 20)"#,
            &format!(
                r#""db": Database(ops: {{ "read": Read("0s"), "write": Write("0s") }}, shard_by: "k", read_replicas: 1,
                     reads: Replica, replication: Async(lag: {lag}))"#
            ),
            r#"keys: { "k": Uniform(items: 1) }"#,
        );
        holds(&model, &[("db.stale", stale, 0.05)]);
    }
}

#[test]
fn shards_by_number_are_as_uneven_as_the_keys() {
    let model = scenario(
        r#"duration: "4000s", warmup: "100s", replications: 10"#,
        r#""u": Open(to: "db", rate: 24)"#,
        r#""db": Database(ops: { "read": Read(Exp("100ms")) }, shards: 4, shard_by: "k", sharding: Modulo)"#,
        r#"keys: { "k": Zipf(items: 1000, s: 1.0) }"#,
    );
    // Shard 0 has the keys 0, 4, 8...: the shares of the shards, and M/M/1 in each.
    let total: f64 = (1..=1000).map(|k| 1.0 / f64::from(k)).sum();
    let share =
        |shard: u32| (0..1000u32).filter(|k| k % 4 == shard).map(|k| 1.0 / f64::from(k + 1)).sum::<f64>() / total;
    let response: f64 = (0..4).map(|shard| share(shard) / (10.0 - 24.0 * share(shard))).sum();
    holds(&model, &[("db.utilization.worst", 2.4 * share(0), 0.02), ("u.mean", response, 0.05)]);
}

/// Keys of a trace, with the hits of three policies worked out by hand.
const TRACE: &str = r#"keys: { "k": Replay([1, 2, 3, 1, 4, 1, 2, 5, 1, 3, 4, 2, 1, 2, 5, 3, 1, 4, 2, 2, 1, 5]) }"#;

#[test]
fn evictions_in_a_run() {
    for (eviction, hits) in [("Lru", 6.0), ("Sieve", 8.0), ("Opt", 12.0)] {
        let components = format!(
            r#""s": Service(on: {{ "x": [Cached(cache: "c", key: "k", miss: [])] }}),
               "c": Cache(entries: 3, eviction: {eviction}, start_cold: true)"#
        );
        let r = path("22500ms", r#""u": Open(to: "s", rate: 1, arrivals: Deterministic)"#, &components, TRACE);
        is(&r, "c.hit_ratio", hits / 22.0);
    }
}

#[test]
fn a_rehearsed_cache_starts_in_its_steady_state() {
    // Six keys by Zipf's law, three fit: the stationary law of the chain of all states.
    for (eviction, ratio) in [("Sieve", 0.651541982411), ("Lip", 0.669626034651), ("Lru", 0.637815028476)] {
        let model = scenario(
            r#"duration: "1000s", warmup: "0s", replications: 10"#,
            r#""u": Open(to: "s", rate: 20)"#,
            &format!(
                r#""s": Service(on: {{ "x": [Cached(cache: "c", key: "k", miss: [])] }}),
                   "c": Cache(entries: 3, eviction: {eviction})"#
            ),
            r#"keys: { "k": Zipf(items: 6, s: 1.0) }"#,
        );
        holds(&model, &[("c.hit_ratio", ratio, 0.02)]);
    }
}

#[test]
fn one_key_with_a_time_to_live() {
    // Look-ups at 5/s, living 300 ms: rT / (1 + rT) = 0.6 from the fill, 1 - exp(-rT) if each hit counts anew.
    for (refresh, ratio) in [("false", 0.6), ("true", 1.0 - (-1.5f64).exp())] {
        let model = scenario(
            r#"duration: "4000s", warmup: "10s", replications: 10"#,
            r#""u": Open(to: "s", rate: 5)"#,
            &format!(
                r#""s": Service(on: {{ "x": [Cached(cache: "c", key: "k", miss: [])] }}),
                   "c": Cache(ttl: "300ms", refresh: {refresh})"#
            ),
            r#"keys: { "k": Uniform(items: 1) }"#,
        );
        holds(&model, &[("c.hit_ratio", ratio, 0.02)]);
    }
}

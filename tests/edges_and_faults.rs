//! Sample paths of edges, caches and faults, worked out by hand, equal to the nanosecond.

use crate::support::{report, scenario, value};
use archsim_experiment::report::Report;

fn is(report: &Report, metric: &str, expected: f64) {
    let found = value(report, metric);
    assert!((found - expected).abs() < 1e-12 * expected.max(1.0), "{metric}: {found}, expected {expected}");
}

/// A run of so many seconds, nothing removed.
fn run(seconds: f64, traffic: &str, components: &str, more: &str) -> Report {
    report(&scenario(&format!(r#"duration: "{seconds}s", warmup: "0s", replications: 1"#), traffic, components, more))
}

#[test]
fn an_edge_balances_over_replicas_by_its_policy() {
    // Every 10 s a request of 15 s: two replicas in turn are never asked while they are busy.
    let r = run(
        105.0,
        r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic)"#,
        r#""s": Service(replicas: 2, on: { "x": [Compute("15s")] })"#,
        r#"edges: { "u -> s": (balance: RoundRobin) }"#,
    );
    is(&r, "u.max", 15.0);
    is(&r, "s.waiting.max", 0.0);
}

#[test]
fn what_the_network_loses_is_found_out_by_time_out() {
    let r = run(
        105.0,
        r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic, timeout: "2s")"#,
        r#""s": Service(on: { "x": [Compute("1s")] })"#,
        r#"edges: { "u -> s": (loss: 1.0) }"#,
    );
    is(&r, "u.timeouts", 1.0);
    is(&r, "u.mean", 2.0);
    is(&r, "s.arrivals", 0.0);
}

#[test]
fn a_propagated_deadline_saves_the_work_that_nobody_waits_for() {
    // Three users at once, 80 ms each, patience 100 ms, then a pause. The first is answered at 80 ms, the second starts then and is
    // given up at 100 ms, the third's turn comes at 160 ms, when its time is over: with a deadline that is no work, without it 80 ms.
    let with = |deadline: &str| {
        run(
            0.9,
            r#""u": Closed(to: "s", users: 3, think: Mix([(1, "0s")]), timeout: "100ms", retry: (max: 0))"#,
            r#""s": Service(on: { "x": [Compute("80ms")] })"#,
            &format!(r#"edges: {{ "u -> s": ({deadline}) }}"#),
        )
    };
    let (saved, wasted) = (with("deadline: Propagate"), with(""));
    assert!(value(&saved, "s.rejected") > 0.0);
    assert_eq!(value(&wasted, "s.rejected"), 0.0);
    // Without it the queue fills with work that nobody waits for, and nobody is answered any more.
    assert!(
        value(&saved, "u.goodput") > 2.0 * value(&wasted, "u.goodput"),
        "{} {}",
        value(&saved, "u.goodput"),
        value(&wasted, "u.goodput")
    );
}

#[test]
fn single_flight_fills_a_key_once() {
    // Three users miss the same key at once: one fills it in 7 ms, the others wait for that.
    let with = |coalesce: &str| {
        run(
            0.0079,
            r#""u": Closed(to: "s", users: 3, think: "0s")"#,
            &format!(
                r#""s": Service(cpu: 3, on: {{ "x": [Cached(cache: "c", key: "k", miss: [Call("db.r")])] }}),
               "c": Cache(time: "10us", workers: Unlimited, start_cold: true, coalesce: {coalesce}), "db": Database(workers: 3, ops: {{ "r": Read("7ms") }})"#
            ),
            r#"keys: { "k": Uniform(items: 1) }"#,
        )
    };
    is(&with("true"), "s -> db.calls", 1.0 / 0.0079);
    is(&with("false"), "s -> db.calls", 3.0 / 0.0079);
    // Look-up 10 us, fill 7 ms, set 10 us; those who waited are answered when the key is set.
    is(&with("true"), "u.max", 0.00702);
}

#[test]
fn a_flushed_cache_misses_once_more() {
    let r = run(
        105.0,
        r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic)"#,
        r#""s": Service(on: { "x": [Cached(cache: "c", key: "k", miss: [])] }), "c": Cache(start_cold: true)"#,
        r#"keys: { "k": Uniform(items: 1) }, faults: [Flush(target: "c", at: "55s")]"#,
    );
    is(&r, "c.hit_ratio", 0.8);
}

#[test]
fn a_disturbed_edge_is_slower_for_its_time() {
    // The requests of 40 s and 50 s travel 2 x 60 ms, the others 2 x 10 ms.
    let r = run(
        105.0,
        r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic)"#,
        r#""s": Service(on: { "x": [] })"#,
        r#"edges: { "* -> *": (latency: "10ms") }, faults: [Edge(edge: "u -> s", at: "35s", for: "20s", latency: "50ms")]"#,
    );
    is(&r, "u.mean", (8.0 * 0.02 + 2.0 * 0.12) / 10.0);
    is(&r, "u.max", 0.12);
}

#[test]
fn a_spike_multiplies_the_arrivals() {
    let r = run(
        100.5,
        r#""u": Open(to: "s", rate: 1, arrivals: Deterministic)"#,
        r#""s": Service(on: { "x": [] })"#,
        r#"faults: [Spike(traffic: "u", at: "50s", for: "10s", factor: 5)]"#,
    );
    is(&r, "u.rate", 140.0 / 100.5);
}

#[test]
fn a_window_holds_the_requests_wanted_in_it() {
    // Every 10 s; from 45 s to 65 s the service takes 3 s instead of 1 s. The window 50 s to 60 s holds the request wanted at 50 s,
    // although others end in it too.
    let model = scenario(
        r#"duration: "105s", warmup: "0s", replications: 2"#,
        r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic)"#,
        r#""s": Service(on: { "x": [Compute("1s")] })"#,
        r#"faults: [Slow(target: "s", at: "45s", for: "20s", factor: 3)],
           slos: [(check: "u.max < 3.5s", during: ("50s", "60s")), (check: "u.max < 1.5s", during: ("70s", "100s")), (check: "u.max < 2s", during: ("45s", "65s"), name: "slow")]"#,
    );
    let slos = report(&model).slos;
    let values: Vec<_> = slos.iter().map(|s| (s.measured.value, s.verdict.name())).collect();
    assert_eq!(values, [(Some(3.0), "pass"), (Some(1.0), "pass"), (Some(3.0), "FAIL")]);
}

#[test]
fn a_broken_member_gives_its_messages_back() {
    // One of two members goes down while it handles a message: the other handles it too.
    let r = run(
        105.0,
        r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic)"#,
        r#""s": Service(on: { "x": [Publish("b.t")] }), "b": Broker(topics: { "t": () }), "w": Consumers(of: "b.t", members: 2, handle: [Wait("1s")])"#,
        r#"faults: [Crash(target: "w", at: "10.5s", for: "30s", instances: 2)]"#,
    );
    // The message of 10 s is handled again from 40.5 s on, those of 20 s, 30 s and 40 s wait until then.
    is(&r, "w.age.max", 31.5);
    is(&r, "w.throughput", 10.0 / 105.0);
    is(&r, "w.lag", (31.5 + 1.0 * 7.0 + (40.5 - 20.0 + 1.0) + (40.5 - 30.0 + 2.0) + 2.5 - 1.0) / 105.0);
}

#[test]
fn unequal_speeds_and_weights_are_honoured() {
    // The second replica works at half speed and gets one request in three.
    let r = run(
        105.0,
        r#""u": Open(to: "lb", rate: 0.1, arrivals: Deterministic)"#,
        r#""lb": LoadBalancer(targets: [(to: "fast", weight: 2), "slow"]), "fast": Service(on: { "x": [Compute("1s")] }), "slow": Service(speed: [0.5], on: { "x": [Compute("1s")] })"#,
        "",
    );
    is(&r, "u.mean", (7.0 * 1.0 + 3.0 * 2.0) / 10.0);
}

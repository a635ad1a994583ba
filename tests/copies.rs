//! Copies of data, bounded topics and shared speed: sample paths by hand, and values of the textbooks.

use crate::support::{model, report, scenario, value};
use archsim_experiment::report::Report;

const ONE_BY_ONE: &str = r#"duration: "105s", warmup: "0s", replications: 1"#;

/// A write and a read every ten seconds, the read 5 s after the write.
fn store(fields: &str, ops: &str, more: &str) -> Report {
    let traffic = r#""w": Open(to: "db.write", rate: 0.1, arrivals: Deterministic),
                     "r": Open(to: "front", rate: 0.1, arrivals: Deterministic)"#;
    let components = format!(
        r#""front": Service(on: {{ "x": [Wait("5s"), Call("db.read")] }}),
           "db": Database(shard_by: "k", {fields}, ops: {{ {ops} }})"#
    );
    report(&scenario(ONE_BY_ONE, traffic, &components, &format!(r#"keys: {{ "k": Uniform(items: 1) }}, {more}"#)))
}

fn is(report: &Report, metric: &str, expected: f64) {
    let found = value(report, metric);
    assert!((found - expected).abs() < 1e-12 * expected.max(1.0), "{metric}: {found}, expected {expected}");
}

const OPS: &str = r#""write": Write("10ms"), "read": Read("4ms")"#;

#[test]
fn a_synchronous_write_waits_for_its_replicas() {
    // 10 ms on the primary, 2 ms there and back, 10 ms on the replicas, all at once.
    let all = store(r#"read_replicas: 2, reads: Replica, replication: Sync(lag: "2ms")"#, OPS, "");
    is(&all, "w.mean", 0.022);
    is(&all, "r.mean", 5.004);
    is(&all, "db.stale", 0.0);
    // Ten writes on three copies and nine reads in time.
    is(&all, "db.utilization", (30.0 * 0.010 + 9.0 * 0.004) / 3.0 / 105.0);
    let none = store(r#"read_replicas: 2, replication: Async(lag: "2ms")"#, OPS, "");
    is(&none, "w.mean", 0.010);
}

#[test]
fn a_write_waits_for_as_many_acks_as_asked_and_fails_without_them() {
    // The first of three copies is down.
    let down = r#"faults: [Crash(target: "db", at: "0s", instances: 1)]"#;
    let quorum =
        |write: u32| store(&format!("read_replicas: 2, replication: Quorum(write: {write}, read: 2)"), OPS, down);
    let two = quorum(2);
    is(&two, "w.mean", 0.010);
    is(&two, "w.errors", 0.0);
    is(&two, "r.errors", 0.0);
    is(&two, "db.stale", 0.0);
    is(&quorum(3), "w.errors", 1.0);
}

#[test]
fn a_quorum_waits_for_the_slowest_it_needs() {
    // Of n exponential times of mean 1 the w-th smallest has the mean 1/n + 1/(n-1) + ... (n-w+1).
    let of = |n: u32, w: u32| {
        let store = format!(
            r#""db": Database(read_replicas: {}, workers: 100, replication: Quorum(write: {w}, read: 1),
               ops: {{ "write": Write(Exp("1s")) }})"#,
            n - 1
        );
        let run = r#"duration: "60000s", warmup: "0s", replications: 1"#;
        value(&report(&scenario(run, r#""u": Open(to: "db", rate: 1)"#, &store, "")), "u.mean")
    };
    for (n, w, expected) in [(3, 1, 1.0 / 3.0), (3, 2, 5.0 / 6.0), (3, 3, 11.0 / 6.0), (5, 3, 0.2 + 0.25 + 1.0 / 3.0)] {
        let found = of(n, w);
        // Five standard errors: the deviation is at most 1.2, of 60,000 writes.
        assert!((found - expected).abs() < 0.025, "{w} of {n}: {found}, expected {expected}");
    }
}

#[test]
fn reads_of_too_few_copies_are_stale_as_often_as_they_miss_the_write() {
    let stale = |n: u32, w: u32, r: u32| {
        let store = format!(
            r#""db": Database(read_replicas: {}, shard_by: "k", ops: {{ "write": Write("0s"), "read": Read("0s") }},
               replication: Quorum(write: {w}, read: {r}, write_to: Quorum))"#,
            n - 1
        );
        let traffic = r#""w": Open(to: "db.write", rate: 1), "u": Open(to: "db.read", rate: 1)"#;
        let run = r#"duration: "20000s", warmup: "100s", replications: 1"#;
        value(&report(&scenario(run, traffic, &store, r#"keys: { "k": Uniform(items: 1) }"#)), "db.stale")
    };
    // (n-w over r) / (n over r); the deviation of 20,000 dependent reads is below 0.006.
    for (n, w, r, expected) in [(3, 1, 1, 2.0 / 3.0), (5, 2, 2, 0.3), (3, 2, 1, 1.0 / 3.0)] {
        let found = stale(n, w, r);
        assert!((found - expected).abs() < 0.025, "{n} copies, {w} written, {r} read: {found}, expected {expected}");
    }
    assert_eq!(stale(3, 2, 2), 0.0);
}

/// Three messages at 10, 20, 30... s come at once to a consumer that takes 2 s for each.
fn topic(fields: &str) -> Report {
    let traffic = r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic)"#;
    let components = format!(
        r#""s": Service(on: {{ "x": [Publish("b.t"), Publish("b.t"), Publish("b.t")] }}), "b": Broker(topics: {{ "t": ({fields}) }}),
           "w": Consumers(of: "b.t", handle: [Wait("2s")])"#
    );
    report(&scenario(ONE_BY_ONE, traffic, &components, ""))
}

#[test]
fn a_full_topic_holds_publishers_refuses_or_drops() {
    // Ten times: one message is taken at once, one waits, the third waits outside for 2 s.
    let block = topic("max_length: 1, overflow: Block");
    is(&block, "u.mean", 2.0);
    is(&block, "w.throughput", 29.0 / 105.0);
    // Without room each message is handed over: the second waits 2 s, the third 4 s.
    is(&topic("max_length: 0, overflow: Block"), "u.mean", 4.0);
    let reject = topic("max_length: 1, overflow: Reject");
    is(&reject, "u.errors", 1.0);
    is(&reject, "b.rejected", 1.0 / 3.0);
    let drop = topic("max_length: 1");
    is(&drop, "u.mean", 0.0);
    is(&drop, "w.dropped", 10.0 / 105.0);
    is(&topic(""), "w.dropped", 0.0);
}

#[test]
fn speed_is_lost_by_working_side_by_side() {
    // Four together: each at 1/(1 + 0.1 * 3 + 0.01 * 12) = 1/1.42 of its speed; on two cores half of that.
    let of = |cores: u32| {
        let station = format!(
            r#""s": Service(cpu: {cores}, discipline: ProcessorSharing(scaling: (contention: 0.1, coherency: 0.01)), on: {{ "x": [Compute("1s")] }})"#
        );
        let run = r#"duration: "1000s", warmup: "0s", replications: 1"#;
        value(&report(&scenario(run, r#""u": Closed(to: "s", users: 4)"#, &station, "")), "u.mean")
    };
    assert!((of(4) - 1.42).abs() < 1e-8 && (of(2) - 2.84).abs() < 1e-8, "{} {}", of(4), of(2));
}

#[test]
fn copies_and_bounds_stand_faults_of_every_kind() {
    let text = r#"Scenario(
        name: "faults of every kind",
        run: (duration: "60s", warmup: "0s", replications: 2),
        keys: { "k": Zipf(items: 20, s: 1) },
        traffic: { "u": Open(to: "s", rate: 50) },
        edges: { "* -> *": (timeout: "50ms", cancel: true, retry: (max: 1), latency: "1ms") },
        components: {
            "s": Service(cpu: 4, on: { "x": [Call("q.write"), Call("q.read"), Call("p.write"), Call("p.read"), Publish("b.t")] }),
            "q": Database(read_replicas: 2, shards: 2, shard_by: "k", replication: Quorum(write: 2, read: 2, read_from: All),
                ops: { "write": Write(Exp("2ms")), "read": Read(Exp("2ms")) }),
            "p": Database(read_replicas: 1, shard_by: "k", reads: Any, replication: Sync(lag: "1ms"),
                ops: { "write": Write(Exp("2ms")), "read": Read(Exp("2ms")) }),
            "b": Broker(topics: { "t": (max_length: 2, overflow: Block) }),
            "w": Consumers(of: "b.t", members: 2, handle: [Compute(Exp("30ms")), Fail("10%")], attempts: 2),
        },
        faults: [Failures(target: "q", up: Exp("1s"), down: Exp("300ms")), Failures(target: "p", up: Exp("2s"), down: Exp("300ms"), silent: true),
                 Failures(target: "w", up: Exp("2s"), down: Exp("300ms"))],
    )"#;
    // The world asserts conservation at its end.
    let found = report(&model(text));
    assert!(value(&found, "u.goodput") > 5.0 && value(&found, "u.errors") > 0.0);
}

#[test]
fn a_replica_takes_the_place_of_a_failed_primary() {
    // Both run for 30 s at first. At 30 s the primary fails, and with it, since all times are fixed, the replica at the same instant: both
    // are repaired one after the other, 10 s each. The first is the primary from 40 s to 70 s, the second a replica from 50 s to 80 s. At 70 s
    // the replica takes over in 4 s and is primary until 80 s; the other, repaired from 74 s, comes back at 84 s as the primary.
    let faults = r#"faults: [Failures(target: "db", up: "30s", down: "10s", failover: "4s", repairers: 1)],
                    slos: ["db.available >= 0", "db.failing_over >= 0", "db.all_down >= 0", "u.errors >= 0"]"#;
    let store = r#""db": Database(read_replicas: 1, ops: { "read": Read("1ms") })"#;
    let run = r#"duration: "84.5s", warmup: "0s", replications: 1"#;
    let report = report(&scenario(run, r#""u": Open(to: "db", rate: 1, arrivals: Deterministic)"#, store, faults));
    let found: Vec<f64> = report.slos.iter().map(|slo| slo.measured.value.unwrap_or(f64::NAN)).collect();
    let (dark, over) = (10.0 + 4.0, 4.0);
    let expected = [1.0 - (dark + over) / 84.5, over / 84.5, dark / 84.5];
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?} {expected:?}");
}

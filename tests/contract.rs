//! One harness over every registered kind: it builds from its example, answers each request once, conserves, survives faults,
//! late replies and cancellations, and repeats itself under the same seed.

use crate::support::{model, report};
use archsim_experiment::models::kind::REGISTER;

/// For each kind a component called `it`, and the call that reaches it (a service `front` makes it).
const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "Service",
        r#"Service(replicas: 2, cpu: 2, concurrency: 4, queue: 8, on: { "x": [Compute(Exp("2ms")), Wait("1ms"), Fail("2%")] })"#,
        r#"Call("it.x")"#,
    ),
    (
        "LoadBalancer",
        r#"LoadBalancer(targets: ["back"], policy: PowerOfTwo(choices: 2), time: "100us")"#,
        r#"Call("it")"#,
    ),
    (
        "Cache",
        r#"Cache(time: Exp("1ms"), entries: 50, shards: 2, ttl: "1s", coalesce: true)"#,
        r#"Cached(cache: "it", key: "k", miss: [Call("back"), Fail("5%")])"#,
    ),
    (
        "Database",
        r#"Database(shards: 2, read_replicas: 1, reads: PreferReplica, workers: 2, ops: { "r": Read(Exp("2ms")), "s": Scatter(Exp("1ms")), "w": Write(Exp("1ms")) })"#,
        r#"Parallel([Call("it.r"), Call("it.s"), Call("it.w")])"#,
    ),
    ("Broker", r#"Broker(nodes: 2, append: Exp("500us"), topics: { "t": (), "d": () })"#, r#"Publish("it.t")"#),
    (
        "Consumers",
        r#"Consumers(of: "broker.t", members: 2, threads: 2, poll: (max_records: 5), handle: [Compute(Exp("2ms")), Fail("10%")], attempts: 2)"#,
        r#"Publish("broker.t")"#,
    ),
    ("External", r#"External(latency: Exp("3ms"), errors: "5%", limit: "150/s", concurrency: 5)"#, r#"Call("it")"#),
];

/// What is done around the call.
const EDGES: &[&str] = &[
    "",
    r#"edges: { "* -> *": (latency: Exp("500us")) }"#,
    r#"edges: { "front -> *": (timeout: "4ms") }"#,
    r#"edges: { "front -> *": (timeout: "4ms", cancel: true, retry: (max: 2, backoff: Exponential(base: "1ms", jitter: Full))), "* -> *": (latency: Exp("300us")) }"#,
    r#"edges: { "front -> *": (pool: 2, timeout: "20ms", deadline: Propagate, loss: "2%", retry: (max: 1, budget: "20%")) }"#,
    r#"edges: { "front -> *": (hedge: (after: "1ms", max: 2), timeout: "6ms", retry: (max: 1)), "* -> *": (latency: Exp("300us")) }"#,
    r#"edges: { "* -> *": (copies: (count: 2), breaker: (failures: 4, open_for: "50ms", probes: 2)), "front -> *": (timeout: "4ms", pool: 3) }"#,
];

/// What goes wrong.
const FAULTS: &[&str] = &[
    "",
    r#"Crash(target: "it", at: "1s", for: "500ms"), Slow(target: "it", at: "2s", for: "500ms", factor: 5)"#,
    r#"Crash(target: "it", at: "1s", for: "500ms", instances: 1, silent: true), Crash(target: "front", at: "2s", for: "200ms"), Spike(traffic: "u", at: "2s", for: "200ms", factor: 5)"#,
];

fn text(component: &str, call: &str, edges: &str, faults: &str) -> String {
    format!(
        r#"Scenario(name: "contract", run: (duration: "3s", warmup: "0s", replications: 2),
        keys: {{ "k": Zipf(items: 200, s: 0.9) }},
        traffic: {{ "u": Open(to: "front", rate: "120/s", timeout: "500ms"), "c": Closed(to: "front", users: 2, think: Exp("20ms")) }},
        components: {{
            "front": Service(replicas: 2, cpu: 2, on: {{ "go": [Compute(Exp("500us")), {call}, After([Wait("1ms")])] }}),
            "back": Service(replicas: 2, on: {{ "go": [Compute(Exp("1ms"))] }}),
            "broker": Broker(topics: {{ "t": () }}),
            "it": {component},
            "rest": Service(on: {{ "go": [Call("back"), Publish("broker.t")] }}),
        }},
        faults: [{faults}], {edges})"#
    )
}

#[test]
fn every_registered_kind_keeps_the_contract() {
    for (kind, _, _) in REGISTER {
        let (_, component, call) =
            EXAMPLES.iter().find(|(name, _, _)| name == kind).unwrap_or_else(|| panic!("no example for `{kind}`"));
        for edges in EDGES {
            for faults in FAULTS {
                let text = text(component, call, edges, faults);
                let model = model(&text);
                // Conservation and the account of time are asserted by the world itself.
                let (first, second) = (report(&model), report(&model));
                assert_eq!(first.summary, second.summary, "{kind} repeats itself: {edges} {faults}");
                let arrived = first.get("it.arrivals").and_then(|e| e.value).unwrap_or(0.0);
                assert!(arrived > 10.0, "{kind} is reached: {arrived} a second with {edges} {faults}");
                let ended = first.work.requests;
                assert!(ended > 300, "{kind}: {ended} requests ended with {edges} {faults}");
            }
        }
    }
}

#[test]
fn overload_ends_in_time_with_a_verdict() {
    let model = model(
        r#"Scenario(name: "ten times too much", run: (duration: "1h", replications: 2, max_in_flight: 50_000),
        traffic: { "u": Open(to: "s", rate: "1k/s") },
        components: { "s": Service(on: { "x": [Compute(Exp("10ms"))] }) })"#,
    );
    let report = report(&model);
    assert!(report.verdicts.iter().any(|v| v.contains("overloaded")), "{:?}", report.verdicts);
    assert_eq!(report.get("u.p99").and_then(|e| e.value), None);
}

#[test]
fn a_system_without_steady_state_gets_no_steady_state_number() {
    let model = model(
        r#"Scenario(name: "5 % too much", run: (duration: "1000s", replications: 3),
        traffic: { "u": Open(to: "s", rate: 105), "v": Open(to: "t", rate: 50) },
        components: { "s": Service(on: { "x": [Compute(Exp("10ms"))] }), "t": Service(on: { "x": [Compute(Exp("10ms"))] }) })"#,
    );
    let report = report(&model);
    assert!(
        report.verdicts.iter().any(|v| v.contains("no steady state") && v.contains("`s`")),
        "{:?}",
        report.verdicts
    );
    assert_eq!(report.get("u.mean").and_then(|e| e.value), None);
    assert!(report.get("v.mean").and_then(|e| e.value).is_some());
    assert!(report.get("s.throughput").and_then(|e| e.value).is_some_and(|v| (v - 100.0).abs() < 2.0));
}

//! Journeys: single requests against paths worked out by hand, and against the account of the whole run.

use crate::support::{report, scenario, value};
use archsim_experiment::model::Model;
use archsim_experiment::trace::{Leg, Question, Trip, trace};

fn slowest(model: &Model, most: usize) -> Vec<Trip> {
    trace(model, &Question { slowest: most, of: None, failed: false, replication: 0 }).expect("there are requests")
}

/// "what it spent" in whole microseconds.
fn spent(leg: &Leg) -> Vec<(&str, u64)> {
    leg.spent.iter().map(|spent| (spent.on, (spent.seconds * 1e6).round() as u64)).collect()
}

/// One request, its legs as (depth, component, attempt, start, duration) in microseconds.
fn legs(trip: &Trip) -> Vec<(u32, &str, u32, u64, u64)> {
    let micros = |seconds: f64| (seconds * 1e6).round() as u64;
    let duration = |leg: &Leg| micros(leg.duration_s.expect("it is over"));
    let row = |leg: &'_ Leg| (leg.depth, leg.attempt, micros(leg.start_s), duration(leg));
    let rows = trip.legs.iter().map(|leg| (leg.component.as_str(), row(leg)));
    rows.map(|(component, (depth, attempt, start, took))| (depth, component, attempt, start, took)).collect()
}

const ONE: &str = r#"duration: "15s", warmup: "0s", replications: 1"#;
const USER: &str = r#""u": Open(to: "a", rate: 0.1, arrivals: Deterministic)"#;

#[test]
fn a_call_with_network_and_work() {
    let components = r#""a": Service(on: { "x": [Compute("2ms"), Call("b"), Wait("1ms")] }), "b": Service(on: { "y": [Compute("5ms")] })"#;
    let model = scenario(ONE, USER, components, r#"edges: { "a -> b": (latency: "3ms") }"#);
    let trips = slowest(&model, 3);
    assert_eq!(trips.len(), 1);
    assert_eq!((trips[0].of.as_str(), trips[0].number, trips[0].outcome), ("u", 1, "ok"));
    assert_eq!((trips[0].wanted_s, trips[0].latency_s), (10.0, 0.014));
    assert_eq!(legs(&trips[0]), [(0, "", 1, 0, 14_000), (1, "a", 1, 0, 14_000), (2, "b", 1, 2_000, 11_000)]);
    assert_eq!(spent(&trips[0].legs[1]), [("work", 3_000)]);
    assert_eq!(spent(&trips[0].legs[2]), [("work", 5_000), ("network", 6_000)]);
}

#[test]
fn an_attempt_that_is_given_up_goes_on_in_vain() {
    let components = r#""a": Service(on: { "x": [Call("b")] }), "b": Service(cpu: 2, on: { "y": [Compute("30ms")] })"#;
    let edge = r#"edges: { "a -> b": (timeout: "10ms", retry: (max: 1, backoff: Fixed("4ms"))) }"#;
    let trips = slowest(&scenario(ONE, USER, components, edge), 1);
    assert_eq!((trips[0].latency_s, trips[0].outcome), (0.024, "error"));
    assert_eq!(
        legs(&trips[0]),
        [(0, "", 1, 0, 24_000), (1, "a", 1, 0, 24_000), (2, "b", 1, 0, 30_000), (2, "b", 2, 14_000, 30_000)]
    );
    assert_eq!(spent(&trips[0].legs[1]), [("backoff", 4_000), ("wasted", 20_000)]);
    let first = &trips[0].legs[2];
    assert_eq!((first.abandoned_s, spent(first)), (Some(0.01), vec![("work", 30_000)]));
}

#[test]
fn branches_stand_beside_each_other() {
    let components = r#""a": Service(cpu: 2, on: { "x": [Parallel([Compute("2ms"), Call("b")])] }),
        "b": Service(on: { "y": [Compute("5ms")] })"#;
    let trips = slowest(&scenario(ONE, USER, components, ""), 1);
    assert_eq!(
        legs(&trips[0]),
        [
            (0, "", 1, 0, 5_000),
            (1, "a", 1, 0, 5_000),
            (2, "a", 1, 0, 2_000),
            (2, "a", 1, 0, 5_000),
            (3, "b", 1, 0, 5_000)
        ]
    );
}

#[test]
fn waiting_for_a_connection_and_in_a_queue() {
    let traffic = r#""u": Open(to: "a", rate: 0.1, arrivals: Deterministic), "v": Open(to: "a", rate: 0.1, arrivals: Deterministic)"#;
    let components = r#""a": Service(on: { "x": [Call("b")] }), "b": Service(on: { "y": [Compute("5ms")] })"#;
    let pooled = scenario(ONE, traffic, components, r#"edges: { "a -> b": (pool: 1) }"#);
    let trips = slowest(&pooled, 2);
    assert_eq!((trips[0].latency_s, trips[1].latency_s), (0.010, 0.005));
    assert_eq!(spent(&trips[0].legs[1]), [("pool", 5_000)]);
    let queued = slowest(&scenario(ONE, traffic, components, ""), 1);
    assert_eq!(spent(&queued[0].legs[2]), [("waiting", 5_000), ("work", 5_000)]);
}

/// A sequential system: every stretch of a request that was not in vain is part of its latency, and there is nothing else.
#[test]
fn the_stretches_of_a_request_add_up_to_its_latency() {
    let components = r#""lb": LoadBalancer(targets: ["a"]), "a": Service(replicas: 2, concurrency: 3, on: { "x": [Compute(Exp("4ms")), Call("db.read")] }),
        "db": Database(ops: { "read": Read(Exp("3ms")) }, workers: 2)"#;
    let edges = r#"edges: { "* -> *": (latency: Exp("1ms")), "a -> db": (timeout: "12ms", retry: (max: 2, backoff: Fixed("2ms")), pool: 2, latency: "1ms") }"#;
    let traffic = r#""u": Open(to: "lb", rate: 300)"#;
    let model = scenario(r#"duration: "60s", replications: 1"#, traffic, components, edges);
    let trips = slowest(&model, 5000);
    assert_eq!(trips.len(), 5000);
    for trip in &trips {
        let mut in_vain = 0;
        let heard = trip.legs.iter().filter(|leg| {
            let below = in_vain > 0 && leg.depth > in_vain;
            // What failed is in the caller's books as a failed try.
            let failed = leg.abandoned_s.is_some();
            in_vain = if below {
                in_vain
            } else if failed {
                leg.depth
            } else {
                0
            };
            !below && !failed
        });
        let sum: f64 = heard.flat_map(|leg| &leg.spent).map(|spent| spent.seconds).sum();
        assert!((sum - trip.latency_s).abs() < 1e-9, "{sum} of {trip:?}");
    }
    assert!(trips.iter().any(|trip| trip.legs.iter().any(|leg| leg.attempt == 3)));
    assert!(trips.windows(2).all(|pair| pair[0].latency_s >= pair[1].latency_s));
}

#[test]
fn following_changes_nothing() {
    let model = scenario(
        r#"duration: "60s", warmup: "0s", replications: 1"#,
        r#""u": Open(to: "a", rate: 80, timeout: "100ms")"#,
        r#""a": Service(on: { "x": [Compute(Exp("10ms"))] })"#,
        "",
    );
    let (trips, report) = (slowest(&model, 100_000), report(&model));
    let ended = |outcome: &str| trips.iter().filter(|trip| trip.outcome == outcome).count() as f64;
    assert_eq!(ended("timed_out") / trips.len() as f64, value(&report, "u.errors"));
    let mean = trips.iter().map(|trip| trip.latency_s).sum::<f64>() / trips.len() as f64;
    assert!((mean - value(&report, "u.mean")).abs() < 1e-12);
    let question = Question { slowest: 10, of: Some("u".into()), failed: true, replication: 0 };
    assert!(trace(&model, &question).expect("known").iter().all(|trip| trip.outcome == "timed_out"));
    let unknown = Question { of: Some("w".into()), ..question };
    assert_eq!(trace(&model, &unknown), Err(vec!["u".to_owned()]));
}

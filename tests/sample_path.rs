//! Sample paths: tiny deterministic scenarios, worked out by hand, equal to the nanosecond.
//!
//! Requests come every 10 s, so that each meets an empty system unless the test says otherwise. Times are a mean over equal
//! requests: the histogram's mean is exact.

use crate::support::{report, scenario, value};
use archsim_experiment::report::{Estimate, Report, Status, Verdict};

const ONE_BY_ONE: &str = r#"duration: "105s", warmup: "0s", replications: 1"#;

fn path(traffic: &str, components: &str, more: &str) -> Report {
    report(&scenario(ONE_BY_ONE, traffic, components, more))
}

/// One user every ten seconds to a target, with further settings.
fn users(to: &str, more: &str) -> String {
    format!(r#""u": Open(to: "{to}", rate: 0.1, arrivals: Deterministic, {more})"#)
}

fn is(report: &Report, metric: &str, expected: f64) {
    let found = value(report, metric);
    assert!((found - expected).abs() < 1e-12 * expected.max(1.0), "{metric}: {found}, expected {expected}");
}

#[test]
fn steps_run_one_after_the_other() {
    let r =
        path(&users("s", ""), r#""s": Service(on: { "x": [Compute("2ms"), Wait("3ms"), Do([Compute("1ms")])] })"#, "");
    is(&r, "u.mean", 0.006);
    is(&r, "s.service.mean", 0.006);
    is(&r, "s.waiting.mean", 0.0);
    // Ten requests of 3 ms on the core in 105 s.
    is(&r, "s.utilization", 10.0 * 0.003 / 105.0);
}

#[test]
fn an_answer_counts_when_it_comes() {
    // Wanted at 10, 20, ... 100 s, answered 7 s later: nine answers from 15 to 105 s, the first to a request of before.
    let components = r#""s": Service(on: { "x": [Wait("7s")] })"#;
    let run = r#"duration: "105s", warmup: "15s", replications: 1"#;
    let r = report(&scenario(run, &users("s", ""), components, ""));
    is(&r, "u.goodput", 9.0 / 90.0);
    is(&r, "u.rate", 9.0 / 90.0);
}

#[test]
fn the_network_is_paid_both_ways_through_a_balancer() {
    let r = path(
        &users("lb", ""),
        r#""lb": LoadBalancer(targets: ["s"]), "s": Service(replicas: 2, on: { "x": [Compute("2ms")] })"#,
        r#"edges: { "* -> *": (latency: "5ms") }"#,
    );
    is(&r, "u.mean", 0.022);
    is(&r, "s.sojourn.mean", 0.002);
}

#[test]
fn without_cancel_a_timed_out_callee_works_on() {
    // Attempts at 0, 150 and 300 ms, each given up after 100 ms: the user fails at 400 ms. The callee works 250 ms three times,
    // one after the other: it is busy until 750 ms.
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Compute("250ms")] })"#,
        r#"edges: { "u -> s": (timeout: "100ms", retry: (max: 2, backoff: Fixed("50ms"))) }"#,
    );
    is(&r, "u.mean", 0.4);
    is(&r, "u.timeouts", 1.0);
    is(&r, "u -> s.amplification", 3.0);
    is(&r, "s.utilization", 10.0 * 0.75 / 105.0);
}

#[test]
fn with_cancel_a_timed_out_callee_stops() {
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Compute("250ms")] })"#,
        r#"edges: { "u -> s": (timeout: "100ms", cancel: true, retry: (max: 2, backoff: Fixed("50ms"))) }"#,
    );
    is(&r, "u.mean", 0.4);
    is(&r, "s.utilization", 10.0 * 0.3 / 105.0);
    is(&r, "s.cancelled", 1.0);
}

#[test]
fn an_answer_at_the_instant_of_the_time_out_wins() {
    let service = r#""s": Service(on: { "x": [Compute("250ms")] })"#;
    let r = path(&users("s", r#"timeout: "250ms""#), service, "");
    is(&r, "u.errors", 0.0);
    let r = path(&users("s", r#"timeout: "249.999999ms""#), service, "");
    is(&r, "u.errors", 1.0);
}

#[test]
fn exponential_backoff_doubles_up_to_its_cap() {
    // Rejected at once four times, with pauses of 10, 20 and 25 ms.
    let r = path(
        &users("s", r#"retry: (max: 3, backoff: Exponential(base: "10ms", cap: "25ms"))"#),
        r#""s": Service(on: { "x": [Fail(1.0)] })"#,
        "",
    );
    is(&r, "u.mean", 0.055);
    is(&r, "u.errors", 1.0);
    is(&r, "u -> s.amplification", 4.0);
}

#[test]
fn a_retry_budget_lets_only_its_share_through() {
    // The bucket starts with 10 tokens and gains a tenth with each of the 10 calls, though never above 10. Call 1 takes 3 of 10; in
    // all 10 calls ask for 30 retries: calls 1 to 3 take 9 of 10.2, call 4 takes 1 of 1.3, then nothing reaches a whole token.
    let r = path(&users("s", r#"retry: (max: 3, budget: "10%")"#), r#""s": Service(on: { "x": [Fail(1.0)] })"#, "");
    is(&r, "u -> s.amplification", 2.0);
}

#[test]
fn on_error_replaces_the_failure() {
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Call(to: "t", on_error: [Compute("1ms")]), Compute("2ms")] }), "t": Service(on: { "y": [Wait("4ms"), Fail(1.0)] })"#,
        "",
    );
    is(&r, "u.mean", 0.007);
    is(&r, "u.errors", 0.0);
    is(&r, "t.errors", 1.0);
}

#[test]
fn parallel_waits_for_all_or_for_as_many_as_needed() {
    let three = r#"Wait("5ms"), Wait("7ms"), Wait("9ms")"#;
    let r = path(&users("s", ""), &format!(r#""s": Service(on: {{ "x": [Parallel([{three}])] }})"#), "");
    is(&r, "u.mean", 0.009);
    let r =
        path(&users("s", ""), &format!(r#""s": Service(on: {{ "x": [Parallel(need: 2, steps: [{three}])] }})"#), "");
    is(&r, "u.mean", 0.007);
}

#[test]
fn parallel_fails_as_soon_as_it_cannot_succeed() {
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Parallel(need: 2, steps: [Do([Wait("5ms"), Fail(1.0)]), Do([Wait("6ms"), Fail(1.0)]), Wait("9ms")])] })"#,
        "",
    );
    is(&r, "u.mean", 0.006);
    is(&r, "u.errors", 1.0);
}

#[test]
fn loops_count_their_rounds_even_when_nested() {
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Repeat(times: 3, steps: [Wait("1ms"), Repeat(times: 4, steps: [Wait("2ms")])]), Repeat(times: 0, steps: [Wait("1s")])] })"#,
        "",
    );
    is(&r, "u.mean", 0.027);
}

#[test]
fn steps_after_the_reply_are_not_waited_for() {
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Compute("2ms"), After([Compute("8ms")]), Compute("1ms")] })"#,
        "",
    );
    is(&r, "u.mean", 0.003);
    is(&r, "s.utilization", 10.0 * 0.011 / 105.0);
}

#[test]
fn a_full_waiting_room_rejects() {
    // Three users at once: one in the slot, one in the room, one rejected; then both rounds again, for ever in step.
    let r = report(&scenario(
        r#"duration: "10s", warmup: "0s", replications: 1"#,
        r#""u": Closed(to: "s", users: 3, think: "1s")"#,
        r#""s": Service(concurrency: 1, queue: 1, on: { "x": [Wait("100ms")] })"#,
        "",
    ));
    assert!(value(&r, "s.rejected") > 0.0);
    is(&r, "s.sojourn.max", 0.2);
}

#[test]
fn a_lock_lets_one_in_at_a_time_across_replicas() {
    // Two users start together on any of 8 replicas; one waits 10 ms for the other's lock.
    let r = report(&scenario(
        r#"duration: "0.025s", warmup: "0s", replications: 1"#,
        r#""u": Closed(to: "s", users: 2)"#,
        r#""s": Service(replicas: 8, on: { "x": [Hold(lock: "stock", steps: [Wait("10ms")])] })"#,
        "",
    ));
    // Ends at 10 ms (the first), 20 ms (the second).
    is(&r, "s.sojourn.max", 0.02);
    is(&r, "s.sojourn.mean", 0.015);
}

#[test]
fn processor_sharing_slows_everybody_alike() {
    // Two users start together and each needs 10 ms on one core: both end after 20 ms.
    let r = report(&scenario(
        r#"duration: "0.030s", warmup: "0s", replications: 1"#,
        r#""u": Closed(to: "s", users: 2, think: "0s")"#,
        r#""s": Service(discipline: ProcessorSharing, on: { "x": [Compute("10ms")] })"#,
        "",
    ));
    is(&r, "u.mean", 0.02);
    is(&r, "s.utilization", 1.0);
}

#[test]
fn an_urgent_request_interrupts_and_the_other_goes_on_where_it_was() {
    // The slow one starts at 0 with 29 ms of work; the urgent ones come at 10, 20, 30 and 40 ms and take 5 ms each: 49 ms in all.
    let r = report(&scenario(
        r#"duration: "0.0495s", warmup: "0s", replications: 1"#,
        r#""slow": Closed(to: "s.long", users: 1, priority: 5), "quick": Open(to: "s.short", rate: 100, arrivals: Deterministic, priority: 1)"#,
        r#""s": Service(discipline: Priority(preemptive: true), on: { "long": [Compute("29ms")], "short": [Compute("5ms")] })"#,
        "",
    ));
    is(&r, "quick.mean", 0.005);
    is(&r, "slow.mean", 0.049);
}

#[test]
fn a_slow_fault_re_times_what_is_in_service() {
    // The request of second 10 has done 50 of 100 ms when the core becomes ten times slower for 200 ms: 20 ms more are done then,
    // the other 30 after it: 280 ms in all.
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Compute("100ms")] })"#,
        r#"faults: [Slow(target: "s", at: "10.05s", for: "200ms", factor: 10)]"#,
    );
    is(&r, "u.max", 0.28);
    is(&r, "s.service.mean", (9.0 * 0.1 + 0.28) / 10.0);
}

#[test]
fn a_crash_fails_what_is_in_flight_and_refuses_until_the_end() {
    // In flight at 10.05 s: fails after 50 ms. The request of second 20 is refused at once; from 25 s on all is well.
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Compute("100ms")] })"#,
        r#"faults: [Crash(target: "s", at: "10.05s", for: "15s")]"#,
    );
    is(&r, "u.errors", 0.2);
    is(&r, "u.mean", (8.0 * 0.1 + 0.05) / 10.0);
    is(&r, "s.crashed", 0.2);
}

#[test]
fn a_silent_crash_is_found_out_by_time_out() {
    let r = path(
        &users("s", r#"timeout: "1s""#),
        r#""s": Service(on: { "x": [Compute("100ms")] })"#,
        r#"faults: [Crash(target: "s", at: "10.05s", for: "15s", silent: true)]"#,
    );
    is(&r, "u.timeouts", 0.2);
    is(&r, "u.mean", (8.0 * 0.1 + 2.0) / 10.0);
}

#[test]
fn a_pool_makes_the_caller_wait_for_a_connection() {
    // Two branches, one connection: the second waits 10 ms for it.
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Parallel([Call("t"), Call("t")])] }), "t": Service(cpu: 2, on: { "y": [Compute("10ms")] })"#,
        r#"edges: { "s -> t": (pool: 1) }"#,
    );
    is(&r, "u.mean", 0.02);
    is(&r, "s -> t.pool_wait.mean", 0.005);
    let pool: f64 = r.time[0].mean.iter().filter(|p| p.category.name() == "pool").map(|p| p.seconds).sum();
    assert!((pool - 0.01).abs() < 1e-12, "{:?}", r.time[0].mean);
}

#[test]
fn transfers_share_the_bandwidth() {
    // Two messages of 1 MB on 100 MB/s at once: 20 ms each way for each of them, plus 1 ms on the way.
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Parallel([Call(to: "t", request: "1MB"), Call(to: "t", request: "1MB")])] }), "t": Service(cpu: 2, on: { "y": [] })"#,
        r#"edges: { "s -> t": (bandwidth: "100MB/s", latency: "1ms") }"#,
    );
    is(&r, "u.mean", 0.022);
    is(&r, "t.bytes_in", 10.0 * 2e6 / 105.0);
}

#[test]
fn scatter_waits_for_the_slowest_shard_and_reads_go_to_one() {
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Call("db.scan"), Call("db.read")] }), "db": Database(shards: 4, ops: { "scan": Scatter("6ms"), "read": Read("2ms") })"#,
        "",
    );
    is(&r, "u.mean", 0.008);
    // Four shards work 6 ms and one 2 ms for each request.
    is(&r, "db.utilization", 10.0 * 0.026 / 105.0 / 4.0);
}

#[test]
fn writes_reach_the_replicas_after_the_lag_and_the_work() {
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Call("db.write")] }), "db": Database(read_replicas: 2, replication: Async(lag: "30ms"), ops: { "write": Write("4ms") })"#,
        "",
    );
    is(&r, "u.mean", 0.004);
    is(&r, "db.age.mean", 0.034);
    is(&r, "db.utilization", 10.0 * 0.012 / 105.0 / 3.0);
}

#[test]
fn messages_are_handled_again_and_then_go_to_the_dead_letters() {
    // Three attempts of 5 ms with pauses of 10 and 20 ms: 45 ms from publishing to giving up.
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Publish("b.orders")] }), "b": Broker(append: "1ms", topics: { "orders": (), "dead": () }),
           "w": Consumers(of: "b.orders", attempts: 3, backoff: Exponential(base: "10ms"), dead_letter: "b.dead", handle: [Wait("5ms"), Fail(1.0)]),
           "d": Consumers(of: "b.dead", handle: [Wait("1ms")])"#,
        "",
    );
    is(&r, "u.mean", 0.001);
    is(&r, "b.dead.rate", 10.0 / 105.0);
    // The dead letter is appended (1 ms) before the message is done with.
    is(&r, "w.age.mean", 0.046);
    is(&r, "d.age.mean", 0.001);
    is(&r, "w.dropped", 10.0 / 105.0);
}

#[test]
fn a_miss_is_filled_and_then_hits_until_its_time_is_over() {
    // One key, asked for every 10 s, living 25 s: miss, hit, hit, miss...
    let r = report(&scenario(
        ONE_BY_ONE,
        &users("s", ""),
        r#""s": Service(on: { "x": [Cached(cache: "c", key: "k", miss: [Wait("7ms")])] }), "c": Cache(time: "1ms", ttl: "25s", start_cold: true)"#,
        r#"keys: { "k": Uniform(items: 1) }"#,
    ));
    // Look-ups at 10, 20, ..., 100: misses at 10, 40, 70, 100.
    is(&r, "c.hit_ratio", 0.6);
    // A hit costs one operation of the cache, a miss the look-up, the steps and the fill.
    is(&r, "u.mean", (6.0 * 0.001 + 4.0 * 0.009) / 10.0);
}

#[test]
fn the_time_limit_of_an_external_rejects_the_rest() {
    let r = report(&scenario(
        r#"duration: "10s", warmup: "0s", replications: 1"#,
        r#""u": Open(to: "e", rate: 10, arrivals: Deterministic)"#,
        r#""e": External(latency: "1ms", limit: "5/s", burst: 1)"#,
        "",
    ));
    // Tokens come every 0.2 s, requests every 0.1 s: every other one is accepted.
    is(&r, "e.rejected", 0.5);
}

#[test]
fn the_time_account_is_complete() {
    let r = path(
        &users("s", ""),
        r#""s": Service(on: { "x": [Compute("2ms"), Call("t")] }), "t": Service(on: { "y": [Wait("4ms"), Fail(1.0)] })"#,
        r#"edges: { "s -> t": (latency: "1ms", retry: (max: 1, backoff: Fixed("3ms"))) }"#,
    );
    // 2 ms of work, 6 ms wasted, 3 ms pause, then 2 ms on the network and 4 ms of work for the answer that ends it, a failure.
    is(&r, "u.mean", 0.017);
    let of = |category: &str| -> f64 {
        r.time[0].mean.iter().filter(|p| p.category.name() == category).map(|p| p.seconds).sum()
    };
    assert!((of("work") - 0.006).abs() < 1e-12, "{:?}", r.time[0].mean);
    assert!((of("network") - 0.002).abs() < 1e-12);
    assert!((of("wasted") - 0.006).abs() < 1e-12);
    assert!((of("backoff") - 0.003).abs() < 1e-12);
}

/// A request every second for a server that takes 1.5 s: they take 1.5, 2, 2.5, 3, 3.5 s. After 6.25 s the first three are over and the next
/// have taken 2.25, 1.25 and 0.25 s.
fn overtaken(slos: &str) -> Report {
    let run = r#"duration: "6250ms", warmup: "0s", replications: 1"#;
    let users = r#""u": Open(to: "s", rate: 1, arrivals: Deterministic)"#;
    report(&scenario(run, users, r#""s": Service(on: { "x": [Compute("1500ms")] })"#, &format!("slos: [{slos}]")))
}

#[test]
fn a_request_in_flight_at_the_end_has_taken_at_least_so_long() {
    // Of five wanted by 5.5 s one is cut off at 1.25 s: of four one ends at 1.5 s, of three one at 2 s. One is cut off at 2.25 s, and the last
    // ends at 2.5 s: 1.5 / 4 + 2 / 4 + 2.5 / 2 = 2.125 s, where those that ended have 2 s.
    let r = overtaken(r#"(check: "u.mean < 2100ms", during: ("0s", "5500ms"))"#);
    let mean = r.slos[0].measured;
    // To a bucket of the histogram.
    assert!((mean.value.expect("a mean") - 2.125).abs() < 0.005, "{mean:?}");
    assert_eq!(r.slos[0].verdict, Verdict::Fail);
    // The time series says the same of its windows, and nothing of those in which no request ended.
    let means = &r.series.columns.iter().find(|(name, ..)| name == "u.mean").expect("u.mean").2;
    let at = |seconds: f64| r.series.windows.iter().position(|(from, to)| *from < seconds && seconds <= *to);
    assert_eq!([2.0, 3.0].map(|s| means[at(s).expect("a window")]), [Some(2.0), Some(2.5)]);
    assert_eq!([4.0, 5.0].map(|s| means[at(s).expect("a window")]), [None, None]);
}

#[test]
fn what_hangs_on_requests_in_flight_has_a_lower_bound_only() {
    let late = r#"during: ("3500ms", "5500ms")"#;
    let r = overtaken(&format!(
        r#"(check: "u.mean < 1s", {late}), (check: "u.mean < 9s", {late}), (check: "u.mean > 1s", {late})"#
    ));
    // Two were wanted, and have taken 2.25 and 1.25 s.
    let Estimate { value, low, high, status, .. } = r.slos[0].measured;
    assert_eq!((value, high, status), (None, None, Status::Censored));
    assert!((low.expect("a lower bound") - 1.75).abs() < 1e-9, "{low:?}");
    let verdicts: Vec<Verdict> = r.slos.iter().map(|slo| slo.verdict).collect();
    assert_eq!(verdicts, [Verdict::Fail, Verdict::Undecided, Verdict::Pass]);
}

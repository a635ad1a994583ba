//! What callers and gates do about failures and load: retries, limiters. Sample paths worked out by hand, and formulas.

use crate::support::{report, scenario, value};
use crate::theory::holds;
use archsim_experiment::report::Report;

/// A run of so many seconds, nothing removed.
fn path(seconds: f64, traffic: &str, components: &str, more: &str) -> Report {
    report(&scenario(&format!(r#"duration: "{seconds}s", warmup: "0s", replications: 1"#), traffic, components, more))
}

fn is(report: &Report, metric: &str, expected: f64) {
    let found = value(report, metric);
    assert!((found - expected).abs() < 1e-12 * expected.max(1.0), "{metric}: {found}, expected {expected}");
}

const LONG: &str = r#"duration: "30000s", warmup: "1000s", replications: 10"#;

#[test]
fn listed_pauses_follow_each_other_and_the_last_repeats() {
    // Rejected at once four times, with pauses of 0.5, 1 and 1 s.
    let r = path(
        105.0,
        r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic, retry: (max: 3, backoff: List(["0.5s", "1s"])))"#,
        r#""s": Service(on: { "x": [Fail(1.0)] })"#,
        "",
    );
    is(&r, "u.mean", 2.5);
    is(&r, "u -> s.amplification", 4.0);
    is(&r, "u -> s.retrying", 10.0 * 2.5 / 105.0);
}

#[test]
fn a_probability_of_trying_again_ends_a_geometric_number_of_attempts() {
    // Every attempt fails; each failure is tried again with probability 0.75: 4 attempts in the mean.
    let model = scenario(
        r#"duration: "2000s", warmup: "0s", replications: 10"#,
        r#""u": Open(to: "s", rate: 10, retry: (max: Unlimited, p: "75%"))"#,
        r#""s": Service(on: { "x": [Fail(1.0)] })"#,
        "",
    );
    holds(&model, &[("u -> s.amplification", 4.0, 0.03)]);
}

#[test]
fn rejected_users_come_again_until_they_get_in() {
    // M/M/1/1 retrial queue (Falin & Templeton 1997, chapter 1): rho = 0.6, retrial rate 1/2; mean in orbit
    // rho^2/(1-rho) + lambda*rho/(nu*(1-rho)) = 0.9 + 1.8 = 2.7, so a response takes 2.7/0.6 + 1 = 5.5 s; 1 + (nu/lambda) * 2.7 attempts.
    let model = scenario(
        LONG,
        r#""u": Open(to: "s", rate: 0.6, retry: (max: Unlimited, backoff: Random(Exp("2s"))))"#,
        r#""s": Service(concurrency: 1, queue: 0, on: { "x": [Compute(Exp("1s"))] })"#,
        "",
    );
    let exact = [("u -> s.retrying", 2.7, 0.1), ("u.mean", 5.5, 0.1), ("u -> s.amplification", 3.25, 0.05)];
    holds(&model, &exact);
}

#[test]
fn a_bounded_queue_with_half_hearted_retries() {
    // Level process of (present, in orbit) solved numerically: lambda 0.9, mu 1, room 5, p 0.7, backoff 5.
    let model = scenario(
        LONG,
        r#""u": Open(to: "s", rate: 0.9, retry: (max: Unlimited, p: "70%", backoff: Random(Exp("5s"))))"#,
        r#""s": Service(concurrency: 1, queue: 4, on: { "x": [Compute(Exp("1s"))] })"#,
        "",
    );
    let exact = [("s.throughput", 0.827007807668, 0.02), ("u -> s.amplification", 1.18923901716, 0.02)];
    holds(&model, &exact);
    holds(&model, &[("s.rejected", 0.227323060531, 0.05)]);
}

/// Requests every 100 ms through a limiter.
fn limited(limit: &str) -> Report {
    path(
        1.05,
        r#""u": Open(to: "s", rate: 10, arrivals: Deterministic)"#,
        &format!(r#""s": Service(limit: {limit}, on: {{ "x": [] }})"#),
        "",
    )
}

#[test]
fn limiters_reject_what_is_too_much() {
    // Requests at 0.1, 0.2, ... 1.0 s. A token every 0.4 s and two at the start: admitted at 0.1, 0.2, 0.5, 0.9 s.
    is(&limited("TokenBucket(rate: 2.5, burst: 2)"), "s.rejected", 0.6);
    // Windows of 0.5 s: 0.1 to 0.4 s has three of four, 0.5 to 0.9 s three of five, 1.0 s one.
    is(&limited(r#"FixedWindow(requests: 3, window: "500ms")"#), "s.rejected", 0.3);
    // Three of any five in a row.
    is(&limited(r#"SlidingWindow(requests: 3, window: "500ms")"#), "s.rejected", 0.4);
    // One passes at 0.1 s, the others are 0.4 s apart with one waiting: 0.5 s (came at 0.2), 0.9 s (came at 0.5 s), 1.3 s (0.9 s).
    is(&limited("LeakyBucket(rate: 2.5, queue: 1)"), "s.rejected", 0.6666666666666666);
    is(&limited("LeakyBucket(rate: 2.5, queue: 1)"), "s.waiting.max", 0.4);
}

#[test]
fn a_shaped_stream_waits_and_is_not_lost() {
    // Tokens every 0.2 s, one at the start: request n (from 0) of 0.1 s apart waits 0.1 n s; those of 0.1 .. 0.5 s are through by 1.05 s.
    let r = limited("TokenBucket(rate: 5, burst: 1, excess: Wait)");
    is(&r, "s.rejected", 0.0);
    is(&r, "s.waiting.max", 0.4);
    is(&r, "s.waiting.mean", 0.2);
    is(&r, "s.queue", (0.1 + 0.2 + 0.3 + 0.4 + 0.45 + 0.35 + 0.25 + 0.15 + 0.05) / 1.05);
}

#[test]
fn limiters_against_their_formulas() {
    let with = |rate: f64, limit: &str, metric: &str, exact: f64| {
        let model = scenario(
            LONG,
            &format!(r#""u": Open(to: "s", rate: {rate})"#),
            &format!(r#""s": Service(limit: {limit}, on: {{ "x": [] }})"#),
            "",
        );
        holds(&model, &[(metric, exact, 0.25)]);
    };
    // A bucket is an M/D/1 system seen from its lack of tokens; the windows are independent Poisson counts: E(N - 10)+ / 8.
    with(1.2, "TokenBucket(rate: 1, burst: 5)", "s.rejected", 0.199146693329);
    with(0.8, "TokenBucket(rate: 1, burst: 5, excess: Wait)", "s.waiting.mean", 0.358878442637);
    with(8.0, r#"FixedWindow(requests: 10, window: "1s")"#, "s.rejected", 0.0532329819712);
}

#[test]
fn many_equal_branches_have_a_short_form() {
    // A hundred leaves; each is slow with probability 1 %: 1 - 0.99^100 of the requests wait for a slow one.
    let leaves = r#"Parallel(times: 100, steps: [Call("leaf")])"#;
    let model = scenario(
        r#"duration: "400s", warmup: "0s", replications: 10"#,
        r#""u": Open(to: "s", rate: 10)"#,
        &format!(
            r#""s": Service(on: {{ "x": [{leaves}, Fail(0)] }}), "leaf": External(latency: Mix([(99, "10ms"), (1, "1s")]))"#
        ),
        "",
    );
    let slow = 1.0 - 0.99f64.powi(100);
    holds(&model, &[("u.mean", 0.01 + slow * 0.99, 0.03)]);
}

#[test]
fn branches_that_are_not_needed_are_stopped_with_their_calls_if_asked() {
    let with = |cancel: &str| {
        path(
            105.0,
            r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic)"#,
            &format!(
                r#""s": Service(on: {{ "x": [Parallel(need: 1, {cancel} steps: [Call("a"), Do([Wait("1s"), Call("b")])])] }}),
                   "a": Service(on: {{ "x": [Compute("3s")] }}), "b": Service(on: {{ "x": [Compute("5s")] }})"#
            ),
            "",
        )
    };
    let (going_on, stopped) = (with(""), with("cancel: true,"));
    is(&going_on, "u.mean", 3.0);
    // The last starts at 101 s.
    is(&going_on, "b.utilization", (5.0 * 9.0 + 4.0) / 105.0);
    is(&stopped, "u.mean", 3.0);
    is(&stopped, "b.utilization", 2.0 * 10.0 / 105.0);
    is(&stopped, "b.cancelled", 1.0);
}

/// Two replicas asked in turn; requests take 5 s at the first and 1.5 s at the second.
const UNEQUAL: &str = r#""lb": LoadBalancer(targets: ["a", "b"]), "a": Service(on: { "x": [Compute("5s")] }), "b": Service(on: { "x": [Compute("1.5s")] })"#;

#[test]
fn a_hedge_goes_to_another_target_and_the_first_answer_stops_the_other() {
    // One request at 60 s: at `a` from then on, at `b` from 62 s on; answered at 63.5 s, when `a` has worked 3.5 s.
    let traffic = r#""u": Open(to: "lb", rate: "1/min", arrivals: Deterministic)"#;
    let r = path(100.0, traffic, UNEQUAL, r#"edges: { "lb -> *": (hedge: (after: "2s")) }"#);
    is(&r, "u.mean", 3.5);
    is(&r, "a.utilization", 0.035);
    is(&r, "b.utilization", 0.015);
    is(&r, "lb -> a.hedges", 0.01);
    is(&r, "lb -> a.amplification", 1.0);
    let r = path(100.0, traffic, UNEQUAL, r#"edges: { "lb -> *": (hedge: (after: "2s", cancel: false)) }"#);
    is(&r, "a.utilization", 0.05);
    let r = path(100.0, traffic, UNEQUAL, r#"edges: { "lb -> *": (hedge: (after: "2s", budget: "0%")) }"#);
    is(&r, "u.mean", 3.5);
}

#[test]
fn a_copy_that_fails_is_followed_by_the_next_at_once_and_all_failed_fail_the_call() {
    let with = |more: &str| {
        path(
            105.0,
            r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic)"#,
            r#""s": Service(replicas: 2, on: { "x": [Compute("1s"), Fail(1.0)] })"#,
            &format!(r#"edges: {{ "u -> s": ({more}) }}"#),
        )
    };
    let r = with(r#"hedge: (after: "4s", max: 2)"#);
    is(&r, "u.mean", 3.0);
    is(&r, "u.errors", 1.0);
    is(&r, "s.errors", 1.0);
    is(&r, "u -> s.amplification", 3.0);
    let r = with("copies: (count: 2)");
    is(&r, "u.mean", 1.0);
    is(&r, "u.errors", 1.0);
}

#[test]
fn hedges_against_their_formulas() {
    let with = |copy: &str, after: &str, exact: &[(&str, f64, f64)]| {
        let model = scenario(
            r#"duration: "2000s", warmup: "0s", replications: 10"#,
            r#""u": Open(to: "s", rate: 20)"#,
            &format!(r#""s": External(latency: {copy})"#),
            &format!(r#"edges: {{ "u -> s": (hedge: (after: "{after}")) }}"#),
        );
        holds(&model, exact);
    };
    // Exponential: the second copy is sent with probability 1/e and halves what is left; the work stays one second.
    let mean = 1.0 - (-1.0f64).exp() / 2.0;
    with(
        r#"Exp("1s")"#,
        "1s",
        &[("u.mean", mean, 0.03), ("u -> s.hedges", 20.0 * (-1.0f64).exp(), 0.03), ("s.in_flight", 20.0, 0.03)],
    );
    // Two percent take 100 s; with a second copy after 2 s they take 3 s, but for 0.02 of them.
    let mean = 0.98 + 0.02 * (0.98 * 3.0 + 0.02 * 100.0);
    with(r#"Mix([(98, "1s"), (2, "100s")])"#, "2s", &[("u.mean", mean, 0.03)]);
}

#[test]
fn redundant_requests_to_all_servers_are_one_fast_server() {
    // Three copies to three servers, exponential: an M/M/1 of rate 3: mean 1/(3 - 1.8).
    let model = scenario(
        LONG,
        r#""u": Open(to: "lb", rate: 1.8)"#,
        r#""lb": LoadBalancer(targets: ["s"]), "s": Service(replicas: 3, on: { "x": [Compute(Exp("1s"))] })"#,
        r#"edges: { "lb -> s": (copies: (count: 3)) }"#,
    );
    holds(&model, &[("u.mean", 1.0 / 1.2, 0.05), ("u.p99", 1.0 / 1.2 * 100.0f64.ln(), 0.1)]);
    // With the same work for all copies the last two of the three do nothing but take up room: no copy is faster.
    let r = path(
        105.0,
        r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic)"#,
        r#""s": Service(replicas: 3, on: { "x": [Compute(Exp("1s"))] })"#,
        r#"edges: { "u -> s": (copies: (count: 3, same_work: true, cancel: Never)) }"#,
    );
    is(&r, "s.service.mean", value(&r, "u.mean"));
    is(&r, "s.waiting.max", 0.0);
}

#[test]
fn a_breaker_opens_after_failures_in_a_row_and_tries_again() {
    // Every second a call that fails: the third opens it for 5 s; the calls of 4 to 7 s are refused, that of 8 s is the trial.
    let r = path(
        12.5,
        r#""u": Open(to: "s", rate: 1, arrivals: Deterministic)"#,
        r#""s": Service(on: { "x": [Fail(1.0)] })"#,
        r#"edges: { "u -> s": (breaker: (failures: 3, open_for: "5s")) }"#,
    );
    is(&r, "u -> s.attempts", 4.0 / 12.5);
    is(&r, "u -> s.refused", 8.0 / 12.5);
    is(&r, "u -> s.opens", 2.0 / 12.5);
    is(&r, "u -> s.open", 9.5 / 12.5);
    is(&r, "s.arrivals", 4.0 / 12.5);
}

#[test]
fn a_breaker_against_its_formula() {
    // Poisson 4, half of the calls fail. Three failures in a row take 14 calls in the mean (2 + 4 + 8); a cycle has 5 s open, then one
    // trial that fails half of the time: per opening 5 s, a trial of 1/4 s, and half of the time 14/4 s: 0.25 + 1.75 s. So open 5/7.
    let model = scenario(
        r#"duration: "10000s", warmup: "100s", replications: 10"#,
        r#""u": Open(to: "s", rate: 4)"#,
        r#""s": Service(on: { "x": [Fail(0.5)] })"#,
        r#"edges: { "u -> s": (breaker: (failures: 3, open_for: "5s")) }"#,
    );
    holds(&model, &[("u -> s.open", 5.0 / 7.0, 0.02), ("u -> s.opens", 1.0 / 7.0, 0.03)]);
    holds(&model, &[("u -> s.refused", 4.0 * 5.0 / 7.0, 0.02)]);
}

#[test]
fn a_share_of_failures_opens_a_breaker_that_all_trials_close() {
    // Ten calls a second fail for the first second; 20 calls with half of them failed come together at 2 s. Open until 4 s, three good
    // trials, closed for good.
    let r = path(
        10.05,
        r#""u": Open(to: "s", rate: 10, arrivals: Deterministic)"#,
        r#""s": Service(on: { "x": [] })"#,
        r#"edges: { "u -> s": (breaker: (failures: "45%", window: "10s", min_requests: 20, open_for: "2s", probes: 3)) },
           faults: [Crash(target: "s", at: "0s", for: "1s")]"#,
    );
    is(&r, "u -> s.opens", 1.0 / 10.05);
    is(&r, "u -> s.refused", 19.0 / 10.05);
}

#[test]
fn nobody_waits_where_an_idle_server_is_found() {
    // Many servers: the least busy of them is nearly always idle (Lu et al. 2011).
    let r = report(&scenario(
        r#"duration: "200s", warmup: "20s", replications: 2"#,
        r#""u": Open(to: "lb", rate: 160)"#,
        r#""lb": LoadBalancer(targets: ["s"], policy: JoinIdle), "s": Service(replicas: 200, on: { "x": [Compute(Exp("1s"))] })"#,
        "",
    ));
    assert!(value(&r, "s.waiting.mean") < 0.01 && (value(&r, "u.mean") - 1.0).abs() < 0.03);
}

#[test]
fn instances_that_fail_by_chance_are_up_as_long_as_the_means_say() {
    // Up 1000 s, down 10 s in the mean: q = 1/101 of the time down, each on its own (a); any of two, both of two, two of three.
    let q = 1.0 / 101.0f64;
    let of = |replicas: u32, need: u32, exact: f64| {
        let model = scenario(
            r#"duration: "400000s", warmup: "0s", replications: 10"#,
            r#""u": Open(to: "s", rate: 0.01)"#,
            &format!(r#""s": Service(replicas: {replicas}, on: {{ "x": [] }})"#),
            &format!(r#"faults: [Failures(target: "s", up: Exp("1000s"), down: Exp("10s"), need: {need})]"#),
        );
        holds(&model, &[("s.available", exact, 0.01), ("u.errors", q, 0.4)]);
    };
    of(1, 1, 1.0 - q);
    of(2, 2, (1.0 - q).powi(2));
    of(2, 1, 1.0 - q * q);
    of(3, 2, (1.0 - q).powi(3) + 3.0 * q * (1.0 - q).powi(2));
}

#[test]
fn causes_to_be_down_add_up() {
    // Down from 15 to 35 s and from 25 to 45 s: the requests of 20, 30 and 40 s fail.
    let r = path(
        105.0,
        r#""u": Open(to: "s", rate: 0.1, arrivals: Deterministic)"#,
        r#""s": Service(on: { "x": [] })"#,
        r#"faults: [Crash(target: "s", at: "15s", for: "20s"), Crash(target: "s", at: "25s", for: "20s")]"#,
    );
    is(&r, "u.errors", 0.3);
    is(&r, "s.available", 75.0 / 105.0);
}

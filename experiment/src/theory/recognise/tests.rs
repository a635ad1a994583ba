//! Which scenarios are recognised, and which are not.

use crate::check::check;
use crate::theory::{Quality, Theory};
use archsim_language::Source;

fn theory(traffic: &str, components: &str, more: &str) -> Theory {
    let text = format!(r#"(name: "a", traffic: {{ {traffic} }}, components: {{ {components} }}, {more})"#);
    let checked = check(&Source::new("a.ron", text), &|_| Err("there are no files".into()));
    let findings = format!("{:?}", checked.findings);
    Theory::new(&checked.model.expect(&findings))
}

fn exact(theory: &Theory, metric: &str, value: f64) {
    let found = theory.get(metric).unwrap_or_else(|| panic!("no {metric}: {theory:#?}"));
    assert_eq!(found.quality, Quality::Exact);
    assert!((found.value - value).abs() < 1e-6 * value, "{metric}: {value}, found {}", found.value);
}

const USERS: &str = r#""u": Open(to: "s", rate: 8)"#;
const ONE: &str = r#""s": Service(on: { "x": [Compute(Exp("100ms"))] })"#;

#[test]
fn one_queue_with_network_time_around_it() {
    let theory = theory(USERS, ONE, r#"edges: { "u -> s": (latency: "5ms") }"#);
    exact(&theory, "u.mean", 0.51);
    exact(&theory, "u.p99", 0.01 + 0.5 * libm::log(100.0));
    exact(&theory, "s.waiting.mean", 0.4);
    exact(&theory, "s.utilization", 0.8);
    assert_eq!(theory.unsolved, []);
    let law = "M/M/1: Poisson arrivals 8/s, exponential service mean 100 ms, first come first served, one server";
    assert_eq!(theory.laws, [("s".to_owned(), law.to_owned())]);
}

#[test]
fn other_laws_at_one_station() {
    let mean = |service: &str, rest: &str| {
        theory(USERS, &format!(r#""s": Service(on: {{ "x": [Compute({service})] }}, {rest})"#), "")
    };
    exact(&mean(r#"LogNormal(mean: "100ms", cv: 2)"#, ""), "u.mean", 0.1 + 8.0 * 0.05 / 0.4);
    exact(&mean(r#""100ms""#, ""), "u.mean", 0.3);
    exact(&mean(r#"LogNormal(mean: "100ms", cv: 2)"#, "discipline: ProcessorSharing"), "u.mean", 0.5);
    let many = mean(r#"Erlang("400ms", 2)"#, "cpu: 4");
    assert_eq!(many.get("u.mean").map(|found| found.quality), Some(Quality::Approximation));
    assert!(many.get("u.p99").is_none());
}

#[test]
fn replicas_by_policy() {
    let with = |policy: &str| {
        let components = r#""s": Service(replicas: 4, on: { "x": [Compute(Exp("400ms"))] })"#;
        theory(USERS, components, &format!(r#"edges: {{ "u -> s": (balance: {policy}) }}"#))
    };
    exact(&with("Random"), "u.mean", 2.0);
    exact(&with("RoundRobin"), "u.mean", 0.4 * 3.26738361);
    let bounds = |found: &Theory| -> Vec<Quality> {
        found.predictions.iter().filter(|found| found.metric == "u.mean").map(|found| found.quality).collect()
    };
    assert_eq!(bounds(&with("PowerOfTwo()")), [Quality::LowerBound, Quality::UpperBound]);
    assert_eq!(bounds(&with("LeastOutstanding")), [Quality::LowerBound, Quality::UpperBound]);
    assert_eq!(bounds(&with("JoinIdle")), [Quality::LowerBound]);
    let many = r#""s": Service(replicas: 50, on: { "x": [Compute(Exp("5s"))] })"#;
    let many = theory(USERS, many, r#"edges: { "u -> s": (balance: PowerOfTwo()) }"#);
    assert_eq!(bounds(&many), [Quality::Limit, Quality::LowerBound, Quality::UpperBound]);
}

const TWO: &str = r#"
    "s": Service(on: { "x": [Compute(Exp("100ms")), Call("d.read")] }),
    "d": Database(ops: { "read": Read(Exp("50ms")) })"#;

#[test]
fn a_tandem_and_what_breaks_it() {
    let tandem = theory(USERS, TWO, "");
    exact(&tandem, "u.mean", 0.5 + 0.05 / 0.6);
    assert!(tandem.get("u.p99").is_some());
    let broken = theory(USERS, &TWO.replace(r#"Exp("100ms")"#, r#""100ms""#), "");
    exact(&broken, "s.waiting.mean", 0.2);
    exact(&broken, "d.utilization", 0.4);
    assert_eq!(
        broken.get("u.mean").map(|found| (found.quality, found.value)),
        Some((Quality::LowerBound, 0.15000000000000002))
    );
    assert!(broken.get("d.waiting.mean").is_none());
    assert!(broken.unsolved.iter().any(|found| found.of == "d" && found.why.contains("through `s`")), "{broken:#?}");
    let retried = theory(USERS, TWO, r#"edges: { "s -> d": (timeout: "1s", retry: (max: 1)) }"#);
    assert!(retried.get("u.mean").is_none() && retried.get("d.waiting.mean").is_none());
}

#[test]
fn feedback_is_jackson() {
    let again = r#""s": Service(on: { "x": [Repeat(while: "25%", steps: [Compute(Exp("1s"))])] })"#;
    let theory = theory(r#""u": Open(to: "s", rate: 0.6)"#, again, "");
    exact(&theory, "u.mean", 20.0 / 3.0);
    exact(&theory, "s.utilization", 0.8);
    assert!(theory.get("u.p99").is_none() && theory.get("s.waiting.mean").is_none());
}

#[test]
fn nothing_is_claimed_for_what_no_formula_covers() {
    let sources = [
        r#""u": Open(to: "s", rate: 8, timeout: "1s")"#,
        r#""u": Open(to: "s", rate: Ramp(from: 1, to: 8, over: "1m"))"#,
        r#""u": Open(to: "s", rate: 11)"#,
    ];
    for source in sources {
        let theory = theory(source, ONE, "");
        assert!(theory.predictions.is_empty() && !theory.unsolved.is_empty(), "{source}: {theory:#?}");
    }
    let bounded = r#""s": Service(concurrency: 3, queue: 2, on: { "x": [Compute(Exp("100ms")), Wait("1ms")] })"#;
    let parallel = r#""s": Service(on: { "x": [Parallel([Compute(Exp("10ms")), Compute(Exp("10ms"))])] })"#;
    let fault = r#"faults: [Slow(target: "s", at: "1m", for: "1m", factor: 2)]"#;
    for (components, more) in [(bounded, ""), (parallel, ""), (ONE, fault)] {
        let theory = theory(USERS, components, more);
        assert!(theory.predictions.is_empty() && !theory.unsolved.is_empty(), "{components}{more}: {theory:#?}");
    }
}

#[test]
fn two_who_deal_in_turn_are_not_one() {
    let sources = r#""u": Open(to: "s", rate: 4), "v": Open(to: "s", rate: 4)"#;
    let components = r#""s": Service(replicas: 4, on: { "x": [Compute(Exp("400ms"))] })"#;
    let in_turn = r#"edges: { "* -> s": (balance: RoundRobin) }"#;
    let found = theory(sources, components, in_turn);
    assert_eq!(found.get("u.mean").map(|found| found.quality), Some(Quality::LowerBound), "{found:#?}");
    exact(&theory(sources, components, ""), "v.mean", 2.0);
}

#[test]
fn regular_arrivals() {
    let regular = theory(r#""u": Open(to: "s", rate: 8, arrivals: Deterministic)"#, ONE, "");
    exact(&regular, "u.mean", 0.1 * 2.69273084);
}

#[test]
fn a_loop_of_users() {
    let one = theory(r#""u": Closed(to: "s", users: 20, think: Exp("1s"))"#, ONE, "");
    exact(&one, "s.utilization", 0.9981309501);
    let bounds: Vec<Quality> = one.predictions.iter().take(2).map(|found| found.quality).collect();
    assert_eq!(bounds, [Quality::UpperBound, Quality::LowerBound]);
    let mean = one.predictions.iter().find(|found| found.metric == "u.mean" && found.quality == Quality::Exact);
    assert!((mean.unwrap().value - 1.003745099).abs() < 1e-8);
    exact(&one, "u.p99", 2.18532501);
    let constant = theory(
        r#""u": Closed(to: "s", users: 20, think: Exp("1s"))"#,
        &ONE.replace(r#"Exp("100ms")"#, r#""100ms""#),
        "",
    );
    assert!(
        constant.predictions.iter().all(|found| found.quality != Quality::Exact) && constant.predictions.len() == 2
    );
}

#[test]
fn queues_that_lose_requests() {
    let one =
        |fields: &str, steps: &str| theory(USERS, &format!(r#""s": Service({fields}, on: {{ "x": [{steps}] }})"#), "");
    // Two places at a load of 0.8: states in proportion to 1, 0.8, 0.64.
    let bounded = one("concurrency: 1, queue: 1", r#"Compute(Exp("100ms"))"#);
    let full = 0.64 / 2.44;
    exact(&bounded, "s.rejected", full);
    exact(&bounded, "u.errors", full);
    exact(&bounded, "u.goodput", 8.0 * (1.0 - full));
    // Who is admitted finds one in service with probability 0.8 / 1.8.
    exact(&bounded, "u.ok.mean", 0.1 + 0.1 * 0.8 / 1.8);
    let loss = one("concurrency: 1, queue: 0", r#"Wait(Uniform("0s", "0.2s"))"#);
    exact(&loss, "s.rejected", 0.8 / 1.8);
    assert!(loss.get("s.utilization").is_none(), "its cores do nothing");
    let impatient = one(r#"patience: Exp("100ms")"#, r#"Compute(Exp("100ms"))"#);
    // Deaths at rates 10, 20, 30 and so on: a Poisson law of mean 0.8 inside.
    exact(&impatient, "s.utilization", 1.0 - libm::exp(-0.8));
    exact(&impatient, "s.reneged", 1.0 - (1.0 - libm::exp(-0.8)) / 0.8);
    assert!(bounded.get("u.mean").is_none() && impatient.get("u.mean").is_none());
}

#[test]
fn orders_of_service() {
    let mean = |discipline: &str| theory(USERS, &ONE.replace("on:", &format!("discipline: {discipline}, on:")), "");
    for blind in ["Lifo", "Lifo(preemptive: true)", "RandomOrder", "LeastAttained", "ProcessorSharing", "Priority"] {
        let found = mean(blind);
        let value = found.get("u.mean").unwrap_or_else(|| panic!("{blind}")).value;
        assert!((value / 0.5 - 1.0).abs() < 1e-4, "{blind}: {value}");
    }
    let two = r#""u": Open(to: "s", rate: 3), "v": Open(to: "s", rate: 5, priority: 1)"#;
    let urgent = theory(two, &ONE.replace("on:", "discipline: Priority, on:"), "");
    exact(&urgent, "u.mean", 0.1 + 0.08 / 0.7);
    exact(&urgent, "v.mean", 0.1 + 0.08 / 0.7 / 0.2);
    let interrupting = theory(two, &ONE.replace("on:", "discipline: Priority(preemptive: true), on:"), "");
    exact(&interrupting, "u.mean", 0.1 / 0.7);
    assert!(interrupting.get("s.waiting.mean").is_none());
}

#[test]
fn several_branches_at_once() {
    let page = r#""s": Service(on: { "x": [Parallel([Call("a"), Call("b")])] }),
        "a": Service(on: { "x": [Compute(Exp("50ms"))] }), "b": Service(on: { "x": [Compute(Exp("50ms"))] })"#;
    let two = theory(USERS, page, "");
    exact(&two, "u.mean", (12.0 - 0.4) / 8.0 * 0.05 / 0.6);
    let outside = r#""s": Service(on: { "x": [Parallel(times: 3, need: 2, steps: [Call("a")])] }), "a": External(latency: Exp("60ms"))"#;
    exact(&theory(USERS, outside, ""), "u.mean", 0.05);
    let busy_elsewhere = theory(&format!(r#"{USERS}, "v": Open(to: "a", rate: 1)"#), page, "");
    assert!(busy_elsewhere.get("u.mean").is_none_or(|found| found.quality == Quality::LowerBound));
}

#[test]
fn nobody_may_overtake_in_a_tandem() {
    let components = r#""s": Service(on: { "x": [Compute(Exp("10ms")), Call("m"), Call("t")], "y": [Compute(Exp("10ms")), Call("t")] }),
        "m": Service(on: { "x": [Compute(Exp("20ms"))] }), "t": Service(on: { "x": [Compute(Exp("10ms"))] })"#;
    let both = theory(r#""u": Open(to: "s.x", rate: 40), "v": Open(to: "s.y", rate: 40)"#, components, "");
    exact(&both, "u.mean", 0.1 + 0.05 + 0.05);
    assert!(both.get("u.p99").is_none() && both.get("v.p99").is_none());
    assert!(theory(r#""u": Open(to: "s.x", rate: 40)"#, components, "").get("u.p99").is_some());
}

#[test]
fn faults_and_failures_elsewhere_take_claims_back() {
    let failing = theory(USERS, ONE, r#"faults: [Failures(target: "s", up: Exp("1m"), down: Exp("1s"))]"#);
    assert!(failing.predictions.is_empty() && !failing.unsolved.is_empty());
    // The times of a component are of those that succeed: who fails in `e` depends on who came before.
    let outside = r#""s": Service(on: { "x": [Compute(Exp("100ms")), Call("e")] }), "e": External(latency: "9ms", concurrency: 1)"#;
    let after = theory(USERS, outside, "");
    exact(&after, "s.utilization", 0.8);
    assert!(after.get("s.waiting.mean").is_none() && after.get("u.mean").is_none());
}

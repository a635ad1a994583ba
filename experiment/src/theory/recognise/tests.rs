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
    let limit = with("PowerOfTwo()");
    assert_eq!(limit.get("u.mean").map(|found| found.quality), Some(Quality::Limit));
    let none = with("LeastOutstanding");
    assert!(none.get("u.mean").is_none() && !none.unsolved.is_empty());
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
    assert!(broken.get("u.mean").is_none() && broken.get("d.waiting.mean").is_none());
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
    let bounded = r#""s": Service(concurrency: 3, queue: 2, on: { "x": [Compute(Exp("100ms"))] })"#;
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
    assert!(theory(sources, components, in_turn).get("u.mean").is_none());
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

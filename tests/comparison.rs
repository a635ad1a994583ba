//! Comparisons: what pairing buys, and how often the interval of a difference that is zero holds it.

use crate::support::model as model_of;
use archsim_experiment::compare::{Comparison, Found, compare};
use archsim_experiment::model::Model;
use archsim_experiment::run::Nobody;
use archsim_experiment::sweep::Grid;
use rayon::prelude::*;

fn compared(models: Vec<Model>, metric: &str) -> Comparison {
    let names: Vec<String> = (0..models.len()).map(|n| n.to_string()).collect();
    let points = names.iter().map(|name| vec![name.clone()]).zip(models).collect();
    let grid = Grid { axes: vec![("which".into(), names)], points };
    compare("test", &grid, 0, &[metric.to_owned()], &Nobody)
}

/// Ten servers at load 0.9 behind a balancer.
fn balanced(policy: &str) -> Model {
    model_of(&format!(
        r#"(name: "balanced", run: (duration: "5m", warmup: "30s", replications: 10, seed: 1),
        traffic: {{ "users": Open(to: "lb", rate: 900) }},
        components: {{
            "lb": LoadBalancer(targets: ["web"], policy: {policy}),
            "web": Service(replicas: 10, on: {{ "get": [Compute(Exp("10ms"))] }}),
        }})"#
    ))
}

/// Half the width of the interval of the difference over that of independent runs as long, and the ratio of the standard deviations
/// of the two alternatives.
fn widths(first: &str, second: &str) -> (f64, f64) {
    let found = compared(vec![balanced(first), balanced(second)], "users.mean");
    let half = |low: Option<f64>, high: Option<f64>| (high.unwrap() - low.unwrap()) / 2.0;
    let alone: Vec<f64> = found
        .points
        .points
        .iter()
        .map(|point| point.report.get("users.mean").map(|e| half(e.low, e.high)).unwrap())
        .collect();
    let difference = &found.differences[0].difference;
    (half(difference.low, difference.high) / alone[0].hypot(alone[1]), alone[0].min(alone[1]) / alone[0].max(alone[1]))
}

#[test]
fn pairs_of_good_policies_need_a_ninth_of_the_requests() {
    let (width, _) = widths("PowerOfTwo", "LeastOutstanding");
    assert!(width <= 0.35, "{width}");
}

#[test]
fn a_noisy_policy_sets_the_width_of_its_difference() {
    // Were the errors of both in perfect step, the difference would still keep what the noisier one has more.
    let (width, k) = widths("RoundRobin", "LeastOutstanding");
    let floor = (1.0 - k) / 1.0_f64.hypot(k);
    assert!(width <= 1.15 * floor, "{width} against {floor}");
}

#[test]
fn a_difference_of_zero_is_in_its_interval_as_often_as_promised() {
    // First in first out and random order have the same mean wait in M/M/1, though no request waits the same time in both.
    let model = |discipline: &str, seed: usize| {
        model_of(&format!(
            r#"(name: "order", run: (duration: "8000s", warmup: "100s", replications: 2, seed: {seed}),
            traffic: {{ "users": Open(to: "web", rate: 0.7) }},
            components: {{ "web": Service(discipline: {discipline}, on: {{ "get": [Compute(Exp("1s"))] }}) }})"#
        ))
    };
    let missed = |seed: usize| {
        let found = compared(vec![model("Fifo", seed), model("RandomOrder", seed)], "users.mean");
        let found = found.differences[0].found;
        assert!(!matches!(found, Found::Same | Found::Unknown), "{found:?}");
        usize::from(found != Found::NotDetected)
    };
    let missed: usize = (0..300).into_par_iter().map(missed).sum();
    // 95 % of 300, give or take 3 %.
    assert!((6..=24).contains(&missed), "{missed} of 300 intervals miss");
}

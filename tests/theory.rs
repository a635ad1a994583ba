//! Theory: simulated intervals hold the exact value. Ten replications, a 99.9 % interval, so that a correct engine passes for
//! about every seed; the width is asserted too, so that a wide interval cannot hide an error.

use crate::support::{report, scenario};
use archsim_experiment::core::stats::mean_interval;
use archsim_experiment::metric::Observed;
use archsim_experiment::model::Model;
use archsim_experiment::run::{Nobody, merged, replicate};

/// Checks that the exact value of a metric lies in its 99.9 % interval, which is no wider than `width` times the value.
pub(crate) fn holds(model: &Model, checks: &[(&str, f64, f64)]) {
    let replications: Vec<_> = (0..model.run.replications).filter_map(|r| replicate(model, r, 0, &Nobody)).collect();
    for (name, exact, width) in checks {
        let metric = model.catalogue.find(name).expect("metric");
        let values: Vec<f64> = replications
            .iter()
            .filter_map(|r| merged(std::slice::from_ref(r), 0, &model.plan))
            .filter_map(|row| Observed { row: &row, plan: &model.plan, replications: 1.0 }.value(&metric).0)
            .collect();
        let interval = mean_interval(&values, 0.999).expect("ten values");
        assert!(interval.contains(*exact), "{name}: exact {exact} is outside {} .. {}", interval.low, interval.high);
        assert!(interval.half_width() < width * exact, "{name}: half-width {} is too wide", interval.half_width());
    }
}

/// Probability of waiting in M/M/c (Erlang C), a = offered load.
fn erlang_c(servers: u32, a: f64) -> f64 {
    let mut b = 1.0;
    for n in 1..=servers {
        b = a * b / (f64::from(n) + a * b);
    }
    let rho = a / f64::from(servers);
    b / (1.0 - rho + rho * b)
}

#[test]
fn mm1() {
    let model = scenario(
        r#"duration: "50000s", warmup: "2000s", replications: 10"#,
        r#""u": Open(to: "s", rate: 8)"#,
        r#""s": Service(on: { "x": [Compute(Exp("100ms"))] })"#,
        "",
    );
    let ln = |x: f64| x.ln();
    holds(
        &model,
        &[
            ("u.mean", 0.5, 0.05),
            // Kleinrock I, 3: response times are exponential.
            ("u.p50", 0.5 * ln(2.0), 0.05),
            ("u.p99", 0.5 * ln(100.0), 0.07),
            ("s.utilization", 0.8, 0.01),
            ("s.queue", 3.2, 0.06),
            ("s.in_flight", 4.0, 0.06),
            ("s.waiting.mean", 0.4, 0.06),
        ],
    );
}

#[test]
fn mmc() {
    let model = scenario(
        r#"duration: "30000s", warmup: "1000s", replications: 10"#,
        r#""u": Open(to: "s", rate: 14.4)"#,
        r#""s": Service(cpu: 16, on: { "x": [Compute(Exp("1s"))] })"#,
        "",
    );
    let wait = erlang_c(16, 14.4) / (16.0 - 14.4);
    holds(&model, &[("s.waiting.mean", wait, 0.12), ("u.mean", 1.0 + wait, 0.05), ("s.utilization", 0.9, 0.01)]);
}

#[test]
fn mg1_lognormal_by_pollaczek_khinchine() {
    let model = scenario(
        r#"duration: "250000s", warmup: "2000s", replications: 10"#,
        r#""u": Open(to: "s", rate: 0.7)"#,
        r#""s": Service(on: { "x": [Compute(LogNormal(mean: "1s", cv: 1.5))] })"#,
        "",
    );
    // W = lambda E[S^2] / 2 (1 - rho).
    let wait = 0.7 * (1.0 + 1.5 * 1.5) / (2.0 * 0.3);
    holds(&model, &[("s.waiting.mean", wait, 0.12), ("u.mean", 1.0 + wait, 0.12)]);
}

#[test]
fn mg1_processor_sharing_depends_on_the_mean_only() {
    let model = scenario(
        r#"duration: "120000s", warmup: "1000s", replications: 10"#,
        r#""u": Open(to: "s", rate: 0.8)"#,
        r#""s": Service(discipline: ProcessorSharing, on: { "x": [Compute(Mix([(9, Exp("0.5s")), (1, Exp("5.5s"))]))] })"#,
        "",
    );
    holds(&model, &[("u.mean", 5.0, 0.12), ("s.utilization", 0.8, 0.03)]);
}

#[test]
fn closed_network_by_exact_mean_value_analysis() {
    let model = scenario(
        r#"duration: "20000s", warmup: "500s", replications: 10"#,
        r#""u": Closed(to: "a", users: 10, think: Exp("1s"))"#,
        r#""a": Service(on: { "x": [Compute(Exp("80ms")), Call("b"), Call("c")] }),
           "b": Service(on: { "x": [Compute(Exp("120ms"))] }), "c": Service(on: { "x": [Compute(Exp("50ms"))] })"#,
        "",
    );
    // Reiser & Lavenberg 1980.
    let demands = [0.08, 0.12, 0.05];
    let (mut queue, mut response, mut throughput) = ([0.0; 3], 0.0, 0.0);
    for users in 1..=10 {
        let residence: Vec<f64> = (0..3).map(|k| demands[k] * (1.0 + queue[k])).collect();
        response = residence.iter().sum();
        throughput = f64::from(users) / (1.0 + response);
        (0..3).for_each(|k| queue[k] = throughput * residence[k]);
    }
    holds(
        &model,
        &[("u.mean", response, 0.03), ("u.goodput", throughput, 0.02), ("b.utilization", throughput * 0.12, 0.02)],
    );
}

#[test]
fn lru_hit_ratio_by_che() {
    let model = scenario(
        r#"duration: "400s", warmup: "20s", replications: 10"#,
        r#""u": Open(to: "s", rate: 1000)"#,
        r#""s": Service(on: { "x": [Cached(cache: "c", key: "k", miss: [])] }), "c": Cache(entries: 1000, workers: Unlimited)"#,
        r#"keys: { "k": Zipf(items: 10_000, s: 0.8) }"#,
    );
    let weights: Vec<f64> = (1..=10_000).map(|k| f64::from(k).powf(-0.8)).collect();
    let total: f64 = weights.iter().sum();
    let expected = |t: f64| weights.iter().map(|w| 1.0 - (-w / total * t).exp()).sum::<f64>();
    let (mut low, mut high) = (0.0, 1e6);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if expected(middle) < 1000.0 { low = middle } else { high = middle }
    }
    let hit: f64 = weights.iter().map(|w| w / total * (1.0 - (-w / total * low).exp())).sum();
    // The approximation is within 0.1 points here (Fricker, Robert, Roberts 2012): the interval is tight, so compare with that slack.
    let found = report(&model);
    let found = found.get("c.hit_ratio").and_then(|e| e.value).expect("value");
    assert!((found - hit).abs() < 0.0015, "Che {hit}, simulated {found}");
}

#[test]
fn power_of_two_against_the_supermarket_limit() {
    let model = scenario(
        r#"duration: "600s", warmup: "60s", replications: 10"#,
        r#""u": Open(to: "lb", rate: 90)"#,
        r#""lb": LoadBalancer(targets: ["s"], policy: PowerOfTwo(choices: 2)), "s": Service(replicas: 100, on: { "x": [Compute(Exp("1s"))] })"#,
        "",
    );
    // Mitzenmacher 2001: sum over i >= 1 of rho^(2^i - 2); 100 servers are about 2 % above the limit.
    let limit: f64 = (1..20).map(|i| 0.9f64.powf(2f64.powi(i) - 2.0)).sum();
    let found = report(&model);
    let mean = found.get("u.mean").and_then(|e| e.value).expect("value");
    assert!(mean > limit * 0.99 && mean < limit * 1.05, "limit {limit}, simulated {mean}");
}

//! Disciplines: a sample path worked out by hand for each, and the exact means of the textbooks.

use crate::support::{report, scenario, value};
use crate::theory::holds;

/// Four requests at 0, 1, 2 and 3 s (after the hundredth second) with 4, 2, 1 and 3 s of work: when each is done.
fn completions(station: &str, priorities: [u8; 4]) -> Vec<f64> {
    let (mut traffic, mut components) = (String::new(), String::new());
    for (index, priority) in priorities.iter().enumerate() {
        let to = format!("to: \"d{index}\", rate: 0.01, arrivals: Deterministic, priority: {priority}");
        traffic += &format!("\"u{index}\": Open({to}), ");
        components += &format!("\"d{index}\": Service(on: {{ \"x\": [Wait(\"{index}s\"), Call(\"s.x{index}\")] }}), ");
    }
    let on = r#"{ "x0": [Compute("4s")], "x1": [Compute("2s")], "x2": [Compute("1s")], "x3": [Compute("3s")] }"#;
    components += &format!("\"s\": Service({station}, on: {on})");
    let r = report(&scenario(r#"duration: "150s", warmup: "0s", replications: 1"#, &traffic, &components, ""));
    (0..4).map(|index| (value(&r, &format!("u{index}.mean")) * 1e6).round() / 1e6).collect()
}

#[test]
fn every_discipline_follows_its_path() {
    let same = [0; 4];
    let cases: &[(&str, [u8; 4], [f64; 4])] = &[
        ("discipline: Fifo", same, [4.0, 6.0, 7.0, 10.0]),
        ("discipline: Fifo, cpu: 2", same, [4.0, 3.0, 4.0, 7.0]),
        ("discipline: Lifo", same, [4.0, 10.0, 8.0, 7.0]),
        ("discipline: Lifo(preemptive: true)", same, [10.0, 7.0, 3.0, 6.0]),
        ("discipline: Priority", [2, 1, 2, 0], [4.0, 9.0, 10.0, 7.0]),
        // 0 runs to 1, 1 from 1 to 3, 3 from 3 to 6; then 0 goes on, before 2, which came later.
        ("discipline: Priority(preemptive: true)", [2, 1, 2, 0], [9.0, 3.0, 10.0, 6.0]),
        // On two cores 1 is done when 3 comes: nobody is interrupted.
        ("discipline: Priority(preemptive: true), cpu: 2", [2, 1, 2, 0], [4.0, 3.0, 5.0, 6.0]),
        ("discipline: ShortestFirst", same, [4.0, 7.0, 5.0, 10.0]),
        // At 2 the size of 1 is 2 although 1 s is left of it: 2 interrupts. 0 has 3 left and counts as 4: it is last.
        ("discipline: ShortestFirst(preemptive: true)", same, [10.0, 4.0, 3.0, 7.0]),
        ("discipline: ShortestRemaining", same, [7.0, 3.0, 4.0, 10.0]),
        ("discipline: ProcessorSharing", same, [9.0 + 1.0 / 6.0, 7.0 + 1.0 / 6.0, 5.0 + 2.0 / 3.0, 10.0]),
        // Each is alone at first (1 s each): at 3 the third is done, 0 and 1 have 1 s each, and 3 gets its first second by 4. Then
        // three share: 1 is done at 7, and the others share what is left, 2 and 1 seconds: 3 at 9, 0 at 10.
        ("discipline: LeastAttained", same, [10.0, 7.0, 3.0, 9.0]),
    ];
    let mut wrong = vec![];
    for (station, priorities, expected) in cases {
        let found = completions(station, *priorities);
        if found.iter().zip(expected).any(|(found, expected)| (found - expected).abs() > 1e-6) {
            wrong.push(format!("{station}: {found:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn weights_split_a_core_in_their_proportion() {
    // 0 alone to 1; then 3 : 1 until 1 has its 2 s at 3 2/3, if nobody came. At 2, weights 3, 3 and 1 come to 7.
    let found = completions("discipline: ProcessorSharing(weights: { 0: 3, 1: 1 })", [1, 0, 0, 1]);
    // From 1: 0 at 1/4, 1 at 3/4. From 2: 0 at 1/7, 1 and 2 at 3/7. From 3: 0 and 3 at 1/8, 1 and 2 at 3/8.
    // 2 has 4/7 left at 3: done at 3 + 32/21. 1 had 2 - 3/4 - 3/7 = 23/28 at 3, 1/4 at 95/21: at 3/5 done after 5/12.
    // 0 had 4 - 1 - 1/4 - 1/7 = 73/28 at 3, then loses 4/21 and 1/12; 3 had 3, and loses the same; then both at a half.
    let (second, first) = (3.0 + 32.0 / 21.0, 3.0 + 32.0 / 21.0 + 5.0 / 12.0);
    let left = 73.0 / 28.0 - 4.0 / 21.0 - 1.0 / 12.0;
    let expected = [first + 2.0 * left, first, second, 10.0];
    let close = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6);
    assert!(close, "{found:?}, expected {expected:?}");
}

/// M/M/1 with rate 0.8 and mean 1, with these settings.
fn mm1(discipline: &str, metrics: &[(&str, f64, f64)]) {
    let model = scenario(
        r#"duration: "40000s", warmup: "1000s", replications: 10"#,
        r#""u": Open(to: "s", rate: 0.8)"#,
        &format!(r#""s": Service(discipline: {discipline}, on: {{ "x": [Compute(Exp("1s"))] }})"#),
        "",
    );
    holds(&model, metrics);
}

#[test]
fn disciplines_by_size_against_their_exact_means() {
    // Schrage and Miller 1966; Kleinrock II, 4.6 and 4.7: integrals over the sizes, evaluated to ten digits elsewhere.
    mm1("ShortestRemaining", &[("u.mean", 2.3527732703, 0.05), ("s.utilization", 0.8, 0.02)]);
    mm1("ShortestFirst(preemptive: true)", &[("u.mean", 2.65889682201, 0.05)]);
    mm1("ShortestFirst", &[("u.mean", 2.88221861624, 0.05)]);
    // With exponential work all that are blind to size have the same mean.
    mm1("LeastAttained", &[("u.mean", 5.0, 0.1), ("s.utilization", 0.8, 0.02)]);
    mm1("RandomOrder", &[("u.mean", 5.0, 0.1)]);
    mm1("Lifo", &[("s.waiting.mean", 4.0, 0.2), ("s.waiting.p50", 0.58643616897, 0.1)]);
    mm1("Lifo(preemptive: true)", &[("u.mean", 5.0, 0.1)]);
}

#[test]
fn random_order_has_the_variance_of_the_textbook() {
    // Kingman 1962: in M/M/1 the second moment of the wait is 2 / (2 - rho) times that of first in, first out. For rho = 0.5 and mean 1,
    // E[W^2] = 2 rho / (1 - rho)^2 = 4, and 4 * 4 / 3 with random order; its p99 lies above that of Fifo (7.82) and below that of Lifo.
    let p99 = |discipline: &str| {
        let model = scenario(
            r#"duration: "60000s", warmup: "1000s", replications: 5"#,
            r#""u": Open(to: "s", rate: 0.8)"#,
            &format!(r#""s": Service(discipline: {discipline}, on: {{ "x": [Compute(Exp("1s"))] }})"#),
            "",
        );
        value(&report(&model), "s.waiting.p99")
    };
    let (fifo, random, lifo) = (p99("Fifo"), p99("RandomOrder"), p99("Lifo"));
    assert!(fifo * 1.1 < random && random < lifo * 0.8, "{fifo} {random} {lifo}");
}

#[test]
fn priorities_on_one_and_several_cores() {
    let model = scenario(
        r#"duration: "100000s", warmup: "1000s", replications: 10"#,
        r#""a": Open(to: "s", rate: 0.3, priority: 1), "b": Open(to: "s", rate: 0.5, priority: 2)"#,
        r#""s": Service(discipline: Priority, on: { "x": [Compute(Exp("1s"))] })"#,
        "",
    );
    // Cobham 1954.
    holds(&model, &[("a.mean", 1.0 + 0.8 / 0.7, 0.05), ("b.mean", 1.0 + 0.8 / (0.7 * 0.2), 0.1)]);
    let model = scenario(
        r#"duration: "40000s", warmup: "1000s", replications: 10"#,
        r#""a": Open(to: "s", rate: 0.9, priority: 1), "b": Open(to: "s", rate: 1.5, priority: 2)"#,
        r#""s": Service(cpu: 3, discipline: Priority(preemptive: true), on: { "x": [Compute(Exp("1s"))] })"#,
        "",
    );
    // The urgent see M/M/3 alone; all together are M/M/3 (exponential work: who is interrupted does not matter for the number inside).
    holds(&model, &[("a.mean", 1.0333470564, 0.02), ("b.mean", 2.70583446279, 0.08)]);
}

#[test]
fn sharing_several_cores() {
    let model = scenario(
        r#"duration: "20000s", warmup: "500s", replications: 10"#,
        r#""u": Open(to: "s", rate: 3.4)"#,
        r#""s": Service(cpu: 4, discipline: ProcessorSharing, on: { "x": [Compute(Exp("1s"))] })"#,
        "",
    );
    // M/M/4 has the same number inside.
    holds(&model, &[("u.mean", 2.14886036947, 0.1), ("s.utilization", 0.85, 0.02)]);
}

#[test]
fn weighted_sharing_by_fayolle() {
    let model = scenario(
        r#"duration: "60000s", warmup: "1000s", replications: 10"#,
        r#""a": Open(to: "s", rate: 0.4, priority: 0), "b": Open(to: "s", rate: 0.4, priority: 1)"#,
        r#""s": Service(discipline: ProcessorSharing(weights: { 0: 4, 1: 1 }), on: { "x": [Compute(Exp("1s"))] })"#,
        "",
    );
    let (t_a, t_b) = discriminatory(0.4, 0.4, 4.0, 1.0);
    holds(&model, &[("a.mean", t_a, 0.1), ("b.mean", t_b, 0.1)]);
}

/// Mean sojourn times of two classes with exponential work of mean 1 under discriminatory processor sharing (Fayolle, Mitrani and
/// Iasnogorodski 1980): `W_k = 1 + sum over j of l_j g_j / (g_j + g_k) (W_j + W_k)`.
fn discriminatory(l1: f64, l2: f64, g1: f64, g2: f64) -> (f64, f64) {
    let (of_1, of_2) = (g1 / (g1 + g2), g2 / (g1 + g2));
    // As two linear equations: the class itself counts half, twice.
    let (m11, m12, m21, m22) = (1.0 - l1 - l2 * of_2, -l2 * of_2, -l1 * of_1, 1.0 - l2 - l1 * of_1);
    let determinant = m11 * m22 - m12 * m21;
    ((m22 - m12) / determinant, (m11 - m21) / determinant)
}

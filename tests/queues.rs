//! What happens at queues beside serving them: pauses, breakdowns, vacations, cold starts, unequal cores, impatience, reserves,
//! feedback and batches. Sample paths by hand, and the exact values of the textbooks.

use crate::support::{report, scenario, value};
use crate::theory::holds;
use archsim_experiment::model::Model;

/// One service `s` with these settings and one open source `u`.
fn one(duration: &str, rate: f64, settings: &str, steps: &str) -> Model {
    scenario(
        &format!(r#"duration: "{duration}", warmup: "1000s", replications: 10"#),
        &format!(r#""u": Open(to: "s", rate: {rate})"#),
        &format!(r#""s": Service({settings} on: {{ "x": [{steps}] }})"#),
        "",
    )
}

/// Requests at these seconds after the hundredth, each with its steps on `s`: the mean latency of each.
fn path(at: &[f64], settings: &str, steps: &[&str], more: &str) -> Vec<f64> {
    let (mut traffic, mut components, mut on) = (String::new(), String::new(), String::new());
    for (index, at) in at.iter().enumerate() {
        traffic += &format!("\"u{index}\": Open(to: \"d{index}\", rate: 0.01, arrivals: Deterministic), ");
        components += &format!("\"d{index}\": Service(on: {{ \"x\": [Wait(\"{at}s\"), Call(\"s.x{index}\")] }}), ");
        on += &format!("\"x{index}\": [{}], ", steps[index % steps.len()]);
    }
    components += &format!("\"s\": Service({settings} on: {{ {on} }})");
    let r = report(&scenario(r#"duration: "150s", warmup: "0s", replications: 1"#, &traffic, &components, more));
    (0..at.len()).map(|index| (value(&r, &format!("u{index}.mean")) * 1e6).round() / 1e6).collect()
}

#[test]
fn work_stands_still_in_a_pause_and_goes_on_where_it_was() {
    let pause = r#"faults: [Pause(target: "s", at: "102s", for: "3s")]"#;
    assert_eq!(path(&[0.0, 1.5, 3.0], "", &[r#"Compute("1s")"#], pause), vec![1.0, 5.5, 6.5]);
    // The same from settings: up to 102 s, then down for 3 s.
    let pauses = r#"pauses: (up: "102s", down: "3s"),"#;
    assert_eq!(path(&[0.0, 1.5, 3.0], pauses, &[r#"Compute("1s")"#], ""), vec![1.0, 5.5, 6.5]);
    let shared = r#"discipline: ProcessorSharing,"#;
    // Alone for half a second; from 5 s on two share: the first has half a second left and needs one.
    assert_eq!(path(&[0.0, 1.5, 3.0], shared, &[r#"Compute("1s")"#], pause), vec![1.0, 6.0, 6.5]);
}

#[test]
fn a_core_that_breaks_down_hands_its_work_to_another() {
    // Two cores, up for 102 s and down for 10: both break down at 102 and come back at 112, with 1 s left to do.
    let pauses = r#"cpu: 2, pauses: (up: "102s", down: "10s", each: Core),"#;
    assert_eq!(path(&[0.0, 1.0], pauses, &[r#"Compute("3s")"#], ""), vec![13.0, 14.0]);
}

#[test]
fn a_cold_core_starts_when_somebody_waits() {
    // Off; the start takes 5 s. The second comes during the first's work, the third after the core has gone off again.
    let cold = r#"cold_start: (time: "5s"),"#;
    assert_eq!(path(&[0.0, 5.5, 8.0], cold, &[r#"Compute("1s")"#], ""), vec![6.0, 7.0, 14.0]);
    let kept = r#"cold_start: (time: "5s", keep: "2s"),"#;
    assert_eq!(path(&[0.0, 5.5, 8.0], kept, &[r#"Compute("1s")"#], ""), vec![6.0, 7.0, 9.0]);
}

#[test]
fn requests_that_lose_patience_leave() {
    // The first is served from 0 to 4; the second leaves at 3; the third waits one second only.
    let found = path(&[0.0, 1.0, 3.0], r#"patience: "2s","#, &[r#"Compute("4s")"#], "");
    assert_eq!(found, vec![4.0, 3.0, 8.0]);
    let found = path(&[0.0, 1.0, 3.0], r#"concurrency: 1, patience: "2s","#, &[r#"Wait("4s")"#], "");
    assert_eq!(found, vec![4.0, 3.0, 8.0]);
}

#[test]
fn batches_leave_when_they_are_full_or_old() {
    let batch = r#"Batch(max: 3, linger: "1s", steps: [])"#;
    let found = path(&[0.0, 0.4, 2.0, 2.1, 2.2, 2.3, 5.0], "", &[batch], "");
    // Each has its own endpoint and so its own step: alone, after a second.
    assert_eq!(found, vec![1.0, 1.4, 3.0, 3.1, 3.2, 3.3, 6.0]);
    let (mut traffic, mut components) = (String::new(), String::new());
    for (index, at) in [0.0, 0.4, 2.0, 2.1, 2.2, 2.3, 5.0].iter().enumerate() {
        traffic += &format!("\"u{index}\": Open(to: \"d{index}\", rate: 0.01, arrivals: Deterministic), ");
        components += &format!("\"d{index}\": Service(on: {{ \"x\": [Wait(\"{at}s\"), Call(\"s\")] }}), ");
    }
    components += &format!("\"s\": Service(on: {{ \"x\": [{batch}] }})");
    let r = report(&scenario(r#"duration: "150s", warmup: "0s", replications: 1"#, &traffic, &components, ""));
    let done: Vec<f64> = (0..7).map(|index| (value(&r, &format!("u{index}.mean")) * 1e6).round() / 1e6).collect();
    assert_eq!(done, vec![1.0, 1.0, 2.2, 2.2, 2.2, 3.3, 6.0]);
}

#[test]
fn breakdowns_by_the_matrix_of_the_chain() {
    // M/M/1 with exponential times up and down, work resumed (White and Christie 1958).
    let model = one("100000s", 0.6, r#"pauses: (up: Exp("50s"), down: Exp("5s")),"#, r#"Compute(Exp("1s"))"#);
    holds(&model, &[("u.mean", 4.57219251337, 0.1), ("s.availability", 1.0 / 1.1, 0.01)]);
}

#[test]
fn vacations_add_their_residual() {
    // Levy and Yechiali 1975: the wait of M/M/1 and the mean residual vacation.
    let model = one("40000s", 0.7, r#"vacation: (time: Exp("2s")),"#, r#"Compute(Exp("1s"))"#);
    holds(&model, &[("s.waiting.mean", 0.7 / 0.3 + 2.0, 0.1)]);
    // A single vacation of V (Doshi 1986): the residual counts with probability P, that of an arrival in it, or not.
    let model = one("40000s", 0.7, r#"vacation: (time: Exp("2s"), repeat: false),"#, r#"Compute(Exp("1s"))"#);
    let (rate, none) = (0.7, 1.0 / 2.4); // No arrival in an exponential vacation of mean 2.
    let residual = rate * 8.0 / (2.0 * (none + rate * 2.0));
    holds(&model, &[("s.waiting.mean", 0.7 / 0.3 + residual, 0.12)]);
}

#[test]
fn cold_starts_on_one_and_two_cores() {
    let model = one("40000s", 0.6, r#"cold_start: (time: "5s"),"#, r#"Compute(Exp("1s"))"#);
    holds(&model, &[("u.mean", 5.625, 0.05)]);
    let model = one("60000s", 1.0, r#"cpu: 2, cold_start: (time: Exp("5s")),"#, r#"Compute(Exp("1s"))"#);
    let starting = ("s.cores.starting", 0.71351824203, 0.05);
    holds(&model, &[("u.mean", 4.40395562123, 0.05), ("s.cores.on", 1.0, 0.05), starting]);
}

#[test]
fn unequal_cores_take_the_fastest_idle() {
    let model = one("40000s", 1.4, r#"cpu: 2, core_speed: [1.5, 0.5],"#, r#"Compute(Exp("1s"))"#);
    holds(&model, &[("u.mean", 1.97916666667, 0.05), ("s.utilization", (0.6934375 + 0.7196875) / 2.0, 0.02)]);
}

#[test]
fn impatience_exponential_and_fixed() {
    // Palm's M/M/c+M and Barrer's M/M/c+D.
    let model = one("10000s", 12.0, r#"cpu: 10, patience: Exp("2s"),"#, r#"Compute(Exp("1s"))"#);
    holds(
        &model,
        &[
            ("s.reneged", 0.195655944011, 0.05),
            ("s.waiting.positive", 0.850384947915, 0.02),
            ("s.waiting.all.mean", 0.391311888021, 0.05),
            ("s.waiting.mean", 0.400833695424, 0.05),
            ("s.utilization", 0.965212867187, 0.01),
        ],
    );
    let model = one("10000s", 5.5, r#"cpu: 5, patience: "1s","#, r#"Compute(Exp("1s"))"#);
    holds(&model, &[("s.reneged", 0.161294691804, 0.05), ("s.waiting.mean", 0.409746540486, 0.05)]);
}

#[test]
fn discouraged_arrivals_and_reserves() {
    // Rates 2 / (n + 1) and work of mean 1: Poisson with mean 2; goodput 1 - exp(-2).
    let model = one("20000s", 2.0, "join: Discouraged,", r#"Compute(Exp("1s"))"#);
    holds(&model, &[("u.goodput", 1.0 - (-2.0f64).exp(), 0.02), ("s.in_flight", 2.0, 0.05)]);
    let model = scenario(
        r#"duration: "10000s", warmup: "100s", replications: 10"#,
        r#""a": Open(to: "s", rate: 6, priority: 0), "b": Open(to: "s", rate: 4, priority: 1)"#,
        r#""s": Service(cpu: 10, concurrency: 10, queue: 0, reserve: { 1: 2 }, on: { "x": [Compute(Exp("1s"))] })"#,
        "",
    );
    holds(&model, &[("a.errors", 0.0994415890713, 0.05), ("b.errors", 0.513781543535, 0.02)]);
}

#[test]
fn feedback_joins_the_end_of_the_queue_again() {
    let model = one("60000s", 0.6, "", r#"Repeat(while: "25%", steps: [Compute(Exp("1s"))])"#);
    holds(&model, &[("u.mean", 1.0 / 0.15, 0.15), ("s.utilization", 0.8, 0.02), ("s.in_flight", 4.0, 0.15)]);
}

#[test]
fn bulk_service_and_producer_batching() {
    let model = one("40000s", 2.5, "", r#"Batch(max: 4, at_once: 1, steps: [Compute(Exp("1s"))])"#);
    holds(
        &model,
        &[
            ("u.mean", 2.70713145203, 0.05),
            ("s.waiting.mean", 1.70713145203, 0.08),
            ("s.batch.mean", 2.67940146429, 0.02),
        ],
    );
    let model = one("10000s", 10.0, "", r#"Batch(max: 20, linger: "1s", steps: [])"#);
    let rate = ("s.batch.rate", 0.909606287755, 0.02);
    holds(&model, &[("s.waiting.mean", 0.544586553369, 0.02), ("s.batch.mean", 10.9937674515, 0.02), rate]);
}

#[test]
fn crashes_and_cancellations_leave_nothing_behind() {
    // Conservation and the account of time are asserted at the end of every run.
    let settings = [
        r#"cpu: 2, discipline: ShortestRemaining,"#,
        r#"cpu: 2, discipline: LeastAttained,"#,
        r#"cpu: 2, discipline: RandomOrder, patience: Exp("20ms"),"#,
        r#"cpu: 2, cold_start: (time: Exp("30ms")), patience: Exp("50ms"),"#,
        r#"cpu: 2, vacation: (time: Exp("5ms")), discipline: Lifo(preemptive: true),"#,
        r#"cpu: 2, pauses: (up: Exp("200ms"), down: Exp("20ms"), each: Core), core_speed: [1.5, 0.5], assign: RandomIdle,"#,
        r#"cpu: 2, concurrency: 4, queue: 5, admission: Priority, reserve: { 1: 1 }, join: ByPresent([1, 0.9]), patience: "10ms","#,
    ];
    let faults = r#"faults: [Pause(target: "s", at: "1s", for: "300ms"), Crash(target: "s", at: "1200ms", for: "300ms"), Slow(target: "s", at: "2s", for: "200ms", factor: 3)]"#;
    for settings in settings {
        let steps = r#"Compute(Exp("10ms")), Batch(max: 3, linger: "2ms", steps: [Compute(Exp("1ms"))], each: [Wait("1ms"), Fail("2%")])"#;
        let model = scenario(
            r#"duration: "4s", warmup: "0s", replications: 2"#,
            r#""u": Open(to: "s", rate: 120, timeout: "60ms"), "v": Open(to: "s", rate: 60, priority: 1)"#,
            &format!(r#""s": Service(replicas: 2, {settings} on: {{ "x": [{steps}] }})"#),
            &format!(r#"edges: {{ "* -> s": (cancel: true) }}, {faults}"#),
        );
        let (first, second) = (report(&model), report(&model));
        assert_eq!(first.summary, second.summary, "{settings}");
        assert!(value(&first, "u.goodput") > 20.0, "{settings}: {}", value(&first, "u.goodput"));
    }
}

#[test]
fn slowdown_is_time_against_work_alone_and_waiting_is_had_by_class() {
    // Two come at once and share a core: 1 s of work ends at 2 s, 3 s of work at 4 s, every 10 s. Slowdowns 2 and 4/3.
    let sources = r#""a": Open(to: "s.short", rate: 0.1, arrivals: Deterministic),
                     "b": Open(to: "s.long", rate: 0.1, arrivals: Deterministic)"#;
    let of = |discipline: &str, metrics: &[(&str, f64)]| {
        let service = format!(
            r#""s": Service(discipline: {discipline}, on: {{ "short": [Compute("1s")], "long": [Compute("3s")] }})"#
        );
        let slos: Vec<String> = metrics
            .iter()
            .map(|(metric, _)| {
                format!(
                    "\"{metric} >= {}\"",
                    if metric.starts_with("s.") || metric.ends_with("share") { "0" } else { "0s" }
                )
            })
            .collect();
        let more = format!("slos: [{}]", slos.join(", "));
        let run = r#"duration: "105s", warmup: "0s", replications: 1"#;
        let report = report(&scenario(run, sources, &service, &more));
        for (slo, (metric, expected)) in report.slos.iter().zip(metrics) {
            let found = slo.measured.value.unwrap_or(f64::NAN);
            assert!((found - expected).abs() < 1e-9, "{metric}: {found}, expected {expected}");
        }
    };
    of(
        "ProcessorSharing",
        &[
            ("s.slowdown.mean", (2.0 + 4.0 / 3.0) / 2.0),
            ("s.slowdown.max", 2.0),
            ("a.waiting.mean", 0.0),
            ("s[0].share", 1.0),
        ],
    );
    of("Fifo", &[("a.waiting.mean", 0.0), ("b.waiting.mean", 1.0), ("s.slowdown.mean", 0.5 * (1.0 + 4.0 / 3.0))]);
}

#[test]
fn every_instance_has_its_own_times() {
    // One replica is twice as slow; round robin sends one of four requests to each.
    let service = r#""s": Service(replicas: 2, speed: [1, 0.5], on: { "x": [Compute("1s")] }),
                     "lb": LoadBalancer(targets: ["s"], policy: RoundRobin)"#;
    let slos = r#"slos: ["s[0].sojourn.mean >= 0s", "s[1].sojourn.mean >= 0s", "s[1].share >= 0",
                         "s[1].utilization >= 0", "s[0].throughput >= 0/s"]"#;
    let traffic = r#""u": Open(to: "lb", rate: 0.1, arrivals: Deterministic)"#;
    let report = report(&scenario(r#"duration: "105s", warmup: "0s", replications: 1"#, traffic, service, slos));
    let found: Vec<f64> = report.slos.iter().map(|slo| slo.measured.value.unwrap_or(f64::NAN)).collect();
    let expected = [1.0, 2.0, 0.5, 10.0 / 105.0, 5.0 / 105.0];
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?} {expected:?}");
}

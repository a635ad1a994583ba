use crate::check::check;
use crate::model::Model;
use crate::report::{Report, Status, Verdict};
use crate::run::{Nobody, run};
use archsim_language::Source;

fn model(sections: &str) -> Model {
    let text = format!(r#"(name: "case", run: (duration: "2000s", replications: 4), {sections})"#);
    let checked = check(&Source::new("case", text), &|name| Err(format!("no file {name}")));
    let findings = format!("{:?}", checked.findings);
    checked.model.expect(&findings)
}

fn queue(law: &str, more: &str) -> Model {
    model(&format!(
        r#"traffic: {{ "u": Open(to: "s", rate: 0.3) }},
           components: {{ "s": Service({more} on: {{ "x": [Compute({law})] }}) }}"#
    ))
}

/// Whether metrics have no interval, one letter each: "n" no mean, "w" without interval, "-" with one.
fn marks(model: &Model, metrics: &[&str]) -> String {
    let mark = |name: &&str| {
        let metric = model.catalogue.find(name).expect("the metric");
        match (model.heavy.without_mean(&metric), model.heavy.without_interval(&metric)) {
            (true, _) => 'n',
            (_, true) => 'w',
            _ => '-',
        }
    };
    metrics.iter().map(mark).collect()
}

const QUEUE: [&str; 6] = ["u.mean", "s.waiting.mean", "s.service.mean", "s.utilization", "u.p99", "u.rate"];

#[test]
fn a_queue_needs_the_second_moment_for_a_mean_and_the_fourth_for_an_interval() {
    let marks = |alpha: f64| marks(&queue(&format!("Pareto(\"1s\", {alpha})"), ""), &QUEUE);
    assert_eq!(marks(1.6), "nnwww-");
    assert_eq!(marks(2.0), "nnwww-");
    assert_eq!(marks(2.5), "ww----");
    assert_eq!(marks(4.0), "ww----");
    assert_eq!(marks(4.1), "------");
}

#[test]
fn shared_servers_limits_and_patience_make_a_queue_need_less() {
    for more in [
        "discipline: ProcessorSharing(),",
        "discipline: ShortestRemaining,",
        "discipline: LeastAttained,",
        "discipline: Lifo(preemptive: true),",
        "discipline: ShortestFirst(preemptive: true),",
        "concurrency: 1, queue: 5,",
    ] {
        let marks = |alpha: f64| marks(&queue(&format!("Pareto(\"1s\", {alpha})"), more), &QUEUE[..4]);
        assert_eq!((marks(1.6), marks(2.5)), ("wwww".into(), "----".into()), "{more}");
    }
}

#[test]
fn without_interruption_the_order_does_not_matter() {
    for more in ["Lifo()", "RandomOrder", "ShortestFirst()", "Priority()", "Priority(preemptive: true)"] {
        let more = format!("discipline: {more},");
        let marks = |alpha: f64| marks(&queue(&format!("Pareto(\"1s\", {alpha})"), &more), &QUEUE[..4]);
        assert_eq!((marks(1.6), marks(2.5), marks(4.1)), ("nnww".into(), "ww--".into(), "----".into()), "{more}");
    }
}

/// A caller with a resource that it holds while it waits for an answer, which takes 1.5 s on average or more.
fn holding(caller: &str, edge: &str, rate: f64, alpha: f64) -> Model {
    model(&format!(
        r#"traffic: {{ "u": Open(to: "web", rate: {rate}) }},
           components: {{
               "web": Service({caller}),
               "far": External(latency: Pareto("500ms", {alpha})),
           }},
           edges: {{ "web -> far": ({edge}) }}"#
    ))
}

const HELD: [&str; 4] = ["u.mean", "web.waiting.mean", "web -> far.pool_wait.mean", "far.sojourn.mean"];
const CALL: &str = r#"on: { "x": [Call("far")] }"#;

#[test]
fn whoever_waits_for_a_connection_waits_for_the_calls_before() {
    let pool = |size: u32, rate: f64, alpha: f64| holding(CALL, &format!("pool: {size}"), rate, alpha);
    let of = |size, rate, alpha| marks(&pool(size, rate, alpha), &HELD);
    // One connection is one server: the fourth moment is needed, although the delay itself has its second.
    assert_eq!(of(1, 0.1, 3.0), "w-w-");
    assert_eq!(of(1, 0.1, 4.1), "----");
    assert_eq!(of(1, 0.1, 1.8), "n-nw");
    // Ten of which the load holds none on average, and ten of which it holds nine (12 per second for 0.75 s): one is to spare.
    assert_eq!((of(10, 0.1, 3.0), of(10, 12.0, 3.0)), ("----".into(), "w-w-".into()));
    let cause = &pool(1, 0.1, 3.0).heavy.causes;
    assert_eq!(cause.len(), 1, "{cause:?}");
    assert_eq!((cause[0].of, cause[0].no_mean), ("work", false));
}

#[test]
fn whoever_waits_for_a_lock_or_a_slot_waits_for_the_calls_before() {
    let lock = r#"on: { "x": [Hold(lock: "it", steps: [Call("far")])] }"#;
    let slot = format!("concurrency: 1, {CALL}");
    let bounded = r#"concurrency: 5, on: { "x": [Hold(lock: "it", steps: [Call("far")])] }"#;
    for caller in [lock, &slot] {
        let of = |alpha| marks(&holding(caller, "", 0.1, alpha), &HELD[..2]);
        assert_eq!((of(1.8), of(3.0), of(4.1)), ("nn".into(), "ww".into(), "--".into()), "{caller}");
    }
    // Slots keep the queue of the lock short, and have their own.
    assert_eq!(marks(&holding(bounded, "", 0.1, 1.5), &HELD[..2]), "ww");
}

#[test]
fn whoever_waits_for_the_fill_of_a_key_waits_for_a_rest_of_it() {
    let of = |alpha: f64, coalesce: bool| {
        let model = model(&format!(
            r#"traffic: {{ "u": Open(to: "web", rate: 1) }},
               keys: {{ "k": Uniform(items: 9) }},
               components: {{
                   "web": Service(on: {{ "x": [Cached(cache: "c", key: "k", miss: [Call("far")])] }}),
                   "c": Cache(entries: 5, coalesce: {coalesce}),
                   "far": External(latency: Pareto("100ms", {alpha})),
               }}"#
        ));
        marks(&model, &["u.mean", "c.sojourn.mean", "far.sojourn.mean"])
    };
    assert_eq!((of(3.0, true), of(3.0, false)), ("ww-".into(), "---".into()));
    assert_eq!((of(1.8, true), of(1.8, false)), ("nnw".into(), "w-w".into()));
}

#[test]
fn only_the_law_that_is_responsible_is_named() {
    let model = model(
        r#"traffic: { "u": Open(to: "a", rate: 0.1) },
           components: {
               "a": Service(on: { "x": [Compute(Pareto("1s", 5)), Call("b")] }),
               "b": Service(on: { "x": [Compute(Pareto("1s", 2.5))] }),
           }"#,
    );
    let named: Vec<&str> =
        model.heavy.causes.iter().map(|cause| super::words::name(&model.plan, cause.place)).collect();
    assert_eq!(named, ["b"]);
}

#[test]
fn a_standard_deviation_needs_twice_as_many_moments() {
    let model = queue("Pareto(\"1s\", 3.5)", "discipline: ProcessorSharing(),");
    assert_eq!(marks(&model, &["u.mean", "u.sd"]), "-w");
    assert_eq!(model.heavy.causes, []);
}

#[test]
fn spare_servers_help() {
    // Two cores, of which the load needs 0.5: a wait with the moments of two independent ones.
    let two = queue("Pareto(\"1s\", 2.5)", "cpu: 2,");
    assert_eq!(marks(&two, &QUEUE[..4]), "ww--");
    let four = queue("Pareto(\"1s\", 2.5)", "cpu: 4,");
    assert_eq!(marks(&four, &QUEUE[..4]), "----");
}

#[test]
fn no_other_law_is_heavy() {
    for law in [
        "Exp(\"1s\")",
        "LogNormal(mean: \"1s\", cv: 20)",
        "Weibull(shape: 0.3, scale: \"100ms\")",
        "Mix([(0.9, Exp(\"100ms\")), (0.1, Exp(\"9s\"))])",
        "Pareto(min: \"100ms\", alpha: 1.1, max: \"1000s\")",
    ] {
        let model = queue(law, "");
        assert_eq!((marks(&model, &QUEUE), model.heavy.causes.len()), ("------".into(), 0), "{law}");
    }
}

#[test]
fn a_delay_is_heavy_for_whom_it_delays_only() {
    let model = model(
        r#"traffic: { "u": Open(to: "web", rate: 1, mix: { "far": 1, "near": 1 }) },
           components: {
               "web": Service(on: { "far": [Compute("1ms"), Call("away")], "near": [Compute("1ms")] }),
               "away": External(latency: Pareto("1ms", 1.5)),
           }"#,
    );
    let metrics = ["u.mean", "u.far.mean", "u.near.mean", "away.sojourn.mean", "web.utilization", "web.waiting.mean"];
    assert_eq!(marks(&model, &metrics), "ww-w--");
}

#[test]
fn a_time_out_ends_a_delay_and_the_work_only_if_that_is_stopped() {
    let of = |edge: &str| {
        let model = model(&format!(
            r#"traffic: {{ "u": Open(to: "web", rate: 0.1) }},
               components: {{
                   "web": Service(on: {{ "x": [Call("s")] }}),
                   "s": Service(on: {{ "x": [Compute(Pareto("1s", 1.8))] }}),
               }},
               edges: {{ "web -> s": (timeout: "9s", {edge}) }}"#
        ));
        marks(&model, &["u.mean", "s.waiting.mean", "s.utilization"])
    };
    assert_eq!((of("cancel: true"), of("cancel: false")), ("---".into(), "wnw".into()));
}

#[test]
fn gaps_and_thinking_decide_about_rates() {
    let open = model(
        r#"traffic: { "u": Open(to: "s", rate: 0.3, arrivals: Renewal(Pareto("1s", 1.5))) },
           components: { "s": Service(on: { "x": [Compute("1s")] }) }"#,
    );
    assert_eq!(marks(&open, &["u.rate", "s.utilization", "s.in_flight", "u.mean", "u.p99"]), "www--");
    let closed = model(
        r#"traffic: { "u": Closed(to: "s", users: 3, think: "1s") },
           components: { "s": Service(on: { "x": [Compute(Pareto("1s", 1.8))] }) }"#,
    );
    assert_eq!(marks(&closed, &["u.goodput", "u.mean", "s.throughput", "u.p99"]), "www-");
}

#[test]
fn the_report_shows_values_without_intervals_and_says_why() {
    let model = model(
        r#"slos: ["u.mean < 1000s", "u.p50 < 1000s"],
           traffic: { "u": Open(to: "s", rate: 0.2) },
           components: { "s": Service(on: { "x": [Compute(Pareto("1s", 2.5))] }) }"#,
    );
    let report: Report = run(&model, &Nobody).expect("a report");
    let mean = report.get("u.mean").expect("the metric");
    assert_eq!((mean.value.is_some(), mean.low, mean.high, mean.status), (true, None, None, Status::HeavyTail));
    assert_eq!(report.get("u.p50").map(|p50| p50.status), Some(Status::Ok));
    assert_eq!(report.slos.iter().map(|slo| slo.verdict).collect::<Vec<_>>(), [Verdict::Undecided, Verdict::Pass]);
    let words = report.verdicts.join("\n");
    assert!(words.contains("the work of `s` is Pareto with alpha 2.5 and no `max`"), "{words}");
    assert!(words.contains("% of the mean latency of `u` is that of 0.1% of its requests"), "{words}");
}

#[test]
fn the_share_of_the_largest_is_taken_from_the_histogram() {
    let mut times = archsim_core::Histogram::new();
    times.record_n(10, 999);
    times.record(1_000_000);
    let share = super::share_of_largest(&times).expect("there are times");
    assert!((share - 1_000_000.0 / 1_009_990.0).abs() < 0.01, "{share}");
    assert_eq!(super::share_of_largest(&archsim_core::Histogram::new()), None);
}

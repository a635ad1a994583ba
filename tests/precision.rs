//! Runs that decide themselves how long they are: precise, the same on any number of threads, and honest where they cannot be.

use crate::support::{model, report};
use archsim_experiment::report::{Report, Status, Verdict};
use archsim_experiment::run::{Watch, run};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

fn queue(run: &str, rate: f64, slos: &str) -> Report {
    report(&model(&format!(
        r#"(name: "q", run: ({run}), traffic: {{ "u": Open(to: "s", rate: {rate}) }},
            components: {{ "s": Service(on: {{ "x": [Compute(Exp("1s"))] }}) }}, slos: [{slos}])"#
    )))
}

#[test]
fn intervals_hold_the_exact_mean_in_about_all_runs_and_are_as_narrow_as_asked() {
    // M/M/1: mean 1 / (1 - load). Of 40 intervals at 95 % at most 7 miss, but for one time in 3,000.
    for (load, exact) in [(0.5, 2.0), (0.8, 5.0)] {
        let missed = (1..=40u64).into_par_iter().filter(|seed| {
            let report = queue(&format!(r#"precision: (mean: "5%"), seed: {seed}"#), load, r#""u.mean < 60s""#);
            let mean = report.get("u.mean").expect("a mean");
            let (low, high) = mean.low.zip(mean.high).expect("an interval");
            assert!(mean.status == Status::Ok && 0.5 * (high - low) <= 0.05 * mean.value.unwrap_or(0.0));
            assert!(report.work.requests >= 100_000);
            !(low..=high).contains(&exact)
        });
        assert!(missed.count() <= 7, "load {load}");
    }
}

/// How many of 60 intervals of a metric miss its exact value.
fn missed(traffic: &str, server: &str, metric: &str, limit: &str, exact: f64) -> usize {
    let miss = |seed: &u64| {
        let text = format!(
            r#"(name: "q", run: (seed: {seed}, duration: "20000s", replications: 2), traffic: {{ "u": {traffic} }},
                components: {{ "s": {server} }}, slos: ["{metric} < {limit}"])"#
        );
        let slo = report(&model(&text)).slos.remove(0).measured;
        let (low, high) = slo.low.zip(slo.high).expect("an interval");
        !(low..=high).contains(&exact)
    };
    (1..=60u64).into_par_iter().filter(miss).count()
}

#[test]
fn intervals_of_standard_deviations_hold_the_exact_one_in_about_all_runs() {
    // Of 60 intervals at 95 % at most 9 miss, but for one time in 1,000: independent times, and those of M/M/1, which are exponential.
    let open = r#"Open(to: "s", rate: 1)"#;
    let external = |law: &str| format!("External(latency: {law})");
    for (law, exact) in [(r#"Erlang("1s", 4)"#, 0.5), (r#"HyperExp("1s", 3)"#, 3.0)] {
        let missed = missed(open, &external(law), "u.sd", "1h", exact);
        assert!(missed <= 9, "{law}: {missed}");
    }
    let busy = r#"Service(on: { "x": [Compute(Exp("700ms"))] })"#;
    let missed = missed(open, busy, "u.sd", "1h", 0.7 / 0.3);
    assert!(missed <= 9, "M/M/1: {missed}");
}

#[test]
fn intervals_of_waits_hold_the_exact_ones_in_about_all_runs() {
    // M/M/1: the load is the share of those who wait, and they wait load / (1 - load) service times on average, counting all.
    let (open, server) = (r#"Open(to: "s", rate: 0.5)"#, r#"Service(on: { "x": [Compute(Exp("1s"))] })"#);
    for (metric, limit, exact) in [("s.waiting.positive", "90%", 0.5), ("s.waiting.all.mean", "1h", 1.0)] {
        let missed = missed(open, server, metric, limit, exact);
        assert!(missed <= 9, "{metric}: {missed}");
    }
}

/// Stops what it watches when it has been asked so often whether to.
struct Impatient {
    asked: AtomicU32,
    most: u32,
}

impl Watch for Impatient {
    fn cancelled(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.most
    }
}

fn stopped_after(most: u32, settings: &str) -> Option<Report> {
    let text = format!(
        r#"(name: "q", run: ({settings}), traffic: {{ "u": Open(to: "s", rate: 100) }},
            components: {{ "s": Service(on: {{ "x": [Compute(Exp("5ms"))] }}) }})"#
    );
    run(&model(&text), &Impatient { asked: AtomicU32::new(0), most })
}

#[test]
fn an_interrupted_run_loses_nothing_that_was_simulated() {
    // Asked once before the start and after each of the hundred windows of 10 s: the end is in the 31st.
    let fixed = stopped_after(31, r#"duration: "1000s", replications: 1"#).expect("a report");
    assert_eq!((fixed.duration, fixed.replications, fixed.series.windows.len()), (310.0, 1, 31));
    assert!(fixed.verdicts[0].starts_with("interrupted: 0 of 1 replications"), "{:?}", fixed.verdicts);
    assert!(fixed.get("u.mean").is_some_and(|mean| mean.n > 25_000 && mean.low < mean.high));
    let grown = stopped_after(200, r#"precision: (mean: "0.1%")"#).expect("a report");
    assert!(grown.verdicts[0].starts_with("interrupted: 0 of 5 replications"), "{:?}", grown.verdicts);
    assert_eq!(grown.get("u.mean").map(|mean| mean.status), Some(Status::NotConverged));
    assert!(grown.work.requests > 50_000, "{}", grown.work.requests);
    assert!(stopped_after(0, "").is_none());
}

#[test]
fn where_things_change_over_time_whole_replications_are_kept_if_there_are_any() {
    let spike = r#"(name: "q", run: (duration: "1000s", replications: 3),
        traffic: { "u": Open(to: "s", rate: 100) }, faults: [Spike(traffic: "u", at: "300s", for: "60s", factor: 1.5)],
        components: { "s": Service(on: { "x": [Compute(Exp("5ms"))] }) })"#;
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("pool");
    let stopped = |most| one_thread.install(|| run(&model(spike), &Impatient { asked: AtomicU32::new(0), most }));
    let (none, one) = (stopped(50).expect("a report"), stopped(150).expect("a report"));
    assert_eq!((none.replications, none.series.windows.len()), (1, 50));
    assert_eq!((one.replications, one.series.windows.len(), one.duration), (1, 100, 1000.0));
    assert!(one.verdicts[0].starts_with("interrupted: 1 of 3 replications"), "{:?}", one.verdicts);
}

#[test]
fn threads_change_nothing() {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("pool");
    let run = || queue("precision: ()", 0.7, "").summary;
    assert_eq!(pool(1).install(run), pool(3).install(run));
}

#[test]
fn a_budget_that_ends_first_is_told() {
    let report = queue(r#"precision: (mean: "0.5%", budget: (requests: 150_000))"#, 0.8, r#""u.mean < 60s""#);
    let mean = report.get("u.mean").expect("a mean");
    assert_eq!(mean.status, Status::NotConverged);
    assert!(mean.value.is_some() && mean.low < mean.high);
    assert!(report.work.requests <= 160_000, "{}", report.work.requests);
    assert_eq!(report.slos[0].verdict, Verdict::Pass);
}

#[test]
fn a_queue_that_grows_ends_the_run_with_a_verdict() {
    let report = queue("precision: ()", 1.1, "");
    assert!(report.work.requests < 500_000, "{}", report.work.requests);
    assert_eq!(report.get("u.mean").map(|mean| mean.status), Some(Status::NoSteadyState));
}

#[test]
fn one_replication_has_intervals_and_what_was_never_seen_a_bound() {
    let report = queue(r#"duration: "20000s", replications: 1"#, 0.5, "");
    let mean = report.get("u.mean").expect("a mean");
    assert!(mean.status == Status::Ok && mean.low < mean.value && mean.value < mean.high);
    let errors = report.get("u.errors").expect("errors");
    assert_eq!((errors.value, errors.status), (Some(0.0), Status::UpperBound));
    assert_eq!(errors.high, Some(3.0 / errors.n as f64));
    assert_eq!(report.get("u.p999").map(|p| (p.status, p.value)), Some((Status::TooFew, None)));
}

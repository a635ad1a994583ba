//! Runs that decide themselves how long they are: precise, the same on any number of threads, and honest where they cannot be.

use crate::support::{model, report};
use archsim_experiment::report::{Report, Status, Verdict};
use rayon::prelude::*;

fn queue(run: &str, rate: f64, slos: &str) -> Report {
    report(&model(&format!(
        r#"(name: "q", run: ({run}), traffic: {{ "u": Open(to: "s", rate: {rate}) }},
            components: {{ "s": Service(on: {{ "x": [Compute(Exp("1s"))] }}) }}, slos: [{slos}])"#
    )))
}

#[test]
fn intervals_hold_the_exact_mean_in_about_all_runs_and_are_as_narrow_as_asked() {
    // M/M/1 at load 0.5: mean 2. Of 40 intervals at 95 % at most 7 miss, but for one time in 3,000.
    let missed = (1..=40u64).into_par_iter().filter(|seed| {
        let report = queue(&format!(r#"precision: (mean: "5%"), seed: {seed}"#), 0.5, r#""u.mean < 3s""#);
        let mean = report.get("u.mean").expect("a mean");
        let (low, high) = mean.low.zip(mean.high).expect("an interval");
        assert!(mean.status == Status::Ok && 0.5 * (high - low) <= 0.05 * mean.value.unwrap_or(0.0));
        assert!(report.work.requests >= 100_000);
        !(low..=high).contains(&2.0)
    });
    assert!(missed.count() <= 7);
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

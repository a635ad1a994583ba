//! How often do intervals hold the exact value? Runs models whose answers are known with many seeds, each to a precision of 5 %, and
//! prints for each the share of intervals that hold the answer, the requests it took, and these against Whitt's planning value
//! 3000 (ca2 + cs2) / (1 - load)^2 (Management Science 35, 1989). Then the growth test: false alarms and misses.
//!
//! `coverage [SEEDS] [WORDS]`: seeds for each model, 200 unless said; only models with one of the words in their name. Ends with
//! code 1 if a model is outside 0.91 .. 0.99 (percentiles 0.90 .. 0.995) by more than the chance of so many seeds allows.
#![allow(clippy::print_stdout, reason = "a program that prints a table")]

use archsim_experiment::check::check;
use archsim_experiment::language::Source;
use archsim_experiment::report::{Report, Status};
use archsim_experiment::run::{Nobody, run};
use rayon::prelude::*;

/// A model with a known answer: name, traffic, components, metric, exact value, Whitt's planning value (0: none).
type Case = (&'static str, &'static str, &'static str, &'static str, f64, f64);

const SERVER: &str = r#""s": Service(on: { "x": [Compute(Exp("1s"))] })"#;
const TWO: &str = r#""s": Service(cpu: 2, on: { "x": [Compute(Exp("1s"))] })"#;
const MIXED: &str = r#""s": Service(on: { "x": [Compute(Mix([(0.8872983346, Exp("0.5635083269s")), (0.1127016654, Exp("4.436491673s"))]))] })"#;
const JOINED: &str = r#""f": Service(on: { "x": [Parallel([Call("a"), Call("b")])] }),
    "a": Service(on: { "x": [Compute(Exp("1s"))] }), "b": Service(on: { "x": [Compute(Exp("1s"))] })"#;
const SHORTEST: &str = r#""lb": LoadBalancer(targets: ["a", "b"], policy: LeastOutstanding),
    "a": Service(on: { "x": [Compute(Exp("1s"))] }), "b": Service(on: { "x": [Compute(Exp("1s"))] })"#;
const FIXED: &str = r#""s": Service(cpu: 2, on: { "x": [Compute("1s")] })"#;
const UNIFORM: &str = r#"Open(to: "s", rate: 0.8, arrivals: Renewal(Uniform("0s", "2.5s")))"#;
const CLOSED: &str = r#"Closed(to: "s", users: 20, think: Exp("10s"))"#;

/// Exact values: M/M/c, M/G/1 (Pollaczek and Khinchine), GI/M/1, fork-join of two (Nelson and Tantawi 1988), the machine repairman, join
/// the shortest queue of two by a truncated chain, M/D/2 (Crommelin 1932).
const CASES: &[Case] = &[
    ("mm1-r50 mean", r#"Open(to: "s", rate: 0.5)"#, SERVER, "u.mean", 2.0, 24e3),
    ("mm1-r80 mean", r#"Open(to: "s", rate: 0.8)"#, SERVER, "u.mean", 5.0, 150e3),
    ("mm1-r90 mean", r#"Open(to: "s", rate: 0.9)"#, SERVER, "u.mean", 10.0, 600e3),
    ("mm1-r95 mean", r#"Open(to: "s", rate: 0.95)"#, SERVER, "u.mean", 20.0, 2.4e6),
    ("mmc-c2-r80 mean", r#"Open(to: "s", rate: 1.6)"#, TWO, "u.mean", 2.777_777_777_78, 0.0),
    ("mg1-h2 mean", r#"Open(to: "s", rate: 0.7)"#, MIXED, "u.mean", 6.833_333_333_33, 167e3),
    ("gm1-u mean", UNIFORM, SERVER, "u.mean", 3.520_777_845_47, 100e3),
    ("fj2-r50 mean", r#"Open(to: "f", rate: 0.5)"#, JOINED, "u.mean", 2.875, 0.0),
    ("closed-n20 mean", CLOSED, SERVER, "u.mean", 10.037_450_994_8, 0.0),
    ("lb-jsq-n2-r90 mean", r#"Open(to: "lb", rate: 1.8)"#, SHORTEST, "u.mean", 5.474_912_821_23, 0.0),
    ("mm1-r80 p95", r#"Open(to: "s", rate: 0.8)"#, SERVER, "u.p95", 14.978_661_367_8, 0.0),
    ("mm1-r80 p99", r#"Open(to: "s", rate: 0.8)"#, SERVER, "u.p99", 23.025_850_929_9, 0.0),
    ("mmc-c2-r80 p95", r#"Open(to: "s", rate: 1.6)"#, TWO, "u.p95", 7.910_684_252_01, 0.0),
    ("mmc-c2-r80 p99", r#"Open(to: "s", rate: 1.6)"#, TWO, "u.p99", 11.937_370_236, 0.0),
    ("mdc-c2-r80 wait p99", r#"Open(to: "s", rate: 1.6)"#, FIXED, "s.waiting.p99", 5.069_551_186_07, 0.0),
];

/// One run of a model to its end.
fn once(traffic: &str, components: &str, settings: &str, slo: &str, seed: u64) -> Report {
    let text = format!(
        r#"(name: "case", run: (seed: {seed}, {settings}), traffic: {{ "u": {traffic} }}, components: {{ {components} }}, slos: [{slo}])"#
    );
    let checked = check(&Source::new("case", text), &|name| Err(format!("no file {name}")));
    let findings = format!("{:?}", checked.findings);
    run(&checked.model.expect(&findings), &Nobody).expect("a report")
}

/// Coverage, mean requests, and the runs that did not become precise.
fn cover(&(_, traffic, components, metric, exact, _): &Case, seeds: u64) -> (f64, f64, usize) {
    let settings = r#"precision: (mean: "5%", p95: "5%", p99: "5%")"#;
    let slo = format!(r#""{metric} < 1h""#);
    let one = |seed| {
        let report = once(traffic, components, settings, &slo, seed);
        let found = report.get(metric).expect("the metric");
        let ends = found.low.zip(found.high);
        let holds = ends.is_some_and(|(low, high)| low <= exact && exact <= high);
        (holds, report.work.requests, found.status != Status::Ok)
    };
    let runs: Vec<(bool, u64, bool)> = (1..=seeds).into_par_iter().map(one).collect();
    let n = runs.len() as f64;
    let held = runs.iter().filter(|r| r.0).count() as f64 / n;
    (held, runs.iter().map(|r| r.1 as f64).sum::<f64>() / n, runs.iter().filter(|r| r.2).count())
}

/// The share of runs of so many arrivals at a load that are called unstable.
fn alarms(load: f64, arrivals: f64, runs: u64) -> f64 {
    let traffic = format!(r#"Open(to: "s", rate: {load})"#);
    let settings = format!(r#"duration: "{}s", replications: 1"#, (arrivals / load).round());
    let unstable = |report: Report| report.verdicts.iter().any(|verdict| verdict.contains("no steady state"));
    let alarm = |seed: &u64| unstable(once(&traffic, SERVER, &settings, "", *seed));
    (1..=runs).into_par_iter().filter(alarm).count() as f64 / runs as f64
}

fn main() -> std::process::ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let seeds = arguments.next_if(|a| a.parse::<u64>().is_ok()).and_then(|a| a.parse().ok()).unwrap_or(200);
    let words: Vec<String> = arguments.collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    println!("{:22} {:>8} {:>12} {:>8} {:>14}", "model", "coverage", "requests", "/ Whitt", "not converged");
    let (mut all, mut outside) = (vec![], false);
    for case in CASES.iter().filter(|case| wanted(case.0)) {
        let (held, requests, open) = cover(case, seeds);
        let (least, most) = if case.3.ends_with("mean") { (0.91, 0.99) } else { (0.90, 0.995) };
        let slack = 2.0 * (0.05 * 0.95 / seeds as f64).sqrt();
        outside |= held < least - slack || held > most + slack;
        let planned = if case.5 > 0.0 { format!("{:.2}", requests / case.5) } else { String::new() };
        println!("{:22} {held:>8.3} {requests:>12.0} {planned:>8} {open:>14}", case.0);
        all.push(held);
    }
    if !all.is_empty() {
        println!("{:22} {:>8.3}", "average", all.iter().sum::<f64>() / all.len() as f64);
    }
    for (load, arrivals) in [(0.97, 20_000.0), (0.97, 200_000.0), (1.05, 20_000.0)] {
        if wanted("growth") {
            println!("growth: load {load}, {arrivals:>7} arrivals: {:.3} of 300 unstable", alarms(load, arrivals, 300));
        }
    }
    std::process::ExitCode::from(u8::from(outside))
}

//! How often is a system called unstable? Runs systems with a steady state, which must not be, and systems without, which must, each
//! with many seeds and one replication, and prints the share of runs with the verdict "no steady state".
//!
//! `verdicts [RUNS] [WORDS]`: runs of each system, 300 unless said; only systems with one of the words in their name. Ends with code 1
//! if a stable system is called unstable in more than 1 % of the runs, or one that must be found in less than 95 %.
#![allow(clippy::print_stdout, reason = "a program that prints a table")]

use archsim_experiment::check::check;
use archsim_experiment::language::Source;
use archsim_experiment::run::{Nobody, run};
use rayon::prelude::*;

/// A system: name, traffic, components, arrivals per second, and whether it has a steady state (none: on the edge).
type Case = (&'static str, &'static str, &'static str, f64, Option<bool>);

const SERVER: &str = r#""s": Service(on: { "x": [Compute(Exp("1s"))] })"#;
const HEAVY: &str =
    r#""s": Service(on: { "x": [Compute(Mix([(0.96964845, Exp("515.65087ms")), (0.03035155, Exp("16.473628s"))]))] })"#;
const DOWN: &str = r#""s": Service(pauses: (up: Exp("500s"), down: Exp("50s")), on: { "x": [Compute(Exp("1s"))] })"#;
const BURSTS: &str = r#"Open(to: "s", rate: Mmpp([(1.6, "50s"), (0.2, "50s")]))"#;
const EIGHT: &str =
    r#""lb": LoadBalancer(targets: ["s"]), "s": Service(replicas: 8, on: { "x": [Compute(Exp("1s"))] })"#;
const SHARDS: &str = r#""s": Database(shards: 20, shard_by: "item", workers: 1, ops: { "read": Read(Exp("1s")) })"#;

const CASES: &[Case] = &[
    ("M/M/1 at 0.90", r#"Open(to: "s", rate: 0.9)"#, SERVER, 0.9, Some(true)),
    ("M/M/1 at 0.97", r#"Open(to: "s", rate: 0.97)"#, SERVER, 0.97, Some(true)),
    ("M/M/1 at 1.00", r#"Open(to: "s", rate: 1)"#, SERVER, 1.0, None),
    ("M/M/1 at 1.02", r#"Open(to: "s", rate: 1.02)"#, SERVER, 1.02, None),
    ("M/M/1 at 1.05", r#"Open(to: "s", rate: 1.05)"#, SERVER, 1.05, Some(false)),
    ("M/H2/1, scv 16, at 0.90", r#"Open(to: "s", rate: 0.9)"#, HEAVY, 0.9, Some(true)),
    ("slow bursts at 0.90 (mmpp-slow)", BURSTS, SERVER, 0.9, Some(true)),
    ("breakdowns at 0.88", r#"Open(to: "s", rate: 0.8)"#, DOWN, 0.8, Some(true)),
    ("8 servers behind a balancer at 0.97", r#"Open(to: "lb", rate: 7.76)"#, EIGHT, 7.76, Some(true)),
    ("8 servers behind a balancer at 1.05", r#"Open(to: "lb", rate: 8.4)"#, EIGHT, 8.4, None),
    ("20 shards, all at 0.90", r#"Open(to: "s", rate: 18)"#, SHARDS, 18.0, Some(true)),
];

/// The share of runs of so many arrivals that are called unstable.
fn unstable(&(_, traffic, components, rate, _): &Case, arrivals: f64, runs: u64) -> f64 {
    let alarm = |seed: &u64| {
        let text = format!(
            r#"(name: "case", run: (seed: {seed}, duration: "{}s", replications: 1), keys: {{ "item": Uniform(items: 100000000) }},
            traffic: {{ "u": {traffic} }}, components: {{ {components} }})"#,
            (arrivals / rate).round()
        );
        let checked = check(&Source::new("case", text), &|name| Err(format!("no file {name}")));
        let findings = format!("{:?}", checked.findings);
        let report = run(&checked.model.expect(&findings), &Nobody).expect("a report");
        report.verdicts.iter().any(|verdict| verdict.contains("no steady state"))
    };
    (1..=runs).into_par_iter().filter(alarm).count() as f64 / runs as f64
}

fn main() -> std::process::ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let runs = arguments.next_if(|a| a.parse::<u64>().is_ok()).and_then(|a| a.parse().ok()).unwrap_or(300);
    let words: Vec<String> = arguments.collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    println!("{:38} {:>10} {:>12}", "called unstable, of runs", "arrivals", "share");
    let mut wrong = false;
    for case in CASES.iter().filter(|case| wanted(case.0)) {
        for arrivals in [5_000.0, 20_000.0, 100_000.0] {
            let share = unstable(case, arrivals, runs);
            let bad = match case.4 {
                Some(true) => share > 0.01,
                Some(false) => arrivals >= 20_000.0 && share < 0.95,
                None => false,
            };
            wrong |= bad;
            println!("{:38} {arrivals:>10} {share:>12.3}{}", case.0, if bad { "  wrong" } else { "" });
        }
    }
    std::process::ExitCode::from(u8::from(wrong))
}

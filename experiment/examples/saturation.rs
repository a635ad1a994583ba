//! How often does the interval of a saturation search hold the exact load, and what does it cost? M/M/1 and M/M/c with an objective on
//! p99, whose highest load follows from Erlang's C formula; beside it the requests of a sweep of 20 points that are as precise.
//!
//! `saturation [SEEDS] [PRECISION]`: searches for each model, 100 unless said, with the half-width asked, 0.01 unless said. Ends with code 1 if fewer than 90 % of the intervals hold the answer.
#![allow(clippy::print_stdout, reason = "a program that prints a table")]

use archsim_experiment::language::Source;
use archsim_experiment::run::Nobody;
use archsim_experiment::saturate::{Answer, Form, Question, Saturation, saturate};
use archsim_experiment::{check, slo};
use rayon::prelude::*;

/// Servers, and the limit of p99 in mean service times.
const CASES: [(u32, f64); 4] = [(1, 20.0), (1, 60.0), (4, 10.0), (16, 6.0)];
/// Points of the sweep.
const POINTS: f64 = 20.0;

/// The probability that a response in M/M/c at a load per server takes longer than so many mean service times (Gross et al., Fundamentals of
/// Queueing Theory, 5th ed., 3.3).
fn beyond(servers: u32, load: f64, time: f64) -> f64 {
    let c = f64::from(servers);
    let offered = c * load;
    let blocked = (1..=servers).fold(1.0, |b, n| offered * b / (f64::from(n) + offered * b));
    let waits = blocked / (1.0 - load * (1.0 - blocked));
    let drain = c * (1.0 - load);
    // The wait is 0 or exponential with rate `drain`; the service is exponential with rate 1.
    let both = if (drain - 1.0).abs() < 1e-9 {
        (1.0 + time) * (-time).exp()
    } else {
        (drain * (-time).exp() - (-drain * time).exp()) / (drain - 1.0)
    };
    (1.0 - waits) * (-time).exp() + waits * both
}

/// The load at which one response in a hundred takes longer than the limit.
fn exact(servers: u32, limit: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if beyond(servers, middle, limit) < 0.01 { low = middle } else { high = middle }
    }
    low * f64::from(servers)
}

fn search(servers: u32, limit: f64, precision: f64, seed: u64) -> Saturation {
    let text = format!(
        r#"(name: "case", run: (seed: {seed}), traffic: {{ "u": Open(to: "s", rate: 0.1) }},
        components: {{ "s": Service(cpu: {servers}, on: {{ "x": [Compute(Exp("1s"))] }}) }})"#
    );
    let (source, files) = (Source::new("case", text), |name: &str| Err(format!("no file {name}")));
    let model = check::check(&source, &files).model.expect("a sound scenario");
    let until = vec![slo::parse(&format!("u.p99 < {limit}s"), &model.catalogue).expect("an objective")];
    let (raise, form) = ("u.rate".into(), Form::default());
    let range = (0.01 * f64::from(servers), 2.0 * f64::from(servers));
    let question = Question { source: &source, files: &files, raise, form, range, until, precision };
    saturate(&question, &Nobody).expect("a search")
}

fn main() {
    let seeds: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100);
    let precision: f64 = std::env::args().nth(2).and_then(|text| text.parse().ok()).unwrap_or(0.01);
    println!(
        "{:<14} {:>8} {:>7} {:>6} {:>6} {:>8} {:>10} {:>10} {:>8}",
        "model", "exact", "holds", "bias", "spread", "half", "requests", "sweep", "share"
    );
    let mut fine = true;
    for (servers, limit) in CASES {
        let exact = exact(servers, limit);
        let found: Vec<Saturation> =
            (1..=seeds).into_par_iter().map(|seed| search(servers, limit, precision, seed)).collect();
        let ends = found.iter().map(|found| match found.answer {
            Answer::UpTo { low, high, .. } => (low, high),
            _ => (0.0, 0.0),
        });
        let ends: Vec<(f64, f64)> = ends.collect();
        let holds = ends.iter().filter(|(low, high)| *low <= exact && exact <= *high).count() as f64 / seeds as f64;
        // How far the middle of the interval is from the answer, in half-widths: around 0, with a spread of about a half.
        let off = |(low, high): &(f64, f64)| (low + high - 2.0 * exact) / (high - low);
        let bias = ends.iter().map(off).sum::<f64>() / seeds as f64;
        let spread = (ends.iter().map(|ends| (off(ends) - bias).powi(2)).sum::<f64>() / seeds as f64).sqrt();
        let half = ends.iter().map(|(low, high)| (high - low) / 2.0 / exact).sum::<f64>() / seeds as f64;
        let mean = |of: &dyn Fn(&Saturation) -> f64| found.iter().map(of).sum::<f64>() / seeds as f64;
        let requests = mean(&|found| found.work().requests as f64);
        // A point of a sweep that is as precise takes as long as the longest run of the search.
        let longest = mean(&|found| found.probes.iter().map(|probe| probe.requests as f64).fold(0.0, f64::max));
        let sweep = POINTS * longest;
        fine &= holds >= 0.9;
        println!(
            "{:<14} {exact:>8.4} {holds:>7.3} {bias:>+6.2} {spread:>6.2} {:>7.2}% {requests:>10.0} {sweep:>10.0} {:>8.3}",
            format!("M/M/{servers} {limit}"),
            half * 100.0,
            requests / sweep,
        );
    }
    if !fine {
        std::process::exit(1);
    }
}

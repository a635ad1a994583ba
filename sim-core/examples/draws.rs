//! What a random number costs, in nanoseconds: by distribution, each from a stream of its own (one hash) and from one
//! long stream; the exponential function against libm's; and what it costs to record a value in a histogram.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use archsim_core::{Dist, DistError, Histogram, Key, Stream, Zipf, ziggurat};

/// Draws of one timing, and the number of timings, of which the best counts.
const DRAWS: u64 = 1_000_000;
const TIMINGS: u32 = 6;

fn nanos<T>(mut one: impl FnMut(u64) -> T) -> f64 {
    let timings = (0..TIMINGS).map(|_| {
        let start = Instant::now();
        for n in 0..DRAWS {
            black_box(one(n));
        }
        start.elapsed().as_nanos() as f64 / DRAWS as f64
    });
    timings.fold(f64::INFINITY, f64::min)
}

fn report(name: &str, draw: impl Fn(&mut Stream) -> f64) {
    let key = Key::root(1, 0);
    let mut stream = key.draw(0);
    let (by_address, in_sequence) = (nanos(|n| draw(&mut key.draw(n))), nanos(|_| draw(&mut stream)));
    println!("{name:>12} {by_address:>10.2} {in_sequence:>11.2}");
}

fn main() -> Result<(), DistError> {
    println!("{:>12} {:>10} {:>11}", "", "by address", "in sequence");
    let exponential = Dist::Exponential { mean: 2.0 };
    let laws = [
        ("uniform", Dist::Uniform { min: 1.0, max: 3.0 }),
        ("exponential", exponential.clone()),
        ("normal", Dist::Normal { mean: 4.0, sd: 1.0 }),
        ("log-normal", Dist::log_normal_from_mean_cv(2.0, 1.0)?),
        ("erlang 3", Dist::Erlang { shape: 3, mean: 2.0 }),
        ("gamma", Dist::Gamma { shape: 2.5, scale: 1.0 }),
        ("weibull", Dist::Weibull { shape: 0.7, scale: 1.0 }),
        ("pareto", Dist::Pareto { min: 1.0, alpha: 1.5, max: f64::INFINITY }),
        ("bounded", Dist::Pareto { min: 1.0, alpha: 1.5, max: 1e6 }),
        ("mixture", Dist::Mixture(vec![(0.9, exponential.clone()), (0.1, exponential.scaled(9.0))])),
    ];
    for (name, dist) in &laws {
        report(name, |stream| dist.sample(stream));
    }
    let zipf = Zipf::new(1_000_000, 0.99)?;
    report("zipf", |stream| zipf.rank(stream) as f64);

    let x = |n: u64| (n % 1024) as f64 * 0.01 - 5.0;
    println!("{:>12} {:>10.2} libm {:.2}", "exp", nanos(|n| ziggurat::exp(x(n))), nanos(|n| libm::exp(x(n))));
    let mut histogram = Histogram::new();
    let mut stream = Key::root(1, 0).draw(1);
    let values: Vec<u64> = (0..4096).map(|_| (1e6 * laws[3].1.sample(&mut stream)) as u64).collect();
    println!("{:>12} {:>10.2}", "record", nanos(|n| histogram.record(values[n as usize % 4096])));
    Ok(())
}

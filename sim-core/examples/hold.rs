//! What an event costs as the list grows: the hold model (take the next event, plan its successor), with exponential
//! steps, and with steps of which one in ten is 200 times longer. Prints nanoseconds per hold.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use archsim_core::{Dist, EventList, Key, Stream, Time};

/// Holds of one timing, and the number of timings, of which the best counts.
const HOLDS: u64 = 1_000_000;
const TIMINGS: u32 = 6;

struct Hold {
    list: EventList,
    step: Dist,
    stream: Stream,
}

impl Hold {
    fn new(pending: u32, step: Dist) -> Hold {
        let mut hold = Hold { list: EventList::new(), step, stream: Key::root(1, 0).draw(0) };
        (0..pending).for_each(|token| hold.plan(Time::ZERO, token));
        hold
    }

    #[inline]
    fn plan(&mut self, now: Time, token: u32) {
        let step = Time::from_nanos_f64(self.step.sample(&mut self.stream));
        self.list.schedule(now + step, token);
    }

    #[inline(never)]
    fn run(&mut self, holds: u64) {
        for _ in 0..holds {
            let Some((now, token)) = self.list.pop() else { return };
            self.plan(now, token);
        }
    }
}

fn nanos_per_hold(pending: u32, step: Dist) -> f64 {
    let mut hold = Hold::new(pending, step);
    hold.run(5 * u64::from(pending) + 10_000);
    let timings = (0..TIMINGS).map(|_| {
        let start = Instant::now();
        hold.run(HOLDS);
        start.elapsed().as_nanos() as f64 / HOLDS as f64
    });
    timings.fold(f64::INFINITY, f64::min)
}

fn main() {
    println!("{:>10} {:>12} {:>12}", "pending", "exponential", "two scales");
    for pending in [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000] {
        let short = Dist::Exponential { mean: 1e6 };
        let scales = Dist::Mixture(vec![(0.9, short.clone()), (0.1, short.scaled(200.0))]);
        println!("{pending:>10} {:>12.1} {:>12.1}", nanos_per_hold(pending, short), nanos_per_hold(pending, scales));
    }
}

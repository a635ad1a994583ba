//! A queue with one server (M/M/1): Poisson arrivals at 80 % of what the server can do.
#![allow(clippy::print_stdout)]

use std::collections::VecDeque;

use archsim_core::{Agenda, Dist, Histogram, Key, Stream, Time, World, run_until};

/// The tokens of the two kinds of event.
const ARRIVAL: u32 = 0;
const DEPARTURE: u32 = 1;

struct Queue {
    agenda: Agenda,
    between_arrivals: Dist,
    service: Dist,
    /// One stream for each purpose: changing the service times leaves the arrivals as they are.
    arrivals: Stream,
    work: Stream,
    /// When those present arrived, the one in service first.
    present: VecDeque<Time>,
    sojourn: Histogram,
}

impl Queue {
    fn new(seed: u64) -> Queue {
        let owner = Key::root(seed, 0).named("queue");
        let mut queue = Queue {
            agenda: Agenda::new(),
            between_arrivals: Dist::Exponential { mean: 1.25e6 },
            service: Dist::Exponential { mean: 1e6 },
            arrivals: owner.draw(0),
            work: owner.draw(1),
            present: VecDeque::new(),
            sojourn: Histogram::new(),
        };
        queue.plan_arrival();
        queue
    }

    fn plan_arrival(&mut self) {
        let wait = Time::from_nanos_f64(self.between_arrivals.sample(&mut self.arrivals));
        self.agenda.schedule(self.agenda.now() + wait, ARRIVAL);
    }

    fn start_service(&mut self) {
        let work = Time::from_nanos_f64(self.service.sample(&mut self.work));
        self.agenda.schedule(self.agenda.now() + work, DEPARTURE);
    }
}

impl World for Queue {
    fn agenda(&mut self) -> &mut Agenda {
        &mut self.agenda
    }

    fn handle(&mut self, token: u32) {
        let now = self.agenda.now();
        if token == ARRIVAL {
            self.present.push_back(now);
            self.plan_arrival();
        } else if let Some(arrived) = self.present.pop_front() {
            self.sojourn.record((now - arrived).as_nanos());
        }
        // Work starts when someone arrives at an idle server, or when someone leaves others behind.
        if self.present.len() == 1 && token == ARRIVAL || !self.present.is_empty() && token == DEPARTURE {
            self.start_service();
        }
    }
}

fn main() {
    let mut queue = Queue::new(1);
    let events = run_until(&mut queue, Time::from_secs_f64(1000.0));
    let mean = queue.sojourn.mean().unwrap_or(0.0) / 1e6;
    println!("{events} events, mean time in the system {mean:.3} ms (in theory 1 / (1 - 0.8) = 5 ms)");
    assert!((mean - 5.0).abs() < 0.25);
}

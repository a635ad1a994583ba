//! Other orders on one server with Poisson arrivals: last come first served, and by size.
//!
//! Sources: Schrage and Miller, Operations Research 14 (1966) (SRPT); Harchol-Balter, "Performance Modeling and Design of
//! Computer Systems" (2013), chapters 29 to 33; Phipps, Operations Research 4 (1956) (SJF).

use super::Law;

/// More mass at one size is a jump of the law.
const MOST_MASS: f64 = 0.02;

/// Mean response time where the last to come interrupts (pre-emptive last come first served): that of processor sharing, for
/// any law of service.
pub fn last_come_preemptive(arrival_rate: f64, service: &Law) -> f64 {
    service.mean() / (1.0 - arrival_rate * service.mean())
}

/// Mean response times of the orders that look at the size of a request; steady state, which needs a load below 1.
#[derive(Clone, Debug)]
pub struct BySize {
    arrival_rate: f64,
    /// Sizes in order, each with its probability, and load and half second moment of all that are smaller (half of those
    /// of the same size included).
    sizes: Vec<Size>,
    half_second: f64,
}

#[derive(Clone, Copy, Debug)]
struct Size {
    size: f64,
    mass: f64,
    load: f64,
    half_second: f64,
    larger: f64,
}

impl BySize {
    /// The queue; the law must not have two sizes only (ties would need a rule), so a law of atoms is refused.
    pub fn new(arrival_rate: f64, service: &Law) -> Option<Self> {
        let values = service.values();
        if values.iter().any(|(_, mass)| *mass > MOST_MASS) {
            return None;
        }
        let (mut load, mut half_second, mut smaller) = (0.0, 0.0, 0.0_f64);
        let sizes = values.into_iter().map(|(size, mass)| {
            let (own, own_second) = (arrival_rate * mass * size, arrival_rate * mass * size * size / 2.0);
            let larger = 1.0 - smaller - mass / 2.0;
            let at = Size { size, mass, load: load + own / 2.0, half_second: half_second + own_second / 2.0, larger };
            (load, half_second, smaller) = (load + own, half_second + own_second, smaller + mass);
            at
        });
        let sizes = sizes.collect();
        Some(BySize { arrival_rate, sizes, half_second: arrival_rate * service.second_moment() / 2.0 })
    }

    fn mean(&self, time: impl Fn(&Size) -> f64) -> f64 {
        self.sizes.iter().map(|at| at.mass * time(at)).sum()
    }

    /// Shortest job first, without pre-emption.
    pub fn shortest_first(&self) -> f64 {
        self.mean(|at| at.size + self.half_second / ((1.0 - at.load) * (1.0 - at.load)))
    }

    /// Shortest job first where a smaller one interrupts (PSJF).
    pub fn shortest_first_preemptive(&self) -> f64 {
        self.mean(|at| at.size / (1.0 - at.load) + at.half_second / ((1.0 - at.load) * (1.0 - at.load)))
    }

    /// Least attained service first (foreground-background): requests share as long as they have got equally much, so that a request
    /// of a size sees every other cut off at that size (Schrage, Management Science 13, 1967; Kleinrock II, section 4.6).
    pub fn least_attained(&self) -> f64 {
        self.mean(|at| {
            let load = at.load + self.arrival_rate * at.size * at.larger;
            let half_second = at.half_second + self.arrival_rate * at.size * at.size * at.larger / 2.0;
            at.size / (1.0 - load) + half_second / ((1.0 - load) * (1.0 - load))
        })
    }

    /// Shortest remaining processing time first.
    pub fn shortest_remaining(&self) -> f64 {
        let (mut residence, mut before) = (0.0, (0.0, 1.0));
        let mut sum = 0.0;
        for at in &self.sizes {
            let pace = 1.0 / (1.0 - at.load);
            residence += (at.size - before.0) * 0.5 * (pace + before.1);
            before = (at.size, pace);
            let second = at.half_second + self.arrival_rate * at.size * at.size * at.larger / 2.0;
            sum += at.mass * (residence + second * pace * pace);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;
    use archsim_core::Dist;

    #[test]
    fn sizes() {
        let queue = BySize::new(0.8, &Law::exponential(1.0)).unwrap();
        agrees("sizes-mm1-r80/response.mean[SRPT]", queue.shortest_remaining(), 1e-4);
        agrees("sizes-mm1-r80/response.mean[PSJF]", queue.shortest_first_preemptive(), 1e-4);
        agrees("sizes-mm1-r80/response.mean[SJF]", queue.shortest_first(), 1e-4);
        agrees("sizes-mm1-r80/response.mean[LAS]", queue.least_attained(), 1e-4);
        assert!(BySize::new(0.8, &Law::new(&Dist::Constant(1.0))).is_none());
    }

    #[test]
    fn the_last_first() {
        agrees("lifopr-h2/response.mean", last_come_preemptive(0.8, &Law::exponential(1.0)), 1e-9);
    }
}

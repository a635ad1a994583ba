//! Processor sharing: n requests on c servers run at speed min(1, c/n) each.
//!
//! Sources: Kleinrock, "Queueing Systems" vol. 2 (1976), section 4.4 (mean given the size); Baskett, Chandy, Muntz and
//! Palacios, J. ACM 22 (1975) (the number inside depends on the mean of the service only); Coffman, Muntz and Trotter, J. ACM
//! 17 (1970) (the law of the response time with exponential service).

use super::erlang::Mmc;
use crate::theory::numeric::roots::quantile;
use crate::theory::numeric::{Complex, inversion};

/// Probability of more inside than are looked at.
const LEFT_OUT: f64 = 1e-13;
/// States looked at, at most.
const MOST: usize = 20_000;

/// Poisson arrivals, `servers` shared by all; steady state, which needs a load below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sharing {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Mean service time.
    pub service: f64,
    /// Servers.
    pub servers: u32,
}

impl Sharing {
    fn fifo(&self) -> Mmc {
        Mmc { arrival_rate: self.arrival_rate, service: self.service, servers: self.servers }
    }

    /// Mean response time, for any law of service: that of M/M/c, by Little's law from the same number inside.
    pub fn response_mean(&self) -> f64 {
        self.fifo().response_mean()
    }

    /// Mean of the response time over the service time, for any law of service, and for requests of each size: on one server
    /// E[T | x] = x / (1 - load).
    pub fn slowdown(&self) -> Option<f64> {
        (self.servers == 1).then(|| 1.0 / (1.0 - self.fifo().load()))
    }

    /// Probability of so many inside, as far as it counts.
    fn inside(&self) -> Vec<f64> {
        let offered = self.arrival_rate * self.service;
        let load = self.fifo().load();
        let length = (self.servers as f64 + libm::log(LEFT_OUT) / libm::log(load)).min(MOST as f64) as usize;
        let death = |n: usize| (n + 1).min(self.servers as usize) as f64;
        super::birth_death::steady_state(length.max(2), |_| offered, death)
    }

    /// The transform of the response time with exponential service. A request that finds n others goes through states of n
    /// others until it is served itself; its transforms solve tridiagonal equations.
    fn transform(&self, inside: &[f64], s: Complex) -> Complex {
        let (last, rate) = (inside.len() - 1, 1.0 / self.service);
        let share = |others: usize| rate * (f64::from(self.servers) / (others + 1) as f64).min(1.0);
        // Thomas' algorithm from the largest state down: T(n) = a(n) + b(n) T(n-1).
        let (mut constant, mut slope) = (Complex::default(), Complex::default());
        let mut lines = vec![(constant, slope); last + 1];
        for n in (0..=last).rev() {
            let more = if n < last { self.arrival_rate } else { 0.0 };
            let out = s + Complex::from(more + share(n) * (n + 1) as f64);
            let pivot = Complex::ONE / (out - slope * more);
            constant = (Complex::from(share(n)) + constant * more) * pivot;
            slope = pivot * (share(n) * n as f64);
            lines[n] = (constant, slope);
        }
        let (mut sum, mut below) = (Complex::default(), Complex::default());
        for (probability, (constant, slope)) in inside.iter().zip(&lines) {
            below = *constant + *slope * below;
            sum = sum + below * *probability;
        }
        sum
    }

    /// Percentile of the response time with exponential service.
    pub fn response_quantile(&self, p: f64) -> f64 {
        let inside = self.inside();
        quantile(p, self.service, |t| inversion::tail(t, inversion::SMOOTH, |s| self.transform(&inside, s)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    #[test]
    fn one_server_and_several() {
        for (id, arrival_rate, servers) in [("ps-mm1", 0.8, 1), ("ps-cores4-exp", 3.4, 4)] {
            let queue = Sharing { arrival_rate, service: 1.0, servers };
            agrees(&format!("{id}/response.mean"), queue.response_mean(), 1e-9);
            for (name, p) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)] {
                agrees(&format!("{id}/response.{name}"), queue.response_quantile(p), 1e-4);
            }
        }
    }

    #[test]
    fn slowdown_is_the_same_for_all() {
        let queue = Sharing { arrival_rate: 0.8, service: 1.0, servers: 1 };
        agrees("ps-h2/slowdown.mean", queue.slowdown().unwrap(), 1e-9);
        agrees("ps-mm1/response.mean_given_size[2]", 2.0 * queue.slowdown().unwrap(), 1e-9);
        assert_eq!(Sharing { servers: 2, ..queue }.slowdown(), None);
    }
}

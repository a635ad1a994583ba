//! GI/M/c: gaps of any law, exponential service in order of arrival.
//!
//! Source: Takács, "Introduction to the Theory of Queues" (1962), chapter 2; Kleinrock, "Queueing Systems" vol. 1 (1975),
//! sections 6.2 to 6.4; Shortle, Thompson, Gross and Harris, "Fundamentals of Queueing Theory" (5th ed. 2018), section 6.3.

use super::Law;
use super::erlang::Mmc;
use crate::theory::numeric::Complex;
use crate::theory::numeric::roots::{bisect, quantile};

/// A queue with independent gaps; steady state, which needs a load below 1. All is about what arrivals find.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenewalQueue {
    /// The root of sigma = A*(c mu (1 - sigma)), A* being the transform of the gap.
    sigma: f64,
    /// Probability of waiting.
    waits: f64,
    service: f64,
    servers: u32,
}

impl RenewalQueue {
    /// The queue; the mean gap is that of its law.
    pub fn new(gap: &Law, service: f64, servers: u32) -> Self {
        let (c, rate) = (f64::from(servers), 1.0 / service);
        let transform = |s: f64| gap.transform(Complex::from(s)).re;
        let sigma = bisect(0.0, 1.0 - 1e-9, |x| x - transform(c * rate * (1.0 - x)));
        let waits = wait_probability(sigma, servers, |k| transform(k * rate));
        RenewalQueue { sigma, waits, service, servers }
    }

    /// Round robin over `targets` deals each of them every so-manieth arrival of a Poisson process: Erlang gaps.
    pub fn round_robin(arrival_rate: f64, targets: u32, service: f64) -> Self {
        let mean = f64::from(targets) / arrival_rate;
        RenewalQueue::new(&Law::new(&archsim_core::Dist::Erlang { shape: targets, mean }), service, 1)
    }

    /// Probability of waiting.
    pub fn wait_probability(&self) -> f64 {
        self.waits
    }

    /// The wait of those who wait is exponential, as in the M/M/c queue with this load.
    fn like(&self) -> Mmc {
        let arrival_rate = self.sigma * f64::from(self.servers) / self.service;
        Mmc { arrival_rate, service: self.service, servers: self.servers }
    }

    fn drain(&self) -> f64 {
        f64::from(self.servers) * (1.0 - self.sigma) / self.service
    }

    /// Mean wait.
    pub fn wait_mean(&self) -> f64 {
        self.waits / self.drain()
    }

    /// Mean response time.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + self.service
    }

    /// P(response > t).
    pub fn response_tail(&self, t: f64) -> f64 {
        let like = self.like();
        let (alone, both) = (libm::exp(-t / self.service), like.response_tail(t));
        // The like queue mixes the same two laws with its own probability of waiting.
        alone + self.waits / like.wait_probability() * (both - alone)
    }

    /// Percentile of the wait.
    pub fn wait_quantile(&self, p: f64) -> f64 {
        (libm::log(self.waits / (1.0 - p)) / self.drain()).max(0.0)
    }

    /// Percentile of the response time.
    pub fn response_quantile(&self, p: f64) -> f64 {
        quantile(p, self.response_mean(), |t| self.response_tail(t))
    }
}

/// Probability of waiting (Takács 1962; Shortle et al., equation 6.38 ff.); with one server it is sigma.
fn wait_probability(sigma: f64, servers: u32, transform: impl Fn(f64) -> f64) -> f64 {
    let c = f64::from(servers);
    let (mut sum, mut product, mut choose) = (1.0 / (1.0 - sigma), 1.0, 1.0);
    for k in 1..=servers {
        let k = f64::from(k);
        let gamma = transform(k);
        product *= gamma / (1.0 - gamma);
        choose *= (c - k + 1.0) / k;
        let distance = c * (1.0 - sigma) - k;
        let ratio = if distance.abs() < 1e-6 {
            // Both parts vanish together: the limit, by l'Hopital's rule.
            1.0 + c * (transform(k + 1e-5) - transform(k - 1e-5)) / 2e-5
        } else {
            (c * (1.0 - gamma) - k) / distance
        };
        sum += choose / (product * (1.0 - gamma)) * ratio;
    }
    1.0 / sum / (1.0 - sigma)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;
    use archsim_core::Dist;

    fn all(id: &str, queue: &RenewalQueue) {
        agrees(&format!("{id}/response.mean"), queue.response_mean(), 1e-8);
        for (name, p) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)] {
            agrees(&format!("{id}/response.{name}"), queue.response_quantile(p), 1e-7);
        }
    }

    #[test]
    fn one_server() {
        let constant = RenewalQueue::new(&Law::new(&Dist::Constant(1.25)), 1.0, 1);
        agrees("gm1-d/wait.mean", constant.wait_mean(), 1e-8);
        agrees("gm1-d/wait.prob_positive", constant.wait_probability(), 1e-8);
        all("gm1-d", &constant);
        all("gm1-u", &RenewalQueue::new(&Law::new(&Dist::Uniform { min: 0.0, max: 2.5 }), 1.0, 1));
        all("lb-rr-n4", &RenewalQueue::round_robin(3.2, 4, 1.0));
    }

    #[test]
    fn exponential_gaps_are_poisson_arrivals() {
        for servers in [1, 2, 5, 16] {
            let rate = 0.8 * f64::from(servers);
            let poisson = Mmc { arrival_rate: rate, service: 1.0, servers };
            let queue = RenewalQueue::new(&Law::exponential(1.0 / rate), 1.0, servers);
            assert!((queue.wait_mean() / poisson.wait_mean() - 1.0).abs() < 1e-7, "{servers}");
            assert!((queue.response_quantile(0.99) / poisson.response_quantile(0.99) - 1.0).abs() < 1e-7);
        }
    }
}

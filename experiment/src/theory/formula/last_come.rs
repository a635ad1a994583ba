//! Last come first served on servers with exponential service.
//!
//! Sources: Vaulot, Comptes Rendus 238 (1954), and Riordan, Bell System Technical Journal 40 (1961) (without interruption: who waits,
//! waits for a busy period); Kleinrock, "Queueing Systems" vol. 1 (1975), section 5.8 (the busy period).

use super::erlang::Mmc;
use crate::theory::numeric::roots::quantile;
use crate::theory::numeric::{Complex, inversion};

/// Poisson arrivals, exponential service; whoever came last is next, without interrupting. Needs a load below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LastCome(pub Mmc);

/// The transform of a busy period that one exponential service at this rate begins.
pub fn busy_period(arrival_rate: f64, service_rate: f64, s: Complex) -> Complex {
    let sum = s + Complex::from(arrival_rate + service_rate);
    let root = (sum * sum - Complex::from(4.0 * arrival_rate * service_rate)).powf(0.5);
    Complex::from(2.0 * service_rate) / (sum + root)
}

impl LastCome {
    fn full_rate(&self) -> f64 {
        f64::from(self.0.servers) / self.0.service
    }

    /// Mean wait: that of the order of arrival.
    pub fn wait_mean(&self) -> f64 {
        self.0.wait_mean()
    }

    /// P(wait > t).
    pub fn wait_tail(&self, t: f64) -> f64 {
        let busy = |s| busy_period(self.0.arrival_rate, self.full_rate(), s);
        self.0.wait_probability() * inversion::tail(t, inversion::SMOOTH, busy)
    }

    /// Percentile of the wait.
    pub fn wait_quantile(&self, p: f64) -> f64 {
        let none = 1.0 - self.0.wait_probability();
        if p <= none { 0.0 } else { quantile(p, self.0.service, |t| self.wait_tail(t)) }
    }

    /// Percentile of the response time.
    pub fn response_quantile(&self, p: f64) -> f64 {
        let waits = self.0.wait_probability();
        let transform = |s: Complex| {
            let wait = busy_period(self.0.arrival_rate, self.full_rate(), s) * waits + Complex::from(1.0 - waits);
            wait / (Complex::ONE + s * self.0.service)
        };
        quantile(p, self.0.response_mean(), |t| inversion::tail(t, inversion::SMOOTH, transform))
    }
}

/// Percentile of the response time on one server with exponential service where the last to come interrupts: a busy period.
pub fn interrupting_quantile(p: f64, arrival_rate: f64, service: f64) -> f64 {
    let busy = |s| busy_period(arrival_rate, 1.0 / service, s);
    quantile(p, service / (1.0 - arrival_rate * service), |t| inversion::tail(t, inversion::SMOOTH, busy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    #[test]
    fn waits_on_one_server() {
        let queue = LastCome(Mmc { arrival_rate: 0.8, service: 1.0, servers: 1 });
        agrees("lifo-mm1/wait.mean", queue.wait_mean(), 1e-9);
        for (name, p) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            agrees(&format!("lifo-mm1/wait.{name}"), queue.wait_quantile(p), 1e-5);
        }
    }

    /// The mean of a law by its percentiles.
    fn mean(quantile: impl Fn(f64) -> f64) -> f64 {
        let n = 4_000;
        (0..n).map(|k| quantile((f64::from(k) + 0.5) / f64::from(n))).sum::<f64>() / f64::from(n)
    }

    #[test]
    fn percentiles_add_up_to_the_mean() {
        let queue = LastCome(Mmc { arrival_rate: 1.0, service: 1.0, servers: 2 });
        assert!((mean(|p| queue.wait_quantile(p)) / queue.wait_mean() - 1.0).abs() < 0.01);
        assert!((mean(|p| queue.response_quantile(p)) / queue.0.response_mean() - 1.0).abs() < 0.01);
        assert!((mean(|p| interrupting_quantile(p, 0.5, 1.0)) / 2.0 - 1.0).abs() < 0.01);
    }
}

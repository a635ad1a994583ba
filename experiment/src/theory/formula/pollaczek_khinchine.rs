//! M/G/1 in order of arrival: Pollaczek and Khinchine.
//!
//! Sources: Kleinrock, "Queueing Systems" vol. 1 (1975), section 5.7 (transform of the wait); Abate, Choudhury and Whitt,
//! "Waiting-time tail probabilities in queues with long-tail service-time distributions", Queueing Systems 16 (1994), on
//! inverting it.

use super::Law;
use crate::theory::numeric::roots::quantile;
use crate::theory::numeric::{Complex, inversion};
use archsim_core::Dist;

/// Poisson arrivals, one server in order of arrival, any law of service; steady state, which needs a load below 1.
#[derive(Clone, Debug)]
pub struct Mg1 {
    arrival_rate: f64,
    service: Law,
    idle: f64,
    /// Terms of the inversion.
    terms: usize,
}

impl Mg1 {
    /// The queue with so many arrivals per unit of time.
    pub fn new(arrival_rate: f64, service: Law) -> Self {
        let idle = 1.0 - arrival_rate * service.mean();
        let terms = if service.atoms().is_some() { inversion::WITH_CORNERS } else { inversion::SMOOTH };
        Mg1 { arrival_rate, service, idle, terms }
    }

    /// Whether this is the law of the service.
    pub fn is_of(&self, law: &Dist) -> bool {
        self.service.dist() == law
    }

    /// Mean wait: arrival rate times second moment of service, over twice the idle share. Infinite without a variance.
    pub fn wait_mean(&self) -> f64 {
        self.arrival_rate * self.service.second_moment() / (2.0 * self.idle)
    }

    /// Mean response time.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + self.service.mean()
    }

    fn wait_given(&self, s: Complex, service: Complex) -> Complex {
        s * self.idle / (s + (service - Complex::ONE) * self.arrival_rate)
    }

    /// The transform of the wait.
    pub fn wait_transform(&self, s: Complex) -> Complex {
        self.wait_given(s, self.service.transform(s))
    }

    /// P(wait > t).
    pub fn wait_tail(&self, t: f64) -> f64 {
        if t <= 0.0 { 1.0 - self.idle } else { inversion::tail(t, self.terms, |s| self.wait_transform(s)) }
    }

    /// P(response > t). A service of a few values is added to the wait value by value, as it makes jumps that no
    /// inversion follows.
    pub fn response_tail(&self, t: f64) -> f64 {
        let Some(atoms) = self.service.atoms() else {
            let transform = |s: Complex| {
                let service = self.service.transform(s);
                self.wait_given(s, service) * service
            };
            return inversion::tail(t, self.terms, transform);
        };
        let wait = |x: f64| if x < 0.0 { 1.0 } else { self.wait_tail(x) };
        atoms.iter().map(|(value, mass)| mass * wait(t - value)).sum()
    }

    /// Percentile of the wait.
    pub fn wait_quantile(&self, p: f64) -> f64 {
        if p <= self.idle { 0.0 } else { quantile(p, self.service.mean(), |t| self.wait_tail(t)) }
    }

    /// Percentile of the response time.
    pub fn response_quantile(&self, p: f64) -> f64 {
        quantile(p, self.service.mean(), |t| self.response_tail(t))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    fn balanced(mean: f64, scv: f64) -> Dist {
        let p = 0.5 * (1.0 + libm::sqrt((scv - 1.0) / (scv + 1.0)));
        let part = |p: f64| (p, Dist::Exponential { mean: mean / (2.0 * p) });
        Dist::mixture(vec![part(p), part(1.0 - p)]).unwrap()
    }

    fn all(id: &str, queue: &Mg1, error: f64) {
        agrees(&format!("{id}/wait.mean"), queue.wait_mean(), 1e-9);
        for (name, p) in [("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)] {
            agrees(&format!("{id}/wait.{name}"), queue.wait_quantile(p), error);
            agrees(&format!("{id}/response.{name}"), queue.response_quantile(p), error);
        }
        agrees(&format!("{id}/response.p50"), queue.response_quantile(0.5), error);
    }

    #[test]
    fn smooth_laws() {
        let erlang = Law::new(&Dist::Erlang { shape: 2, mean: 1.0 });
        all("mg1-e2", &Mg1::new(0.7, erlang), 1e-5);
        all("mg1-h2", &Mg1::new(0.7, Law::new(&balanced(1.0, 4.0))), 1e-5);
        let log_normal = Dist::log_normal_from_mean_cv(1.0, 2.0).unwrap();
        all("mg1-lognormal4", &Mg1::new(0.6, Law::new(&log_normal)), 1e-5);
    }

    #[test]
    fn laws_with_jumps() {
        let bimodal = Dist::mixture(vec![(0.99, Dist::Constant(0.5)), (0.01, Dist::Constant(50.5))]).unwrap();
        all("mg1-bimodal", &Mg1::new(0.5, Law::new(&bimodal)), 1e-4);
        let constant = Mg1::new(0.5, Law::new(&Dist::Constant(1.0)));
        for (name, p) in [("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)] {
            agrees(&format!("mdc-c1-r50/wait.{name}"), constant.wait_quantile(p), 1e-5);
        }
    }
}

//! Requests that come in batches by a Poisson process to one server in order of arrival (M^X/G/1).
//!
//! Sources: Gaver, Proc. Cambridge Phil. Soc. 55 (1959); Burke, Operations Research 23 (1975) (the wait of a request in a batch);
//! Chaudhry and Templeton, "A First Course in Bulk Queues" (1983), chapter 3.

use super::Law;
use crate::theory::numeric::roots::quantile;
use crate::theory::numeric::{Complex, inversion};
use archsim_core::Dist;

/// Sizes of batches with their probabilities.
pub type Sizes = Vec<(u32, f64)>;

/// The queue; steady state, which needs a load below 1.
#[derive(Clone, Debug)]
pub struct Batches {
    batch_rate: f64,
    sizes: Sizes,
    service: Law,
}

impl Batches {
    /// Batches per unit of time, their sizes, and the service of each request.
    pub fn new(batch_rate: f64, sizes: Sizes, service: Law) -> Self {
        Batches { batch_rate, sizes, service }
    }

    /// Whether this is the law of the service of each request.
    pub fn is_of(&self, law: &Dist) -> bool {
        self.service.dist() == law
    }

    fn size(&self, power: i32) -> f64 {
        self.sizes.iter().map(|(size, p)| p * libm::pow(f64::from(*size), f64::from(power))).sum()
    }

    fn load(&self) -> f64 {
        self.batch_rate * self.size(1) * self.service.mean()
    }

    /// Mean wait: that of the batch, as one request whose service is the sum, and of those before it in the batch.
    pub fn wait_mean(&self) -> f64 {
        let service = self.service.mean();
        let second = self.size(1) * self.service.dist().variance() + self.size(2) * service * service;
        let before = (self.size(2) / self.size(1) - 1.0) / 2.0;
        self.batch_rate * second / (2.0 * (1.0 - self.load())) + before * service
    }

    /// The wait's transform, given that of one service: Pollaczek and Khinchine for the batch, times that of the services before it.
    fn wait(&self, s: Complex, service: Complex) -> Complex {
        let (mut whole, mut before) = (Complex::from(0.0), Complex::from(0.0));
        let largest = self.sizes.iter().map(|(size, _)| *size).max().unwrap_or(1);
        let (mut power, mut left) = (Complex::ONE, 1.0);
        for count in 1..=largest {
            before = before + power * left;
            power = power * service;
            let mass: f64 = self.sizes.iter().filter(|(size, _)| *size == count).map(|(_, p)| p).sum();
            whole = whole + power * mass;
            left -= mass;
        }
        let queue = s * (1.0 - self.load()) / (s + (whole - Complex::ONE) * self.batch_rate);
        queue * before * (1.0 / self.size(1))
    }

    fn is_smooth(&self) -> bool {
        self.service.atoms().is_none()
    }

    /// Percentile of the wait; nothing for services of a few values.
    pub fn wait_quantile(&self, p: f64) -> Option<f64> {
        let none = (1.0 - self.load()) / self.size(1);
        let tail = |t| inversion::tail(t, inversion::SMOOTH, |s| self.wait(s, self.service.transform(s)));
        self.is_smooth().then(|| if p <= none { 0.0 } else { quantile(p, self.service.mean(), tail) })
    }

    /// Percentile of the response time; nothing for services of a few values.
    pub fn response_quantile(&self, p: f64) -> Option<f64> {
        let transform = |s: Complex| {
            let service = self.service.transform(s);
            self.wait(s, service) * service
        };
        let tail = |t| inversion::tail(t, inversion::SMOOTH, transform);
        self.is_smooth().then(|| quantile(p, self.service.mean(), tail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::pollaczek_khinchine::Mg1;
    use crate::theory::formula::reference::agrees;

    #[test]
    fn batches_of_four() {
        let queue = Batches::new(0.2, vec![(4, 1.0)], Law::exponential(1.0));
        agrees("batch-fix4/response.mean", queue.wait_mean() + 1.0, 1e-9);
        for (name, p) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            agrees(&format!("batch-fix4/response.{name}"), queue.response_quantile(p).unwrap(), 1e-6);
        }
    }

    #[test]
    fn batches_of_one_are_none() {
        let law = Law::new(&Dist::Gamma { shape: 0.5, scale: 2.0 });
        let (batches, queue) = (Batches::new(0.6, vec![(1, 1.0)], law.clone()), Mg1::new(0.6, law));
        assert!((batches.wait_mean() / queue.wait_mean() - 1.0).abs() < 1e-12);
        assert!((batches.response_quantile(0.99).unwrap() / queue.response_quantile(0.99) - 1.0).abs() < 1e-9);
        assert_eq!(Batches::new(0.1, vec![(2, 1.0)], Law::new(&Dist::Constant(1.0))).wait_quantile(0.9), None);
    }
}

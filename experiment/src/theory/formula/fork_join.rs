//! Fork-join: each request is copied to n queues M/M/1 and is done when all copies are.
//!
//! Sources: Flatto and Hahn, SIAM J. Applied Mathematics 44 (1984) (two queues, exact); Nelson and Tantawi, IEEE Trans.
//! Computers 37 (1988) (bounds and approximation for more; within 5 % in their simulations up to 32 queues).

/// So many queues, each M/M/1 with these arrivals and this mean service; steady state, which needs a load below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForkJoin {
    /// Requests per unit of time.
    pub arrival_rate: f64,
    /// Mean service time.
    pub service: f64,
    /// Queues, at least 1.
    pub branches: u32,
}

impl ForkJoin {
    fn load(&self) -> f64 {
        self.arrival_rate * self.service
    }

    /// Mean response time of one queue.
    fn single(&self) -> f64 {
        self.service / (1.0 - self.load())
    }

    fn two(&self) -> f64 {
        (12.0 - self.load()) / 8.0 * self.single()
    }

    /// Mean response time of one queue or two.
    pub fn exact(&self) -> Option<f64> {
        match self.branches {
            1 => Some(self.single()),
            2 => Some(self.two()),
            _ => None,
        }
    }

    /// The mean response time lies between these: without any waiting, and as if the queues were independent.
    pub fn bounds(&self) -> (f64, f64) {
        let all = harmonic(self.branches);
        ((all * self.service).max(self.single()), all * self.single())
    }

    /// Approximate mean response time for two queues or more.
    pub fn approximation(&self) -> f64 {
        let ratio = harmonic(self.branches) / harmonic(2);
        (ratio + 4.0 / 11.0 * (1.0 - ratio) * self.load()) * self.two()
    }
}

/// Sum of 1/k: the mean of the largest of n exponential times of mean 1.
pub fn harmonic(n: u32) -> f64 {
    (1..=n).map(|k| 1.0 / f64::from(k)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::{agrees, value};

    #[test]
    fn two_queues_and_three() {
        let two = ForkJoin { arrival_rate: 0.5, service: 1.0, branches: 2 };
        agrees("fj2-r50/response.mean", two.exact().unwrap(), 1e-9);
        assert!((two.approximation() - two.two()).abs() < 1e-12);
        let three = ForkJoin { branches: 3, ..two };
        assert_eq!(three.exact(), None);
        let (low, high) = three.bounds();
        let truth = value("fj3-r50/response.mean");
        assert!(low < truth && truth < high);
        agrees("fj3-r50/response.mean", three.approximation(), 0.02);
    }

    #[test]
    fn without_queues_the_slowest_branch_is_harmonic() {
        agrees("scatter-n10/response.mean", harmonic(10), 1e-9);
    }
}

//! M/D/c: Poisson arrivals, constant service, one queue in order of arrival.
//!
//! Sources: Crommelin, Post Office Electrical Engineers' Journal 25 (1932); Franx, "A simple solution for the M/D/c waiting
//! time distribution", Operations Research Letters 29 (2001); Tijms, "A First Course in Stochastic Models" (2003),
//! section 9.6.2 (the tail of the states is geometric).

use crate::theory::numeric::roots::{bisect, quantile};

/// States that are solved for; loads that need more are refused.
const MOST: usize = 900;
/// Probability of the states beyond those.
const LEFT_OUT: f64 = 1e-13;

/// Poisson arrivals, constant service, one queue in order of arrival; steady state, which needs a load below 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Mdc {
    arrival_rate: f64,
    service: f64,
    servers: usize,
    /// Probability of so many inside.
    states: Vec<f64>,
}

impl Mdc {
    /// The queue; none for a load too close to 1 to be solved state by state.
    pub fn new(arrival_rate: f64, service: f64, servers: u32) -> Option<Self> {
        let (servers, offered) = (servers as usize, arrival_rate * service);
        let load = offered / servers as f64;
        if load >= 1.0 {
            return None;
        }
        // The ratio of neighbouring states far out is 1/x with x the root above 1 of e^(load (x - 1)) = x.
        let far = -libm::log(load) * 4.0 + 4.0;
        let root = bisect(1.0 - libm::log(load).max(-1.0) * 0.5, far / load, |x| load * (x - 1.0) - libm::log(x));
        let last = servers + (-libm::log(LEFT_OUT) / libm::log(root)) as usize + 2;
        (last <= MOST).then(|| Mdc { arrival_rate, service, servers, states: solve(offered, servers, last) })
    }

    /// Mean wait, by Little's law.
    pub fn wait_mean(&self) -> f64 {
        let queue = |(n, p): (usize, &f64)| p * n.saturating_sub(self.servers) as f64;
        self.states.iter().enumerate().map(queue).sum::<f64>() / self.arrival_rate
    }

    /// Mean response time.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + self.service
    }

    /// Probability of waiting.
    pub fn wait_probability(&self) -> f64 {
        self.states.iter().skip(self.servers).sum()
    }

    /// P(wait > t), by Franx's sum of positive terms.
    pub fn wait_tail(&self, t: f64) -> f64 {
        if t < 0.0 {
            return 1.0;
        }
        let k = libm::floor(t / self.service) as usize + 1;
        let x = self.arrival_rate * (k as f64 * self.service - t);
        // Probability of at most so many in the queue.
        let queue = |most: usize| -> f64 { self.states.iter().take(self.servers + most + 1).sum() };
        let last = k * self.servers - 1;
        let log_x = libm::log(x.max(1e-300));
        let poisson = |j: usize| libm::exp(j as f64 * log_x - x - libm::lgamma(j as f64 + 1.0));
        let below: f64 = (0..=last).map(|j| poisson(j) * queue(last - j)).sum();
        (1.0 - below).clamp(0.0, 1.0)
    }

    /// Percentile of the wait.
    pub fn wait_quantile(&self, p: f64) -> f64 {
        if p <= 1.0 - self.wait_probability() { 0.0 } else { quantile(p, self.service, |t| self.wait_tail(t)) }
    }

    /// Percentile of the response time: the wait and a constant.
    pub fn response_quantile(&self, p: f64) -> f64 {
        self.wait_quantile(p) + self.service
    }
}

/// States at steady state: those in service at one instant are gone one service time later, and what came since is there.
fn solve(offered: f64, servers: usize, last: usize) -> Vec<f64> {
    let poisson = |j: usize| libm::exp(j as f64 * libm::log(offered) - offered - libm::lgamma(j as f64 + 1.0));
    let arrivals: Vec<f64> = (0..=last).map(poisson).collect();
    let size = last + 1;
    let mut rows: Vec<Vec<f64>> = (0..size)
        .map(|to| {
            let probability = |from: usize| {
                let left = from.saturating_sub(servers);
                let moved = if to >= left { arrivals[to - left] } else { 0.0 };
                moved - if from == to { 1.0 } else { 0.0 }
            };
            (0..size).map(probability).chain([0.0]).collect()
        })
        .collect();
    // One equation follows from the others; the sum takes its place.
    rows[last] = vec![1.0; size + 1];
    eliminate(&mut rows)
}

/// Solves linear equations by elimination with pivots; each row ends with its right side.
fn eliminate(rows: &mut [Vec<f64>]) -> Vec<f64> {
    let size = rows.len();
    for column in 0..size {
        let best = (column..size).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()));
        rows.swap(column, best.unwrap_or(column));
        let (done, rest) = rows.split_at_mut(column + 1);
        let pivot = &done[column];
        for row in rest.iter_mut().filter(|row| row[column] != 0.0) {
            let factor = row[column] / pivot[column];
            row[column..].iter_mut().zip(&pivot[column..]).for_each(|(x, y)| *x -= factor * y);
        }
    }
    let mut solution = vec![0.0; size];
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|column| rows[row][column] * solution[column]).sum();
        solution[row] = (rows[row][size] - known) / rows[row][row];
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    #[test]
    fn one_server_and_several() {
        for (id, rate, servers) in [("mdc-c1-r50", 0.5, 1), ("mdc-c2-r80", 1.6, 2), ("mdc-c16-r80", 12.8, 16)] {
            let queue = Mdc::new(rate, 1.0, servers).unwrap();
            agrees(&format!("{id}/wait.mean"), queue.wait_mean(), 1e-8);
            agrees(&format!("{id}/response.mean"), queue.response_mean(), 1e-8);
            agrees(&format!("{id}/wait.prob_positive"), queue.wait_probability(), 1e-8);
            for (name, p) in [("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)] {
                agrees(&format!("{id}/wait.{name}"), queue.wait_quantile(p), 1e-7);
            }
        }
    }

    #[test]
    fn round_robin_over_constant_servers_is_one_queue() {
        let queue = Mdc::new(4.5, 1.0, 5).unwrap();
        agrees("lb-rr-det/wait.mean", queue.wait_mean(), 1e-8);
        agrees("lb-rr-det/wait.p99", queue.wait_quantile(0.99), 1e-7);
    }

    #[test]
    fn loads_too_close_to_one_are_refused() {
        assert_eq!(Mdc::new(0.999, 1.0, 1), None);
        assert_eq!(Mdc::new(2.0, 1.0, 2), None);
        assert!(Mdc::new(0.001, 1.0, 1).is_some());
    }
}

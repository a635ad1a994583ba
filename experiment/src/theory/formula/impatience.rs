//! Erlang A: requests that wait give up after an exponential patience (M/M/c+M).
//!
//! Source: Palm (1957); Garnett, Mandelbaum and Reiman, "Designing a call center with impatient customers", Manufacturing &
//! Service Operations Management 4 (2002).

use super::birth_death::steady_state;

/// Probability of more inside than are looked at.
const LEFT_OUT: f64 = 1e-14;
/// States looked at, at most.
const MOST: usize = 1_000_000;

/// Poisson arrivals, exponential service in order of arrival; who has waited for an exponential patience leaves. Any load.
#[derive(Clone, Debug, PartialEq)]
pub struct Impatient {
    arrival_rate: f64,
    service: f64,
    servers: u32,
    patience: f64,
    states: Vec<f64>,
}

impl Impatient {
    /// The queue with a mean patience.
    pub fn new(arrival_rate: f64, service: f64, servers: u32, patience: f64) -> Self {
        let c = servers as usize;
        let death = |n: usize| (n + 1).min(c) as f64 / service + (n + 1).saturating_sub(c) as f64 / patience;
        let (mut last, mut weight) = (0, 1.0);
        while last < MOST && (weight > LEFT_OUT || death(last) < 2.0 * arrival_rate) {
            let factor = arrival_rate / death(last);
            weight = if factor > 1.0 { 1.0 } else { weight * factor };
            last += 1;
        }
        let states = steady_state(last, |_| arrival_rate, death);
        Impatient { arrival_rate, service, servers, patience, states }
    }

    fn waiting(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.states.iter().skip(self.servers as usize).copied().enumerate()
    }

    /// Probability of not being served at once.
    pub fn wait_probability(&self) -> f64 {
        self.waiting().map(|(_, p)| p).sum()
    }

    /// Share of the requests that give up: those who leave per unit of time, over those who come.
    pub fn abandoned(&self) -> f64 {
        self.waiting().map(|(queue, p)| p * queue as f64).sum::<f64>() / self.patience / self.arrival_rate
    }

    /// Mean wait of all, also of those who give up.
    pub fn wait_mean(&self) -> f64 {
        self.abandoned() * self.patience
    }

    /// Mean wait of those who are served: who finds j waiting is served with probability c mu / (c mu + (j+1) theta) after
    /// stages with all rates from c mu + theta to c mu + (j+1) theta.
    pub fn wait_mean_served(&self) -> f64 {
        let (full, leaving) = (f64::from(self.servers) / self.service, 1.0 / self.patience);
        let (mut time, mut sum) = (0.0, 0.0);
        for (queue, p) in self.waiting() {
            let rate = full + (queue + 1) as f64 * leaving;
            time += 1.0 / rate;
            sum += p * full / rate * time;
        }
        sum / (1.0 - self.abandoned())
    }

    /// Busy share of the servers.
    pub fn utilization(&self) -> f64 {
        self.arrival_rate * (1.0 - self.abandoned()) * self.service / f64::from(self.servers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    #[test]
    fn an_overloaded_hotline() {
        let queue = Impatient::new(12.0, 1.0, 10, 2.0);
        agrees("erla-c10/abandon.prob", queue.abandoned(), 1e-9);
        agrees("erla-c10/wait.prob_positive", queue.wait_probability(), 1e-9);
        agrees("erla-c10/wait.mean[all]", queue.wait_mean(), 1e-9);
        agrees("erla-c10/wait.mean[served]", queue.wait_mean_served(), 1e-9);
        agrees("erla-c10/utilization", queue.utilization(), 1e-9);
    }
}

//! Requests that give up waiting: M/M/c+G, Erlang A (M/M/c+M) among them.
//!
//! Sources: Palm (1957) and Garnett, Mandelbaum and Reiman, Manufacturing & Service Operations Management 4 (2002) (exponential
//! patience); Barrer, Operations Research 5 (1957) (constant patience); Baccelli and Hebuterne, "On queues with impatient
//! customers", Performance '81 (any law; the density of the wait that is offered, which is what is computed here).

use crate::theory::numeric::quadrature;
use crate::theory::numeric::roots::bisect;

/// Panels over the waits that matter.
const PANELS: usize = 400;
/// Logarithm of a density, relative to its peak, that no longer matters.
const FAR: f64 = -38.0;

/// How long requests are willing to wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Patience {
    /// Exponential with a mean.
    Exponential(f64),
    /// Always the same.
    Constant(f64),
}

impl Patience {
    /// Whether somebody is still there after a time: the probability.
    fn stays(self, t: f64) -> f64 {
        match self {
            Patience::Exponential(mean) => libm::exp(-t / mean),
            Patience::Constant(limit) => f64::from(u8::from(t < limit)),
        }
    }

    /// Its integral from zero: the mean of the smaller of patience and a time.
    fn stayed(self, t: f64) -> f64 {
        match self {
            Patience::Exponential(mean) => -mean * libm::expm1(-t / mean),
            Patience::Constant(limit) => t.min(limit),
        }
    }
}

/// Poisson arrivals, exponential service in order of arrival; who has waited for its patience leaves. Any load.
#[derive(Clone, Debug, PartialEq)]
pub struct Impatient {
    arrival_rate: f64,
    service: f64,
    servers: u32,
    patience: Patience,
    /// The wait that is offered to whoever would never leave, if it is not zero: values with probabilities.
    offered: Vec<(f64, f64)>,
}

impl Impatient {
    /// The queue.
    pub fn new(arrival_rate: f64, service: f64, servers: u32, patience: Patience) -> Self {
        let drain = f64::from(servers) / service;
        let exponent = |t: f64| arrival_rate * patience.stayed(t) - drain * t;
        // The density is largest where as many join as are served, and falls for ever after.
        let peak = match patience {
            Patience::Exponential(mean) => mean * libm::log(arrival_rate / drain).max(0.0),
            Patience::Constant(limit) if arrival_rate > drain => limit,
            Patience::Constant(_) => 0.0,
        };
        let mut end = peak + 1.0 / drain;
        while exponent(end) - exponent(peak) > FAR {
            end = peak + 2.0 * (end - peak);
        }
        let part = |from: f64, to: f64| {
            let density = move |t: f64| libm::exp(exponent(t) - exponent(peak));
            quadrature::nodes(from, to, PANELS).map(move |(t, weight)| (t, weight * density(t)))
        };
        // A constant patience makes a corner, which has to be the end of a panel.
        let corner = if let Patience::Constant(limit) = patience { limit.min(end) } else { end };
        let mut offered: Vec<(f64, f64)> = part(0.0, corner).collect();
        if corner < end {
            offered.extend(part(corner, end));
        }
        let waiting: f64 = offered.iter().map(|(_, mass)| mass).sum();
        let idle = below_full(arrival_rate * service, servers) * libm::exp(-exponent(peak)) / arrival_rate;
        offered.iter_mut().for_each(|(_, mass)| *mass /= waiting + idle);
        Impatient { arrival_rate, service, servers, patience, offered }
    }

    fn mean(&self, of: impl Fn(f64) -> f64) -> f64 {
        self.offered.iter().map(|(t, mass)| mass * of(*t)).sum()
    }

    /// Probability of not being served at once.
    pub fn wait_probability(&self) -> f64 {
        self.mean(|_| 1.0)
    }

    /// Share of the requests that give up.
    pub fn abandoned(&self) -> f64 {
        self.mean(|t| 1.0 - self.patience.stays(t))
    }

    /// Mean wait of all, also of those who give up.
    pub fn wait_mean(&self) -> f64 {
        self.mean(|t| self.patience.stayed(t))
    }

    /// Mean wait of those who are served.
    pub fn wait_mean_served(&self) -> f64 {
        self.mean(|t| t * self.patience.stays(t)) / (1.0 - self.abandoned())
    }

    /// P(wait > t) of those who are served.
    pub fn wait_tail_served(&self, t: f64) -> f64 {
        let longer = self.offered.iter().filter(|(wait, _)| *wait > t);
        longer.map(|(wait, mass)| mass * self.patience.stays(*wait)).sum::<f64>() / (1.0 - self.abandoned())
    }

    /// Percentile of the wait of those who are served.
    pub fn wait_quantile_served(&self, p: f64) -> f64 {
        let goal = (1.0 - p) * (1.0 - self.abandoned());
        let mut left = self.mean(|t| self.patience.stays(t));
        if left <= goal {
            return 0.0;
        }
        // Half of the mass of a node lies before it.
        let (mut before, mut above) = (0.0, left);
        for (t, mass) in &self.offered {
            let part = mass * self.patience.stays(*t);
            let here = left - 0.5 * part;
            if here <= goal {
                return before + (t - before) * (above - goal) / (above - here);
            }
            (left, before, above) = (left - part, *t, here);
        }
        before
    }

    /// P(response > t) of those who are served.
    pub fn response_tail_served(&self, t: f64) -> f64 {
        let served = 1.0 - self.abandoned();
        let after = |wait: f64| libm::exp(-(t - wait).max(0.0) / self.service);
        let waited = self.mean(|wait| self.patience.stays(wait) * after(wait));
        (waited + (1.0 - self.wait_probability()) * after(0.0)) / served
    }

    /// Percentile of the response time of those who are served.
    pub fn response_quantile_served(&self, p: f64) -> f64 {
        let mut most = self.service;
        while self.response_tail_served(most) > 1.0 - p {
            most *= 2.0;
        }
        bisect(0.0, most, |t| 1.0 - p - self.response_tail_served(t))
    }

    /// Busy share of the servers.
    pub fn utilization(&self) -> f64 {
        self.arrival_rate * (1.0 - self.abandoned()) * self.service / f64::from(self.servers)
    }
}

/// Probability that not all servers are busy over that of all but one being busy, from Erlang's birth-death process.
fn below_full(offered: f64, servers: u32) -> f64 {
    let mut sum = 1.0;
    let mut weight = 1.0;
    for busy in (1..servers).rev() {
        weight *= f64::from(busy) / offered;
        sum += weight;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::birth_death::steady_state;
    use crate::theory::formula::erlang::Mmc;
    use crate::theory::formula::reference::agrees;

    fn all(id: &str, queue: &Impatient) {
        agrees(&format!("{id}/abandon.prob"), queue.abandoned(), 1e-8);
        agrees(&format!("{id}/wait.prob_positive"), queue.wait_probability(), 1e-8);
        agrees(&format!("{id}/wait.mean[all]"), queue.wait_mean(), 1e-8);
        agrees(&format!("{id}/wait.mean[served]"), queue.wait_mean_served(), 1e-8);
        agrees(&format!("{id}/wait.p95[served]"), queue.wait_quantile_served(0.95), 1e-4);
        agrees(&format!("{id}/utilization"), queue.utilization(), 1e-8);
    }

    #[test]
    fn exponential_and_constant_patience() {
        let queue = Impatient::new(12.0, 1.0, 10, Patience::Exponential(2.0));
        all("erla-c10", &queue);
        agrees("erla-c10/wait.p99[served]", queue.wait_quantile_served(0.99), 1e-4);
        all("mmcd-c5", &Impatient::new(5.5, 1.0, 5, Patience::Constant(1.0)));
    }

    #[test]
    fn the_birth_death_process_of_erlang_a_at_other_loads() {
        for (rate, servers, patience) in [(0.4, 1, 0.5), (3.0, 1, 4.0), (7.0, 4, 0.1), (40.0, 50, 30.0)] {
            let c = servers as usize;
            let death = |n: usize| (n + 1).min(c) as f64 + (n + 1).saturating_sub(c) as f64 / patience;
            let states = steady_state(400, |_| rate, death);
            let queue: f64 = states.iter().enumerate().map(|(n, p)| p * n.saturating_sub(c) as f64).sum();
            let found = Impatient::new(rate, 1.0, servers, Patience::Exponential(patience));
            assert!((found.abandoned() / (queue / patience / rate) - 1.0).abs() < 1e-8, "{rate} {servers} {patience}");
            let full: f64 = states[c..].iter().sum();
            assert!((found.wait_probability() / full - 1.0).abs() < 1e-8);
        }
    }

    #[test]
    fn great_patience_is_none_at_all() {
        let (patient, plain) =
            (Impatient::new(1.6, 1.0, 2, Patience::Constant(1e4)), Mmc { arrival_rate: 1.6, service: 1.0, servers: 2 });
        assert!((patient.wait_mean() / plain.wait_mean() - 1.0).abs() < 1e-8);
        assert!((patient.response_quantile_served(0.99) / plain.response_quantile(0.99) - 1.0).abs() < 1e-4);
    }
}

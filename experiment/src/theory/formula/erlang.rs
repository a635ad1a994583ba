//! Erlang's formulas: M/M/1, M/M/c, M/G/c/c, M/G/inf.
//!
//! Sources: A. K. Erlang (1917); Kleinrock, "Queueing Systems" vol. 1 (1975), chapter 3; Shortle, Thompson, Gross and
//! Harris, "Fundamentals of Queueing Theory" (5th ed. 2018), chapter 3.

use crate::theory::numeric::roots::quantile;

/// Probability that all of `servers` are busy when arrivals that find them so are lost (Erlang B); `offered` is the arrival
/// rate times the mean service time. Holds for any law of service (M/G/c/c is insensitive). Offered load of 0 or more.
pub fn erlang_b(servers: u32, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, n| offered * blocked / (f64::from(n) + offered * blocked))
}

/// Probability that an arrival waits (Erlang C); 1 where the load is not below the number of servers.
pub fn erlang_c(servers: u32, offered: f64) -> f64 {
    let load = offered / f64::from(servers);
    if load >= 1.0 {
        return 1.0;
    }
    let blocked = erlang_b(servers, offered);
    blocked / (1.0 - load + load * blocked)
}

/// Poisson arrivals, one queue in order of arrival, `servers` with exponential service: M/M/c, M/M/1 with one server.
/// Everything is about the steady state, which needs a load below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mmc {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Mean service time.
    pub service: f64,
    /// Servers.
    pub servers: u32,
}

impl Mmc {
    /// Busy share of the servers.
    pub fn load(&self) -> f64 {
        self.arrival_rate * self.service / f64::from(self.servers)
    }

    /// Probability that a request waits.
    pub fn wait_probability(&self) -> f64 {
        erlang_c(self.servers, self.arrival_rate * self.service)
    }

    /// Rate at which the wait of those who wait runs out.
    fn drain(&self) -> f64 {
        f64::from(self.servers) / self.service - self.arrival_rate
    }

    /// Mean wait.
    pub fn wait_mean(&self) -> f64 {
        self.wait_probability() / self.drain()
    }

    /// Mean response time.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + self.service
    }

    /// P(wait > t).
    pub fn wait_tail(&self, t: f64) -> f64 {
        self.wait_probability() * libm::exp(-self.drain() * t)
    }

    /// P(response > t): an exponential service, after an exponential wait with the probability of waiting.
    pub fn response_tail(&self, t: f64) -> f64 {
        let (waits, drain, rate) = (self.wait_probability(), self.drain(), 1.0 / self.service);
        let gap = drain - rate;
        // The sum of two exponential times; with equal rates it is an Erlang time.
        let both = if gap.abs() < 1e-9 * rate {
            (1.0 + rate * t) * libm::exp(-rate * t)
        } else {
            libm::exp(-rate * t) + rate * libm::exp(-rate * t) * -libm::expm1(-gap * t) / gap
        };
        (1.0 - waits) * libm::exp(-rate * t) + waits * both
    }

    /// Percentile of the wait.
    pub fn wait_quantile(&self, p: f64) -> f64 {
        (libm::log(self.wait_probability() / (1.0 - p)) / self.drain()).max(0.0)
    }

    /// Percentile of the response time.
    pub fn response_quantile(&self, p: f64) -> f64 {
        quantile(p, self.response_mean(), |t| self.response_tail(t))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    #[test]
    fn one_server() {
        for (id, rate) in [("mm1-r50", 0.5), ("mm1-r80", 0.8)] {
            let queue = Mmc { arrival_rate: rate, service: 1.0, servers: 1 };
            all(id, &queue);
            agrees(&format!("{id}/wait.p95"), queue.wait_quantile(0.95), 1e-9);
            agrees(&format!("{id}/wait.p99"), queue.wait_quantile(0.99), 1e-9);
        }
    }

    #[test]
    fn several_servers() {
        for (id, rate, servers) in [("mmc-c2-r80", 1.6, 2), ("mmc-c16-r80", 12.8, 16)] {
            all(id, &Mmc { arrival_rate: rate, service: 1.0, servers });
        }
        for servers in [3, 4] {
            let bank = Mmc { arrival_rate: 0.2, service: 10.0, servers };
            agrees(&format!("mmc-bank3/wait.mean[workers={servers}]"), bank.wait_mean(), 1e-9);
        }
    }

    fn all(id: &str, queue: &Mmc) {
        agrees(&format!("{id}/response.mean"), queue.response_mean(), 1e-9);
        agrees(&format!("{id}/wait.mean"), queue.wait_mean(), 1e-9);
        agrees(&format!("{id}/wait.prob_positive"), queue.wait_probability(), 1e-9);
        agrees(&format!("{id}/utilization"), queue.load(), 1e-9);
        for (name, p) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)] {
            agrees(&format!("{id}/response.{name}"), queue.response_quantile(p), 1e-7);
        }
    }

    #[test]
    fn the_percentile_where_both_rates_are_equal() {
        // Two servers at a load of one half: waits run out as fast as one server works.
        let queue = Mmc { arrival_rate: 1.0, service: 1.0, servers: 2 };
        let near = Mmc { arrival_rate: 1.0 + 1e-6, ..queue };
        assert!((queue.response_tail(3.0) - near.response_tail(3.0)).abs() < 1e-5);
    }

    #[test]
    fn loss() {
        for id in ["erlb-a10-c12-exp", "erlb-a10-c12-deterministic"] {
            agrees(&format!("{id}/block.prob"), erlang_b(12, 10.0), 1e-9);
        }
        assert_eq!((erlang_b(0, 3.0), erlang_c(2, 2.0)), (1.0, 1.0));
    }
}

//! Birth-death queues with exponential service in order of arrival, solved state by state: bounded room (M/M/c/K), a finite
//! number of users (machine repair, Engset).
//!
//! Sources: Kleinrock, "Queueing Systems" vol. 1 (1975), sections 3.5 to 3.9; Shortle, Thompson, Gross and Harris,
//! "Fundamentals of Queueing Theory" (5th ed. 2018), sections 3.5 and 3.7; Sevcik and Mitrani (J. ACM 28, 1981): in a
//! closed network an arrival sees what is there with one user less.

use crate::theory::numeric::roots::quantile;

/// What requests find when they come, and how it is served.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Probability of finding so many inside, for those that are admitted.
    probabilities: Vec<f64>,
    service: f64,
    servers: u32,
}

impl Found {
    /// From the probabilities of finding so many, the mean service time and the number of servers.
    pub fn new(probabilities: Vec<f64>, service: f64, servers: u32) -> Self {
        Found { probabilities, service, servers }
    }

    /// Mean wait.
    pub fn wait_mean(&self) -> f64 {
        let wait = |(n, p): (usize, &f64)| p * self.stages(n) as f64 * self.stage();
        self.probabilities.iter().enumerate().map(wait).sum()
    }

    /// Mean response time.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + self.service
    }

    /// Probability of waiting.
    pub fn wait_probability(&self) -> f64 {
        self.probabilities.iter().skip(self.servers as usize).sum()
    }

    /// Departures to wait for.
    fn stages(&self, found: usize) -> usize {
        (found + 1).saturating_sub(self.servers as usize)
    }

    /// Mean time between departures while all servers are busy.
    fn stage(&self) -> f64 {
        self.service / f64::from(self.servers)
    }

    /// P(wait > t): an Erlang time of as many stages as there are departures to wait for.
    pub fn wait_tail(&self, t: f64) -> f64 {
        let tails = erlang_tails(t / self.stage(), self.probabilities.len());
        let tail = |(n, p): (usize, &f64)| p * self.stages(n).checked_sub(1).map_or(0.0, |at| tails[at]);
        self.probabilities.iter().enumerate().map(tail).sum()
    }

    /// P(response > t): the wait and a service after it.
    pub fn response_tail(&self, t: f64) -> f64 {
        // P(Erlang(k, a) + Exp(b) > t) by recursion over k: with q_k the tail and e_k the part in which the stages are over
        // but the service is not, the k-th stage may be split off an exponential time.
        let (stage, service) = (1.0 / self.stage(), 1.0 / self.service);
        let tails = erlang_tails(t * stage, self.probabilities.len());
        let mut serving = libm::exp(-service * t);
        let mut after = vec![serving];
        let mut density = libm::exp(-stage * t);
        for (k, tail) in tails.iter().enumerate() {
            if stage > service {
                // The part in service after k+1 stages solves a first order recursion.
                let ratio = stage / (stage - service);
                serving = ratio * (serving - density);
            } else {
                serving = 0.0;
            }
            density *= stage * t / (k + 1) as f64;
            after.push(serving.max(0.0) + tail);
        }
        if stage <= service {
            // One server: the service is one more stage.
            after =
                std::iter::once(after[0]).chain(erlang_tails(t * stage, tails.len() + 1).into_iter().skip(1)).collect();
        }
        self.probabilities.iter().enumerate().map(|(n, p)| p * after[self.stages(n)]).sum()
    }

    /// Percentile of the wait.
    pub fn wait_quantile(&self, p: f64) -> f64 {
        if p <= 1.0 - self.wait_probability() { 0.0 } else { quantile(p, self.service, |t| self.wait_tail(t)) }
    }

    /// Percentile of the response time.
    pub fn response_quantile(&self, p: f64) -> f64 {
        quantile(p, self.service, |t| self.response_tail(t))
    }
}

/// P(Erlang(k, 1) > x) for k from 1 to `most`.
fn erlang_tails(x: f64, most: usize) -> Vec<f64> {
    let mut sum = 0.0;
    let log_x = libm::log(x.max(1e-300));
    let term = |k: usize| libm::exp(k as f64 * log_x - x - libm::lgamma(k as f64 + 1.0));
    (0..most)
        .map(|k| {
            sum += if k == 0 { libm::exp(-x) } else { term(k) };
            sum
        })
        .collect()
}

/// Steady state of a birth-death process: `birth(n)` from n to n + 1, `death(n)` from n + 1 to n, states 0 to `last`.
pub(crate) fn steady_state(last: usize, birth: impl Fn(usize) -> f64, death: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut logs = vec![0.0_f64];
    for n in 0..last {
        let rate = birth(n);
        let next = if rate > 0.0 { logs[n] + libm::log(rate / death(n)) } else { f64::NEG_INFINITY };
        logs.push(next);
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|log| libm::exp(log - most)).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

/// M/M/c/K: Poisson arrivals, exponential service, room for `room` in all; who comes when it is full is lost. Any load.
#[derive(Clone, Debug, PartialEq)]
pub struct Mmck {
    arrival_rate: f64,
    service: f64,
    servers: u32,
    /// Probability of so many inside.
    states: Vec<f64>,
}

impl Mmck {
    /// The queue; `room` counts those in service, too, and is at least `servers`.
    pub fn new(arrival_rate: f64, service: f64, servers: u32, room: u32) -> Self {
        let death = |n: usize| (n + 1).min(servers as usize) as f64 / service;
        Mmck { arrival_rate, service, servers, states: steady_state(room as usize, |_| arrival_rate, death) }
    }

    /// Share of the arrivals that are lost (Poisson arrivals see time averages).
    pub fn blocked(&self) -> f64 {
        self.states.last().copied().unwrap_or(0.0)
    }

    /// Completions per unit of time.
    pub fn throughput(&self) -> f64 {
        self.arrival_rate * (1.0 - self.blocked())
    }

    /// Busy share of the servers.
    pub fn utilization(&self) -> f64 {
        self.throughput() * self.service / f64::from(self.servers)
    }

    /// What those find who are admitted.
    pub fn found(&self) -> Found {
        let admitted = 1.0 - self.blocked();
        let states = &self.states[..self.states.len().saturating_sub(1)];
        let probabilities = states.iter().map(|p| p / admitted).collect();
        Found { probabilities, service: self.service, servers: self.servers }
    }
}

/// So many users who think for a mean time and then need one of the servers: the machine repair model. Think times of any
/// law (insensitive for the mean values with exponential service; the percentiles need exponential ones).
#[derive(Clone, Debug, PartialEq)]
pub struct Interactive {
    /// Users.
    pub users: u32,
    /// Mean think time.
    pub think: f64,
    /// Mean service time.
    pub service: f64,
    /// Servers.
    pub servers: u32,
}

impl Interactive {
    fn states(&self, users: u32) -> Vec<f64> {
        let death = |n: usize| (n + 1).min(self.servers as usize) as f64 / self.service;
        steady_state(users as usize, |n| (f64::from(users) - n as f64) / self.think, death)
    }

    /// Completions per unit of time.
    pub fn throughput(&self) -> f64 {
        let busy = |(n, p): (usize, &f64)| p * n.min(self.servers as usize) as f64 / self.service;
        self.states(self.users).iter().enumerate().map(busy).sum()
    }

    /// What a user finds: the state with one user less.
    pub fn found(&self) -> Found {
        let probabilities = self.states(self.users.saturating_sub(1));
        Found { probabilities, service: self.service, servers: self.servers }
    }
}

/// Engset's loss system: clients that are idle for an exponential time, then need a server or are lost and idle again.
/// Insensitive to the law of service (Engset 1918; Cohen 1957).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Engset {
    /// Clients.
    pub clients: u32,
    /// Mean idle time.
    pub idle: f64,
    /// Mean service time.
    pub service: f64,
    /// Servers.
    pub servers: u32,
}

impl Engset {
    fn states(&self, clients: u32) -> Vec<f64> {
        let last = self.servers.min(clients) as usize;
        steady_state(last, |n| (f64::from(clients) - n as f64) / self.idle, |n| (n + 1) as f64 / self.service)
    }

    /// Share of the requests that are lost: the state that a client sees is that without itself.
    pub fn blocked(&self) -> f64 {
        self.states(self.clients.saturating_sub(1)).get(self.servers as usize).copied().unwrap_or(0.0)
    }

    /// Completions per unit of time.
    pub fn throughput(&self) -> f64 {
        self.states(self.clients).iter().enumerate().map(|(n, p)| p * n as f64 / self.service).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::formula::reference::agrees;

    #[test]
    fn bounded_room() {
        for (id, queue) in [("mmck-c1-K5", Mmck::new(0.9, 1.0, 1, 5)), ("mmck-c8-K24", Mmck::new(8.0, 1.0, 8, 24))] {
            agrees(&format!("{id}/block.prob"), queue.blocked(), 1e-9);
            agrees(&format!("{id}/throughput"), queue.throughput(), 1e-9);
            agrees(&format!("{id}/utilization"), queue.utilization(), 1e-9);
            agrees(&format!("{id}/response.mean[accepted]"), queue.found().response_mean(), 1e-9);
            agrees(&format!("{id}/response.p50[accepted]"), queue.found().response_quantile(0.5), 1e-7);
            agrees(&format!("{id}/response.p99[accepted]"), queue.found().response_quantile(0.99), 1e-7);
        }
    }

    #[test]
    fn a_loop_of_users() {
        let one = Interactive { users: 20, think: 10.0, service: 1.0, servers: 1 };
        agrees("closed-n20/throughput", one.throughput(), 1e-9);
        agrees("closed-n20/response.mean", one.found().response_mean(), 1e-9);
        agrees("closed-n20/response.p50", one.found().response_quantile(0.5), 1e-7);
        agrees("closed-n20/response.p99", one.found().response_quantile(0.99), 1e-7);
        let three = Interactive { users: 30, think: 6.0, service: 1.0, servers: 3 };
        agrees("closed-c3/throughput", three.throughput(), 1e-9);
        agrees("closed-c3/response.mean", three.found().response_mean(), 1e-9);
        assert!((30.0 / three.throughput() - 6.0 - three.found().response_mean()).abs() < 1e-9, "Little's law");
    }

    #[test]
    fn waits_agree_with_their_mean() {
        let found = Mmck::new(8.0, 1.0, 8, 24).found();
        let mean = crate::theory::numeric::quadrature::integral(0.0, 60.0, 60, |t| found.wait_tail(t));
        assert!((mean - found.wait_mean()).abs() < 1e-6);
        assert_eq!(found.wait_quantile(0.01), 0.0);
    }

    #[test]
    fn losses_of_few_clients() {
        let system = Engset { clients: 20, idle: 5.0, service: 1.0, servers: 5 };
        agrees("engset/block.prob", system.blocked(), 1e-9);
        agrees("engset/throughput", system.throughput(), 1e-9);
    }
}

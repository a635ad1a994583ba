//! Several instances behind one who deals requests to them.

use super::{Answers, Each, MeanWait, Queue};
use crate::theory::Quality;
use crate::theory::formula::birth_death::Found;
use crate::theory::formula::deterministic::Mdc;
use crate::theory::formula::erlang::Mmc;
use crate::theory::formula::renewal::RenewalQueue;
use crate::theory::formula::shortest_queue::shorter_of_two;
use crate::theory::formula::supermarket::supermarket;
use crate::theory::recognise::stations::Order;
use crate::theory::recognise::walk::Visit;

/// Load above which the shorter of two queues takes too many rounds to solve.
const HIGHEST_LOAD: f64 = 0.995;
/// Fewest instances for which the limit of very many says something.
const MANY: u32 = 10;

impl Answers for Found {
    fn wait_mean(&self) -> Option<f64> {
        Some(self.wait_mean())
    }
    fn wait_quantile(&self, p: f64) -> Option<f64> {
        Some(self.wait_quantile(p))
    }
    fn response_quantile(&self, _visit: &Visit, p: f64) -> Option<f64> {
        Some(self.response_quantile(p))
    }
}

impl Each<'_> {
    /// Each instance in turn.
    pub(super) fn round_robin(&self) -> Result<Vec<Queue>, String> {
        let n = self.station.instances;
        let all = self.rate * f64::from(n);
        let arrivals = "every n-th of Poisson arrivals,";
        if self.order() == Order::Fifo && self.servers == 1 {
            let source = "Takacs 1962; Kleinrock I, 6";
            if self.law.is_exponential() {
                let queue = RenewalQueue::round_robin(all, n, self.law.mean());
                return Ok(vec![self.queue("E_n/M/1", arrivals, source, Quality::Exact, queue)]);
            }
            if let Some(queue) = self.constant().and_then(|service| Mdc::new(all, service, n)) {
                return Ok(vec![self.queue("M/D/n in turn", arrivals, source, Quality::Exact, queue)]);
            }
        }
        self.two_moments(&format!("GI/G/{}", self.servers), 1.0 / f64::from(n), arrivals)
    }

    /// The least outstanding of some.
    pub(super) fn choices(&self, choices: u32) -> Result<Vec<Queue>, String> {
        let (n, exponential) = (self.station.instances, self.law.is_exponential() && self.station.one_law());
        if !self.station.alone {
            return Err(
                "requests do more in it than wait for a core, so that those outstanding are not the queue".into()
            );
        }
        let in_order = matches!(self.order(), Order::Fifo);
        if !in_order || !exponential {
            return Err("joining the shorter queue has a formula for exponential work in order of arrival only".into());
        }
        if choices >= n && n == 2 && self.servers == 1 && self.station.load() < HIGHEST_LOAD {
            let found = shorter_of_two(self.rate * 2.0, self.law.mean());
            let source = "Kingman 1961; Adan et al. 1990";
            return Ok(vec![self.queue("shorter of two queues", "Poisson arrivals", source, Quality::Exact, found)]);
        }
        let mut all = Vec::new();
        if self.servers == 1 && choices >= 2 && choices < n && n >= MANY {
            let found = supermarket(self.rate * self.law.mean(), choices, self.law.mean());
            let arrivals = format!("the shortest of {choices} is joined,");
            all.push(self.queue("supermarket model", &arrivals, "Mitzenmacher 2001", Quality::Limit, found));
        }
        all.extend(self.between());
        Ok(all)
    }

    /// Better than at random (Winston, J. Applied Probability 14, 1977), worse than one queue for all servers.
    fn between(&self) -> Vec<Queue> {
        let n = self.station.instances;
        let pooled =
            Mmc { arrival_rate: self.rate * f64::from(n), servers: self.servers.saturating_mul(n), ..self.mmc() };
        let low = MeanWait(pooled.wait_mean());
        let name = format!("one queue M/M/{} for all", pooled.servers);
        let mut all =
            vec![self.queue(&name, "Poisson arrivals", "Wolff 1977; Kleinrock I, 3", Quality::LowerBound, low)];
        if self.servers == 1 {
            let high = MeanWait(self.mmc().wait_mean());
            all.push(self.queue("M/M/1 at random", "Poisson arrivals", "Winston 1977", Quality::UpperBound, high));
        }
        all
    }
}

//! Queues with limited room or limited patience.

use super::{Answers, Each, Queue};
use crate::theory::formula::birth_death::{Found, Mmck};
use crate::theory::formula::erlang::erlang_b;
use crate::theory::formula::impatience::{Impatient, Patience};
use crate::theory::recognise::stations::Order;
use crate::theory::recognise::walk::Visit;
use archsim_core::Dist;

/// Room beyond which a queue is not solved state by state.
const MOST_ROOM: u32 = 20_000;

/// M/M/c/K.
struct Bounded(Mmck, Found);

impl Answers for Bounded {
    fn wait_mean(&self) -> Option<f64> {
        Some(self.1.wait_mean())
    }
    fn wait_quantile(&self, p: f64) -> Option<f64> {
        Some(self.1.wait_quantile(p))
    }
    fn response_quantile(&self, _visit: &Visit, p: f64) -> Option<f64> {
        Some(self.1.response_quantile(p))
    }
    fn rejected(&self) -> f64 {
        self.0.blocked()
    }
}

/// M/M/c/K in another order: the same means.
struct BoundedMean(Mmck, f64);

impl Answers for BoundedMean {
    fn wait_mean(&self) -> Option<f64> {
        Some(self.1)
    }
    fn rejected(&self) -> f64 {
        self.0.blocked()
    }
}

/// M/G/c/c.
struct Loss(f64);

impl Answers for Loss {
    fn wait_mean(&self) -> Option<f64> {
        Some(0.0)
    }
    fn response_quantile(&self, visit: &Visit, p: f64) -> Option<f64> {
        visit.law.quantile(p)
    }
    fn rejected(&self) -> f64 {
        self.0
    }
}

impl Answers for Impatient {
    fn wait_mean(&self) -> Option<f64> {
        Some(self.wait_mean_served())
    }
    fn wait_quantile(&self, p: f64) -> Option<f64> {
        Some(self.wait_quantile_served(p))
    }
    fn response_quantile(&self, _visit: &Visit, p: f64) -> Option<f64> {
        Some(self.response_quantile_served(p))
    }
    fn reneged(&self) -> f64 {
        self.abandoned()
    }
}

impl Each<'_> {
    /// Poisson arrivals that may be lost.
    pub(super) fn lossy(&self) -> Result<Vec<Queue>, String> {
        match (self.station.room, &self.station.patience) {
            (Some(room), None) => self.bounded(room),
            (None, Some(patience)) => self.impatient(patience),
            _ => Err("it has limited room, and requests with limited patience".into()),
        }
    }

    fn bounded(&self, room: u32) -> Result<Vec<Queue>, String> {
        let c = self.servers;
        if room == c {
            let blocked = erlang_b(c, self.rate * self.law.mean());
            return self.exact(&format!("M/G/{c}/{c}"), "Erlang 1917 (Erlang B)", Loss(blocked));
        }
        if !self.law.is_exponential() || !self.station.one_law() || room > MOST_ROOM {
            return Err("a bounded queue has a formula for exponential work of one mean only".into());
        }
        let queue = Mmck::new(self.rate, self.law.mean(), c, room);
        let (found, source) = (queue.found(), "Kleinrock I, 3.6");
        match self.order() {
            Order::Fifo => self.exact(&format!("M/M/{c}/{room}"), source, Bounded(queue, found)),
            Order::AtRandom | Order::Lifo(false) => {
                let mean = found.wait_mean();
                self.exact(&format!("M/M/{c}/{room}"), source, BoundedMean(queue, mean))
            }
            _ => Err("its queue is bounded and not in order of arrival".into()),
        }
    }

    fn impatient(&self, patience: &Dist) -> Result<Vec<Queue>, String> {
        let (known, name, source) = match patience {
            Dist::Exponential { mean } => (Patience::Exponential(*mean), "M", "Palm 1957; Garnett et al. 2002"),
            Dist::Constant(limit) => (Patience::Constant(*limit), "D", "Barrer 1957; Baccelli and Hebuterne 1981"),
            _ => return Err("patience has a formula if it is exponential or constant".into()),
        };
        let sensible = self.law.is_exponential() && self.station.one_law() && self.order() == Order::Fifo;
        if !sensible {
            return Err("limited patience has a formula for exponential work of one mean, in order of arrival".into());
        }
        let queue = Impatient::new(self.rate, self.law.mean(), self.servers, known);
        self.exact(&format!("M/M/{}+{name}", self.servers), source, queue)
    }
}

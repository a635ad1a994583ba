//! Which queue a station is, and what is known of it.

use super::stations::{Flow, Order, Routing, Station};
use crate::theory::formula::birth_death::Found;
use crate::theory::formula::bounds::TwoMoments;
use crate::theory::formula::deterministic::Mdc;
use crate::theory::formula::erlang::Mmc;
use crate::theory::formula::pollaczek_khinchine::Mg1;
use crate::theory::formula::processor_sharing::Sharing;
use crate::theory::formula::renewal::RenewalQueue;
use crate::theory::formula::supermarket::supermarket;
use crate::theory::formula::{Law, renewal};
use crate::theory::{Quality, recognise::words};
use archsim_core::Dist;

/// A queue that was recognised.
pub(crate) struct Queue {
    /// "M/M/4: Poisson arrivals ...".
    pub(crate) law: String,
    /// Where the formula stands.
    pub(crate) source: &'static str,
    /// How far it is to be believed.
    pub(crate) quality: Quality,
    model: Formula,
}

enum Formula {
    Exponential(Mmc),
    General(Mg1),
    Constant(Mdc),
    Sharing(Sharing, bool),
    Renewal(RenewalQueue),
    Approximate(TwoMoments),
    Limit(Found),
    Unlimited(Option<f64>),
}

impl Queue {
    /// Mean wait; none where the order has no wait of its own.
    pub(crate) fn wait_mean(&self) -> Option<f64> {
        match &self.model {
            Formula::Exponential(queue) => Some(queue.wait_mean()),
            Formula::General(queue) => Some(queue.wait_mean()),
            Formula::Constant(queue) => Some(queue.wait_mean()),
            Formula::Renewal(queue) => Some(queue.wait_mean()),
            Formula::Approximate(queue) => Some(queue.allen_cunneen()),
            Formula::Limit(found) => Some(found.wait_mean()),
            Formula::Unlimited(_) => Some(0.0),
            Formula::Sharing(..) => None,
        }
    }

    /// Mean time of a visit that asks for `service` on average.
    pub(crate) fn response_mean(&self, service: f64) -> f64 {
        match &self.model {
            Formula::Sharing(queue, _) => queue.response_mean() * service / queue.service,
            _ => self.wait_mean().unwrap_or(0.0) + service,
        }
    }

    /// Whether the mean time of visits with different means follows from the formula: in processor sharing on several
    /// servers only that of all together is known.
    pub(crate) fn tells_classes_apart(&self) -> bool {
        !matches!(&self.model, Formula::Sharing(queue, _) if queue.servers > 1)
    }

    /// Percentile of the wait.
    pub(crate) fn wait_quantile(&self, p: f64) -> Option<f64> {
        match &self.model {
            Formula::Exponential(queue) => Some(queue.wait_quantile(p)),
            Formula::General(queue) => Some(queue.wait_quantile(p)),
            Formula::Constant(queue) => Some(queue.wait_quantile(p)),
            Formula::Renewal(queue) => Some(queue.wait_quantile(p)),
            Formula::Limit(found) => Some(found.wait_quantile(p)),
            Formula::Sharing(..) | Formula::Approximate(_) | Formula::Unlimited(_) => None,
        }
    }

    /// Percentile of the time of a visit, if all visits have one law.
    pub(crate) fn response_quantile(&self, p: f64) -> Option<f64> {
        match &self.model {
            Formula::Exponential(queue) => Some(queue.response_quantile(p)),
            Formula::General(queue) => Some(queue.response_quantile(p)),
            Formula::Constant(queue) => Some(queue.response_quantile(p)),
            Formula::Renewal(queue) => Some(queue.response_quantile(p)),
            Formula::Limit(found) => Some(found.response_quantile(p)),
            Formula::Sharing(queue, true) => Some(queue.response_quantile(p)),
            Formula::Unlimited(exponential) => exponential.map(|mean| -mean * libm::log1p(-p)),
            Formula::Sharing(_, false) | Formula::Approximate(_) => None,
        }
    }

    /// The load and mean service time if it is M/M/1, for tandems.
    pub(crate) fn single_exponential(&self) -> Option<(f64, f64)> {
        match &self.model {
            Formula::Exponential(queue) if queue.servers == 1 => Some((queue.arrival_rate, queue.service)),
            _ => None,
        }
    }
}

/// The queue that each instance of a station is.
///
/// # Errors
/// Why none is known.
pub(crate) fn queue(station: &Station) -> Result<Queue, String> {
    let service = station.service().ok_or("no work is asked of it")?;
    let law = Law::new(&service);
    let Some(servers) = station.servers else { return Ok(unlimited(&law)) };
    let load = station.rate() * law.mean() / f64::from(servers) / f64::from(station.instances);
    if load >= 1.0 {
        return Err(format!("its load is {:.0} %: there is no steady state", load * 100.0));
    }
    let each = Each { rate: station.rate() / f64::from(station.instances), servers, law };
    let one = station.instances == 1;
    match (&station.flow, station.routing) {
        (Flow::Unknown(why), _) => Err(why.clone()),
        (Flow::Poisson, Routing::Random) => each.poisson(station),
        (Flow::Poisson, _) if one => each.poisson(station),
        (Flow::Poisson, Routing::RoundRobin) => each.round_robin(station),
        (Flow::Poisson, Routing::Choices(choices)) => each.choices(station, choices),
        (Flow::Poisson, Routing::Other) => Err("no formula for how requests are spread over its instances".into()),
        (Flow::Renewal(gap), _) if one => each.renewal(station, gap),
        (Flow::Renewal(_), _) => Err("arrivals that are not Poisson are spread over several instances".into()),
    }
}

/// What each instance gets.
struct Each {
    rate: f64,
    servers: u32,
    law: Law,
}

fn unlimited(law: &Law) -> Queue {
    let exponential = law.is_exponential().then(|| law.mean());
    let text = format!("M/G/inf: no limit on how many are served at once, {}", words::service(law.dist()));
    Queue { law: text, source: "Kleinrock I, 3.7", quality: Quality::Exact, model: Formula::Unlimited(exponential) }
}

impl Each {
    fn mmc(&self) -> Mmc {
        Mmc { arrival_rate: self.rate, service: self.law.mean(), servers: self.servers }
    }

    fn constant(&self) -> Option<f64> {
        match self.law.atoms()?.as_slice() {
            [(value, _)] => Some(*value),
            _ => None,
        }
    }

    fn named(&self, name: &str, arrivals: &str, station: &Station) -> String {
        let order = if station.order == Order::Sharing { "processor sharing" } else { "first come first served" };
        let many = if station.instances > 1 { format!(" at each of {}", station.instances) } else { String::new() };
        let servers = if self.servers == 1 { "one server".into() } else { format!("{} servers", self.servers) };
        let rate = words::rate(self.rate);
        format!("{name}: {arrivals} {rate}{many}, {}, {order}, {servers}", words::service(self.law.dist()))
    }

    fn poisson(&self, station: &Station) -> Result<Queue, String> {
        let named = |name: &str| self.named(name, "Poisson arrivals", station);
        let c = self.servers;
        if station.order == Order::Sharing {
            let sharing = Sharing { arrival_rate: self.rate, service: self.law.mean(), servers: c };
            let model = Formula::Sharing(sharing, self.law.is_exponential());
            return Ok(Queue {
                law: named(&format!("M/G/{c}-PS")),
                source: "Kleinrock II, 4.4; BCMP 1975",
                quality: Quality::Exact,
                model,
            });
        }
        let exact = |name: &str, source, model| Ok(Queue { law: named(name), source, quality: Quality::Exact, model });
        if self.law.is_exponential() {
            return exact(&format!("M/M/{c}"), "Kleinrock I, 3; Erlang 1917", Formula::Exponential(self.mmc()));
        }
        if let Some(queue) = self.constant().and_then(|service| Mdc::new(self.rate, service, c)) {
            return exact(&format!("M/D/{c}"), "Crommelin 1932; Franx 2001", Formula::Constant(queue));
        }
        if c == 1 {
            let queue = Mg1::new(self.rate, self.law.clone());
            return exact("M/G/1", "Pollaczek-Khinchine, Kleinrock I, 5", Formula::General(queue));
        }
        self.approximate(&format!("M/G/{c}"), 1.0, "Poisson arrivals", station)
    }

    fn approximate(&self, name: &str, gap_scv: f64, arrivals: &str, station: &Station) -> Result<Queue, String> {
        if station.order == Order::Sharing {
            return Err("no formula for processor sharing unless arrivals are Poisson".into());
        }
        let service_scv = self.law.scv();
        if !service_scv.is_finite() {
            return Err("its service time has no variance, so that the mean wait is infinite".into());
        }
        let (arrival_rate, service, servers) = (self.rate, self.law.mean(), self.servers);
        let model = Formula::Approximate(TwoMoments { arrival_rate, gap_scv, service, service_scv, servers });
        let law = self.named(name, arrivals, station);
        Ok(Queue { law, source: "Allen-Cunneen: Allen 1990, 5.7", quality: Quality::Approximation, model })
    }

    fn renewal(&self, station: &Station, gap: &Dist) -> Result<Queue, String> {
        let c = self.servers;
        let gap = Law::new(gap);
        if station.order == Order::Fifo && self.law.is_exponential() {
            let queue = RenewalQueue::new(&gap, self.law.mean(), c);
            let law = self.named(&format!("GI/M/{c}"), "independent gaps,", station);
            let model = Formula::Renewal(queue);
            return Ok(Queue { law, source: "Takacs 1962; Kleinrock I, 6", quality: Quality::Exact, model });
        }
        self.approximate(&format!("GI/G/{c}"), gap.scv(), "independent gaps,", station)
    }

    fn round_robin(&self, station: &Station) -> Result<Queue, String> {
        let n = station.instances;
        let all = self.rate * f64::from(n);
        if station.order == Order::Fifo && self.servers == 1 {
            let model = if self.law.is_exponential() {
                Some((Formula::Renewal(renewal::RenewalQueue::round_robin(all, n, self.law.mean())), "E_n/M/1"))
            } else {
                let queue = self.constant().and_then(|service| Mdc::new(all, service, n));
                queue.map(|queue| (Formula::Constant(queue), "M/D/n in turn"))
            };
            if let Some((model, name)) = model {
                let law = self.named(name, "every n-th of Poisson arrivals,", station);
                return Ok(Queue { law, source: "Takacs 1962; Kleinrock I, 6", quality: Quality::Exact, model });
            }
        }
        self.approximate("GI/G/c", 1.0 / f64::from(n), "every n-th of Poisson arrivals,", station)
    }

    fn choices(&self, station: &Station, choices: u32) -> Result<Queue, String> {
        if station.order != Order::Fifo || self.servers != 1 || !self.law.is_exponential() || choices < 2 {
            return Err("the supermarket model needs exponential service, first come first served, one server".into());
        }
        let found = supermarket(self.rate * self.law.mean(), choices, self.law.mean());
        let law = self.named("supermarket model", &format!("the shortest of {choices} is joined,"), station);
        Ok(Queue { law, source: "Mitzenmacher 2001", quality: Quality::Limit, model: Formula::Limit(found) })
    }
}

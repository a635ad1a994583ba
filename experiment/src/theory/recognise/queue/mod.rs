//! Which queue a station is, and what is known of it.

mod absent;
mod lossy;
mod one;
mod spread;

use super::stations::{Flow, Order, Routing, Station};
use super::walk::Visit;
use crate::theory::formula::Law;
use crate::theory::formula::bounds::TwoMoments;
use crate::theory::{Quality, recognise::words};

/// What a formula says. Times of those that are served, all requests of the station together unless a visit is given.
pub(crate) trait Answers {
    /// Mean wait; none where the order has no wait of its own.
    fn wait_mean(&self) -> Option<f64>;
    /// Percentile of the wait.
    fn wait_quantile(&self, _p: f64) -> Option<f64> {
        None
    }
    /// Mean time of a visit.
    fn response_mean(&self, visit: &Visit) -> Option<f64> {
        Some(self.wait_mean()? + visit.law.mean())
    }
    /// Percentile of the time of a visit.
    fn response_quantile(&self, _visit: &Visit, _p: f64) -> Option<f64> {
        None
    }
    /// Share of the requests that find no room.
    fn rejected(&self) -> f64 {
        0.0
    }
    /// Share of the requests that lose patience.
    fn reneged(&self) -> f64 {
        0.0
    }
    /// Arrival rate and mean service if it is M/M/1 in order of arrival.
    fn single_exponential(&self) -> Option<(f64, f64)> {
        None
    }
}

/// A queue that was recognised.
pub(crate) struct Queue {
    /// "M/M/4: Poisson arrivals ...".
    pub(crate) law: String,
    /// Where the formula stands.
    pub(crate) source: &'static str,
    /// How far it is to be believed.
    pub(crate) quality: Quality,
    pub(crate) answers: Box<dyn Answers>,
}

impl Queue {
    /// "M/M/4".
    pub(crate) fn name(&self) -> &str {
        self.law.split(':').next().unwrap_or_default()
    }
}

/// The queue that each instance of a station is, and what else is known of it.
///
/// # Errors
/// Why none is known.
pub(crate) fn queues(station: &Station) -> Result<Vec<Queue>, String> {
    let service = station.service().ok_or("no work is asked of it")?;
    let law = Law::new(&service);
    let Some(servers) = station.servers else { return Ok(vec![one::unlimited(&law)]) };
    let load = station.load();
    if load >= 1.0 && !station.loses() {
        return Err(format!("its load is {:.0} %: there is no steady state", load * 100.0));
    }
    let each = Each { station, rate: station.rate() / f64::from(station.instances), servers, law };
    let alone = station.instances == 1;
    if let Some(away) = &station.away {
        let spread = alone || station.routing == Routing::Random;
        return if spread && station.flow == Flow::Poisson { each.absent(away) } else { Err(absent::ONLY.into()) };
    }
    match (&station.flow, station.routing) {
        (Flow::Unknown(why), _) => Err(why.clone()),
        (Flow::Poisson, Routing::Random) => each.poisson(),
        (Flow::Poisson, _) if alone => each.poisson(),
        _ if station.loses() => Err("requests are lost or lose patience, and arrivals are not Poisson".into()),
        (Flow::Poisson, Routing::RoundRobin) => each.round_robin(),
        (Flow::Poisson, Routing::Choices(choices)) => each.choices(choices),
        (Flow::Poisson, Routing::Other) => {
            Err("requests are spread over its instances in a way without a formula".into())
        }
        (Flow::Renewal(gap), _) if alone => each.renewal(gap),
        (Flow::Renewal(_), _) => Err("arrivals that are not Poisson are spread over several instances".into()),
        (Flow::Batches(batch), _) if alone => each.batches(batch),
        (Flow::Batches(_), _) => Err("batches are spread over several instances".into()),
    }
}

/// What each instance gets.
struct Each<'a> {
    station: &'a Station,
    rate: f64,
    servers: u32,
    law: Law,
}

impl Each<'_> {
    fn order(&self) -> Order {
        self.station.effective_order()
    }

    fn constant(&self) -> Option<f64> {
        match self.law.atoms()?.as_slice() {
            [(value, _)] => Some(*value),
            _ => None,
        }
    }

    fn named(&self, name: &str, arrivals: &str) -> String {
        let instances = self.station.instances;
        let many = if instances > 1 { format!(" at each of {instances}") } else { String::new() };
        let servers = if self.servers == 1 { "one server".into() } else { format!("{} servers", self.servers) };
        let (rate, order) = (words::rate(self.rate), words::order(self.order()));
        format!("{name}: {arrivals} {rate}{many}, {}, {order}, {servers}", words::service(self.law.dist()))
    }

    fn queue(
        &self,
        name: &str,
        arrivals: &str,
        source: &'static str,
        quality: Quality,
        answers: impl Answers + 'static,
    ) -> Queue {
        Queue { law: self.named(name, arrivals), source, quality, answers: Box::new(answers) }
    }

    fn exact(&self, name: &str, source: &'static str, answers: impl Answers + 'static) -> Result<Vec<Queue>, String> {
        Ok(vec![self.queue(name, "Poisson arrivals", source, Quality::Exact, answers)])
    }

    /// By two moments: Allen and Cunneen's approximation and, for one server, Kingman's bound.
    fn two_moments(&self, name: &str, gap_scv: f64, arrivals: &str) -> Result<Vec<Queue>, String> {
        if !matches!(self.order(), Order::Fifo | Order::AtRandom | Order::Lifo(false)) {
            return Err(format!("{} has no formula with these arrivals and services", words::order(self.order())));
        }
        let service_scv = self.law.scv();
        if !service_scv.is_finite() || !gap_scv.is_finite() {
            return Err("its service time or its gaps have no variance, so that the mean wait may be infinite".into());
        }
        let (arrival_rate, service, servers) = (self.rate, self.law.mean(), self.servers);
        let moments = TwoMoments { arrival_rate, gap_scv, service, service_scv, servers };
        let mean = moments.allen_cunneen();
        let source = "Allen-Cunneen: Allen 1990, 5.7";
        let mut all = vec![self.queue(name, arrivals, source, Quality::Approximation, MeanWait(mean))];
        if let Some(bound) = moments.kingman() {
            all.push(self.queue(name, arrivals, "Kingman 1970", Quality::UpperBound, MeanWait(bound)));
        }
        Ok(all)
    }
}

/// A mean wait and nothing else.
struct MeanWait(f64);

impl Answers for MeanWait {
    fn wait_mean(&self) -> Option<f64> {
        Some(self.0)
    }
}

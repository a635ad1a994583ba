//! One queue with Poisson or independent arrivals, by the order in which it serves.

use super::{Answers, Each, MeanWait, Queue};
use crate::theory::Quality;
use crate::theory::formula::Law;
use crate::theory::formula::batch::{Batches, Sizes};
use crate::theory::formula::deterministic::Mdc;
use crate::theory::formula::erlang::Mmc;
use crate::theory::formula::last_come::{LastCome, interrupting_quantile};
use crate::theory::formula::order::{BySize, last_come_preemptive};
use crate::theory::formula::pollaczek_khinchine::Mg1;
use crate::theory::formula::priority::{self, Waits};
use crate::theory::formula::processor_sharing::Sharing;
use crate::theory::formula::renewal::RenewalQueue;
use crate::theory::recognise::stations::{Order, Work};
use crate::theory::recognise::walk::Visit;
use crate::theory::recognise::words;
use archsim_core::Dist;
use archsim_models::spec::BatchSpec;
use archsim_models::spec::batch::BatchLaw;

/// Batches whose sizes have more values than this are not solved.
const MOST_SIZES: u32 = 2_000;

/// No limit on how many are served at once.
pub(super) fn unlimited(law: &Law) -> Queue {
    let text = format!("M/G/inf: no limit on how many are served at once, {}", words::service(law.dist()));
    Queue { law: text, source: "Kleinrock I, 3.7", quality: Quality::Exact, answers: Box::new(Unlimited) }
}

struct Unlimited;

impl Answers for Unlimited {
    fn wait_mean(&self) -> Option<f64> {
        Some(0.0)
    }
    fn response_quantile(&self, visit: &Visit, p: f64) -> Option<f64> {
        visit.law.quantile(p)
    }
}

impl Answers for Mmc {
    fn wait_mean(&self) -> Option<f64> {
        Some(self.wait_mean())
    }
    fn wait_quantile(&self, p: f64) -> Option<f64> {
        Some(self.wait_quantile(p))
    }
    fn response_quantile(&self, _visit: &Visit, p: f64) -> Option<f64> {
        Some(self.response_quantile(p))
    }
    fn single_exponential(&self) -> Option<(f64, f64)> {
        (self.servers == 1).then_some((self.arrival_rate, self.service))
    }
}

impl Answers for LastCome {
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

impl Answers for Mg1 {
    fn wait_mean(&self) -> Option<f64> {
        Some(self.wait_mean())
    }
    fn wait_quantile(&self, p: f64) -> Option<f64> {
        Some(self.wait_quantile(p))
    }
    fn response_quantile(&self, visit: &Visit, p: f64) -> Option<f64> {
        self.is_of(&visit.law).then(|| self.response_quantile(p))
    }
}

impl Answers for Mdc {
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

impl Answers for RenewalQueue {
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

/// Processor sharing; whether all work is exponential of one mean.
struct Shared(Sharing, bool);

impl Answers for Shared {
    fn wait_mean(&self) -> Option<f64> {
        None
    }
    /// Several servers tell only the mean of all together.
    fn response_mean(&self, visit: &Visit) -> Option<f64> {
        let alike = (visit.law.mean() / self.0.service - 1.0).abs() < 1e-12;
        (alike || self.0.servers == 1).then(|| self.0.response_mean() * visit.law.mean() / self.0.service)
    }
    fn response_quantile(&self, _visit: &Visit, p: f64) -> Option<f64> {
        self.1.then(|| self.0.response_quantile(p))
    }
}

/// The last to come interrupts.
struct Interrupted {
    arrival_rate: f64,
    service: Law,
    servers: u32,
}

impl Answers for Interrupted {
    fn wait_mean(&self) -> Option<f64> {
        None
    }
    fn response_mean(&self, visit: &Visit) -> Option<f64> {
        let (arrival_rate, service, servers) = (self.arrival_rate, self.service.mean(), self.servers);
        if servers > 1 {
            return Some(Mmc { arrival_rate, service, servers }.response_mean());
        }
        Some(last_come_preemptive(arrival_rate, &self.service) * visit.law.mean() / service)
    }
    fn response_quantile(&self, _visit: &Visit, p: f64) -> Option<f64> {
        let exponential = self.servers == 1 && self.service.is_exponential();
        exponential.then(|| interrupting_quantile(p, self.arrival_rate, self.service.mean()))
    }
}

/// A mean response time for requests of one kind.
struct MeanResponse(f64);

impl Answers for MeanResponse {
    fn wait_mean(&self) -> Option<f64> {
        None
    }
    fn response_mean(&self, _visit: &Visit) -> Option<f64> {
        Some(self.0)
    }
}

/// The more urgent first.
struct Urgency {
    priorities: Vec<u8>,
    classes: Vec<priority::Class>,
    rates: Vec<f64>,
    /// Mean wait of each class; the first moments only where requests interrupt.
    waits: Vec<f64>,
    interrupts: bool,
    servers: u32,
    percentiles: Option<Waits>,
}

impl Urgency {
    fn class(&self, priority: u8) -> Option<usize> {
        self.priorities.iter().position(|other| *other == priority)
    }
}

impl Answers for Urgency {
    fn wait_mean(&self) -> Option<f64> {
        let total: f64 = self.rates.iter().sum();
        let sum: f64 = self.rates.iter().zip(&self.waits).map(|(rate, wait)| rate * wait).sum();
        (!self.interrupts).then_some(sum / total)
    }
    fn response_mean(&self, visit: &Visit) -> Option<f64> {
        let class = self.class(visit.priority)?;
        if !self.interrupts {
            return Some(self.waits[class] + visit.law.mean());
        }
        if self.servers > 1 {
            let service = self.classes[class].service;
            return Some(priority::preemptive_response_mean_servers(&self.rates, class, service, self.servers));
        }
        let urgent: f64 = self.classes[..class].iter().map(|class| class.arrival_rate * class.service).sum();
        let all = priority::preemptive_response_mean(&self.classes, class);
        Some(all + (visit.law.mean() - self.classes[class].service) / (1.0 - urgent))
    }
    fn response_quantile(&self, visit: &Visit, p: f64) -> Option<f64> {
        let class = self.class(visit.priority)?;
        self.percentiles.as_ref()?.response_quantile(class, &Law::new(&visit.law), p)
    }
}

/// Work by urgency: the priorities in order, the rate of each and its law.
fn by_priority(work: &[Work], instances: u32) -> Vec<(u8, f64, Dist)> {
    let mut priorities: Vec<u8> = work.iter().map(|work| work.priority).collect();
    priorities.sort_unstable();
    priorities.dedup();
    let class = |priority: u8| {
        let own: Vec<&Work> = work.iter().filter(|work| work.priority == priority).collect();
        let rate = own.iter().map(|work| work.rate).sum::<f64>() / f64::from(instances);
        let parts = own.iter().map(|work| (work.rate, work.law.clone())).collect();
        let law = if own.windows(2).all(|pair| pair[0].law == pair[1].law) {
            own[0].law.clone()
        } else {
            Dist::mixture(parts).ok()?
        };
        Some((priority, rate, law))
    };
    priorities.into_iter().filter_map(class).collect()
}

/// The sizes of batches with their probabilities.
fn sizes(batch: &BatchSpec) -> Sizes {
    match batch {
        BatchSpec::Fixed(size) => vec![(*size, 1.0)],
        BatchSpec::Random(BatchLaw::Geometric(args)) => {
            let again = 1.0 - 1.0 / args.mean;
            let most = if again > 0.0 { (-34.0 / libm::log(again)) as u32 + 2 } else { 1 };
            (1..=most).map(|size| (size, (1.0 - again) * libm::pow(again, f64::from(size - 1)))).collect()
        }
        BatchSpec::Random(BatchLaw::Uniform(args)) => {
            let each = 1.0 / f64::from(args.max - args.min + 1);
            (args.min..=args.max).map(|size| (size, each)).collect()
        }
        BatchSpec::Random(BatchLaw::Weights(args)) => {
            let total: f64 = args.parts.iter().map(|(weight, _)| weight).sum();
            args.parts.iter().map(|(weight, size)| (*size, weight / total)).collect()
        }
    }
}

impl Answers for Batches {
    fn wait_mean(&self) -> Option<f64> {
        Some(self.wait_mean())
    }
    fn wait_quantile(&self, p: f64) -> Option<f64> {
        self.wait_quantile(p)
    }
    fn response_quantile(&self, visit: &Visit, p: f64) -> Option<f64> {
        if self.is_of(&visit.law) { self.response_quantile(p) } else { None }
    }
}

impl Each<'_> {
    pub(super) fn mmc(&self) -> Mmc {
        Mmc { arrival_rate: self.rate, service: self.law.mean(), servers: self.servers }
    }

    /// Poisson arrivals.
    pub(super) fn poisson(&self) -> Result<Vec<Queue>, String> {
        if self.station.loses() {
            return self.lossy();
        }
        let (c, exponential) = (self.servers, self.law.is_exponential());
        match self.order() {
            Order::Fifo => self.in_order(),
            Order::Lifo(false) if exponential => self.exact(
                &format!("M/M/{c}, last come first served"),
                "Vaulot 1954; Riordan 1961",
                LastCome(self.mmc()),
            ),
            Order::Lifo(false) | Order::AtRandom if exponential => self.exact(
                &format!("M/M/{c}"),
                "Kleinrock I, 3 (any order blind to size)",
                MeanWait(self.mmc().wait_mean()),
            ),
            Order::Lifo(false) | Order::AtRandom if c == 1 => {
                let queue = Mg1::new(self.rate, self.law.clone());
                self.exact("M/G/1", "Pollaczek-Khinchine (any order blind to size)", MeanWait(queue.wait_mean()))
            }
            Order::Lifo(false) | Order::AtRandom => self.two_moments(&format!("M/G/{c}"), 1.0, "Poisson arrivals"),
            Order::Sharing => {
                let sharing = Sharing { arrival_rate: self.rate, service: self.law.mean(), servers: c };
                let all = Shared(sharing, exponential);
                self.exact(&format!("M/G/{c}-PS"), "Kleinrock II, 4.4; BCMP 1975", all)
            }
            Order::Lifo(true) if c == 1 || (exponential && self.station.one_law()) => {
                let all = Interrupted { arrival_rate: self.rate, service: self.law.clone(), servers: c };
                self.exact(&format!("M/G/{c}, the last interrupts"), "Harchol-Balter 2013, 30; Kelly 1979", all)
            }
            Order::Lifo(true) => {
                Err("several cores where the last interrupts have a formula for exponential work only".into())
            }
            Order::Priority(interrupts) => self.by_urgency(interrupts),
            Order::Shortest(_) | Order::ShortestRemaining | Order::LeastAttained => self.by_size(),
        }
    }

    /// First come first served.
    fn in_order(&self) -> Result<Vec<Queue>, String> {
        let c = self.servers;
        if self.law.is_exponential() {
            return self.exact(&format!("M/M/{c}"), "Kleinrock I, 3; Erlang 1917", self.mmc());
        }
        if let Some(queue) = self.constant().and_then(|service| Mdc::new(self.rate, service, c)) {
            return self.exact(&format!("M/D/{c}"), "Crommelin 1932; Franx 2001", queue);
        }
        if c == 1 {
            let queue = Mg1::new(self.rate, self.law.clone());
            return self.exact("M/G/1", "Pollaczek-Khinchine, Kleinrock I, 5", queue);
        }
        self.two_moments(&format!("M/G/{c}"), 1.0, "Poisson arrivals")
    }

    fn by_urgency(&self, interrupts: bool) -> Result<Vec<Queue>, String> {
        let found = by_priority(&self.station.work, self.station.instances);
        let one_exponential = self.station.one_law() && self.law.is_exponential();
        if self.servers > 1 && !one_exponential {
            return Err("priorities on several cores have a formula for exponential work of one mean only".into());
        }
        let rates: Vec<f64> = found.iter().map(|(_, rate, _)| *rate).collect();
        let laws: Vec<Law> = found.iter().map(|(_, _, law)| Law::new(law)).collect();
        let class = |(rate, law): (&f64, &Law)| priority::Class {
            arrival_rate: *rate,
            service: law.mean(),
            second_moment: law.second_moment(),
        };
        let classes: Vec<priority::Class> = rates.iter().zip(&laws).map(class).collect();
        let wait = |class: usize| match self.servers {
            1 => priority::wait_mean(&classes, class),
            servers => priority::wait_mean_servers(&rates, class, self.law.mean(), servers),
        };
        let waits = (0..rates.len()).map(wait).collect();
        let percentiles = (!interrupts).then(|| Waits::new(rates.clone(), laws, self.servers)).flatten();
        let priorities = found.iter().map(|(priority, ..)| *priority).collect();
        let all = Urgency { priorities, classes, rates, waits, interrupts, servers: self.servers, percentiles };
        let kind = if one_exponential { "M/M" } else { "M/G" };
        let how = if interrupts { "priorities that interrupt" } else { "priorities" };
        self.exact(&format!("{kind}/{}, {how}", self.servers), "Cobham 1954; Kleinrock II, 3", all)
    }

    fn by_size(&self) -> Result<Vec<Queue>, String> {
        let order = words::order(self.order());
        let none = || format!("{order} has a formula on one core with work of one kind and many sizes only");
        if self.servers > 1 || !self.station.one_law() {
            return Err(none());
        }
        let queue = BySize::new(self.rate, &self.law).ok_or_else(none)?;
        let mean = match self.order() {
            Order::Shortest(false) => queue.shortest_first(),
            Order::Shortest(true) => queue.shortest_first_preemptive(),
            Order::ShortestRemaining => queue.shortest_remaining(),
            _ => queue.least_attained(),
        };
        self.exact(
            &format!("M/G/1, {order}"),
            "Schrage and Miller 1966; Harchol-Balter 2013, 31-33",
            MeanResponse(mean),
        )
    }

    /// Independent gaps.
    pub(super) fn renewal(&self, gap: &Dist) -> Result<Vec<Queue>, String> {
        let (c, gap) = (self.servers, Law::new(gap));
        if self.law.is_exponential() && matches!(self.order(), Order::Fifo | Order::AtRandom | Order::Lifo(false)) {
            let queue = RenewalQueue::new(&gap, self.law.mean(), c);
            let (name, source, arrivals) = (format!("GI/M/{c}"), "Takacs 1962; Kleinrock I, 6", "independent gaps,");
            let only_mean = MeanWait(queue.wait_mean());
            return Ok(vec![match self.order() {
                Order::Fifo => self.queue(&name, arrivals, source, Quality::Exact, queue),
                _ => self.queue(&name, arrivals, source, Quality::Exact, only_mean),
            }]);
        }
        self.two_moments(&format!("GI/G/{c}"), gap.scv(), "independent gaps,")
    }

    /// Batches at the instants of a Poisson process.
    pub(super) fn batches(&self, batch: &BatchSpec) -> Result<Vec<Queue>, String> {
        let sizes = sizes(batch);
        let few = sizes.len() as u32 <= MOST_SIZES && sizes.iter().all(|(size, _)| *size <= MOST_SIZES);
        if self.servers > 1 || self.order() != Order::Fifo || !few || self.station.work.len() > 1 {
            return Err("batches have a formula on one server in order of arrival only, with work of one kind".into());
        }
        let queue = Batches::new(self.rate / batch.mean(), sizes, self.law.clone());
        let arrivals = format!("batches of {} on average at the instants of a Poisson process,", batch.mean());
        let source = "Gaver 1959; Burke 1975";
        Ok(vec![self.queue("M^X/G/1", &arrivals, source, Quality::Exact, queue)])
    }
}

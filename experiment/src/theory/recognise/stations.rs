//! The stations of a scenario and what reaches them.

use archsim_core::Dist;
use archsim_models::spec::BatchSpec;
use std::collections::BTreeMap;

/// How requests come to a station.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Flow {
    /// As a Poisson process.
    Poisson,
    /// So many at once, at the instants of a Poisson process.
    Batches(BatchSpec),
    /// With independent gaps of this law, in seconds.
    Renewal(Dist),
    /// Otherwise, and why.
    Unknown(String),
}

/// In which order a station serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// First come first served.
    Fifo,
    /// Any of those who wait.
    AtRandom,
    /// Last come first served; whether the last interrupts.
    Lifo(bool),
    /// The most urgent first; whether it interrupts.
    Priority(bool),
    /// The least work first; whether it interrupts.
    Shortest(bool),
    /// The least work left first.
    ShortestRemaining,
    /// The least work done first.
    LeastAttained,
    /// Processor sharing.
    Sharing,
}

/// How requests are spread over the instances of a station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Routing {
    /// Each with the same probability.
    Random,
    /// In turn, by one who sends.
    RoundRobin,
    /// The least outstanding of so many drawn at random, by one who sends and learns at once when they are done.
    Choices(u32),
    /// Otherwise.
    Other,
}

/// Work that one kind of request asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Work {
    /// Visits per second.
    pub(crate) rate: f64,
    /// The law in seconds.
    pub(crate) law: Dist,
    /// Urgency, smaller is more urgent.
    pub(crate) priority: u8,
}

/// When the one core of a station is away, in seconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Away {
    /// When nothing waits; again if still nothing waits.
    Vacation(Dist, bool),
    /// It is off while nothing is there, and takes this long to start.
    SetUp(Dist),
    /// Up and down in turn, for exponential times of these means.
    Broken(f64, f64),
}

/// What a station is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Station {
    /// Instances that share its requests.
    pub(crate) instances: u32,
    /// Servers of each; none without a limit.
    pub(crate) servers: Option<u32>,
    /// Cores that the metric of utilisation is about, of each.
    pub(crate) cores: Option<u32>,
    /// The order.
    pub(crate) order: Order,
    /// Who gets a request.
    pub(crate) routing: Routing,
    /// How they come.
    pub(crate) flow: Flow,
    /// Work asked for.
    pub(crate) work: Vec<Work>,
    /// Whether each request of the component asks for work here once.
    pub(crate) once: bool,
    /// Whether requests do nothing else in the component.
    pub(crate) alone: bool,
    /// Whether the rate is known: nobody fails on the way.
    pub(crate) known: bool,
    /// How many may be inside each instance, in service and waiting.
    pub(crate) room: Option<u32>,
    /// How long they wait at most, in seconds.
    pub(crate) patience: Option<Dist>,
    /// When its only core is away.
    pub(crate) away: Option<Away>,
    /// Who sends to it first.
    pub(crate) via: String,
}

impl Station {
    /// Visits per second.
    pub(crate) fn rate(&self) -> f64 {
        self.work.iter().map(|work| work.rate).sum()
    }

    /// The law of the service of a visit.
    pub(crate) fn service(&self) -> Option<Dist> {
        let first = self.work.first()?;
        if self.one_law() {
            return Some(first.law.clone());
        }
        Dist::mixture(self.work.iter().map(|work| (work.rate, work.law.clone())).collect()).ok()
    }

    /// Whether every visit asks for work of the same law.
    pub(crate) fn one_law(&self) -> bool {
        self.work.windows(2).all(|pair| pair[0].law == pair[1].law)
    }

    /// The order, where urgency counts only if it differs.
    pub(crate) fn effective_order(&self) -> Order {
        let alike = self.work.windows(2).all(|pair| pair[0].priority == pair[1].priority);
        if alike && matches!(self.order, Order::Priority(_)) { Order::Fifo } else { self.order }
    }

    /// Busy share of the servers of an instance if nobody is lost.
    pub(crate) fn load(&self) -> f64 {
        let work: f64 = self.work.iter().map(|work| work.rate * work.law.mean()).sum();
        self.servers.map_or(0.0, |servers| work / f64::from(servers) / f64::from(self.instances))
    }

    /// Whether requests may leave without having been served.
    pub(crate) fn loses(&self) -> bool {
        self.room.is_some() || self.patience.is_some()
    }

    /// Whether what comes in goes out at the same rate.
    pub(crate) fn is_stable(&self) -> bool {
        self.servers.is_none() || self.load() < 1.0
    }

    /// Whether Poisson arrivals leave as a Poisson process that does not depend on the state (quasi-reversible: Burke 1956,
    /// Kelly 1979), whatever happens downstream.
    pub(crate) fn passes_poisson_on(&self) -> bool {
        let spread = self.instances == 1 || self.routing == Routing::Random;
        let exponential = matches!(self.service(), Some(Dist::Exponential { .. })) && self.one_law();
        let quasi_reversible = match self.effective_order() {
            Order::Sharing => true,
            Order::Lifo(true) => exponential || self.servers == Some(1),
            Order::Fifo | Order::AtRandom | Order::Lifo(false) => exponential,
            Order::Priority(_) | Order::Shortest(_) | Order::ShortestRemaining | Order::LeastAttained => false,
        };
        !self.loses() && self.away.is_none() && (self.servers.is_none() || (spread && quasi_reversible))
    }
}

/// Stations by the index of their component, in file order.
pub(crate) type Stations = BTreeMap<usize, Station>;

//! The stations of a scenario and what reaches them.

use archsim_core::Dist;
use std::collections::BTreeMap;

/// How requests come to a station.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Flow {
    /// As a Poisson process.
    Poisson,
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
    /// The least outstanding of so many drawn at random, by one who sends.
    Choices(u32),
    /// Otherwise.
    Other,
}

/// What a station is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Station {
    /// Instances that share its requests.
    pub(crate) instances: u32,
    /// Servers of each; none without a limit.
    pub(crate) servers: Option<u32>,
    /// The order.
    pub(crate) order: Order,
    /// Who gets a request.
    pub(crate) routing: Routing,
    /// How they come.
    pub(crate) flow: Flow,
    /// Work asked for: visits per second, law in seconds.
    pub(crate) work: Vec<(f64, Dist)>,
    /// Whether each request of the component asks for work here once.
    pub(crate) once: bool,
    /// Who sends to it first.
    pub(crate) via: String,
}

impl Station {
    /// Visits per second.
    pub(crate) fn rate(&self) -> f64 {
        self.work.iter().map(|(rate, _)| rate).sum()
    }

    /// The law of the service of a visit.
    pub(crate) fn service(&self) -> Option<Dist> {
        let (_, first) = self.work.first()?;
        if self.one_law() {
            return Some(first.clone());
        }
        Dist::mixture(self.work.clone()).ok()
    }

    /// Whether every visit asks for work of the same law.
    pub(crate) fn one_law(&self) -> bool {
        self.work.windows(2).all(|pair| pair[0].1 == pair[1].1)
    }

    /// Whether Poisson arrivals leave as a Poisson process that does not depend on the state (quasi-reversible: Burke 1956,
    /// Kelly 1979), whatever happens downstream.
    pub(crate) fn passes_poisson_on(&self) -> bool {
        let spread = self.instances == 1 || self.routing == Routing::Random;
        let exponential = matches!(self.service(), Some(Dist::Exponential { .. })) && self.one_law();
        self.servers.is_none() || (spread && (self.order == Order::Sharing || exponential))
    }
}

/// Stations by the index of their component, in file order.
pub(crate) type Stations = BTreeMap<usize, Station>;

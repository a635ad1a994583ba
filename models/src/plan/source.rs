//! Sources: who sends what, when.

use archsim_core::{Dist, Time};

/// Where requests come from.
#[derive(Clone, Debug)]
pub struct SourcePlan {
    /// Its name.
    pub name: String,
    /// Its instance (sources have state per caller as components have).
    pub instance: u32,
    /// First of its classes.
    pub first_class: u32,
    /// Number of its classes.
    pub classes: u32,
    /// Cumulative weights of the classes, the last is 1.
    pub cumulative: Vec<f64>,
    /// The arrivals.
    pub arrivals: Arrivals,
}

/// How a source sends.
#[derive(Clone, Debug)]
pub enum Arrivals {
    /// Open: gaps of mean 1 on the scale of the integrated rate.
    Open {
        /// The gap; mean 1.
        gap: Dist,
        /// The rate over time.
        load: crate::load::Load,
    },
    /// Open, by less common ways: batches, random rates, lists of instants.
    Paced(Box<Paced>),
    /// Closed: users and their think time.
    Closed {
        /// Number of users.
        users: u32,
        /// Think time; `NONE` without.
        think: u32,
    },
}

/// Open arrivals that need more than gaps and a rate.
#[derive(Clone, Debug)]
pub struct Paced {
    /// When somebody comes.
    pub pace: Pace,
    /// How many come then.
    pub batch: crate::spec::BatchSpec,
}

/// Instants at which somebody comes.
#[derive(Clone, Debug)]
pub enum Pace {
    /// Gaps of the batches on the scale of the integrated rate of requests.
    Gaps {
        /// The gap; its mean is the mean batch.
        gap: Dist,
        /// The rate over time.
        load: crate::load::Load,
    },
    /// One by one, in order of time.
    Replay(Vec<Time>),
}

/// A kind of request: one operation of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassPlan {
    /// Its source.
    pub source: u32,
    /// The operation, or the empty text where the source has only one.
    pub name: String,
    /// First instruction.
    pub start: u32,
    /// Urgency.
    pub priority: u8,
}

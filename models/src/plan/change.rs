//! Changes: what faults do, at planned instants or by chance.

use archsim_core::Time;

/// Instances that alternate between up and down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FailuresPlan {
    /// First instance.
    pub first: u32,
    /// Number of instances.
    pub count: u32,
    /// Law of the times up.
    pub up: u32,
    /// Law of the times down.
    pub down: u32,
    /// Whether nobody is told.
    pub silent: bool,
    /// Law of the times until a copy of its shard has taken a primary's place; `NONE` where none does.
    pub failover: u32,
    /// Instances of a shard, the first of which is the primary.
    pub copies: u32,
    /// Most that are repaired at once.
    pub repairers: u32,
}

/// A change at an instant, made by a fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When.
    pub at: Time,
    /// What.
    pub what: ChangeKind,
}

/// What a fault changes.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeKind {
    /// Instances work at a multiple of their speed.
    Speed {
        /// First instance.
        first: u32,
        /// Number of instances.
        count: u32,
        /// The multiple.
        factor: f64,
    },
    /// Instances go down.
    Down {
        /// First instance.
        first: u32,
        /// Number of instances.
        count: u32,
        /// Whether nobody is told.
        silent: bool,
    },
    /// Instances come up.
    Up {
        /// First instance.
        first: u32,
        /// Number of instances.
        count: u32,
    },
    /// Instances stand still.
    Pause {
        /// First instance.
        first: u32,
        /// Number of instances.
        count: u32,
    },
    /// Instances go on.
    Resume {
        /// First instance.
        first: u32,
        /// Number of instances.
        count: u32,
    },
    /// A cache forgets.
    Flush {
        /// The cache.
        cache: u32,
    },
    /// An edge gets extra network time and loss.
    Disturb {
        /// The edges.
        edges: Vec<u32>,
        /// Extra time; `NONE` without.
        latency: u32,
        /// Extra loss.
        loss: f64,
    },
    /// The disturbance ends.
    Calm {
        /// The edges.
        edges: Vec<u32>,
    },
}

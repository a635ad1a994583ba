//! Stations: servers, queues, who may wait, and what works in batches.

use crate::spec::Discipline;
use crate::spec::queueing::{Assign, Joining};
use archsim_core::Time;

/// Servers and a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// Parallel servers; `u32::MAX` means nobody waits.
    pub servers: u32,
    /// Order of the queue.
    pub discipline: Discipline,
    /// Room in the queue; beyond it arrivals are rejected.
    pub room: u32,
}

/// What happens at the queue of an instance beside serving it in order.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueingPlan {
    /// How long each waits at most; `NONE` without.
    pub patience: u32,
    /// Whether it is the slots that are waited for so; otherwise the cores.
    pub at_slots: bool,
    /// Who joins.
    pub join: Option<Joining>,
    /// Slots kept free for those who are more urgent, by priority.
    pub reserve: Vec<(u8, u32)>,
    /// Up and down of the whole instance; `NONE` without.
    pub pauses: Option<(u32, u32)>,
    /// Cores that are told apart.
    pub crew: Option<CrewPlan>,
}

/// Cores that are told apart. Times are `NONE` where there are none.
#[derive(Clone, Debug, PartialEq)]
pub struct CrewPlan {
    /// Speeds in turn; empty where all are alike.
    pub speeds: Vec<f64>,
    /// Which idle core is taken.
    pub assign: Assign,
    /// Length of a vacation.
    pub vacation: u32,
    /// Whether a core goes on vacation again and again.
    pub repeat: bool,
    /// Time to start.
    pub set_up: u32,
    /// How long an idle core stays on.
    pub keep: u32,
    /// How long each core is up.
    pub up: u32,
    /// How long each core is down.
    pub down: u32,
}

/// Slots in front of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission {
    /// Requests in progress.
    pub slots: u32,
    /// Waiting room.
    pub room: u32,
    /// Order of the waiting room.
    pub discipline: Discipline,
}

/// A step at which requests wait for each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchPlan {
    /// Most requests in a batch.
    pub max: u32,
    /// Requests that it waits for.
    pub min: u32,
    /// How long the first waits for them; [`Time::MAX`] for ever.
    pub linger: Time,
    /// Batches of an instance in progress at once.
    pub at_once: u32,
    /// First instruction of the work.
    pub start: u32,
    /// Where requests go on whose batch has failed.
    pub failed: u32,
    /// First instance.
    pub first_instance: u32,
    /// Number of instances.
    pub instances: u32,
    /// First of the gatherings, one for each instance.
    pub first_gathering: u32,
}

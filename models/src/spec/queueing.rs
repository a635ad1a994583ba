//! What may happen at a queue and to those who serve it: impatience, reserves, pauses, vacations, cold starts, unequal cores.

use super::{Duration, Fraction};
use crate::{choice, spec};

choice! {
    /// Which of several idle cores takes the next piece of work.
    Assign as "an assignment" {
        /// The fastest that is idle.
        FastestIdle,
        /// The slowest that is idle.
        SlowestIdle,
        /// Any that is idle, with equal probability.
        RandomIdle,
    }
}
choice! {
    /// Whether an arrival joins, by what it finds. Who does not join has the outcome `balked`.
    Joining as "who joins" {
        /// With probability 1 / (n + 1), n being those present in the instance (discouraged arrivals).
        Discouraged,
        /// With the first probability if nobody is present in the instance, with the second if there is one, and so on; the last
        /// stands for all numbers above: `ByPresent([1, 0.8, 0.5])`.
        ByPresent(JoiningArgs),
        /// The same by the number waiting in the instance, those in service left out.
        ByWaiting(JoiningArgs),
    }
}
spec! {
    /// Arguments of `ByPresent` and `ByWaiting`.
    JoiningArgs as "ByPresent" {
        /// Probabilities to join for 0, 1, 2, ... found.
        chances: Vec<Fraction>,
    }
}
spec! {
    /// Pauses, breakdowns and repairs: up and down in turn, whatever the load is. Work stops while down and goes on where it was. Up at
    /// the start of the run.
    PausesSpec as "pauses" {
        /// How long it is up.
        up: Duration,
        /// How long it is down.
        down: Duration,
        /// What goes down together. Default `Instance`.
        each: Option<PauseUnit>,
    }
}
choice! {
    /// What goes down together.
    PauseUnit as "what pauses" {
        /// All cores of an instance, as in a stop-the-world collection of garbage; instances independently of each other.
        Instance,
        /// Each core on its own, as a machine that breaks down; what it works on waits at the head of the queue and goes on where it
        /// was, on any core (Mitrany and Avi-Itzhak 1968).
        Core,
    }
}
spec! {
    /// What a core does when nothing waits: it goes away for a while (a vacation; background work that is not interrupted). When it
    /// comes back it serves if anything waits (Levy and Yechiali 1975).
    VacationSpec as "vacation" {
        /// How long.
        time: Duration,
        /// Whether it goes away again if still nothing waits (multiple vacations), or waits for work after one. Default true.
        repeat: Option<bool>,
    }
}
spec! {
    /// Cores that are off until they are needed, as functions scaled to zero. An arrival that has to wait starts one that is off; whoever
    /// waits takes the core that is ready first; when fewer wait than cores start, the newest start is given up. A core that finds
    /// nothing waiting goes off (Gandhi, Doroudi, Harchol-Balter and Scheller-Wolf 2013: M/M/k with set-up).
    ColdStartSpec as "cold_start" {
        /// How long a core takes to start.
        time: Duration,
        /// How long an idle core stays on. Default: it goes off at once.
        keep: Option<Duration>,
    }
}

/// All that a kind says about its queue.
#[derive(Clone, Debug, Default)]
pub struct Queueing<'a> {
    /// How long each waits at most.
    pub patience: Option<&'a Duration>,
    /// Who joins.
    pub join: Option<&'a Joining>,
    /// Slots kept free for the more urgent.
    pub reserve: Option<&'a super::ByPriority<u32>>,
    /// Up and down.
    pub pauses: Option<&'a PausesSpec>,
    /// Speed of each core.
    pub core_speed: &'a [f64],
    /// Which idle core is taken.
    pub assign: Option<&'a Assign>,
    /// What idle cores do.
    pub vacation: Option<&'a VacationSpec>,
    /// Cores that start when they are needed.
    pub cold_start: Option<&'a ColdStartSpec>,
}

impl Queueing<'_> {
    /// Whether cores have to be told apart.
    pub fn has_crew(&self) -> bool {
        let single = self.pauses.is_some_and(|pauses| pauses.each == Some(PauseUnit::Core));
        single || !self.core_speed.is_empty() || self.vacation.is_some() || self.cold_start.is_some()
    }

    /// Whether arrivals have to be counted before they are admitted.
    pub fn counts_arrivals(&self) -> bool {
        self.join.is_some() || self.reserve.is_some()
    }

    /// Whether there is anything to say.
    pub fn is_plain(&self) -> bool {
        !self.has_crew() && !self.counts_arrivals() && self.patience.is_none() && self.pauses.is_none()
    }
}

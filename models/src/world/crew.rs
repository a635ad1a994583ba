//! The cores of a station where they have to be told apart: unequal speeds, vacations, cold starts, breakdowns of each.

use crate::plan::{CrewPlan, Plan};
use crate::spec::queueing::Assign;
use archsim_core::{Dist, Key, Stream, Time};

/// What a core is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    Idle,
    Busy,
    Off,
    SettingUp,
    Away,
    Down,
}

/// A core.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worker {
    pub speed: f64,
    pub duty: Duty,
    /// Whom it serves.
    pub frame: u32,
    /// When its duty ends by itself.
    pub until: Time,
    /// Whether it has served since it was last away.
    worked: bool,
    /// Number of its draws so far.
    draws: u64,
    /// Orders the starts.
    started: u64,
}

/// All cores of a station.
#[derive(Clone, Debug)]
pub(super) struct Crew {
    pub workers: Vec<Worker>,
    assign: Assign,
    vacation: Option<(Dist, bool)>,
    set_up: Option<Dist>,
    keep: Option<Dist>,
    breaks: Option<(Dist, Dist)>,
    key: Key,
    draws: u64,
    /// When the pending alarm rings.
    pub alarm: Time,
}

impl Crew {
    pub(super) fn new(plan: &Plan, crew: &CrewPlan, servers: u32, key: Key) -> Self {
        let dist = |index: u32| plan.dists.get(index as usize).cloned();
        let set_up = dist(crew.set_up);
        let duty = if set_up.is_some() { Duty::Off } else { Duty::Idle };
        let new = |index: u32| Worker {
            speed: crew.speeds.get(index as usize % crew.speeds.len().max(1)).copied().unwrap_or(1.0),
            duty,
            frame: 0,
            until: Time::MAX,
            worked: crew.repeat,
            draws: 0,
            started: 0,
        };
        let mut crew = Crew {
            workers: (0..servers).map(new).collect(),
            assign: crew.assign.clone(),
            vacation: dist(crew.vacation).map(|time| (time, crew.repeat)),
            set_up,
            keep: dist(crew.keep),
            breaks: dist(crew.up).zip(dist(crew.down)),
            key,
            draws: 0,
            alarm: Time::MAX,
        };
        if let Some((up, _)) = crew.breaks.clone() {
            (0..crew.workers.len()).for_each(|index| crew.workers[index].until = crew.draw(index, &up));
        }
        crew
    }

    /// A length of time for a core.
    fn draw(&mut self, worker: usize, dist: &Dist) -> Time {
        let draws = &mut self.workers[worker].draws;
        *draws += 1;
        Time::from_nanos_f64(dist.sample(&mut self.key.child(worker as u64).draw(*draws)))
    }

    /// Cores that could start now.
    pub(super) fn idle(&self) -> u32 {
        self.count(Duty::Idle)
    }

    pub(super) fn count(&self, duty: Duty) -> u32 {
        self.workers.iter().filter(|worker| worker.duty == duty).count() as u32
    }

    /// An idle core takes somebody: its speed.
    pub(super) fn assign(&mut self, frame: u32) -> f64 {
        let idle = |worker: &&mut Worker| worker.duty == Duty::Idle;
        let chosen = match self.assign {
            Assign::FastestIdle => {
                self.workers.iter_mut().filter(idle).reduce(|a, b| if b.speed > a.speed { b } else { a })
            }
            Assign::SlowestIdle => {
                self.workers.iter_mut().filter(idle).reduce(|a, b| if b.speed < a.speed { b } else { a })
            }
            Assign::RandomIdle => {
                self.draws += 1;
                let mut stream: Stream = self.key.draw(self.draws);
                let count = self.workers.iter().filter(|worker| worker.duty == Duty::Idle).count();
                let nth = stream.below(count as u64) as usize;
                self.workers.iter_mut().filter(idle).nth(nth)
            }
        };
        let Some(worker) = chosen else { return 1.0 };
        (worker.duty, worker.frame, worker.worked) = (Duty::Busy, frame, true);
        if self.breaks.is_none() {
            worker.until = Time::MAX;
        }
        worker.speed
    }

    /// Speed of the core that serves somebody.
    pub(super) fn speed_for(&self, frame: u32) -> f64 {
        let with = |duty: Duty| self.workers.iter().find(|worker| worker.duty == duty && worker.frame == frame);
        // A core that has just broken down, too.
        with(Duty::Busy).or_else(|| with(Duty::Down)).map_or(1.0, |worker| worker.speed)
    }

    /// Whoever served somebody is idle.
    pub(super) fn release(&mut self, frame: u32) {
        let serves = |worker: &&mut Worker| worker.duty == Duty::Busy && worker.frame == frame;
        if let Some(worker) = self.workers.iter_mut().find(serves) {
            worker.duty = Duty::Idle;
        }
    }

    /// Cores whose duty ends now, one after the other; somebody whom a core that breaks down was serving is given.
    pub(super) fn turn(&mut self, now: Time) -> Option<Option<u32>> {
        let index = self.workers.iter().position(|worker| worker.until <= now)?;
        let Worker { duty, frame, .. } = self.workers[index];
        if let Some((up, down)) = self.breaks.clone() {
            let length = self.draw(index, if duty == Duty::Down { &up } else { &down });
            let worker = &mut self.workers[index];
            worker.duty = if duty == Duty::Down { Duty::Idle } else { Duty::Down };
            worker.until = now + length;
            return Some((duty == Duty::Busy).then_some(frame));
        }
        let worker = &mut self.workers[index];
        worker.until = Time::MAX;
        worker.duty = if duty == Duty::Idle { Duty::Off } else { Duty::Idle };
        Some(None)
    }

    /// What idle cores do now, and how many start, with so many who wait.
    pub(super) fn settle(&mut self, now: Time, waiting: u32) {
        if self.vacation.is_none() && self.set_up.is_none() {
            return;
        }
        for index in 0..self.workers.len() {
            if self.workers[index].duty == Duty::Idle && waiting == 0 {
                self.rest(now, index);
            }
        }
        let Some(set_up) = self.set_up.clone() else { return };
        while self.count(Duty::SettingUp) < waiting {
            let Some(index) = self.workers.iter().position(|worker| worker.duty == Duty::Off) else { return };
            self.draws += 1;
            let started = self.draws;
            let until = now + self.draw(index, &set_up);
            let worker = &mut self.workers[index];
            (worker.duty, worker.until, worker.started) = (Duty::SettingUp, until, started);
        }
        while self.count(Duty::SettingUp) > waiting {
            let starting = self.workers.iter_mut().filter(|worker| worker.duty == Duty::SettingUp);
            if let Some(newest) = starting.max_by_key(|worker| worker.started) {
                (newest.duty, newest.until) = (Duty::Off, Time::MAX);
            }
        }
    }

    fn rest(&mut self, now: Time, index: usize) {
        if let Some((vacation, repeat)) = self.vacation.clone() {
            if repeat || self.workers[index].worked {
                let until = now + self.draw(index, &vacation);
                let worker = &mut self.workers[index];
                (worker.duty, worker.until, worker.worked) = (Duty::Away, until, false);
            }
            return;
        }
        match self.keep.clone() {
            None => self.workers[index].duty = Duty::Off,
            Some(keep) if self.workers[index].until == Time::MAX => {
                self.workers[index].until = now + self.draw(index, &keep);
            }
            Some(_) => {}
        }
    }

    /// When the next duty ends by itself.
    pub(super) fn next(&self) -> Time {
        self.workers.iter().map(|worker| worker.until).min().unwrap_or(Time::MAX)
    }
}

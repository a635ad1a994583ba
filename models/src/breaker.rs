//! Circuit breakers: what each remembers, and whether it lets a call through.

use crate::spec::breaker::{BreakerSpec, BreakerWindow, Failures};
use archsim_core::Time;
use std::collections::VecDeque;

/// The settings of a breaker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerPlan {
    /// When it opens.
    pub opens: Opens,
    /// How long it stays open.
    pub open_for: Time,
    /// Trials when half-open.
    pub probes: u32,
}

/// When a breaker opens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Opens {
    /// After so many failures in a row.
    InRow(u32),
    /// At a share of failures among the calls of a window.
    Share {
        /// The share.
        share: f64,
        /// Calls below which it stays closed.
        least: u32,
        /// The window.
        window: Memory,
    },
}

/// What a breaker remembers of calls that ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Memory {
    /// So many last calls.
    Calls(u32),
    /// Ten parts of this length each, in nanoseconds.
    Time(u64),
}

/// Parts of a window in time (Hystrix, `metrics.rollingStats.numBuckets`).
const PARTS: u64 = 10;

impl BreakerPlan {
    /// The settings of a specification.
    pub fn new(spec: &BreakerSpec) -> Self {
        let second = |n: u64| Time::from_nanos(n * 1_000_000_000);
        let window = match spec.window.as_ref().map(|w| w.value) {
            None => Memory::Time(second(10).as_nanos() / PARTS),
            Some(BreakerWindow::Time(span)) => Memory::Time((span.0.as_nanos() / PARTS).max(1)),
            Some(BreakerWindow::Calls(calls)) => Memory::Calls(calls),
        };
        let least = spec.min_requests.as_ref().map_or(20, |least| least.value);
        let opens = match spec.failures.value {
            Failures::InRow(failures) => Opens::InRow(failures),
            Failures::Share(share) => Opens::Share { share: share.0, least, window },
        };
        BreakerPlan {
            opens,
            open_for: spec.open_for.as_ref().map_or(second(5), |span| span.value.0),
            probes: spec.probes.as_ref().map_or(1, |probes| probes.value),
        }
    }
}

/// Calls that ended, and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    ended: u32,
    failed: u32,
}

impl Tally {
    fn add(&mut self, failed: bool) {
        self.ended += 1;
        self.failed += u32::from(failed);
    }
}

/// A breaker.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    /// Counts openings and closings: who was let through in another epoch is not heard.
    pub epoch: u32,
    /// Open until this instant, half-open after it; closed without.
    until: Option<Time>,
    /// Trials out, and what came of those that ended.
    trials: u32,
    trial: Tally,
    /// Failures in a row.
    row: u32,
    /// Parts of the window with their numbers, or single calls; the oldest first.
    parts: VecDeque<(u64, Tally)>,
    sum: Tally,
    /// Up to when its open time is counted.
    counted: Time,
}

impl Breaker {
    /// Goes on by other settings. What it remembers of calls is forgotten where it would remember them in another way.
    pub fn change_over(&mut self, from: &BreakerPlan, to: &BreakerPlan) {
        let memory = |plan: &BreakerPlan| match plan.opens {
            Opens::InRow(_) => None,
            Opens::Share { window, .. } => Some(window),
        };
        if memory(from) != memory(to) {
            self.parts.clear();
            (self.sum, self.row) = (Tally::default(), 0);
        }
    }

    /// Whether a call may pass now.
    pub fn lets_through(&mut self, plan: &BreakerPlan, now: Time) -> bool {
        let Some(until) = self.until else { return true };
        let admitted = now >= until && self.trials + self.trial.ended < plan.probes;
        self.trials += u32::from(admitted);
        admitted
    }

    /// A call of the present epoch has ended without a result: a trial may be made again.
    pub fn abandoned(&mut self) {
        self.trials = self.trials.saturating_sub(1);
    }

    /// A call of the present epoch has ended. Whether the breaker opens.
    pub fn ended(&mut self, plan: &BreakerPlan, failed: bool, now: Time) -> bool {
        let opens = if self.until.is_some() {
            self.trials -= 1;
            self.trial.add(failed);
            match self.verdict_on_trials(plan) {
                None => return false,
                Some(opens) => opens,
            }
        } else {
            if !self.too_many(plan, failed, now) {
                return false;
            }
            true
        };
        *self = Breaker { epoch: self.epoch.wrapping_add(1), counted: self.counted, ..Breaker::default() };
        if opens {
            (self.until, self.counted) = (Some(now + plan.open_for), now);
        }
        opens
    }

    /// Whether the trials open the breaker again; none while some are to come.
    fn verdict_on_trials(&self, plan: &BreakerPlan) -> Option<bool> {
        match plan.opens {
            Opens::InRow(_) if self.trial.failed > 0 => Some(true),
            _ if self.trial.ended < plan.probes => None,
            Opens::InRow(_) => Some(false),
            Opens::Share { share, .. } => Some(f64::from(self.trial.failed) >= share * f64::from(self.trial.ended)),
        }
    }

    /// Counts a call and says whether there were too many failures.
    fn too_many(&mut self, plan: &BreakerPlan, failed: bool, now: Time) -> bool {
        let (share, least, window) = match plan.opens {
            Opens::InRow(most) => {
                self.row = if failed { self.row + 1 } else { 0 };
                return self.row >= most;
            }
            Opens::Share { share, least, window } => (share, least, window),
        };
        self.remember(window, failed, now);
        self.sum.ended >= least && f64::from(self.sum.failed) >= share * f64::from(self.sum.ended)
    }

    fn remember(&mut self, window: Memory, failed: bool, now: Time) {
        let (number, most) = match window {
            Memory::Calls(calls) => (self.parts.back().map_or(0, |(n, _)| n + 1), u64::from(calls)),
            Memory::Time(part) => (now.as_nanos() / part, PARTS),
        };
        while let Some((_, old)) = self.parts.pop_front_if(|(n, _)| *n + most <= number) {
            self.sum.ended -= old.ended;
            self.sum.failed -= old.failed;
        }
        if self.parts.back().is_none_or(|(n, _)| *n != number) {
            self.parts.push_back((number, Tally::default()));
        }
        if let Some((_, part)) = self.parts.back_mut() {
            part.add(failed);
        }
        self.sum.add(failed);
    }

    /// Nanoseconds open since the last call, or since it opened.
    pub fn collect(&mut self, now: Time) -> u64 {
        let Some(until) = self.until else { return 0 };
        let to = until.min(now);
        let open = to.as_nanos().saturating_sub(self.counted.as_nanos());
        self.counted = self.counted.max(to);
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_nanos(seconds * 1_000_000_000)
    }

    const THREE_IN_A_ROW: BreakerPlan =
        BreakerPlan { opens: Opens::InRow(3), open_for: Time::from_nanos(5_000_000_000), probes: 1 };

    #[test]
    fn three_failures_in_a_row_open_it_and_one_trial_closes_it() {
        let mut breaker = Breaker::default();
        let plan = &THREE_IN_A_ROW;
        let opened: Vec<bool> =
            [true, true, false, true, true, true].iter().map(|failed| breaker.ended(plan, *failed, at(1))).collect();
        assert_eq!(opened, [false, false, false, false, false, true]);
        assert!(!breaker.lets_through(plan, at(5)));
        assert!(breaker.lets_through(plan, at(6)), "half-open at the very instant");
        assert!(!breaker.lets_through(plan, at(6)), "one trial at a time");
        assert!(breaker.ended(plan, true, at(7)), "a failed trial opens it again");
        assert!(breaker.lets_through(plan, at(12)));
        assert!(!breaker.ended(plan, false, at(12)));
        assert!(breaker.lets_through(plan, at(12)) && breaker.lets_through(plan, at(12)), "closed");
    }

    #[test]
    fn a_share_needs_enough_calls_and_forgets_old_ones() {
        let opens = Opens::Share { share: 0.5, least: 4, window: Memory::Calls(4) };
        let plan = BreakerPlan { opens, ..THREE_IN_A_ROW };
        let mut breaker = Breaker::default();
        let results = [true, true, true, false, false, false];
        // Of four calls three failed: open at once. Had it been later, the first would be forgotten.
        let opened: Vec<bool> = results[..4].iter().map(|failed| breaker.ended(&plan, *failed, at(1))).collect();
        assert_eq!(opened, [false, false, false, true]);
        let mut breaker = Breaker::default();
        let opens = Opens::Share { share: 0.5, least: 2, window: Memory::Time(1_000_000_000) };
        let plan = BreakerPlan { opens, ..THREE_IN_A_ROW };
        assert!(!breaker.ended(&plan, true, at(0)));
        assert!(!breaker.ended(&plan, false, at(10)), "the failure of ten parts ago is forgotten");
        assert!(breaker.ended(&plan, true, at(11)), "one of two failed");
    }

    #[test]
    fn open_time_is_counted_to_the_nanosecond() {
        let mut breaker = Breaker::default();
        (0..3).for_each(|_| _ = breaker.ended(&THREE_IN_A_ROW, true, at(2)));
        let open: Vec<u64> = [3, 5, 10].iter().map(|s| breaker.collect(at(*s)) / 1_000_000_000).collect();
        assert_eq!(open, [1, 2, 2]);
    }
}

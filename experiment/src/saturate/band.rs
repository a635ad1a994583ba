//! Where chance tips the system into collapse no load is the limit: a longer run would tip at a lower one. There runs of equal
//! length at each load say how many tipped, and the answer is the highest load at which none did, with that length.

use super::{Answer, Probe, Search};

/// What became of runs of equal length at a load near the answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fall {
    /// The load.
    pub value: f64,
    /// Runs that were collapsed at their end.
    pub tipped: usize,
    /// All runs.
    pub of: usize,
}

/// The loads at which chance decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Loads that were tried, in rising order.
    pub falls: Vec<Fall>,
    /// Requests of each run.
    pub requests: u64,
}

impl Band {
    /// The highest load below all at which a run tipped; none if some tipped at every one.
    pub fn safe(&self) -> Option<f64> {
        self.falls.iter().take_while(|fall| fall.tipped == 0).last().map(|fall| fall.value)
    }

    /// The lowest load at which a run tipped.
    pub fn first(&self) -> Option<&Fall> {
        self.falls.iter().find(|fall| fall.tipped > 0)
    }

    /// The lowest load from which on all runs tipped.
    pub fn last(&self) -> Option<f64> {
        self.falls.iter().rev().take_while(|fall| fall.tipped == fall.of).last().map(|fall| fall.value)
    }
}

/// Runs at each load.
pub(super) const RUNS: u32 = 8;
/// Requests of each.
pub(super) const REQUESTS: f64 = 25_000.0;
/// Loads that are tried at most.
const MOST: usize = 12;
/// The ends of the band are known to this part of themselves.
const CLOSE: f64 = 0.05;
/// Each lower load, relative to the one before, until no run tips.
const LOWER: f64 = 0.8;

impl Search<'_> {
    /// Finds the band around a load at which chance decided.
    pub(super) fn band(&mut self) -> Answer {
        let lowest =
            |found: &[Fall]| found.iter().filter(|fall| fall.tipped > 0).map(|fall| fall.value).reduce(f64::min);
        let from = self.question.range.0;
        let mut falls: Vec<Fall> = vec![];
        let (_, high) = self.ends();
        let at_tips = self.probes.iter().filter(|probe| probe.tipped).map(|probe| probe.value).fold(high, f64::min);
        let known = self.low.map(|at| self.probes[at].value).filter(|low| *low < at_tips);
        let (mut next, mut interrupted) = (known.unwrap_or((LOWER * at_tips).max(from)), false);
        let mut holds = vec![];
        while falls.len() < MOST {
            let Some((fall, probe)) = self.prober.endure(self.question.form.round(next), self.watch) else {
                interrupted = true;
                break;
            };
            if fall.tipped == 0 && probe.holds == Some(true) {
                holds.push(fall.value);
            }
            self.probes.push(Probe { long: true, ..probe });
            falls.push(fall);
            falls.sort_by(|a, b| a.value.total_cmp(&b.value));
            let Some(further) = further(&falls, &holds, from, high) else { break };
            next = further;
            let next = self.question.form.round(next);
            if falls.iter().any(|fall| fall.value == next) || next > self.question.range.1 {
                break;
            }
        }
        let tips = lowest(&falls).unwrap_or(high);
        let safe = holds.into_iter().filter(|value| *value < tips).reduce(f64::max);
        self.band = (!falls.is_empty()).then_some(Band { falls, requests: REQUESTS as u64 });
        match safe {
            _ if interrupted => Answer::Interrupted(safe.unwrap_or(from), tips),
            None => Answer::Nowhere(from),
            Some(safe) => Answer::UpTo { value: safe, low: safe, high: tips, precise: false },
        }
    }
}

/// The lowest load at which a run tipped.
fn lowest(falls: &[Fall]) -> Option<f64> {
    falls.iter().find(|fall| fall.tipped > 0).map(|fall| fall.value)
}

/// The load to try next, by those that were tried, those at which the objectives hold, the lowest that may be tried, and one that is too
/// much: first down until none tips and all holds, then what is between, then the upper end of the band.
fn further(falls: &[Fall], holds: &[f64], from: f64, high: f64) -> Option<f64> {
    let tips = lowest(falls).unwrap_or(high);
    let quiet = falls.iter().rev().find(|fall| fall.tipped == 0 && fall.value < tips).map(|fall| fall.value);
    match quiet.filter(|_| holds.iter().any(|value| *value < tips)) {
        None if falls[0].value <= from => None,
        None => Some((LOWER * falls[0].value).max(from)),
        Some(quiet) if tips > quiet * (1.0 + CLOSE) => Some((quiet * tips).sqrt()),
        Some(_) => match above(falls) {
            Some((some, all)) if all > some * (1.0 + CLOSE) => Some((some * all).sqrt()),
            Some(_) => None,
            None => falls.last().map(|fall| fall.value * (1.0 + 2.0 * CLOSE)),
        },
    }
}

/// The highest load at which not all runs tipped although some did at it or below, and the lowest above at which all did; none where there
/// is none of the latter.
fn above(falls: &[Fall]) -> Option<(f64, f64)> {
    let all = falls.iter().rev().take_while(|fall| fall.tipped == fall.of).last()?.value;
    let some = falls.iter().rev().find(|fall| fall.value < all)?.value;
    Some((some, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(falls: &[(f64, usize)]) -> Band {
        let fall = |(value, tipped): &(f64, usize)| Fall { value: *value, tipped: *tipped, of: 8 };
        Band { falls: falls.iter().map(fall).collect(), requests: 1 }
    }

    #[test]
    fn the_band_begins_where_the_first_run_tips_and_ends_where_all_do() {
        let found = band(&[(90.0, 0), (100.0, 0), (105.0, 1), (110.0, 5), (115.0, 8), (120.0, 8)]);
        assert_eq!(
            (found.safe(), found.first().map(|fall| fall.value), found.last()),
            (Some(100.0), Some(105.0), Some(115.0))
        );
        assert_eq!(above(&found.falls), Some((110.0, 115.0)));
    }

    #[test]
    fn first_down_then_between_then_up() {
        let further = |falls: &[(f64, usize)], holds: &[f64]| further(&band(falls).falls, holds, 70.0, 200.0);
        assert_eq!(further(&[(100.0, 2)], &[]), Some(80.0));
        assert_eq!(further(&[(80.0, 1), (100.0, 2)], &[]), Some(70.0));
        assert_eq!(further(&[(70.0, 1), (100.0, 2)], &[]), None);
        assert_eq!(further(&[(81.0, 0), (100.0, 2)], &[81.0]), Some(90.0));
        // Nothing tips at 81, but the objectives do not hold there.
        assert_eq!(further(&[(90.0, 0), (100.0, 2)], &[]), Some(72.0));
        assert_eq!(further(&[(98.0, 0), (100.0, 2)], &[98.0]), Some(100.0 * (1.0 + 2.0 * CLOSE)));
        assert_eq!(further(&[(98.0, 0), (100.0, 2), (121.0, 8)], &[98.0]), Some(110.0));
        assert_eq!(further(&[(98.0, 0), (100.0, 2), (104.0, 8)], &[98.0]), None);
    }

    #[test]
    fn a_run_that_is_lucky_above_one_that_was_not_changes_nothing_below() {
        let found = band(&[(100.0, 0), (105.0, 1), (110.0, 0), (115.0, 6)]);
        assert_eq!(
            (found.safe(), found.first().map(|fall| fall.value), found.last()),
            (Some(100.0), Some(105.0), None)
        );
        assert_eq!(above(&found.falls), None);
    }
}

//! The setting with the smallest value of a metric that only runs can tell, among those that meet the objectives.
//!
//! All that may be best run briefly, on the same random numbers; what is worse than another for certain is dropped, the others run
//! again for narrower intervals, until one is left or they differ by less than matters (subset selection and elimination; Kim and
//! Nelson, Handbooks in OR & MS 13, 2006, chapter 17).

use super::search::Search;
use super::{Fate, trial};
use crate::report::Estimate;

/// Half-width of the first round, relative to the value.
const FIRST: f64 = 0.2;
/// Each round is so much more precise than the one before.
const FINER: f64 = 0.4;

impl Search<'_> {
    /// The setting that passes and has the smallest value, except one.
    pub(super) fn smallest(&mut self, except: Option<usize>) -> Option<usize> {
        if except.is_some() {
            return self.ranked().into_iter().find(|index| Some(*index) != except);
        }
        self.leave_out_the_small();
        let mut precision = FIRST.max(self.question.precision);
        loop {
            let left = self.left();
            if left.is_empty() {
                break;
            }
            for index in left {
                let settings = &self.candidates.all[index].settings;
                let trial = trial::short(self.question, index, settings, precision, self.watch)?;
                self.take(trial);
            }
            self.drop_the_worse();
            let passing = self.ranked();
            let undecided = self.fates.contains(&Fate::Undecided);
            if precision <= self.question.precision || (passing.len() < 2 && !undecided) {
                break;
            }
            precision = (FINER * precision).max(self.question.precision);
        }
        loop {
            let best = *self.ranked().first()?;
            if self.confirm(best) {
                return Some(best);
            }
        }
    }

    /// Those that may still be best.
    fn left(&self) -> Vec<usize> {
        let left = |fate: &Fate| matches!(fate, Fate::Open | Fate::Passes | Fate::Undecided);
        (0..self.fates.len()).filter(|index| left(&self.fates[*index])).collect()
    }

    /// More of what costs more is taken to help: only settings that nothing larger is allowed beside can be best.
    fn leave_out_the_small(&mut self) {
        if !self.prunes {
            return;
        }
        let left = self.left();
        for small in &left {
            let larger = left.iter().find(|large| small != *large && self.candidates.within(*small, **large));
            if let Some(larger) = larger {
                self.fates[*small] = Fate::Within(*larger);
            }
        }
    }

    fn estimate(&self, index: usize) -> Option<&Estimate> {
        self.trials.iter().rev().find(|trial| trial.candidate == index).and_then(|trial| trial.measured.as_ref())
    }

    /// Those that pass, the smallest value first.
    fn ranked(&self) -> Vec<usize> {
        let value = |index: usize| self.estimate(index).and_then(|estimate| estimate.value).unwrap_or(f64::INFINITY);
        let mut passing: Vec<usize> =
            (0..self.fates.len()).filter(|index| self.fates[*index] == Fate::Passes).collect();
        passing.sort_by(|a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
        passing
    }

    fn drop_the_worse(&mut self) {
        let high = |index: &usize| self.estimate(*index).and_then(|e| e.high.or(e.value));
        let Some(best) = self.ranked().iter().filter_map(high).min_by(f64::total_cmp) else { return };
        for index in self.left() {
            let low = self.estimate(index).and_then(|e| e.low.or(e.value)).unwrap_or(f64::INFINITY);
            if low > best {
                self.fates[index] = Fate::Worse;
            }
        }
    }
}

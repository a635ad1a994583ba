//! The cheapest setting that meets the objectives, where the cost of each is known before it runs.
//!
//! A setting that passes makes every more expensive one uninteresting, one that fails rules out all that have no more of anything.
//! Each next one is chosen for what it is expected to decide: its chance to pass is guessed from how busy its components will be and
//! from what was tried near it. The chosen one is run again as long as the file says and must pass that too.

use super::candidate::Candidates;
use super::trial::{self, Trial};
use super::{Fate, Question};
use crate::report::Verdict;
use crate::run::Watch;

/// Busy share of the fullest component at which an untried setting is as likely to pass as not.
const LIKELY: f64 = 0.75;
/// How fast that chance falls with the busy share.
const SPREAD: f64 = 0.05;
/// How much the guess counts beside trials.
const GUESS: f64 = 0.25;
/// Trials say something of settings whose idle shares differ by about this factor, e to the power of it.
const REACH: f64 = 0.35;

/// So many settings are compared for the next run.
const MOST_COMPARED: usize = 300;

/// What is known so far.
pub(super) struct Search<'a> {
    pub(super) question: &'a Question<'a>,
    pub(super) candidates: &'a Candidates,
    pub(super) watch: &'a dyn Watch,
    pub(super) fates: Vec<Fate>,
    pub(super) trials: Vec<Trial>,
    /// Whether settings are left out because a smaller load cannot be hoped for, and because more of everything failed.
    pub(super) prunes: bool,
}

impl Search<'_> {
    /// The cheapest setting that passes, except one; the earlier in the grid where several cost the same.
    pub(super) fn cheapest(&mut self, except: Option<usize>) -> Option<usize> {
        loop {
            let best = self.passing(except);
            let open: Vec<usize> = (0..self.fates.len())
                .filter(|index| {
                    self.fates[*index] == Fate::Open && best.is_none_or(|best| self.is_cheaper(*index, best))
                })
                .collect();
            let settings = |index: usize| &self.candidates.all[index].settings;
            let trial = match self.most_telling(&open) {
                Some(next) => trial::short(self.question, next, settings(next), self.question.precision, self.watch),
                None => match self.unconfirmed(best, except) {
                    Some(next) => trial::full(self.question, next, settings(next), self.watch),
                    None => return best,
                },
            };
            // Interrupted: what was found so far stands.
            let Some(trial) = trial else { return best };
            self.take(trial);
        }
    }

    /// The cheapest setting that may pass and has not run as long as the file says.
    fn unconfirmed(&self, best: Option<usize>, except: Option<usize>) -> Option<usize> {
        let may_pass = |index: &usize| match self.fates[*index] {
            Fate::Passes => Some(*index) == best,
            Fate::Undecided => Some(*index) != except && best.is_none_or(|best| self.is_cheaper(*index, best)),
            _ => false,
        };
        let ran = |index: &usize| self.trials.iter().any(|trial| trial.candidate == *index && trial.full);
        let all = (0..self.fates.len()).filter(|index| may_pass(index) && !ran(index));
        all.reduce(|first, index| if self.is_cheaper(index, first) { index } else { first })
    }

    fn passing(&self, except: Option<usize>) -> Option<usize> {
        let passing =
            (0..self.fates.len()).filter(|index| self.fates[*index] == Fate::Passes && Some(*index) != except);
        passing.reduce(|best, index| if self.is_cheaper(index, best) { index } else { best })
    }

    fn is_cheaper(&self, one: usize, other: usize) -> bool {
        let cost = |index: usize| self.candidates.all[index].cost.unwrap_or(f64::INFINITY);
        cost(one).total_cmp(&cost(other)).then(one.cmp(&other)).is_lt()
    }

    /// Runs a setting as long as the file says; whether it passes.
    pub(super) fn confirm(&mut self, index: usize) -> bool {
        if self.trials.iter().any(|trial| trial.candidate == index && trial.full) {
            return true;
        }
        match trial::full(self.question, index, &self.candidates.all[index].settings, self.watch) {
            Some(trial) => {
                let passes = trial.verdict == Verdict::Pass;
                self.take(trial);
                passes
            }
            // Interrupted: what was found so far stands.
            None => true,
        }
    }

    /// Keeps a trial, and what follows from it.
    pub(super) fn take(&mut self, trial: Trial) {
        let index = trial.candidate;
        self.fates[index] = match trial.verdict {
            Verdict::Pass => Fate::Passes,
            Verdict::Fail => Fate::Fails,
            Verdict::Undecided => Fate::Undecided,
        };
        if trial.verdict == Verdict::Fail && self.prunes {
            for other in 0..self.fates.len() {
                if self.fates[other] == Fate::Open && self.candidates.within(other, index) {
                    self.fates[other] = Fate::Within(index);
                }
            }
        }
        self.trials.push(trial);
    }

    /// The setting that is expected to decide the most; of a large grid a part is looked at.
    fn most_telling(&self, open: &[usize]) -> Option<usize> {
        let told = |index: usize| {
            let passes = self.chance(index);
            let dearer = open.iter().filter(|other| !self.is_cheaper(**other, index)).count() as f64;
            let within = open.iter().filter(|other| self.candidates.within(**other, index)).count() as f64;
            passes * dearer + (1.0 - passes) * if self.prunes { within } else { 1.0 }
        };
        let step = open.len().div_ceil(MOST_COMPARED).max(1);
        let told: Vec<(f64, usize)> = open.iter().step_by(step).map(|index| (told(*index), *index)).collect();
        // The first of the best, so that ties do not depend on anything.
        told.into_iter().reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, index)| index)
    }

    /// A guess at the chance that a setting passes.
    fn chance(&self, index: usize) -> f64 {
        let idle = |index: usize| self.candidates.all[index].busy.iter().map(|busy| libm::log((1.0 - busy).max(1e-3)));
        let fullest = self.candidates.all[index].busy.iter().copied().fold(0.0, f64::max);
        let guess = 1.0 / (1.0 + libm::exp((fullest - LIKELY) / SPREAD));
        let (mut passes, mut all) = (GUESS * guess, GUESS);
        for trial in &self.trials {
            let apart: f64 = idle(index).zip(idle(trial.candidate)).map(|(a, b)| (a - b) * (a - b)).sum();
            let weight = libm::exp(-apart / (REACH * REACH));
            all += weight;
            passes += weight
                * match trial.verdict {
                    Verdict::Pass => 1.0,
                    Verdict::Undecided => 0.5,
                    Verdict::Fail => 0.0,
                };
        }
        passes / all
    }
}

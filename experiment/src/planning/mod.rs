//! The best setting that meets the objectives: over a grid of settings, without running most of it.
//!
//! What the plan shows to be overloaded is not run, nor what has no more of anything than a setting that failed: it is taken that more
//! of what costs more does not hurt. Both are tested on the way, and given up where a run says otherwise.

mod candidate;
mod front;
mod search;
mod select;
#[cfg(test)]
mod tests;
mod trial;

use crate::metric::{Measure, Metric};
use crate::model::Slo;
use crate::report::{SloVerdict, Verdict, Work};
use crate::run::Watch;
use archsim_language::{Diagnostic, Source};
pub use candidate::{Candidate, Candidates};
use search::Search;
pub use trial::Trial;

/// What is asked.
pub struct Question<'a> {
    /// The scenario.
    pub source: &'a Source,
    /// Reads the files that it names.
    pub files: &'a (dyn Fn(&str) -> Result<String, String> + Sync),
    /// The metric to make small.
    pub minimize: Metric,
    /// The paths that may change, with the values that they may take.
    pub axes: Vec<(String, Vec<String>)>,
    /// What must hold.
    pub keep: Vec<Slo>,
    /// A metric is not run for beyond this half-width, relative to it. Default 5 %.
    pub precision: f64,
}

impl Question<'_> {
    /// Whether the metric to make small is known before anything runs.
    pub fn is_fixed(&self) -> bool {
        matches!(self.minimize.measure, Measure::Cost | Measure::Replicas)
    }
}

/// What became of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Not looked at: it costs more than the answer, or the search was interrupted.
    Open,
    /// It ran, and meets the objectives.
    Passes,
    /// It ran, and an objective does not hold.
    Fails,
    /// It ran, and an objective is too near to its limit to tell.
    Undecided,
    /// It meets the objectives, and is worse than another for certain.
    Worse,
    /// By the plan it has more work than it can do.
    Overloaded,
    /// Its costs break an objective.
    Beyond,
    /// It has no more of anything than this setting, which failed or is better for certain.
    Within(usize),
}

/// A search and what it found.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Name of the scenario.
    pub scenario: String,
    /// The settings.
    pub candidates: Candidates,
    /// What became of each.
    pub fates: Vec<Fate>,
    /// What was run, in that order.
    pub trials: Vec<Trial>,
    /// The answer: a setting; none if none meets the objectives.
    pub best: Option<usize>,
    /// The next best setting that meets the objectives.
    pub runner_up: Option<usize>,
    /// For the answer, axes of which there could be less, with that setting.
    pub one_less: Vec<(usize, usize)>,
    /// A run that showed that more can hurt or that less than the plan asks is enough; then everything that could be better was run.
    pub surprise: Option<usize>,
    /// Whether it ended before its end.
    pub interrupted: bool,
    /// Confidence of the intervals of full runs.
    pub confidence: f64,
    /// Seed.
    pub seed: u64,
}

impl Planned {
    /// What the run loops did for all settings together.
    pub fn work(&self) -> Work {
        let sum = |of: fn(&Trial) -> u64| self.trials.iter().map(of).sum();
        Work { events: sum(|trial| trial.events), requests: sum(|trial| trial.requests) }
    }

    /// The longest run of a setting.
    pub fn trial(&self, candidate: usize) -> Option<&Trial> {
        self.trials.iter().rev().filter(|trial| trial.candidate == candidate).max_by_key(|trial| trial.full)
    }

    /// What stands between the answer and something cheaper: the objective that is the only one to break in a cheaper setting and is
    /// missed by least there, with that setting.
    pub fn in_the_way(&self) -> Option<(&SloVerdict, usize)> {
        let best = self.candidates.all[self.best?].cost?;
        let cheaper =
            self.trials.iter().filter(|trial| self.candidates.all[trial.candidate].cost.is_some_and(|c| c < best));
        let alone = cheaper.filter_map(|trial| {
            let mut broken = trial.broken();
            let only = broken.next().filter(|_| broken.next().is_none())?;
            Some((only, trial.candidate, only.margin.filter(|margin| *margin > 0.0)?))
        });
        alone.max_by(|a, b| a.2.total_cmp(&b.2)).map(|(slo, candidate, _)| (slo, candidate))
    }

    /// Settings that ran and could not be told from the limit, although they would be better.
    pub fn undecided(&self) -> Vec<usize> {
        let better = |index: &usize| match (self.best, self.candidates.all[*index].cost) {
            (Some(best), Some(cost)) => self.candidates.all[best].cost.is_some_and(|best| cost < best),
            _ => true,
        };
        (0..self.fates.len()).filter(|index| self.fates[*index] == Fate::Undecided).filter(better).collect()
    }
}

/// Searches.
///
/// # Errors
/// The text of the first setting that does not check, with its findings.
pub fn plan(question: &Question<'_>, watch: &dyn Watch) -> Result<Planned, (Source, Vec<Diagnostic>)> {
    let candidates = Candidates::read(question)?;
    let first = candidate::model(question, &candidates.all[0].settings)?;
    let fates = vec![Fate::Open; candidates.all.len()];
    let mut search = Search { question, candidates: &candidates, watch, fates, trials: vec![], prunes: true };
    search.rule_out(&first.catalogue);
    let mut surprise = None;
    let (best, one_less) = loop {
        let best = search.best(None);
        let one_less = best.map_or(vec![], |best| candidates.one_less(best));
        if watch.cancelled() || !search.prunes {
            break (best, one_less);
        }
        surprise = search.surprise(best, &one_less);
        if surprise.is_none() {
            break (best, one_less);
        }
        search.open_again();
    };
    let runner_up = best.and_then(|best| search.best(Some(best)));
    let Search { fates, trials, .. } = search;
    Ok(Planned {
        scenario: first.name.clone(),
        fates,
        trials,
        best,
        runner_up,
        one_less,
        surprise,
        interrupted: watch.cancelled(),
        confidence: first.run.confidence,
        seed: first.run.seed,
        candidates,
    })
}

impl Search<'_> {
    /// The best setting that passes, except one.
    fn best(&mut self, except: Option<usize>) -> Option<usize> {
        if self.question.is_fixed() { self.cheapest(except) } else { self.smallest(except) }
    }

    /// What the plan rules out.
    fn rule_out(&mut self, catalogue: &crate::metric::Catalogue) {
        for (index, candidate) in self.candidates.all.iter().enumerate() {
            if candidate.busiest.as_ref().is_some_and(|(_, busy)| *busy >= 1.0) {
                self.fates[index] = Fate::Overloaded;
            }
            let total = || catalogue.find("cost").ok();
            let known = if self.question.is_fixed() { Some(self.question.minimize.clone()) } else { total() };
            let breaks = |slo: &Slo| {
                let cost = candidate.cost.filter(|_| Some(&slo.metric) == known.as_ref());
                cost.is_some_and(|cost| !slo.comparison.holds(cost, slo.limit))
            };
            if self.question.keep.iter().any(breaks) {
                self.fates[index] = Fate::Beyond;
            }
        }
    }

    /// Tests what was taken for granted: that what the plan calls overloaded fails, that less of one thing fails (one step less than
    /// the answer; without an answer the least of it), and that no setting that passes has less of everything than one that fails. The
    /// trial that says otherwise, if there is one.
    fn surprise(&mut self, best: Option<usize>, one_less: &[(usize, usize)]) -> Option<usize> {
        let cheaper =
            |index: &usize| best.is_none_or(|best| self.candidates.all[*index].cost < self.candidates.all[best].cost);
        let busy = |index: usize| self.candidates.all[index].busiest.as_ref().map_or(0.0, |(_, busy)| *busy);
        let overloaded = (0..self.fates.len()).filter(|index| self.fates[*index] == Fate::Overloaded).filter(cheaper);
        let nearest = overloaded.min_by(|a, b| busy(*a).total_cmp(&busy(*b)));
        let untried = |index: &usize| matches!(self.fates[*index], Fate::Within(_) | Fate::Overloaded);
        let tests =
            if best.is_some() { one_less.to_vec() } else { self.candidates.least_of_each(self.largest_failed()) };
        let mut tests: Vec<usize> = tests.iter().map(|(_, index)| *index).filter(untried).collect();
        tests.extend(nearest.filter(|nearest| !tests.contains(nearest)));
        for index in tests {
            let settings = &self.candidates.all[index].settings;
            let trial = match trial::short(self.question, index, settings, self.question.precision, self.watch)? {
                trial if trial.verdict == Verdict::Undecided => {
                    self.take(trial);
                    trial::full(self.question, index, settings, self.watch)?
                }
                trial => trial,
            };
            let expected = trial.verdict != Verdict::Pass || !self.question.is_fixed();
            self.take(trial);
            if !expected {
                return Some(self.trials.len() - 1);
            }
        }
        let verdicts =
            |verdict: Verdict| self.trials.iter().enumerate().filter(move |(_, trial)| trial.verdict == verdict);
        let worse =
            |larger: usize| verdicts(Verdict::Pass).any(|(_, passes)| self.candidates.within(passes.candidate, larger));
        verdicts(Verdict::Fail).find(|(_, fails)| worse(fails.candidate)).map(|(index, _)| index)
    }

    /// The most expensive setting that failed.
    fn largest_failed(&self) -> Option<usize> {
        let failed = self.trials.iter().filter(|trial| trial.verdict == Verdict::Fail).map(|trial| trial.candidate);
        let cost = |index: &usize| self.candidates.all[*index].cost.unwrap_or(0.0);
        failed.max_by(|a, b| cost(a).total_cmp(&cost(b)))
    }

    /// Looks at everything that was left out.
    fn open_again(&mut self) {
        self.prunes = false;
        for fate in &mut self.fates {
            if matches!(fate, Fate::Within(_) | Fate::Overloaded) {
                *fate = Fate::Open;
            }
        }
    }
}

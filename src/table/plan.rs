//! The cheapest setting: what was run, the answer, and why nothing cheaper will do.

use super::run::verdict_ink;
use super::sweep::bare;
use super::{Cell, Table, hang, ledger, plural, time};
use crate::console::{Console, Ink, Paint};
use crate::files::json::Manifest;
use crate::quantity::{count, plain, show};
use archsim_experiment::planning::{Fate, Planned, Question, Trial};
use archsim_experiment::report::{Estimate, SloVerdict, Verdict};

/// Everything that is printed.
pub(crate) fn planned(
    name: &str,
    question: &Question<'_>,
    found: &Planned,
    manifest: &Manifest,
    console: Console,
) -> String {
    let paint = console.out;
    let words = Words { question, found };
    let (ink, answer) = words.answer();
    let width = console.width();
    let answer = paint.text(ink, &hang(&answer, 0, width)) + "\n";
    if console.quiet {
        return answer;
    }
    let title = format!(
        "{}: {name}   smallest {} of {}, seed {}\n",
        paint.text(Ink::Bold, &found.scenario),
        question.minimize.name,
        plural(found.candidates.all.len(), "setting"),
        found.seed
    );
    let why: String = words.reasons().iter().map(|text| hang(text, 0, width) + "\n").collect();
    let speed = format!(
        "{} runs of {}, {} requests in {}",
        found.trials.len(),
        plural(found.trials.iter().map(|t| t.candidate).collect::<std::collections::BTreeSet<_>>().len(), "setting"),
        count(found.work().requests),
        plain(manifest.timing.wall_s, "s")
    );
    let lines = [
        ("Skipped", words.skipped()),
        ("Speed", speed),
        ("Rests", format!("on what ledger.json lists; reproduce with {}", ledger::reproduce(manifest))),
    ];
    let lines: String = lines.iter().map(|(title, text)| time::titled(title, &hang(text, 9, width), paint)).collect();
    format!("{title}\n{answer}{why}\n{}\n{lines}", words.table(paint))
}

/// Rows of the table at most.
const MOST_ROWS: usize = 12;

/// What was asked and found, in words.
pub(crate) struct Words<'a> {
    /// What was asked.
    pub(crate) question: &'a Question<'a>,
    /// What was found.
    pub(crate) found: &'a Planned,
}

impl Words<'_> {
    /// What is made small, and the metrics of the objectives.
    pub(crate) fn metrics(&self) -> Vec<&str> {
        let minimize = self.question.minimize.name.as_str();
        let mut metrics: Vec<&str> = self.question.keep.iter().map(|slo| slo.metric.name.as_str()).collect();
        metrics.dedup();
        metrics.retain(|metric| *metric != minimize);
        metrics.insert(0, minimize);
        metrics
    }

    /// Why nothing better will do, sentence by sentence.
    pub(crate) fn reasons(&self) -> Vec<String> {
        [self.in_the_way(), self.one_less(), self.undecided(), self.front()].into_iter().flatten().collect()
    }

    /// One row a setting that ran, the best first.
    fn table(&self, paint: Paint) -> String {
        let metrics = self.metrics();
        let axes = self.question.axes.iter().map(|(path, _)| path.as_str());
        let names: Vec<&str> = axes.chain(metrics.iter().copied()).chain(["SLOs", ""]).collect();
        let mut table = Table::headed(0, &names);
        let ran = self.ran();
        let rows = self.most_wanted(&ran);
        for index in &rows {
            let index = *index;
            let Some(trial) = self.found.trial(index) else { continue };
            let settings = self.found.candidates.all[index].settings.iter();
            let mut cells: Vec<Cell> = settings.map(|value| Cell::plain(bare(value))).collect();
            cells.extend(metrics.iter().map(|metric| measured(metric, trial.get(metric))));
            cells.push(Cell::new(verdict_ink(trial.verdict), blamed(trial)));
            cells.push(match index {
                _ if Some(index) == self.found.best => Cell::new(Ink::Good, "<- best"),
                _ if Some(index) == self.found.runner_up => Cell::plain("<- runner-up"),
                _ => Cell::plain(""),
            });
            table.row(cells);
        }
        if rows.len() < ran.len() {
            table.remark(Ink::Dim, format!("{} more in trials.csv", ran.len() - rows.len()));
        }
        table.render(paint)
    }

    /// The answer and what is near it, in the same order.
    pub(crate) fn most_wanted(&self, ran: &[usize]) -> Vec<usize> {
        let found = self.found;
        let at = |index: Option<usize>| index.and_then(|index| ran.iter().position(|other| *other == index));
        let middle = at(found.best).unwrap_or(ran.len());
        let named = |index: usize| {
            Some(index) == found.best
                || Some(index) == found.runner_up
                || found.one_less.iter().any(|(_, less)| *less == index)
                || found.in_the_way().is_some_and(|(_, way)| way == index)
        };
        let mut places: Vec<usize> = (0..ran.len()).collect();
        places.sort_by_key(|place| (!named(ran[*place]), place.abs_diff(middle)));
        places.truncate(MOST_ROWS);
        places.sort_unstable();
        places.into_iter().map(|place| ran[place]).collect()
    }

    /// The settings that ran, in the order of what is made small.
    pub(crate) fn ran(&self) -> Vec<usize> {
        let value = |index: usize| {
            let measured = || self.found.trial(index).and_then(|trial| trial.measured).and_then(|e| e.value);
            self.found.candidates.all[index].cost.filter(|_| self.question.is_fixed()).or_else(measured)
        };
        let mut ran: Vec<usize> = self.found.trials.iter().map(|trial| trial.candidate).collect();
        ran.sort_by(|a, b| {
            let values = [*a, *b].map(|index| value(index).unwrap_or(f64::INFINITY));
            values[0].total_cmp(&values[1]).then(a.cmp(b))
        });
        ran.dedup();
        ran
    }

    /// A setting in words.
    pub(crate) fn settings(&self, index: usize) -> String {
        let values = self.found.candidates.all[index].settings.iter();
        let settings =
            self.question.axes.iter().zip(values).map(|((path, _), value)| format!("{path} = {}", bare(value)));
        settings.collect::<Vec<_>>().join(", ")
    }

    fn at(&self, index: usize) -> String {
        let minimize = &self.question.minimize;
        let measured = self.found.trial(index).and_then(|trial| trial.measured);
        match self.found.candidates.all[index].cost.filter(|_| self.question.is_fixed()) {
            Some(cost) => plain(cost, minimize.unit),
            None => measured.map_or("-".into(), |estimate| show(&minimize.name, &estimate).whole()),
        }
    }

    /// The answer in a sentence.
    pub(crate) fn answer(&self) -> (Ink, String) {
        let name = &self.question.minimize.name;
        let Some(best) = self.found.best else {
            let all = if self.found.interrupted {
                "Interrupted before a setting was found that meets"
            } else {
                "No setting meets"
            };
            return (Ink::Bad, format!("{all} {}.", self.keep()));
        };
        let least = if self.found.interrupted { "Interrupted; the best so far has" } else { "Smallest" };
        let runner_up = self.found.runner_up.map_or("; there is no runner-up".into(), |index| {
            format!("; the runner-up, {}, has {}", self.settings(index), self.at(index))
        });
        (Ink::Good, format!("{least} {name}: {} with {}{runner_up}.", self.at(best), self.settings(best)))
    }

    /// What must hold.
    pub(crate) fn keep(&self) -> String {
        self.question.keep.iter().map(|slo| format!("`{}`", slo.text)).collect::<Vec<_>>().join(" and ")
    }

    /// The objective that costs money.
    fn in_the_way(&self) -> Option<String> {
        let (slo, index) = self.found.in_the_way()?;
        let cost = |index: usize| self.found.candidates.all[index].cost;
        let saved = cost(self.found.best?)? - cost(index)?;
        let unit = self.question.minimize.unit;
        Some(format!(
            "`{}` is what costs: with {} it alone does not hold ({}), which would save {}.",
            slo.text,
            self.settings(index),
            value(slo),
            plain(saved, unit)
        ))
    }

    /// What breaks with one step less of each axis.
    fn one_less(&self) -> Option<String> {
        let breaks = |(axis, index): &(usize, usize)| {
            let trial = self.found.trial(*index)?;
            let path = &self.question.axes[*axis].0;
            let setting = bare(&self.found.candidates.all[*index].settings[*axis]);
            let broken: Vec<String> = trial.broken().map(|slo| format!("{} {}", slo.metric, value(slo))).collect();
            (!broken.is_empty()).then(|| format!("{path} = {setting}: {}", broken.join(", ")))
        };
        let all: Vec<String> = self.found.one_less.iter().filter_map(breaks).collect();
        (!all.is_empty()).then(|| format!("One step less breaks: {}.", all.join("; ")))
    }

    fn undecided(&self) -> Option<String> {
        let all = self.found.undecided();
        let first = all.first()?;
        let trial = self.found.trial(*first)?;
        let near: Vec<String> = trial.broken().map(|slo| format!("`{}` ({})", slo.text, value(slo))).collect();
        let others = if all.len() > 1 { format!(", and {} more", all.len() - 1) } else { String::new() };
        Some(format!(
            "Better, but too near to a limit to tell within {}: {}, {}{others}.",
            plain(self.question.precision, "1"),
            self.settings(*first),
            near.join(", ")
        ))
    }

    /// What more money buys of the metric that is in the way, or of the first objective.
    fn front(&self) -> Option<String> {
        let slo = self.found.in_the_way().map(|(slo, _)| slo.metric.as_str());
        let slo = self.question.keep.iter().find(|keep| slo.is_none_or(|metric| keep.metric.name == metric))?;
        let metric = slo.metric.name.as_str();
        let front = self.found.front(metric, slo.comparison.symbol().starts_with('<'));
        let point = |index: &usize| {
            let estimate = self.found.trial(*index)?.get(metric)?;
            let cost = plain(self.found.candidates.all[*index].cost?, "");
            Some(format!("{cost} for {}", show(metric, estimate).value))
        };
        let points: Vec<String> = front.iter().filter_map(point).collect();
        (points.len() > 1).then(|| format!("What {metric} costs, among the settings that ran: {}.", points.join(", ")))
    }

    /// What was not run, and why.
    pub(crate) fn skipped(&self) -> String {
        let number = |of: fn(&Fate) -> bool| self.found.fates.iter().filter(|fate| of(fate)).count();
        let overloaded = number(|fate| *fate == Fate::Overloaded);
        let within = number(|fate| matches!(fate, Fate::Within(_)));
        let beyond = number(|fate| *fate == Fate::Beyond);
        let open = number(|fate| *fate == Fate::Open);
        let left = if self.found.interrupted { "not reached" } else { "cost more than the answer" };
        let other = if self.question.is_fixed() { "one that fails" } else { "another that is allowed" };
        let counts = [
            (overloaded, "overloaded by the plan".to_owned()),
            (within, format!("no more of anything than {other}")),
            (beyond, "cost more than allowed".to_owned()),
            (open, left.to_owned()),
        ];
        let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, why)| format!("{n} {why}")).collect();
        let skipped = if counts.is_empty() { "nothing".into() } else { counts.join(", ") };
        let helps = self.question.axes.iter().zip(&self.found.candidates.helps).filter(|(_, helps)| **helps);
        let helps: Vec<&str> = helps.map(|((path, _), _)| path.as_str()).collect();
        let taken = match (self.found.surprise, helps.is_empty()) {
            (Some(trial), _) => {
                let index = self.found.trials[trial].candidate;
                format!(
                    "; {} ran against what the plan and the costs promise, so nothing else was ruled out",
                    self.settings(index)
                )
            }
            (None, true) => "; no setting rules out another".into(),
            (None, false) => {
                format!("; taken for granted, and no run said otherwise: more of {} does not hurt", helps.join(", "))
            }
        };
        skipped + &taken
    }
}

fn value(slo: &SloVerdict) -> String {
    show(&slo.metric, &slo.measured).whole()
}

fn measured(metric: &str, estimate: Option<&Estimate>) -> Cell {
    let shown = estimate.map(|estimate| show(metric, estimate));
    shown
        .map_or(Cell::dim("-"), |shown| if shown.known { Cell::plain(shown.whole()) } else { Cell::dim(shown.whole()) })
}

/// The verdict, and which SLOs are to blame.
fn blamed(trial: &Trial) -> String {
    let blamed = trial.slos.iter().filter(|slo| trial.verdict != Verdict::Pass && slo.verdict == trial.verdict);
    let blamed: Vec<&str> = blamed.map(|slo| slo.metric.as_str()).collect();
    format!("{}  {}", trial.verdict.name(), blamed.join(", ")).trim_end().to_owned()
}

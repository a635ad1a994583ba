//! The settings that may be chosen, and what is known of each before anything runs.

use super::Question;
use crate::heavy_tail::undecidable;
use crate::metric::{Metric, Observed};
use crate::model::Model;
use crate::sweep::{MAX_POINTS, place};
use crate::{check, vary};
use archsim_language::{Diagnostic, Source};
use archsim_models::world::Row;
use rayon::prelude::*;

/// A setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Value as text for each axis.
    pub settings: Vec<String>,
    /// For each axis the place of the value in its list.
    pub(super) places: Vec<usize>,
    /// The metric to make small, where it is fixed by the setting; else what all components cost.
    pub cost: Option<f64>,
    /// Busy share of every component by the plan, 0 where nothing is limited.
    pub(super) busy: Vec<f64>,
    /// The component with the most work for what it can do, and its busy share by the plan.
    pub busiest: Option<(String, f64)>,
    /// The objective, or the metric to make small, that a heavy tail leaves without an interval.
    heavy: Option<(String, Metric)>,
}

/// All settings.
#[derive(Clone, Debug)]
pub struct Candidates {
    /// In the order of the grid: the last axis changes fastest.
    pub all: Vec<Candidate>,
    /// For each axis whether more of it is taken to help: its values are numbers, and those that cost more are larger, or all smaller.
    pub helps: Vec<bool>,
    /// For each axis whether it is written with the most expensive value first.
    falling: Vec<bool>,
}

/// The text and the model of a setting.
pub(super) fn model(question: &Question<'_>, settings: &[String]) -> Result<Model, (Source, Vec<Diagnostic>)> {
    let paths = question.axes.iter().map(|(path, _)| path.clone());
    let changes: Vec<(String, String)> = paths.zip(settings.iter().cloned()).collect();
    let text = vary::set_all(question.source, &changes).map_err(|f| (question.source.clone(), f))?;
    let checked = check::check_alone(&text, question.files);
    let mut model = checked.model.ok_or((text, checked.findings))?;
    // Long enough for these objectives, whatever else the file measures.
    model.experiments.clear();
    model.slos.clone_from(&question.keep);
    Ok(model)
}

impl Candidates {
    /// Reads every setting of the grid.
    pub(super) fn read(question: &Question<'_>) -> Result<Candidates, (Source, Vec<Diagnostic>)> {
        let size = question.axes.iter().try_fold(1usize, |size, (_, values)| size.checked_mul(values.len()));
        let size = size.filter(|size| *size <= MAX_POINTS).ok_or_else(|| {
            let message = format!("there are more than {MAX_POINTS} settings to choose from");
            (question.source.clone(), vec![Diagnostic::error("impossible-value", message, 0..0)])
        })?;
        let all: Vec<Result<Candidate, _>> =
            (0..size).into_par_iter().map(|index| candidate(question, index)).collect();
        let all = all.into_iter().collect::<Result<Vec<Candidate>, _>>()?;
        if let Some((text, metric)) = all
            .iter()
            .map(|candidate| candidate.heavy.as_ref())
            .collect::<Option<Vec<_>>>()
            .and_then(|heavy| heavy.first().copied())
        {
            return Err((question.source.clone(), vec![undecidable(question.source, text, metric)]));
        }
        let directions: Vec<Option<bool>> =
            (0..question.axes.len()).map(|axis| direction(question, &all, axis)).collect();
        let helps = directions.iter().map(Option::is_some).collect();
        let falling = directions.iter().map(|rising| *rising == Some(false)).collect();
        Ok(Candidates { all, helps, falling })
    }

    /// Whether a setting has at most as much of everything as another, and is the same where more is not known to help.
    pub(super) fn within(&self, small: usize, large: usize) -> bool {
        let (small, large) = (&self.all[small], &self.all[large]);
        let mut axes = small.places.iter().zip(&large.places).zip(self.helps.iter().zip(&self.falling));
        axes.all(|((small, large), (helps, falling))| match (helps, falling) {
            (false, _) => small == large,
            (true, false) => small <= large,
            (true, true) => small >= large,
        })
    }

    /// The settings with one step less of one axis, for each axis of which more helps.
    pub(super) fn one_less(&self, index: usize) -> Vec<(usize, usize)> {
        let step = |axis: usize| {
            let here = self.all[index].places[axis];
            if self.falling[axis] { here.checked_add(1) } else { here.checked_sub(1) }
        };
        self.moved(index, &step)
    }

    /// The settings with the least of one axis, for each axis of which more helps.
    pub(super) fn least_of_each(&self, index: Option<usize>) -> Vec<(usize, usize)> {
        let least = |axis: usize| {
            let places = self.all.iter().map(|candidate| candidate.places[axis]);
            if self.falling[axis] { places.max() } else { places.min() }
        };
        index.map_or(vec![], |index| self.moved(index, &least))
    }

    /// A setting with another place on one axis, for each axis of which more helps.
    fn moved(&self, index: usize, to: &dyn Fn(usize) -> Option<usize>) -> Vec<(usize, usize)> {
        let places = &self.all[index].places;
        let moved = |axis: usize| {
            let there = to(axis)?;
            let same = |other: &Candidate| {
                other.places.iter().enumerate().all(|(at, place)| *place == if at == axis { there } else { places[at] })
            };
            Some((axis, self.all.iter().position(same)?))
        };
        (0..places.len()).filter(|axis| self.helps[*axis]).filter_map(moved).collect()
    }
}

fn candidate(question: &Question<'_>, index: usize) -> Result<Candidate, (Source, Vec<Diagnostic>)> {
    let settings = place(&question.axes, index);
    let model = model(question, &settings)?;
    let places = question.axes.iter().zip(&settings);
    let places = places.map(|((_, values), value)| values.iter().position(|other| other == value).unwrap_or(0));
    let rows = model.load.rows.iter();
    let busiest = rows.clone().filter_map(|row| Some((row.component.clone(), row.busy?)));
    let total = || model.catalogue.find("cost").ok();
    let metric = if question.is_fixed() { Some(question.minimize.clone()) } else { total() };
    let row = Row::default();
    let kept = question.keep.iter().map(|slo| (&slo.text, &slo.metric));
    let mut deciding = kept.chain([(&question.minimize.name, &question.minimize)]);
    let fixed = Observed { row: &row, plan: &model.plan, replications: 1.0 };
    Ok(Candidate {
        places: places.collect(),
        cost: metric.and_then(|metric| fixed.value(&metric).0),
        busy: rows.map(|row| row.busy.unwrap_or(0.0)).collect(),
        busiest: busiest.max_by(|a, b| a.1.total_cmp(&b.1)),
        heavy: deciding
            .find(|(_, metric)| model.heavy.without_interval(metric))
            .map(|(text, metric)| (text.clone(), metric.clone())),
        settings,
    })
}

/// Whether an axis of numbers costs more with every larger value (`true`), or with every one that is earlier in its list; none where the
/// cost does not say.
fn direction(question: &Question<'_>, all: &[Candidate], axis: usize) -> Option<bool> {
    let (_, values) = &question.axes[axis];
    values.iter().all(|value| is_number(value)).then_some(())?;
    let stride: usize = question.axes[axis + 1..].iter().map(|(_, values)| values.len()).product();
    let steps = all.iter().enumerate().filter(|(_, candidate)| candidate.places[axis] > 0);
    let rises: Option<Vec<bool>> = steps
        .map(|(index, candidate)| {
            let (before, after) = (all[index - stride].cost?, candidate.cost?);
            (before != after).then_some(after > before)
        })
        .collect();
    let rises = rises.filter(|rises| !rises.is_empty())?;
    rises.iter().all(|rise| *rise == rises[0]).then_some(rises[0])
}

/// Whether a value is written as a number, with or without a unit.
fn is_number(text: &str) -> bool {
    text.trim_start_matches('"').starts_with(|c: char| c.is_ascii_digit())
}

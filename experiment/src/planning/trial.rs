//! Running one setting: briefly, until it is decided whether the objectives hold, or as long as the file says.

use super::{Question, candidate};
use crate::assemble;
use crate::model::Model;
use crate::precision::Precision;
use crate::report::{Estimate, Report, SloVerdict, Status, Verdict};
use crate::run::Watch;
use crate::study;

/// What a run of a setting said.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Index of the setting.
    pub candidate: usize,
    /// Every objective.
    pub slos: Vec<SloVerdict>,
    /// All of them together.
    pub verdict: Verdict,
    /// The metric to make small.
    pub measured: Option<Estimate>,
    /// Requests of all replications.
    pub requests: u64,
    /// Events of all replications.
    pub events: u64,
    /// Whether it ran as long as the file says.
    pub full: bool,
    /// The metrics of the objectives and the one to make small, for tables and charts.
    pub shown: Vec<(String, Estimate)>,
}

impl Trial {
    /// The objectives that do not hold for certain.
    pub fn broken(&self) -> impl Iterator<Item = &SloVerdict> {
        self.slos.iter().filter(|slo| slo.verdict != Verdict::Pass)
    }

    /// What was measured for a metric.
    pub fn get(&self, metric: &str) -> Option<&Estimate> {
        self.shown.iter().find(|(name, _)| name == metric).map(|(_, estimate)| estimate)
    }
}

/// Confidence of short runs: they look at their data more than once, and many of them decide together.
const SURE: f64 = 0.99;
/// A terminating study that is undecided is repeated with twice as many replications so often.
const DOUBLINGS: u32 = 2;

/// A short run: until the objectives are decided or everything is known to `precision`. None if it was interrupted.
pub(super) fn short(
    question: &Question<'_>,
    index: usize,
    settings: &[String],
    precision: f64,
    watch: &dyn Watch,
) -> Option<Trial> {
    let mut model = candidate::model(question, settings).ok()?;
    model.run.confidence = model.run.confidence.max(SURE);
    if model.terminating {
        return repeated(question, index, model, watch);
    }
    // Never longer than the run that the file asks for.
    let asked = (u64::MAX, model.run.duration - model.run.warmup);
    let (requests, time) = model.run.precision.map_or(asked, |given| (given.requests, given.time));
    let precision =
        Precision { mean: precision, p50: precision, p95: precision, p99: precision, p999: precision, requests, time };
    model.run.precision = Some(precision);
    let replications = match question.is_fixed() {
        true => study::until_decided(&model, precision, watch),
        false => study::replications(&model, 0, watch),
    };
    let report = (!watch.cancelled() && !replications.is_empty()).then(|| assemble::report(&model, &replications))?;
    Some(trial(question, index, &model, report, false))
}

fn repeated(question: &Question<'_>, index: usize, mut model: Model, watch: &dyn Watch) -> Option<Trial> {
    let mut work = (0, 0);
    for doubling in 0..=DOUBLINGS {
        let replications = study::replications(&model, 0, watch);
        let report = (!watch.cancelled() && study::complete(&model, &replications))
            .then(|| assemble::report(&model, &replications))?;
        let trial = trial(question, index, &model, report, false);
        work = (work.0 + trial.requests, work.1 + trial.events);
        if trial.verdict != Verdict::Undecided || doubling == DOUBLINGS {
            return Some(Trial { requests: work.0, events: work.1, ..trial });
        }
        model.run.replications *= 2;
    }
    None
}

/// A run as long as the file says. None if it was interrupted.
pub(super) fn full(question: &Question<'_>, index: usize, settings: &[String], watch: &dyn Watch) -> Option<Trial> {
    let model = candidate::model(question, settings).ok()?;
    let replications = study::replications(&model, 0, watch);
    let report = (!watch.cancelled() && study::complete(&model, &replications))
        .then(|| assemble::report(&model, &replications))?;
    Some(trial(question, index, &model, report, true))
}

fn trial(question: &Question<'_>, candidate: usize, model: &Model, report: Report, full: bool) -> Trial {
    let measured = report.get(&question.minimize.name).copied();
    let verdict = match () {
        () if report.slos.iter().any(|slo| slo.verdict == Verdict::Fail) => Verdict::Fail,
        () if report.slos.iter().all(|slo| slo.verdict == Verdict::Pass) => Verdict::Pass,
        () => Verdict::Undecided,
    };
    let mut names: Vec<&str> = model.slos.iter().map(|slo| slo.metric.name.as_str()).collect();
    names.push(&question.minimize.name);
    names.sort_unstable();
    names.dedup();
    // A short run is not meant to be precise.
    let meant = |estimate: &Estimate| match estimate.status {
        Status::NotConverged if !full => Estimate { status: Status::Ok, ..*estimate },
        _ => *estimate,
    };
    let shown = names.iter().filter_map(|name| Some(((*name).to_owned(), meant(report.get(name)?)))).collect();
    Trial {
        candidate,
        verdict,
        measured,
        requests: report.work.requests,
        events: report.work.events,
        full,
        shown,
        slos: report.slos.into_iter().map(|slo| SloVerdict { measured: meant(&slo.measured), ..slo }).collect(),
    }
}

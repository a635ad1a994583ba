//! One value that is tried.

use super::Question;
use super::band::{self, Fall};
use super::flow::Flow;
use super::root::{self, Level};
use crate::assemble;
use crate::compare::paired::{Side, in_step};
use crate::model::{Model, Slo};
use crate::precision::Precision;
use crate::report::{Estimate, Report, Verdict};
use crate::run::{Replication, Watch};
use crate::tipping::{Tipped, by_chance};
use crate::{check, study, vary};
use archsim_core::Time;
use archsim_language::{Diagnostic, Source};

/// How the values of the raised path are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// What follows the number, without quotes: "/s", "".
    pub suffix: String,
    /// Whether only whole numbers are possible.
    pub whole: bool,
}

impl Form {
    /// The form of values in a unit: "1/s", "s", "" for plain numbers, "1" for shares.
    pub fn in_unit(unit: &str, whole: bool) -> Form {
        let suffix = match unit {
            "1/s" => "/s",
            "s" => "s",
            _ => "",
        };
        Form { suffix: suffix.into(), whole }
    }

    /// A value as it is written: with five digits, which are more than any search tells apart.
    pub fn text(&self, value: f64) -> String {
        let number = self.round(value).to_string();
        if self.suffix.is_empty() { number } else { format!("\"{number}{}\"", self.suffix) }
    }

    /// The nearest value that can be written.
    pub fn round(&self, value: f64) -> f64 {
        if self.whole { value.round().max(1.0) } else { format!("{value:.4e}").parse().unwrap_or(value) }
    }
}

/// What was found at a value.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The value.
    pub value: f64,
    /// Whether all objectives hold; none where the intervals do not say.
    pub holds: Option<bool>,
    /// The objective that is nearest to failing, or fails most.
    pub worst: Option<String>,
    /// What was measured for it.
    pub measured: Option<Estimate>,
    /// Requests of all replications.
    pub requests: u64,
    /// Events of all replications.
    pub events: u64,
    /// Whether it was one of the long runs around the answer.
    pub long: bool,
    /// The busiest component and its busy share.
    pub busiest: Option<(String, f64)>,
    /// What became of the offered load; none unless the rate of a source is raised.
    pub flow: Option<Flow>,
    pub(super) steady: bool,
    /// Whether chance decided that some run collapsed.
    pub(super) tipped: bool,
    /// How far the worst objective is above its limit, as a logarithm; infinite without a steady state.
    pub(super) level: f64,
    /// Half-width of that.
    pub(super) half: f64,
    /// Simulated seconds of all replications together.
    pub(super) seconds: f64,
}

impl Probe {
    /// Whether there is a steady state.
    pub fn is_steady(&self) -> bool {
        self.steady
    }
}

/// Levels stay within this: an error rate of nothing is not infinitely far below its limit.
const FARTHEST: f64 = 10.0;

/// Runs the scenario at values of the raised path.
pub(super) struct Prober<'a> {
    question: &'a Question<'a>,
}

/// Two values around a guess, and how long to run at them.
pub(super) struct Near {
    pub(super) below: f64,
    pub(super) above: f64,
    pub(super) bound: Option<f64>,
    /// Requests at each of the two.
    pub(super) requests: f64,
    /// Simulated seconds that one request takes, over all replications.
    pub(super) seconds_each: f64,
}

/// What two long runs say.
pub(super) struct Found {
    pub(super) probes: [Probe; 2],
    /// Where the objectives fail, with its interval; none if one of the two has no steady state, or they show no slope for certain.
    pub(super) root: Option<(f64, f64, f64)>,
}

/// A value with its run.
struct Ran {
    model: Model,
    replications: Vec<Replication>,
    report: Report,
}

impl<'a> Prober<'a> {
    pub(super) fn new(question: &'a Question<'a>) -> Self {
        Prober { question }
    }

    /// The model at a value.
    pub(super) fn model(&self, value: f64) -> Result<Model, (Source, Vec<Diagnostic>)> {
        let setting = [(self.question.raise.clone(), self.question.form.text(value))];
        let text = vary::set_all(self.question.source, &setting).map_err(|f| (self.question.source.clone(), f))?;
        let checked = check::check_alone(&text, self.question.files);
        let mut model = checked.model.ok_or((text, checked.findings))?;
        // Long enough for these objectives, whatever else the file measures.
        model.experiments.clear();
        model.slos.clone_from(&self.question.until);
        Ok(model)
    }

    /// A short run: as long as it takes to decide, or until the metric is known to a part of itself. An objective that no run decides
    /// at this value is an error; none if it was cancelled.
    pub(super) fn probe(&self, value: f64, coarse: f64, watch: &dyn Watch) -> Option<Result<Probe, Slo>> {
        let mut model = self.model(value).ok()?;
        if let Some(slo) = model.slos.iter().find(|slo| model.heavy.without_interval(&slo.metric)) {
            return Some(Err(slo.clone()));
        }
        let given = model.run.precision;
        let (requests, time) = given.map_or((50_000_000, Time::MAX), |given| (given.requests, given.time));
        model.run.precision =
            Some(Precision { mean: coarse, p50: coarse, p95: coarse, p99: coarse, p999: coarse, requests, time });
        let replications = study::until_tipped(&model, watch);
        let ran = (!watch.cancelled() && !replications.is_empty()).then(|| Ran::new(model, replications))?;
        Some(Ok(self.judged(value, &ran, false)))
    }

    fn judged(&self, value: f64, ran: &Ran, long: bool) -> Probe {
        judged(value, ran, Flow::of(self.question.source_raised(), &ran.model, &ran.report), long)
    }

    /// Runs of equal length at a value, and how many of them tipped; none if they were cancelled.
    pub(super) fn endure(&self, value: f64, watch: &dyn Watch) -> Option<(Fall, Probe)> {
        let mut model = self.model(value).ok()?;
        let rate: f64 = model.load.sources.iter().map(|(_, rate)| rate).sum();
        model.run.replications = band::RUNS;
        model.run.precision = None;
        model.run.duration = model.run.warmup + Time::from_secs_f64(band::REQUESTS / rate.max(f64::MIN_POSITIVE));
        let replications = study::replications(&model, 0, watch);
        let ran = (!watch.cancelled() && !replications.is_empty()).then(|| Ran::new(model, replications))?;
        let tipped = Tipped::of(&ran.replications).map_or(0, |tipped| tipped.down);
        Some((Fall { value, tipped, of: ran.replications.len() }, self.judged(value, &ran, true)))
    }

    /// Long runs at two values, and where the objectives fail by them; none if they were cancelled. Each round has random numbers of its own.
    pub(super) fn pair(&self, near: &Near, round: u64, watch: &dyn Watch) -> Option<Found> {
        let long = |value: f64| {
            let mut model = self.model(value).ok()?;
            model.run.seed = model.run.seed.wrapping_add(round);
            let seconds = near.requests * near.seconds_each;
            if model.terminating {
                let all = seconds / model.run.duration.as_secs_f64();
                model.run.replications = (all.ceil() as u32).max(model.run.replications);
            } else {
                let each = Time::from_secs_f64(seconds / f64::from(model.run.replications));
                model.run.duration = model.run.warmup + each;
                model.run.precision = None;
            }
            let replications = study::replications(&model, 0, watch);
            (!watch.cancelled() && !replications.is_empty()).then_some((model, replications))
        };
        let (below, above) = rayon::join(|| long(near.below), || long(near.above));
        let (mut below, mut above) = (below?, above?);
        study::share_warm_up(vec![(&below.0, &mut below.1[..]), (&above.0, &mut above.1[..])]);
        let (below, above) = (Ran::new(below.0, below.1), Ran::new(above.0, above.1));
        let root = root_of(near, &below, &above);
        Some(Found { probes: [self.judged(near.below, &below, true), self.judged(near.above, &above, true)], root })
    }
}

/// Where the line through the levels of the worst objective crosses zero.
fn root_of(near: &Near, below: &Ran, above: &Ran) -> Option<(f64, f64, f64)> {
    let levels = |ran: &Ran, at: usize| level(&ran.model.slos[at], &ran.report.slos[at].measured).0;
    let both = |at: usize| levels(below, at) + levels(above, at);
    let worst = (0..below.model.slos.len()).max_by(|a, b| both(*a).total_cmp(&both(*b)))?;
    let slo = &below.model.slos[worst];
    let (errors_below, errors_above) = in_step(&below.side(slo), &above.side(slo))?;
    let at = |value: f64, ran: &Ran, errors: Vec<Vec<f64>>| {
        let measured = ran.report.slos[worst].measured;
        let scale = if slo.comparison.symbol().starts_with('<') { 1.0 } else { -1.0 } / measured.value?;
        let errors = errors.into_iter().map(|run| run.into_iter().map(|error| error * scale).collect()).collect();
        let level = level(slo, &measured).0;
        level.is_finite().then(|| Level { at: root::scale(value, near.bound), level, errors })
    };
    let (below_at, above_at) = (at(near.below, below, errors_below)?, at(near.above, above, errors_above)?);
    let (value, low, high) = root::interval(&below_at, &above_at, below.model.run.confidence)?;
    let value_at = |at: f64| root::unscale(at, near.bound);
    Some((value_at(value), value_at(low), value_at(high)))
}

/// What a run says of the objectives.
fn judged(value: f64, ran: &Ran, flow: Option<Flow>, long: bool) -> Probe {
    let Ran { model, replications, report } = ran;
    let tipped = by_chance(model, replications);
    let levels = model.slos.iter().zip(&report.slos).map(|(slo, verdict)| (level(slo, &verdict.measured), verdict));
    let worst = levels.max_by(|a, b| a.0.0.total_cmp(&b.0.0));
    let steady = !report
        .summary
        .iter()
        .any(|(_, e)| matches!(e.status, crate::report::Status::NoSteadyState | crate::report::Status::Stopped));
    let holds = match () {
        () if tipped => Some(false),
        () if report.slos.is_empty() => Some(steady),
        () if report.slos.iter().any(|slo| slo.verdict == Verdict::Fail) => Some(false),
        () if report.slos.iter().all(|slo| slo.verdict == Verdict::Pass) => Some(true),
        () => None,
    };
    let (level, half) = worst.as_ref().map_or((f64::INFINITY, f64::INFINITY), |(level, _)| *level);
    Probe {
        value,
        holds,
        worst: worst.as_ref().map(|(_, verdict)| verdict.text.clone()),
        measured: worst.as_ref().map(|(_, verdict)| verdict.measured),
        requests: report.work.requests,
        events: report.work.events,
        long,
        steady,
        tipped,
        busiest: busiest(model, report),
        flow,
        level,
        half,
        seconds: report.duration * f64::from(report.replications),
    }
}

impl Ran {
    fn new(model: Model, replications: Vec<Replication>) -> Self {
        let report = assemble::report(&model, &replications);
        Ran { model, replications, report }
    }

    fn side(&self, slo: &Slo) -> Side<'_> {
        let metric = Some(slo.metric.clone());
        Side { model: &self.model, replications: &self.replications, metric, report: &self.report }
    }
}

/// How far an estimate is above its limit, as a logarithm, and the half-width of that.
fn level(slo: &Slo, estimate: &Estimate) -> (f64, f64) {
    let Some(value) = estimate.value else { return (f64::INFINITY, f64::INFINITY) };
    let sign = if slo.comparison.symbol().starts_with('<') { 1.0 } else { -1.0 };
    let of = |value: f64| (sign * libm::log(value / slo.limit)).clamp(-FARTHEST, FARTHEST);
    let ends = estimate.low.zip(estimate.high);
    let half = ends.map_or(f64::INFINITY, |(low, high)| 0.5 * (of(high) - of(low)).abs());
    (of(value), half)
}

/// The busiest component.
fn busiest(model: &Model, report: &Report) -> Option<(String, f64)> {
    let of = |component: &archsim_models::plan::ComponentPlan| {
        let busy = report.get(&format!("{}.utilization", component.name))?.value?;
        Some((component.name.clone(), busy))
    };
    model.plan.components.iter().filter_map(of).max_by(|a, b| a.1.total_cmp(&b.1))
}

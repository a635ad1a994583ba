//! One model, its replications, one report.

use crate::metric::{Measure, Metric, Observed, is_detail};
use crate::model::Model;
use crate::record::Record;
use crate::report::Report;
use crate::study;
use archsim_core::Time;
use archsim_models::world::{Measured, Row, Schedule};
use archsim_models::{Plan, World};
use rayon::prelude::*;
use std::sync::Arc;

/// Who looks on while something runs. Calls come from any thread.
pub trait Watch: Sync {
    /// A replication of a point has simulated this share of its time.
    fn progress(&self, _point: usize, _replication: u32, _fraction: f64) {}
    /// A replication of a point is over.
    fn finished(&self, _point: usize, _replication: u32) {}
    /// All replications of a point are over.
    fn point(&self, _point: usize, _report: &Report) {}
    /// Whether to stop: replications that run end where they are, those that have not begun do not begin.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Nobody looks on.
pub struct Nobody;
impl Watch for Nobody {}

/// About so many windows in a time series.
const WINDOWS: u64 = 100;
/// Above so many instances a time series has few windows: closing one looks at every instance.
const MANY_INSTANCES: usize = 10_000;

/// What one replication measured.
#[derive(Clone, Debug)]
pub struct Replication {
    /// Counts and times.
    pub measured: Measured,
    /// For each window of the time series its start and end.
    pub windows: Vec<(Time, Time)>,
    /// For each window the value of each series metric.
    pub series: Vec<Vec<Option<f64>>>,
    /// The run in batches.
    pub record: Record,
    /// So much of the start is left out of the main window.
    pub warmup: Time,
    /// Batches of the record that the warm-up takes.
    pub cut: usize,
    /// Whether the warm-up was over well before half of the data.
    pub settled: bool,
    /// Whether it was stopped from outside before its end.
    pub interrupted: bool,
}

/// The metrics of a time series: those that say something about a short window.
pub fn series_metrics(model: &Model) -> Vec<&Metric> {
    let shown = |metric: &&Metric| match metric.measure {
        Measure::Max(_) | Measure::Cost | Measure::Replicas | Measure::Recovery => false,
        Measure::Quantile(of, p) => of != crate::metric::Times::OkLatency && (p == 0.5 || p == 0.99),
        Measure::Mean(of) => of != crate::metric::Times::OkLatency,
        _ => true,
    };
    model.catalogue.metrics.iter().filter(shown).collect()
}

/// The metrics of each window of a replication: those that are shown over time, then what recovery is judged by.
fn window_metrics(model: &Model) -> Vec<Metric> {
    series_metrics(model).into_iter().cloned().chain(kept_metrics(model)).collect()
}

/// For each metric of recovery the requests that were wanted in a window and were answered ok: those that came just then, even where
/// those who came before are answered first.
pub(crate) fn kept_metrics(model: &Model) -> impl Iterator<Item = Metric> {
    let recovers = model.catalogue.metrics.iter().filter(|metric| metric.measure == Measure::Recovery);
    recovers.map(|metric| Metric { measure: Measure::Kept, ..metric.clone() })
}

/// A length of time that people read easily and that cuts the run into about [`WINDOWS`] parts.
pub(crate) fn window_length(duration: Time, instances: usize) -> Time {
    let parts = if instances > MANY_INSTANCES { 10 } else { WINDOWS };
    let least = (duration.as_nanos() / parts).max(1);
    let mut unit = 1u64;
    loop {
        for step in [1, 2, 5] {
            if unit.saturating_mul(step) >= least {
                return Time::from_nanos(unit.saturating_mul(step));
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// Cuts the run at the windows of the time series, the warm-up and the windows of the SLOs.
pub fn schedule(model: &Model) -> Schedule {
    let (end, warmup) = (model.run.duration, model.run.warmup);
    let length = window_length(end, model.plan.instances.len());
    let mut cuts: Vec<Time> = (1..).map(|n| length.saturating_mul(n)).take_while(|t| *t < end).collect();
    cuts.extend([warmup, end].into_iter().filter(|t| *t > Time::ZERO));
    let mut windows = vec![if model.run.automatic_warmup { NEVER } else { (warmup, end) }];
    for (from, to) in model.slos.iter().filter_map(|slo| slo.during) {
        cuts.extend([from, to].into_iter().filter(|t| *t > Time::ZERO && *t <= end));
        windows.push((from, to));
    }
    cuts.sort();
    cuts.dedup();
    Schedule { cuts, windows, max_in_flight: model.run.max_in_flight }
}

/// A window that holds no row: the main window is put together afterwards, when it is known where the warm-up ends.
const NEVER: (Time, Time) = (Time::ZERO, Time::ZERO);

/// A replication on its way.
#[derive(Clone)]
pub(crate) struct Running {
    world: World,
    plan: Arc<Plan>,
    metrics: Arc<Vec<Metric>>,
    at: Time,
    record: Record,
    windows: Vec<(Time, Time)>,
    series: Vec<Vec<Option<f64>>>,
    automatic: bool,
    terminating: bool,
    /// Up to when it ran by another plan, if it did.
    before: Option<(Time, Arc<Plan>)>,
}

impl Running {
    /// A replication at its first instant, cut as the schedule says.
    fn begin(model: &Model, replication: u32, schedule: Schedule, metrics: Vec<Metric>) -> Self {
        let mut world = World::new(model.plan.clone(), &model.spaces, model.run.seed, u64::from(replication), schedule);
        if model.slos.iter().any(|slo| matches!(slo.metric.measure, Measure::Level(_))) {
            world.keep_levels();
        }
        if model.slos.iter().any(|slo| is_detail(&slo.metric)) {
            world.keep_details();
        }
        Running {
            world,
            plan: model.plan.clone(),
            metrics: Arc::new(metrics),
            at: Time::ZERO,
            record: study::record(model),
            windows: vec![],
            series: vec![],
            automatic: model.run.automatic_warmup,
            terminating: model.terminating,
            before: None,
        }
    }

    /// Goes on as another model from the present instant; there must be no obstacle to that.
    fn change_over(&mut self, model: &Model) {
        self.world.change_over(model.plan.clone());
        self.before = Some((self.at, std::mem::replace(&mut self.plan, model.plan.clone())));
    }

    /// Runs from cut to cut; whether it was stopped from outside before the end of the model.
    fn along(&mut self, cuts: &[Time], model: &Model, (point, replication): (usize, u32), watch: &dyn Watch) -> bool {
        for &cut in cuts {
            self.to(cut);
            watch.progress(point, replication, cut.as_secs_f64() / model.run.duration.as_secs_f64());
            if cut < model.run.duration && watch.cancelled() {
                return true;
            }
            if self.world.is_stopped() {
                break;
            }
        }
        false
    }

    /// A replication whose end is not known yet.
    pub(crate) fn open(model: &Model, replication: u32) -> Self {
        let warmup = model.run.warmup;
        let cuts = if warmup > Time::ZERO { vec![warmup] } else { vec![] };
        let window = if model.run.automatic_warmup { NEVER } else { (warmup, Time::MAX) };
        let schedule = Schedule { cuts, windows: vec![window], max_in_flight: model.run.max_in_flight };
        let mut running = Running::begin(model, replication, schedule, vec![]);
        running.to(warmup);
        running
    }

    /// Runs so many more rows of a length.
    pub(crate) fn advance(&mut self, rows: usize, length: Time, watch: &dyn Watch) {
        let cuts: Vec<Time> = (1..=rows as u64).map(|n| self.at + length.saturating_mul(n)).collect();
        self.world.extend(&cuts);
        for cut in cuts {
            if watch.cancelled() || self.world.is_stopped() {
                return;
            }
            self.to(cut);
        }
    }

    /// Runs to the end of a row.
    fn to(&mut self, cut: Time) {
        self.world.run_until(cut);
        let rows = self.world.complete_rows();
        self.take(rows);
        if self.automatic {
            self.record.time(self.at, &self.world.take_time());
        }
        self.at = cut;
    }

    fn take(&mut self, rows: Vec<Row>) {
        for row in rows {
            self.record.row(&row);
            if !self.metrics.is_empty() {
                self.windows.push((row.start, row.end));
                let before = self.before.as_ref().filter(|(at, _)| row.end <= *at);
                let plan = before.map_or(&self.plan, |(_, plan)| plan);
                self.series.push(values(&row, plan, &self.metrics));
            }
        }
    }

    /// Requests that ended so far.
    pub(crate) fn requests(&self) -> u64 {
        self.world.requests()
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Time {
        self.world.now()
    }

    /// Ends the replication here.
    pub(crate) fn finish(mut self) -> Replication {
        let mut world = self.world.clone();
        if self.terminating {
            world.note_unfinished();
        }
        let (measured, rest) = world.finish();
        self.take(rest);
        let Running { record, windows, series, .. } = self;
        let (warmup, interrupted) = (Time::ZERO, false);
        Replication { measured, windows, series, record, warmup, cut: 0, settled: true, interrupted }
    }
}

fn values(row: &Row, plan: &Plan, metrics: &[Metric]) -> Vec<Option<f64>> {
    let observed = Observed { row, plan, replications: 1.0 };
    metrics.iter().map(|metric| observed.value(metric).0).collect()
}

/// The time series of a replication whose length was not known before: its batches.
pub(crate) fn series_of_batches(model: &Model, replication: &mut Replication) {
    let metrics = window_metrics(model);
    let batches = replication.record.batches();
    replication.windows = batches.iter().map(|row| (row.start, row.end)).collect();
    replication.series = batches.iter().map(|row| values(row, &model.plan, &metrics)).collect();
}

/// Runs one replication to its end, or as far as it comes until it is cancelled, with the warm-up still in it if that is to be found;
/// `None` if it did not begin.
pub(crate) fn whole(model: &Model, replication: u32, point: usize, watch: &dyn Watch) -> Option<Replication> {
    let schedule = schedule(model);
    let cuts = schedule.cuts.clone();
    let metrics = window_metrics(model);
    if watch.cancelled() {
        return None;
    }
    let mut running = Running::begin(model, replication, schedule, metrics);
    let interrupted = running.along(&cuts, model, (point, replication), watch);
    if !interrupted {
        watch.finished(point, replication);
    }
    Some(Replication { interrupted, ..running.finish() })
}

/// Runs one replication as the model `base` up to an instant and from there to the end as each of several models; `None` if it was
/// cancelled. They have the same `run` section and objectives, and nothing keeps one from going on as another.
pub(crate) fn forked(
    models: &[&Model],
    base: usize,
    at: Time,
    replication: u32,
    watch: &dyn Watch,
) -> Option<Vec<Replication>> {
    let (model, schedule) = (models[base], schedule(models[base]));
    let metrics = window_metrics(model);
    let cuts = schedule.cuts.clone();
    let (before, after) = cuts.split_at(cuts.partition_point(|cut| *cut <= at));
    if watch.cancelled() {
        return None;
    }
    let mut trunk = Running::begin(model, replication, schedule, metrics);
    models.iter().for_each(|later| trunk.world.prepare_for(&later.plan));
    if trunk.along(before, model, (base, replication), watch) {
        return None;
    }
    let branch = |(point, later): (usize, &&Model)| {
        let mut running = trunk.clone();
        if !running.world.is_stopped() {
            if point != base {
                running.change_over(later);
            }
            if running.along(after, later, (point, replication), watch) {
                return None;
            }
        }
        watch.finished(point, replication);
        Some(running.finish())
    };
    models.par_iter().enumerate().map(branch).collect()
}

/// Runs one replication alone over the duration of the model; `None` if it was cancelled.
pub fn replicate(model: &Model, replication: u32, point: usize, watch: &dyn Watch) -> Option<Replication> {
    let mut one = [whole(model, replication, point, watch).filter(|replication| !replication.interrupted)?];
    study::settle(model, &mut one);
    let [one] = one;
    Some(one)
}

/// Runs all replications of a model, on all threads. If cancelled, the report is about what was simulated until then; `None` if that is
/// nothing.
pub fn run(model: &Model, watch: &dyn Watch) -> Option<Report> {
    let finished = study::replications(model, 0, watch);
    (!finished.is_empty()).then(|| crate::assemble::report(model, &finished))
}

/// Adds up the rows of one window over all replications; `None` if none of them got that far.
pub fn merged(replications: &[Replication], window: usize, plan: &Plan) -> Option<Row> {
    let mut all = Row::default();
    for replication in replications {
        let row = &replication.measured.windows[window];
        if row.components.len() == plan.components.len() && row.end > row.start {
            all.merge(row);
        }
    }
    (all.end > all.start).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_round_lengths() {
        let seconds = |s: f64| Time::from_secs_f64(s);
        assert_eq!(window_length(seconds(600.0), 1), seconds(10.0));
        assert_eq!(window_length(seconds(300.0), 1), seconds(5.0));
        assert_eq!(window_length(seconds(1.3), 1), seconds(0.02));
        assert_eq!(window_length(seconds(100.0), 1_000_000), seconds(10.0));
    }
}

//! One model, its replications, one report.

use crate::metric::{Measure, Metric, Observed};
use crate::model::Model;
use crate::report::Report;
use archsim_core::Time;
use archsim_models::world::{Measured, Row, Schedule};
use archsim_models::{Plan, World};
use rayon::prelude::*;

/// Who looks on while something runs. Calls come from any thread.
pub trait Watch: Sync {
    /// A replication of a point has simulated this share of its time.
    fn progress(&self, _point: usize, _replication: u32, _fraction: f64) {}
    /// A replication of a point is over.
    fn finished(&self, _point: usize, _replication: u32) {}
    /// All replications of a point are over.
    fn point(&self, _point: usize, _report: &Report) {}
    /// Whether to stop: replications that run are given up, what is finished is kept.
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
}

/// The metrics of a time series: those that say something about a short window.
pub fn series_metrics(model: &Model) -> Vec<&Metric> {
    let shown = |metric: &&Metric| match metric.measure {
        Measure::Max(_) | Measure::Cost | Measure::Replicas => false,
        Measure::Quantile(of, p) => of != crate::metric::Times::OkLatency && (p == 0.5 || p == 0.99),
        Measure::Mean(of) => of != crate::metric::Times::OkLatency,
        _ => true,
    };
    model.catalogue.metrics.iter().filter(shown).collect()
}

/// A length of time that people read easily and that cuts the run into about [`WINDOWS`] parts.
fn window_length(duration: Time, instances: usize) -> Time {
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
    let mut windows = vec![(warmup, end)];
    for (from, to) in model.slos.iter().filter_map(|slo| slo.during) {
        cuts.extend([from, to].into_iter().filter(|t| *t > Time::ZERO && *t <= end));
        windows.push((from, to));
    }
    cuts.sort();
    cuts.dedup();
    Schedule { cuts, windows, max_in_flight: model.run.max_in_flight }
}

/// Runs one replication; `None` if it was cancelled.
pub fn replicate(model: &Model, replication: u32, point: usize, watch: &dyn Watch) -> Option<Replication> {
    let schedule = schedule(model);
    let cuts = schedule.cuts.clone();
    let metrics = series_metrics(model);
    let mut world = World::new(model.plan.clone(), &model.spaces, model.run.seed, u64::from(replication), schedule);
    let (mut windows, mut series) = (vec![], vec![]);
    let mut take = |rows: Vec<Row>| {
        for row in rows {
            let observed = Observed { row: &row, plan: &model.plan, replications: 1.0 };
            windows.push((row.start, row.end));
            series.push(metrics.iter().map(|metric| observed.value(metric).0).collect());
        }
    };
    for cut in cuts {
        world.run_until(cut);
        take(world.complete_rows());
        watch.progress(point, replication, cut.as_secs_f64() / model.run.duration.as_secs_f64());
        if watch.cancelled() {
            return None;
        }
        if world.is_stopped() {
            break;
        }
    }
    let (measured, rest) = world.finish();
    take(rest);
    watch.finished(point, replication);
    Some(Replication { measured, windows, series })
}

/// Runs all replications of a model, on all threads. If cancelled, the report is about those that were finished; `None` if there
/// are none.
pub fn run(model: &Model, watch: &dyn Watch) -> Option<Report> {
    let finished: Vec<Option<Replication>> = (0..model.run.replications)
        .into_par_iter()
        .map(|replication| replicate(model, replication, 0, watch))
        .collect();
    let finished: Vec<Replication> = finished.into_iter().flatten().collect();
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

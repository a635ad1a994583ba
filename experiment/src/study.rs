//! All replications of a model together: as long as asked, or as long as the precision needs; and what of their start is left out.

use crate::metric::Observed;
use crate::model::Model;
use crate::precision::{Goal, Precision};
use crate::record::{Record, possible_cut};
use crate::run::{Replication, Running, Watch, series_of_batches, whole};
use archsim_core::Time;
use archsim_core::stats::batches::warm_up;
use archsim_models::world::{Row, TimeTable};
use rayon::prelude::*;

/// Runs all replications of a model on all threads. If cancelled, they end where they are and are marked as interrupted; those that
/// had not begun are missing.
pub fn replications(model: &Model, point: usize, watch: &dyn Watch) -> Vec<Replication> {
    let mut finished = match model.run.precision.filter(|_| !model.terminating) {
        Some(precision) => until_precise(model, &Goal::new(model, precision), point, watch),
        None => {
            let all = (0..model.run.replications).into_par_iter();
            let all: Vec<Option<Replication>> = all.map(|r| whole(model, r, point, watch)).collect();
            kept(model, all.into_iter().flatten().collect())
        }
    };
    settle(model, &mut finished);
    finished
}

/// Runs all replications of a steady-state model side by side until an objective fails or all hold, or every metric of theirs is
/// as precise as said.
pub(crate) fn until_decided(model: &Model, precision: Precision, watch: &dyn Watch) -> Vec<Replication> {
    let mut finished = until_precise(model, &Goal::deciding(model, precision), 0, watch);
    settle(model, &mut finished);
    finished
}

/// The same as [`replications`], but over as soon as chance decides whether the system collapses: no length of run makes that precise.
pub(crate) fn until_tipped(model: &Model, watch: &dyn Watch) -> Vec<Replication> {
    let Some(precision) = model.run.precision.filter(|_| !model.terminating) else {
        return replications(model, 0, watch);
    };
    let mut finished = until_precise(model, &Goal::wary(model, precision), 0, watch);
    settle(model, &mut finished);
    finished
}

/// Whether all replications of a model came to their end.
pub(crate) fn complete(model: &Model, replications: &[Replication]) -> bool {
    replications.len() == model.run.replications as usize && replications.iter().all(|r| !r.interrupted)
}

/// What an interrupted run shows: all of a steady state. Where things change over time a part of it says nothing of the whole, so there
/// the replications that came to their end, or all if none did.
fn kept(model: &Model, mut all: Vec<Replication>) -> Vec<Replication> {
    if model.terminating && all.iter().any(|replication| !replication.interrupted) {
        all.retain(|replication| !replication.interrupted);
    }
    all
}

/// Rows of each replication at the first look, and at every second one after it.
const EARLY: usize = 46;
/// Rows at the looks between: as many batches as a record holds, after which rows are twice as long. The time between looks grows by
/// 64/46 and 92/64, about the root of two.
const LATE: usize = crate::record::MOST;

/// Runs all replications side by side and extends them, never starts again, until the goal is met, the budget is spent or there is
/// no steady state to be precise about. Looks are at fixed places of simulated time, so threads do not matter.
fn until_precise(model: &Model, goal: &Goal, point: usize, watch: &dyn Watch) -> Vec<Replication> {
    let numbers: Vec<u32> = (0..model.run.replications).collect();
    let mut length = goal.first_row(model);
    let mut running: Vec<Running> = numbers.par_iter().map(|number| Running::open(model, *number)).collect();
    let mut rows = 0;
    loop {
        let next = if rows < EARLY { EARLY } else { LATE };
        let allowed = goal.rows_left(&running, length, next - rows);
        running.par_iter_mut().for_each(|running| running.advance(allowed, length, watch));
        let interrupted = watch.cancelled();
        let mut looked: Vec<Replication> = running.par_iter().map(|running| running.clone().finish()).collect();
        let spent = allowed < next - rows;
        let share = goal.share(&looked);
        numbers.iter().for_each(|number| watch.progress(point, *number, share));
        looked.iter_mut().for_each(|replication| replication.interrupted = interrupted);
        if interrupted
            || spent
            || looked.iter().any(|r| r.measured.stopped.is_some())
            || goal.reached(model, &mut looked)
        {
            numbers.iter().for_each(|number| watch.finished(point, *number));
            looked.iter_mut().for_each(|replication| series_of_batches(model, replication));
            return looked;
        }
        rows = next;
        if rows == LATE {
            (rows, length) = (LATE / 2, length + length);
        }
    }
}

/// Leaves the warm-up out of every replication: the same length everywhere, found from their mean course.
pub(crate) fn settle(model: &Model, replications: &mut [Replication]) {
    if !model.run.automatic_warmup {
        replications.iter_mut().for_each(|r| (r.warmup, r.settled) = (model.run.warmup, true));
        return;
    }
    let (cut, settled) = transient(model, replications);
    leave_out(model, replications, cut, settled);
}

/// Leaves so many batches at the start out of every replication.
pub(crate) fn leave_out(model: &Model, replications: &mut [Replication], cut: usize, settled: bool) {
    for replication in replications {
        let (row, mut time) = replication.record.sums(cut);
        time.resize_with(model.plan.classes.len(), TimeTable::default);
        replication.warmup = if row.end > row.start { row.start } else { Time::ZERO };
        replication.cut = cut;
        replication.settled = settled;
        replication.measured.windows[0] = row;
        replication.measured.time = time;
    }
}

/// The longest warm-up of several models is left out of all, so that the same stretch of time is compared.
pub(crate) fn share_warm_up(models: Vec<(&Model, &mut [Replication])>) {
    let longest = models.iter().flat_map(|(_, replications)| replications.iter()).map(|r| r.cut).max().unwrap_or(0);
    for (model, replications) in models {
        let settled = replications.iter().all(|r| r.settled);
        let shorter = replications.iter().any(|r| r.cut < longest && 2 * longest <= r.record.batches().len());
        if model.run.automatic_warmup && shorter {
            leave_out(model, replications, longest, settled);
        }
    }
}

/// What a batch shows of the state of the system.
type Signal<'a> = &'a dyn Fn(&Row) -> Option<f64>;

/// How many batches at the start are not yet the steady state, by the slowest of a few signals: the number in the system, the latency
/// of all requests, the hit ratio of all caches, the messages that wait; and whether half of the data was enough to tell.
fn transient(model: &Model, replications: &[Replication]) -> (usize, bool) {
    let batches = replications.iter().map(|r| r.record.batches().len()).min().unwrap_or(0);
    let mean = |signal: Signal<'_>| -> Option<Vec<f64>> {
        let at = |batch: usize| {
            let values: Option<Vec<f64>> = replications.iter().map(|r| signal(&r.record.batches()[batch])).collect();
            values.map(|v| v.iter().sum::<f64>() / v.len() as f64)
        };
        (0..batches).map(at).collect()
    };
    let classes = model.plan.classes.len();
    let inside = |row: &Row| Some(row.components.iter().map(|c| c.inside as f64).sum::<f64>() / row.seconds());
    let latency = |row: &Row| Observed { row, plan: &model.plan, replications: 1.0 }.classes(0, classes).latency.mean();
    let hits = |row: &Row| {
        let (hits, lookups) = row.components.iter().fold((0, 0), |(h, l), c| (h + c.hits, l + c.lookups));
        (lookups > 0).then(|| hits as f64 / lookups as f64)
    };
    let backlog = |row: &Row| Some(row.components.iter().map(|c| c.backlog as f64).sum::<f64>() / row.seconds());
    let signals: [Signal<'_>; 4] = [&inside, &latency, &hits, &backlog];
    let cuts = signals.iter().filter_map(|signal| mean(*signal)).map(|course| warm_up(&course));
    let wanted = cuts.max().unwrap_or(0);
    let most = (batches / 2).checked_ilog2().map_or(0, |log| 1 << log);
    (possible_cut(wanted).min(most), wanted <= most)
}

/// The record of a replication that begins where the study's main window does.
pub(crate) fn record(model: &Model) -> Record {
    Record::from(if model.run.automatic_warmup { Time::ZERO } else { model.run.warmup })
}

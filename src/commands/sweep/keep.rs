//! Keeps points while a sweep runs; where one cannot be kept the rest is not run, for it could not be kept either.

use crate::exit::Failure;
use crate::files::store::Store;
use crate::progress::Progress;
use archsim_experiment::report::{Report, SweepPoint, Work};
use archsim_experiment::run::Watch;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// A store that is filled by many threads, while somebody looks on.
pub(super) struct Keeping<'a> {
    store: &'a Store,
    progress: &'a Progress,
    failed: AtomicBool,
    ended: Mutex<(Work, Option<Failure>)>,
}

impl<'a> Keeping<'a> {
    pub(super) fn new(store: &'a Store, progress: &'a Progress) -> Self {
        Keeping { store, progress, failed: AtomicBool::new(false), ended: Mutex::default() }
    }

    /// Keeps a point.
    pub(super) fn keep(&self, point: usize, result: &SweepPoint) {
        let kept = self.store.keep(point, result);
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.0.events += result.report.work.events;
        ended.0.requests += result.report.work.requests;
        if let Err(failure) = kept {
            self.failed.store(true, Ordering::Relaxed);
            ended.1.get_or_insert(failure);
        }
    }

    /// What the run loops did, and the first thing that went wrong.
    pub(super) fn end(self) -> (Work, Option<Failure>) {
        self.ended.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Keeping<'_> {
    fn progress(&self, point: usize, replication: u32, fraction: f64) {
        self.progress.progress(point, replication, fraction);
    }

    fn finished(&self, point: usize, replication: u32) {
        self.progress.finished(point, replication);
    }

    fn point(&self, point: usize, report: &Report) {
        self.progress.point(point, report);
    }

    fn cancelled(&self) -> bool {
        self.failed.load(Ordering::Relaxed) || self.progress.cancelled()
    }
}

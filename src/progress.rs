//! Progress on stderr: how far, how long still, and the points of a sweep as they are finished.

use crate::table::sweep::brief;
use archsim_experiment::report::Report;
use archsim_experiment::run::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Steps of the bar for each replication.
const STEPS: f64 = 1000.0;
/// Finished points that are shown above the bar.
const SHOWN: usize = 8;
/// Time between two drawings.
const TICK: Duration = Duration::from_millis(200);

/// Set by Ctrl-C, read by whatever runs.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Lets Ctrl-C end the run in an orderly way; a second one ends it at once.
pub(crate) fn listen_for_interrupts() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(crate::exit::INTERRUPTED));
        }
    })
}

/// Whether somebody has pressed Ctrl-C.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// What a sweep shows of its finished points.
struct Points {
    settings: Vec<Vec<String>>,
    measure: Vec<String>,
    lines: Mutex<VecDeque<String>>,
}

/// Shows how a run or a sweep advances.
pub(crate) struct Progress {
    bar: ProgressBar,
    replications: Vec<Vec<AtomicU64>>,
    points: Option<Points>,
}

impl Progress {
    /// For points with so many replications each; `visible` is the user's wish, without a terminal nothing is drawn.
    pub(crate) fn new(replications: &[u32], visible: bool) -> Self {
        let total = replications.iter().map(|n| u64::from(*n)).sum::<u64>() * STEPS as u64;
        let visible = visible && std::io::stderr().is_terminal();
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template = "{msg}  [{bar:28}] {percent:>3}% {prefix}  {eta} left";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("##."));
        if visible {
            bar.enable_steady_tick(TICK);
        }
        let replications = replications.iter().map(|n| (0..*n).map(|_| AtomicU64::new(0)).collect()).collect();
        let progress = Progress { bar, replications, points: None };
        progress.count();
        progress
    }

    /// For a search, whose end nobody knows.
    pub(crate) fn search(visible: bool) -> Self {
        let progress = Progress::new(&[], visible);
        let style = ProgressStyle::with_template("{spinner} searching for {elapsed}");
        progress.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        progress
    }

    /// Shows finished points by their settings and metrics.
    pub(crate) fn with_points(mut self, settings: Vec<Vec<String>>, measure: Vec<String>) -> Self {
        self.points = Some(Points { settings, measure, lines: Mutex::new(VecDeque::new()) });
        self
    }

    /// Takes the display away.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn advance(&self, point: usize, replication: u32, fraction: f64) {
        let slot = self.replications.get(point).and_then(|slots| slots.get(replication as usize));
        let steps = (fraction.clamp(0.0, 1.0) * STEPS) as u64;
        if let Some(slot) = slot {
            self.bar.inc(steps.saturating_sub(slot.fetch_max(steps, Ordering::Relaxed)));
        }
    }

    fn count(&self) {
        let all = || self.replications.iter().flatten();
        let done = all().filter(|slot| slot.load(Ordering::Relaxed) >= STEPS as u64).count();
        self.bar.set_prefix(format!("{done}/{} replications", all().count()));
    }
}

impl Watch for Progress {
    fn progress(&self, point: usize, replication: u32, fraction: f64) {
        self.advance(point, replication, fraction);
        if interrupted() {
            self.bar.set_prefix("stopping (again to stop at once)");
        }
    }

    fn finished(&self, point: usize, replication: u32) {
        self.advance(point, replication, 1.0);
        self.count();
    }

    fn point(&self, point: usize, report: &Report) {
        let Some(points) = &self.points else { return };
        let Ok(mut lines) = points.lines.lock() else { return };
        let settings = points.settings.get(point).map_or(&[][..], Vec::as_slice);
        lines.push_back(format!("  {}\n", brief(settings, report, &points.measure)));
        if lines.len() > SHOWN {
            lines.pop_front();
        }
        self.bar.set_message(lines.iter().cloned().collect::<String>());
    }

    fn cancelled(&self) -> bool {
        interrupted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_counts_each_replication_once() {
        let progress = Progress::new(&[2, 1], false);
        progress.progress(0, 1, 0.5);
        progress.progress(0, 1, 0.25);
        progress.finished(1, 0);
        progress.finished(7, 0);
        assert_eq!(progress.bar.position(), 1500);
        assert_eq!(progress.bar.prefix(), "1/3 replications");
    }
}

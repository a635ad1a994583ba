//! The same cases with many seeds: how often our own intervals hold the reference, and which quantities miss too often.

use crate::case::Case;
use crate::judge::Judged;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What many runs said about one quantity.
#[derive(Clone, Copy, Debug, Default)]
struct Quantity {
    runs: u32,
    held: u32,
    /// Sum of the distances from the reference, in half-widths of the interval.
    distances: f64,
}

/// All quantities that have an interval, by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seeds(BTreeMap<String, Quantity>);

impl Seeds {
    /// One more run of a quantity. Bounds and approximations have no value that an interval should hold.
    pub(crate) fn add(&mut self, case: &Case, judged: &Judged) {
        let interval = judged.found.as_ref().and_then(|found| found.interval);
        let (Some((low, high)), Some(value)) = (interval, case.value.as_f64()) else { return };
        if !["exact", "numeric"].contains(&case.class.as_str()) || high <= low {
            return;
        }
        let quantity = self.0.entry(case.id.clone()).or_default();
        quantity.runs += 1;
        quantity.held += u32::from((low..=high).contains(&value));
        quantity.distances += (0.5 * (low + high) - value) / (0.5 * (high - low));
    }

    /// The share of all intervals that hold the reference, and the quantities that miss significantly often: fewer held than nineteen in
    /// twenty leave, with a probability below one in a thousand.
    pub(crate) fn summary(&self) -> String {
        let sum = |of: fn(&Quantity) -> u32| self.0.values().map(of).sum::<u32>();
        let (runs, held) = (sum(|q| q.runs), sum(|q| q.held));
        let share = f64::from(held) / f64::from(runs.max(1));
        let mut text = format!("95 % intervals hold the reference in {held} of {runs}: {share:.4}\n");
        let mut missing: Vec<(&String, &Quantity)> = self.0.iter().filter(|(_, q)| too_few(q.runs, q.held)).collect();
        missing.sort_by_key(|(_, q)| q.held);
        for (id, Quantity { runs, held, distances }) in missing {
            let mean = distances / f64::from(*runs);
            let _ = writeln!(text, "{id}: holds in {held} of {runs}, mean distance {mean:+.2} half-widths");
        }
        text
    }
}

/// Whether so few of the runs hold is less likely than one in a thousand, if 95 % do (binomial).
fn too_few(runs: u32, held: u32) -> bool {
    let mut term = 0.05f64.powi(runs as i32);
    let mut below = term;
    for k in 1..=held {
        term *= f64::from(runs - k + 1) / f64::from(k) * 0.95 / 0.05;
        below += term;
    }
    below < 1e-3
}

#[test]
fn too_few_is_judged_by_the_binomial_law() {
    // With 20 runs: P(at most 15) = 0.0026, P(at most 14) = 0.0003.
    assert!(!too_few(20, 15) && too_few(20, 14) && !too_few(20, 20) && !too_few(1, 0));
}

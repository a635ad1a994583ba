//! Policies: one file each. A balancing policy sees what its caller could know, and nothing else.

pub mod apart;
pub mod join_idle;
pub mod least_outstanding;
pub mod outstanding;
pub mod power_of_two;
pub mod random;
pub mod round_robin;

use crate::plan::TargetPlan;
use crate::spec::Balance;
pub use apart::pick_among;
use archsim_core::Stream;
pub use outstanding::Outstanding;

/// What a caller or balancer keeps about its targets.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// Attempts sent and not yet answered, timed out or cancelled, by slot.
    pub outstanding: Outstanding,
    /// The cursor of round robin.
    pub cursor: u32,
    /// Whether all targets have the same weight.
    pub even: bool,
    /// The running weights of smooth round robin; empty until weights differ.
    pub credit: Vec<f64>,
    /// Room for the targets that may be used, while not all of them may.
    pub few: Vec<TargetPlan>,
}

/// Chooses a target; `None` only without targets.
#[inline]
pub fn pick(policy: &Balance, targets: &[TargetPlan], known: &mut Knowledge, draw: &mut Stream) -> Option<usize> {
    match targets.len() {
        0 => None,
        1 => Some(0),
        _ => Some(match policy {
            Balance::RoundRobin => round_robin::pick(targets, known),
            Balance::Random | Balance::ConsistentHash => random::pick(targets, known, draw),
            Balance::LeastOutstanding => least_outstanding::pick(targets, known, draw),
            Balance::JoinIdle => join_idle::pick(targets, known, draw),
            Balance::PowerOfTwo(args) => power_of_two::pick(args, targets, known, draw),
        }),
    }
}

impl Knowledge {
    /// Of targets that nothing was sent to yet.
    pub fn new(targets: &[TargetPlan]) -> Self {
        let even = targets.iter().all(|t| t.weight == targets[0].weight);
        Knowledge { outstanding: Outstanding::new(targets.len()), even, ..Knowledge::default() }
    }

    /// An attempt goes to the target of this slot.
    #[inline(always)]
    pub fn sent(&mut self, slot: u32) {
        self.outstanding.add(slot);
    }

    /// An attempt at the target of this slot was answered, timed out or cancelled.
    #[inline(always)]
    pub fn answered(&mut self, slot: u32) {
        self.outstanding.remove(slot);
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::plan::NONE;

    /// Targets with the given weights.
    pub(crate) fn targets(weights: &[f64]) -> Vec<TargetPlan> {
        let target = |(i, w): (usize, &f64)| TargetPlan {
            instance: i as u32,
            operation: NONE,
            edge: 0,
            weight: *w,
            slot: i as u32,
        };
        weights.iter().enumerate().map(target).collect()
    }
}

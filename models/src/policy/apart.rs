//! Choosing among some of the targets only: those that are not out of use, those that have no copy of the call yet.

use super::{Knowledge, pick, round_robin};
use crate::plan::TargetPlan;
use crate::spec::Balance;
use archsim_core::Stream;

/// Chooses by the policy among the targets that may be used; all of them if none may.
pub fn pick_among(
    policy: &Balance,
    targets: &[TargetPlan],
    known: &mut Knowledge,
    draw: &mut Stream,
    usable: impl Fn(usize) -> bool,
) -> Option<usize> {
    if !(0..targets.len()).any(&usable) {
        return pick(policy, targets, known, draw);
    }
    if *policy == Balance::RoundRobin {
        // The turn goes on from where it was: who may not be used is passed over.
        return (0..2 * targets.len()).map(|_| round_robin::pick(targets, known)).find(|chosen| usable(*chosen));
    }
    let mut few = std::mem::take(&mut known.few);
    few.clear();
    few.extend(targets.iter().enumerate().filter(|(index, _)| usable(*index)).map(|(_, target)| *target));
    // The counts of all are not those of the few in their order.
    let even = std::mem::replace(&mut known.even, false);
    let chosen = pick(policy, &few, known, draw).map(|chosen| few[chosen].slot as usize);
    (known.even, known.few) = (even, few);
    chosen
}

#[cfg(test)]
mod tests {
    use super::super::testing::targets;
    use super::*;
    use archsim_core::Key;

    #[test]
    fn the_turn_passes_over_a_target_that_is_gone() {
        let targets = targets(&[1.0; 3]);
        let mut known = Knowledge::new(&targets);
        let mut draw = Key::root(1, 0).draw(0);
        let mut next = |gone: usize| pick_among(&Balance::RoundRobin, &targets, &mut known, &mut draw, |i| i != gone);
        let first: Vec<_> = (0..7).filter_map(|_| next(9)).collect();
        let then: Vec<_> = (0..4).filter_map(|_| next(1)).collect();
        assert_eq!((first, then), (vec![0, 1, 2, 0, 1, 2, 0], vec![2, 0, 2, 0]));
    }

    #[test]
    fn the_others_are_chosen_by_the_policy() {
        let targets = targets(&[1.0; 3]);
        let mut known = Knowledge::new(&targets);
        known.sent(1);
        for n in 0..50 {
            let mut draw = Key::root(1, 0).child(n).draw(0);
            assert_eq!(pick_among(&Balance::LeastOutstanding, &targets, &mut known, &mut draw, |i| i != 0), Some(2));
            let mut draw = Key::root(1, 0).child(n).draw(0);
            assert_ne!(pick_among(&Balance::Random, &targets, &mut known, &mut draw, |i| i != 0), Some(0));
        }
    }
}

//! Join an idle queue: an idle target if there is one, else any (Lu et al., "Join-Idle-Queue: A novel load balancing algorithm for
//! dynamically scalable web services", Performance Evaluation 68, 2011; here the balancer knows at once who is idle).

use super::{Knowledge, least_outstanding, random};
use crate::plan::TargetPlan;
use archsim_core::Stream;

/// An idle target, each with equal probability; without one a target at random, in proportion to the weights.
#[inline]
pub fn pick(targets: &[TargetPlan], known: &Knowledge, draw: &mut Stream) -> usize {
    let least = least_outstanding::pick(targets, known, draw);
    if known.outstanding.get(targets[least].slot) == 0 { least } else { random::pick(targets, known, draw) }
}

#[cfg(test)]
mod tests {
    use super::super::Outstanding;
    use super::super::testing::targets;
    use super::*;
    use archsim_core::Key;

    fn counts(outstanding: &[u32]) -> Vec<i32> {
        let targets = targets(&[1.0; 4]);
        let known = Knowledge { outstanding: Outstanding::of(outstanding), ..Knowledge::new(&targets) };
        let mut counts = vec![0; 4];
        (0..4000).for_each(|n| counts[pick(&targets, &known, &mut Key::root(1, 0).child(n).draw(0))] += 1);
        counts
    }

    #[test]
    fn an_idle_target_wins_and_among_busy_ones_none_does() {
        let idle = counts(&[2, 0, 1, 0]);
        assert!(idle[0] == 0 && idle[2] == 0 && (idle[1] - 2000).abs() < 160, "{idle:?}");
        let busy = counts(&[2, 9, 1, 3]);
        assert!(busy.iter().all(|count| (count - 1000).abs() < 140), "{busy:?}");
    }
}

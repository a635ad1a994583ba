//! A target at random, in proportion to the weights.

use super::Knowledge;
use crate::plan::TargetPlan;
use archsim_core::Stream;

/// One draw.
#[inline]
pub fn pick(targets: &[TargetPlan], known: &Knowledge, draw: &mut Stream) -> usize {
    if known.even {
        return draw.below(targets.len() as u64) as usize;
    }
    let mut left = draw.uniform() * targets.iter().map(|t| t.weight).sum::<f64>();
    for (index, target) in targets.iter().enumerate() {
        if left < target.weight {
            return index;
        }
        left -= target.weight;
    }
    targets.len() - 1
}

#[cfg(test)]
mod tests {
    use super::super::testing::targets;
    use super::*;
    use archsim_core::Key;

    #[test]
    fn shares_follow_the_weights() {
        let (targets, mut counts) = (targets(&[3.0, 1.0, 0.0]), [0; 3]);
        for n in 0..40_000 {
            counts[pick(&targets, &Knowledge::new(&targets), &mut Key::root(1, 0).child(n).draw(0))] += 1;
        }
        assert_eq!(counts[2], 0);
        // Standard deviation of the count is 87.
        assert!((counts[0] as i64 - 30_000).abs() < 400, "{counts:?}");
    }
}

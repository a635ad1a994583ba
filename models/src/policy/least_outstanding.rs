//! The target with the fewest outstanding attempts divided by its weight.

use super::Knowledge;
use crate::plan::TargetPlan;
use archsim_core::Stream;

/// The least loaded; ties are broken by one draw.
#[inline]
pub fn pick(targets: &[TargetPlan], known: &Knowledge, draw: &mut Stream) -> usize {
    // Without weights the counts alone decide; they stand in the order of the targets.
    if known.even { known.outstanding.pick_least(draw) } else { pick_weighted(targets, known, draw) }
}

fn pick_weighted(targets: &[TargetPlan], known: &Knowledge, draw: &mut Stream) -> usize {
    let load = |t: &TargetPlan| {
        if t.weight > 0.0 { f64::from(known.outstanding.get(t.slot)) / t.weight } else { f64::INFINITY }
    };
    let least = targets.iter().map(load).fold(f64::INFINITY, f64::min);
    let ties: u64 = targets.iter().filter(|t| load(t) == least).count() as u64;
    let chosen = draw.below(ties.max(1)) as usize;
    targets.iter().enumerate().filter(|(_, t)| load(t) == least).nth(chosen).map_or(0, |(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::super::Outstanding;
    use super::super::testing::targets;
    use super::*;
    use archsim_core::Key;

    fn known(outstanding: &[u32], even: bool) -> Knowledge {
        Knowledge { outstanding: Outstanding::of(outstanding), even, ..Knowledge::default() }
    }

    #[test]
    fn the_least_loaded_is_chosen_and_ties_are_spread() {
        let targets = targets(&[1.0; 4]);
        assert_eq!(pick(&targets, &known(&[3, 1, 2, 5], true), &mut Key::root(1, 0).draw(0)), 1);
        let mut counts = [0; 4];
        for n in 0..3000 {
            counts[pick(&targets, &known(&[2, 1, 1, 1], true), &mut Key::root(1, 0).child(n).draw(0))] += 1;
        }
        assert_eq!(counts[0], 0);
        assert!(counts[1..].iter().all(|c| (*c - 1000i32).abs() < 120), "{counts:?}");
    }

    #[test]
    fn outstanding_is_divided_by_weight() {
        // 3 / 4 is less than 1 / 1; a weight of zero is never chosen while another target exists.
        let targets = targets(&[4.0, 1.0, 0.0]);
        assert_eq!(pick(&targets, &known(&[3, 1, 0], false), &mut Key::root(1, 0).draw(0)), 0);
    }
}

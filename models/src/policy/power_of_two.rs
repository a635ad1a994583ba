//! The less loaded of a few targets drawn at random (Mitzenmacher, "The power of two choices in randomized load
//! balancing", IEEE TPDS 12, 2001).

use super::Knowledge;
use crate::plan::TargetPlan;
use crate::spec::policy::PowerOfTwoArgs;
use archsim_core::Stream;

/// Choices that are kept without allocation; more are looked at as if all were.
const MOST: usize = 16;

/// Draws `choices` targets, distinct unless `with_replacement`, and takes the first of the least loaded: the order of the
/// draws is random, so ties are too.
#[inline]
pub fn pick(args: &PowerOfTwoArgs, targets: &[TargetPlan], known: &Knowledge, draw: &mut Stream) -> usize {
    let choices = args.choices.as_ref().map_or(2, |c| c.value as usize).max(1);
    let distinct = !args.with_replacement.unwrap_or(false);
    if distinct && choices >= targets.len() || choices > MOST {
        return super::least_outstanding::pick(targets, known, draw);
    }
    let load = |t: usize| {
        let target = &targets[t];
        if target.weight > 0.0 { f64::from(known.outstanding.get(target.slot)) / target.weight } else { f64::INFINITY }
    };
    let (mut drawn, mut best, mut least) = ([0usize; MOST], 0, f64::INFINITY);
    for n in 0..choices {
        let candidate = if distinct {
            another(&drawn[..n], targets.len(), draw)
        } else {
            draw.below(targets.len() as u64) as usize
        };
        drawn[n] = candidate;
        if n == 0 || load(candidate) < least {
            (best, least) = (candidate, load(candidate));
        }
    }
    best
}

/// A target that is not among those drawn: the n-th of the rest.
fn another(drawn: &[usize], targets: usize, draw: &mut Stream) -> usize {
    let mut candidate = draw.below((targets - drawn.len()) as u64) as usize;
    let mut sorted = [0usize; MOST];
    let sorted = &mut sorted[..drawn.len()];
    sorted.copy_from_slice(drawn);
    sorted.sort_unstable();
    for &taken in sorted.iter() {
        candidate += usize::from(candidate >= taken);
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::super::Outstanding;
    use super::super::testing::targets;
    use super::*;
    use crate::spec::At;
    use archsim_core::Key;

    fn share_of_the_idle(choices: u32, with_replacement: bool) -> f64 {
        let args = PowerOfTwoArgs { choices: Some(At::nowhere(choices)), with_replacement: Some(with_replacement) };
        let targets = targets(&[1.0; 4]);
        let known = Knowledge { outstanding: Outstanding::of(&[0, 1, 1, 1]), ..Knowledge::new(&targets) };
        let hits = (0..20_000).filter(|n| pick(&args, &targets, &known, &mut Key::root(1, 0).child(*n).draw(0)) == 0);
        hits.count() as f64 / 20_000.0
    }

    #[test]
    fn the_only_idle_target_is_seen_as_often_as_drawn() {
        // Distinct: 2 of 4 see it with probability 1/2. With replacement: 1 - (3/4)^2 = 0.4375. Standard error 0.0035.
        assert!((share_of_the_idle(2, false) - 0.5).abs() < 0.015);
        assert!((share_of_the_idle(2, true) - 0.4375).abs() < 0.015);
        assert_eq!(share_of_the_idle(4, false), 1.0);
    }
}

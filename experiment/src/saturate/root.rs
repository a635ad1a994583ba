//! Where a rising level crosses zero, and how well that is known.

use archsim_core::stats::batches::reach;

/// A level that was measured: how far a metric is above its limit, as a logarithm.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Level {
    /// Where, on the scale of [`scale`].
    pub(super) at: f64,
    /// Positive where the objective fails.
    pub(super) level: f64,
    /// What each batch adds to its error.
    pub(super) errors: Vec<Vec<f64>>,
}

/// A scale on which the logarithm of a latency is nearly a straight line: `-ln(1 - load)` below the load that the plan allows, for a
/// latency grows about like `1 / (1 - load)` there; the logarithm of the value where the plan sets no bound, or it is exceeded.
pub(super) fn scale(value: f64, bound: Option<f64>) -> f64 {
    match bound {
        Some(bound) => -libm::log(1.0 - value / bound),
        None => libm::log(value),
    }
}

/// The value at a place of the scale.
pub(super) fn unscale(at: f64, bound: Option<f64>) -> f64 {
    match bound {
        Some(bound) => bound * (1.0 - libm::exp(-at)),
        None => libm::exp(at),
    }
}

/// Where the straight line through two levels crosses zero; none where it does not rise.
pub(super) fn crossing(below: &Level, above: &Level) -> Option<f64> {
    let share = below.level / (below.level - above.level);
    let rises = (above.level - below.level) * (above.at - below.at) > 0.0;
    (rises && share.is_finite()).then_some(below.at + share * (above.at - below.at))
}

/// The ends are looked for so many distances between the two levels away.
const FAR: f64 = 30.0;
/// Halvings of that distance.
const HALVINGS: usize = 60;

/// The crossing with its interval: all places whose level cannot be told from zero. The errors of both levels are in step, so what they
/// have in common does not blur the slope. None where the line does not rise, or not for certain.
pub(super) fn interval(below: &Level, above: &Level, confidence: f64) -> Option<(f64, f64, f64)> {
    crossing(below, above)?;
    let distance = above.at - below.at;
    let at_share = |share: f64| {
        let errors: Vec<Vec<f64>> = below
            .errors
            .iter()
            .zip(&above.errors)
            .map(|(b, a)| b.iter().zip(a).map(|(b, a)| (1.0 - share) * b + share * a).collect())
            .collect();
        Some(((1.0 - share) * below.level + share * above.level, reach(&errors, confidence)?))
    };
    let zero = below.level / (below.level - above.level);
    let end = |sign: f64| {
        // The level lies clear of zero at the far end, and not at the crossing.
        let clear = |share: f64| {
            at_share(share).is_some_and(|(level, (less, more))| if sign > 0.0 { level > less } else { level < -more })
        };
        let (mut inside, mut outside) = (zero, zero + sign * FAR);
        if !clear(outside) {
            return None;
        }
        for _ in 0..HALVINGS {
            let middle = 0.5 * (inside + outside);
            if clear(middle) { outside = middle } else { inside = middle }
        }
        Some(below.at + outside * distance)
    };
    Some((below.at + zero * distance, end(-1.0)?, end(1.0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(at: f64, level: f64, errors: &[f64]) -> Level {
        Level { at, level, errors: vec![errors.to_vec()] }
    }

    #[test]
    fn a_line_crosses_where_its_levels_say() {
        let (below, above) = (level(1.0, -1.0, &[]), level(3.0, 3.0, &[]));
        assert_eq!(crossing(&below, &above), Some(1.5));
        assert_eq!(crossing(&level(1.0, 1.0, &[]), &level(3.0, 1.0, &[])), None);
        assert_eq!(crossing(&level(1.0, 1.0, &[]), &level(3.0, -1.0, &[])), None);
    }

    #[test]
    fn errors_in_common_shift_the_crossing_and_nothing_else() {
        // Alternating errors of 0.1 at both ends: half-width 2.3646 * 0.1 * sqrt(8/7/8) = 0.08938 everywhere, slope 2.
        let errors = [0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1, -0.1];
        let (at, low, high) = interval(&level(1.0, -1.0, &errors), &level(3.0, 3.0, &errors), 0.95).unwrap();
        assert_eq!(at, 1.5);
        assert!((high - at - 0.044_69).abs() < 1e-4 && (at - low - 0.044_69).abs() < 1e-4, "{low} {high}");
    }

    #[test]
    fn a_slope_that_may_be_flat_gives_no_interval() {
        let (one, other) = ([1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0], [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0]);
        assert_eq!(interval(&level(1.0, -0.1, &one), &level(3.0, 0.1, &other), 0.95), None);
    }

    #[test]
    fn the_scale_and_its_inverse() {
        for bound in [None, Some(100.0)] {
            for value in [0.1, 50.0, 99.0] {
                assert!((unscale(scale(value, bound), bound) - value).abs() < 1e-9);
            }
        }
    }
}

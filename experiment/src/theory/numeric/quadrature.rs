//! Quadrature: nodes and weights, so that one set serves many integrals over the same law.

/// Abscissae of the Gauss-Legendre rule with 16 points on -1..1, the positive half, and their weights (Abramowitz and
/// Stegun, "Handbook of Mathematical Functions", table 25.4).
const RULE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_88),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_894),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

/// Nodes and weights of the composite Gauss-Legendre rule with 16 points in each of so many equal panels, in order.
pub fn nodes(from: f64, to: f64, panels: usize) -> impl Iterator<Item = (f64, f64)> {
    let half = (to - from) / panels as f64 / 2.0;
    (0..panels).flat_map(move |panel| {
        let middle = from + half * (2 * panel + 1) as f64;
        let left = RULE.iter().rev().map(move |(x, weight)| (middle - half * x, half * weight));
        left.chain(RULE.iter().map(move |(x, weight)| (middle + half * x, half * weight)))
    })
}

/// The integral of a smooth function.
pub fn integral(from: f64, to: f64, panels: usize, function: impl Fn(f64) -> f64) -> f64 {
    nodes(from, to, panels).map(|(x, weight)| weight * function(x)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_functions_are_integrated_to_the_last_digits() {
        assert!((integral(0.0, 1.0, 1, |x| libm::pow(x, 9.0)) - 0.1).abs() < 1e-15);
        assert!((integral(0.0, 40.0, 20, |x| libm::exp(-x)) - 1.0).abs() < 1e-13);
        let ordered: Vec<f64> = nodes(0.0, 1.0, 3).map(|(x, _)| x).collect();
        assert!(ordered.windows(2).all(|pair| pair[0] < pair[1]));
    }
}

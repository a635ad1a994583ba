//! Quantiles of the normal law and of Student's t.

/// Evaluates a polynomial, lowest coefficient first.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The quantile of the standard normal law to about 16 digits (Wichura, Algorithm AS 241, PPND16, Applied Statistics
/// 37, 1988). Infinite at 0 and 1, NaN outside.
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(&CENTRE[0], r) / polynomial(&CENTRE[1], r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-libm::log(tail)).sqrt();
    let (table, r) = if r <= 5.0 { (&NEAR_TAIL, r - 1.6) } else { (&FAR_TAIL, r - 5.0) };
    (polynomial(&table[0], r) / polynomial(&table[1], r)).copysign(q)
}

/// Numerator and denominator of AS 241 for 0.075 <= p <= 0.925.
const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
];

/// The same for tails of probability down to exp(-25).
const NEAR_TAIL: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];

/// The same for smaller tails.
const FAR_TAIL: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

/// The quantile of Student's t with `degrees` (> 0) degrees of freedom, to about ten digits; the normal quantile for
/// infinitely many. Infinite at 0 and 1, NaN outside.
///
/// Solves P(T > t) = I_x(degrees / 2, 1 / 2) / 2 at x = degrees / (degrees + t^2) (Abramowitz and Stegun, 26.7.1) by
/// Newton's steps kept within a shrinking bracket.
pub fn student_t_quantile(p: f64, degrees: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) || degrees.is_nan() || degrees <= 0.0 {
        return f64::NAN;
    }
    if degrees == f64::INFINITY {
        return normal_quantile(p);
    }
    let tail = p.min(1.0 - p);
    if tail == 0.5 {
        return 0.0;
    }
    if tail == 0.0 {
        return f64::INFINITY.copysign(p - 0.5);
    }
    solve_tail(tail, degrees).copysign(p - 0.5)
}

/// The t > 0 that is exceeded with this probability (0 < tail < 1/2).
fn solve_tail(tail: f64, degrees: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while high < 1e300 && student_tail(high, degrees) > tail {
        (low, high) = (high, 2.0 * high);
    }
    let mut t: f64 = 0.5 * (low + high);
    for _ in 0..100 {
        let excess = student_tail(t, degrees) - tail;
        if excess > 0.0 {
            low = t
        } else {
            high = t
        }
        let step = t + excess / student_density(t, degrees);
        let next = if low < step && step < high { step } else { 0.5 * (low + high) };
        if (next - t).abs() <= 1e-15 * t {
            return next;
        }
        t = next;
    }
    t
}

/// P(T > t) for t >= 0.
fn student_tail(t: f64, degrees: f64) -> f64 {
    let (a, sum) = (0.5 * degrees, degrees + t * t);
    // x^a (1 - x)^b / B(a, b) with b = 1/2.
    let front = libm::exp(-a * libm::log1p(t * t / degrees) - log_beta_half(a)) * t / sum.sqrt();
    if t * t * (a + 1.5) > degrees {
        0.5 * front * beta_fraction(degrees / sum, a, 0.5) / a
    } else {
        0.5 - front * beta_fraction(t * t / sum, 0.5, a)
    }
}

/// The density of Student's t.
fn student_density(t: f64, degrees: f64) -> f64 {
    let a = 0.5 * degrees;
    libm::exp(-(a + 0.5) * libm::log1p(t * t / degrees) - log_beta_half(a)) / degrees.sqrt()
}

/// ln B(a, 1/2). For large `a` by the asymptotic series of the ratio of gamma functions (Tricomi and Erdélyi, Pacific
/// Journal of Mathematics 1, 1951), where the difference of logarithms would lose its digits.
fn log_beta_half(a: f64) -> f64 {
    let log_sqrt_pi = 0.572_364_942_924_700_1;
    if a < 100.0 {
        return libm::lgamma(a) + log_sqrt_pi - libm::lgamma(a + 0.5);
    }
    let series = polynomial(&[1.0, -0.125, 0.007_812_5, 0.004_882_812_5, -0.000_640_869_140_625], 1.0 / a);
    log_sqrt_pi - 0.5 * libm::log(a) - libm::log(series)
}

/// The continued fraction of the incomplete beta function, without the factor x^a (1 - x)^b / (a B(a, b)) (Press et
/// al., "Numerical Recipes", section 6.4, by Lentz's method).
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let away_from_zero = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let (mut c, mut d) = (1.0, 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in 1..=10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut factor = 1.0;
        for step in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + step * d);
            c = away_from_zero(1.0 + step / c);
            factor = d * c;
            fraction *= factor;
        }
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs(), "found {found}, expected {expected}");
    }

    #[test]
    fn normal_quantiles_are_those_of_the_tables() {
        // Computed with 30 digits by mpmath.
        let table = [
            (0.6, 0.253_347_103_135_799_8),
            (0.975, 1.959_963_984_540_054),
            (0.99, 2.326_347_874_040_841),
            (0.999_999_9, 5.199_337_582_192_817),
            (1e-10, -6.361_340_902_404_056),
        ];
        for (p, z) in table {
            assert_close(normal_quantile(p), z, if p == 0.999_999_9 { 1e-10 } else { 1e-15 });
        }
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!((normal_quantile(0.0), normal_quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
        assert!(normal_quantile(-0.1).is_nan() && normal_quantile(f64::NAN).is_nan());
    }

    #[test]
    fn normal_quantiles_invert_the_distribution_function() {
        for exponent in -300..-1 {
            let p = 0.9 * libm::exp10(f64::from(exponent));
            let z = normal_quantile(p);
            assert_close(0.5 * libm::erfc(-z * core::f64::consts::FRAC_1_SQRT_2), p, 2e-12);
        }
        for n in 1..100 {
            let p = f64::from(n) / 100.0;
            assert_close(0.5 * libm::erfc(-normal_quantile(p) * core::f64::consts::FRAC_1_SQRT_2), p, 4e-15);
        }
    }

    #[test]
    fn student_quantiles_are_those_of_the_tables() {
        // Computed with 30 digits by mpmath.
        let table = [
            (0.975, 0.5, 164.557_673_480_488_52),
            (0.975, 1.0, 12.706_204_736_174_705),
            (0.975, 2.0, 4.302_652_729_749_464),
            (0.6, 3.0, 0.276_670_662_332_689_9),
            (0.999_999_9, 4.0, 73.985_758_047_768_9),
            (0.95, 5.0, 2.015_048_373_333_024),
            (0.500_1, 7.0, 0.000_259_746_030_902_573_7),
            (0.975, 10.0, 2.228_138_851_986_275),
            (0.995, 30.0, 2.749_995_653_567_225),
            (0.975, 100.0, 1.983_971_518_523_552_3),
            (0.975, 250.0, 1.969_498_393_421_153_6),
            (0.999, 1e6, 3.090_240_456_316_52),
        ];
        for (p, degrees, t) in table {
            assert_close(student_t_quantile(p, degrees), t, 1e-9);
            assert_close(student_t_quantile(1.0 - p, degrees), -t, 1e-9);
        }
    }

    #[test]
    fn student_quantiles_at_the_ends() {
        assert_eq!(student_t_quantile(0.5, 3.0), 0.0);
        assert_eq!(student_t_quantile(0.9, f64::INFINITY), normal_quantile(0.9));
        assert_eq!((student_t_quantile(0.0, 3.0), student_t_quantile(1.0, 3.0)), (f64::NEG_INFINITY, f64::INFINITY));
        assert!(student_t_quantile(0.9, 0.0).is_nan() && student_t_quantile(1.1, 3.0).is_nan());
    }
}

//! Numerical inversion of Laplace transforms of probability laws.

use super::Complex;
use std::f64::consts::PI;

/// Discretisation error of about e^-A.
const A: f64 = 18.4;
/// Plain terms before the averaged ones for laws without corners (38 are recommended by the source).
pub const SMOOTH: usize = 38;
/// The same for laws whose density jumps.
pub const WITH_CORNERS: usize = 600;
/// Binomial weights of 11 averaged partial sums, over 2^11.
const EULER: [f64; 12] = [1.0, 11.0, 55.0, 165.0, 330.0, 462.0, 462.0, 330.0, 165.0, 55.0, 11.0, 1.0];

/// `P(T > t)` of a law with the Laplace-Stieltjes transform `E[e^(-sT)]`, good to about 1e-8 where the law has no jump
/// near `t`; 1 for `t` of at most zero.
///
/// The algorithm EULER of Abate and Whitt, "Numerical inversion of Laplace transforms of probability distributions", ORSA
/// Journal on Computing 7 (1995): Fourier series with Euler summation, after so many plain terms.
pub fn tail(t: f64, terms: usize, transform: impl Fn(Complex) -> Complex) -> f64 {
    if t <= 0.0 {
        return 1.0;
    }
    let of_tail = |k: usize| {
        let s = Complex::new(A / (2.0 * t), k as f64 * PI / t);
        ((Complex::ONE - transform(s)) / s).re
    };
    let mut sum = 0.5 * of_tail(0);
    let mut averaged = 0.0;
    for k in 1..terms + EULER.len() {
        sum += if k % 2 == 0 { of_tail(k) } else { -of_tail(k) };
        if k >= terms {
            averaged += EULER[k - terms] / 2048.0 * sum;
        }
    }
    (libm::exp(A / 2.0) / t * averaged).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_an_exponential_law_comes_back() {
        for t in [0.01, 0.5, 3.0, 9.0] {
            let found = tail(t, SMOOTH, |s| Complex::ONE / (Complex::ONE + s));
            assert!((found - libm::exp(-t)).abs() < 1e-7, "{t}: {found}");
        }
        assert_eq!(tail(0.0, SMOOTH, |s| Complex::ONE / (Complex::ONE + s)), 1.0);
    }
}

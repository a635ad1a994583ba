//! Popularity by Zipf's law.

use crate::dist::{DistError, at_least_zero};
use crate::{Stream, ziggurat::exp};

/// Up to this many items the harmonic sum is added term by term.
const TERMS: u64 = 1000;

/// Zipf's law over `n` items: the item of rank r (from 0) is chosen with probability (r + 1)^-s / H.
///
/// Sampling is by rejection-inversion (Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone
/// discrete distributions", TOMACS 6, 1996), in constant time and memory for any number of items.
#[derive(Clone, Debug, PartialEq)]
pub struct Zipf {
    items: f64,
    exponent: f64,
    /// The integral of x^-s at the two ends of the inverted range: 3/2 (less the whole of the first item), n + 1/2.
    first: f64,
    last: f64,
    /// Up to this distance below its whole number a draw is accepted without a test.
    squeeze: f64,
    harmonic: f64,
}

impl Zipf {
    /// Zipf's law over `items` items (1 to 2^50) with exponent `s` >= 0; 0 makes all items alike. Errors outside
    /// these ranges.
    pub fn new(items: u64, s: f64) -> Result<Zipf, DistError> {
        at_least_zero("s", s)?;
        if items == 0 || items > 1 << 50 {
            return Err(DistError::new(format!("the number of items must be between 1 and 2^50, found {items}")));
        }
        let squeeze = 2.0 - integral_inverse(integral(2.5, s) - weight(2.0, s), s);
        let (first, last) = (integral(1.5, s) - 1.0, integral(items as f64 + 0.5, s));
        Ok(Zipf { items: items as f64, exponent: s, first, last, squeeze, harmonic: harmonic_sum(items, s) })
    }

    /// Draws an item by its rank, from 0 (the most popular).
    pub fn rank(&self, stream: &mut Stream) -> u64 {
        loop {
            let area = self.last + stream.uniform() * (self.first - self.last);
            let x = integral_inverse(area, self.exponent);
            let item = libm::floor(x + 0.5).clamp(1.0, self.items);
            if item - x <= self.squeeze || area >= integral(item + 0.5, self.exponent) - weight(item, self.exponent) {
                return item as u64 - 1;
            }
        }
    }

    /// The probability of the item of this rank, from 0; zero beyond the last.
    pub fn probability(&self, rank: u64) -> f64 {
        let item = rank as f64 + 1.0;
        if item > self.items { 0.0 } else { weight(item, self.exponent) / self.harmonic }
    }

    /// The number of items.
    pub fn items(&self) -> u64 {
        self.items as u64
    }

    /// The generalised harmonic number H = sum of k^-s for k from 1 to n.
    pub fn harmonic(&self) -> f64 {
        self.harmonic
    }
}

/// x^-s.
fn weight(x: f64, s: f64) -> f64 {
    exp(-s * libm::log(x))
}

/// The integral of t^-s from 1 to x: (x^(1 - s) - 1) / (1 - s), or ln x.
fn integral(x: f64, s: f64) -> f64 {
    let log = libm::log(x);
    log * expm1_ratio((1.0 - s) * log)
}

/// The x whose integral is `area`: (1 + (1 - s) area)^(1 / (1 - s)), or e^area.
fn integral_inverse(area: f64, s: f64) -> f64 {
    // Rounding may go below the smallest value that has an inverse.
    exp(area * log1p_ratio(((1.0 - s) * area).max(-1.0)))
}

/// (e^x - 1) / x, by its series near zero.
fn expm1_ratio(x: f64) -> f64 {
    if x.abs() > 1e-8 { libm::expm1(x) / x } else { 1.0 + 0.5 * x }
}

/// ln(1 + x) / x, by its series near zero.
fn log1p_ratio(x: f64) -> f64 {
    if x.abs() > 1e-8 { libm::log1p(x) / x } else { 1.0 - 0.5 * x }
}

/// The sum of k^-s for k from 1 to n: the first terms one by one, the rest by the Euler-Maclaurin formula (Abramowitz
/// and Stegun, 23.1.30), whose first omitted term is below 1e-14 of the sum.
fn harmonic_sum(n: u64, s: f64) -> f64 {
    let direct = n.min(TERMS);
    let head: f64 = (1..=direct).rev().map(|k| weight(k as f64, s)).sum();
    if n == direct {
        return head;
    }
    let (a, b) = (direct as f64, n as f64);
    let slope = |x: f64| -s * weight(x, s) / x;
    let ends = 0.5 * (weight(b, s) - weight(a, s)) + (slope(b) - slope(a)) / 12.0;
    head + (integral(b, s) - integral(a, s)) + ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    const CASES: [(u64, f64); 8] =
        [(1, 1.0), (2, 0.5), (10, 0.0), (100, 1.0), (1_000, 0.8), (10_000, 0.99), (1_000_000, 1.2), (50, 6.0)];

    #[test]
    fn probabilities_by_hand() {
        let zipf = Zipf::new(3, 1.0).unwrap();
        let expected = [6.0 / 11.0, 3.0 / 11.0, 2.0 / 11.0, 0.0];
        (0..4).zip(expected).for_each(|(rank, p)| assert!((zipf.probability(rank) - p).abs() < 1e-15));
        assert_eq!(zipf.items(), 3);
    }

    #[test]
    fn the_harmonic_sum_is_the_sum_of_its_terms() {
        for s in [0.0, 0.3, 0.99, 1.0, 1.01, 2.0, 5.0] {
            for n in [TERMS, TERMS + 1, 5_000, 300_000] {
                let exact: f64 = (1..=n).rev().map(|k| libm::pow(k as f64, -s)).sum();
                assert!((harmonic_sum(n, s) / exact - 1.0).abs() < 1e-12, "{n} {s}");
            }
        }
        // ln(10^9) + Euler's constant + 1 / (2 10^9).
        let billion = libm::log(1e9) + core::f64::consts::EULER_GAMMA + 5e-10;
        assert!((Zipf::new(1_000_000_000, 1.0).unwrap().harmonic() / billion - 1.0).abs() < 1e-13);
    }

    /// Chi-square over classes of at least 50 expected, neighbouring ranks being put together.
    #[test]
    fn ranks_follow_their_probabilities() {
        const DRAWS: usize = 200_000;
        for (items, s) in CASES {
            let zipf = Zipf::new(items, s).unwrap();
            let mut stream = Key::root(21, 0).draw(items);
            let mut ranks: Vec<u64> = (0..DRAWS).map(|_| zipf.rank(&mut stream)).collect();
            ranks.sort_unstable();
            assert!(ranks[DRAWS - 1] < items);
            let (mut chi_square, mut classes) = (0.0, 0.0f64);
            let (mut expected, mut counted) = (0.0, 0);
            for rank in 0..items {
                expected += DRAWS as f64 * zipf.probability(rank);
                if expected >= 50.0 || rank + 1 == items {
                    let up_to = ranks.partition_point(|r| *r <= rank);
                    let difference = (up_to - counted) as f64 - expected;
                    // The last class may be small: it counts with at least one expected.
                    chi_square += difference * difference / expected.max(1.0);
                    classes += 1.0;
                    (expected, counted) = (0.0, up_to);
                }
            }
            assert_eq!(counted, DRAWS);
            let limit = classes + 4.5 * (2.0 * classes).sqrt();
            assert!(chi_square < limit, "{items} items, s = {s}: {chi_square} of {classes}");
        }
    }

    #[test]
    fn a_billion_items_cost_no_more() {
        let zipf = Zipf::new(1_000_000_000, 0.9).unwrap();
        let mut stream = Key::root(22, 0).draw(0);
        let mut ranks: Vec<u64> = (0..40_001).map(|_| zipf.rank(&mut stream)).collect();
        ranks.sort_unstable();
        let below: f64 = harmonic_sum(ranks[20_000], 0.9) / zipf.harmonic();
        // Standard error 1 / (2 sqrt(n)) = 0.0025.
        assert!((below - 0.5).abs() < 0.01, "{below}");
        assert!(ranks[40_000] < 1_000_000_000);
    }

    /// The same on every platform and in every version.
    #[test]
    fn the_ranks_are_pinned() {
        let zipf = Zipf::new(1_000_000, 0.99).unwrap();
        let mut stream = Key::root(23, 0).draw(0);
        let hash = (0..100_000).fold(0, |hash, _| crate::rng::mix(hash ^ zipf.rank(&mut stream)));
        assert_eq!(hash, 0xCC6C_C23D_216C_B942);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let message = |items, s| Zipf::new(items, s).unwrap_err().to_string();
        assert_eq!(message(0, 1.0), "the number of items must be between 1 and 2^50, found 0");
        assert_eq!(message(5, -1.0), "`s` must be a finite number of at least 0, found -1");
        assert_eq!(message(5, f64::NAN), "`s` must be a finite number of at least 0, found NaN");
    }
}

//! Exponential and normal numbers by the ziggurat, and a fast deterministic exponential function.
//!
//! Source of the method: Marsaglia and Tsang, "The ziggurat method for generating random variables", Journal of
//! Statistical Software 5(8), 2000, with 256 layers, and with 52 random bits for the place and 8 others for the layer
//! (Doornik, "An improved ziggurat method", 2005: the two must not share bits).
//!
//! The tables are computed by the compiler from plain additions and multiplications, and so is everything on the usual
//! path: the results are the same bits on every platform.

use crate::Stream;

/// Layers of each ziggurat.
const LAYERS: usize = 256;
/// Bits of the place within a layer: those of a double's fraction.
const PLACE_BITS: u32 = 52;
/// ln 2 (also split in two, the first part with trailing zeros so that small multiples of it are exact).
const LN_2: f64 = core::f64::consts::LN_2;
const LN_2_HIGH: f64 = f64::from_bits(LN_2.to_bits() & 0xFFFF_FFFF_FF00_0000);
/// ln 2 - LN_2_HIGH: ln 2 = 0.693147180559945309417232121458 continues 2.3190468138462996e-17 beyond its double.
const LN_2_LOW: f64 = (LN_2 - LN_2_HIGH) + 2.319_046_813_846_299_6e-17;

/// Where the base strip of the exponential ziggurat ends, and the area of each layer (Marsaglia and Tsang 2000).
const EXPONENTIAL_END: f64 = 7.697_117_470_131_05;
const EXPONENTIAL_AREA: f64 = 3.949_659_822_581_557e-3;
/// The same for the normal ziggurat, with the density exp(-x^2 / 2).
const NORMAL_END: f64 = 3.654_152_885_361_009;
const NORMAL_AREA: f64 = 4.928_673_233_974_655e-3;

/// exp(x) for table building: Taylor series after halving the argument to the range of +-ln(2)/2.
const fn table_exp(x: f64) -> f64 {
    let halvings = (x / LN_2 + if x < 0.0 { -0.5 } else { 0.5 }) as i64;
    let reduced = (x - halvings as f64 * LN_2_HIGH) - halvings as f64 * LN_2_LOW;
    let (mut sum, mut n) = (1.0, 22);
    while n > 0 {
        sum = 1.0 + sum * reduced / n as f64;
        n -= 1;
    }
    sum * f64::from_bits(((1023 + halvings) as u64) << 52)
}

/// ln(y) for table building: Newton's steps on exp.
const fn table_ln(y: f64) -> f64 {
    let mut x = ((y.to_bits() >> 52) as i64 - 1023) as f64 * LN_2;
    let mut n = 0;
    while n < 8 {
        x += y * table_exp(-x) - 1.0;
        n += 1;
    }
    x
}

/// The square root for table building: Newton's steps.
const fn table_sqrt(y: f64) -> f64 {
    let (mut root, mut n) = (if y > 1.0 { y } else { 1.0 }, 0);
    while n < 60 {
        root = 0.5 * (root + y / root);
        n += 1;
    }
    root
}

/// One layer: a draw with a place below `inside` lies under the curve for sure.
#[derive(Clone, Copy)]
struct Layer {
    inside: u64,
    width: f64,
    /// The density at the layer's right edge.
    density: f64,
}

/// The layers of a ziggurat, and one more `density` (that at zero).
struct Table {
    layers: [Layer; LAYERS + 1],
}

const fn density(x: f64, normal: bool) -> f64 {
    if normal { table_exp(-0.5 * x * x) } else { table_exp(-x) }
}

const fn place_of(density: f64, normal: bool) -> f64 {
    if normal { table_sqrt(-2.0 * table_ln(density)) } else { -table_ln(density) }
}

const fn table(end: f64, area: f64, normal: bool) -> Table {
    let mut edges = [0.0; LAYERS + 1];
    edges[0] = area / density(end, normal);
    edges[1] = end;
    let mut i = 2;
    while i < LAYERS {
        edges[i] = place_of(density(edges[i - 1], normal) + area / edges[i - 1], normal);
        i += 1;
    }
    let mut layers = [Layer { inside: 0, width: 0.0, density: 1.0 }; LAYERS + 1];
    let mut i = 0;
    while i < LAYERS {
        let inside = (edges[i + 1] / edges[i] * (1u64 << PLACE_BITS) as f64) as u64;
        layers[i] = Layer { inside, width: edges[i], density: density(edges[i], normal) };
        i += 1;
    }
    Table { layers }
}

static EXPONENTIAL: Table = table(EXPONENTIAL_END, EXPONENTIAL_AREA, false);
static NORMAL: Table = table(NORMAL_END, NORMAL_AREA, true);

impl Table {
    /// Whether a uniform height in the layer lies under the density.
    #[inline]
    fn accepts(&self, layer: usize, stream: &mut Stream, density: f64) -> bool {
        let (low, high) = (self.layers[layer].density, self.layers[layer + 1].density);
        low + stream.uniform() * (high - low) < density
    }
}

/// The place as a number in [0, 1), through the bits of a double: a conversion instruction would wait for whatever was
/// last in its register, and with it the next draw for the previous one.
#[inline(always)]
fn fraction(place: u64) -> f64 {
    f64::from_bits(1.0f64.to_bits() | place) - 1.0
}

/// An exponential number with mean 1.
#[inline]
pub fn exponential(stream: &mut Stream) -> f64 {
    let bits = stream.next_u64();
    let (index, place) = (bits as usize % LAYERS, bits >> (64 - PLACE_BITS));
    let layer = &EXPONENTIAL.layers[index];
    let x = fraction(place) * layer.width;
    if place < layer.inside { x } else { exponential_edge(index, x, stream) }
}

/// The 1.1 % of draws that fall on the edge of a layer or into the tail.
#[cold]
#[inline(never)]
fn exponential_edge(index: usize, x: f64, stream: &mut Stream) -> f64 {
    if index == 0 {
        return EXPONENTIAL_END - libm::log(stream.uniform_open());
    }
    if EXPONENTIAL.accepts(index, stream, libm::exp(-x)) { x } else { exponential(stream) }
}

/// A normal number with mean 0 and standard deviation 1.
#[inline]
pub fn normal(stream: &mut Stream) -> f64 {
    let bits = stream.next_u64();
    let (index, place) = (bits as usize % LAYERS, bits >> (64 - PLACE_BITS));
    let layer = &NORMAL.layers[index];
    let x = fraction(place) * layer.width;
    let sign = (bits << 55) & (1 << 63);
    if place < layer.inside { with_sign(x, sign) } else { normal_edge(index, x, sign, stream) }
}

#[inline]
fn with_sign(x: f64, sign: u64) -> f64 {
    f64::from_bits(x.to_bits() | sign)
}

/// The 1.2 % of draws that fall on the edge of a layer or into the tail (Marsaglia's tail, 1964).
#[cold]
#[inline(never)]
fn normal_edge(index: usize, x: f64, sign: u64, stream: &mut Stream) -> f64 {
    if index > 0 {
        let under = NORMAL.accepts(index, stream, libm::exp(-0.5 * x * x));
        return if under { with_sign(x, sign) } else { normal(stream) };
    }
    loop {
        let beyond = -libm::log(stream.uniform_open()) / NORMAL_END;
        if -2.0 * libm::log(stream.uniform_open()) > beyond * beyond {
            return with_sign(NORMAL_END + beyond, sign);
        }
    }
}

/// Steps of the table of [`exp`] for each power of two.
const STEPS: usize = 128;

const fn powers_of_two() -> [u64; STEPS] {
    let mut table = [0; STEPS];
    let mut i = 0;
    while i < STEPS {
        table[i] = table_exp(i as f64 * LN_2 / STEPS as f64).to_bits();
        i += 1;
    }
    table
}

/// The bits of 2^(i / 128).
static POWERS: [u64; STEPS] = powers_of_two();

/// e to the power x, within 1e-15 of the true value, by additions and multiplications alone.
///
/// x = (k / 128) ln 2 + r; e^x = 2^(k / 128) e^r, the first from a table, the second by a polynomial of degree five
/// (Tang, "Table-driven implementation of the exponential function", TOMS 15, 1989).
#[inline]
pub fn exp(x: f64) -> f64 {
    // Adding this rounds to a whole number, which stands in the lowest bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    if !(-700.0..700.0).contains(&x) {
        return libm::exp(x);
    }
    let shifted = x * (STEPS as f64 / LN_2) + ROUND;
    let whole = shifted - ROUND;
    let r = (x - whole * (LN_2_HIGH / STEPS as f64)) - whole * (LN_2_LOW / STEPS as f64);
    let r2 = r * r;
    let tail = r + r2 * (0.5 + r * (1.0 / 6.0) + r2 * (1.0 / 24.0 + r * (1.0 / 120.0)));
    let k = shifted.to_bits();
    let power = f64::from_bits(POWERS[k as usize % STEPS].wrapping_add((k >> 7) << 52));
    power + power * tail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    /// Kolmogorov's statistic sqrt(n) D of a sample against a distribution function; above 1.95 once in a thousand.
    fn kolmogorov(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
        sample.sort_by(f64::total_cmp);
        let n = sample.len() as f64;
        let distance = |(i, x): (usize, &f64)| {
            let p = cdf(*x);
            (p - i as f64 / n).abs().max((p - (i + 1) as f64 / n).abs())
        };
        n.sqrt() * sample.iter().enumerate().map(distance).fold(0.0, f64::max)
    }

    fn draws(draw: fn(&mut Stream) -> f64, count: usize) -> Vec<f64> {
        let mut stream = Key::root(11, 0).draw(0);
        (0..count).map(|_| draw(&mut stream)).collect()
    }

    fn normal_tail(x: f64) -> f64 {
        0.5 * libm::erfc(x * core::f64::consts::FRAC_1_SQRT_2)
    }

    #[test]
    fn layers_close_at_the_top() {
        for (table, area, curve) in [(&EXPONENTIAL, EXPONENTIAL_AREA, false), (&NORMAL, NORMAL_AREA, true)] {
            let top = &table.layers[LAYERS - 1];
            let height = if curve { libm::exp(-0.5 * top.width * top.width) } else { libm::exp(-top.width) };
            assert!((top.density - height).abs() < 1e-14);
            assert!((height + area / top.width - 1.0).abs() < 1e-11, "{}", height + area / top.width);
        }
    }

    #[test]
    fn the_base_strip_holds_the_tail() {
        let exponential = EXPONENTIAL_END * libm::exp(-EXPONENTIAL_END) + libm::exp(-EXPONENTIAL_END);
        assert!((exponential / EXPONENTIAL_AREA - 1.0).abs() < 1e-12);
        let tail = (2.0 * core::f64::consts::PI).sqrt() * normal_tail(NORMAL_END);
        let normal = NORMAL_END * libm::exp(-0.5 * NORMAL_END * NORMAL_END) + tail;
        assert!((normal / NORMAL_AREA - 1.0).abs() < 1e-12);
    }

    #[test]
    fn exponential_numbers_are_exponential() {
        let statistic = kolmogorov(draws(exponential, 400_000), |x| -libm::expm1(-x));
        assert!(statistic < 1.95, "{statistic}");
    }

    #[test]
    fn normal_numbers_are_normal() {
        let statistic = kolmogorov(draws(normal, 400_000), |x| normal_tail(-x));
        assert!(statistic < 1.95, "{statistic}");
    }

    #[test]
    fn tails_follow_the_law() {
        let beyond = |sample: Vec<f64>, end: f64| -> Vec<f64> {
            sample.into_iter().map(f64::abs).filter(|x| *x > end).map(|x| x - end).collect()
        };
        // Expected 909 and 516 of two million, standard errors 30 and 23.
        let tail = beyond(draws(exponential, 2_000_000), EXPONENTIAL_END);
        assert!((790..1030).contains(&tail.len()), "{}", tail.len());
        assert!(kolmogorov(tail, |x| -libm::expm1(-x)) < 1.95);
        let tail = beyond(draws(normal, 2_000_000), NORMAL_END);
        assert!((425..610).contains(&tail.len()), "{}", tail.len());
        assert!(kolmogorov(tail, |x| 1.0 - normal_tail(NORMAL_END + x) / normal_tail(NORMAL_END)) < 1.95);
    }

    #[test]
    fn the_exponential_function_is_accurate() {
        let mut stream = Key::root(12, 0).draw(0);
        for _ in 0..200_000 {
            for x in [1400.0 * stream.uniform() - 700.0, 4.0 * stream.uniform() - 2.0] {
                let expected = libm::exp(x);
                assert!((exp(x) - expected).abs() <= 1e-15 * expected, "exp({x})");
            }
        }
    }

    #[test]
    fn the_exponential_function_at_the_ends() {
        assert_eq!((exp(0.0), exp(f64::NEG_INFINITY), exp(f64::INFINITY)), (1.0, 0.0, f64::INFINITY));
        assert_eq!((exp(-745.0), exp(720.0)), (libm::exp(-745.0), f64::INFINITY));
        assert!(exp(f64::NAN).is_nan());
    }
}

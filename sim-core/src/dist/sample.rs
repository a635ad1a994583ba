//! Sampling. The common arms are inlined into the caller, the others are one call away.

use super::Dist;
use super::moments::triangular_quantile;
use crate::Stream;
use crate::ziggurat::{exp, exponential, normal};

/// From this many phases on an Erlang number is drawn as a gamma number.
const MANY_PHASES: u32 = 5;

impl Dist {
    /// Draws one number: never negative, always finite.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match self {
            Dist::Constant(value) => *value,
            Dist::Exponential { mean } => mean * exponential(stream),
            Dist::LogNormal { mu, sigma } => finite(exp(mu + sigma * normal(stream))),
            Dist::Uniform { min, max } => min + (max - min) * stream.uniform(),
            rare => rare.sample_rare(stream),
        }
    }

    /// The value of draw number `turn`, from 0, for a distribution whose values come in turn; nothing for the others.
    pub fn in_turn(&self, turn: u64) -> Option<f64> {
        match self {
            Dist::Sequence(values) => values.get((turn % values.len().max(1) as u64) as usize).copied(),
            _ => None,
        }
    }

    #[inline(never)]
    fn sample_rare(&self, stream: &mut Stream) -> f64 {
        match self {
            Dist::Normal { mean, sd } => normal_above_zero(*mean, *sd, stream),
            Dist::Erlang { shape, mean } => mean / f64::from(*shape) * phases(*shape, stream),
            Dist::Gamma { shape, scale } => finite(scale * gamma(*shape, stream)),
            Dist::Weibull { shape, scale } => finite(scale * exp(libm::log(exponential(stream)) / shape)),
            Dist::Pareto { min, alpha, max } => pareto(*min, *alpha, *max, stream),
            Dist::Mixture(parts) => choose(parts, stream).sample(stream),
            Dist::Empirical(values) => interpolate(values, stream.uniform()),
            Dist::Triangular { min, mode, max } => triangular_quantile(*min, *mode, *max, stream.uniform()),
            Dist::Sequence(values) => values.get(stream.below(values.len() as u64) as usize).copied().unwrap_or(0.0),
            common => common.sample(stream),
        }
    }
}

#[inline]
fn finite(x: f64) -> f64 {
    x.min(f64::MAX)
}

fn normal_above_zero(mean: f64, sd: f64, stream: &mut Stream) -> f64 {
    loop {
        let x = mean + sd * normal(stream);
        if x >= 0.0 {
            return x;
        }
    }
}

/// The sum of exponential numbers with mean 1.
fn phases(count: u32, stream: &mut Stream) -> f64 {
    if count < MANY_PHASES { (0..count).map(|_| exponential(stream)).sum() } else { gamma(f64::from(count), stream) }
}

/// A gamma number with scale 1 (Marsaglia and Tsang, "A simple method for generating gamma variables", TOMS 26, 2000).
fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    if shape < 1.0 {
        // Their section 6: gamma(shape) = gamma(shape + 1) U^(1 / shape), and -ln(U) is exponential.
        return gamma(shape + 1.0, stream) * exp(-exponential(stream) / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let z = normal(stream);
        let cube_root = 1.0 + c * z;
        if cube_root <= 0.0 {
            continue;
        }
        let v = cube_root * cube_root * cube_root;
        let u = stream.uniform_open();
        let z2 = z * z;
        if u < 1.0 - 0.0331 * z2 * z2 || libm::log(u) < 0.5 * z2 + d * (1.0 - v + libm::log(v)) {
            return d * v;
        }
    }
}

/// alpha ln(X / min) is exponential; with a maximum, an exponential number that does not exceed alpha ln(max / min):
/// drawn again while it does, or by inversion where that would be often.
fn pareto(min: f64, alpha: f64, max: f64, stream: &mut Stream) -> f64 {
    if max == f64::INFINITY {
        return finite(min * exp(exponential(stream) / alpha));
    }
    let largest = alpha * libm::log(max / min);
    let x = if largest > 1.0 { exponential_up_to(largest, stream) } else { short_exponential(largest, stream) };
    (min * exp(x / alpha)).clamp(min, max)
}

fn exponential_up_to(largest: f64, stream: &mut Stream) -> f64 {
    loop {
        let x = exponential(stream);
        if x <= largest {
            return x;
        }
    }
}

fn short_exponential(largest: f64, stream: &mut Stream) -> f64 {
    -libm::log1p(libm::expm1(-largest) * stream.uniform())
}

fn choose<'a>(parts: &'a [(f64, Dist)], stream: &mut Stream) -> &'a Dist {
    let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
    let mut left = total * stream.uniform();
    for (weight, part) in parts {
        if left < *weight {
            return part;
        }
        left -= weight;
    }
    // Rounding may leave a remainder: it belongs to the last part that can be chosen at all.
    parts.iter().rev().find(|(weight, _)| *weight > 0.0).map_or(&Dist::Constant(0.0), |(_, part)| part)
}

/// The value at this fraction of the way through the sorted values, on straight lines between them.
pub(super) fn interpolate(values: &[f64], fraction: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let place = fraction * last as f64;
    let index = (place as usize).min(last.saturating_sub(1));
    let (low, high) = (values[index], values[(index + 1).min(last)]);
    low + (high - low) * (place - index as f64)
}

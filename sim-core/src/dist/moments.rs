//! What is known of a distribution without sampling: moments, quantiles, bounds.

use super::Dist;
use super::sample::interpolate;
use crate::stats::interval::normal_quantile;

/// sqrt(2 pi).
const SQRT_TWO_PI: f64 = 2.506_628_274_631_000_5;

impl Dist {
    /// The mean; infinite for a Pareto law without a maximum and with alpha <= 1.
    pub fn mean(&self) -> f64 {
        match self {
            Dist::Constant(value) => *value,
            Dist::Uniform { min, max } => 0.5 * (min + max),
            Dist::Exponential { mean } | Dist::Erlang { mean, .. } => *mean,
            Dist::Normal { mean, sd } => truncated_normal(*mean, *sd).0,
            Dist::Gamma { shape, scale } => shape * scale,
            Dist::LogNormal { mu, sigma } => libm::exp(mu + 0.5 * sigma * sigma),
            Dist::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Dist::Pareto { min, alpha, max } => pareto_moment(*min, *alpha, *max, 1.0),
            Dist::Triangular { min, mode, max } => (min + mode + max) / 3.0,
            Dist::Sequence(values) => mean_of(values, |x| x),
            Dist::Mixture(parts) => weighted(parts, Dist::mean),
            Dist::Empirical(values) => empirical_moments(values).0,
        }
    }

    /// The variance; infinite for a Pareto law without a maximum and with alpha <= 2.
    pub fn variance(&self) -> f64 {
        match self {
            Dist::Constant(_) => 0.0,
            Dist::Uniform { min, max } => (max - min) * (max - min) / 12.0,
            Dist::Exponential { mean } => mean * mean,
            Dist::Normal { mean, sd } => truncated_normal(*mean, *sd).1,
            Dist::Erlang { shape, mean } => mean * mean / f64::from(*shape),
            Dist::Gamma { shape, scale } => shape * scale * scale,
            Dist::LogNormal { mu, sigma } => libm::expm1(sigma * sigma) * libm::exp(2.0 * mu + sigma * sigma),
            Dist::Weibull { shape, scale } => weibull_variance(*shape, *scale),
            Dist::Pareto { min, alpha, max } => pareto_variance(*min, *alpha, *max),
            Dist::Triangular { min, mode, max } => {
                // Of the sides: (a^2 + b^2 + c^2 - ab - ac - bc) / 18, written as squares of differences.
                let (left, right) = (mode - min, max - mode);
                (left * left + right * right + left * right) / 18.0
            }
            Dist::Sequence(values) => {
                let mean = self.mean();
                mean_of(values, |x| (x - mean) * (x - mean))
            }
            Dist::Mixture(parts) => mixture_variance(parts, self.mean()),
            Dist::Empirical(values) => empirical_moments(values).1,
        }
    }

    /// The squared coefficient of variation, variance / mean^2; zero for the constant zero.
    pub fn scv(&self) -> f64 {
        let (mean, variance) = (self.mean(), self.variance());
        if variance == 0.0 {
            0.0
        } else if variance.is_infinite() {
            f64::INFINITY
        } else {
            variance / (mean * mean)
        }
    }

    /// The tail index: moments of orders below it are finite, the others are not. Infinite for everything here but a Pareto law without
    /// a maximum, whose index is its alpha; the heaviest part of a mixture decides.
    pub fn tail_index(&self) -> f64 {
        match self {
            Dist::Pareto { alpha, max, .. } if !max.is_finite() => *alpha,
            Dist::Mixture(parts) => {
                let possible = parts.iter().filter(|(weight, _)| *weight > 0.0);
                possible.map(|(_, part)| part.tail_index()).fold(f64::INFINITY, f64::min)
            }
            _ => f64::INFINITY,
        }
    }

    /// Whether the moment of this order, E[X^order], is finite: that is so below [`Dist::tail_index`].
    pub fn has_moment(&self, order: f64) -> bool {
        self.tail_index() > order
    }

    /// The value that is not exceeded with probability `p`, by inversion of the distribution function; nothing where
    /// that has no closed form (Erlang, gamma, mixtures) and for `p` outside 0..=1. Infinite at `p` = 1 if there is no
    /// largest value.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&p) {
            return None;
        }
        Some(match self {
            Dist::Constant(value) => *value,
            Dist::Uniform { min, max } => min + (max - min) * p,
            Dist::Exponential { mean } => mean * exponential_quantile(p),
            Dist::Normal { mean, sd } => truncated_normal_quantile(*mean, *sd, p),
            Dist::LogNormal { mu, sigma } => log_normal_quantile(*mu, *sigma, p),
            Dist::Weibull { shape, scale } => scale * libm::pow(exponential_quantile(p), 1.0 / shape),
            Dist::Pareto { min, alpha, max } => pareto_quantile(*min, *alpha, *max, p),
            Dist::Empirical(values) => interpolate(values, p),
            Dist::Triangular { min, mode, max } => triangular_quantile(*min, *mode, *max, p),
            Dist::Sequence(values) => {
                let mut sorted = values.clone();
                sorted.sort_by(f64::total_cmp);
                let rank = libm::ceil(p * sorted.len() as f64) as usize;
                *sorted.get(rank.saturating_sub(1))?
            }
            Dist::Erlang { .. } | Dist::Gamma { .. } | Dist::Mixture(_) => return None,
        })
    }

    /// The largest number that no draw is below.
    pub fn min_value(&self) -> f64 {
        match self {
            Dist::Constant(value) => *value,
            Dist::Uniform { min, .. } | Dist::Pareto { min, .. } => *min,
            Dist::Empirical(values) => values.first().copied().unwrap_or(0.0),
            Dist::Triangular { min, .. } => *min,
            Dist::Sequence(values) => values.iter().copied().reduce(f64::min).unwrap_or(0.0),
            Dist::Normal { mean, sd } if *sd == 0.0 => *mean,
            Dist::LogNormal { mu, sigma } if *sigma == 0.0 => libm::exp(*mu),
            Dist::Mixture(parts) => {
                let possible = parts.iter().filter(|(weight, _)| *weight > 0.0);
                possible.map(|(_, part)| part.min_value()).reduce(f64::min).unwrap_or(0.0)
            }
            _ => 0.0,
        }
    }

    /// The distribution of `factor` times a draw. Panics unless `factor` is finite and not negative.
    pub fn scaled(&self, factor: f64) -> Dist {
        assert!(factor.is_finite() && factor >= 0.0, "a scale must be finite and not negative, found {factor}");
        if factor == 0.0 {
            return Dist::Constant(0.0);
        }
        let f = factor;
        match self {
            Dist::Constant(value) => Dist::Constant(f * value),
            Dist::Uniform { min, max } => Dist::Uniform { min: f * min, max: f * max },
            Dist::Exponential { mean } => Dist::Exponential { mean: f * mean },
            Dist::Normal { mean, sd } => Dist::Normal { mean: f * mean, sd: f * sd },
            Dist::Erlang { shape, mean } => Dist::Erlang { shape: *shape, mean: f * mean },
            Dist::Gamma { shape, scale } => Dist::Gamma { shape: *shape, scale: f * scale },
            Dist::LogNormal { mu, sigma } => Dist::LogNormal { mu: mu + libm::log(f), sigma: *sigma },
            Dist::Weibull { shape, scale } => Dist::Weibull { shape: *shape, scale: f * scale },
            Dist::Pareto { min, alpha, max } => Dist::Pareto { min: f * min, alpha: *alpha, max: f * max },
            Dist::Triangular { min, mode, max } => Dist::Triangular { min: f * min, mode: f * mode, max: f * max },
            Dist::Sequence(values) => Dist::Sequence(values.iter().map(|value| f * value).collect()),
            Dist::Mixture(parts) => {
                Dist::Mixture(parts.iter().map(|(weight, part)| (*weight, part.scaled(f))).collect())
            }
            Dist::Empirical(values) => Dist::Empirical(values.iter().map(|value| f * value).collect()),
        }
    }
}

/// -ln(1 - p).
fn exponential_quantile(p: f64) -> f64 {
    0.0 - libm::log1p(-p)
}

/// The mean of a property over some values, each as likely.
fn mean_of(values: &[f64], property: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|x| property(*x)).sum::<f64>() / values.len().max(1) as f64
}

/// Inversion of the two parabolas of the distribution function.
pub(super) fn triangular_quantile(min: f64, mode: f64, max: f64, p: f64) -> f64 {
    let (width, left) = (max - min, mode - min);
    if p * width < left { min + (p * width * left).sqrt() } else { max - ((1.0 - p) * width * (max - mode)).sqrt() }
}

/// P(Z <= x) for a standard normal Z.
fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * core::f64::consts::FRAC_1_SQRT_2)
}

/// Mean and variance of a normal law given that it is not negative (Johnson, Kotz and Balakrishnan, "Continuous
/// Univariate Distributions", vol. 1, section 13.10.1).
fn truncated_normal(mean: f64, sd: f64) -> (f64, f64) {
    if sd == 0.0 {
        return (mean, 0.0);
    }
    let a = mean / sd;
    let hazard = libm::exp(-0.5 * a * a) / (SQRT_TWO_PI * normal_cdf(a));
    (mean + sd * hazard, sd * sd * (1.0 - a * hazard - hazard * hazard))
}

fn truncated_normal_quantile(mean: f64, sd: f64, p: f64) -> f64 {
    if sd == 0.0 {
        return mean;
    }
    // By the upper tail, which keeps its digits.
    (mean - sd * normal_quantile((1.0 - p) * normal_cdf(mean / sd))).max(0.0)
}

fn log_normal_quantile(mu: f64, sigma: f64, p: f64) -> f64 {
    if sigma == 0.0 { libm::exp(mu) } else { libm::exp(mu + sigma * normal_quantile(p)) }
}

fn weibull_variance(shape: f64, scale: f64) -> f64 {
    let mean = libm::tgamma(1.0 + 1.0 / shape);
    let second = libm::tgamma(1.0 + 2.0 / shape);
    if second.is_infinite() { f64::INFINITY } else { (scale * scale * (second - mean * mean)).max(0.0) }
}

/// The `order`-th moment of a Pareto law.
///
/// Bounded, with q = ln(max / min): min^k alpha / (1 - e^(-alpha q)) times the integral of e^((k - alpha) x) over
/// 0..q, which has no singular case at k = alpha.
fn pareto_moment(min: f64, alpha: f64, max: f64, order: f64) -> f64 {
    let power = libm::pow(min, order);
    if max == f64::INFINITY {
        return if alpha > order { power * alpha / (alpha - order) } else { f64::INFINITY };
    }
    let q = libm::log(max / min);
    let exponent = order - alpha;
    let integral = if exponent == 0.0 { q } else { libm::expm1(exponent * q) / exponent };
    power * alpha * integral / -libm::expm1(-alpha * q)
}

fn pareto_variance(min: f64, alpha: f64, max: f64) -> f64 {
    if max == f64::INFINITY && alpha <= 2.0 {
        return f64::INFINITY;
    }
    let mean = pareto_moment(min, alpha, max, 1.0);
    (pareto_moment(min, alpha, max, 2.0) - mean * mean).max(0.0)
}

fn pareto_quantile(min: f64, alpha: f64, max: f64, p: f64) -> f64 {
    let inside = if max == f64::INFINITY { 1.0 } else { -libm::expm1(-alpha * libm::log(max / min)) };
    (min * libm::exp(exponential_quantile(inside * p) / alpha)).clamp(min, max)
}

/// The mean of a property over the parts of a mixture, by weight.
fn weighted(parts: &[(f64, Dist)], property: impl Fn(&Dist) -> f64) -> f64 {
    let possible = || parts.iter().filter(|(weight, _)| *weight > 0.0);
    let total: f64 = possible().map(|(weight, _)| weight).sum();
    possible().map(|(weight, part)| weight / total * property(part)).sum()
}

/// Variance within the parts plus variance between them.
fn mixture_variance(parts: &[(f64, Dist)], mean: f64) -> f64 {
    if mean.is_infinite() {
        return f64::INFINITY;
    }
    weighted(parts, |part| part.variance() + (part.mean() - mean) * (part.mean() - mean))
}

/// Mean and variance of straight lines between sorted values: each interval is uniform and equally likely.
fn empirical_moments(values: &[f64]) -> (f64, f64) {
    if values.len() < 2 {
        return (values.first().copied().unwrap_or(0.0), 0.0);
    }
    let intervals = (values.len() - 1) as f64;
    let mean = values.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).sum::<f64>() / intervals;
    let square = |pair: &[f64]| {
        let (middle, width) = (0.5 * (pair[0] + pair[1]) - mean, pair[1] - pair[0]);
        middle * middle + width * width / 12.0
    };
    (mean, values.windows(2).map(square).sum::<f64>() / intervals)
}

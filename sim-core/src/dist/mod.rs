//! Distributions of non-negative numbers, without a unit: sample, mean, variance, quantile.

mod make;
mod moments;
mod sample;
#[cfg(test)]
mod tests;

pub use make::DistError;
pub(crate) use make::at_least_zero;

/// A distribution of non-negative numbers.
///
/// The fields can be set freely; [`Dist::checked`] says whether they make sense. Sampling, moments and quantiles are
/// specified for what it accepts.
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// Always this number.
    Constant(f64),
    /// Uniform between two numbers.
    Uniform {
        /// Smallest value.
        min: f64,
        /// Largest value, at least `min`.
        max: f64,
    },
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Normal, cut off below zero (negative numbers are drawn again), so the mean lies above `mean` and the standard
    /// deviation below `sd`.
    Normal {
        /// Mean before the cut, not negative.
        mean: f64,
        /// Standard deviation before the cut.
        sd: f64,
    },
    /// Sum of `shape` exponential phases with equal means.
    Erlang {
        /// Number of phases, at least 1.
        shape: u32,
        /// Mean of the sum.
        mean: f64,
    },
    /// Gamma: density proportional to x^(shape - 1) exp(-x / scale).
    Gamma {
        /// Shape, above zero.
        shape: f64,
        /// Scale; the mean is shape times scale.
        scale: f64,
    },
    /// Log-normal: exp(mu + sigma Z) for a standard normal Z.
    LogNormal {
        /// Logarithm of the median.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Weibull: P(X > x) = exp(-(x / scale)^shape).
    Weibull {
        /// Shape, above zero; below one the tail is heavier than exponential.
        shape: f64,
        /// Scale: the 63rd percentile.
        scale: f64,
    },
    /// Pareto: P(X > x) = (min / x)^alpha from `min` on, cut off above `max` (and scaled up to a total of one).
    Pareto {
        /// Smallest value, above zero.
        min: f64,
        /// Tail index, above zero; at or below 1 (2) the unbounded law has no mean (variance).
        alpha: f64,
        /// Largest value, above `min`; infinity for none.
        max: f64,
    },
    /// Triangular: density rising linearly from `min` to `mode` and falling to `max`.
    Triangular {
        /// Smallest value.
        min: f64,
        /// Most likely value, from `min` to `max`.
        mode: f64,
        /// Largest value.
        max: f64,
    },
    /// These values in this order, again from the first after the last. A draw knows nothing of those before it and gives any
    /// of them, each as likely; whoever counts its draws takes them in turn with [`Dist::in_turn`].
    Sequence(Vec<f64>),
    /// One of several distributions, each chosen with a probability proportional to its weight.
    Mixture(Vec<(f64, Dist)>),
    /// Straight lines between these sorted values, each interval being equally likely (Law, "Simulation Modeling and
    /// Analysis", 5th ed., section 6.2.4): nothing outside the smallest and the largest value.
    Empirical(Vec<f64>),
}

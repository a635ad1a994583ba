//! Checked constructors: parameters people know (percentiles, mean and coefficient of variation).

use std::fmt;

use super::Dist;
use crate::stats::interval::normal_quantile;

/// Why parameters do not make a distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistError(String);

impl DistError {
    pub(crate) fn new(message: String) -> DistError {
        DistError(message)
    }
}

impl fmt::Display for DistError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DistError {}

fn require(holds: bool, message: impl FnOnce() -> String) -> Result<(), DistError> {
    if holds { Ok(()) } else { Err(DistError(message())) }
}

/// Checks that a parameter is a finite number above zero.
pub(crate) fn above_zero(name: &str, value: f64) -> Result<(), DistError> {
    require(value.is_finite() && value > 0.0, || format!("`{name}` must be a finite number above 0, found {value}"))
}

/// Checks that a parameter is a finite number of at least zero.
pub(crate) fn at_least_zero(name: &str, value: f64) -> Result<(), DistError> {
    require(value.is_finite() && value >= 0.0, || {
        format!("`{name}` must be a finite number of at least 0, found {value}")
    })
}

impl Dist {
    /// The distribution itself if its parameters make sense, or what is wrong with them.
    pub fn checked(self) -> Result<Dist, DistError> {
        self.check().map(|()| self)
    }

    fn check(&self) -> Result<(), DistError> {
        match self {
            Dist::Constant(value) => at_least_zero("value", *value),
            Dist::Exponential { mean } => at_least_zero("mean", *mean),
            Dist::Uniform { min, max } => check_uniform(*min, *max),
            Dist::Normal { mean, sd } => at_least_zero("mean", *mean).and(at_least_zero("sd", *sd)),
            Dist::Erlang { shape, mean } => above_zero("shape", f64::from(*shape)).and(at_least_zero("mean", *mean)),
            Dist::Gamma { shape, scale } | Dist::Weibull { shape, scale } => {
                above_zero("shape", *shape).and(at_least_zero("scale", *scale))
            }
            Dist::LogNormal { mu, sigma } => check_log_normal(*mu, *sigma),
            Dist::Pareto { min, alpha, max } => check_pareto(*min, *alpha, *max),
            Dist::Triangular { min, mode, max } => check_uniform(*min, *mode).and(check_uniform(*mode, *max)),
            Dist::Sequence(values) => check_sequence(values),
            Dist::Mixture(parts) => check_mixture(parts),
            Dist::Empirical(values) => check_empirical(values),
        }
    }

    /// A log-normal distribution with this median and this 99th percentile.
    ///
    /// sigma = ln(p99 / p50) / 2.3263, the 99th percentile of the standard normal law. Errors unless
    /// 0 < p50 <= p99, both finite.
    pub fn log_normal_from_percentiles(p50: f64, p99: f64) -> Result<Dist, DistError> {
        above_zero("p50", p50)?;
        above_zero("p99", p99)?;
        require(p99 >= p50, || format!("`p99` ({p99}) must not be below `p50` ({p50})"))?;
        Ok(Dist::LogNormal { mu: libm::log(p50), sigma: libm::log(p99 / p50) / normal_quantile(0.99) })
    }

    /// A log-normal distribution with this mean and coefficient of variation (standard deviation / mean).
    ///
    /// sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2. Errors unless mean > 0 and cv >= 0, both finite.
    pub fn log_normal_from_mean_cv(mean: f64, cv: f64) -> Result<Dist, DistError> {
        above_zero("mean", mean)?;
        at_least_zero("cv", cv)?;
        let variance = libm::log1p(cv * cv);
        Dist::LogNormal { mu: libm::log(mean) - 0.5 * variance, sigma: variance.sqrt() }.checked()
    }

    /// A gamma distribution with this mean and coefficient of variation: shape = 1 / cv^2, scale = mean cv^2. Errors
    /// unless mean >= 0 and cv > 0, both finite.
    pub fn gamma_from_mean_cv(mean: f64, cv: f64) -> Result<Dist, DistError> {
        at_least_zero("mean", mean)?;
        above_zero("cv", cv)?;
        let squared = cv * cv;
        Dist::Gamma { shape: 1.0 / squared, scale: mean * squared }.checked()
    }

    /// A hyperexponential distribution of two phases with balanced means (each phase contributes half of the mean) with
    /// this mean and coefficient of variation: with probability p = (1 + sqrt((c - 1) / (c + 1))) / 2 exponential of mean
    /// m / 2p, else of mean m / 2(1 - p), where c = cv^2 (Morse, "Queues, Inventories and Maintenance", 1958, ch. 5;
    /// Tijms, "A First Course in Stochastic Models", 2003, appendix B). Errors unless mean >= 0 and cv >= 1, both finite.
    pub fn hyper_exponential(mean: f64, cv: f64) -> Result<Dist, DistError> {
        at_least_zero("mean", mean)?;
        require(cv.is_finite() && cv >= 1.0, || format!("`cv` must be a finite number of at least 1, found {cv}"))?;
        let squared = cv * cv;
        let p = (1.0 + ((squared - 1.0) / (squared + 1.0)).sqrt()) / 2.0;
        let phase = |p: f64| (p, Dist::Exponential { mean: mean / (2.0 * p) });
        let (fast, slow) = (phase(p), phase(1.0 - p));
        require(slow.1.mean().is_finite(), || format!("`cv` ({cv}) is too large"))?;
        Ok(Dist::Mixture(vec![fast, slow]))
    }

    /// A Weibull distribution with this mean and coefficient of variation. The shape k solves
    /// gamma(1 + 2/k) / gamma(1 + 1/k)^2 = 1 + cv^2, which falls in k: by bisection. Errors unless mean >= 0 and
    /// 0.01 <= cv <= 100, both finite.
    pub fn weibull_from_mean_cv(mean: f64, cv: f64) -> Result<Dist, DistError> {
        at_least_zero("mean", mean)?;
        require((0.01..=100.0).contains(&cv), || format!("`cv` must be between 0.01 and 100, found {cv}"))?;
        let ratio = |shape: f64| libm::lgamma(1.0 + 2.0 / shape) - 2.0 * libm::lgamma(1.0 + 1.0 / shape);
        let (mut low, mut high) = (0.05, 200.0);
        for _ in 0..100 {
            let middle = (low + high) / 2.0;
            if ratio(middle) > libm::log1p(cv * cv) { low = middle } else { high = middle }
        }
        Dist::Weibull { shape: low, scale: mean / libm::tgamma(1.0 + 1.0 / low) }.checked()
    }

    /// A mixture; the weights are scaled to sum to one. Errors if there are no parts, if a weight is negative or not
    /// finite, if all weights are zero, or if a part has an error.
    pub fn mixture(parts: Vec<(f64, Dist)>) -> Result<Dist, DistError> {
        check_mixture(&parts)?;
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        Ok(Dist::Mixture(parts.into_iter().map(|(weight, part)| (weight / total, part)).collect()))
    }

    /// The empirical distribution of these values, in any order. Errors if there are none, or if one is negative or
    /// not finite.
    pub fn empirical(mut values: Vec<f64>) -> Result<Dist, DistError> {
        values.sort_by(f64::total_cmp);
        Dist::Empirical(values).checked()
    }
}

fn check_uniform(min: f64, max: f64) -> Result<(), DistError> {
    at_least_zero("min", min)?;
    at_least_zero("max", max)?;
    require(min <= max, || format!("`min` ({min}) must not be above `max` ({max})"))
}

fn check_log_normal(mu: f64, sigma: f64) -> Result<(), DistError> {
    require(mu.is_finite(), || format!("`mu` must be a finite number, found {mu}"))?;
    at_least_zero("sigma", sigma)
}

fn check_pareto(min: f64, alpha: f64, max: f64) -> Result<(), DistError> {
    above_zero("min", min)?;
    above_zero("alpha", alpha)?;
    require(max > min, || format!("`max` ({max}) must be above `min` ({min})"))
}

fn check_mixture(parts: &[(f64, Dist)]) -> Result<(), DistError> {
    for (weight, part) in parts {
        at_least_zero("weight", *weight)?;
        part.check()?;
    }
    require(parts.iter().any(|(weight, _)| *weight > 0.0), || "a mixture needs a part with a weight above 0".into())
}

fn check_empirical(values: &[f64]) -> Result<(), DistError> {
    require(!values.is_empty(), || "an empirical distribution needs at least one value".into())?;
    require(values.is_sorted(), || "the values of an empirical distribution must be sorted".into())?;
    values.iter().try_for_each(|value| at_least_zero("value", *value))
}

fn check_sequence(values: &[f64]) -> Result<(), DistError> {
    require(!values.is_empty(), || "a sequence needs at least one value".into())?;
    values.iter().try_for_each(|value| at_least_zero("value", *value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<Dist, DistError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn percentiles_come_back() {
        let dist = Dist::log_normal_from_percentiles(4.0, 40.0).unwrap();
        assert!((dist.quantile(0.5).unwrap() - 4.0).abs() < 1e-12);
        assert!((dist.quantile(0.99).unwrap() - 40.0).abs() < 1e-11);
    }

    #[test]
    fn mean_and_coefficient_of_variation_come_back() {
        let makers = [
            Dist::log_normal_from_mean_cv,
            Dist::gamma_from_mean_cv,
            Dist::hyper_exponential,
            Dist::weibull_from_mean_cv,
        ];
        for make in makers {
            let dist = make(2.5, 1.5).unwrap();
            assert!((dist.mean() - 2.5).abs() < 1e-12);
            assert!((dist.scv() - 2.25).abs() < 1e-9, "{dist:?}");
        }
        // Shape 1 is the exponential law, of which the coefficient of variation is 1.
        let Dist::Weibull { shape, scale } = Dist::weibull_from_mean_cv(3.0, 1.0).unwrap() else { panic!() };
        assert!((shape - 1.0).abs() < 1e-9 && (scale - 3.0).abs() < 1e-9);
        for cv in [0.01, 0.05, 20.0, 100.0] {
            let found = Dist::weibull_from_mean_cv(1.0, cv).unwrap().scv().sqrt();
            assert!((found / cv - 1.0).abs() < 1e-6, "{cv}: {found}");
        }
        assert_eq!(message(Dist::hyper_exponential(1.0, 0.5)), "`cv` must be a finite number of at least 1, found 0.5");
    }

    #[test]
    fn messages_name_the_parameter_and_what_was_found() {
        assert_eq!(message(Dist::gamma_from_mean_cv(1.0, 0.0)), "`cv` must be a finite number above 0, found 0");
        assert_eq!(message(Dist::log_normal_from_percentiles(5.0, 4.0)), "`p99` (4) must not be below `p50` (5)");
        assert_eq!(message(Dist::Constant(-1.0).checked()), "`value` must be a finite number of at least 0, found -1");
        assert_eq!(
            message(Dist::Constant(f64::NAN).checked()),
            "`value` must be a finite number of at least 0, found NaN"
        );
        let pareto = Dist::Pareto { min: 2.0, alpha: 1.0, max: 2.0 };
        assert_eq!(message(pareto.checked()), "`max` (2) must be above `min` (2)");
        assert_eq!(message(Dist::mixture(vec![])), "a mixture needs a part with a weight above 0");
        assert_eq!(message(Dist::empirical(vec![])), "an empirical distribution needs at least one value");
        let unsorted = Dist::Empirical(vec![2.0, 1.0]);
        assert_eq!(message(unsorted.checked()), "the values of an empirical distribution must be sorted");
    }

    #[test]
    fn mixtures_are_normalised_and_values_sorted() {
        let part = Dist::Constant(1.0);
        let mixture = Dist::mixture(vec![(1.0, part.clone()), (3.0, part.clone())]).unwrap();
        assert_eq!(mixture, Dist::Mixture(vec![(0.25, part.clone()), (0.75, part)]));
        assert_eq!(Dist::empirical(vec![3.0, 1.0]), Ok(Dist::Empirical(vec![1.0, 3.0])));
    }
}

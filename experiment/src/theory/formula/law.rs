//! Laws of service times and gaps: moments and Laplace-Stieltjes transforms.

use crate::theory::numeric::{Complex, quadrature};
use archsim_core::Dist;

/// Panels of 16 points for the laws without a transform in closed form.
const PANELS: usize = 160;
/// Standard deviations of the logarithm beyond which a log-normal law has no mass that matters.
const FAR: f64 = 9.0;
/// Probability in each tail of other laws that is left out.
const LEFT_OUT: f64 = 1e-16;

/// A law of non-negative times.
#[derive(Clone, Debug)]
pub struct Law {
    dist: Dist,
    /// The law by quadrature: values with their probabilities.
    nodes: Vec<(f64, f64)>,
}

impl Law {
    /// The law of a distribution.
    pub fn new(dist: &Dist) -> Self {
        Law { dist: dist.clone(), nodes: nodes(dist) }
    }

    /// The exponential law.
    pub fn exponential(mean: f64) -> Self {
        Law::new(&Dist::Exponential { mean })
    }

    /// The distribution behind it.
    pub fn dist(&self) -> &Dist {
        &self.dist
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.dist.mean()
    }

    /// The squared coefficient of variation.
    pub fn scv(&self) -> f64 {
        self.dist.scv()
    }

    /// The second moment.
    pub fn second_moment(&self) -> f64 {
        self.dist.variance() + self.mean() * self.mean()
    }

    /// Whether it is exponential.
    pub fn is_exponential(&self) -> bool {
        match &self.dist {
            Dist::Exponential { .. } | Dist::Erlang { shape: 1, .. } => true,
            Dist::Gamma { shape, .. } | Dist::Weibull { shape, .. } => *shape == 1.0,
            _ => false,
        }
    }

    /// The values and their probabilities if there are only finitely many: a constant, or a mixture of constants.
    pub fn atoms(&self) -> Option<Vec<(f64, f64)>> {
        atoms(&self.dist)
    }

    /// Whether its transform is smooth and quick: in closed form, without jumps.
    pub fn has_plain_transform(&self) -> bool {
        self.nodes.is_empty() && self.atoms().is_none()
    }

    /// The Laplace-Stieltjes transform, `E[e^(-sX)]`.
    pub fn transform(&self, s: Complex) -> Complex {
        transform(&self.dist, &self.nodes, s)
    }

    /// The law as values in order, each with its probability: exact for constants, by quadrature otherwise.
    pub(crate) fn values(&self) -> Vec<(f64, f64)> {
        if let Some(mut atoms) = self.atoms() {
            atoms.sort_by(|a, b| a.0.total_cmp(&b.0));
            return atoms;
        }
        by_quadrature(&self.dist)
    }
}

fn atoms(dist: &Dist) -> Option<Vec<(f64, f64)>> {
    match dist {
        Dist::Constant(value) => Some(vec![(*value, 1.0)]),
        Dist::Mixture(parts) => {
            let mut all = Vec::new();
            for (weight, part) in parts {
                all.extend(atoms(part)?.into_iter().map(|(value, mass)| (value, weight * mass)));
            }
            Some(all)
        }
        Dist::Sequence(_) => Some(by_quadrature(dist)),
        _ => None,
    }
}

/// Values with probabilities where the transform has no closed form; nothing else.
fn nodes(dist: &Dist) -> Vec<(f64, f64)> {
    match dist {
        law if needs_nodes(law) => by_quadrature(law),
        Dist::Mixture(parts) => {
            let part = |(weight, part): &(f64, Dist)| {
                let weight = *weight;
                nodes(part).into_iter().map(move |(value, mass)| (value, weight * mass))
            };
            parts.iter().flat_map(part).collect()
        }
        _ => Vec::new(),
    }
}

/// A density on an interval of some variable, and how the variable gives a value.
fn quadrature_of(from: f64, to: f64, density: impl Fn(f64) -> f64, value: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> = quadrature::nodes(from, to, PANELS)
        .map(|(x, weight)| (value(x), weight * density(x)))
        .filter(|(_, mass)| *mass > 0.0)
        .collect();
    let total: f64 = all.iter().map(|(_, mass)| mass).sum();
    all.iter_mut().for_each(|(_, mass)| *mass /= total);
    all
}

/// Values with probabilities, in order. Scales are logarithmic where laws have long tails.
fn by_quadrature(dist: &Dist) -> Vec<(f64, f64)> {
    let itself = |x: f64| x;
    match dist {
        Dist::Constant(value) => vec![(*value, 1.0)],
        Dist::Uniform { min, max } => quadrature_of(*min, *max, |_| 1.0, itself),
        Dist::Exponential { mean } => by_quadrature(&Dist::Gamma { shape: 1.0, scale: *mean }),
        Dist::Erlang { shape, mean } => {
            by_quadrature(&Dist::Gamma { shape: f64::from(*shape), scale: mean / f64::from(*shape) })
        }
        Dist::Gamma { shape, scale } => {
            let (low, high) = (libm::log(LEFT_OUT) / shape - 1.0, libm::log(shape + 45.0 + 9.0 * libm::sqrt(*shape)));
            let peak = shape * libm::log(*shape) - shape;
            let density = |y: f64| libm::exp(shape * y - libm::exp(y) - peak);
            quadrature_of(low.max(-40.0), high, density, |y| scale * libm::exp(y))
        }
        Dist::LogNormal { mu, sigma } if *sigma == 0.0 => vec![(libm::exp(*mu), 1.0)],
        Dist::LogNormal { mu, sigma } => {
            quadrature_of(-FAR, FAR, |z| libm::exp(-0.5 * z * z), |z| libm::exp(mu + sigma * z))
        }
        Dist::Weibull { shape, scale } => {
            let density = |y: f64| libm::exp(y - libm::exp(y));
            quadrature_of(-37.0, 3.7, density, |y| scale * libm::exp(y / shape))
        }
        Dist::Pareto { min, alpha, max } => {
            let far = libm::log(max / min).min(-libm::log(LEFT_OUT) / alpha);
            quadrature_of(0.0, far, |y| libm::exp(-alpha * y), |y| min * libm::exp(y))
        }
        Dist::Normal { mean, sd } if *sd == 0.0 => vec![(*mean, 1.0)],
        Dist::Normal { mean, sd } => {
            let density = |x: f64| libm::exp(-0.5 * (x - mean) * (x - mean) / (sd * sd));
            quadrature_of((mean - FAR * sd).max(0.0), mean + FAR * sd, density, itself)
        }
        Dist::Triangular { min, mode, max } => {
            let sides = [(*min, *mode, *min), (*mode, *max, *max)].into_iter().filter(|(from, to, _)| from < to);
            let side = |(from, to, zero): (f64, f64, f64)| {
                let share = (to - from) / (max - min);
                quadrature_of(from, to, move |x| (x - zero).abs(), itself)
                    .into_iter()
                    .map(move |(x, mass)| (x, mass * share))
            };
            if min < max { sides.flat_map(side).collect() } else { vec![(*mode, 1.0)] }
        }
        Dist::Sequence(values) => {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            sorted.into_iter().map(|value| (value, 1.0 / values.len() as f64)).collect()
        }
        Dist::Empirical(values) => {
            let mass = 1.0 / values.len().saturating_sub(1).max(1) as f64;
            values.windows(2).map(|pair| (0.5 * (pair[0] + pair[1]), mass)).collect()
        }
        Dist::Mixture(parts) => {
            let part = |(weight, part): &(f64, Dist)| {
                let weight = *weight;
                by_quadrature(part).into_iter().map(move |(value, mass)| (value, weight * mass))
            };
            let mut all: Vec<(f64, f64)> = parts.iter().flat_map(part).collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            all
        }
    }
}

/// The transform; the parts of a mixture that have none in closed form are in `nodes`.
fn transform(dist: &Dist, nodes: &[(f64, f64)], s: Complex) -> Complex {
    match dist {
        Dist::Constant(value) => (-(s * *value)).exp(),
        Dist::Uniform { min, max } => uniform(*min, *max, s),
        Dist::Exponential { mean } => Complex::ONE / (Complex::ONE + s * *mean),
        Dist::Erlang { shape, mean } => {
            let shape = f64::from(*shape);
            (Complex::ONE + s * (mean / shape)).powf(-shape)
        }
        Dist::Gamma { shape, scale } => (Complex::ONE + s * *scale).powf(-shape),
        Dist::Mixture(parts) => {
            let closed = parts.iter().filter(|(_, part)| !needs_nodes(part));
            closed.fold(by_nodes(nodes, s), |sum, (weight, part)| sum + transform(part, &[], s) * *weight)
        }
        Dist::Empirical(values) if values.len() > 1 => {
            let sum = values.windows(2).fold(Complex::default(), |sum, pair| sum + uniform(pair[0], pair[1], s));
            sum * (1.0 / (values.len() - 1) as f64)
        }
        Dist::Empirical(values) => (-(s * values.first().copied().unwrap_or(0.0))).exp(),
        Dist::Sequence(values) => {
            let sum = values.iter().fold(Complex::default(), |sum, value| sum + (-(s * *value)).exp());
            sum * (1.0 / values.len().max(1) as f64)
        }
        Dist::Triangular { .. }
        | Dist::LogNormal { .. }
        | Dist::Weibull { .. }
        | Dist::Pareto { .. }
        | Dist::Normal { .. } => by_nodes(nodes, s),
    }
}

fn needs_nodes(dist: &Dist) -> bool {
    matches!(
        dist,
        Dist::LogNormal { .. }
            | Dist::Weibull { .. }
            | Dist::Pareto { .. }
            | Dist::Normal { .. }
            | Dist::Triangular { .. }
    )
}

fn by_nodes(nodes: &[(f64, f64)], s: Complex) -> Complex {
    // Where the damping is this strong nothing that counts is left.
    let counted = nodes.iter().filter(|(value, _)| s.re * value < 42.0);
    counted.fold(Complex::default(), |sum, (value, mass)| sum + (-(s * *value)).exp() * *mass)
}

fn uniform(min: f64, max: f64, s: Complex) -> Complex {
    let width = s * (max - min);
    if width.re.abs() + width.im.abs() < 1e-6 {
        return (-(s * (0.5 * (min + max)))).exp();
    }
    ((-(s * min)).exp() - (-(s * max)).exp()) / width
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Dist> {
        let simple = vec![
            Dist::Constant(2.0),
            Dist::Uniform { min: 1.0, max: 3.0 },
            Dist::Exponential { mean: 2.0 },
            Dist::Erlang { shape: 3, mean: 2.0 },
            Dist::Gamma { shape: 0.5, scale: 4.0 },
            Dist::log_normal_from_mean_cv(2.0, 2.0).unwrap(),
            Dist::Weibull { shape: 0.7, scale: 1.0 },
            Dist::Pareto { min: 1.0, alpha: 1.5, max: 100.0 },
            Dist::Normal { mean: 2.0, sd: 1.0 },
            Dist::Empirical(vec![1.0, 2.0, 5.0]),
            Dist::Triangular { min: 1.0, mode: 2.0, max: 4.0 },
            Dist::Sequence(vec![3.0, 1.0, 2.0]),
        ];
        let mixed = Dist::mixture(simple.iter().map(|dist| (1.0, dist.clone())).collect()).unwrap();
        simple.into_iter().chain([mixed]).collect()
    }

    #[test]
    fn transforms_have_the_right_mean_and_second_moment() {
        for dist in all() {
            let law = Law::new(&dist);
            let step = 1e-4;
            let at = |s: f64| law.transform(Complex::new(s, 0.0)).re;
            assert!((at(0.0) - 1.0).abs() < 1e-12, "{dist:?}");
            let mean = (at(-step) - at(step)) / (2.0 * step);
            assert!((mean / law.mean() - 1.0).abs() < 1e-3, "{dist:?}: {mean}");
        }
    }

    #[test]
    fn quadrature_has_the_right_moments() {
        for dist in all().into_iter().filter(|dist| !matches!(dist, Dist::Empirical(_) | Dist::Mixture(_))) {
            let law = Law::new(&dist);
            let moment = |n: f64| law.values().iter().map(|(x, mass)| mass * libm::pow(*x, n)).sum::<f64>();
            assert!((moment(1.0) / law.mean() - 1.0).abs() < 1e-6, "{dist:?}: {}", moment(1.0));
            assert!((moment(2.0) / law.second_moment() - 1.0).abs() < 1e-4, "{dist:?}: {}", moment(2.0));
        }
    }

    #[test]
    fn only_finite_laws_have_atoms() {
        let two = Dist::mixture(vec![(0.99, Dist::Constant(0.5)), (0.01, Dist::Constant(50.5))]).unwrap();
        assert_eq!(Law::new(&two).atoms().map(|atoms| atoms.len()), Some(2));
        assert_eq!(Law::exponential(1.0).atoms(), None);
    }
}

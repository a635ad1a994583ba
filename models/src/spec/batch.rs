//! Batches: how many requests come at one instant.

use crate::{choice, spec};
use archsim_core::Stream;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

/// Number of requests that come together: a number, or one of [`BatchLaw`].
#[derive(Clone, Debug, PartialEq)]
pub enum BatchSpec {
    /// Always so many.
    Fixed(u32),
    /// A random number.
    Random(BatchLaw),
}

choice! {
    /// A random number of requests that come together.
    BatchLaw as "a batch size" {
        /// Geometric on 1, 2, ...: `Geometric(mean: 4)`.
        Geometric(GeometricArgs),
        /// Any number from one to another, each as likely: `Uniform(1, 7)`.
        Uniform(UniformBatchArgs),
        /// One of several numbers by weight: `Weights([(3, 1), (1, 10)])`, pairs of weight and number.
        Weights(WeightsArgs),
    }
}
spec! {
    /// Arguments of `Geometric`.
    GeometricArgs as "Geometric" {
        /// Mean number, at least 1.
        mean: f64,
    }
}
spec! {
    /// Arguments of `Uniform`.
    UniformBatchArgs as "Uniform" {
        /// Smallest number, at least 1.
        min: u32,
        /// Largest number.
        max: u32,
    }
}
spec! {
    /// Arguments of `Weights`.
    WeightsArgs as "Weights" {
        /// Pairs of weight and number.
        parts: Vec<(f64, u32)>,
    }
}

/// More requests than this do not come at one instant.
const LARGEST: u32 = 1_000_000;

impl BatchSpec {
    /// The mean number of requests.
    pub fn mean(&self) -> f64 {
        match self {
            BatchSpec::Fixed(size) => f64::from(*size),
            BatchSpec::Random(BatchLaw::Geometric(a)) => a.mean,
            BatchSpec::Random(BatchLaw::Uniform(a)) => (f64::from(a.min) + f64::from(a.max)) / 2.0,
            BatchSpec::Random(BatchLaw::Weights(a)) => {
                let total: f64 = a.parts.iter().map(|part| part.0).sum();
                a.parts.iter().map(|(weight, size)| weight / total * f64::from(*size)).sum()
            }
        }
    }

    /// Draws a number of requests, at least 1.
    pub fn draw(&self, stream: &mut Stream) -> u32 {
        match self {
            BatchSpec::Fixed(size) => *size,
            BatchSpec::Random(BatchLaw::Geometric(a)) if a.mean <= 1.0 => 1,
            // By inversion: P(X > n) = (1 - 1/mean)^n.
            BatchSpec::Random(BatchLaw::Geometric(a)) => {
                let trials = libm::log(stream.uniform_open()) / libm::log1p(-1.0 / a.mean);
                1 + (trials as u32).min(LARGEST)
            }
            BatchSpec::Random(BatchLaw::Uniform(a)) => a.min + stream.below(u64::from(a.max - a.min) + 1) as u32,
            BatchSpec::Random(BatchLaw::Weights(a)) => {
                let total: f64 = a.parts.iter().map(|part| part.0).sum();
                let mut left = stream.uniform() * total;
                let passes = |part: &&(f64, u32)| {
                    let chosen = left < part.0;
                    left -= part.0;
                    chosen
                };
                let chosen = a.parts.iter().find(passes).or(a.parts.iter().rev().find(|part| part.0 > 0.0));
                chosen.map_or(1, |part| part.1)
            }
        }
    }

    /// What is wrong with it.
    fn problem(&self) -> Option<String> {
        let size = |n: u32| {
            let message = format!("a batch has 1 to {LARGEST} requests, found {n}");
            (n == 0 || n > LARGEST).then_some(message)
        };
        match self {
            BatchSpec::Fixed(n) => size(*n),
            BatchSpec::Random(BatchLaw::Geometric(a)) if !(1.0..=10_000.0).contains(&a.mean) => {
                Some(format!("the mean of a geometric batch is from 1 to 10000, found {}", a.mean))
            }
            BatchSpec::Random(BatchLaw::Geometric(_)) => None,
            BatchSpec::Random(BatchLaw::Uniform(a)) if a.min > a.max => {
                Some("the smallest batch of `Uniform` is above its largest".into())
            }
            BatchSpec::Random(BatchLaw::Uniform(a)) => size(a.min).or(size(a.max)),
            BatchSpec::Random(BatchLaw::Weights(a)) => {
                let possible = a.parts.iter().all(|(weight, _)| weight.is_finite() && *weight >= 0.0);
                if !possible || a.parts.iter().all(|(weight, _)| *weight == 0.0) {
                    return Some("the weights of a batch are at least 0 and not all 0".into());
                }
                a.parts.iter().find_map(|part| size(part.1))
            }
        }
    }

    fn checked<E: de::Error>(self) -> Result<Self, E> {
        self.problem().map_or(Ok(self), |problem| Err(E::custom(problem)))
    }
}

impl<'de> Deserialize<'de> for BatchSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = BatchSpec;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a number of requests: 4, or Geometric(mean: 4), Uniform(1, 7), Weights([(3, 1), (1, 10)])")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<BatchSpec, E> {
                BatchSpec::Fixed(number.min(u64::from(u32::MAX)) as u32).checked()
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<BatchSpec, E> {
                self.visit_u64(number.max(0) as u64)
            }
            fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<BatchSpec, A::Error> {
                let law = BatchLaw::deserialize(de::value::EnumAccessDeserializer::new(data))?;
                BatchSpec::Random(law).checked()
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use archsim_core::Key;

    #[test]
    fn sizes_have_their_means() {
        let laws = [
            BatchSpec::Fixed(4),
            BatchSpec::Random(BatchLaw::Geometric(GeometricArgs { mean: 4.0 })),
            BatchSpec::Random(BatchLaw::Geometric(GeometricArgs { mean: 1.0 })),
            BatchSpec::Random(BatchLaw::Uniform(UniformBatchArgs { min: 1, max: 7 })),
            BatchSpec::Random(BatchLaw::Weights(WeightsArgs { parts: vec![(3.0, 1), (0.0, 50), (1.0, 13)] })),
        ];
        for law in laws {
            const DRAWS: u32 = 100_000;
            let mut stream = Key::root(3, 0).draw(0);
            let sum: u64 = (0..DRAWS).map(|_| u64::from(law.draw(&mut stream))).sum();
            let mean = sum as f64 / f64::from(DRAWS);
            // The largest standard deviation is 5.2: five standard errors are 0.083.
            assert!((mean - law.mean()).abs() < 0.083, "{law:?}: {mean}");
        }
    }
}

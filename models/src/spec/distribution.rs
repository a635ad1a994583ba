//! The time something takes: a fixed duration or a distribution people can fill in from a dashboard.

use super::quantity::{At, Span};
use crate::{choice, spec};
use archsim_core::Dist;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

/// Time to do something, drawn anew each time; the distribution is in nanoseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Duration(pub Dist);

impl Duration {
    /// Always the same time.
    pub fn constant(span: Span) -> Self {
        Duration(Dist::Constant(span.0.as_nanos() as f64))
    }
    /// Whether its values come in turn instead of by chance.
    pub fn is_in_turn(&self) -> bool {
        matches!(self.0, Dist::Sequence(_))
    }
    /// Mean in seconds.
    pub fn mean_seconds(&self) -> f64 {
        self.0.mean() * 1e-9
    }
}

choice! {
    /// A distribution of times. A bare duration, `"5ms"`, always takes the same time.
    Law as "a distribution" {
        /// Exponential: `Exp("5ms")`. Memoryless; the classic assumption for service times.
        Exp(ExpArgs),
        /// Uniform between two durations: `Uniform("1ms", "3ms")`.
        Uniform(UniformArgs),
        /// Normal, cut off at zero: `Normal("5ms", "1ms")`. Its mean is that of the truncated law.
        Normal(NormalArgs),
        /// Erlang, the sum of `k` equal exponentials: `Erlang("5ms", 4)`. Coefficient of variation `1/sqrt(k)`.
        Erlang(ErlangArgs),
        /// Gamma by mean and coefficient of variation: `Gamma("5ms", 0.7)`.
        Gamma(GammaArgs),
        /// Hyperexponential of two phases with balanced means, for service times more variable than exponential:
        /// `HyperExp("5ms", 2)`. With probability p = (1 + sqrt((c - 1)/(c + 1)))/2, c = cv^2, a short phase, else a long one.
        HyperExp(HyperExpArgs),
        /// Log-normal: `LogNormal(p50: "4ms", p99: "40ms")`, or by `mean` and `cv`. The documented default for measured latencies.
        LogNormal(LogNormalArgs),
        /// Weibull: `Weibull(shape: 0.6, scale: "3ms")`, or by `mean` and `cv`.
        Weibull(WeibullArgs),
        /// Pareto: `Pareto("1ms", 1.5, "10s")`: heavy tail from `min`, cut at `max` and renormalised (unbounded without `max`).
        Pareto(ParetoArgs),
        /// Triangular: `Triangular("1ms", "2ms", "6ms")`, from a smallest over a most likely to a largest value: three numbers that
        /// people can estimate.
        Triangular(TriangularArgs),
        /// One of several by weight: `Mix([(98, Exp("6ms")), (2, Exp("120ms"))])`.
        Mix(MixArgs),
        /// Measured values, sampled with linear interpolation: `Empirical("latencies.csv")`, one value in seconds a line, or `Empirical(["1ms", "2ms"])`.
        Empirical(EmpiricalArgs),
        /// Values given one by one: `Sequence(["4s", "2s", "1s"])`, or a file as for `Empirical`. The first to draw at this step gets
        /// the first value, whoever it is (of a retried call each attempt counts), and after the last comes the first again. The
        /// replicas of a component share the sequence; every replication begins anew. Steps, operations, networks, lags and thinking take
        /// values in turn; pauses and set-ups of workers and the patience of a queue draw any of them, each as likely.
        Sequence(SequenceArgs),
    }
}

spec! {
    /// Arguments of `HyperExp`.
    HyperExpArgs as "HyperExp" {
        /// Mean.
        mean: At<Span>,
        /// Coefficient of variation, standard deviation divided by mean: at least 1.
        cv: f64,
    }
}
spec! {
    /// Arguments of `Triangular`.
    TriangularArgs as "Triangular" {
        /// Smallest value.
        min: At<Span>,
        /// Most likely value.
        mode: At<Span>,
        /// Largest value.
        max: At<Span>,
    }
}
spec! {
    /// Arguments of `Sequence`.
    SequenceArgs as "Sequence" {
        /// The values in their order.
        values: Vec<Span>,
    }
}

spec! {
    /// Arguments of `Exp`.
    ExpArgs as "Exp" {
        /// Mean.
        mean: At<Span>,
    }
}
spec! {
    /// Arguments of `Uniform`.
    UniformArgs as "Uniform" {
        /// Smallest value.
        min: At<Span>,
        /// Largest value.
        max: At<Span>,
    }
}
spec! {
    /// Arguments of `Normal`.
    NormalArgs as "Normal" {
        /// Mean before the cut at zero.
        mean: At<Span>,
        /// Standard deviation before the cut at zero.
        sd: At<Span>,
    }
}
spec! {
    /// Arguments of `Erlang`.
    ErlangArgs as "Erlang" {
        /// Mean.
        mean: At<Span>,
        /// Number of phases.
        k: u32,
    }
}
spec! {
    /// Arguments of `Gamma`.
    GammaArgs as "Gamma" {
        /// Mean.
        mean: At<Span>,
        /// Coefficient of variation: standard deviation divided by mean.
        cv: f64,
    }
}
spec! {
    /// Arguments of `LogNormal`: either both percentiles or mean and coefficient of variation.
    LogNormalArgs as "LogNormal" {
        /// Median.
        p50: Option<At<Span>>,
        /// 99th percentile.
        p99: Option<At<Span>>,
        /// Mean.
        mean: Option<At<Span>>,
        /// Coefficient of variation: standard deviation divided by mean.
        cv: Option<f64>,
    }
}
spec! {
    /// Arguments of `Weibull`: either shape and scale or mean and coefficient of variation.
    WeibullArgs as "Weibull" {
        /// Shape; below 1 the tail is heavier than exponential.
        shape: Option<f64>,
        /// Scale: the 63rd percentile.
        scale: Option<At<Span>>,
        /// Mean.
        mean: Option<At<Span>>,
        /// Coefficient of variation, standard deviation divided by mean: from 0.01 to 100.
        cv: Option<f64>,
    }
}
spec! {
    /// Arguments of `Pareto`.
    ParetoArgs as "Pareto" {
        /// Smallest value.
        min: At<Span>,
        /// Tail index; at or below 1 an unbounded law has no mean.
        alpha: f64,
        /// Largest value; unbounded without it.
        max: Option<At<Span>>,
    }
}
spec! {
    /// Arguments of `Mix`.
    MixArgs as "Mix" {
        /// Pairs of weight and time.
        parts: Vec<(f64, Duration)>,
    }
}
spec! {
    /// Arguments of `Empirical`.
    EmpiricalArgs as "Empirical" {
        /// The values.
        values: Vec<Span>,
    }
}

fn nanos(span: &Span) -> f64 {
    span.0.as_nanos() as f64
}

impl Law {
    fn dist(&self) -> Result<Dist, String> {
        let text = |e: archsim_core::DistError| e.to_string();
        let positive = |value: f64, what: &str| {
            if value.is_finite() && value > 0.0 {
                Ok(value)
            } else {
                Err(format!("{what} must be above zero, found {value}"))
            }
        };
        Ok(match self {
            Law::Exp(a) => Dist::Exponential { mean: nanos(&a.mean) },
            Law::Uniform(a) if a.min.value > a.max.value => {
                return Err("the smallest value of `Uniform` is above its largest".into());
            }
            Law::Uniform(a) => Dist::Uniform { min: nanos(&a.min), max: nanos(&a.max) },
            Law::Normal(a) => Dist::Normal { mean: nanos(&a.mean), sd: nanos(&a.sd) },
            Law::Erlang(a) if a.k == 0 || a.k > 10_000 => {
                return Err(format!("`Erlang` takes 1 to 10,000 phases, found {}", a.k));
            }
            Law::Erlang(a) => Dist::Erlang { shape: a.k, mean: nanos(&a.mean) },
            Law::Gamma(a) => {
                let cv = positive(a.cv, "`cv`")?;
                Dist::Gamma { shape: 1.0 / (cv * cv), scale: nanos(&a.mean) * cv * cv }
            }
            Law::LogNormal(LogNormalArgs { p50: Some(p50), p99: Some(p99), mean: None, cv: None }) => {
                Dist::log_normal_from_percentiles(nanos(p50), nanos(p99)).map_err(text)?
            }
            Law::LogNormal(LogNormalArgs { p50: None, p99: None, mean: Some(mean), cv: Some(cv) }) => {
                Dist::log_normal_from_mean_cv(nanos(mean), *cv).map_err(text)?
            }
            Law::LogNormal(_) => return Err("`LogNormal` takes `p50` and `p99`, or `mean` and `cv`".into()),
            Law::HyperExp(a) => Dist::hyper_exponential(nanos(&a.mean), a.cv).map_err(text)?,
            Law::Weibull(WeibullArgs { shape: Some(shape), scale: Some(scale), mean: None, cv: None }) => {
                Dist::Weibull { shape: positive(*shape, "`shape`")?, scale: nanos(scale) }
            }
            Law::Weibull(WeibullArgs { shape: None, scale: None, mean: Some(mean), cv: Some(cv) }) => {
                Dist::weibull_from_mean_cv(nanos(mean), *cv).map_err(text)?
            }
            Law::Weibull(_) => return Err("`Weibull` takes `shape` and `scale`, or `mean` and `cv`".into()),
            Law::Triangular(a) if a.min.value > a.mode.value || a.mode.value > a.max.value => {
                return Err("`Triangular` takes its smallest, most likely and largest value in this order".into());
            }
            Law::Triangular(a) => Dist::Triangular { min: nanos(&a.min), mode: nanos(&a.mode), max: nanos(&a.max) },
            Law::Sequence(a) if a.values.is_empty() => return Err("`Sequence` takes at least one value".into()),
            Law::Sequence(a) => Dist::Sequence(a.values.iter().map(nanos).collect()),
            Law::Pareto(a) => {
                let max = a.max.as_ref().map_or(f64::INFINITY, |m| nanos(m));
                let (min, alpha) = (positive(nanos(&a.min), "`min`")?, positive(a.alpha, "`alpha`")?);
                if max <= min {
                    return Err("`max` of `Pareto` must be above `min`".into());
                }
                Dist::Pareto { min, alpha, max }
            }
            Law::Mix(a) => {
                if a.parts.is_empty()
                    || a.parts.iter().any(|(w, _)| !(w.is_finite() && *w >= 0.0))
                    || a.parts.iter().all(|(w, _)| *w == 0.0)
                {
                    return Err(
                        "`Mix` takes pairs of weight and time, with weights of at least 0 that are not all 0".into()
                    );
                }
                if a.parts.iter().any(|(_, part)| part.is_in_turn()) {
                    return Err("`Sequence` stands alone: a part of `Mix` is drawn by chance, not in turn".into());
                }
                Dist::Mixture(a.parts.iter().map(|(w, d)| (*w, d.0.clone())).collect())
            }
            Law::Empirical(a) => {
                if a.values.is_empty() {
                    return Err("`Empirical` takes at least one value".into());
                }
                let mut values: Vec<f64> = a.values.iter().map(nanos).collect();
                values.sort_by(f64::total_cmp);
                Dist::Empirical(values)
            }
        })
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Duration;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(
                    r#"a time: "5ms", or a distribution such as Exp("5ms") or LogNormal(p50: "4ms", p99: "40ms")"#,
                )
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
                Span::deserialize(de::value::StrDeserializer::new(text)).map(Duration::constant)
            }
            fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<Duration, A::Error> {
                let law = Law::deserialize(de::value::EnumAccessDeserializer::new(data))?;
                law.dist().map(Duration).map_err(de::Error::custom)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

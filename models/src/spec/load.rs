//! Load over time, as a scenario writes it.

use super::{At, Instant, Rate, Span};
use crate::{choice, spec};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

choice! {
    /// A rate that changes over time.
    LoadShape as "a load" {
        /// From one rate to another, then constant: `Ramp(from: "100/s", to: "1k/s", over: "5m")`.
        Ramp(RampArgs),
        /// A rate from each instant on: `Steps([("0s", "100/s"), ("2m", "500/s")])`.
        Steps(StepsArgs),
        /// A base rate with regular bursts: `Bursts(base: "800/s", burst: "1400/s", every: "5m", lasting: "60s")`.
        Bursts(BurstsArgs),
        /// A sine between two rates, lowest at the start: `Diurnal(low: "100/s", high: "1k/s", period: "24h")`. A mean of 10 with
        /// 5 sin(2 pi t / 10 s) on it is `Diurnal(low: 5, high: 15, period: "10s", phase: "2.5s")`.
        Diurnal(DiurnalArgs),
        /// A rate that jumps at random between states, each with a rate and a mean stay:
        /// `Mmpp([("1600/s", "50s"), ("200/s", "50s")])`. With `Poisson` arrivals this is the Markov-modulated Poisson process
        /// (Fischer and Meier-Hellstern, Performance Evaluation 18, 1993), the usual model of bursts.
        Mmpp(MmppArgs),
        /// Arrivals one by one, from a list or a file: `Replay(["0s", "1s", "2.5s"])`, `Replay("arrivals.csv")` with an instant a line,
        /// in seconds or as a duration. After the last nobody comes.
        Replay(ReplayArgs),
    }
}
spec! {
    /// Arguments of `Ramp`.
    RampArgs as "Ramp" {
        /// Rate at the start.
        from: Rate,
        /// Rate at the end, and from then on.
        to: Rate,
        /// How long the change takes.
        over: At<Span>,
    }
}
spec! {
    /// Arguments of `Steps`.
    StepsArgs as "Steps" {
        /// Pairs of instant and rate, in order of time; before the first the rate is that of the first.
        steps: At<Vec<(Span, Rate)>>,
    }
}
spec! {
    /// Arguments of `Bursts`.
    BurstsArgs as "Bursts" {
        /// Rate between bursts.
        base: Rate,
        /// Rate during a burst.
        burst: Rate,
        /// From the start of one burst to the start of the next; the first starts at `every`.
        every: At<Span>,
        /// How long a burst lasts.
        lasting: At<Span>,
    }
}
spec! {
    /// Arguments of `Diurnal`.
    DiurnalArgs as "Diurnal" {
        /// Lowest rate, at the start.
        low: Rate,
        /// Highest rate, half a period later.
        high: Rate,
        /// From low to high and back.
        period: At<Span>,
        /// How far into a period the run starts: a quarter is the mean, rising; half is the top. Default 0, the lowest rate.
        phase: Option<At<Span>>,
    }
}

spec! {
    /// Arguments of `Mmpp`.
    MmppArgs as "Mmpp" {
        /// Pairs of rate and mean stay; stays are exponential. The run starts in a state drawn by the share of time spent in it.
        states: At<Vec<(Rate, Span)>>,
        /// Weights of where a state is left to, a row for each state: `[[0, 3, 1], [1, 0, 0], [1, 1, 0]]`. Default: each other state
        /// is as likely.
        jumps: Option<At<Vec<Vec<f64>>>>,
    }
}
spec! {
    /// Arguments of `Replay`.
    ReplayArgs as "Replay" {
        /// Instants of arrivals since the start of the run, in order; equal ones come in the order written.
        times: At<Vec<Instant>>,
    }
}

/// A rate, constant or changing over time.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadSpec {
    /// Always the same.
    Constant(Rate),
    /// Changing.
    Shape(LoadShape),
}

impl<'de> Deserialize<'de> for LoadSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = LoadSpec;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(r#"a rate: 500, "500/s", "2k/s", or Ramp(..), Steps(..), Bursts(..), Diurnal(..), Mmpp(..), Replay(..)"#)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<LoadSpec, E> {
                Rate::deserialize(de::value::StrDeserializer::new(text)).map(LoadSpec::Constant)
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<LoadSpec, E> {
                Rate::deserialize(de::value::F64Deserializer::new(number)).map(LoadSpec::Constant)
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<LoadSpec, E> {
                self.visit_f64(number as f64)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<LoadSpec, E> {
                self.visit_f64(number as f64)
            }
            fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<LoadSpec, A::Error> {
                LoadShape::deserialize(de::value::EnumAccessDeserializer::new(data)).map(LoadSpec::Shape)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

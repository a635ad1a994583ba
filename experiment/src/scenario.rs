//! The scenario as written: every section with the places of its values, nothing resolved yet.

mod experiment;
mod files;
mod preset;
mod read;
mod sections;
mod trace;

pub use experiment::{CompareArgs, Experiment, PlanArgs, SaturateArgs, SweepArgs};
pub(crate) use files::Library;
pub use read::{Reading, read};
pub(crate) use read::{read_document, read_with};
pub use sections::{ROOT, sections};

use crate::precision::Precision;
use archsim_core::Time;
use archsim_models::Kind;
use archsim_models::spec;
use archsim_models::spec::{At, EdgeSpec, FaultSpec, Fraction, KeySpec, Span, TrafficSpec};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::ops::Range;

/// The version of the scenario language that this program reads.
pub const VERSION: u32 = 1;

/// Reads the text of a file that a scenario names, such as measured latencies; the error is a sentence.
pub type Files<'a> = dyn Fn(&str) -> Result<String, String> + 'a;

/// Values by name, in the order of the file.
pub type Named<T> = Vec<(At<String>, At<T>)>;

/// A scenario file as written.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What it is about, in a sentence or two. Default empty.
    pub about: String,
    /// How long, how often, which seed.
    pub run: RunSpec,
    /// Key spaces.
    pub keys: Named<KeySpec>,
    /// Traffic sources.
    pub traffic: Named<TrafficSpec>,
    /// Components.
    pub components: Named<Kind>,
    /// Edge lines.
    pub edges: Vec<EdgeLine>,
    /// Faults.
    pub faults: Vec<At<FaultSpec>>,
    /// What must hold.
    pub slos: Vec<SloArgs>,
    /// Named what-ifs.
    pub variants: Vec<Variant>,
    /// Named sweeps, searches and comparisons.
    pub experiments: Named<Experiment>,
}

/// A line of `edges`: the pattern and the settings.
#[derive(Clone, Debug)]
pub struct EdgeLine {
    /// The key as written.
    pub key: At<String>,
    /// Caller; `*` is any.
    pub from: String,
    /// Callee; `*` is any.
    pub to: String,
    /// The settings.
    pub spec: EdgeSpec,
}

/// A named what-if: values that replace those of the file.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name.
    pub name: At<String>,
    /// Paths and the text of their values.
    pub changes: Vec<(At<String>, Raw)>,
}

impl Variant {
    /// Its paths and the text of their values.
    pub fn settings(&self) -> Vec<(String, String)> {
        self.changes.iter().map(|(path, raw)| (path.value.clone(), raw.text.clone())).collect()
    }
}

/// The text of a value and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// The text as written, brackets and quotes included.
    pub text: String,
    /// Byte range in the file.
    pub span: Range<usize>,
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Raw;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Raw, A::Error> {
                let missing = || de::Error::custom("a placed value has a start, an end and a text");
                let start = parts.next_element::<u64>()?.ok_or_else(missing)? as usize;
                let end = parts.next_element::<u64>()?.ok_or_else(missing)? as usize;
                let text = parts.next_element()?.ok_or_else(missing)?;
                Ok(Raw { text, span: start..end })
            }
        }
        deserializer.deserialize_newtype_struct(archsim_language::RAW, Reader)
    }
}

spec! {
    /// How long a scenario is simulated, how often, and from which seed.
    RunSpec as "run" {
        /// Simulated time. Default 5 minutes.
        duration: Option<At<Span>>,
        /// Start that is left out of steady-state metrics: a duration, or `"auto"`, which is the default: as much as the run itself shows
        /// to be unlike the rest, never more than half (MSER on batch means: White, Cobb and Spratt, 2000). In a study in which
        /// something changes over time nothing is left out.
        warmup: Option<At<Warmup>>,
        /// Seed of all random numbers. Default 1.
        seed: Option<u64>,
        /// Independent repetitions, 1 to 10,000. Default 5.
        replications: Option<At<u32>>,
        /// Requests in flight at which a run ends with a verdict, at least 1. Default 1,000,000.
        max_in_flight: Option<At<u64>>,
        /// How precise the results are to be, instead of `duration`: `(mean: "2%", p99: "5%")`. The run grows until every metric of an SLO
        /// and of a `measure` (without any: mean and p99 of every source) is so precise, or the budget is spent.
        precision: Option<At<PrecisionSpec>>,
    }
}

#[expect(clippy::derivable_impls, reason = "the macro derives only what every spec needs")]
impl Default for RunSpec {
    fn default() -> Self {
        RunSpec { duration: None, warmup: None, seed: None, replications: None, max_in_flight: None, precision: None }
    }
}

spec! {
    /// Half-widths of the intervals, relative to the value, at which a steady-state run ends by itself. A share below 1 % counts as 1 %.
    PrecisionSpec as "precision" {
        /// Of means, shares, rates and averages over time. Above 0. Default 5%.
        mean: Option<At<Fraction>>,
        /// Of percentiles up to p50. Above 0. Default 5%.
        p50: Option<At<Fraction>>,
        /// Of percentiles up to p95. Above 0. Default 5%.
        p95: Option<At<Fraction>>,
        /// Of percentiles up to p99. Above 0. Default 10%.
        p99: Option<At<Fraction>>,
        /// Of percentiles above p99. Above 0. Default 20%.
        p999: Option<At<Fraction>>,
        /// Share of all runs whose interval holds the true value, 50% to 99.9%. Default 95%.
        confidence: Option<At<Fraction>>,
        /// Where the run ends in any case; results that are not precise enough then say so.
        budget: Option<BudgetSpec>,
    }
}
spec! {
    /// The most that a run may take to become precise: requests and simulated time, never wall time.
    BudgetSpec as "budget" {
        /// Requests, of all replications together, at least 1. Default 50,000,000.
        requests: Option<At<u64>>,
        /// Simulated time of each replication. Default unlimited.
        time: Option<At<Span>>,
    }
}

impl PrecisionSpec {
    /// With the defaults filled in.
    pub(crate) fn filled(&self) -> Precision {
        let share = |given: &Option<At<Fraction>>, default| given.as_ref().map_or(default, |given| given.value.0);
        let budget = self.budget.as_ref();
        Precision {
            mean: share(&self.mean, 0.05),
            p50: share(&self.p50, 0.05),
            p95: share(&self.p95, 0.05),
            p99: share(&self.p99, 0.1),
            p999: share(&self.p999, 0.2),
            requests: budget.and_then(|b| b.requests.as_ref()).map_or(50_000_000, |requests| requests.value),
            time: budget.and_then(|b| b.time.as_ref()).map_or(Time::MAX, |time| time.value.0),
        }
    }
}

spec! {
    /// The long form of a service level objective.
    SloArgs as "an SLO" {
        /// What must hold: `"users.goodput > 1050/s"`.
        check: At<String>,
        /// The window it must hold in: `("4m", "6m")`. Default the whole study.
        during: Option<At<(Span, Span)>>,
        /// A name for reports.
        name: Option<String>,
    }
}

/// How much of the start is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Warmup {
    /// The default.
    Auto,
    /// So much.
    Fixed(Span),
}

impl<'de> Deserialize<'de> for Warmup {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Warmup;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(r#"a duration (write "30s", "2m") or "auto""#)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Warmup, E> {
                match text.trim() {
                    "auto" => Ok(Warmup::Auto),
                    _ => Span::deserialize(de::value::StrDeserializer::new(text)).map(Warmup::Fixed),
                }
            }
            fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<Warmup, A::Error> {
                #[derive(serde::Deserialize)]
                #[serde(rename = "a warm-up")]
                enum Word {
                    #[serde(alias = "auto")]
                    Auto,
                }
                let Word::Auto = Word::deserialize(de::value::EnumAccessDeserializer::new(data))?;
                Ok(Warmup::Auto)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

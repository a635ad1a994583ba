//! The model: a scenario as meant. Names are resolved, units converted, every problem found; it can be sent to any thread.

use crate::load_table::LoadTable;
use crate::metric::Catalogue;
use archsim_core::Time;
use archsim_models::{Plan, Setup};
use std::sync::Arc;

/// A checked scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// What it is about, in a sentence or two; may be empty.
    pub about: String,
    /// The text as run, with all overrides applied.
    pub text: String,
    /// Names and specs.
    pub setup: Setup,
    /// The compiled tables.
    pub plan: Arc<Plan>,
    /// Names of the key spaces, in the order of the plan.
    pub spaces: Arc<Vec<String>>,
    /// Every metric by name.
    pub catalogue: Arc<Catalogue>,
    /// How long, how often, which seed.
    pub run: RunSettings,
    /// Whether things change over time (a fault, a changing load, an SLO with `during`): fixed duration, nothing removed.
    pub terminating: bool,
    /// What must hold.
    pub slos: Vec<Slo>,
    /// Faults for tables and charts.
    pub faults: Vec<FaultWindow>,
    /// What the plan says before anything runs.
    pub load: LoadTable,
}

/// The `run` section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunSettings {
    /// Simulated time. Default 5 minutes.
    pub duration: Time,
    /// Start that is left out of every steady-state metric. Default a tenth of the duration; 0 in a terminating study.
    pub warmup: Time,
    /// Independent repetitions. Default 5.
    pub replications: u32,
    /// Seed of all random numbers. Default 1.
    pub seed: u64,
    /// Requests in flight at which a run ends with a verdict. Default 1,000,000.
    pub max_in_flight: u64,
}

/// A service level objective: a metric, a comparison, a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// The text as written: "shoppers.checkout.p99 < 300ms".
    pub text: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Index of the metric in the catalogue, see [`Catalogue::find`].
    pub metric: crate::metric::Metric,
    /// The comparison.
    pub comparison: Comparison,
    /// The limit in the metric's unit.
    pub limit: f64,
    /// The limit as written: "300ms".
    pub limit_text: String,
    /// The window it holds for; the whole study without.
    pub during: Option<(Time, Time)>,
}

/// How a metric is compared with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether a value meets the limit.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Comparison::Below => value < limit,
            Comparison::AtMost => value <= limit,
            Comparison::Above => value > limit,
            Comparison::AtLeast => value >= limit,
        }
    }
    /// As written.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Below => "<",
            Comparison::AtMost => "<=",
            Comparison::Above => ">",
            Comparison::AtLeast => ">=",
        }
    }
}

/// A fault's window, for tables and charts.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultWindow {
    /// "pricing 10x slower".
    pub label: String,
    /// From.
    pub start: Time,
    /// To; the end of the run without.
    pub end: Option<Time>,
}

//! Theory beside the simulation: what queueing theory says about a scenario, where it says anything.
//!
//! A simulator is trusted when its numbers agree with results that were proved; and a reader learns where those results
//! stop. Formulas stand in [`formula`], each with its source; they take and give seconds and rates per second, or any other
//! unit of time as long as it is the same everywhere. Which of them holds is found by looking at the checked scenario; where
//! none does, the reason is told.

mod compare;
pub mod formula;
pub mod numeric;
mod recognise;

pub use compare::{Agreement, Comparison, Comparisons, compare};

use crate::model::Model;
use serde::Serialize;

/// How far a number of theory is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Proved for this very model.
    Exact,
    /// A formula that is known to be near.
    Approximation,
    /// Nothing can be above it.
    UpperBound,
    /// Nothing can be below it.
    LowerBound,
    /// Proved for infinitely many servers.
    Limit,
}

impl Quality {
    /// As in tables.
    pub fn name(self) -> &'static str {
        match self {
            Quality::Exact => "exact",
            Quality::Approximation => "approximation",
            Quality::UpperBound => "upper bound",
            Quality::LowerBound => "lower bound",
            Quality::Limit => "limit of many servers",
        }
    }
}

/// A number that theory gives.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// The metric: "users.mean".
    pub metric: String,
    /// Its value, in the unit of the metric.
    pub value: f64,
    /// How far it is to be believed.
    pub quality: Quality,
    /// The law: "M/M/1".
    pub law: String,
    /// Who proved it.
    pub source: &'static str,
}

/// Something without a formula.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unsolved {
    /// A component, a source, an edge, or "the whole".
    pub of: String,
    /// Why.
    pub why: String,
}

/// What theory says about a scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Theory {
    /// Components and sources with the law that each follows.
    pub laws: Vec<(String, String)>,
    /// Numbers.
    pub predictions: Vec<Prediction>,
    /// What has no formula.
    pub unsolved: Vec<Unsolved>,
}

impl Theory {
    /// What theory says about a model; silent where an assumption of a formula does not hold.
    pub fn new(model: &Model) -> Self {
        recognise::predict(model)
    }

    /// The prediction of a metric.
    pub fn get(&self, metric: &str) -> Option<&Prediction> {
        self.predictions.iter().find(|prediction| prediction.metric == metric)
    }
}

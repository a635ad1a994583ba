//! The ledger of a scenario: what of the real system is in the model, what is not and which way that bends the answer, and which
//! numbers nobody gave.
//!
//! It follows from the file alone: two files with the same text have the same ledger, whatever a run of them gives.

mod assumed;
mod left_out;
mod modelled;

use crate::model::Model;
use archsim_models::plan::EdgePlan;
use archsim_models::spec::{EdgeSpec, Step};
use archsim_models::{Kind, Setup};
use serde::Serialize;

/// What an answer rests on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ledger {
    /// Mechanisms of the real system that the run contains, one phrase each.
    pub modelled: Vec<Entry>,
    /// What the run does not contain, with the way it bends the answer.
    pub left_out: Vec<Omission>,
    /// Numbers and rules that the file does not give.
    pub assumed: Vec<Assumption>,
}

/// Something with the places it concerns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// What, as a phrase: "time-outs".
    pub what: String,
    /// Components or edges; empty if it concerns everything.
    pub places: Vec<String>,
}

/// Which way something that is left out bends the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bias {
    /// The real system does worse than the model.
    Optimistic,
    /// The real system does better than the model.
    Pessimistic,
    /// It depends on what the real system does.
    Either,
}

/// Something that is not in the model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Omission {
    /// What, and where.
    #[serde(flatten)]
    pub entry: Entry,
    /// Which way it bends the answer.
    pub bias: Bias,
    /// Which numbers it concerns, and when: "latency, most in the tail".
    pub concerns: &'static str,
}

/// A number or rule that the file does not give.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assumption {
    /// What, and where.
    #[serde(flatten)]
    pub entry: Entry,
    /// Where the number or rule comes from; `None`: it is an assumption of ours.
    pub source: Option<String>,
}

/// The ledger of a model.
pub fn ledger(model: &Model) -> Ledger {
    Ledger {
        modelled: modelled::modelled(model),
        left_out: left_out::left_out(model),
        assumed: assumed::assumed(model),
    }
}

impl Entry {
    fn everywhere(what: impl Into<String>) -> Entry {
        Entry { what: what.into(), places: vec![] }
    }

    /// An entry if there is any place for it.
    fn at(what: impl Into<String>, places: Vec<String>) -> Option<Entry> {
        (!places.is_empty()).then(|| Entry { what: what.into(), places })
    }
}

/// Names of the components for which something holds.
fn components(setup: &Setup, holds: impl Fn(&Kind) -> bool) -> Vec<String> {
    setup.components.iter().filter(|(_, kind)| holds(kind)).map(|(name, _)| name.clone()).collect()
}

/// Whether the steps of a component have one of a kind.
fn has_step(kind: &Kind, wanted: impl Fn(&Step) -> bool) -> bool {
    let mut found = false;
    kind.programs().into_iter().for_each(|steps| steps.visit(&mut |step| found |= wanted(&step.value)));
    found
}

/// Whether the steps of a component ask for its own cores.
fn computes(kind: &Kind) -> bool {
    has_step(kind, |step| matches!(step, Step::Compute(_)))
}

/// Names of the edges for which something holds; an edge from a traffic source has the source's own patience and retries.
fn edges(model: &Model, holds: impl Fn(&EdgePlan, &EdgeSpec) -> bool) -> Vec<String> {
    let spec = |edge: &EdgePlan| {
        let (caller, callee) = edge.name.split_once(" -> ").unwrap_or((&edge.name, ""));
        model.setup.edge(caller, callee)
    };
    model.plan.edges.iter().filter(|edge| holds(edge, &spec(edge))).map(|edge| edge.name.clone()).collect()
}

#[cfg(test)]
mod tests;

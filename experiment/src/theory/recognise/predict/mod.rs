//! What the recognised laws say about the metrics of a report.

mod cache;
mod closed;
mod component;
mod open;

use super::problem::Problem;
use super::stations::Flow;
use super::walk::{Known, Walk, Way, is_independent};
use crate::model::Model;
use crate::theory::{Prediction, Quality, Theory, Unsolved};
use archsim_core::Dist;
use archsim_models::compile::target;
use archsim_models::spec::traffic::{ArrivalsSpec, OpenArgs};
use archsim_models::spec::{LoadSpec, TrafficSpec};
use std::collections::BTreeMap;

/// A kind of request: its name in metrics and its way.
struct Class {
    name: String,
    rate: f64,
    share: f64,
    way: Way,
}

/// What theory says about a scenario.
pub(crate) fn predict(model: &Model) -> Theory {
    let mut theory = Theory::default();
    if model.terminating {
        theory.unsolved("the whole", "something changes over time, and the formulas are about the steady state");
        return theory;
    }
    if !model.setup.faults.is_empty() {
        theory.unsolved("the whole", "there are faults, and the formulas are about what never fails");
        return theory;
    }
    match model.setup.traffic.as_slice() {
        [(name, TrafficSpec::Closed(source))] => closed::predict(model, name, source, &mut theory),
        _ => open::predict(model, &mut theory),
    }
    cache::predict(model, &mut theory);
    theory
}

impl Theory {
    fn unsolved(&mut self, of: &str, why: impl Into<String>) {
        let found = Unsolved { of: of.to_owned(), why: why.into() };
        if !self.unsolved.iter().any(|other| other.of == found.of) {
            self.unsolved.push(found);
        }
    }

    fn add(&mut self, metric: String, value: f64, quality: Quality, law: &str, source: &'static str) {
        if value.is_finite() {
            self.predictions.push(Prediction { metric, value, quality, law: law.to_owned(), source });
        }
    }
}

/// How an open source sends, if its arrivals have a law that is known.
fn flow(source: &OpenArgs) -> Result<(f64, Flow), &'static str> {
    // Every field is named, so that a new one has to be decided about.
    let OpenArgs { to: _, rate, arrivals, mix: _, timeout, retry, priority: _, request: _, response: _, batch } =
        source;
    if timeout.is_some() || retry.is_some() {
        return Err("its users give up or try again");
    }
    let LoadSpec::Constant(rate) = &rate.value else { return Err("its rate changes over time") };
    if rate.0 <= 0.0 {
        return Err("it sends nothing");
    }
    let gap = match (arrivals, batch) {
        (None | Some(ArrivalsSpec::Poisson), None) => return Ok((rate.0, Flow::Poisson)),
        (None | Some(ArrivalsSpec::Poisson), Some(batch)) => return Ok((rate.0, Flow::Batches(batch.value.clone()))),
        (_, Some(_)) => return Err("its batches do not come by a Poisson process"),
        (Some(ArrivalsSpec::Deterministic), None) => Dist::Constant(1.0),
        (Some(ArrivalsSpec::Renewal(args)), None) => args.gap.0.clone(),
    };
    let factor = 1.0 / (rate.0 * gap.mean());
    if !factor.is_finite() || !is_independent(&gap) {
        return Err("its gaps have no mean, or are not independent");
    }
    Ok((rate.0, Flow::Renewal(gap.scaled(factor))))
}

/// Follows all sources; what comes of it are stations, and the classes of each source.
fn walk(model: &Model, known: BTreeMap<usize, Known>) -> (Walk<'_>, Vec<Class>) {
    let mut walk = Walk::new(&model.setup, known);
    let mut classes = Vec::new();
    for (name, spec) in &model.setup.traffic {
        let common = spec.common();
        let (component, operation) = target(&common.to.value);
        let sends = match spec {
            TrafficSpec::Open(source) => flow(source),
            TrafficSpec::Closed(_) => Ok((1.0, Flow::Poisson)),
        };
        let at = model.setup.component(component);
        let (rate, flow) = sends.clone().unwrap_or_else(|why| {
            walk.add_problem(Problem { of: name.clone(), why: why.to_owned(), at, fails: None });
            (0.0, Flow::Unknown(format!("its arrivals from `{name}` have no known law: {why}")))
        });
        let mix: Vec<(String, &str, f64, u8)> = match common.mix {
            None => vec![(name.clone(), operation, 1.0, common.priority)],
            Some(mix) => {
                let entries = mix.0.iter().map(|(op, entry)| {
                    let priority = entry.priority.unwrap_or(common.priority);
                    (format!("{name}.{}", op.value), op.value.as_str(), entry.weight, priority)
                });
                entries.collect()
            }
        };
        let total: f64 = mix.iter().map(|(_, _, weight, _)| weight).sum();
        for (class, operation, weight, priority) in mix.into_iter().filter(|(_, _, weight, _)| *weight > 0.0) {
            let share = weight / total;
            let whole = share == 1.0 || flow == Flow::Poisson;
            let part =
                if whole { flow.clone() } else { Flow::Unknown("regular arrivals are split by operation".into()) };
            let mut way = walk.follow(name, (rate * share, priority), part, component, operation);
            way.sound &= sends.is_ok();
            classes.push(Class { name: class, rate: rate * share, share, way });
        }
    }
    walk.finish();
    (walk, classes)
}

/// What a first walk tells of each station.
fn known(first: &Walk<'_>) -> BTreeMap<usize, Known> {
    let of =
        |station: &super::stations::Station| Known { passes: station.passes_poisson_on(), stable: station.is_stable() };
    first.stations.iter().map(|(index, station)| (*index, of(station))).collect()
}

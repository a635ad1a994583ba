//! Who is held up by a queue that grows: what itself becomes more and more.

use super::growth::{Growing, Place};
use crate::model::Model;
use crate::run::Replication;
use archsim_models::world::Row;

/// As many more than expected may be chance.
const CHANCE: f64 = 2.0;

/// Components and classes that wait for what grows.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldUp {
    pub(super) components: Vec<bool>,
    /// Components of which only some instances grow, and these.
    pub(super) some: Vec<(usize, Vec<usize>)>,
    pub(super) classes: Vec<bool>,
    /// Edges whose connections are waited for.
    pub(super) edges: Vec<bool>,
    /// Classes that get to what grows although it does not hold them up.
    pub(super) passing: Vec<bool>,
}

impl HeldUp {
    /// Whether an instance of a component is.
    pub(super) fn is_instance(&self, component: usize, instance: usize) -> bool {
        let some = self.some.iter().find(|(index, _)| *index == component);
        self.components[component] && some.is_none_or(|(_, instances)| instances.contains(&instance))
    }

    /// Everything is.
    pub(super) fn everything(model: &Model) -> Self {
        let all = |count: usize| vec![true; count];
        HeldUp {
            components: all(model.plan.components.len()),
            some: vec![],
            classes: all(model.plan.classes.len()),
            edges: all(model.plan.edges.len()),
            passing: vec![],
        }
    }
}

/// Whether a level clearly does not grow, by its values in the batches of all replications. What grows in proportion to time is on
/// average three times as much in the second half of a run as in the first, less where the record begins after a warm-up; what has a
/// steady state, once. The middle between the two decides.
fn is_steady(replications: &[Replication], levels: &dyn Fn(&Replication) -> Vec<f64>) -> bool {
    let (mut first, mut second, mut early, mut late, mut halves) = (0.0, 0.0, 0.0, 0.0, 0);
    for replication in replications {
        let levels = levels(replication);
        let batches = replication.record.batches();
        let half = levels.len() / 2;
        halves += half;
        first += levels[..half].iter().sum::<f64>();
        second += levels[levels.len() - half..].iter().sum::<f64>();
        let middle = |row: &Row| 0.5 * (row.start.as_secs_f64() + row.end.as_secs_f64());
        early += batches[..half].iter().map(middle).sum::<f64>();
        late += batches[batches.len() - half..].iter().map(middle).sum::<f64>();
    }
    halves >= 2 && second <= 0.5 * (1.0 + late / early) * first + CHANCE
}

/// Requests of a class in flight: in the middle of each batch, as the mean of its ends.
fn in_flight(replication: &Replication, class: usize) -> Vec<f64> {
    let batches = replication.record.batches();
    let grown = |row: &Row| row.classes.get(class).map_or(0, |class| class.grown);
    let mut after = replication.measured.waiting.classes[class] as i64;
    let middle = |row: &Row| {
        let before = after - grown(row);
        let middle = 0.5 * (before + after) as f64;
        after = before;
        middle
    };
    let mut levels: Vec<f64> = batches.iter().rev().map(middle).collect();
    levels.reverse();
    levels
}

/// Attempts inside a component: the mean of each batch.
fn inside(replication: &Replication, component: usize) -> Vec<f64> {
    let mean = |row: &Row| row.components.get(component).map_or(0.0, |c| c.inside as f64 * 1e-9 / row.seconds());
    replication.record.batches().iter().map(mean).collect()
}

/// Marks those who wait for what grows. What calls it may be held up, and so on up to the users; of these, whatever does not itself
/// become more is not: a class with precedence, steps that go on by themselves, traffic of other shards.
pub(super) fn held_up(model: &Model, replications: &[Replication], growing: &[Growing]) -> HeldUp {
    let (components, sources) = (model.plan.components.len(), model.plan.sources.len());
    let mut reached = vec![false; components + sources];
    let mut own = vec![false; components];
    let mut edges = vec![false; model.plan.edges.len()];
    for one in growing {
        match &one.place {
            Place::Component(index, _) => (reached[*index], own[*index]) = (true, true),
            Place::Pool(edge) => {
                edges[*edge] = true;
                reached[model.plan.edges[*edge].caller as usize] = true;
            }
        }
    }
    loop {
        let before = reached.iter().filter(|r| **r).count();
        for edge in &model.plan.edges {
            let waits = model.plan.components[edge.callee as usize].kind != "Broker";
            if waits && reached[edge.callee as usize] {
                reached[edge.caller as usize] = true;
            }
        }
        if reached.iter().filter(|r| **r).count() == before {
            break;
        }
    }
    let component = |index: usize| {
        own[index] || reached[index] && !is_steady(replications, &|replication| inside(replication, index))
    };
    let classes = || model.plan.classes.iter().enumerate().map(|(index, class)| (index, class.source as usize));
    let steady = |class: usize| is_steady(replications, &|replication| in_flight(replication, class));
    let reach: Vec<(bool, bool)> = classes().map(|(i, source)| (reached[components + source], steady(i))).collect();
    let some = growing.iter().filter_map(|one| match &one.place {
        Place::Component(index, instances) if !instances.is_empty() => Some((*index, instances.clone())),
        _ => None,
    });
    HeldUp {
        some: some.collect(),
        components: (0..components).map(component).collect(),
        classes: reach.iter().map(|(reached, steady)| *reached && !steady).collect(),
        edges,
        passing: reach.iter().map(|(reached, steady)| *reached && *steady).collect(),
    }
}

//! What stands against formulas, and how far it reaches.

use crate::load_table::calls::{Calls, Hits};
use archsim_models::Setup;
use std::collections::BTreeSet;

/// Something in a scenario that no formula covers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    /// Component, edge or source.
    pub(crate) of: String,
    /// Why.
    pub(crate) why: String,
    /// Component from which on requests may come otherwise than by the formulas.
    pub(crate) at: Option<usize>,
    /// Component whose requests may fail by it.
    pub(crate) fails: Option<usize>,
}

/// Which components call which, directly or not.
pub(crate) struct Reach {
    reached: Vec<BTreeSet<usize>>,
}

impl Reach {
    pub(crate) fn new(setup: &Setup) -> Self {
        let graph = Calls::new(setup, &Hits::new()).graph;
        let mut calls = vec![BTreeSet::new(); setup.components.len()];
        for edge in graph.edge_indices() {
            if let Some((from, to)) = graph.edge_endpoints(edge) {
                calls[graph[from].component].insert(graph[to].component);
            }
        }
        let reached = |start: usize| {
            let (mut found, mut open) = (BTreeSet::from([start]), vec![start]);
            while let Some(next) = open.pop() {
                open.extend(calls[next].iter().filter(|to| found.insert(**to)));
            }
            found
        };
        Reach { reached: (0..calls.len()).map(reached).collect() }
    }

    /// Whether requests at a component may come to another (or are there).
    pub(crate) fn reaches(&self, from: usize, to: usize) -> bool {
        self.reached[from].contains(&to)
    }

    /// Whether requests come to a component otherwise than by the formulas.
    pub(crate) fn disturbs(&self, problems: &[Problem], component: usize) -> bool {
        problems.iter().filter_map(|problem| problem.at).any(|at| self.reaches(at, component))
    }

    /// Whether requests at a component may fail elsewhere, by a problem or at a station that loses some: times of those that do not
    /// are other times.
    pub(crate) fn fails(&self, problems: &[Problem], lossy: &[usize], component: usize) -> bool {
        let elsewhere = lossy.iter().filter(|at| **at != component);
        problems
            .iter()
            .filter_map(|problem| problem.fails.as_ref())
            .chain(elsewhere)
            .any(|at| self.reaches(component, *at))
    }
}

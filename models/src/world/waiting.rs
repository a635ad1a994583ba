//! Who waits at the end of a row: what grows from row to row without end has no steady state.

use super::row::{ClassRow, ComponentRow, EdgeRow};
use super::{Body, Instance, station};
use crate::plan::*;

/// Numbers at an instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waiting {
    /// For each component the attempts in its queues: for each instance, or for all together where utilisation is not kept per instance.
    pub components: Vec<Vec<u64>>,
    /// For each edge the calls that wait for a connection.
    pub edges: Vec<u64>,
    /// For each class the requests in flight.
    pub classes: Vec<u64>,
}

fn more(now: u64, before: Option<&u64>) -> i64 {
    now as i64 - before.map_or(0, |before| *before as i64)
}

impl Waiting {
    /// Writes down in the rows that end here how much more it has become since the rows before them ended.
    pub(super) fn note(
        &self,
        before: &Waiting,
        components: &mut [ComponentRow],
        classes: &mut [ClassRow],
        edges: &mut [EdgeRow],
    ) {
        for (index, (row, now)) in components.iter_mut().zip(&self.components).enumerate() {
            let before = before.components.get(index);
            row.grown = (0..now.len()).map(|i| more(now[i], before.and_then(|before| before.get(i)))).collect();
        }
        for (index, (row, now)) in classes.iter_mut().zip(&self.classes).enumerate() {
            row.grown = more(*now, before.classes.get(index));
        }
        for (index, (row, now)) in edges.iter_mut().zip(&self.edges).enumerate() {
            row.grown = more(*now, before.edges.get(index));
        }
    }
}

impl Body {
    /// Who waits now; the classes are left out.
    pub(super) fn waiting(&self, plan: &Plan) -> Waiting {
        let component = |component: &ComponentPlan| {
            let instances = component.first_instance..component.first_instance + component.instances;
            let each = instances.map(|instance| self.queued(instance));
            if component.per_instance { each.collect() } else { vec![each.sum()] }
        };
        let edge = |edge: &EdgePlan| {
            let callers = plan.components.get(edge.caller as usize).map_or(1, |caller| caller.instances);
            let pools = if edge.first_pool == NONE { 0..0 } else { edge.first_pool..edge.first_pool + callers };
            pools.map(|pool| u64::from(self.stations[pool].queued)).sum()
        };
        Waiting {
            components: plan.components.iter().map(component).collect(),
            edges: plan.edges.iter().map(edge).collect(),
            classes: vec![],
        }
    }

    /// Attempts that wait in the queues of an instance.
    fn queued(&self, instance: u32) -> u64 {
        let Instance { cores, slots, limit, .. } = self.instances[instance];
        let limited = self.limiters.get(limit as usize).map_or(0, |limiter| u64::from(limiter.waiting));
        let at = |station: u32| if station == NONE { 0 } else { u64::from(self.stations[station].queued) };
        // Those who share all servers do not queue, but more than the servers are too many all the same.
        let sharing = &self.stations[cores];
        let shared = self.shared.get(sharing.extra as usize).filter(|_| sharing.order == station::Order::Sharing);
        limited + at(cores) + at(slots) + shared.map_or(0, |s| u64::from(s.present.saturating_sub(sharing.servers)))
    }
}

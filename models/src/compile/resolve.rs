//! What can be found only when all components are there: operations, targets, spaces of caches.

use super::{Compiler, WaitingGroup, target};
use crate::plan::*;

impl Compiler<'_> {
    pub(super) fn find_operation(&self, component: u32, name: &str) -> u32 {
        let mut own = self.plan.operations.iter().enumerate().filter(|(_, o)| o.component == component);
        let found = own.find(|(_, o)| o.name == name || name.is_empty());
        found.unwrap_or_else(|| panic!("operation `{name}` of component {component} is checked before")).0 as u32
    }

    /// Calls and groups find their operations now that all components are there.
    pub(super) fn resolve(&mut self) {
        for (call, to) in std::mem::take(&mut self.waiting_calls) {
            let (component, operation) = target(&to);
            self.plan.calls[call as usize].operation = self.find_operation(self.names[component], operation);
        }
        for group in std::mem::take(&mut self.waiting_groups) {
            self.resolve_group(&group);
        }
        for edge in 0..self.plan.edges.len() {
            self.resolve_edge_balancers(edge);
        }
        for (component, spaces) in std::mem::take(&mut self.cache_spaces) {
            let total: f64 = spaces.values().sum();
            if let Some(cache) = self.plan.caches.iter_mut().find(|c| c.component == component) {
                cache.spaces = spaces.into_iter().map(|(space, n)| (space, n / total)).collect();
            }
        }
    }

    pub(super) fn resolve_group(&mut self, group: &WaitingGroup) {
        self.current = group.component;
        let (mut targets, mut slot) = (vec![], 0);
        for (name, weight) in &group.targets {
            let callee = self.names[name];
            let (operation, edge) = (self.find_operation(callee, &group.operation), self.edge(group.component, callee));
            match self.plan.operations[operation as usize].route {
                Route::Replicas { first, count } => {
                    for instance in first..first + count {
                        targets.push(TargetPlan { instance, operation, edge, weight: *weight, slot });
                        slot += 1;
                    }
                }
                _ => {
                    targets.push(TargetPlan { instance: NONE, operation, edge, weight: *weight, slot });
                    slot += 1;
                }
            }
        }
        let balancer = &mut self.plan.balancers[group.balancer as usize];
        balancer.targets = targets;
    }

    pub(super) fn resolve_edge_balancers(&mut self, edge: usize) {
        let EdgePlan { first_balancer, callee, caller, .. } = self.plan.edges[edge];
        if first_balancer == NONE {
            return;
        }
        let component = &self.plan.components[callee as usize];
        let (first, count) = (component.first_instance, component.instances);
        let target =
            |slot| TargetPlan { instance: first + slot, operation: NONE, edge: edge as u32, weight: 1.0, slot };
        let targets: Vec<TargetPlan> = (0..count).map(target).collect();
        let callers = self.plan.components.get(caller as usize).map_or(1, |c| c.instances);
        for balancer in first_balancer..first_balancer + callers {
            let plan = &mut self.plan.balancers[balancer as usize];
            plan.targets = targets.clone();
        }
    }
}

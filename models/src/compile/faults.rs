//! Faults as changes at instants.

use super::Compiler;
use crate::kind::Kind;
use crate::plan::*;
use crate::spec::FaultSpec;

impl Compiler<'_> {
    pub(super) fn faults(&mut self) {
        for fault in &self.setup.faults {
            let (start, end) = fault.window();
            let push = |plan: &mut Plan, on: ChangeKind, off: Option<ChangeKind>| {
                plan.changes.push(Change { at: start.0, what: on });
                if let (Some(end), Some(off)) = (end, off) {
                    plan.changes.push(Change { at: end.0, what: off });
                }
            };
            let span = |plan: &Plan, name: &str, instances: Option<u32>| {
                let component = &plan.components[self.names[name] as usize];
                (component.first_instance, instances.unwrap_or(component.instances).min(component.instances))
            };
            match fault {
                FaultSpec::Slow(a) => {
                    let (first, count) = span(&self.plan, &a.target.value, a.instances.as_ref().map(|i| i.value));
                    let speed = |factor| ChangeKind::Speed { first, count, factor };
                    push(&mut self.plan, speed(1.0 / a.factor.value), Some(speed(a.factor.value)));
                }
                FaultSpec::Crash(a) => {
                    let (first, count) = span(&self.plan, &a.target.value, a.instances.as_ref().map(|i| i.value));
                    let down = ChangeKind::Down { first, count, silent: a.silent.unwrap_or(false) };
                    push(&mut self.plan, down, Some(ChangeKind::Up { first, count }));
                }
                FaultSpec::Pause(a) => {
                    let (first, count) = span(&self.plan, &a.target.value, a.instances.as_ref().map(|i| i.value));
                    push(&mut self.plan, ChangeKind::Pause { first, count }, Some(ChangeKind::Resume { first, count }));
                }
                FaultSpec::Failures(a) => {
                    let (first, count) = span(&self.plan, &a.target.value, a.instances.as_ref().map(|i| i.value));
                    let component = self.names[&a.target.value];
                    if let Some(need) = &a.need {
                        self.plan.components[component as usize].need = need.value;
                    }
                    let laws = &mut self.plan.dists;
                    laws.extend([a.up.value.0.clone(), a.down.value.0.clone()]);
                    let (up, down) = (laws.len() as u32 - 2, laws.len() as u32 - 1);
                    let silent = a.silent.unwrap_or(false);
                    let failover = a.failover.as_ref().map_or(NONE, |failover| {
                        laws.push(failover.value.0.clone());
                        laws.len() as u32 - 1
                    });
                    let copies = match &self.setup.components[component as usize].1 {
                        Kind::Database(database) => database.replica_count() + 1,
                        _ => 1,
                    };
                    if failover != NONE {
                        self.plan.components[component as usize].primaries = copies;
                    }
                    let repairers = a.repairers.as_ref().map_or(u32::MAX, |r| r.value);
                    let of = FailuresPlan { first, count, up, down, silent, failover, copies, repairers };
                    self.plan.failures.push(of);
                }
                FaultSpec::Flush(a) => {
                    let component = self.names[&a.target.value];
                    if let Some(cache) = self.plan.caches.iter().position(|c| c.component == component) {
                        push(&mut self.plan, ChangeKind::Flush { cache: cache as u32 }, None);
                    }
                }
                FaultSpec::Edge(a) => {
                    let fits = |pattern: &str, name: &str| pattern == "*" || pattern == name;
                    let (from, to) = a.edge.value.split_once("->").map_or(("", ""), |(f, t)| (f.trim(), t.trim()));
                    let named = |e: &&mut EdgePlan| {
                        e.name.split_once(" -> ").is_some_and(|(f, t)| fits(from, f) && fits(to, t))
                    };
                    self.plan.edges.iter_mut().filter(named).for_each(|e| (e.disturbed, e.plain) = (true, false));
                    let edges: Vec<u32> = self
                        .plan
                        .edges
                        .iter()
                        .enumerate()
                        .filter(|(_, e)| e.name.split_once(" -> ").is_some_and(|(f, t)| fits(from, f) && fits(to, t)))
                        .map(|(i, _)| i as u32)
                        .collect();
                    let latency = match &a.latency {
                        Some(latency) => {
                            self.plan.dists.push(latency.0.clone());
                            self.plan.dists.len() as u32 - 1
                        }
                        None => NONE,
                    };
                    let loss = a.loss.map_or(0.0, |l| l.0);
                    let calm = ChangeKind::Calm { edges: edges.clone() };
                    push(&mut self.plan, ChangeKind::Disturb { edges, latency, loss }, Some(calm));
                }
                FaultSpec::Spike(_) => {}
            }
        }
        self.plan.changes.sort_by_key(|change| change.at);
    }
}

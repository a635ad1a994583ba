//! Which operations are asked of each component.

use super::{Setup, target};
use crate::kind::Kind;
use crate::spec::Step;
use std::collections::BTreeSet;

/// The operations that callers ask of each component, with those that balancers pass on.
pub fn asked(setup: &Setup) -> Vec<BTreeSet<String>> {
    let mut asked = vec![BTreeSet::new(); setup.components.len()];
    let mut open: Vec<(usize, String)> = vec![];
    let ask = |open: &mut Vec<(usize, String)>, to: &str| {
        let (component, operation) = target(to);
        if let Some(index) = setup.component(component) {
            open.push((index, operation.to_string()));
        }
    };
    for (_, kind) in &setup.components {
        for steps in kind.programs() {
            steps.visit(&mut |step| match &step.value {
                Step::Call(a) => ask(&mut open, &a.to.value),
                Step::Publish(a) => ask(&mut open, &a.to.value),
                _ => {}
            });
        }
    }
    for (_, traffic) in &setup.traffic {
        let common = traffic.common();
        match common.mix {
            Some(mix) => mix.keys().for_each(|op| ask(&mut open, &format!("{}.{op}", target(&common.to.value).0))),
            None => ask(&mut open, &common.to.value),
        }
    }
    while let Some((index, operation)) = open.pop() {
        if !asked[index].insert(operation.clone()) {
            continue;
        }
        if let Kind::LoadBalancer(balancer) = &setup.components[index].1 {
            for to in balancer.targets_of(&operation) {
                if let Some(next) = setup.component(&to.value) {
                    open.push((next, operation.clone()));
                }
            }
        }
    }
    asked
}

//! Closed traffic whose requests can end at the instant they begin: simulated time would stand still.

use super::context::Check;
use crate::load_table::calls::{Calls, Hits};
use crate::load_table::times::Times;
use archsim_models::spec::{FaultSpec, TrafficSpec};
use archsim_models::{Kind, Setup};
use petgraph::graph::NodeIndex;
use std::collections::BTreeSet;

/// Users who do not think and whose requests may take no time at all would send for ever at one instant.
pub(super) fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    let hits = Hits::new();
    let times = Times::new(&check.setup, &check.calls, &hits);
    for (source, (name, spec)) in check.setup.traffic.iter().enumerate() {
        let TrafficSpec::Closed(closed) = spec else { continue };
        if closed.think.as_ref().is_some_and(|think| think.0.mean() > 0.0) {
            continue;
        }
        for (node, _) in &check.calls.sources[source] {
            let callee = &check.setup.components[check.calls.graph[*node].component].0;
            if times.of_request(source, *node) <= 0.0 {
                found.push((
                    name.clone(),
                    format!("requests to `{callee}` take no time, and the users of `{name}` do not think"),
                ));
            } else if let Some(refusing) = refused_at_once(check, name, *node, closed.users.value) {
                let message =
                    format!("`{refusing}` may refuse requests at once, and the users of `{name}` do not think");
                found.push((name.clone(), message));
            }
        }
    }
    found.dedup();
    for (name, message) in found {
        let span = check.opening("traffic", &name);
        let finding =
            archsim_language::Diagnostic::error("impossible-value", format!("{message}: time would stand still"), span);
        check.push(finding.with_help("give the users a pause, for example think: \"1ms\", or the edge a latency"));
    }
}

fn latency(setup: &Setup, caller: &str, callee: &str) -> bool {
    setup.edge(caller, callee).latency.is_some_and(|latency| latency.0.mean() > 0.0)
}

/// A component that may refuse and that is reached without delay: through balancers and services that compute nothing.
fn refused_at_once(check: &Check<'_>, source: &str, node: NodeIndex, users: u32) -> Option<String> {
    let calls: &Calls = &check.calls;
    let (mut open, mut seen) = (vec![(source.to_owned(), node)], BTreeSet::new());
    while let Some((caller, node)) = open.pop() {
        let (name, kind) = &check.setup.components[calls.graph[node].component];
        if !seen.insert(node) {
            continue;
        }
        // An open breaker refuses before anything travels.
        if check.setup.edge(&caller, name).breaker.is_some() {
            return Some(name.clone());
        }
        if latency(&check.setup, &caller, name) {
            continue;
        }
        if refuses(kind, users) || crashes(check, name) {
            return Some(name.clone());
        }
        let delays = match kind {
            Kind::LoadBalancer(balancer) => balancer.time.is_some(),
            _ => calls.graph[node].compute > 0.0,
        };
        if !delays {
            open.extend(calls.graph.neighbors(node).map(|next| (name.clone(), next)));
        }
    }
    None
}

/// Whether a component can refuse one of so many requests.
fn refuses(kind: &Kind, users: u32) -> bool {
    match kind {
        Kind::External(external) => {
            external.limit.is_some() || external.concurrency.as_ref().is_some_and(|slots| slots.value < users)
        }
        Kind::LoadBalancer(balancer) => balancer.limit.is_some(),
        Kind::Service(service) => match (&service.concurrency, &service.queue) {
            _ if service.limit.is_some() => true,
            (Some(slots), Some(queue)) => u64::from(slots.value) + u64::from(queue.value) < u64::from(users),
            _ => false,
        },
        _ => false,
    }
}

fn crashes(check: &Check<'_>, name: &str) -> bool {
    check.setup.faults.iter().any(|fault| match fault {
        FaultSpec::Crash(args) => args.target.value == name && !args.silent.unwrap_or(false),
        FaultSpec::Failures(args) => args.target.value == name && !args.silent.unwrap_or(false),
        _ => false,
    })
}

//! Targets: every name that is called, looked into, published to or hit by a fault exists.

use super::context::{Check, with_nearest};
use archsim_language::{Diagnostic, nearest};
use archsim_models::Kind;
use archsim_models::compile::target;
use archsim_models::spec::{At, FaultSpec, Step, TrafficSpec};
use std::collections::BTreeSet;

/// `unknown-target`, and look-ups in caches that lack a key.
pub(super) fn check(check: &mut Check<'_>) {
    let scenario = check.scenario;
    for (name, at) in &scenario.components {
        component(check, name, &at.value);
        for steps in at.value.programs() {
            steps.visit(&mut |at| step(check, &at.value));
        }
    }
    for (_, at) in &scenario.traffic {
        traffic(check, &at.value);
    }
    for fault in &scenario.faults {
        self::fault(check, &fault.value);
    }
}

/// A component by the name in a text; says so if there is none.
fn named<'c>(check: &'c mut Check<'_>, name: &str, word: &At<String>) -> Option<&'c Kind> {
    if check.broken.contains(name) {
        return None;
    }
    let Some(index) = check.setup.component(name) else {
        let operation = target(&word.value).1;
        let names = check.component_names();
        let meant = nearest(name, names.iter().map(String::as_str)).map(|meant| match operation {
            "" => meant.to_owned(),
            _ => format!("{meant}.{operation}"),
        });
        let candidates = meant.map_or(names, |meant| vec![meant]);
        let message = format!("no component is called `{name}`");
        let finding = Diagnostic::error("unknown-target", message, word.span.clone());
        let finding = match candidates.as_slice() {
            [only] => finding.with_help(format!("did you mean `{only}`?")),
            all => with_nearest(finding, name, all),
        };
        check.push(finding);
        return None;
    };
    Some(&check.setup.components[index].1)
}

fn exists(check: &mut Check<'_>, name: &At<String>) {
    named(check, &name.value, name);
}

/// A call to `component.operation`, with a key or without.
fn call(check: &mut Check<'_>, to: &At<String>, operation: &str, has_key: bool) {
    let name = target(&to.value).0;
    if named(check, name, to).is_some() {
        reach(check, to, name, operation, has_key, &mut BTreeSet::new());
    }
}

/// Whether a component answers an operation; balancers pass it on to all their targets.
fn reach(
    check: &mut Check<'_>,
    to: &At<String>,
    name: &str,
    operation: &str,
    has_key: bool,
    seen: &mut BTreeSet<String>,
) {
    if !seen.insert(name.to_owned()) {
        return;
    }
    let Some(kind) = check.component(name).cloned() else { return };
    match &kind {
        Kind::Consumers(_) => {
            check.error(
                "unknown-target",
                format!("nobody can call `{name}`: consumers fetch their messages"),
                &to.span,
            );
        }
        Kind::LoadBalancer(balancer) => {
            let targets = balancer.targets_of(operation);
            if targets.is_empty() && balancer.routes.is_some() {
                let routes: Vec<String> = balancer.routes.iter().flat_map(|r| r.keys().map(str::to_owned)).collect();
                let message = match operation {
                    "" => format!("`{name}` routes by operation: say which"),
                    _ => format!("`{name}` has no route for `{operation}`"),
                };
                suggest(check, message, to, operation, name, &routes);
            }
            for next in targets {
                reach(check, to, &next.value, operation, has_key, seen);
            }
        }
        Kind::Cache(cache)
            if !has_key && cache.hit_ratio.is_none() && operation_exists(check, to, name, operation, &kind) =>
        {
            let message = format!("a call to `{name}` needs a key: its values are kept by key");
            let finding = Diagnostic::error("impossible-value", message, to.span.clone());
            check.push(finding.with_help("write Call(to: .., key: ..), or Get, Set, Invalidate or Cached"));
        }
        _ => {
            operation_exists(check, to, name, operation, &kind);
        }
    }
}

fn operation_exists(check: &mut Check<'_>, to: &At<String>, name: &str, operation: &str, kind: &Kind) -> bool {
    let operations: Vec<String> = kind.operations().into_iter().map(str::to_owned).collect();
    let message = match (operation, operations.len()) {
        ("", 1) => return true,
        ("", 0) => format!("`{name}` has no operations"),
        ("", _) => format!("`{name}` has several operations: say which"),
        _ if operations.iter().any(|known| known == operation) => return true,
        (_, _) if target(&to.value).0 == name => format!("`{name}` has no operation `{operation}`"),
        (_, _) => {
            format!("`{name}`, which is reached through `{}`, has no operation `{operation}`", target(&to.value).0)
        }
    };
    suggest(check, message, to, operation, target(&to.value).0, &operations);
    false
}

/// Reports a wrong operation with full targets to choose from.
fn suggest(
    check: &mut Check<'_>,
    message: String,
    to: &At<String>,
    operation: &str,
    name: &str,
    operations: &[String],
) {
    let finding = Diagnostic::error("unknown-target", message, to.span.clone());
    let meant = nearest(operation, operations.iter().map(String::as_str));
    let finding = match meant {
        Some(meant) => finding.with_help(format!("did you mean `{name}.{meant}`?")),
        None => {
            let full: Vec<String> = operations.iter().map(|operation| format!("{name}.{operation}")).collect();
            with_nearest(finding, "", &full)
        }
    };
    check.push(finding);
}

fn step(check: &mut Check<'_>, step: &Step) {
    match step {
        Step::Call(args) => {
            call(check, &args.to, target(&args.to.value).1, args.key.is_some());
            args.key.iter().for_each(|key| space(check, key));
        }
        Step::Publish(args) => {
            topic(check, &args.to, false);
            args.key.iter().for_each(|key| space(check, key));
        }
        Step::Cached(args) => {
            cache(check, &args.cache);
            space(check, &args.key);
        }
        Step::Get(args) | Step::Set(args) | Step::Invalidate(args) => {
            cache(check, &args.cache);
            space(check, &args.key);
        }
        _ => {}
    }
}

/// A key space.
fn space(check: &mut Check<'_>, key: &At<String>) {
    let known: Vec<String> = check.setup.keys.iter().map(|(name, _)| name.clone()).collect();
    if !known.contains(&key.value) && !check.broken.contains(&key.value) {
        check.unknown(format!("no key space is called `{}`", key.value), key, &known);
    }
}

fn cache(check: &mut Check<'_>, name: &At<String>) {
    let found = named(check, &name.value, name).map(Kind::name);
    if let Some(kind) = found.filter(|kind| *kind != "Cache") {
        let caches = names_of(check, "Cache");
        check.unknown(format!("`{}` is a `{kind}`, not a cache", name.value), name, &caches);
    }
}

fn names_of(check: &Check<'_>, kind: &str) -> Vec<String> {
    check.setup.components.iter().filter(|(_, k)| k.name() == kind).map(|(name, _)| name.clone()).collect()
}

/// A topic, `broker.topic`; `full` where the topic must be named even if the broker has only one.
fn topic(check: &mut Check<'_>, to: &At<String>, full: bool) {
    let (name, topic) = target(&to.value);
    let Some(kind) = named(check, name, to) else { return };
    let Kind::Broker(broker) = kind else {
        let kind = kind.name();
        let brokers = names_of(check, "Broker");
        return check.unknown(format!("`{name}` is a `{kind}`, not a broker"), to, &brokers);
    };
    let topics: Vec<String> = broker.topics.keys().map(str::to_owned).collect();
    let message = match topic {
        "" if topics.len() == 1 && !full => return,
        "" => format!("`{name}` is a broker: say which topic"),
        _ if topics.iter().any(|known| known == topic) => return,
        _ => format!("`{name}` has no topic `{topic}`"),
    };
    suggest(check, message, to, topic, name, &topics);
}

fn component(check: &mut Check<'_>, name: &At<String>, kind: &Kind) {
    match kind {
        Kind::LoadBalancer(balancer) => {
            for (operation, targets) in balancer.groups() {
                for (to, _) in targets {
                    balanced(check, name, to, operation);
                }
            }
        }
        Kind::Database(database) => database.shard_by.iter().for_each(|key| space(check, key)),
        Kind::Consumers(consumers) => {
            topic(check, &consumers.of, true);
            consumers.dead_letter.iter().for_each(|dead| topic(check, dead, false));
        }
        _ => {}
    }
}

/// A target of a balancer: a component that can be called, and not a way back to the balancer.
fn balanced(check: &mut Check<'_>, balancer: &At<String>, to: &At<String>, operation: Option<&str>) {
    match named(check, &to.value, to).cloned() {
        Some(Kind::Consumers(_)) => {
            let message = format!("nobody can call `{}`: consumers fetch their messages", to.value);
            check.error("unknown-target", message, &to.span);
        }
        Some(Kind::LoadBalancer(_)) if leads_to(check, &to.value, &balancer.value) => {
            let through = if to.value == balancer.value { String::new() } else { format!(" through `{}`", to.value) };
            let message = format!("`{}` passes requests on to itself{through}", balancer.value);
            check.error("cycle", message, &to.span);
        }
        Some(kind)
            if operation
                .is_some_and(|op| !matches!(kind, Kind::LoadBalancer(_)) && !kind.operations().contains(&op)) =>
        {
            let operations: Vec<String> = kind.operations().into_iter().map(str::to_owned).collect();
            let operation = operation.unwrap_or_default();
            let finding = format!("`{}` has no operation `{operation}`", to.value);
            suggest(check, finding, to, operation, &to.value, &operations);
        }
        _ => {}
    }
}

/// Whether balancers lead from one to the other.
fn leads_to(check: &Check<'_>, from: &str, to: &str) -> bool {
    let (mut open, mut seen) = (vec![from.to_owned()], BTreeSet::new());
    while let Some(name) = open.pop() {
        if name == to {
            return true;
        }
        if !seen.insert(name.clone()) {
            continue;
        }
        if let Some(Kind::LoadBalancer(balancer)) = check.component(&name) {
            open.extend(balancer.groups().into_iter().flat_map(|(_, targets)| targets).map(|(to, _)| to.value.clone()));
        }
    }
    false
}

fn traffic(check: &mut Check<'_>, spec: &TrafficSpec) {
    let common = spec.common();
    let (name, own) = target(&common.to.value);
    let Some(mix) = common.mix else { return call(check, common.to, own, false) };
    if !own.is_empty() {
        let message = format!("`{}` names an operation, and so does `mix`: give either", common.to.value);
        check.impossible(message, &common.to.span);
    }
    if named(check, name, common.to).is_some() {
        for (operation, _) in &mix.0 {
            let to = At { value: format!("{name}.{}", operation.value), span: operation.span.clone() };
            call(check, &to, &operation.value, false);
        }
    }
}

fn fault(check: &mut Check<'_>, fault: &FaultSpec) {
    match fault {
        FaultSpec::Slow(args) => exists(check, &args.target),
        FaultSpec::Crash(args) => exists(check, &args.target),
        FaultSpec::Pause(args) => exists(check, &args.target),
        FaultSpec::Failures(args) => exists(check, &args.target),
        FaultSpec::Flush(args) => cache(check, &args.target),
        FaultSpec::Edge(args) => edge(check, &args.edge),
        FaultSpec::Spike(args) => source(check, &args.traffic),
    }
}

/// The edge of a fault.
fn edge(check: &mut Check<'_>, edge: &At<String>) {
    let Some((from, to)) = edge.value.split_once("->").map(|(from, to)| (from.trim(), to.trim())) else {
        return check.error(
            "parse",
            format!("`{}` is not an edge (write \"caller -> callee\")", edge.value),
            &edge.span,
        );
    };
    let fits = |pattern: &str, name: &str| pattern == "*" || pattern == name;
    let used = check.used_edges();
    if check.broken.is_empty() && !used.iter().any(|(a, b)| fits(from, a) && fits(to, b)) {
        let candidates: Vec<String> = used.iter().map(|(a, b)| format!("{a} -> {b}")).collect();
        check.unknown(format!("nothing ever calls along `{from} -> {to}`"), edge, &candidates);
    }
}

/// The source of a spike, which must be open.
fn source(check: &mut Check<'_>, name: &At<String>) {
    let open = |spec: &TrafficSpec| matches!(spec, TrafficSpec::Open(_));
    let sources: Vec<(String, bool)> =
        check.setup.traffic.iter().map(|(name, spec)| (name.clone(), open(spec))).collect();
    match sources.iter().find(|(source, _)| *source == name.value) {
        Some((_, true)) => {}
        Some((_, false)) => {
            let message = format!("`{}` is closed traffic: a spike multiplies the rate of open traffic", name.value);
            check.impossible(message, &name.span);
        }
        None if check.broken.contains(&name.value) => {}
        None => {
            let names: Vec<String> = sources.into_iter().map(|(name, _)| name).collect();
            check.unknown(format!("no traffic source is called `{}`", name.value), name, &names);
        }
    }
}

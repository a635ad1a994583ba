//! Edge lines: each matches a call, and its settings are possible for the calls it matches.

use super::context::Check;
use super::copies;
use super::policies;
use crate::scenario::EdgeLine;
use archsim_language::Diagnostic;
use archsim_models::Kind;
use archsim_models::spec::{At, FaultSpec, Fraction};
use std::ops::Range;

/// `unused-edge`, and impossible settings of edges.
pub(super) fn check(check: &mut Check<'_>) {
    let used = check.used_edges();
    for line in &check.scenario.edges {
        unused(check, line, &used);
        settings(check, line);
        on_balancer(check, line, &used);
    }
    copies::of_balancers(check, &used);
    losses(check, &used);
    matrices(check, &used);
}

fn fits(line: &EdgeLine, (caller, callee): &(String, String)) -> bool {
    (line.from == "*" || line.from == *caller) && (line.to == "*" || line.to == *callee)
}

fn unused(check: &mut Check<'_>, line: &EdgeLine, used: &[(String, String)]) {
    if used.iter().any(|edge| fits(line, edge)) {
        return;
    }
    let exists = |name: &str| {
        name == "*" || check.component(name).is_some() || check.scenario.traffic.iter().any(|(n, _)| n.value == name)
    };
    let judged = [&line.from, &line.to].iter().any(|name| !exists(name) && !check.broken.contains(*name));
    if !check.broken.is_empty() && !judged {
        return;
    }
    let (from, to) = (&line.from, &line.to);
    let finding =
        Diagnostic::error("unused-edge", format!("nothing ever calls along `{from} -> {to}`"), line.key.span.clone());
    let fetched =
        matches!((check.component(from), check.component(to)), (Some(Kind::Broker(_)), Some(Kind::Consumers(_))));
    if fetched {
        return check.push(finding.with_help("consumers fetch their messages: that is no call"));
    }
    let mut names: Vec<String> = used.iter().map(|(a, b)| format!("{a} -> {b}")).collect();
    // Of two ends one is usually right: the calls that share it come first.
    names.sort_by_key(|name| !(name.starts_with(&format!("{from} ->")) || name.ends_with(&format!("-> {to}"))));
    check.push(super::context::with_nearest(finding, &format!("{from} -> {to}"), &names));
}

fn settings(check: &mut Check<'_>, line: &EdgeLine) {
    let spec = &line.spec;
    if let Some(timeout) = &spec.timeout {
        policies::above_zero(check, timeout, "`timeout`");
    }
    if let Some(pool) = &spec.pool {
        policies::count(check, pool, "`pool`");
    }
    if let Some(retry) = &spec.retry {
        policies::retry(check, retry);
    }
    copies::settings(check, spec);
    if let Some(balance) = &spec.balance {
        policies::balance(check, balance);
    }
}

fn on_balancer(check: &mut Check<'_>, line: &EdgeLine, used: &[(String, String)]) {
    let (Some(balance), Some(Kind::LoadBalancer(_))) = (&line.spec.balance, check.component(&line.to)) else { return };
    if used.iter().any(|edge| fits(line, edge)) {
        let message = format!("`{}` chooses by its own `policy`: `balance` on the way to it would do nothing", line.to);
        check.impossible(message, &balance.span);
    }
}

/// A lost message is never answered: without a time-out the caller would wait for ever.
fn losses(check: &mut Check<'_>, used: &[(String, String)]) {
    let mut told: Vec<Range<usize>> = Vec::new();
    for (caller, callee) in used {
        let edge = check.setup.edge(caller, callee);
        let patience = check
            .setup
            .traffic
            .iter()
            .find(|(name, _)| name == caller)
            .and_then(|(_, spec)| spec.common().timeout.cloned());
        if edge.timeout.is_some() || patience.is_some() {
            continue;
        }
        let lossy = edge.loss.filter(|loss| loss.value.0 > 0.0).map(|loss| loss.span);
        let disturbed = check.scenario.faults.iter().find_map(|fault| lossy_fault(&fault.value, caller, callee));
        for span in lossy.into_iter().chain(disturbed) {
            if !told.contains(&span) {
                let message = format!(
                    "messages along `{caller} -> {callee}` can be lost, but nobody there ever gives up waiting"
                );
                let finding = Diagnostic::error("impossible-value", message, span.clone());
                check.push(
                    finding.with_help(format!("give the edge a time-out: \"{caller} -> {callee}\": (timeout: \"1s\")")),
                );
                told.push(span);
            }
        }
    }
}

/// The place of a fault that loses messages of an edge.
fn lossy_fault(fault: &FaultSpec, caller: &str, callee: &str) -> Option<Range<usize>> {
    let FaultSpec::Edge(args) = fault else { return None };
    let Fraction(loss) = args.loss?;
    let (from, to) = args.edge.value.split_once("->")?;
    let fits = |pattern: &str, name: &str| pattern.trim() == "*" || pattern.trim() == name;
    (loss > 0.0 && fits(from, caller) && fits(to, callee)).then(|| args.edge.span.clone())
}

/// Every caller replica keeps counts for every callee replica, and connections of its own: that takes memory.
fn matrices(check: &mut Check<'_>, used: &[(String, String)]) {
    const MOST: u64 = 20_000_000;
    let callers = |name: &str| check.component(name).map_or(1, super::values::instances);
    let mut found: Vec<(String, At<()>)> = Vec::new();
    for (caller, callee) in used {
        let edge = check.setup.edge(caller, callee);
        let counts = callers(caller).saturating_mul(callers(callee));
        if let Some(balance) = edge.balance.filter(|_| counts > MOST) {
            let message = format!(
                "`balance` on `{caller} -> {callee}` needs {} counts, one for each pair of replicas; at most {} are possible",
                policies::grouped(counts),
                policies::grouped(MOST)
            );
            found.push((message, At { value: (), span: balance.span }));
        }
    }
    found.into_iter().for_each(|(message, at)| check.impossible(message, &at.span));
}

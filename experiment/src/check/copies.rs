//! Hedges, copies and breakers: values that cannot be.

use super::context::Check;
use super::policies::{above_zero, count, grouped};
use archsim_models::Kind;
use archsim_models::spec::breaker::{BreakerSpec, BreakerWindow, Failures};
use archsim_models::spec::{At, EdgeSpec};

/// Copies of a call, the first included.
const MOST_COPIES: u32 = 16;

/// Settings of an edge.
pub(super) fn settings(check: &mut Check<'_>, spec: &EdgeSpec) {
    if let Some(hedge) = &spec.hedge {
        above_zero(check, &hedge.value.after, "`after` of a hedge");
        hedge.value.max.iter().for_each(|max| few(check, max, "`max` of a hedge", MOST_COPIES - 1));
    }
    if let Some(copies) = &spec.copies {
        few(check, &copies.value.count, "`count` of copies", MOST_COPIES);
    }
    if let Some(breaker) = &spec.breaker {
        self::breaker(check, &breaker.value);
    }
    if let (Some(_), Some(copies)) = (&spec.hedge, &spec.copies) {
        check.impossible("an edge has `hedge` or `copies`, not both", &copies.span);
    }
}

fn few(check: &mut Check<'_>, number: &At<u32>, what: &str, most: u32) {
    if !(1..=most).contains(&number.value) {
        let found = grouped(number.value.into());
        check.impossible(format!("{what} is a number from 1 to {most}, found {found}"), &number.span);
    }
}

fn breaker(check: &mut Check<'_>, breaker: &BreakerSpec) {
    match breaker.failures.value {
        Failures::InRow(failures) => {
            count(check, &At { value: failures, span: breaker.failures.span.clone() }, "`failures` in a row");
            let window = breaker.window.as_ref().map(|window| ("window", &window.span));
            let least = breaker.min_requests.as_ref().map(|least| ("min_requests", &least.span));
            for (field, span) in window.into_iter().chain(least) {
                let message = format!("`{field}` belongs to a share of failures, for example failures: \"50%\"");
                check.impossible(message, span);
            }
        }
        Failures::Share(share) if share.0 <= 0.0 => {
            check.impossible("a share of failures is above 0: it would open without any", &breaker.failures.span);
        }
        Failures::Share(_) => {}
    }
    let least = breaker.min_requests.as_ref().map_or(20, |least| least.value);
    match &breaker.window {
        Some(At { value: BreakerWindow::Time(time), span }) => {
            above_zero(check, &At { value: *time, span: span.clone() }, "`window`")
        }
        Some(At { value: BreakerWindow::Calls(calls), span }) if *calls < least => {
            let message = format!("a window of {calls} calls never holds the {least} of `min_requests`");
            check.impossible(message, span);
        }
        _ => {}
    }
    breaker.min_requests.iter().for_each(|least| count(check, least, "`min_requests`"));
    breaker.probes.iter().for_each(|probes| count(check, probes, "`probes`"));
    breaker.open_for.iter().for_each(|time| above_zero(check, time, "`open_for`"));
}

/// A balancer sends its copies before it knows the target: all its edges have to say the same.
pub(super) fn of_balancers(check: &mut Check<'_>, used: &[(String, String)]) {
    let balancers = check.setup.components.iter().filter(|(_, kind)| matches!(kind, Kind::LoadBalancer(_)));
    let names: Vec<String> = balancers.map(|(name, _)| name.clone()).collect();
    for name in names {
        let edges = used.iter().filter(|(caller, _)| *caller == name);
        let edges: Vec<EdgeSpec> = edges.map(|(caller, callee)| check.setup.edge(caller, callee)).collect();
        let Some(first) = edges.first() else { continue };
        let same = |edge: &EdgeSpec| edge.hedge == first.hedge && edge.copies == first.copies;
        if edges.iter().all(same) {
            continue;
        }
        let hedge = edges.iter().filter_map(|edge| edge.hedge.as_ref().map(|at| at.span.clone()));
        let copies = edges.iter().filter_map(|edge| edge.copies.as_ref().map(|at| at.span.clone()));
        if let Some(span) = hedge.chain(copies).next() {
            let message = format!("`hedge` and `copies` are the same for all targets of `{name}`: write `{name} -> *`");
            check.impossible(message, &span);
        }
    }
}

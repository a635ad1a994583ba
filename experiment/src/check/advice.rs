//! Warnings and notes about a scenario that can run, but perhaps not as meant.

use super::context::Check;
use crate::load_table::LoadTable;
use crate::load_table::calls::{Calls, Hits};
use crate::load_table::times::Times;
use archsim_core::Time;
use archsim_models::spec::edge::RetrySpec;
use archsim_models::spec::{At, Count, EdgeSpec, LoadSpec, Step, TrafficSpec};
use archsim_models::{Kind, Setup};
use petgraph::algo::toposort;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::BTreeSet;

/// All advice on a scenario without errors.
pub(super) fn check(check: &mut Check<'_>, load: &LoadTable) {
    overload(check, load);
    vulnerable(check, load);
    nested_retries(check);
    timeouts(check);
    pools(check, load);
    waiting_rooms(check);
    key_spaces(check);
    warm_up(check);
    if check.scenario.slos.is_empty() {
        let span = check.document.root.opening();
        check.note(
            "no-slo",
            "nothing says what must hold",
            &span,
            "for example slos: [\"users.p99 < 300ms\", \"users.errors < 1%\"]",
        );
    }
}

/// `overload`: more work than capacity.
fn overload(check: &mut Check<'_>, load: &LoadTable) {
    for row in &load.rows {
        let Some(busy) = row.busy.filter(|busy| *busy > 1.0 + 1e-9) else { continue };
        let span = check.opening("components", &row.component);
        let percent = (busy * 100.0).round();
        let (consequence, help) = match check.component(&row.component) {
            Some(Kind::External(_)) => ("the rest is refused", "lower the traffic, or raise `limit` or `concurrency`"),
            Some(Kind::Service(service)) if service.queue.is_some() => {
                ("the rest is rejected", "lower the traffic, or raise `replicas` or `cpu`")
            }
            Some(Kind::Service(_)) => ("its queue can only grow", "lower the traffic, or raise `replicas` or `cpu`"),
            Some(Kind::Consumers(_)) => {
                ("its lag can only grow", "lower the traffic, or raise `members`, `threads` or `cpu`")
            }
            Some(Kind::Broker(_)) => ("its queue can only grow", "lower the traffic, or raise `nodes`"),
            Some(Kind::Database(_)) => {
                ("its queue can only grow", "lower the traffic, or raise `shards`, `read_replicas` or `workers`")
            }
            _ => ("its queue can only grow", "lower the traffic, or raise `shards` or `workers`"),
        };
        let message = format!("`{}` is offered {percent}% of its capacity: {consequence}", row.component);
        check.warn("overload", message, &span, help);
    }
}

/// The edge between two operations; the source's own patience and retries win.
fn edge(setup: &Setup, caller: &str, callee: &str) -> EdgeSpec {
    let mut edge = setup.edge(caller, callee);
    if let Some((_, spec)) = setup.traffic.iter().find(|(name, _)| name == caller) {
        let common = spec.common();
        edge.timeout = common.timeout.cloned().or(edge.timeout);
        edge.retry = common.retry.cloned().or(edge.retry);
    }
    edge
}

/// Attempts for each call if every one fails; a budget keeps them near one.
fn attempts(edge: &EdgeSpec) -> f64 {
    match &edge.retry {
        Some(RetrySpec { max, p, budget: None, .. }) => {
            let p = p.map_or(1.0, |p| p.0);
            match max.value {
                Count::Limited(max) if p >= 1.0 => 1.0 + f64::from(max),
                Count::Limited(max) => (1.0 - libm::pow(p, f64::from(max) + 1.0)) / (1.0 - p),
                Count::Unlimited => 1.0 / (1.0 - p),
            }
        }
        _ => 1.0,
    }
}

/// A number of retries in a sentence.
fn in_words(max: Count) -> String {
    match max {
        Count::Limited(max) => max.to_string(),
        Count::Unlimited => "unlimited".to_owned(),
    }
}

/// `vulnerable`: stable now, but when its callers try again it is overloaded, and stays so.
fn vulnerable(check: &mut Check<'_>, load: &LoadTable) {
    let used = check.used_edges();
    for row in &load.rows {
        let Some(busy) = row.busy.filter(|busy| *busy > 0.0 && *busy <= 1.0 + 1e-9) else { continue };
        let callers = used.iter().filter(|(_, callee)| *callee == row.component);
        let worst = callers.map(|(caller, callee)| (edge(&check.setup, caller, callee), caller));
        let Some((edge, caller)) = worst.max_by(|a, b| attempts(&a.0).total_cmp(&attempts(&b.0))) else { continue };
        let factor = attempts(&edge);
        let queued = matches!(check.component(&row.component), Some(Kind::Service(service)) if service.queue.is_some());
        if factor * busy > 1.0 && factor > 1.0 && !queued && edge.timeout.is_some() {
            let most = edge.retry.map_or(String::new(), |retry| in_words(retry.max.value));
            let message = format!(
                "`{}` is {:.0}% busy; if calls from `{caller}` fail, {most} retries each make that {:.0}%: once tipped it stays overloaded",
                row.component,
                busy * 100.0,
                busy * factor * 100.0
            );
            let span = check.opening("components", &row.component);
            check.warn("vulnerable", message, &span, "give the retries a budget, for example budget: \"10%\"");
        }
    }
}

/// The most attempts that one request may cause at an operation, and the retries on the way there.
#[derive(Clone, Debug, Default)]
struct Chain {
    attempts: f64,
    retries: Vec<At<Count>>,
}

impl Chain {
    /// The chain behind one more edge.
    fn behind(mut self, edge: &EdgeSpec) -> Self {
        if let Some(retry) = edge.retry.as_ref().filter(|retry| retry.most() > 0 && retry.budget.is_none()) {
            self.attempts *= attempts(edge);
            self.retries.push(retry.max.clone());
        }
        self
    }
}

/// `nested-retries`: retries on several calls of a chain multiply.
fn nested_retries(check: &mut Check<'_>) {
    let Some(worst) = worst_chain(check).filter(|chain| chain.retries.len() > 1) else { return };
    let factors: Vec<String> = worst.retries.iter().map(|max| format!("(1+{})", in_words(max.value))).collect();
    let message = format!(
        "retries multiply along a chain of calls: {} = up to {} attempts for one request",
        factors.join(" x "),
        worst.attempts
    );
    if let Some(last) = worst.retries.last() {
        check.warn("nested-retries", message, &last.span, "retry at one level only, or give retries a budget");
    }
}

/// The chain with the most attempts; none if calls go in circles.
fn worst_chain(check: &Check<'_>) -> Option<Chain> {
    let graph = &check.calls.graph;
    let order = toposort(graph, None).ok()?;
    let name = |node: NodeIndex| check.setup.components[graph[node].component].0.as_str();
    let mut chains = vec![Chain::default(); graph.node_count()];
    let improve = |chains: &mut Vec<Chain>, chain: Chain, at: NodeIndex| {
        if chain.attempts > chains[at.index()].attempts {
            chains[at.index()] = chain;
        }
    };
    for (nodes, (source, _)) in check.calls.sources.iter().zip(&check.setup.traffic) {
        for (node, _) in nodes {
            let start = Chain { attempts: 1.0, retries: Vec::new() };
            improve(&mut chains, start.behind(&edge(&check.setup, source, name(*node))), *node);
        }
    }
    for node in order {
        for link in graph.edges(node) {
            let further = chains[node.index()].clone().behind(&check.setup.edge(name(node), name(link.target())));
            improve(&mut chains, further, link.target());
        }
    }
    chains.into_iter().max_by(|a, b| a.attempts.total_cmp(&b.attempts))
}

/// A time to three digits or so.
fn brief(seconds: f64) -> Time {
    let unit = [1e-2, 1e-5, 1e-8].into_iter().find(|unit| seconds >= 100.0 * unit).unwrap_or(1e-9);
    Time::from_secs_f64((seconds / unit).round() * unit)
}

/// `timeout-inversion` and `timeout-below-service`.
fn timeouts(check: &mut Check<'_>) {
    let hits = Hits::new();
    let calls = Calls::new(&check.setup, &hits);
    let times = Times::new(&check.setup, &calls, &hits);
    let name = |node: NodeIndex| check.setup.components[calls.graph[node].component].0.as_str();
    let mut findings = BTreeSet::new();
    let sources = calls.sources.iter().zip(&check.setup.traffic);
    let from_sources =
        sources.flat_map(|(nodes, (source, _))| nodes.iter().map(move |(node, _)| (source.as_str(), *node)));
    let between = calls.graph.edge_references().map(|link| (name(link.source()), link.target()));
    for (caller, node) in from_sources.chain(between) {
        let callee = name(node);
        let spec = edge(&check.setup, caller, callee);
        let Some(timeout) = &spec.timeout else { continue };
        let least = times.of(node) + 2.0 * spec.latency.as_ref().map_or(0.0, |latency| latency.mean_seconds());
        if !matches!(check.component(callee), Some(Kind::Broker(_))) && timeout.value.seconds() < least {
            let message = format!(
                "`{caller}` waits {} for `{callee}`, which takes {} on average even without a queue",
                timeout.value.0,
                brief(least)
            );
            findings.insert((timeout.span.start, timeout.span.end, "timeout-below-service", message));
        }
        for link in calls.graph.edges(node).filter(|_| spec.deadline.is_none()) {
            let further = check.setup.edge(callee, name(link.target()));
            let Some(longer) = further.timeout.filter(|further| further.value > timeout.value) else { continue };
            let message = format!(
                "`{caller}` gives `{callee}` up after {}, while that still waits up to {} for `{}`",
                timeout.value.0,
                longer.value.0,
                name(link.target())
            );
            findings.insert((timeout.span.start, timeout.span.end, "timeout-inversion", message));
        }
    }
    let mut told = BTreeSet::new();
    for (start, end, code, message) in findings {
        if told.insert((start, code)) {
            let help = match code {
                "timeout-inversion" => {
                    "time-outs grow shorter from the user inwards; or pass the time on with deadline: Propagate"
                }
                _ => "most attempts will time out; work that nobody waits for is still done",
            };
            check.warn(code, message, &(start..end), help);
        }
    }
}

/// `pool-bound`: the connections of an edge are all in use before its callee is.
fn pools(check: &mut Check<'_>, load: &LoadTable) {
    let hits = Hits::new();
    let calls = Calls::new(&check.setup, &hits);
    let times = Times::new(&check.setup, &calls, &hits);
    let name = |index: usize| check.setup.components[index].0.as_str();
    let mut found = Vec::new();
    let used = check.used_edges();
    for (caller, callee) in &used {
        let spec = check.setup.edge(caller, callee);
        let (Some(pool), Some(row)) = (&spec.pool, load.row(callee)) else { continue };
        let only = used.iter().filter(|(_, other)| other == callee).count() == 1;
        let replicas = check.component(caller).map_or(1, super::values::instances);
        let nodes = calls.graph.node_indices().filter(|node| name(calls.graph[*node].component) == *callee);
        let least = nodes.map(|node| times.of(node)).fold(f64::INFINITY, f64::min);
        let held = least + 2.0 * spec.latency.as_ref().map_or(0.0, |latency| latency.mean_seconds());
        let most = f64::from(pool.value) * replicas as f64 / held;
        if only && most < row.arrivals {
            let message = format!(
                "the connections of `{caller} -> {callee}` carry at most {most:.0} calls/s ({} x {replicas}, {} each); {:.0}/s are offered",
                pool.value,
                brief(held),
                row.arrivals
            );
            found.push((message, pool.span.clone()));
        }
    }
    for (message, span) in found {
        check.warn("pool-bound", message, &span, "raise `pool`, or shorten what the connections are held for");
    }
}

/// `unbounded-queue`: requests that find no slot or core wait however long the queue is.
fn waiting_rooms(check: &mut Check<'_>) {
    let open = |kind: &Kind| matches!(kind, Kind::Service(service) if service.queue.is_none());
    let names: Vec<&str> =
        check.setup.components.iter().filter(|(_, kind)| open(kind)).map(|(name, _)| name.as_str()).collect();
    let Some(first) = names.first() else { return };
    let span = check.opening("components", first);
    let quoted: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    let ellipsis = if names.len() > 8 { ", ..." } else { "" };
    let message = format!("the waiting rooms of {}{ellipsis} have no limit", quoted.join(", "));
    check.note("unbounded-queue", message, &span, "give `concurrency` and `queue` to reject what would wait too long");
}

/// `unused-key-space`.
fn key_spaces(check: &mut Check<'_>) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (_, kind) in &check.setup.components {
        if let Kind::Database(database) = kind {
            used.extend(database.shard_by.iter().map(|key| key.value.clone()));
        }
        for steps in kind.programs() {
            steps.visit(&mut |step| match &step.value {
                Step::Call(args) => used.extend(args.key.iter().map(|key| key.value.clone())),
                Step::Publish(args) => used.extend(args.key.iter().map(|key| key.value.clone())),
                Step::Cached(args) => used.extend([args.key.value.clone()]),
                Step::Get(args) | Step::Set(args) | Step::Invalidate(args) => used.extend([args.key.value.clone()]),
                _ => {}
            });
        }
    }
    for (name, _) in check.scenario.keys.iter().filter(|(name, _)| !used.contains(&name.value)) {
        let message = format!("nothing uses the key space `{}`", name.value);
        check.warn(
            "unused-key-space",
            message,
            &name.span,
            "name it in Cached, Get, Set, Call(key: ..) or shard_by, or take it out",
        );
    }
}

/// `warmup-ignored` and `precision-ignored`: nothing is left out of a study in which something changes over time, and it has its length.
fn warm_up(check: &mut Check<'_>) {
    let changing = |spec: &TrafficSpec| matches!(spec, TrafficSpec::Open(open) if !matches!(open.rate.value, LoadSpec::Constant(_)));
    let reason = if !check.scenario.faults.is_empty() {
        "faults"
    } else if check.scenario.traffic.iter().any(|(_, at)| changing(&at.value)) {
        "a load that changes"
    } else if check.scenario.slos.iter().any(|slo| slo.during.is_some()) {
        "an objective with a window"
    } else {
        return;
    };
    if let Some(At { value: crate::scenario::Warmup::Fixed(_), span }) = &check.scenario.run.warmup {
        let message = format!("a study with {reason} is about the whole run: its start is not left out");
        check.note(
            "warmup-ignored",
            message,
            span,
            "take `warmup` out, or give objectives a window: during: (\"2m\", \"5m\")",
        );
    }
    if let Some(At { span, .. }) = &check.scenario.run.precision {
        let message = format!("a study with {reason} takes its `duration`: it is not extended to a precision");
        check.note(
            "precision-ignored",
            message,
            span,
            "take `precision` out; more `replications` make intervals narrower",
        );
    }
}

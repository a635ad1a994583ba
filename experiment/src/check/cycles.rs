//! Cycles of calls.

use super::context::Check;
use archsim_language::Diagnostic;
use petgraph::algo::tarjan_scc;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// `cycle`: an error where a request never ends, a warning where chance ends it.
pub(super) fn check(check: &mut Check<'_>) {
    let graph = &check.calls.graph;
    let always = graph.filter_map(|_, node| Some(node.clone()), |_, link| link.always.then(|| link.clone()));
    let mut findings = Vec::new();
    // Nodes keep their numbers: only edges were left out.
    for component in tarjan_scc(&always) {
        if let Some((names, place)) = way_back(check, &component, true) {
            let message = format!("these calls never end: {names}");
            let finding = Diagnostic::error("cycle", message, place);
            findings.push((
                component,
                finding.with_help("make one of the calls conditional: Maybe, Choose, Cached or on_error"),
            ));
        }
    }
    for component in tarjan_scc(graph) {
        let told = findings.iter().any(|(nodes, _)| nodes.iter().any(|node| component.contains(node)));
        if let (false, Some((names, place))) = (told, way_back(check, &component, false)) {
            let finding = Diagnostic::warning("cycle", format!("calls come back to where they began: {names}"), place);
            findings.push((
                component,
                finding.with_help("each request may go round several times; load and latency multiply"),
            ));
        }
    }
    check.findings.extend(findings.into_iter().map(|(_, finding)| finding));
}

/// The shortest way from a node of a strongly connected component back to it, and the place of its first call; none where
/// there is no cycle.
fn way_back(check: &Check<'_>, component: &[NodeIndex], always: bool) -> Option<(String, Range<usize>)> {
    let graph = &check.calls.graph;
    let start = *component.iter().min()?;
    let mut before: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(node) = open.pop_front() {
        for link in graph.edges(node).filter(|link| link.weight().always || !always) {
            let next = link.target();
            if next == start {
                return Some(describe(check, start, node, &before, always));
            }
            if component.len() > 1 && component.contains(&next) && !before.contains_key(&next) {
                before.insert(next, node);
                open.push_back(next);
            }
        }
    }
    None
}

fn describe(
    check: &Check<'_>,
    start: NodeIndex,
    last: NodeIndex,
    before: &BTreeMap<NodeIndex, NodeIndex>,
    always: bool,
) -> (String, Range<usize>) {
    const SHOWN: usize = 12;
    let mut way = vec![start, last];
    while let Some(previous) = before.get(&way[way.len() - 1]).filter(|_| way[way.len() - 1] != start) {
        way.push(*previous);
    }
    way.reverse();
    if last == start {
        way = vec![start, start];
    }
    let graph = &check.calls.graph;
    let name = |node: &NodeIndex| {
        let operation = &graph[*node];
        let component = &check.setup.components[operation.component].0;
        match operation.name.as_str() {
            "" | crate::load_table::calls::HANDLE => format!("`{component}`"),
            name => format!("`{component}.{name}`"),
        }
    };
    let ellipsis = if way.len() > SHOWN { " -> ..." } else { "" };
    let names: Vec<String> = way.iter().take(SHOWN).map(name).collect();
    let first = way.get(1).copied().unwrap_or(start);
    let place = graph.edges_connecting(start, first).find(|link| link.weight().always || !always);
    let place = place.map_or(0..0, |link| link.weight().place.clone());
    (format!("{}{ellipsis}", names.join(" -> ")), place)
}

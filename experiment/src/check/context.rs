//! What all checks look at, and where they put what they find.

use crate::load_table::calls::{Calls, Hits};
use crate::model;
use crate::scenario::{Reading, Scenario};
use archsim_language::{Diagnostic, Document, Node, Severity, nearest};
use archsim_models::spec::At;
use archsim_models::{Kind, Setup};
use petgraph::graph::NodeIndex;
use std::collections::BTreeSet;
use std::ops::Range;

/// A scenario that is being checked.
pub(super) struct Check<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) document: &'a Document,
    /// Entries that could not be read: nothing is said about what depends on them.
    pub(super) broken: &'a BTreeSet<String>,
    pub(super) setup: Setup,
    pub(super) calls: Calls,
    pub(super) findings: Vec<Diagnostic>,
}

impl<'a> Check<'a> {
    pub(super) fn new(reading: &'a Reading, document: &'a Document) -> Self {
        let setup = model::setup(&reading.scenario);
        let calls = Calls::new(&setup, &Hits::new());
        let (scenario, broken) = (&reading.scenario, &reading.broken);
        Check { scenario, document, broken, setup, calls, findings: Vec::new() }
    }

    pub(super) fn push(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    pub(super) fn error(&mut self, code: &str, message: impl Into<String>, span: &Range<usize>) {
        self.push(Diagnostic::error(code, message, span.clone()));
    }

    /// A value that cannot be.
    pub(super) fn impossible(&mut self, message: impl Into<String>, span: &Range<usize>) {
        self.error("impossible-value", message, span);
    }

    pub(super) fn warn(&mut self, code: &str, message: impl Into<String>, span: &Range<usize>, help: &str) {
        self.push(Diagnostic::warning(code, message, span.clone()).with_help(help));
    }

    pub(super) fn note(&mut self, code: &str, message: impl Into<String>, span: &Range<usize>, help: &str) {
        self.push(Diagnostic::new(Severity::Note, code, message, span.clone()).with_help(help));
    }

    /// A setting that this version cannot model.
    pub(super) fn not_yet(&mut self, feature: &str, span: &Range<usize>, help: &str) {
        let message = format!("this version of archsim cannot model {feature}");
        self.push(Diagnostic::error("not-yet", message, span.clone()).with_help(help));
    }

    /// A name that stands for nothing.
    pub(super) fn unknown(&mut self, message: impl Into<String>, word: &At<String>, candidates: &[String]) {
        let finding = Diagnostic::error("unknown-target", message, word.span.clone());
        self.push(with_nearest(finding, &word.value, candidates));
    }

    /// A component by name; nothing is said if it could not be read.
    pub(super) fn component(&self, name: &str) -> Option<&Kind> {
        self.setup.component(name).map(|index| &self.setup.components[index].1)
    }

    /// The names of the components.
    pub(super) fn component_names(&self) -> Vec<String> {
        self.setup.components.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The node of an entry of a section.
    pub(super) fn entry(&self, section: &str, name: &str) -> Option<&'a Node> {
        self.document.root.field(section)?.entry(name)
    }

    /// Where a named field of an entry stands; where the entry opens if the file does not give it.
    pub(super) fn field(&self, section: &str, name: &str, field: &str) -> Range<usize> {
        let Some(node) = self.entry(section, name) else { return self.document.root.opening() };
        let position = (crate::scenario::sections().fields)(node.name().unwrap_or_default());
        let position = position.iter().position(|known| *known == field);
        let value = node.field(field).or_else(|| node.items().get(position?));
        value.map_or(node.opening(), |value| value.span.clone())
    }

    /// Where an entry opens.
    pub(super) fn opening(&self, section: &str, name: &str) -> Range<usize> {
        self.entry(section, name).map_or(self.document.root.opening(), Node::opening)
    }

    /// The edges that are used, caller and callee by name, each once, in the order of the components and sources.
    pub(super) fn used_edges(&self) -> Vec<(String, String)> {
        let name = |node: NodeIndex| self.setup.components[self.calls.graph[node].component].0.clone();
        let mut used = Vec::new();
        for (nodes, (source, _)) in self.calls.sources.iter().zip(&self.setup.traffic) {
            used.extend(nodes.iter().map(|(node, _)| (source.clone(), name(*node))));
        }
        for link in self.calls.graph.edge_indices() {
            let Some((from, to)) = self.calls.graph.edge_endpoints(link) else { continue };
            let fetched = matches!(self.setup.components[self.calls.graph[to].component].1, Kind::Consumers(_));
            if !fetched {
                used.push((name(from), name(to)));
            }
        }
        let mut seen = BTreeSet::new();
        used.retain(|edge| seen.insert(edge.clone()));
        used
    }
}

/// Adds the name that was probably meant, or all of them.
pub(super) fn with_nearest(finding: Diagnostic, word: &str, candidates: &[String]) -> Diagnostic {
    const SHOWN: usize = 12;
    if let Some(meant) = nearest(word, candidates.iter().map(String::as_str)) {
        return finding.with_help(format!("did you mean `{meant}`?"));
    }
    if candidates.is_empty() {
        return finding;
    }
    let quoted: Vec<String> = candidates.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let ellipsis = if candidates.len() > SHOWN { ", ..." } else { "" };
    finding.with_help(format!("there are: {}{ellipsis}", quoted.join(", ")))
}

//! What-ifs: each variant and the ends of each varied path are checked as the file they stand for.

use super::context::Check;
use super::{Library, errors};
use crate::scenario::{Experiment, Raw, sections};
use crate::vary::{set_one, values};
use archsim_language::{Diagnostic, Document, Path, Severity, find};
use archsim_models::spec::At;
use std::collections::BTreeSet;
use std::ops::Range;

/// Findings in variants and experiments. What this version cannot model is a warning there: the file itself still runs.
pub(super) fn check(check: &mut Check<'_>, known: &[Diagnostic], library: &Library<'_>) {
    let mut what_if = WhatIf {
        known: known.iter().map(|finding| (finding.code.clone(), finding.message.clone())).collect(),
        library,
        document: check.document,
        findings: Vec::new(),
    };
    let mut names: Vec<String> = check.scenario.variants.iter().map(|variant| variant.name.value.clone()).collect();
    for variant in &check.scenario.variants {
        let changes: Vec<Change<'_>> =
            variant.changes.iter().map(|(path, raw)| Change::new(path, &raw.text, &raw.span)).collect();
        what_if.apply(&changes, &format!("in variant `{}`", variant.name.value));
    }
    for (name, at) in &check.scenario.experiments {
        experiment(&mut what_if, &name.value, &at.value);
    }
    check.findings.extend(what_if.findings);
    names.push("baseline".into());
    for (_, at) in &check.scenario.experiments {
        for variant in at.value.named_variants() {
            if !names.contains(&variant.value) {
                check.unknown(format!("no variant is called `{}`", variant.value), variant, &names);
            }
        }
    }
}

fn experiment(what_if: &mut WhatIf<'_>, name: &str, experiment: &Experiment) {
    let place = format!("in experiment `{name}`");
    for (path, raw) in experiment.axes() {
        axis(what_if, path, raw, &place);
    }
    if let Experiment::Saturate(args) = experiment {
        let ends = [&args.from, &args.to];
        // A wrong path is wrong for both ends.
        ends.iter().any(|end| what_if.apply(&[Change::new(&args.raise, &end.text, &end.span)], &place));
    }
}

/// The first and the last value of an axis are tried.
fn axis(what_if: &mut WhatIf<'_>, path: &At<String>, raw: &Raw, place: &str) {
    match values(&raw.text) {
        Err(message) => {
            what_if.findings.push(Diagnostic::error("parse", format!("{place}: {message}"), raw.span.clone()));
        }
        Ok(values) => {
            let last = values.len().saturating_sub(1);
            for value in values.iter().enumerate().filter(|(at, _)| *at == 0 || *at == last).map(|(_, value)| value) {
                if what_if.apply(&[Change::new(path, value, &raw.span)], place) {
                    break;
                }
            }
        }
    }
}

/// A path, the text of its new value, and where the file says so.
struct Change<'a> {
    path: &'a At<String>,
    value: &'a str,
    span: &'a Range<usize>,
}

impl<'a> Change<'a> {
    fn new(path: &'a At<String>, value: &'a str, span: &'a Range<usize>) -> Self {
        Change { path, value, span }
    }
}

struct WhatIf<'a> {
    /// Code and message of what is wrong with the file itself.
    known: BTreeSet<(String, String)>,
    library: &'a Library<'a>,
    document: &'a Document,
    findings: Vec<Diagnostic>,
}

impl WhatIf<'_> {
    /// Checks the file with changes; true if something is wrong with them.
    fn apply(&mut self, changes: &[Change<'_>], place: &str) -> bool {
        let before = self.findings.len();
        let mut document = self.document.clone();
        for change in changes {
            match set_one(&document, &change.path.value, change.value) {
                Ok(changed) => document = changed,
                Err(problem) => self.refuse(*problem, change, place),
            }
        }
        if self.findings.len() == before {
            for finding in errors(document.clone(), self.library) {
                if !self.known.contains(&(finding.code.clone(), finding.message.clone())) {
                    self.translate(finding, changes, &document, place);
                }
            }
        }
        self.findings.len() > before
    }

    /// A path that leads nowhere, or a value that cannot be read.
    fn refuse(&mut self, problem: Diagnostic, change: &Change<'_>, place: &str) {
        let span = if problem.code == "path" { change.path.span.clone() } else { change.span.clone() };
        self.push(Diagnostic { span, related: Vec::new(), ..problem }, place);
    }

    /// Puts a finding of the changed file at the value that causes it.
    fn translate(&mut self, finding: Diagnostic, changes: &[Change<'_>], document: &Document, place: &str) {
        let cause = changes.iter().find_map(|change| {
            let path = Path::parse(&change.path.value).ok()?;
            let node = find(document, &path, &sections()).ok()??;
            let touches = finding.span.start < node.span.end.max(node.span.start + 1)
                && node.span.start < finding.span.end.max(finding.span.start + 1);
            touches.then(|| inside(&finding.span, &node.span, change, document, self.document))
        });
        let word = document.source.text().get(finding.span.clone()).unwrap_or_default();
        let misspelt = || changes.iter().find(|change| change.path.value.ends_with(&format!(".{word}")));
        let fallback = || changes.first().map_or(0..0, |change| change.span.clone());
        let span = cause.or_else(|| misspelt().map(|change| change.path.span.clone())).unwrap_or_else(fallback);
        self.push(Diagnostic { span, related: Vec::new(), label: None, ..finding }, place);
    }

    fn push(&mut self, finding: Diagnostic, place: &str) {
        let severity = if finding.code == "not-yet" { Severity::Warning } else { finding.severity };
        let message = format!("{place}: {}", finding.message);
        self.findings.push(Diagnostic { severity, message, ..finding });
    }
}

/// The part of a value in the file that a span of the changed file is about; all of it if the two are not the same text.
fn inside(
    span: &Range<usize>,
    node: &Range<usize>,
    change: &Change<'_>,
    changed: &Document,
    file: &Document,
) -> Range<usize> {
    let whole = change.span.clone();
    let same = changed.source.text().get(node.clone()) == file.source.text().get(whole.clone());
    if same && node.start <= span.start && span.end <= node.end {
        return whole.start + (span.start - node.start)..whole.start + (span.end - node.start);
    }
    whole
}

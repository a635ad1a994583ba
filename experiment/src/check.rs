//! Checking: everything that can be wrong with a scenario is found before the first event, all at once.

mod advice;
pub mod codes;
mod context;
mod copies;
mod cycles;
mod edges;
mod expected;
mod heavy_tail;
mod length;
mod limits;
mod metrics;
mod names;
mod policies;
mod queues;
#[cfg(test)]
mod robustness_tests;
#[cfg(test)]
mod snapshot_tests;
mod stand_still;
mod steps;
mod targets;
mod traces;
mod traffic;
mod values;
mod variants;

use crate::model::Model;
use crate::scenario::{Files, Library, Reading, read_document, read_with};
use archsim_language::{Diagnostic, Document, Severity, Source};
use context::Check;

/// What was found, and the model if nothing is wrong.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The model; there is one exactly if no finding is an error.
    pub model: Option<Model>,
    /// Everything worth saying, in the order of the text.
    pub findings: Vec<Diagnostic>,
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// Variants, experiments and advice, too.
    All,
    /// The file itself, as it would run.
    File,
}

/// Checks a scenario with its variants and experiments. `files` reads the files that it names.
pub fn check(source: &Source, files: &Files<'_>) -> Checked {
    examine(source, &Library::new(files), Depth::All)
}

/// Checks a scenario as it would run, without looking at its variants, at its experiments and for advice: the way to a model when
/// one file is run with many settings.
pub fn check_alone(source: &Source, files: &Files<'_>) -> Checked {
    examine(source, &Library::new(files), Depth::File)
}

fn examine(source: &Source, library: &Library<'_>, depth: Depth) -> Checked {
    let reading = read_with(source, library);
    let Reading { document: Some(document), problems, .. } = &reading else {
        return Checked { model: None, findings: reading.problems };
    };
    let mut check = Check::new(&reading, document);
    file(&mut check);
    let own: Vec<Diagnostic> = problems.iter().chain(&check.findings).cloned().collect();
    if depth == Depth::All {
        metrics::experiments(&mut check);
        variants::check(&mut check, &own, library);
    }
    let mut findings: Vec<Diagnostic> = problems.clone();
    findings.append(&mut check.findings);
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    let model = (!wrong).then(|| Model::new(&reading.scenario, source.text()));
    if let (Some(model), Depth::All) = (&model, depth) {
        advice::check(&mut check, &model.load);
        heavy_tail::check(&mut check, model);
        length::check(&mut check, model);
        findings.append(&mut check.findings);
    }
    expected::silence(source, &mut findings);
    findings.sort_by_key(|finding| (finding.span.start, finding.severity));
    Checked { model, findings }
}

/// What is wrong with the file itself.
fn file(check: &mut Check<'_>) {
    names::check(check);
    targets::check(check);
    values::check(check);
    traffic::check(check);
    edges::check(check);
    cycles::check(check);
    metrics::objectives(check);
    values::idle_consumers(check);
    stand_still::check(check);
}

/// What is wrong with a file, without its variants and experiments.
fn errors(document: Document, library: &Library<'_>) -> Vec<Diagnostic> {
    let reading = read_document(document, library);
    let Reading { document: Some(document), problems, .. } = &reading else { return reading.problems };
    let mut check = Check::new(&reading, document);
    file(&mut check);
    let all = problems.iter().chain(&check.findings);
    all.filter(|finding| finding.severity == Severity::Error).cloned().collect()
}

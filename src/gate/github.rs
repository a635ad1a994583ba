//! Annotations of a GitHub Actions job, and the summary of its step.
//!
//! Source: GitHub Docs, "Workflow commands for GitHub Actions" (`error`, `warning`, `notice`, `GITHUB_STEP_SUMMARY`); the escapes are those
//! of actions/toolkit, `packages/core/src/command.ts`.

use super::{Case, Gate, Place, markdown, place, reason, title};
use crate::exit::Failure;
use archsim_experiment::language::{Diagnostic, Severity, Source};
use archsim_experiment::report::Verdict;
use std::io::Write;

/// The variable with the name of the file that takes the summary of a step.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// An annotation for each SLO that did not pass, of a sweep at each point: an error where it closes the gate, a warning where it is undecided.
pub(crate) fn annotations(gate: &Gate<'_>) -> String {
    let line = |case: &Case<'_>| {
        let level = if gate.fails(case.slo) { "error" } else { "warning" };
        let message = format!("{}: {}", title(case), reason(case.slo));
        annotation(level, gate.file, case.place, &format!("SLO {}", case.slo.verdict.name()), &message)
    };
    gate.cases.iter().filter(|case| case.slo.verdict != Verdict::Pass).map(line).collect()
}

/// An annotation for each finding in a file.
pub(crate) fn findings<'a>(file: &str, source: &Source, findings: impl IntoIterator<Item = &'a Diagnostic>) -> String {
    let line = |finding: &Diagnostic| {
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let help = finding.help.iter().map(|help| format!("\nhelp: {help}"));
        let message = finding.message.clone() + &help.collect::<String>();
        annotation(level, file, Some(place(source, finding.span.clone())), &finding.code, &message)
    };
    findings.into_iter().map(line).collect()
}

fn annotation(level: &str, file: &str, place: Option<Place>, title: &str, message: &str) -> String {
    let place = place.map_or(String::new(), |place| {
        // Columns are only understood within a line.
        let columns = if place.line == place.end_line {
            format!(",col={},endColumn={}", place.column, place.end_column)
        } else {
            String::new()
        };
        format!(",line={},endLine={}{columns}", place.line, place.end_line)
    });
    format!("::{level} file={}{place},title={}::{}\n", property(file), property(title), data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Adds the table of the SLOs to the summary of the step, where there is one.
pub(crate) fn summarize(gate: &Gate<'_>) -> Result<(), Failure> {
    let Some(path) = std::env::var_os(SUMMARY).filter(|path| !path.is_empty()) else { return Ok(()) };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(markdown::table(gate).as_bytes())).map_err(|error| {
        Failure::Broken(format!("cannot write `{}` ({SUMMARY}): {error}", std::path::Path::new(&path).display()))
    })
}

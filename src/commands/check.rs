//! `archsim check`: what is wrong with a file, and what load it plans for.

use crate::cli::{CheckArgs, Deny, Format};
use crate::console::{Console, Ink};
use crate::exit::{Failure, WRONG};
use crate::gate::{Place, github, place};
use crate::settings::{Prepared, prepare};
use crate::table::{check as tables, hang, plural};
use archsim_experiment::language::{Diagnostic, Severity, Source, Style, render, short};
use archsim_experiment::load_table::{Bounds, LoadRow};
use serde::Serialize;
use std::path::Path;

/// Checks every file; the worst of them decides the exit code.
pub(crate) fn check(args: &CheckArgs, console: Console) -> Result<u8, Failure> {
    let format = if args.json { Format::Json } else { args.format };
    let (mut wrong, mut documents) = (false, Vec::new());
    for (index, file) in args.files.iter().enumerate() {
        // A file that cannot be read must not keep the others from being checked.
        let checked = match prepare(file, &args.changes, console) {
            Ok(prepared) => prepared,
            Err(failure) => {
                console.tell(&failure.text(console.err));
                documents.push(FileDocument { file: file.display().to_string(), ..FileDocument::default() });
                wrong = true;
                continue;
            }
        };
        wrong |= refused(&checked, args.deny);
        match format {
            Format::Human => console.print(&human(file, &checked, index > 0, console))?,
            Format::Github => console.print(&annotations(file, &checked, console))?,
            Format::Short => console.print(&lines(&checked, console))?,
            Format::Json => documents.push(document(file, &checked)),
        }
    }
    if format == Format::Json {
        console.print(&crate::files::json::pretty(&Document { ok: !wrong, files: documents }))?;
    }
    Ok(if wrong { WRONG } else { 0 })
}

fn refused(prepared: &Prepared, deny: Option<Deny>) -> bool {
    let worst = if deny == Some(Deny::Warnings) { Severity::Warning } else { Severity::Error };
    let findings = &prepared.checked.findings;
    prepared.checked.model.is_none() || findings.iter().any(|finding| finding.severity <= worst)
}

fn human(file: &Path, prepared: &Prepared, separate: bool, console: Console) -> String {
    let paint = console.out;
    if console.quiet && shown(prepared, console).is_empty() {
        return String::new();
    }
    let mut text = if separate && !console.quiet { "\n".to_owned() } else { String::new() };
    let name = paint.text(Ink::Bold, &file.display().to_string());
    if let Some(model) = prepared.checked.model.as_ref().filter(|_| !console.quiet) {
        text += &format!("{name}  {}\n  {}\n\n", model.name, tables::contents(model));
        text += &(tables::load(model, paint) + "\n");
        text += &tables::first_to_saturate(model).map_or(String::new(), |first| format!("  {first}\n"));
        text += &tables::bounds(model, console.width());
    }
    // Notes are short unless somebody wants to know.
    let (notes, findings): (Vec<_>, Vec<_>) =
        shown(prepared, console).into_iter().partition(|f| f.severity == Severity::Note && !console.verbose);
    if !findings.is_empty() {
        let style = if paint.is_on() { Style::Colour } else { Style::Plain };
        text += if prepared.checked.model.is_some() && !console.quiet { "\n" } else { "" };
        text += &(render(&findings, &prepared.source, style) + "\n");
    }
    for note in notes {
        let line = format!("  note: {}", hang(&note.message, 8, console.width()));
        text += &(paint.text(Ink::Dim, &line) + "\n");
    }
    let (ink, verdict) = verdict(&prepared.checked.findings);
    let titled = prepared.checked.model.is_some() && !console.quiet;
    let indent = if titled { "  ".to_owned() } else { format!("{name}: ") };
    text + &indent + &paint.text(ink, &verdict) + "\n"
}

/// What is not left out by `--quiet`.
fn shown(prepared: &Prepared, console: Console) -> Vec<Diagnostic> {
    let least = if console.quiet { Severity::Warning } else { Severity::Note };
    prepared.checked.findings.iter().filter(|finding| finding.severity <= least).cloned().collect()
}

fn verdict(findings: &[Diagnostic]) -> (Ink, String) {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let some = |number: usize, word: &str| (number > 0).then(|| plural(number, word));
    let parts = [some(errors, "error"), some(warnings, "warning"), some(notes, "note")];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    match (errors, warnings, notes) {
        (0, 0, 0) => (Ink::Good, "All checks passed.".into()),
        (0, 0, _) => (Ink::Good, format!("All checks passed, {text}.")),
        (0, ..) => (Ink::Unsure, format!("It can run: {text}.")),
        _ => (Ink::Bad, format!("{text}.")),
    }
}

fn lines(prepared: &Prepared, console: Console) -> String {
    in_order(prepared, console).iter().map(|finding| short(finding, &prepared.source) + "\n").collect()
}

fn annotations(file: &Path, prepared: &Prepared, console: Console) -> String {
    github::findings(&file.display().to_string(), &prepared.source, &in_order(prepared, console))
}

/// What is shown, in the order of the file.
fn in_order(prepared: &Prepared, console: Console) -> Vec<Diagnostic> {
    let mut findings = shown(prepared, console);
    findings.sort_by_key(|finding| (finding.span.start, finding.severity));
    findings
}

/// The document of `archsim check --format json`.
#[derive(Serialize)]
struct Document {
    ok: bool,
    files: Vec<FileDocument>,
}

/// One file.
#[derive(Default, Serialize)]
struct FileDocument {
    file: String,
    name: Option<String>,
    findings: Vec<Finding>,
    load: Vec<Load>,
    bounds: Vec<Bound>,
    without_retries_of: Vec<String>,
}

#[derive(Serialize)]
struct Finding {
    severity: &'static str,
    code: String,
    message: String,
    #[serde(flatten)]
    place: Place,
    help: Vec<String>,
}

/// A row of the load table.
#[derive(Serialize)]
struct Load {
    component: String,
    visits: f64,
    arrivals: f64,
    work: f64,
    capacity: Option<f64>,
    busy: Option<f64>,
    hottest: Option<String>,
}

fn document(file: &Path, prepared: &Prepared) -> FileDocument {
    let model = prepared.checked.model.as_ref();
    FileDocument {
        file: file.display().to_string(),
        name: model.map(|model| model.name.clone()),
        findings: prepared.checked.findings.iter().map(|finding| found(finding, &prepared.source)).collect(),
        load: model.map(|model| model.load.rows.iter().map(load).collect()).unwrap_or_default(),
        bounds: model.map(|model| model.load.bounds.iter().map(bound).collect()).unwrap_or_default(),
        without_retries_of: model.map(|model| model.load.left_out.clone()).unwrap_or_default(),
    }
}

fn found(finding: &Diagnostic, source: &Source) -> Finding {
    Finding {
        severity: finding.severity.word(),
        code: finding.code.clone(),
        message: finding.message.clone(),
        place: place(source, finding.span.clone()),
        help: finding.help.clone(),
    }
}

fn load(row: &LoadRow) -> Load {
    Load {
        component: row.component.clone(),
        visits: row.visits,
        arrivals: row.arrivals,
        work: row.work,
        capacity: row.capacity,
        busy: row.busy,
        hottest: row.hottest.clone(),
    }
}

/// The asymptotic bounds of a source.
#[derive(Serialize)]
struct Bound {
    source: String,
    rate_at_most: Option<f64>,
    mean_at_least: Option<f64>,
}

fn bound(bounds: &Bounds) -> Bound {
    Bound { source: bounds.source.clone(), rate_at_most: bounds.rate(), mean_at_least: bounds.response() }
}

//! What-ifs from the command line, put into the text of the scenario so that the text says what ran.

use crate::cli::Changes;
use crate::console::Console;
use crate::exit::Failure;
use crate::input;
use archsim_experiment::check::{Checked, check};
use archsim_experiment::language::{
    Diagnostic, Document, Path, Severity, Source, Style, get_text, nearest, render, set,
};
use archsim_experiment::model::Model;
use archsim_experiment::scenario::sections;
use archsim_experiment::slo::{self, SloError};
use archsim_experiment::vary;

/// A scenario with the changes of the command line.
pub(crate) struct Prepared {
    /// The text as it stands in the file.
    pub(crate) original: Source,
    /// The text with all changes.
    pub(crate) source: Source,
    /// What was found in it.
    pub(crate) checked: Checked,
    /// The changes in words: "catalog.replicas = 8".
    pub(crate) changed: Vec<String>,
}

/// Reads and changes a scenario, and checks the result.
pub(crate) fn prepare(file: &std::path::Path, changes: &Changes, console: Console) -> Result<Prepared, Failure> {
    let original = input::scenario(file)?;
    if changes.any() {
        // A file that cannot be read at all says so itself, before any change is blamed.
        Document::parse(original.clone()).map_err(|f| Failure::Findings(laid_out(&f, &original, console)))?;
    }
    let mut source = original.clone();
    let mut changed = Vec::new();
    if let Some(name) = &changes.variant {
        for (path, value) in variant(file, &original, name, console)? {
            source = apply(&source, &path, &value, &format!("variant {name:?}"), console)?;
            changed.push(format!("{path} = {value}"));
        }
    }
    for (flag, path, value) in assignments(changes) {
        source = apply(&source, &path, &value, flag, console)?;
        changed.push(format!("{path} = {value}"));
    }
    if !changes.slo.is_empty() {
        source = with_slos(file, &source, &changes.slo, console)?;
    }
    changed.extend(changes.slo.iter().map(|text| format!("SLO {text}")));
    if !changed.is_empty() {
        source = Source::new(format!("{} (changed by the command line)", original.name()), source.text());
    }
    let checked = check(&source, &|name| input::beside(file, name));
    Ok(Prepared { original, source, checked, changed })
}

impl Prepared {
    /// The model and its text; without a model the findings are the failure. Warnings go to stderr.
    pub(crate) fn runnable(self, console: Console) -> Result<(Model, Source, Vec<String>), Failure> {
        let Checked { model, findings } = self.checked;
        // What only variants and other experiments could not do is no news to a run.
        let is_news = |finding: &Diagnostic| {
            finding.severity == Severity::Error || (finding.severity == Severity::Warning && finding.code != "not-yet")
        };
        let shown: Vec<Diagnostic> = findings.into_iter().filter(|f| console.verbose || is_news(f)).collect();
        match model {
            None => Err(Failure::Findings(laid_out(&shown, &self.source, console))),
            Some(model) => {
                if !console.quiet && !shown.is_empty() {
                    console.tell(&(laid_out(&shown, &self.source, console) + "\n"));
                }
                Ok((model, self.source, self.changed))
            }
        }
    }
}

/// Findings as they are shown on stderr.
pub(crate) fn laid_out(findings: &[Diagnostic], source: &Source, console: Console) -> String {
    render(findings, source, if console.err.is_on() { Style::Colour } else { Style::Plain })
}

/// The settings of the command line in the order in which they are made: flag, path, value.
fn assignments(changes: &Changes) -> Vec<(&'static str, String, String)> {
    let set = changes.set.iter().map(|(path, value)| ("--set", path.clone(), value.clone()));
    let run = [
        ("--seed", "run.seed", changes.seed.map(|seed| seed.to_string())),
        ("--duration", "run.duration", changes.duration.clone()),
        ("--replications", "run.replications", changes.replications.map(|number| number.to_string())),
    ];
    let run = run.into_iter().filter_map(|(flag, path, value)| Some((flag, path.to_owned(), value?)));
    set.chain(run).collect()
}

/// The settings of a variant.
fn variant(
    file: &std::path::Path,
    source: &Source,
    name: &str,
    console: Console,
) -> Result<Vec<(String, String)>, Failure> {
    if name == "baseline" {
        return Ok(Vec::new());
    }
    let checked = check(source, &|name| input::beside(file, name));
    let Some(model) = checked.model else {
        return Err(Failure::Findings(laid_out(&checked.findings, source, console)));
    };
    let names: Vec<&str> = model.variants.iter().map(|(name, _)| name.as_str()).collect();
    let found = model.variants.iter().find(|(variant, _)| variant == name);
    found
        .map(|(_, settings)| settings.clone())
        .ok_or_else(|| Failure::Wrong(unknown("variant", name, &names, source.name())))
}

/// A name that the file does not have, with what it has.
pub(crate) fn unknown(what: &str, name: &str, names: &[&str], file: &str) -> String {
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let help = match (nearest(name, names.iter().copied()), names.is_empty()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, true) => format!("the file has no {what}"),
        (None, false) => format!("there is {listed}"),
    };
    format!("{file} has no {what} `{name}`\n  = help: {help}")
}

/// Sets one value; a problem is shown at the place in the command line.
fn apply(source: &Source, path: &str, value: &str, flag: &str, console: Console) -> Result<Source, Failure> {
    let changed = vary::set_all(source, &[(path.to_owned(), value.to_owned())]);
    changed.map_err(|findings| at_flag(findings, flag, path, value, console))
}

/// Problems with a setting, shown in the words of the command line: at the path, or at the value if that is what is wrong.
pub(crate) fn at_flag(findings: Vec<Diagnostic>, flag: &str, path: &str, value: &str, console: Console) -> Failure {
    let source = Source::new(flag, format!("{path}={value}"));
    let place = |finding: Diagnostic| {
        let span = if finding.code == "path" { 0..path.len() } else { path.len() + 1..source.text().len() };
        Diagnostic { span, label: None, related: Vec::new(), ..finding }
    };
    let findings: Vec<Diagnostic> = findings.into_iter().map(place).collect();
    Failure::Findings(laid_out(&findings, &source, console))
}

/// Puts SLOs in front of those of the file, after they have been understood.
fn with_slos(file: &std::path::Path, source: &Source, texts: &[String], console: Console) -> Result<Source, Failure> {
    if let Some(model) = check(source, &|name| input::beside(file, name)).model {
        for text in texts {
            slo::parse(text, &model.catalogue).map_err(|error| objective("--slo", text, error, console))?;
        }
    }
    texts.iter().rev().try_fold(source.clone(), |source, text| with_slo(&source, text))
}

/// A problem with an SLO or a metric of the command line, at its place there.
pub(crate) fn objective(flag: &str, text: &str, error: SloError, console: Console) -> Failure {
    let finding = Diagnostic::error(error.code, error.message, error.span);
    let finding = error.help.into_iter().fold(finding, Diagnostic::with_help);
    Failure::Findings(laid_out(&[finding], &Source::new(flag, text), console))
}

/// Puts an SLO in front of the others.
fn with_slo(source: &Source, text: &str) -> Result<Source, Failure> {
    let wrong = |problem: &Diagnostic| Failure::Wrong(format!("{}: {}", source.name(), problem.message));
    let document = Document::parse(source.clone()).map_err(|problems| wrong(&problems[0]))?;
    let path = Path::parse("slos").map_err(|problem| wrong(&problem))?;
    let existing = get_text(&document, &path, &sections()).map_err(|problem| wrong(&problem))?;
    let rest = existing.and_then(|(list, _)| list.strip_prefix('[')).unwrap_or("]");
    let list = format!("[{text:?}, {rest}");
    let changed = set(&document, &path, &list, &sections()).map_err(|problem| wrong(&problem))?;
    Ok(Source::new(source.name(), changed))
}

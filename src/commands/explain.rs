//! `archsim explain`: where a value comes from, and what a finding means.

use crate::cli::ExplainArgs;
use crate::console::{Console, Ink};
use crate::exit::Failure;
use crate::reference;
use crate::settings::{at_flag, laid_out, prepare};
use crate::table::hang;
use crate::table::sweep::bare;
use archsim_experiment::check::codes::{MEANINGS, Meaning, meaning};
use archsim_experiment::language::{Diagnostic, Document, Kind, Path, Source, get_text, nearest};
use archsim_experiment::models::preset;
use archsim_experiment::scenario::sections;
use std::path::Path as File;

/// Explains a code, or the value at a path of a file.
pub(crate) fn explain(args: &ExplainArgs, console: Console) -> Result<u8, Failure> {
    let text = match (&args.path, meaning(&args.subject)) {
        (Some(path), _) => value(args, path, console)?,
        (None, Some(meaning)) => finding(meaning, console),
        (None, None) => return Err(unknown(&args.subject)),
    };
    console.print(&text)?;
    Ok(0)
}

fn finding(meaning: &Meaning, console: Console) -> String {
    let Meaning { code, when, why, advice } = meaning;
    let lines = [("When", when), ("Why it matters", why), ("What to do", advice)];
    let lines = lines.map(|(title, text)| {
        format!("  {}  {}\n", console.out.text(Ink::Dim, &format!("{title:14}")), hang(text, 18, console.width()))
    });
    format!("{}\n{}", console.out.text(Ink::Bold, code), lines.concat())
}

fn unknown(subject: &str) -> Failure {
    if File::new(subject).exists() {
        return Failure::Wrong(format!(
            "say which value of {subject}, for example archsim explain {subject} run.duration"
        ));
    }
    let codes: Vec<&str> = MEANINGS.iter().map(|meaning| meaning.code).collect();
    let help = nearest(subject, codes.iter().copied())
        .map_or_else(|| format!("there is {}", codes.join(", ")), |near| format!("did you mean `{near}`?"));
    Failure::Wrong(format!("no finding has the code `{subject}`\n  = help: {help}"))
}

/// Where the value at a path comes from: the command line, a line of the file, a preset, or the default; and what its field means.
fn value(args: &ExplainArgs, path: &str, console: Console) -> Result<String, Failure> {
    let prepared = prepare(File::new(&args.subject), &args.changes, console)?;
    let wrong = |problem: Diagnostic| {
        at_flag(vec![Diagnostic { code: "path".into(), ..problem }], "explain", path, "", console)
    };
    let parsed = Path::parse(path).map_err(wrong)?;
    let read =
        |source: &Source| Document::parse(source.clone()).map_err(|f| Failure::Findings(laid_out(&f, source, console)));
    let (file, changed) = (read(&prepared.original)?, read(&prepared.source)?);
    let now = get_text(&changed, &parsed, &sections()).map_err(wrong)?;
    let written = get_text(&file, &parsed, &sections()).ok().flatten();
    let documented = reference::field(&changed, &parsed, console.width(), console.out);
    if let (None, Some(Err(words))) = (&now, &documented) {
        let last = path.rsplit('.').next().unwrap_or(path);
        let help = nearest(last, words.iter().copied());
        let help =
            help.map_or_else(|| format!("there is {}", words.join(", ")), |near| format!("did you mean `{near}`?"));
        return Err(Failure::Wrong(format!("`{path}` means nothing: there is no `{last}`\n  = help: {help}")));
    }
    let title = |value: &str| console.out.text(Ink::Bold, &format!("{path} = {value}")) + "\n";
    let place = |(_, span): &(&str, std::ops::Range<usize>)| line_of(&file.source, span.start);
    let origin = match (now, written) {
        (Some((now, _)), Some((before, span))) if now == before => title(bare(now)) + &place(&(before, span)),
        (Some((now, _)), Some((before, span))) => {
            let line = place(&(before, span));
            title(bare(now)) + &format!("  set by the command line; the file has {}:\n{line}", bare(before))
        }
        (Some((now, _)), None) => title(bare(now)) + "  set by the command line; the file does not give it\n",
        (None, _) => match by_preset(&changed, path) {
            Some((preset, value, source)) => {
                let source: String = source.lines().map(|line| format!("  {line}\n")).collect();
                title(&value) + &format!("  from the preset `{preset}`:\n{source}")
            }
            None => title("(default)") + "  the file does not give it\n",
        },
    };
    let about = documented.and_then(Result::ok).map_or(String::new(), |text| format!("\n{text}"));
    Ok(origin + &about)
}

/// The line of a place, with its number.
fn line_of(source: &Source, offset: usize) -> String {
    let (line, column) = source.line_column(offset);
    let text = source.text().lines().nth(line - 1).unwrap_or_default();
    format!("  {}:{line}:{column}\n  {line:4} | {}\n", source.name(), text.trim_end())
}

/// The value that a preset gives to a field of a component, with the comment above it.
fn by_preset(document: &Document, path: &str) -> Option<(String, String, String)> {
    let (component, field) = path.rsplit_once('.')?;
    let preset_path = Path::parse(&format!("{component}.preset")).ok()?;
    let (name, _) = get_text(document, &preset_path, &sections()).ok().flatten()?;
    let (name, _, text) = preset::find(bare(name))?;
    let preset = Document::parse(Source::new(name, text)).ok()?;
    let Kind::Struct { fields, .. } = &preset.root.kind else { return None };
    let found = fields.iter().find(|known| known.name.text == field)?;
    let above: Vec<&str> = text[..found.name.span.start]
        .lines()
        .rev()
        .skip(1)
        .take_while(|line| line.trim_start().starts_with("//"))
        .collect();
    let above: Vec<&str> = above.into_iter().rev().map(str::trim).collect();
    Some((name.to_string(), bare(preset.text_of(&found.value)).to_owned(), above.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_read_with_their_sources() {
        let text = "(name: \"a\", components: { \"c\": Cache(preset: \"redis\") })";
        let document = Document::parse(Source::new("a.ron", text)).expect("it can be read");
        let (preset, value, source) = by_preset(&document, "c.workers").expect("the preset has it");
        assert_eq!((preset.as_str(), value.as_str()), ("redis", "1"));
        assert!(source.contains("Single threaded"), "{source}");
        assert_eq!(by_preset(&document, "c.entries"), None);
    }
}

//! Finding and replacing values by their paths: everything else stays as it is, byte for byte.

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::lexer::{Scanner, continues_identifier, starts_identifier};
use crate::node::{Kind, Node};
use crate::parse::parse;
use crate::path::Path;
use crate::resolve::{Place, Sections, Way, resolve};
use crate::source::Source;
use std::ops::Range;

/// The value at a path, or `None` where the path is possible but the file does not give the value.
///
/// # Errors
/// A problem with the code `path` where the path leads nowhere; its span is in the text of the document.
#[expect(clippy::result_large_err, reason = "called once a path; boxing would burden every caller")]
pub fn find<'d>(document: &'d Document, path: &Path, sections: &Sections<'_>) -> Result<Option<&'d Node>, Diagnostic> {
    match resolve(&document.root, path, sections) {
        Ok(Place::Here(node)) => Ok(Some(node)),
        Ok(Place::Absent { .. }) => Ok(None),
        Err(problem) => Err(*problem),
    }
}

/// The text of the value at a path and its byte range, or `None` where the file does not give the value.
///
/// # Errors
/// As [`find`].
#[expect(clippy::result_large_err, reason = "called once a path; boxing would burden every caller")]
pub fn get_text<'d>(
    document: &'d Document,
    path: &Path,
    sections: &Sections<'_>,
) -> Result<Option<(&'d str, Range<usize>)>, Diagnostic> {
    let node = find(document, path, sections)?;
    Ok(node.map(|node| (document.text_of(node), node.span.clone())))
}

/// The text of the document with the value at a path replaced, or added where the file does not give it.
///
/// The value is taken as RON if it can be read as such (`3`, `Exp("5ms")`, `RoundRobin`, `None`), and as text otherwise
/// (`5m` becomes `"5m"`). An added field becomes the first of its struct; values by position get their names when a
/// field is added to them. Comments and layout stay.
///
/// # Errors
/// As [`find`]; with the code `parse` where the value has brackets or quotes and is not RON.
#[expect(clippy::result_large_err, reason = "called once a path; boxing would burden every caller")]
pub fn set(document: &Document, path: &Path, value: &str, sections: &Sections<'_>) -> Result<String, Diagnostic> {
    let value = literal(value)?;
    let place = resolve(&document.root, path, sections).map_err(|problem| *problem)?;
    let edits = match place {
        Place::Here(node) => vec![Edit { span: node.span.clone(), text: value }],
        Place::Absent { parent, ways } => add(document.source.text(), parent, &ways, value, sections)?,
    };
    let changed = apply(document.source.text(), edits);
    match parse(&Source::new(document.source.name(), &changed)) {
        Ok(_) => Ok(changed),
        Err(problems) => Err(problems.into_iter().next().unwrap_or_else(|| wrong("nothing can be set here", 0..0))),
    }
}

fn wrong(message: impl Into<String>, span: Range<usize>) -> Diagnostic {
    Diagnostic::error("path", message, span)
}

/// A piece of the text and what replaces it.
struct Edit {
    span: Range<usize>,
    text: String,
}

impl Edit {
    fn insert(at: usize, text: String) -> Self {
        Edit { span: at..at, text }
    }
}

/// Applies edits that do not overlap and are in the order of the text.
fn apply(text: &str, edits: Vec<Edit>) -> String {
    let mut changed = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for edit in edits {
        changed.push_str(&text[done..edit.span.start]);
        changed.push_str(&edit.text);
        done = edit.span.end;
    }
    changed + &text[done..]
}

/// A value as it is written into the file.
#[expect(clippy::result_large_err, reason = "called once a path")]
fn literal(value: &str) -> Result<String, Diagnostic> {
    let trimmed = value.trim();
    match parse(&Source::new("value", trimmed)) {
        Ok(node) => Ok(trimmed[node.span].to_owned()),
        Err(_) if trimmed.is_empty() => {
            Err(wrong("there is no value", 0..0).with_help("to switch a field off, write None"))
        }
        Err(problems) => match problems.into_iter().next() {
            Some(problem) if trimmed.contains(['"', '(', '[', '{']) => {
                Err(Diagnostic { message: format!("`{trimmed}` is not a value: {}", problem.message), ..problem })
            }
            _ => Ok(quoted(trimmed)),
        },
    }
}

/// Text in double quotes.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Adds what does not exist yet to `parent`.
#[expect(clippy::result_large_err, reason = "called once a path")]
fn add(
    text: &str,
    parent: &Node,
    ways: &[Way],
    value: String,
    sections: &Sections<'_>,
) -> Result<Vec<Edit>, Diagnostic> {
    let member = member(ways, value, parent)?;
    let first = match &parent.kind {
        Kind::Struct { fields, .. } => fields.first().map(|field| field.name.span.start),
        Kind::Map(entries) => entries.first().map(|(key, _)| key.span.start),
        Kind::Tuple { name: Some(name), items } if !items.is_empty() => {
            return lengthen(text, &name.text, items, member, sections);
        }
        Kind::Word(word) if word == "None" => {
            return Ok(vec![Edit { span: parent.span.clone(), text: format!("({member})") }]);
        }
        Kind::Word(_) => return Ok(vec![Edit::insert(parent.span.end, format!("({member})"))]),
        Kind::Unit | Kind::Tuple { .. } => None,
        _ => return Err(wrong(format!("expected a map, found {}", parent.describe()), parent.opening())),
    };
    Ok(vec![match first {
        Some(first) => Edit::insert(first, member + &separator(text, first)),
        None => Edit::insert(inside(text, parent), member),
    }])
}

/// The new field or entry as text: what does not exist yet is nested.
#[expect(clippy::result_large_err, reason = "called once a path")]
fn member(ways: &[Way], value: String, parent: &Node) -> Result<String, Diagnostic> {
    let mut content = value;
    for (depth, way) in ways.iter().enumerate().rev() {
        let (open, close, name) = match way {
            Way::Key(key) => ("{ ", " }", quoted(key)),
            Way::Field(name) if is_identifier(name) => ("(", ")", name.clone()),
            Way::Field(name) => return Err(wrong(format!("`{name}` cannot be the name of a field"), parent.opening())),
        };
        content = format!("{name}: {content}");
        if depth > 0 {
            content = format!("{open}{content}{close}");
        }
    }
    Ok(content)
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(starts_identifier) && name.chars().all(continues_identifier)
}

/// Gives names to values by position and puts a field in front of them.
#[expect(clippy::result_large_err, reason = "called once a path")]
fn lengthen(
    text: &str,
    variant: &str,
    items: &[Node],
    member: String,
    sections: &Sections<'_>,
) -> Result<Vec<Edit>, Diagnostic> {
    let names = (sections.fields)(variant);
    if names.len() < items.len() {
        let message = format!("the values of `{variant}` have no names by which a field could be added");
        return Err(wrong(message, items[0].span.clone()));
    }
    let named = names.iter().zip(items).map(|(name, item)| Edit::insert(item.span.start, format!("{name}: ")));
    let front = Edit::insert(items[0].span.start, member + &separator(text, items[0].span.start));
    Ok(std::iter::once(front).chain(named).collect())
}

/// What stands between a new member and the one that was first: a line break where that one begins its line.
fn separator(text: &str, first: usize) -> String {
    let line_start = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
    let before = &text[line_start..first];
    match before.chars().all(|c| c == ' ' || c == '\t') && line_start > 0 {
        true => format!(",\n{before}"),
        false => ", ".into(),
    }
}

/// Behind the opening bracket of a node without members.
fn inside(text: &str, node: &Node) -> usize {
    let named = matches!(&node.kind, Kind::Tuple { name: Some(_), .. });
    let mut scanner = Scanner { text, position: if named { node.opening().end } else { node.span.start } };
    // The text has been parsed: there is nothing but blanks and comments before the bracket.
    let _ = scanner.skip_blank();
    scanner.position + 1
}

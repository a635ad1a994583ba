//! Presets: fields that a component does not give are taken from a named product.

use archsim_language::{Diagnostic, Field, Kind, Node, Source, nearest, parse};
use archsim_models::kind::REGISTER;
use archsim_models::preset::{PRESETS, find};
use std::ops::Range;

/// Products that are to have a preset.
const PLANNED: [&str; 13] = [
    "aws-nlb",
    "cassandra",
    "dynamodb",
    "envoy",
    "kafka",
    "lambda",
    "memcached",
    "mysql",
    "nginx",
    "rabbitmq",
    "s3",
    "same-zone",
    "sqs",
];

/// Adds the fields of the preset that a component names, and takes the name out if there is no such preset.
pub(crate) fn apply(node: &mut Node, problems: &mut Vec<Diagnostic>) {
    let Some((name, span)) =
        node.field("preset").and_then(|value| Some((value.as_text()?.to_owned(), value.span.clone())))
    else {
        return;
    };
    let kind = node.name().unwrap_or_default().to_owned();
    let has_presets = REGISTER.iter().any(|(k, _, entries)| *k == kind && entries.iter().any(|e| e.name == "preset"));
    let Kind::Struct { fields, .. } = &mut node.kind else { return };
    if !has_presets {
        return;
    }
    match fields_of(&name, &kind, &span) {
        Ok(preset) => {
            let missing = preset.into_iter().filter(|field| !fields.iter().any(|f| f.name.text == field.name.text));
            let missing: Vec<Field> = missing.collect();
            fields.extend(missing);
        }
        Err(problem) => {
            problems.push(*problem);
            fields.retain(|field| field.name.text != "preset");
        }
    }
}

fn fields_of(name: &str, kind: &str, span: &Range<usize>) -> Result<Vec<Field>, Box<Diagnostic>> {
    let Some((_, of, text)) = find(name) else { return Err(Box::new(unknown(name, kind, span.clone()))) };
    if *of != kind {
        let message = format!("the preset `{name}` is for a `{of}`, not for a `{kind}`");
        return Err(Box::new(Diagnostic::error("parse", message, span.clone()).with_help(available(kind))));
    }
    let root = parse(&Source::new(name, text)).map_err(|mut problems| Box::new(problems.remove(0)))?;
    let Kind::Struct { mut fields, .. } = root.kind else { return Ok(Vec::new()) };
    for field in &mut fields {
        field.name.span = span.clone();
        place(&mut field.value, span);
    }
    Ok(fields)
}

fn unknown(name: &str, kind: &str, span: Range<usize>) -> Diagnostic {
    if PLANNED.contains(&name) {
        let message = format!("this version of archsim has no preset `{name}`");
        return Diagnostic::error("not-yet", message, span)
            .with_help("take it out and give the numbers you have measured");
    }
    let problem = Diagnostic::error("parse", format!("no preset is called `{name}`"), span);
    match nearest(name, PRESETS.iter().map(|(name, _, _)| *name)) {
        Some(meant) => problem.with_help(format!("did you mean `{meant}`? ({})", available(kind))),
        None => problem.with_help(available(kind)),
    }
}

fn available(kind: &str) -> String {
    let names = PRESETS.iter().filter(|(_, of, _)| *of == kind).map(|(name, _, _)| format!("`{name}`"));
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        return format!("there are no presets for a `{kind}`");
    }
    format!("presets for a `{kind}`: {}", names.join(", "))
}

/// Moves a tree to one place of the file.
fn place(node: &mut Node, span: &Range<usize>) {
    node.span = span.clone();
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().for_each(|item| place(item, span)),
        Kind::Tuple { name, items } => {
            name.iter_mut().for_each(|name| name.span = span.clone());
            items.iter_mut().for_each(|item| place(item, span));
        }
        Kind::Struct { name, fields } => {
            name.iter_mut().for_each(|name| name.span = span.clone());
            for field in fields {
                field.name.span = span.clone();
                place(&mut field.value, span);
            }
        }
        Kind::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
            place(key, span);
            place(value, span);
        }),
        _ => {}
    }
}

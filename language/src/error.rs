//! What serde reports while a node is read, put into the words of a user.

use crate::diagnostic::Diagnostic;
use crate::node::{Kind, Node};
use crate::suggest::{advice, listed};
use serde::de;
use std::fmt;
use std::ops::Range;

/// Why a value could not be read: what, where, and advice. The place is that of the innermost value that knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Content>);

#[derive(Clone, Debug, PartialEq)]
struct Content {
    message: String,
    span: Option<Range<usize>>,
    help: Vec<String>,
    cause: Cause,
}

/// What an enclosing value may still add to the message.
#[derive(Clone, Debug, PartialEq)]
enum Cause {
    Told,
    /// What was expected; the node tells what was found.
    Type(String),
    UnknownField,
    UnknownVariant(String),
    Missing(&'static str),
    /// As `Missing`, told.
    MissingTold(&'static str),
}

impl Error {
    pub(crate) fn at(message: impl Into<String>, span: Range<usize>) -> Self {
        Error::of(message.into(), Some(span), Cause::Told)
    }

    fn of(message: String, span: Option<Range<usize>>, cause: Cause) -> Self {
        Error(Box::new(Content { message, span, help: Vec::new(), cause }))
    }

    /// "Expected a list, found text."
    pub(crate) fn unexpected(expected: &str, node: &Node) -> Self {
        let error = Error::at(format!("expected {expected}, found {}", node.describe()), node.span.clone());
        let mut error = match &node.kind {
            Kind::Word(word) if word != "None" => {
                error.with_help(format!("if text is meant, put it in quotes: \"{word}\""))
            }
            _ => error,
        };
        error.0.cause = Cause::Type(expected.into());
        error
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help.push(help.into());
        self
    }

    /// Fills in the place, if no value further in has done so.
    pub(crate) fn within(mut self, node: &Node) -> Self {
        match &self.0.cause {
            _ if self.0.span.is_some() => return self,
            Cause::Type(expected) => return Error::unexpected(expected, node),
            _ => self.0.span = Some(node.span.clone()),
        }
        self
    }

    /// Fills in a place that is not a node.
    pub(crate) fn around(mut self, span: Range<usize>) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    /// Names the struct, in the user's words, whose field is unknown or missing; a missing one is shown where it opens.
    pub(crate) fn in_struct(mut self, label: Option<&str>, opening: Range<usize>) -> Self {
        let content = &mut *self.0;
        match (&content.cause, label) {
            (Cause::Missing(field), _) if content.span.is_none() => {
                content.message = match label {
                    Some(label) => format!("`{label}` needs `{field}`"),
                    None => format!("`{field}` is missing"),
                };
                content.cause = Cause::MissingTold(field);
                content.span = Some(opening);
            }
            (Cause::UnknownField, Some(label)) => {
                content.message.push_str(&format!(" in `{label}`"));
                content.cause = Cause::Told;
            }
            _ => {}
        }
        self
    }

    /// Names the kind of thing of which this is an unknown alternative, where its serde name is a phrase: "a step".
    pub(crate) fn in_enum(mut self, name: &str) -> Self {
        if let Cause::UnknownVariant(word) = &self.0.cause {
            if let Some(noun) = noun(name) {
                self.0.message = format!("unknown {noun} `{word}`");
            }
            self.0.cause = Cause::Told;
        }
        self
    }

    /// Whether the value had the wrong type altogether.
    pub(crate) fn is_type(&self) -> bool {
        matches!(self.0.cause, Cause::Type(_))
    }

    /// The field that is missing, if that is what is wrong.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        if let Cause::MissingTold(field) = self.0.cause { Some(field) } else { None }
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The byte range, where one is known.
    pub fn span(&self) -> Option<Range<usize>> {
        self.0.span.clone()
    }

    /// Advice, one sentence each.
    pub fn help(&self) -> &[String] {
        &self.0.help
    }

    /// As a diagnostic with the code `parse`; at the start of the text if no place is known.
    pub fn into_diagnostic(self) -> Diagnostic {
        let content = *self.0;
        let span = content.span.unwrap_or(0..0);
        Diagnostic { help: content.help, ..Diagnostic::error("parse", content.message, span) }
    }
}

/// "step" from "a step": serde names of enums and structs may be phrases, which then appear in messages.
pub(crate) fn noun(name: &str) -> Option<&str> {
    name.strip_prefix("a ").or_else(|| name.strip_prefix("an "))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error::of(message.to_string(), None, Cause::Told)
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let expected = in_words(&expected.to_string());
        let message = format!("expected {expected}, found {}", found_in_words(&found));
        Error::of(message, None, Cause::Type(expected))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("expected {}, found {}", in_words(&expected.to_string()), found_in_words(&found)))
    }

    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("expected {}, found {length} values", in_words(&expected.to_string())))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Error::of(format!("unknown `{variant}`"), None, Cause::UnknownVariant(variant.into()))
            .with_help(advice(variant, expected, "one of"))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Error::of(format!("unknown field `{field}`"), None, Cause::UnknownField)
            .with_help(advice(field, expected, "fields"))
    }

    fn missing_field(field: &'static str) -> Self {
        Error::of(format!("`{field}` is missing"), None, Cause::Missing(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::custom(format!("`{field}` is defined twice"))
    }
}

/// The phrases of serde's own visitors in the words of a user; phrases of other visitors are left alone.
fn in_words(expected: &str) -> String {
    const PHRASES: [(&str, &str); 13] = [
        ("struct variant ", "fields in brackets"),
        ("struct ", "fields in brackets"),
        ("enum ", "a word"),
        ("variant identifier", "a word"),
        ("field identifier", "a name"),
        ("a boolean", "`true` or `false`"),
        ("a string", "text"),
        ("a borrowed string", "text"),
        ("a sequence", "a list"),
        ("unit", "`()`"),
        ("tuple ", "values in brackets"),
        ("a tuple of size ", "values in brackets"),
        ("option", "a value"),
    ];
    match PHRASES.iter().find(|(serde, _)| expected.starts_with(serde)) {
        Some((_, words)) => (*words).into(),
        None => numbers_in_words(expected),
    }
}

fn numbers_in_words(expected: &str) -> String {
    let word = |word| match word {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => {
            "whole number"
        }
        "f32" | "f64" => "number",
        other => other,
    };
    match word(expected) {
        same if same == expected => expected.split(' ').map(word).collect::<Vec<_>>().join(" "),
        number => format!("a {number}"),
    }
}

fn found_in_words(found: &de::Unexpected<'_>) -> String {
    match found {
        de::Unexpected::Bool(value) => format!("`{value}`"),
        de::Unexpected::Unsigned(value) => value.to_string(),
        de::Unexpected::Signed(value) => value.to_string(),
        de::Unexpected::Float(value) => format!("{value:?}"),
        de::Unexpected::Char(_) => "a character".into(),
        de::Unexpected::Str(text) => format!("\"{text}\""),
        de::Unexpected::Unit => "`()`".into(),
        de::Unexpected::Seq => "a list".into(),
        de::Unexpected::Map => "a map".into(),
        other => other.to_string(),
    }
}

/// What an enum wants, in words: its serde name if that is a phrase, or its alternatives.
pub(crate) fn choice_in_words(name: &str, variants: &[&str]) -> String {
    match noun(name) {
        Some(_) => name.into(),
        None if variants.len() > 1 => format!("one of {}", listed(variants.iter().copied())),
        None => listed(variants.iter().copied()),
    }
}

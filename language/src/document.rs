//! A text together with its tree, and reading all of it in spite of errors.

use crate::deserialize::Reader;
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::node::{Kind, Node};
use crate::parse::parse;
use crate::source::Source;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::ops::Range;

/// How often [`Document::read_all`] takes something out and tries again.
const MOST_TRIES: usize = 50;

/// A text and its tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The text.
    pub source: Source,
    /// Its only value.
    pub root: Node,
}

impl Document {
    /// Reads a text into a tree.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn parse(source: Source) -> Result<Self, Vec<Diagnostic>> {
        let root = parse(&source)?;
        Ok(Document { source, root })
    }

    /// The text of a node.
    pub fn text_of(&self, node: &Node) -> &str {
        self.source.text().get(node.span.clone()).unwrap_or_default()
    }

    /// Reads a node, up to the first problem.
    ///
    /// # Errors
    /// The first problem, at its place.
    pub fn read<T: DeserializeOwned>(&self, node: &Node) -> Result<T, Error> {
        Reader::new(node, Some(self.source.text())).read(PhantomData)
    }

    /// Reads a node and finds all its problems, in the order of the text: after each the smallest thing around it that can be left out
    /// (a field, an entry of a map, an item of a list) is left out, and the rest is read again. The value is `None`
    /// exactly if there is a problem.
    ///
    /// What is only a consequence is not reported: a field that is missing because it was taken out, and complaints of a
    /// value about what is left of it.
    pub fn read_all<T: DeserializeOwned>(&self, node: &Node) -> (Option<T>, Vec<Diagnostic>) {
        let first = match self.read(node) {
            Ok(value) => return (Some(value), Vec::new()),
            Err(error) => error,
        };
        let mut salvage = Salvage { rest: node.clone(), removed: Vec::new(), problems: Vec::new() };
        let mut next = Some(first);
        for _ in 0..MOST_TRIES {
            let Some(error) = next.take() else { break };
            if !salvage.note(error) {
                break;
            }
            next = self.read::<T>(&salvage.rest).err();
        }
        salvage.problems.sort_by_key(|problem| problem.span.start);
        (None, salvage.problems)
    }
}

/// A tree that loses a piece with every problem.
struct Salvage {
    rest: Node,
    removed: Vec<Removed>,
    problems: Vec<Diagnostic>,
}

/// A piece that was taken out: its place, the place where the brackets around it open, and its name if it was a field.
struct Removed {
    span: Range<usize>,
    opening: Range<usize>,
    field: Option<String>,
}

impl Salvage {
    /// Reports a problem, unless it is a consequence, and takes out what it is about; false if that is impossible.
    fn note(&mut self, error: Error) -> bool {
        let span = error.span().unwrap_or(self.rest.span.clone());
        if !self.is_consequence(&error, &span) {
            self.problems.push(error.into_diagnostic());
        }
        match take_out(&mut self.rest, &span) {
            Some(removed) => self.removed.push(removed),
            None => return false,
        }
        true
    }

    fn is_consequence(&self, error: &Error, span: &Range<usize>) -> bool {
        self.removed.iter().any(|removed| match error.missing() {
            Some(field) => removed.field.as_deref() == Some(field) && removed.opening == *span,
            None => contains(span, &removed.span),
        })
    }
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Takes the smallest field, entry or list item around `span` out of the tree.
fn take_out(node: &mut Node, span: &Range<usize>) -> Option<Removed> {
    let opening = node.opening();
    match &mut node.kind {
        Kind::List(items) => {
            let at = items.iter().position(|item| contains(&item.span, span))?;
            take_out(&mut items[at], span)
                .or_else(|| Some(Removed { span: items.remove(at).span, opening, field: None }))
        }
        Kind::Map(entries) => {
            let at = entries.iter().position(|(key, value)| contains(&(key.span.start..value.span.end), span))?;
            take_out(&mut entries[at].1, span).or_else(|| {
                let (key, value) = entries.remove(at);
                Some(Removed { span: key.span.start..value.span.end, opening, field: None })
            })
        }
        Kind::Struct { fields, .. } => {
            let whole = |span: &Range<usize>, value: &Node| span.start..value.span.end;
            let at = fields.iter().position(|field| contains(&whole(&field.name.span, &field.value), span))?;
            take_out(&mut fields[at].value, span).or_else(|| {
                let field = fields.remove(at);
                let span = whole(&field.name.span, &field.value);
                Some(Removed { span, opening, field: Some(field.name.text) })
            })
        }
        Kind::Tuple { items, .. } => items.iter_mut().find_map(|item| take_out(item, span)),
        _ => None,
    }
}

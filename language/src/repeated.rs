//! Names that are given twice.

use crate::diagnostic::Diagnostic;
use crate::node::{Field, Kind, Node};
use crate::parse::MOST_PROBLEMS;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

/// What makes two keys the same. Keys with brackets are compared as they are written, so that nesting them costs nothing.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identity<'a> {
    Text(&'a str),
    Literal(String),
    Written(&'a str),
}

impl<'a> Identity<'a> {
    fn of(key: &'a Node, written: &'a str) -> Self {
        match &key.kind {
            Kind::Text(text) => Identity::Text(text),
            Kind::List(_) | Kind::Map(_) | Kind::Tuple { .. } | Kind::Struct { .. } | Kind::Range { .. } => {
                Identity::Written(written)
            }
            literal => Identity::Literal(format!("{literal:?}")),
        }
    }
}

/// A name that is given: what is compared, its place, and how messages call it.
type Given<'a> = (Identity<'a>, Range<usize>, &'a str);

/// The fields whose names were given before.
pub(crate) fn repeated_fields(fields: &[Field]) -> Vec<Diagnostic> {
    let names = fields.iter().map(|field| &field.name);
    repeated(names.map(|name| (Identity::Text(&name.text), name.span.clone(), name.text.as_str())))
}

/// The keys that were given before; `text` is that of the whole file.
pub(crate) fn repeated_keys(entries: &[(Node, Node)], text: &str) -> Vec<Diagnostic> {
    repeated(entries.iter().map(|(key, _)| {
        let written = &text[key.span.clone()];
        (Identity::of(key, written), key.span.clone(), key.as_text().unwrap_or(written))
    }))
}

/// A problem for every name that was given before, the first few of them.
fn repeated<'a>(names: impl Iterator<Item = Given<'a>>) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<Identity<'a>, Range<usize>> = BTreeMap::new();
    let problems = names.filter_map(|(identity, span, name)| match seen.entry(identity) {
        Entry::Vacant(place) => {
            place.insert(span);
            None
        }
        Entry::Occupied(first) => {
            let problem = Diagnostic::error("parse", format!("`{name}` is defined twice"), span);
            Some(problem.with_related(first.get().clone(), "first defined here"))
        }
    });
    problems.take(MOST_PROBLEMS).collect()
}

#[cfg(test)]
mod tests {
    use crate::parse::parse;
    use crate::source::Source;

    /// The places of the keys that were given before.
    fn repeated(text: &str) -> Vec<usize> {
        parse(&Source::new("a", text)).err().unwrap_or_default().iter().map(|problem| problem.span.start).collect()
    }

    #[test]
    fn equal_keys_are_found_and_others_are_not() {
        assert_eq!(repeated(r#"{"a": 0, "b": 0, "\x61": 0, "a": 0}"#), [17, 28]);
        assert_eq!(repeated(r#"{Unit: 0, (): 0, "Unit": 0, 1: 0, "1": 0, true: 0}"#), []);
        assert_eq!(repeated("{1: 0, 0x1: 0}"), [7]);
        assert_eq!(repeated("{[1]: 0, [2]: 0, [1]: 0}"), [17]);
        assert_eq!(repeated("(a: 0, b: (a: 0), r#a: 0)"), [18]);
    }

    #[test]
    fn every_key_is_named_as_it_is_written() {
        let problems = parse(&Source::new("a", "{[1]: 0, [1]: 0}")).unwrap_err();
        assert_eq!(problems[0].message, "`[1]` is defined twice");
    }
}

//! `Empirical("latencies.csv")`, `Replay("arrivals.csv")`: the values of a file take the place of its name.

use super::{Files, trace};
use archsim_language::{Diagnostic, Kind, Node};
use archsim_models::spec::Span;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// More values than this are refused: beyond it a distribution does not become more exact.
const MOST_VALUES: usize = 1_000_000;

/// The values of a file in nanoseconds, or what is wrong with it.
type Values = Rc<Result<Vec<u64>, String>>;

/// Files that have been read, so that each is read once.
pub(crate) struct Library<'a> {
    files: &'a Files<'a>,
    read: RefCell<BTreeMap<String, Values>>,
}

impl<'a> Library<'a> {
    pub(crate) fn new(files: &'a Files<'a>) -> Self {
        Library { files, read: RefCell::default() }
    }

    fn values(&self, name: &str) -> Values {
        let known = self.read.borrow().get(name).cloned();
        known.unwrap_or_else(|| {
            let values = Rc::new((self.files)(name).and_then(|text| values(name, &text)));
            self.read.borrow_mut().insert(name.to_owned(), values.clone());
            values
        })
    }

    /// Replaces every file name in `Empirical(..)`, `Sequence(..)` and `Replay(..)` under a node.
    pub(crate) fn expand(&self, node: &mut Node, problems: &mut Vec<Diagnostic>) {
        let as_written = node.name() == Some("Replay");
        if let Some(values) = file_name(node) {
            return self.replace(values, as_written, problems);
        }
        match &mut node.kind {
            Kind::List(items) | Kind::Tuple { items, .. } => {
                items.iter_mut().for_each(|item| self.expand(item, problems));
            }
            Kind::Map(entries) => entries.iter_mut().for_each(|(_, value)| self.expand(value, problems)),
            Kind::Struct { fields, .. } => fields.iter_mut().for_each(|field| self.expand(&mut field.value, problems)),
            _ => {}
        }
    }

    fn replace(&self, node: &mut Node, as_written: bool, problems: &mut Vec<Diagnostic>) {
        let name = node.as_text().unwrap_or_default().to_owned();
        let duration = |nanos: &u64| Kind::Text(format!("{nanos}ns"));
        let values = if as_written {
            (self.files)(&name).and_then(|text| trace::lines(&name, &text))
        } else {
            let values = self.values(&name);
            values.as_ref().as_ref().map(|values| values.iter().map(duration).collect()).map_err(String::clone)
        };
        let values = values.unwrap_or_else(|message| {
            problems.push(Diagnostic::error("parse", message, node.span.clone()));
            vec![if as_written { Kind::Integer(1) } else { duration(&1) }]
        });
        let at = |kind: Kind| Node { span: node.span.clone(), kind };
        node.kind = Kind::List(values.into_iter().map(at).collect());
    }
}

/// The text in `Empirical("file")` or `Empirical(values: "file")`, and in what takes lists alike.
fn file_name(node: &mut Node) -> Option<&mut Node> {
    node.name().filter(|name| ["Empirical", "Sequence", "Replay"].contains(name))?;
    let value = match &mut node.kind {
        Kind::Tuple { items, .. } if items.len() == 1 => items.first_mut(),
        Kind::Struct { fields, .. } => fields
            .iter_mut()
            .find(|f| ["values", "times", "keys"].contains(&f.name.text.as_str()))
            .map(|f| &mut f.value),
        _ => None,
    };
    value.filter(|value| value.as_text().is_some())
}

/// One value a line: a number of seconds or a duration; the first line may be a heading.
fn values(name: &str, text: &str) -> Result<Vec<u64>, String> {
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim().trim_matches('"');
        match value(line) {
            Some(nanos) => values.push(nanos),
            None if line.is_empty() || index == 0 => {}
            None => {
                let line: String = line.chars().take(40).collect();
                return Err(format!("line {} of `{name}`: `{line}` is neither seconds nor a duration", index + 1));
            }
        }
    }
    match values.len() {
        0 => {
            Err(format!("`{name}` has no values (write one a line: seconds such as 0.012, or durations such as 12ms)"))
        }
        n if n > MOST_VALUES => Err(format!("`{name}` has {n} values; at most {MOST_VALUES} are read")),
        _ => Ok(values),
    }
}

fn value(line: &str) -> Option<u64> {
    let number = line.parse::<f64>().ok().filter(|seconds| (0.0..1e9).contains(seconds));
    match number {
        Some(seconds) => Some((seconds * 1e9).round() as u64),
        None => Span::parse(line).map(|span| span.0.as_nanos()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_durations_are_read_after_a_heading() {
        assert_eq!(values("a", "latency\n0.5\n12ms\n\n1e-3\n"), Ok(vec![500_000_000, 12_000_000, 1_000_000]));
        assert_eq!(values("a", "0.5"), Ok(vec![500_000_000]));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let message = "line 2 of `a`: `x` is neither seconds nor a duration";
        assert_eq!(values("a", "0.5\nx"), Err(message.into()));
        assert!(values("a", "heading").is_err());
        assert!(values("a", "1\n-1").is_err());
    }
}

//! Paths to values: `catalog.replicas`, `gateway -> pricing.retry.max`, `catalog.on.product[0].time`.

use crate::diagnostic::Diagnostic;
use std::fmt;
use std::ops::Range;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// The name of a field, a key of a map, or the name of a step in a list.
    Name(String),
    /// A place in a list, from 0.
    Index(usize),
}

/// The way to a value: names separated by points, places in lists in square brackets. A name that contains a point, a
/// bracket or a quote stands in double quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    segments: Vec<Segment>,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// A problem with the code `path`, whose span counts in the text of the path.
    #[expect(clippy::result_large_err, reason = "called once a path; boxing would burden every caller")]
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let mut segments = Vec::new();
        let mut rest = text.trim_start();
        loop {
            let at = text.len() - rest.len();
            let (name, after) =
                if rest.starts_with('[') && !segments.is_empty() { (None, rest) } else { name(rest, at)? };
            segments.extend(name.map(Segment::Name));
            rest = indices(after, text.len() - after.len(), &mut segments)?;
            match rest.strip_prefix('.') {
                Some(after) => rest = after.trim_start(),
                None if rest.trim().is_empty() => return Ok(Path { segments }),
                None => return Err(wrong("expected `.` or `[`", text.len() - rest.len()..text.len())),
            }
        }
    }

    /// The first `length` steps.
    pub(crate) fn up_to(mut self, length: usize) -> Self {
        self.segments.truncate(length);
        self
    }

    /// The steps, at least one.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

fn wrong(message: impl Into<String>, span: Range<usize>) -> Diagnostic {
    Diagnostic::error("path", message, span)
}

/// A plain or quoted name at the start of `rest`, and what follows it.
#[expect(clippy::result_large_err, reason = "called once a path")]
fn name(rest: &str, at: usize) -> Result<(Option<String>, &str), Diagnostic> {
    if let Some(quoted) = rest.strip_prefix('"') {
        let Some(end) = quoted.find('"') else {
            return Err(wrong("this name is never closed", at..at + rest.len()));
        };
        return Ok((Some(quoted[..end].to_owned()), quoted[end + 1..].trim_start()));
    }
    let end = rest.find(['.', '[', '"']).unwrap_or(rest.len());
    match rest[..end].trim() {
        "" => Err(wrong("expected a name", at..at + end.max(1).min(rest.len()))),
        name => Ok((Some(name.to_owned()), &rest[end..])),
    }
}

/// Any number of `[0]`, and what follows them.
#[expect(clippy::result_large_err, reason = "called once a path")]
fn indices<'a>(mut rest: &'a str, mut at: usize, segments: &mut Vec<Segment>) -> Result<&'a str, Diagnostic> {
    while let Some(inside) = rest.strip_prefix('[') {
        let end = inside.find(']').unwrap_or(inside.len());
        let Ok(index) = inside[..end].trim().parse() else {
            return Err(wrong("expected a place in a list, such as `[0]`", at..at + 1 + end));
        };
        segments.push(Segment::Index(index));
        let after = inside.get(end + 1..).ok_or_else(|| wrong("this `[` is never closed", at..at + 1))?.trim_start();
        at += rest.len() - after.len();
        rest = after;
    }
    Ok(rest)
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Name(name) => {
                    let point = if position == 0 { "" } else { "." };
                    let quote = if name.contains(['.', '[']) || name.is_empty() { "\"" } else { "" };
                    write!(f, "{point}{quote}{name}{quote}")?;
                }
            }
        }
        Ok(())
    }
}

/// The two ends of an arrow `a -> b`.
pub(crate) fn arrow(name: &str) -> Option<(&str, &str)> {
    name.split_once("->").map(|(from, to)| (from.trim(), to.trim()))
}

/// Whether two names mean the same entry: blanks around an arrow do not count.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one == other || arrow(one).is_some_and(|ends| arrow(other) == Some(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Segment {
        Segment::Name(text.into())
    }

    #[test]
    fn names_arrows_indices_and_quotes() {
        let segments = |text: &str| Path::parse(text).unwrap().segments;
        assert_eq!(segments("catalog.replicas"), [name("catalog"), name("replicas")]);
        assert_eq!(segments("gateway -> pricing.retry.max"), [name("gateway -> pricing"), name("retry"), name("max")]);
        assert_eq!(segments("a.on.get[0].time"), [name("a"), name("on"), name("get"), Segment::Index(0), name("time")]);
        assert_eq!(segments("a.[1][2]"), [name("a"), Segment::Index(1), Segment::Index(2)]);
        assert_eq!(segments(r#" "a.b" . c "#), [name("a.b"), name("c")]);
    }

    #[test]
    fn a_path_prints_as_it_is_read() {
        for text in ["catalog.replicas", "a -> b.retry.max", "a.on.get[0].time", "\"a.b\".c[1]"] {
            assert_eq!(Path::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn wrong_paths_are_refused_at_their_place() {
        let error = |text: &str| Path::parse(text).map_err(|error| (error.message, error.span)).unwrap_err();
        assert_eq!(error(""), ("expected a name".into(), 0..0));
        assert_eq!(error("a..b"), ("expected a name".into(), 2..3));
        assert_eq!(error("[0]"), ("expected a name".into(), 0..1));
        assert_eq!(error("a[x]"), ("expected a place in a list, such as `[0]`".into(), 1..3));
        assert_eq!(error("a[1"), ("this `[` is never closed".into(), 1..2));
        assert_eq!(error("\"a"), ("this name is never closed".into(), 0..2));
        assert_eq!(error("a[0]b"), ("expected `.` or `[`".into(), 4..5));
    }

    #[test]
    fn blanks_around_an_arrow_do_not_count() {
        assert!(same_name("a->b", "a  -> b"));
        assert!(!same_name("a -> b", "a -> c"));
        assert!(!same_name("a", "b"));
    }
}

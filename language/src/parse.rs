//! From text to a tree: recursive descent, once over the text, with positions.

use crate::diagnostic::Diagnostic;
use crate::lexer::{Fault, Parsed, Scanner, fatal, wrong, wrong_but};
use crate::literal::{is_not_finite, not_finite};
use crate::node::{Field, Kind, Name, Node};
use crate::repeated::{repeated_fields, repeated_keys};
use crate::source::{MAX_BYTES, Source, too_large};
use std::ops::Range;

/// How deep brackets may nest: as deep as `ron` allows values to nest by default.
pub const MAX_DEPTH: usize = 128;

/// After so many problems the rest is not read: they are consequences of the first ones.
pub(crate) const MOST_PROBLEMS: usize = 20;

/// Reads a text into a tree.
///
/// The work is proportional to the length of the text (times its logarithm where many keys share one map), the memory to
/// its length, and no text makes it panic.
///
/// # Errors
/// Every problem that is not the consequence of another one, in the order of the text; the first is exact.
pub fn parse(source: &Source) -> Result<Node, Vec<Diagnostic>> {
    if source.text().len() > MAX_BYTES {
        return Err(vec![too_large(source.text().len())]);
    }
    let mut parser = Parser { scanner: Scanner::new(source.text()), depth: 0, problems: Vec::new() };
    let root = parser.document();
    let mut problems = parser.problems;
    match root {
        Ok(node) if problems.is_empty() => return Ok(node),
        Ok(_) | Err(Fault::Stop) => {}
        Err(Fault::Value(problem) | Fault::Fatal(problem)) => problems.push(*problem),
    }
    problems.sort_by_key(|problem| problem.span.start);
    Err(problems)
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    depth: usize,
    problems: Vec<Diagnostic>,
}

/// A bracket that waits for its partner.
#[derive(Clone, Copy)]
struct Bracket {
    at: usize,
    close: char,
}

impl Bracket {
    fn span(self) -> Range<usize> {
        self.at..self.at + 1
    }
}

impl Parser<'_> {
    fn document(&mut self) -> Parsed<Node> {
        self.scanner.skip_blank()?;
        while self.scanner.peek() == Some('#') {
            self.scanner.attribute()?;
            self.scanner.skip_blank()?;
        }
        let node = self.value()?;
        self.scanner.skip_blank()?;
        if self.scanner.peek().is_some() {
            return self.trailing(&node);
        }
        Ok(node)
    }

    fn trailing(&mut self, node: &Node) -> Parsed<Node> {
        let found = self.scanner.found();
        let help = match self.scanner.peek() {
            Some('{') if node.name().is_some() => "fields stand in round brackets: Name(field: value)".into(),
            Some(')' | ']' | '}') => "this bracket has no partner".into(),
            _ => format!("a file holds one value; the first ends with `{}`", self.text_at_end_of(node)),
        };
        wrong_but(format!("expected the end of the file, found {found}"), self.scanner.here(), help)
    }

    fn text_at_end_of(&self, node: &Node) -> char {
        self.scanner.text[..node.span.end].chars().next_back().unwrap_or(' ')
    }

    /// One value; blanks in front of it are behind.
    fn value(&mut self) -> Parsed<Node> {
        let start = self.scanner.position;
        let kind = match self.scanner.peek() {
            Some('(') => self.round(None)?,
            Some('[') => self.nested(']', |parser, bracket| parser.sequence(bracket, Self::value).map(Kind::List))?,
            Some('{') => self.nested('}', Self::map)?,
            Some('"') => Kind::Text(self.scanner.text()?),
            Some('\'') => Kind::Char(self.scanner.character()?),
            Some('b') if self.scanner.starts_text() => return self.bytes(),
            Some('r') if self.scanner.starts_text() => Kind::Text(self.scanner.text()?),
            Some('0'..='9' | '+' | '-' | '.') => self.number_or_range()?,
            _ => self.word()?,
        };
        Ok(Node { span: start..self.scanner.position, kind })
    }

    fn bytes<T>(&mut self) -> Parsed<T> {
        let start = self.scanner.position;
        self.scanner.eat("b");
        if self.scanner.peek() == Some('\'') {
            self.scanner.character()?;
        } else if let Err(fault @ (Fault::Fatal(_) | Fault::Stop)) = self.scanner.text() {
            // A wrong escape in it is not worth telling: bytes have escapes that texts do not.
            return Err(fault);
        }
        wrong_but("bytes are not a value here", start..self.scanner.position, "leave out the `b`")
    }

    fn word(&mut self) -> Parsed<Kind> {
        let Some(name) = self.scanner.identifier() else {
            let found = self.scanner.found();
            return match self.scanner.peek() {
                Some('#') => wrong_but(
                    format!("expected a value, found {found}"),
                    self.scanner.here(),
                    "a comment begins with //",
                ),
                _ => wrong(format!("expected a value, found {found}"), self.scanner.here()),
            };
        };
        match name.text.as_str() {
            "true" => return Ok(Kind::Bool(true)),
            "false" => return Ok(Kind::Bool(false)),
            word if is_not_finite(word) => return not_finite(word, name.span),
            _ => {}
        }
        let end = self.scanner.position;
        self.scanner.skip_blank()?;
        if self.scanner.peek() == Some('(') && name.text != "None" {
            return self.round(Some(name));
        }
        self.scanner.position = end;
        Ok(Kind::Word(name.text))
    }

    fn number_or_range(&mut self) -> Parsed<Kind> {
        let start = self.scanner.position;
        let from = if self.scanner.rest().starts_with("..") { None } else { Some(self.scanner.number()?) };
        let from_span = start..self.scanner.position;
        if !self.scanner.eat("..") {
            return Ok(from.unwrap_or(Kind::Unit));
        }
        let inclusive = self.scanner.eat("=");
        let start = self.scanner.position;
        let to = if inclusive || self.scanner.starts_number() { Some(self.scanner.number()?) } else { None };
        let node = |kind: Option<Kind>, span| kind.map(|kind| Box::new(Node { span, kind }));
        Ok(Kind::Range { from: node(from, from_span), to: node(to, start..self.scanner.position), inclusive })
    }

    /// Opens a bracket, unless too many are open.
    fn nested<T>(&mut self, close: char, content: impl FnOnce(&mut Self, Bracket) -> Parsed<T>) -> Parsed<T> {
        let bracket = Bracket { at: self.scanner.position, close };
        if self.depth == MAX_DEPTH {
            return fatal(format!("brackets are nested more than {MAX_DEPTH} deep"), bracket.span());
        }
        self.scanner.position += 1;
        self.depth += 1;
        let result = content(self, bracket);
        self.depth -= 1;
        result
    }

    fn round(&mut self, name: Option<Name>) -> Parsed<Kind> {
        self.nested(')', |parser, bracket| {
            parser.scanner.skip_blank()?;
            if parser.field_is_next()? {
                let fields = parser.sequence(bracket, Self::field)?;
                parser.note(repeated_fields(&fields));
                return Ok(Kind::Struct { name, fields });
            }
            let items = parser.sequence(bracket, Self::item)?;
            Ok(if name.is_none() && items.is_empty() { Kind::Unit } else { Kind::Tuple { name, items } })
        })
    }

    /// Whether `name:` stands here.
    fn field_is_next(&mut self) -> Parsed<bool> {
        let start = self.scanner.position;
        let named = self.scanner.identifier().is_some();
        self.scanner.skip_blank()?;
        let found = named && self.scanner.peek() == Some(':');
        self.scanner.position = start;
        Ok(found)
    }

    fn field(&mut self) -> Parsed<Field> {
        let Some(name) = self.scanner.identifier() else {
            let found = self.scanner.found();
            let message = format!("expected the name of a field, found {found}");
            return wrong_but(message, self.scanner.here(), "every value in these brackets needs a name");
        };
        self.colon()?;
        Ok(Field { name, value: self.value()? })
    }

    /// An item of a tuple; a field among items gets a message of its own.
    fn item(&mut self) -> Parsed<Node> {
        let node = self.value()?;
        self.scanner.skip_blank()?;
        if self.scanner.peek() == Some(':') {
            let help = "give all values a name, or none";
            return wrong_but("values with and without a name are mixed", node.span, help);
        }
        Ok(node)
    }

    fn map(&mut self, bracket: Bracket) -> Parsed<Kind> {
        let entries = self.sequence(bracket, |parser| {
            let key = parser.value()?;
            parser.colon()?;
            Ok((key, parser.value()?))
        })?;
        self.note(repeated_keys(&entries, self.scanner.text));
        Ok(Kind::Map(entries))
    }

    /// Notes problems that do not hinder reading.
    fn note(&mut self, problems: Vec<Diagnostic>) {
        let room = MOST_PROBLEMS.saturating_sub(self.problems.len());
        self.problems.extend(problems.into_iter().take(room));
    }

    fn colon(&mut self) -> Parsed<()> {
        self.scanner.skip_blank()?;
        if !self.scanner.eat(":") {
            return wrong(format!("expected `:`, found {}", self.scanner.found()), self.scanner.here());
        }
        self.scanner.skip_blank()
    }

    /// Everything up to the closing bracket. After a wrong item it goes on behind the next comma.
    fn sequence<T>(&mut self, bracket: Bracket, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        loop {
            self.scanner.skip_blank()?;
            if self.scanner.eat(bracket.close.encode_utf8(&mut [0])) {
                return Ok(items);
            }
            self.refuse_other_end(bracket)?;
            let start = self.scanner.position;
            match item(self).and_then(|found| self.separator(bracket, start).map(|()| found)) {
                Ok(found) => items.push(found),
                Err(Fault::Value(problem)) => self.recover(*problem, bracket)?,
                Err(other) => return Err(other),
            }
        }
    }

    fn refuse_other_end(&mut self, bracket: Bracket) -> Parsed<()> {
        match self.scanner.peek() {
            None => {
                let open = &self.scanner.text[bracket.span()];
                fatal(format!("this `{open}` is never closed"), bracket.span())
            }
            Some(found @ (')' | ']' | '}')) => {
                let open = &self.scanner.text[bracket.span()];
                let message = format!("expected `{}`, found `{found}`", bracket.close);
                let problem = Diagnostic::error("parse", message, self.scanner.here());
                Err(Fault::Fatal(Box::new(problem.with_related(bracket.span(), format!("to close this `{open}`")))))
            }
            Some(_) => Ok(()),
        }
    }

    fn separator(&mut self, bracket: Bracket, item_start: usize) -> Parsed<()> {
        let item_end = self.scanner.position;
        self.scanner.skip_blank()?;
        if self.scanner.eat(",") || self.scanner.peek() == Some(bracket.close) {
            return Ok(());
        }
        self.refuse_other_end(bracket)?;
        let message = format!("expected `,` or `{}`, found {}", bracket.close, self.scanner.found());
        let problem = Diagnostic::error("parse", message, self.scanner.here());
        Err(Fault::Value(Box::new(self.explain_separator(problem, item_start..item_end))))
    }

    fn explain_separator(&self, problem: Diagnostic, item: Range<usize>) -> Diagnostic {
        let text = &self.scanner.text[item.clone()];
        if self.scanner.peek() == Some('{') && text.ends_with(crate::lexer::continues_identifier) {
            return problem.with_help("fields stand in round brackets: Name(field: value)");
        }
        match text.rfind('"').and_then(|end| text[..end].rfind('"')) {
            Some(open) if text.ends_with('"') && text[open..].contains('\n') => {
                let open = item.start + open;
                problem.with_related(open..open + 1, "this text goes over several lines: is its closing quote missing?")
            }
            _ if self.scanner.starts_value() => problem.with_help("is the comma in front of it missing?"),
            _ => problem,
        }
    }

    /// Notes a problem and goes on behind the next comma of this bracket, or before its end.
    fn recover(&mut self, problem: Diagnostic, bracket: Bracket) -> Parsed<()> {
        self.problems.push(problem);
        if self.problems.len() >= MOST_PROBLEMS {
            return Err(Fault::Stop);
        }
        let mut open = 0usize;
        loop {
            self.scanner.skip_blank().map_err(|_| Fault::Stop)?;
            match self.scanner.peek() {
                Some('\'') => drop(self.scanner.character()),
                Some('"' | 'r') if self.scanner.starts_text() => drop(self.scanner.text().map_err(|_| Fault::Stop)?),
                Some(close @ (')' | ']' | '}')) if open == 0 => {
                    return if close == bracket.close { Ok(()) } else { Err(Fault::Stop) };
                }
                Some(',') if open == 0 => {
                    self.scanner.next();
                    return Ok(());
                }
                Some(other) => {
                    open = if matches!(other, '(' | '[' | '{') { open + 1 } else { open };
                    open = if matches!(other, ')' | ']' | '}') { open - 1 } else { open };
                    self.scanner.next();
                }
                None => return Err(Fault::Stop),
            }
        }
    }
}

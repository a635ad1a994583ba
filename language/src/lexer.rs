//! Walking over the text: blanks, comments, identifiers.

use crate::diagnostic::Diagnostic;
use crate::node::Name;
use std::ops::Range;

/// Why reading stopped.
#[derive(Debug)]
pub(crate) enum Fault {
    /// This value is wrong; what stands behind the next comma can still be read.
    Value(Box<Diagnostic>),
    /// From here on nothing can be trusted.
    Fatal(Box<Diagnostic>),
    /// As `Fatal`, and everything worth saying has been said.
    Stop,
}

/// What a step of reading gives.
pub(crate) type Parsed<T> = Result<T, Fault>;

/// A wrong value.
pub(crate) fn wrong<T>(message: impl Into<String>, span: Range<usize>) -> Parsed<T> {
    Err(Fault::Value(Box::new(Diagnostic::error("parse", message, span))))
}

/// A wrong value, with advice.
pub(crate) fn wrong_but<T>(message: impl Into<String>, span: Range<usize>, help: impl Into<String>) -> Parsed<T> {
    Err(Fault::Value(Box::new(Diagnostic::error("parse", message, span).with_help(help))))
}

/// Something that makes the rest of the text unreadable.
pub(crate) fn fatal<T>(message: impl Into<String>, span: Range<usize>) -> Parsed<T> {
    Err(Fault::Fatal(Box::new(Diagnostic::error("parse", message, span))))
}

/// A position in the text that only moves forward, except for one-identifier look-ahead.
pub(crate) struct Scanner<'a> {
    pub(crate) text: &'a str,
    pub(crate) position: usize,
}

impl<'a> Scanner<'a> {
    /// At the start of the text, behind a byte order mark.
    pub(crate) fn new(text: &'a str) -> Self {
        Scanner { text, position: if text.starts_with('\u{feff}') { 3 } else { 0 } }
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    /// The next character.
    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes the next character.
    pub(crate) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.position += next.len_utf8();
        Some(next)
    }

    /// Takes `wanted` if it is next.
    pub(crate) fn eat(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        self.position += if found { wanted.len() } else { 0 };
        found
    }

    /// Takes characters as long as they belong, and returns them.
    pub(crate) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())];
        self.position += taken.len();
        taken
    }

    /// The byte range of the next word, text or character; empty at the end.
    pub(crate) fn here(&self) -> Range<usize> {
        let rest = self.rest();
        let line = rest.lines().next().unwrap_or_default();
        let length = match self.peek() {
            Some(c) if starts_identifier(c) => rest.find(|c| !continues_identifier(c)).unwrap_or(rest.len()),
            Some('"') => line[1..].find('"').map_or(1, |end| end + 2),
            next => next.map_or(0, char::len_utf8),
        };
        self.position..self.position + length
    }

    /// What stands here, in a reader's words.
    pub(crate) fn found(&self) -> String {
        match self.peek() {
            None => "the end of the file".into(),
            Some(c) if starts_identifier(c) => {
                let rest = self.rest();
                let word = &rest[..rest.find(|c| !continues_identifier(c)).unwrap_or(rest.len())];
                format!("`{}`", word.chars().take(40).collect::<String>())
            }
            Some('"') => "text".into(),
            Some(c) => format!("`{}`", c.escape_debug()),
        }
    }

    /// Skips blanks and comments.
    pub(crate) fn skip_blank(&mut self) -> Parsed<()> {
        loop {
            self.take_while(is_blank);
            if self.rest().starts_with("//") {
                self.take_while(|c| c != '\n');
            } else if self.rest().starts_with("/*") {
                self.skip_block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    /// Block comments nest, as in Rust.
    fn skip_block_comment(&mut self) -> Parsed<()> {
        let start = self.position;
        let mut open = 0usize;
        loop {
            self.take_while(|c| c != '/' && c != '*');
            if self.eat("/*") {
                open += 1;
            } else if self.eat("*/") {
                open -= 1;
                if open == 0 {
                    return Ok(());
                }
            } else if self.next().is_none() {
                return fatal("this comment is never closed", start..start + 2);
            }
        }
    }

    /// Takes an identifier, plain or raw (`r#type`), if one is next.
    pub(crate) fn identifier(&mut self) -> Option<Name> {
        let start = self.position;
        if self.starts_raw_identifier() {
            self.position += 2;
            let text = self.take_while(continues_raw_identifier).to_owned();
            return Some(Name { text, span: start..self.position });
        }
        if !self.peek().is_some_and(starts_identifier) || self.starts_text() {
            return None;
        }
        let text = self.take_while(continues_identifier).to_owned();
        Some(Name { text, span: start..self.position })
    }

    fn starts_raw_identifier(&self) -> bool {
        self.rest().strip_prefix("r#").is_some_and(|rest| rest.starts_with(continues_raw_identifier))
    }

    /// Whether a text literal begins here, rather than an identifier that starts with `r` or `b`.
    pub(crate) fn starts_text(&self) -> bool {
        const STARTS: [&str; 8] = ["\"", "r\"", "r#\"", "r##", "b\"", "b'", "br\"", "br#"];
        STARTS.iter().any(|start| self.rest().starts_with(start))
    }
}

impl Scanner<'_> {
    /// Whether something begins here that could be a value.
    pub(crate) fn starts_value(&self) -> bool {
        self.peek()
            .is_some_and(|c| starts_identifier(c) || c.is_ascii_digit() || matches!(c, '"' | '\'' | '(' | '[' | '{'))
    }
}

/// Blanks as in the grammar of RON.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r' | '\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}')
}

/// Whether an identifier may begin with it.
pub(crate) fn starts_identifier(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

/// Whether an identifier may go on with it.
pub(crate) fn continues_identifier(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn continues_raw_identifier(c: char) -> bool {
    matches!(c, '.' | '+' | '-') || continues_identifier(c)
}

//! Numbers, texts and characters.

use crate::lexer::{Parsed, Scanner, continues_identifier, fatal, starts_identifier, wrong, wrong_but};
use crate::node::Kind;

/// The words that RON reads as numbers without a value.
const NOT_FINITE: [&str; 6] = ["inf", "inff32", "inff64", "NaN", "NaNf32", "NaNf64"];

/// Whether a bare word is one of RON's numbers without a value.
pub(crate) fn is_not_finite(word: &str) -> bool {
    NOT_FINITE.contains(&word)
}

impl Scanner<'_> {
    /// Whether a number begins here.
    pub(crate) fn starts_number(&self) -> bool {
        let rest = self.rest();
        rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
            || NOT_FINITE
                .iter()
                .any(|word| rest.strip_prefix(word).is_some_and(|rest| !rest.starts_with(continues_identifier)))
    }

    /// Takes a number: whole or with a point or an exponent, in any base that RON knows.
    pub(crate) fn number(&mut self) -> Parsed<Kind> {
        let start = self.position;
        let negative = self.peek() == Some('-');
        if negative || self.peek() == Some('+') {
            self.position += 1;
        }
        let bases = [("0x", 16), ("0o", 8), ("0b", 2)];
        let kind = match bases.into_iter().find(|(prefix, _)| self.rest().starts_with(prefix)) {
            Some((_, base)) => self.based_integer(start, negative, base)?,
            None => self.decimal(start)?,
        };
        self.end_of_number(start)?;
        Ok(kind)
    }

    fn based_integer(&mut self, start: usize, negative: bool, base: u32) -> Parsed<Kind> {
        self.position += 2;
        let digits = self.take_while(|c| c.is_ascii_hexdigit() || c == '_');
        let span = start..self.position;
        if digits.is_empty() || digits.starts_with('_') {
            return wrong(format!("expected a digit after `{}`", &self.text[start..span.end - digits.len()]), span);
        }
        if let Some(bad) = digits.chars().find(|c| *c != '_' && !c.is_digit(base)) {
            return wrong(format!("`{bad}` is not a digit in base {base}"), span);
        }
        let sign = if negative { "-" } else { "" };
        match i128::from_str_radix(&format!("{sign}{}", digits.replace('_', "")), base) {
            Ok(value) => Ok(Kind::Integer(value)),
            Err(_) => wrong("this number is too large", span),
        }
    }

    /// A decimal number; a whole number beyond 128 bits becomes a float.
    fn decimal(&mut self, start: usize) -> Parsed<Kind> {
        if self.peek() == Some('_') {
            return wrong("a number cannot begin with an underscore", start..self.position + 1);
        }
        self.digits();
        let mut whole = true;
        if self.rest().starts_with('.') && !self.rest().starts_with("..") {
            whole = false;
            self.position += 1;
            if self.peek() == Some('_') {
                return wrong("an underscore cannot follow the decimal point", start..self.position + 1);
            }
            self.digits();
        }
        if self.eat("e") || self.eat("E") {
            whole = false;
            self.take_while(|c| c == '_');
            if !self.eat("-") {
                self.eat("+");
            }
            self.digits();
        }
        let literal = self.text[start..self.position].replace('_', "");
        match literal.parse::<i128>() {
            Ok(value) if whole => Ok(Kind::Integer(value)),
            _ => self.float(start, &literal),
        }
    }

    fn digits(&mut self) {
        self.take_while(|c| c.is_ascii_digit() || c == '_');
    }

    fn float(&mut self, start: usize, literal: &str) -> Parsed<Kind> {
        if is_not_finite(self.rest().split(|c| !continues_identifier(c)).next().unwrap_or_default()) {
            self.take_while(continues_identifier);
            return not_finite(&self.text[start..self.position], start..self.position);
        }
        match literal.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Kind::Float(value)),
            Ok(_) => wrong("this number is too large", start..self.position),
            _ => wrong("expected a number", start..self.position.max(self.here().end.min(start + 1))),
        }
    }

    /// A number ends where something else begins: no letters may touch it.
    fn end_of_number(&mut self, start: usize) -> Parsed<()> {
        let touches = self.peek().is_some_and(starts_identifier);
        if !touches {
            return Ok(());
        }
        let number = &self.text[start..self.position];
        let unit = self.take_while(continues_identifier);
        let help = match unit {
            "u8" | "u16" | "u32" | "u64" | "u128" | "i8" | "i16" | "i32" | "i64" | "i128" | "f32" | "f64" => {
                format!("leave out the type: {number}")
            }
            _ => format!("a quantity with a unit stands in quotes: \"{number}{unit}\""),
        };
        wrong_but(format!("`{number}{unit}` is not a number"), start..self.position, help)
    }

    /// Takes a text, plain or raw.
    pub(crate) fn text(&mut self) -> Parsed<String> {
        let start = self.position;
        if self.eat("r") { self.raw_text(start) } else { self.escaped_text(start) }
    }

    fn raw_text(&mut self, start: usize) -> Parsed<String> {
        let hashes = self.take_while(|c| c == '#').len();
        let opened = self.eat("\"");
        let ending = format!("\"{}", "#".repeat(hashes));
        match self.rest().find(&ending) {
            Some(length) if opened => {
                let content = self.rest()[..length].to_owned();
                self.position += length + ending.len();
                Ok(content)
            }
            _ => fatal("this text is never closed", start..self.position),
        }
    }

    fn escaped_text(&mut self, start: usize) -> Parsed<String> {
        self.position += 1;
        let mut content = String::new();
        let mut wrong_escape = None;
        loop {
            content.push_str(self.take_while(|c| c != '"' && c != '\\'));
            if self.eat("\"") {
                return wrong_escape.map_or(Ok(content), Err);
            }
            if !self.eat("\\") {
                let line = self.text[start..].find('\n').unwrap_or(self.text.len() - start);
                return fatal("this text is never closed", start..start + line.max(1));
            }
            if !self.continues_on_next_line() {
                match self.escape(false) {
                    Ok(c) => content.push(c),
                    Err(fault) => drop(wrong_escape.get_or_insert(fault)),
                }
            }
        }
    }

    /// A backslash at the end of a line leaves out the line break and the blanks that follow.
    fn continues_on_next_line(&mut self) -> bool {
        let found = self.eat("\n") || self.eat("\r\n");
        if found {
            self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        }
        found
    }

    /// What stands for a backslash and the characters after it; the backslash is behind.
    fn escape(&mut self, in_character: bool) -> Parsed<char> {
        let start = self.position - 1;
        match self.next() {
            Some(same @ ('\'' | '"' | '\\')) => Ok(same),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('0') => Ok('\0'),
            Some('x') => self.byte_escape(start, in_character),
            Some('u') => self.unicode_escape(start),
            _ => wrong_but(
                format!("unknown escape `{}`", &self.text[start..self.position]),
                start..self.position,
                r#"write `\\` for a backslash"#,
            ),
        }
    }

    /// `\x41`, or up to four of them that are one character in UTF-8 (not in a character literal).
    fn byte_escape(&mut self, start: usize, in_character: bool) -> Parsed<char> {
        let most = if in_character { 1 } else { 4 };
        let mut bytes = Vec::with_capacity(most);
        while bytes.len() < most && (bytes.is_empty() || self.eat("\\x")) {
            let digits = self.rest().get(..2).filter(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
            let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                return wrong(r"expected two hexadecimal digits after `\x`", start..self.position);
            };
            self.position += 2;
            bytes.push(byte);
            if let Some(c) = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next()) {
                return Ok(c);
            }
        }
        wrong("these bytes are not a character", start..self.position)
    }

    /// `\u{1F600}`, one to six digits.
    fn unicode_escape(&mut self, start: usize) -> Parsed<char> {
        let opened = self.eat("{");
        let digits = self.take_while(|c| c.is_ascii_hexdigit());
        let value = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() <= 6).and_then(char::from_u32);
        match value {
            Some(c) if opened && self.eat("}") => Ok(c),
            _ => wrong(r"expected a character such as `\u{e9}`", start..self.position),
        }
    }

    /// Takes a character in single quotes.
    pub(crate) fn character(&mut self) -> Parsed<char> {
        let start = self.position;
        self.position += 1;
        let content = match self.next() {
            Some('\\') => self.escape(true)?,
            Some(c) => c,
            None => return fatal("this character is never closed", start..start + 1),
        };
        if self.eat("'") {
            return Ok(content);
        }
        self.take_while(|c| !matches!(c, '\'' | '\n' | ',' | ')' | ']' | '}'));
        self.eat("'");
        let help = "text stands in double quotes";
        wrong_but("single quotes hold one character", start..self.position, help)
    }
}

/// Refuses `inf` and `NaN`.
pub(crate) fn not_finite<T>(word: &str, span: std::ops::Range<usize>) -> Parsed<T> {
    wrong_but(format!("`{word}` is not a number that can be used here"), span, "give a finite number")
}

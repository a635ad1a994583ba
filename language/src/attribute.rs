//! Attributes at the start of a file.

use crate::lexer::{Parsed, Scanner, wrong, wrong_but};

impl Scanner<'_> {
    /// `#![enable(implicit_some)]`, `#![type = "..."]`, `#![schema = "..."]`: read and ignored, as their effect is always on.
    pub(crate) fn attribute(&mut self) -> Parsed<()> {
        let start = self.position;
        for part in ["#", "!", "["] {
            if !self.eat(part) {
                let help = "a comment begins with //, an attribute looks like #![enable(implicit_some)]";
                return wrong_but("expected an attribute", start..self.here().end, help);
            }
            self.skip_blank()?;
        }
        let name = self.identifier();
        self.skip_blank()?;
        match name.as_ref().map(|name| name.text.as_str()) {
            Some("enable") => self.extensions(start)?,
            Some("type" | "schema") => self.attribute_text(start)?,
            _ => return wrong("expected `enable`, `type` or `schema`", start..self.here().end),
        }
        self.skip_blank()?;
        if self.eat("]") { Ok(()) } else { wrong("expected `]`", self.here()) }
    }

    fn attribute_text(&mut self, start: usize) -> Parsed<()> {
        let assigned = self.eat("=");
        self.skip_blank()?;
        let quoted = matches!(self.peek(), Some('"' | 'r'));
        if !assigned || !quoted {
            return wrong("expected `= \"...\"`", start..self.here().end);
        }
        self.text().map(drop)
    }

    fn extensions(&mut self, start: usize) -> Parsed<()> {
        const KNOWN: [&str; 4] =
            ["unwrap_newtypes", "implicit_some", "unwrap_variant_newtypes", "explicit_struct_names"];
        if !self.eat("(") {
            return wrong("expected `(`", start..self.here().end);
        }
        loop {
            self.skip_blank()?;
            match self.identifier() {
                Some(name) if KNOWN.contains(&name.text.as_str()) => {}
                Some(name) => return wrong(format!("unknown extension `{}`", name.text), name.span),
                None => return wrong("expected the name of an extension", self.here()),
            }
            self.skip_blank()?;
            let more = self.eat(",");
            self.skip_blank()?;
            if self.eat(")") {
                return Ok(());
            }
            if !more {
                return wrong("expected `,` or `)`", self.here());
            }
        }
    }
}

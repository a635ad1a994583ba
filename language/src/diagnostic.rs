//! A problem at a place in the text.

use std::ops::Range;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can be run.
    Error,
    /// It runs, but probably not as meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word in front of the code: `error`, `warning` or `note`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One problem, with its place and advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name of the kind of problem, for example `parse` or `unused-edge`.
    pub code: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The byte range of the text that is underlined.
    pub span: Range<usize>,
    /// Words beside the underline. Default none.
    pub label: Option<String>,
    /// Further places with words of their own, for example the first of two definitions.
    pub related: Vec<(Range<usize>, String)>,
    /// Advice, one sentence each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A problem of the given severity.
    pub fn new(severity: Severity, code: impl Into<String>, message: impl Into<String>, span: Range<usize>) -> Self {
        let (code, message) = (code.into(), message.into());
        Diagnostic { severity, code, message, span, label: None, related: Vec::new(), help: Vec::new() }
    }

    /// An error.
    pub fn error(code: impl Into<String>, message: impl Into<String>, span: Range<usize>) -> Self {
        Self::new(Severity::Error, code, message, span)
    }

    /// A warning.
    pub fn warning(code: impl Into<String>, message: impl Into<String>, span: Range<usize>) -> Self {
        Self::new(Severity::Warning, code, message, span)
    }

    /// Adds words beside the underline.
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds a further place.
    pub fn with_related(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// Adds advice.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

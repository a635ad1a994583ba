//! Problems as text, in the look of the compilers people know.

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Source, floor_boundary};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str};
use std::ops::Range;

/// How problems are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Characters only, for files, tests and the browser.
    Plain,
    /// With ANSI colours, for terminals.
    Colour,
}

/// Prints problems in the order of the text, separated by blank lines: severity, code and message, the place
/// (columns count characters from 1), the line with the span underlined, and advice. Long lines are cut.
pub fn render(diagnostics: &[Diagnostic], source: &Source, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
    let blocks: Vec<String> = sorted.into_iter().map(|diagnostic| block(diagnostic, source, &renderer)).collect();
    blocks.join("\n")
}

/// A problem on one line: `file:line:column: error[code]: message`.
pub fn short(diagnostic: &Diagnostic, source: &Source) -> String {
    let (line, column) = source.line_column(diagnostic.span.start);
    let Diagnostic { severity, code, message, .. } = diagnostic;
    let message = normalize_untrusted_str(message).replace('\n', " ");
    format!("{}:{line}:{column}: {}[{code}]: {message}", source.name(), severity.word())
}

fn block(diagnostic: &Diagnostic, source: &Source, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(normalize_untrusted_str(&diagnostic.message)).id(diagnostic.code.as_str());
    let window = Window::around(diagnostic, source.text());
    let primary = AnnotationKind::Primary.span(window.shift(&diagnostic.span)).label(diagnostic.label.as_deref());
    let related = diagnostic
        .related
        .iter()
        .map(|(span, label)| AnnotationKind::Context.span(window.shift(span)).label(Some(label.as_str())));
    let snippet = Snippet::source(&source.text()[window.span.clone()])
        .line_start(window.first_line)
        .path(source.name())
        .annotation(primary)
        .annotations(related);
    let help = diagnostic.help.iter().map(|help| Level::HELP.message(normalize_untrusted_str(help)));
    let group: Group<'_> = title.element(snippet).elements(help);
    renderer.render(&[group]) + "\n"
}

/// The lines that a problem shows; a file of megabytes is not handed over as a whole.
struct Window {
    span: Range<usize>,
    first_line: usize,
}

impl Window {
    fn around(diagnostic: &Diagnostic, text: &str) -> Self {
        let spans = || std::iter::once(&diagnostic.span).chain(diagnostic.related.iter().map(|(span, _)| span));
        let start = floor_boundary(text, spans().map(|span| span.start).min().unwrap_or(0));
        let end = floor_boundary(text, spans().map(|span| span.end.max(span.start)).max().unwrap_or(0)).max(start);
        let start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
        Window { span: start..end, first_line: 1 + text[..start].matches('\n').count() }
    }

    /// A span of the text as a span of the window.
    fn shift(&self, span: &Range<usize>) -> Range<usize> {
        let inside = |at: usize| at.clamp(self.span.start, self.span.end) - self.span.start;
        inside(span.start)..inside(span.end.max(span.start))
    }
}

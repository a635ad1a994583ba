//! Where an SLO stands in the file.

use super::Place;
use archsim_experiment::language::{Document, Node, Path, Source, find};
use archsim_experiment::report::SloVerdict;
use archsim_experiment::scenario::sections;

/// For each SLO its place in a file as it was read, before any change of the command line. Two SLOs with the same text are told apart
/// by their order. None for those that are not in the file.
pub(super) fn places(file: &Source, slos: &[SloVerdict]) -> Vec<Option<Place>> {
    let mut written = written(file);
    let take = |slo: &SloVerdict| {
        let at = written.iter().position(|(text, _)| *text == slo.text)?;
        Some(written.remove(at).1)
    };
    slos.iter().map(take).collect()
}

/// The texts of the SLOs with their places.
fn written(file: &Source) -> Vec<(String, Place)> {
    let Ok(document) = Document::parse(file.clone()) else { return Vec::new() };
    let items = Path::parse("slos")
        .map_or(&[][..], |path| find(&document, &path, &sections()).ok().flatten().map_or(&[][..], Node::items));
    items.iter().filter_map(|item| Some((text(item)?.trim().to_owned(), place(file, item.span.clone())))).collect()
}

/// The text of an SLO in its short form, or in its long one.
fn text(item: &Node) -> Option<&str> {
    item.as_text().or_else(|| item.field("check")?.as_text())
}

/// Lines and columns of a range of bytes.
pub(crate) fn place(file: &Source, span: std::ops::Range<usize>) -> Place {
    let ((line, column), (end_line, end_column)) = (file.line_column(span.start), file.line_column(span.end));
    Place { line, column, end_line, end_column }
}

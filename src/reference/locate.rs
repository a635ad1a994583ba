//! Which field of the reference a path of a scenario means.

use super::{Found, Page, find, print};
use crate::console::Paint;
use archsim_experiment::language::{Document, Node, Path, Segment};
use archsim_experiment::models::spec::Entry;
use archsim_experiment::scenario::sections;

/// The field that a path means, as a line of the reference; the words that could stand there if it is none; nothing where the reference
/// has no page.
pub(crate) fn field(
    document: &Document,
    path: &Path,
    width: usize,
    paint: Paint,
) -> Option<Result<String, Vec<&'static str>>> {
    let Some((Segment::Name(last), owners)) = path.segments().split_last() else { return None };
    let owner = owner(document, owners)?;
    let entry = owner.entries.iter().find(|entry| written(entry) == last);
    Some(match entry {
        Some(entry) => Ok(print::field(owner, entry, width, paint)),
        None => Err(owner.entries.iter().map(written).collect()),
    })
}

fn written(entry: &'static Entry) -> &'static str {
    entry.name.strip_prefix("r#").unwrap_or(entry.name)
}

/// The page of the thing that the field belongs to: by the word in front of its bracket, else by the field that it is the value of.
fn owner(document: &Document, path: &[Segment]) -> Option<&'static Page> {
    let (last, owners) = path.split_last()?;
    if let Some(name) = node(document, path).and_then(Node::name) {
        let pages = find(name).into_iter().find_map(|found| match found {
            Found::Page(page) => Some(page),
            Found::Alternative(page, entry) => page.arguments(entry),
            Found::Chapter(_) => None,
        });
        return pages;
    }
    match (last, owners) {
        (Segment::Name(section), []) if section == "run" => Page::of("experiment", "RunSpec"),
        (Segment::Name(edge), []) if edge.contains("->") => Page::of("edge", "EdgeSpec"),
        (_, []) => None,
        (Segment::Index(_), _) => owner(document, owners),
        (Segment::Name(name), _) => {
            let page = owner(document, owners)?;
            let entry = page.entries.iter().find(|entry| written(entry) == name)?;
            Page::of(page.module, innermost(entry.form))
        }
    }
}

/// `Option < At < RetrySpec > >` holds a `RetrySpec`.
fn innermost(form: &str) -> &str {
    form.rsplit('<').next().unwrap_or(form).trim_matches(|c: char| c == '>' || c.is_whitespace())
}

/// The node at a path, where the file has it.
fn node<'d>(document: &'d Document, path: &[Segment]) -> Option<&'d Node> {
    let text: String = path
        .iter()
        .enumerate()
        .map(|(at, segment)| match segment {
            Segment::Index(index) => format!("[{index}]"),
            Segment::Name(name) => format!("{}\"{name}\"", if at == 0 { "" } else { "." }),
        })
        .collect();
    let path = Path::parse(&text).ok()?;
    archsim_experiment::language::find(document, &path, &sections()).ok().flatten()
}

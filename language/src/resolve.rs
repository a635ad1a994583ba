//! From a path to the node it means, or to the place where the node would stand.

use crate::diagnostic::Diagnostic;
use crate::node::{Kind, Node};
use crate::path::{Path, Segment, arrow, same_name};
use crate::suggest::advice;

/// What the crate does not know about a format in order to follow paths in it.
#[derive(Clone, Copy)]
pub struct Sections<'a> {
    /// Fields of the root that are maps; the first segment is looked up in them, in this order, then among the fields of
    /// the root itself.
    pub names: &'a [&'a str],
    /// Fields the root may have; a path may create one that the file does not have.
    pub root: &'a [&'a str],
    /// The field of the root in which a name like `a -> b` is created where it is missing. Default none: it is an error.
    pub arrows: Option<&'a str>,
    /// The names of the fields of a variant in order, by which values by position are addressed; empty if not known.
    pub fields: &'a dyn Fn(&str) -> Vec<&'static str>,
}

/// What a path means.
#[derive(Debug)]
pub(crate) enum Place<'d> {
    /// A value of the file.
    Here(&'d Node),
    /// A value that is not in the file: the first way leads on from `parent`, the others from what does not exist yet.
    Absent { parent: &'d Node, ways: Vec<Way> },
}

/// A step into something that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Field(String),
    Key(String),
}

type Resolved<'d> = Result<Place<'d>, Box<Diagnostic>>;

fn unknown<T>(message: String, node: &Node) -> Result<T, Box<Diagnostic>> {
    Err(Box::new(Diagnostic::error("path", message, node.opening())))
}

/// Follows a path from the root.
pub(crate) fn resolve<'d>(root: &'d Node, path: &Path, sections: &Sections<'_>) -> Resolved<'d> {
    let mut place = first(root, path, sections)?;
    for (position, segment) in path.segments().iter().enumerate().skip(1) {
        let so_far = Path::clone(path).up_to(position);
        place = match place {
            Place::Here(node) => step(node, segment, sections, &so_far)?,
            Place::Absent { parent, ways } => further(parent, ways, segment, &so_far)?,
        };
    }
    Ok(place)
}

/// The first segment: an entry of a section, or a field of the root.
fn first<'d>(root: &'d Node, path: &Path, sections: &Sections<'_>) -> Resolved<'d> {
    let Some(Segment::Name(name)) = path.segments().first() else {
        return unknown("a path begins with a name".into(), root);
    };
    let entry = sections.names.iter().find_map(|section| root.field(section).and_then(|map| entry(map, name)));
    if let Some(node) = entry.or_else(|| root.field(name)) {
        return Ok(Place::Here(node));
    }
    if sections.root.contains(&name.as_str()) {
        return Ok(Place::Absent { parent: root, ways: vec![Way::Field(name.clone())] });
    }
    match sections.arrows {
        Some(section) if arrow(name).is_some() => Ok(new_arrow(root, section, name)),
        _ => unknown_first(root, name, sections),
    }
}

fn new_arrow<'d>(root: &'d Node, section: &str, name: &str) -> Place<'d> {
    let name = arrow(name).map_or(name.to_owned(), |(from, to)| format!("{from} -> {to}"));
    match root.field(section) {
        Some(map) => Place::Absent { parent: map, ways: vec![Way::Key(name)] },
        None => Place::Absent { parent: root, ways: vec![Way::Field(section.into()), Way::Key(name)] },
    }
}

fn unknown_first<T>(root: &Node, name: &str, sections: &Sections<'_>) -> Result<T, Box<Diagnostic>> {
    let keys = sections.names.iter().filter_map(|section| root.field(section)).flat_map(Node::entries);
    let mut names: Vec<&str> = keys.filter_map(|(key, _)| key.as_text()).collect();
    names.extend(sections.root);
    let problem = Diagnostic::error("path", format!("nothing is called `{name}`"), root.opening());
    Err(Box::new(problem.with_help(advice(name, &names, "there are"))))
}

fn entry<'d>(map: &'d Node, name: &str) -> Option<&'d Node> {
    let exact = map.entry(name);
    let same = || map.entries().iter().find(|(key, _)| key.as_text().is_some_and(|key| same_name(key, name)));
    exact.or_else(|| same().map(|(_, value)| value))
}

/// One step from a value that exists.
fn step<'d>(node: &'d Node, segment: &Segment, sections: &Sections<'_>, so_far: &Path) -> Resolved<'d> {
    let node = unwrapped(node);
    match segment {
        Segment::Index(index) => item(node, *index, so_far),
        Segment::Name(name) => match &node.kind {
            Kind::Map(_) | Kind::List(_) => in_collection(node, name, so_far),
            _ => in_struct(node, name, sections, so_far),
        },
    }
}

/// What stands in `Some(..)`.
fn unwrapped(node: &Node) -> &Node {
    match &node.kind {
        Kind::Tuple { name: Some(name), items } if name.text == "Some" && items.len() == 1 => &items[0],
        _ => node,
    }
}

fn item<'d>(node: &'d Node, index: usize, so_far: &Path) -> Resolved<'d> {
    let found = match &node.kind {
        Kind::Map(entries) => entries.get(index).map(|(_, value)| value),
        _ => node.items().get(index),
    };
    let length = node.items().len().max(node.entries().len());
    match found {
        Some(item) => Ok(Place::Here(item)),
        None => unknown(format!("`{so_far}` has {length} items: `[{index}]` is not one of them"), node),
    }
}

/// An entry by its key, or a step by its name if there is only one of that name.
fn in_collection<'d>(node: &'d Node, name: &str, so_far: &Path) -> Resolved<'d> {
    if let Some(value) = entry(node, name) {
        return Ok(Place::Here(value));
    }
    let mut steps = Vec::new();
    // A map of lists is not a list of labelled steps: its keys cannot be left out.
    if node.entries().iter().all(|(_, value)| value.name().is_some()) {
        collect_steps(node, &mut steps);
    }
    let mut named = steps.iter().filter(|step| step.name() == Some(name));
    match (named.next(), named.count()) {
        (Some(step), 0) => Ok(Place::Here(step)),
        (Some(_), others) => {
            let message = format!("`{so_far}` has {} steps called `{name}`", others + 1);
            let problem = Diagnostic::error("path", message, node.opening());
            Err(Box::new(problem.with_help(format!("tell them apart by their places: `{so_far}[0]`"))))
        }
        (None, _) => {
            let keys = node.entries().iter().filter_map(|(key, _)| key.as_text());
            let steps = node.items().iter().filter_map(Node::name);
            let mut names: Vec<&str> = keys.chain(steps).collect();
            names.dedup();
            let problem = Diagnostic::error("path", format!("`{so_far}` has no `{name}`"), node.opening());
            Err(Box::new(problem.with_help(advice(name, &names, "there are"))))
        }
    }
}

/// Every named item of this list or labelled list and of the lists inside it, in the order of the text.
fn collect_steps<'d>(node: &'d Node, steps: &mut Vec<&'d Node>) {
    let values: Vec<&Node> = match &node.kind {
        Kind::List(items) => items.iter().collect(),
        Kind::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
        Kind::Struct { fields, .. } => return fields.iter().for_each(|field| collect_steps(&field.value, steps)),
        Kind::Tuple { items, .. } => return items.iter().for_each(|item| collect_steps(item, steps)),
        _ => return,
    };
    for value in values {
        steps.extend(value.name().is_some().then_some(value));
        collect_steps(value, steps);
    }
}

/// A field by its name, or by its position in the short form.
fn in_struct<'d>(node: &'d Node, name: &str, sections: &Sections<'_>, so_far: &Path) -> Resolved<'d> {
    let absent = || Ok(Place::Absent { parent: node, ways: vec![Way::Field(name.into())] });
    if let Some(value) = node.field(name) {
        return Ok(Place::Here(value));
    }
    match &node.kind {
        Kind::Tuple { name: Some(variant), items } => {
            let position = (sections.fields)(&variant.text).iter().position(|field| *field == name);
            match position.and_then(|position| items.get(position)) {
                Some(item) => Ok(Place::Here(item)),
                None if position.is_none() && variant.text == name => Ok(Place::Here(node)),
                None => absent(),
            }
        }
        _ if node.name() == Some(name) => Ok(Place::Here(node)),
        Kind::Struct { .. } | Kind::Unit | Kind::Word(_) => absent(),
        _ => unknown(format!("`{so_far}` is {}: it has no `{name}`", node.describe()), node),
    }
}

/// One step from a value that does not exist.
fn further<'d>(parent: &'d Node, mut ways: Vec<Way>, segment: &Segment, so_far: &Path) -> Resolved<'d> {
    let Segment::Name(name) = segment else {
        return unknown(format!("`{so_far}` is not in the file: it has no items"), parent);
    };
    ways.push(Way::Field(name.clone()));
    Ok(Place::Absent { parent, ways })
}

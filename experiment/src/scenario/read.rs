//! From text to a scenario: every entry is read on its own, so that all problems of a file are found at once.

use super::files::Library;
use super::preset;
use super::sections::ROOT;
use super::{EdgeLine, Named, Raw, Scenario, SloArgs, VERSION, Variant};
use archsim_language::{Diagnostic, Document, Field, Kind, Node, Source, nearest};
use archsim_models::spec::At;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// What could be read of a file.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The text and its tree; none where the text is not RON.
    pub document: Option<Document>,
    /// The entries that could be read.
    pub scenario: Scenario,
    /// Names of entries that could not be read: what is said of them elsewhere cannot be judged.
    pub broken: BTreeSet<String>,
    /// What is wrong.
    pub problems: Vec<Diagnostic>,
}

/// Reads a scenario file, as far as possible.
pub fn read(source: &Source, files: &super::Files<'_>) -> Reading {
    read_with(source, &Library::new(files))
}

/// As [`read`], with files that may have been read before.
pub(crate) fn read_with(source: &Source, library: &Library<'_>) -> Reading {
    match Document::parse(source.clone()) {
        Ok(document) => read_document(document, library),
        Err(problems) => Reading { problems, ..Reading::default() },
    }
}

/// Reads a tree.
pub(crate) fn read_document(document: Document, library: &Library<'_>) -> Reading {
    let mut reading = Reading::default();
    Reader { document: &document, library, reading: &mut reading }.root();
    Reading { document: Some(document), ..reading }
}

struct Reader<'a> {
    document: &'a Document,
    library: &'a Library<'a>,
    reading: &'a mut Reading,
}

impl Reader<'_> {
    fn problem(&mut self, problem: Diagnostic) {
        self.reading.problems.push(problem);
    }

    fn wrong(&mut self, message: impl Into<String>, node: &Node) {
        self.problem(Diagnostic::error("parse", message, node.span.clone()));
    }

    fn root(&mut self) {
        let root = &self.document.root;
        let fields = match &root.kind {
            Kind::Struct { name, fields } if is_scenario(name.as_ref().map(|name| name.text.as_str())) => {
                fields.as_slice()
            }
            Kind::Tuple { name, items } if items.is_empty() && is_scenario(name.as_ref().map(|n| n.text.as_str())) => {
                &[]
            }
            Kind::Unit => &[],
            _ => {
                let found = root.describe();
                let problem = Diagnostic::error("parse", format!("expected a scenario, found {found}"), root.opening());
                return self.problem(
                    problem.with_help("a scenario looks like Scenario(name: \"..\", traffic: {..}, components: {..})"),
                );
            }
        };
        if self.version(fields) {
            fields.iter().for_each(|field| self.section(field));
            self.required(root);
        }
    }

    /// Whether the file is written in a version of the language that is understood here.
    fn version(&mut self, fields: &[Field]) -> bool {
        let Some(field) = fields.iter().find(|field| field.name.text == "version") else { return true };
        match self.read::<u32>(&field.value, "version") {
            Some(version) if version > VERSION || version == 0 => {
                let message = format!(
                    "this file is written in version {version} of the language; this program reads version {VERSION}"
                );
                let problem = Diagnostic::error("parse", message, field.value.span.clone());
                self.problem(if version == 0 { problem } else { problem.with_help("use a newer archsim") });
                false
            }
            _ => true,
        }
    }

    fn required(&mut self, root: &Node) {
        let given = |name: &str| root.field(name).is_some_and(|node| !is_none(node));
        for name in ["name", "traffic", "components"] {
            if !given(name) {
                self.problem(Diagnostic::error("parse", format!("`Scenario` needs `{name}`"), root.opening()));
            }
        }
        for section in ["traffic", "components"] {
            match root.field(section) {
                Some(node @ Node { kind: Kind::Map(entries), .. }) if entries.is_empty() => {
                    self.wrong(format!("`{section}` needs at least one entry"), node);
                }
                _ => {}
            }
        }
    }

    fn section(&mut self, field: &Field) {
        let node = &field.value;
        if is_none(node) {
            return;
        }
        match field.name.text.as_str() {
            "version" => {}
            "name" => self.reading.scenario.name = self.read(node, "name").unwrap_or_default(),
            "about" => self.reading.scenario.about = self.read(node, "about").unwrap_or_default(),
            "run" => self.reading.scenario.run = self.read(node, "run").unwrap_or_default(),
            "keys" => self.reading.scenario.keys = self.named(node),
            "traffic" => self.reading.scenario.traffic = self.named(node),
            "components" => self.reading.scenario.components = self.components(node),
            "edges" => self.reading.scenario.edges = self.edges(node),
            "faults" => self.reading.scenario.faults = self.list(node, "faults"),
            "slos" => self.reading.scenario.slos = self.slos(node),
            "variants" => self.reading.scenario.variants = self.variants(node),
            "experiments" => self.reading.scenario.experiments = self.named(node),
            "knobs" => self.problem(not_yet("`knobs` of the scenario", field.name.span.clone())),
            unknown => {
                let problem =
                    Diagnostic::error("parse", format!("unknown section `{unknown}`"), field.name.span.clone());
                let all = format!("sections: `{}`", ROOT.join("`, `"));
                let help =
                    nearest(unknown, ROOT).map_or(all.clone(), |meant| format!("did you mean `{meant}`? ({all})"));
                self.problem(problem.with_help(help));
            }
        }
    }

    /// Reads an entry. Settings that are not there yet are taken out one by one, so that the rest can still be judged.
    fn read<T: DeserializeOwned>(&mut self, node: &Node, owner: &str) -> Option<T> {
        let mut node = node.clone();
        loop {
            let error = match self.document.read::<T>(&node) {
                Ok(value) => return Some(value),
                Err(error) => error,
            };
            let span = error.span().unwrap_or(node.span.clone());
            if !error.message().starts_with(NOT_YET) {
                break;
            }
            self.problem(not_yet(&feature(&node, &span, owner), span.clone()));
            if !strip(&mut node, &span) {
                return None;
            }
        }
        let (_, problems) = self.document.read_all::<T>(&node);
        for problem in problems {
            let unavailable = problem.message.starts_with(NOT_YET);
            self.problem(match unavailable {
                true => not_yet(&feature(&node, &problem.span, owner), problem.span.clone()),
                false => problem,
            });
        }
        None
    }

    /// The entries of a map by name, or nothing if it is no such map.
    fn entries<'n>(&mut self, node: &'n Node) -> Vec<(At<String>, &'n Node)> {
        let Kind::Map(entries) = &node.kind else {
            self.wrong(format!("expected a map `{{ \"name\": value }}`, found {}", node.describe()), node);
            return Vec::new();
        };
        let mut named = Vec::new();
        for (key, value) in entries {
            match key.as_text() {
                Some(name) => named.push((At { value: name.to_owned(), span: key.span.clone() }, value)),
                None => self.wrong(format!("expected a name in quotes, found {}", key.describe()), key),
            }
        }
        named
    }

    fn named<T: DeserializeOwned>(&mut self, node: &Node) -> Named<T> {
        let entries = self.entries(node);
        entries.into_iter().filter_map(|(name, node)| self.entry(name, node.clone())).collect()
    }

    /// The node with the values of files in place of their names.
    fn expanded(&mut self, mut node: Node) -> Node {
        self.library.expand(&mut node, &mut self.reading.problems);
        node
    }

    fn entry<T: DeserializeOwned>(&mut self, name: At<String>, node: Node) -> Option<(At<String>, At<T>)> {
        let node = self.expanded(node);
        match self.read(&node, &name) {
            Some(value) => Some((name, At { value, span: node.span })),
            None => {
                self.reading.broken.insert(name.value);
                None
            }
        }
    }

    fn components(&mut self, node: &Node) -> Named<archsim_models::Kind> {
        let entries = self.entries(node);
        let with_preset = |(name, node): (At<String>, &Node)| {
            let (mut node, mut problems) = (node.clone(), Vec::new());
            preset::apply(&mut node, &mut problems);
            self.reading.problems.extend(problems);
            self.entry(name, node)
        };
        entries.into_iter().filter_map(with_preset).collect()
    }

    fn edges(&mut self, node: &Node) -> Vec<EdgeLine> {
        let mut lines: Vec<EdgeLine> = Vec::new();
        for (key, at) in self.named(node) {
            let ends = key.split_once("->").map(|(from, to)| (from.trim().to_owned(), to.trim().to_owned()));
            let Some((from, to)) = ends.filter(|(from, to)| !from.is_empty() && !to.is_empty()) else {
                let message = format!("`{}` is not an edge (write \"caller -> callee\")", key.value);
                self.problem(Diagnostic::error("parse", message, key.span));
                continue;
            };
            match lines.iter().find(|line| (&line.from, &line.to) == (&from, &to)) {
                Some(first) => {
                    let problem = Diagnostic::error("parse", format!("`{from} -> {to}` is defined twice"), key.span);
                    let problem = problem.with_related(first.key.span.clone(), "first defined here");
                    self.problem(problem);
                }
                None => lines.push(EdgeLine { key, from, to, spec: at.value }),
            }
        }
        lines
    }

    /// The items of a list, or nothing if it is no list.
    fn items<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        if let Kind::List(items) = &node.kind {
            return items;
        }
        self.wrong(format!("expected a list `[..]`, found {}", node.describe()), node);
        &[]
    }

    fn list<T: DeserializeOwned>(&mut self, node: &Node, owner: &str) -> Vec<At<T>> {
        let items = self.items(node);
        let mut values = Vec::new();
        for item in items {
            let item = self.expanded(item.clone());
            values.extend(self.read(&item, owner).map(|value| At { value, span: item.span.clone() }));
        }
        values
    }

    fn slos(&mut self, node: &Node) -> Vec<SloArgs> {
        let items = self.items(node);
        let mut slos = Vec::new();
        for item in items {
            slos.extend(match item.as_text() {
                Some(_) => self.read(item, "slos").map(|check| SloArgs { check, during: None, name: None }),
                None => self.read(item, "slos"),
            });
        }
        slos
    }

    fn variants(&mut self, node: &Node) -> Vec<Variant> {
        let mut variants = Vec::new();
        for (name, node) in self.entries(node) {
            let changes = self.entries(node).into_iter().map(|(path, value)| {
                let text = self.document.text_of(value).to_owned();
                (path, Raw { text, span: value.span.clone() })
            });
            let changes = changes.collect();
            variants.push(Variant { name, changes });
        }
        variants
    }
}

/// How the messages of settings that are not there yet begin.
const NOT_YET: &str = "not yet";

fn is_scenario(name: Option<&str>) -> bool {
    name.is_none_or(|name| name == "Scenario")
}

fn is_none(node: &Node) -> bool {
    node.kind == Kind::Word("None".into())
}

fn not_yet(feature: &str, span: std::ops::Range<usize>) -> Diagnostic {
    let message = format!("this version of archsim cannot model {feature}");
    Diagnostic::error("not-yet", message, span).with_help("take it out, or set it to None")
}

/// What a span is about: the field that has it as its value, with the word it begins with, and whose field it is.
fn feature(node: &Node, span: &std::ops::Range<usize>, owner: &str) -> String {
    let mut path = Vec::new();
    find_field(node, span, &mut path);
    let value = path.last().map_or(node, |(_, value)| *value);
    match (path.last(), value.name()) {
        (Some((field, _)), Some(word)) => format!("`{field}: {word}` of `{owner}`"),
        (Some((field, _)), None) => format!("`{field}` of `{owner}`"),
        (None, Some(word)) => format!("`{word}` of `{owner}`"),
        (None, None) => format!("this setting of `{owner}`"),
    }
}

/// The fields that lead to a span, the innermost last.
fn find_field<'n>(node: &'n Node, span: &std::ops::Range<usize>, path: &mut Vec<(&'n str, &'n Node)>) {
    let inside = |node: &Node| node.span.start <= span.start && span.end <= node.span.end;
    match &node.kind {
        Kind::Struct { fields, .. } => {
            if let Some(field) = fields.iter().find(|field| inside(&field.value)) {
                path.push((&field.name.text, &field.value));
                find_field(&field.value, span, path);
            }
        }
        Kind::List(items) | Kind::Tuple { items, .. } => {
            items.iter().filter(|item| inside(item)).for_each(|item| find_field(item, span, path));
        }
        Kind::Map(entries) => {
            entries.iter().filter(|(_, v)| inside(v)).for_each(|(_, value)| find_field(value, span, path));
        }
        _ => {}
    }
}

/// Takes the field out whose value has this span; false if there is none.
fn strip(node: &mut Node, span: &std::ops::Range<usize>) -> bool {
    match &mut node.kind {
        Kind::Struct { fields, .. } => {
            let count = fields.len();
            fields.retain(|field| field.value.span != *span);
            fields.len() < count || fields.iter_mut().any(|field| strip(&mut field.value, span))
        }
        Kind::List(items) | Kind::Tuple { items, .. } => items.iter_mut().any(|item| strip(item, span)),
        Kind::Map(entries) => entries.iter_mut().any(|(_, value)| strip(value, span)),
        _ => false,
    }
}

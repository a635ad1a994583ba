//! Names that are given twice.

use crate::diagnostic::Diagnostic;
use crate::node::{Field, Kind, Name, Node};
use std::collections::BTreeMap;
use std::ops::Range;

    /// Reports every name that was given before. What is compared is `(identity, place, name in messages)`.
    fn refuse_repeated<'n>(&mut self, names: impl Iterator<Item = (String, Range<usize>, &'n str)>) {
        let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
        for (identity, span, name) in names {
            if let Some(first) = seen.get(&identity) {
                let problem = Diagnostic::error("parse", format!("`{name}` is defined twice"), span);
                self.problems.push(problem.with_related(first.clone(), "first defined here"));
                if self.problems.len() >= MOST_PROBLEMS {
                    return;
                }
            } else {
                seen.insert(identity, span);
            }
        }
    }
/// A text that is the same for two keys exactly if they are the same value.
fn identity(key: &Node) -> String {
    let all = |nodes: &[Node]| nodes.iter().map(identity).collect::<Vec<_>>().join(",");
    let end = |node: &Option<Box<Node>>| node.as_deref().map_or(String::new(), identity);
    match &key.kind {
        Kind::List(items) => format!("[{}]", all(items)),
        Kind::Map(entries) => {
            let pairs: Vec<_> =
                entries.iter().map(|(key, value)| format!("{}:{}", identity(key), identity(value))).collect();
            format!("{{{}}}", pairs.join(","))
        }
        Kind::Tuple { name, items } => format!("{}({})", word(name), all(items)),
        Kind::Struct { name, fields } => {
            let pairs: Vec<_> = fields.iter().map(|f| format!("{}:{}", f.name.text, identity(&f.value))).collect();
            format!("{}({})", word(name), pairs.join(","))
        }
        Kind::Range { from, to, inclusive } => format!("{}..{inclusive}{}", end(from), end(to)),
        Kind::Word(word) => word.clone(),
        literal => format!("{literal:?}"),
    }
}

fn word(name: &Option<Name>) -> &str {
    name.as_ref().map_or("", |name| &name.text)
}

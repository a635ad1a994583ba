//! Names: each means one thing, and can be part of a path.

use super::context::Check;
use archsim_language::Diagnostic;
use archsim_models::spec::At;

/// `duplicate-name`, and names that paths and metrics could not be told from.
pub(super) fn check(check: &mut Check<'_>) {
    let scenario = check.scenario;
    let components = || scenario.components.iter().map(|(name, _)| name);
    let sources = || scenario.traffic.iter().map(|(name, _)| name);
    for name in components() {
        if let Some(source) = sources().find(|source| source.value == name.value) {
            let (first, second) = if source.span.start < name.span.start { (source, name) } else { (name, source) };
            let message = format!("`{}` is the name of a traffic source and of a component", name.value);
            let finding = Diagnostic::error("duplicate-name", message, second.span.clone());
            check.push(finding.with_related(first.span.clone(), "first defined here"));
        }
    }
    let keys = scenario.keys.iter().map(|(name, _)| name);
    for name in components().chain(sources()).chain(keys) {
        writable(check, name);
    }
    for variant in &scenario.variants {
        if variant.name.value == "baseline" {
            check.error("duplicate-name", "`baseline` is the name of the file without any variant", &variant.name.span);
        }
    }
}

fn writable(check: &mut Check<'_>, name: &At<String>) {
    let reason = match name.value.as_str() {
        "" => "a name has at least one character",
        "*" => "`*` stands for any component",
        "cost" => "`cost` is a metric of the whole scenario",
        text if text.trim() != text => "a name neither begins nor ends with a blank",
        text if text.contains("->") => "`->` stands between the ends of an edge",
        text if text.contains(['.', '[', ']', '"', '<', '>', '=']) => {
            "a name contains none of the characters . [ ] \" < > = (paths and objectives need them)"
        }
        _ => return,
    };
    check.error("parse", format!("`{}` cannot be a name: {reason}", name.value), &name.span);
}

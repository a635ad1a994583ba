//! From Rust types to words: `Option<At<u32>>` is "whole number, optional".

use super::Page;
use archsim_experiment::models::spec::Entry;

/// What a value of a type looks like, in words.
pub(super) fn describe(module: &str, form: &str) -> String {
    let form: String = form.chars().filter(|c| !c.is_whitespace()).collect();
    match inside(&form, "Option") {
        Some(inner) => {
            let words = value(module, inner);
            let separator = if words.contains(',') { ";" } else { "," };
            format!("{words}{separator} optional")
        }
        None => value(module, &form),
    }
}

/// Whether this version cannot run it.
pub(super) fn is_missing(entry: &Entry) -> bool {
    entry.form.contains("NotYet") || entry.doc.iter().any(|line| line.contains("Not in this version."))
}

fn value(module: &str, form: &str) -> String {
    for wrapper in ["At", "Box"] {
        if let Some(inner) = inside(form, wrapper) {
            return value(module, inner);
        }
    }
    if let Some(inner) = inside(form, "Entries") {
        return format!("map from names to {}", several(&value(module, inner)));
    }
    if let Some(inner) = inside(form, "ByPriority") {
        return format!("map from priorities to {}", several(&value(module, inner)));
    }
    if let Some(inner) = inside(form, "Vec") {
        return format!("list of {}", several(&value(module, inner)));
    }
    if let Some((first, second)) =
        form.strip_prefix('(').and_then(|f| f.strip_suffix(')')).and_then(|f| f.split_once(','))
    {
        return format!("pair ({}, {})", value(module, first), value(module, second));
    }
    plain(form).map_or_else(|| named(module, form), str::to_owned)
}

/// The words of a type without parts.
fn plain(form: &str) -> Option<&'static str> {
    Some(match form {
        "u8" | "u16" | "u32" | "u64" => "whole number",
        "f64" => "number",
        "bool" => "true or false",
        "String" => "text",
        "Span" => "duration",
        "Duration" => "duration or distribution",
        "Rate" => "rate",
        "Failures" => "whole number or share",
        "BreakerWindow" => "duration or whole number",
        "LimitSpec" => "rate or limiter",
        "LoadSpec" => "rate or load over time",
        "Fraction" => "share",
        "Size" => "size",
        "Bandwidth" => "bandwidth",
        "Count" => "whole number or Unlimited",
        "Steps" => "list of steps",
        "Raw" => "value",
        "Warmup" => "duration or \"auto\"",
        "MixEntry" => "weight or (weight, priority)",
        "TargetSpec" => "target",
        "NotYet" => "not in this version",
        _ => return None,
    })
}

/// The words of a type that has a page: few alternatives are listed, fields are looked up.
fn named(module: &str, form: &str) -> String {
    const FEW: usize = 6;
    let Some(page) = Page::of(module, form) else { return form.to_owned() };
    let shown = || page.entries.iter().filter(|entry| !is_missing(entry)).map(|entry| entry.name);
    if !page.is_choice() {
        let fields: Vec<&str> = shown().map(name).collect();
        return format!("fields {}", fields.join(", "));
    }
    match shown().count() {
        1 => shown().collect(),
        few if few <= FEW => format!("one of {}", shown().collect::<Vec<_>>().join(", ")),
        _ => super::bare(page.name).to_owned(),
    }
}

/// A field's name as written in a scenario.
pub(super) fn name(field: &str) -> &str {
    field.strip_prefix("r#").unwrap_or(field)
}

fn several(words: &str) -> String {
    match words {
        "text" => "texts".into(),
        "whole number" | "number" | "duration" | "target" | "value" => format!("{words}s"),
        _ => words.trim_start_matches("one of ").into(),
    }
}

/// What stands in the angle brackets of a wrapper.
fn inside<'f>(form: &'f str, wrapper: &str) -> Option<&'f str> {
    form.strip_prefix(wrapper)?.strip_prefix('<')?.strip_suffix('>')
}

#[cfg(test)]
mod tests {
    use super::super::PAGES;
    use super::*;

    #[test]
    fn types_become_words() {
        assert_eq!(describe("", "Option < At < u32 > >"), "whole number, optional");
        assert_eq!(describe("", "At<Vec<(Span,Rate)>>"), "list of pair (duration, rate)");
        assert_eq!(describe("service", "Option<Discipline>"), "discipline, optional");
        assert_eq!(
            describe("broker", "Entries<TopicSpec>"),
            "map from names to fields partitions, max_length, overflow"
        );
        assert_eq!(name("r#for"), "for");
    }

    #[test]
    fn every_field_has_a_form_in_words() {
        for page in PAGES.iter().filter(|page| !page.is_choice()) {
            for entry in page.entries {
                let words = describe(page.module, entry.form);
                assert!(
                    !words.contains(['<', '>']) && !words.ends_with("Spec"),
                    "{} {}: {words}",
                    page.name,
                    entry.name
                );
            }
        }
    }
}

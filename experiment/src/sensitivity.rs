//! Which numbers of a scenario can be changed one at a time, to see on which of them the results hang.

use crate::check;
use crate::model::Model;
use crate::scenario::sections;
use archsim_language::{Diagnostic, Kind, Node, Source, parse};
use std::ops::Range;

/// A number that the file gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Where it stands, as people write it: "web.on.get[0].time".
    pub path: String,
    /// The value as written, without quotes: "5ms", "8".
    pub text: String,
    span: Range<usize>,
    quoted: bool,
}

/// Sections with numbers of the model. The others say how it is run, judged and varied.
const SECTIONS: [&str; 4] = ["traffic", "components", "edges", "keys"];
/// Fields that are no property of the system: prices, ranks and seeds.
const LEFT_OUT: [&str; 4] = ["cost", "priority", "preset", "seed"];

/// All numbers of the model that stand in the file, in its order.
///
/// # Errors
/// What is wrong with the text.
pub fn settings(source: &Source) -> Result<Vec<Setting>, Vec<Diagnostic>> {
    let root = parse(source)?;
    let mut found = vec![];
    for section in SECTIONS {
        for (name, value) in root.field(section).map_or(&[][..], Node::entries) {
            let path = name.as_text().unwrap_or_default();
            let path = if path.contains(['.', '[']) { format!("\"{path}\"") } else { path.to_owned() };
            collect(source, value, &path, &mut found);
        }
    }
    Ok(found)
}

fn collect(source: &Source, node: &Node, path: &str, found: &mut Vec<Setting>) {
    let text = &source.text()[node.span.clone()];
    match &node.kind {
        Kind::Integer(_) | Kind::Float(_) => {
            found.push(Setting { path: path.into(), text: text.into(), span: node.span.clone(), quoted: false });
        }
        Kind::Text(inner) if parts(inner).is_some() => {
            found.push(Setting { path: path.into(), text: inner.clone(), span: node.span.clone(), quoted: true });
        }
        Kind::List(items) => {
            items.iter().enumerate().for_each(|(at, item)| collect(source, item, &format!("{path}[{at}]"), found));
        }
        Kind::Map(entries) => entries.iter().for_each(|(key, value)| {
            let key = key.as_text().unwrap_or(&source.text()[key.span.clone()]);
            collect(source, value, &format!("{path}.{key}"), found);
        }),
        Kind::Struct { fields, .. } => {
            let kept = fields.iter().filter(|field| !LEFT_OUT.contains(&field.name.text.as_str()));
            kept.for_each(|field| collect(source, &field.value, &format!("{path}.{}", field.name.text), found));
        }
        Kind::Tuple { name, items } => {
            let names = name.as_ref().map_or(vec![], |name| (sections().fields)(&name.text));
            for (at, item) in items.iter().enumerate() {
                let last = names.get(at).map_or(format!("[{at}]"), |name| format!(".{name}"));
                collect(source, item, &format!("{path}{last}"), found);
            }
        }
        _ => {}
    }
}

/// A number and what follows it: "1.5" and "ms".
fn parts(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    // `1h30m` has two numbers, and is left as it is.
    let plain = !text[end..].contains(|c: char| c.is_ascii_digit());
    (plain && number > 0.0).then_some((number, &text[end..]))
}

impl Setting {
    /// The scenario with the number multiplied, and how that is written; where only whole numbers fit, rounded, but by one at least. None
    /// where nothing near can stand there: a share above 100 %, a single server less.
    pub fn scaled(
        &self,
        source: &Source,
        files: &dyn Fn(&str) -> Result<String, String>,
        factor: f64,
    ) -> Option<(String, Model)> {
        let (number, suffix) = parts(&self.text)?;
        let whole = (number * factor).round();
        let step = if factor < 1.0 { number - 1.0 } else { number + 1.0 };
        let whole = if whole == number { step } else { whole };
        [number * factor, whole].into_iter().filter(|value| *value > 0.0).find_map(|value| {
            // Five digits are more than any run tells apart.
            let value: f64 = format!("{value:.4e}").parse().ok()?;
            let written = format!("{value}{suffix}");
            let text = if self.quoted { format!("\"{written}\"") } else { written.clone() };
            let mut changed = source.text().to_owned();
            changed.replace_range(self.span.clone(), &text);
            let model = check::check_alone(&Source::new(source.name(), changed), files).model?;
            Some((written, model))
        })
    }
}

/// The share that settings are changed by, unless another is asked: 20 %.
pub const SHARE: f64 = 0.2;

/// Leaves only the settings whose path is, or lies below, one of those asked; all where none is asked.
pub fn only(settings: Vec<Setting>, asked: &[String]) -> Vec<Setting> {
    let below = |path: &str, asked: &str| {
        path.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let wanted = |setting: &Setting| asked.is_empty() || asked.iter().any(|asked| below(&setting.path, asked));
    settings.into_iter().filter(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"(name: "a", run: (duration: "10s"),
        traffic: { "u": Open(to: "web", rate: "50/s", mix: { "get": (weight: 3, priority: 1), "put": 1 }) },
        components: {
            "web": Service(replicas: 2, cost: 3, on: { "get": [Compute(LogNormal(p50: "5ms", p99: "20ms"))], "put": [Wait("1h30m")] }),
        },
        edges: { "u -> web": (timeout: "1.5s") })"#;

    fn source() -> Source {
        Source::new("a.ron", TEXT)
    }

    #[test]
    fn the_numbers_of_the_model_are_found_with_their_paths() {
        let found = settings(&source()).expect("it can be read");
        let found: Vec<String> = found.iter().map(|s| format!("{} {}", s.path, s.text)).collect();
        let expected = [
            "u.rate 50/s",
            "u.mix.get.weight 3",
            "u.mix.put 1",
            "web.replicas 2",
            "web.on.get[0].time.p50 5ms",
            "web.on.get[0].time.p99 20ms",
            "u -> web.timeout 1.5s",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn whole_numbers_change_by_one_at_least_and_nothing_impossible_is_tried() {
        let found = settings(&source()).expect("it can be read");
        let none = |name: &str| Err(format!("no file {name}"));
        let scaled = |path: &str, factor: f64| {
            let setting = found.iter().find(|setting| setting.path == path).expect("a setting");
            setting.scaled(&source(), &none, factor).map(|(text, _)| text)
        };
        assert_eq!(scaled("u.rate", 1.2).as_deref(), Some("60/s"));
        assert_eq!(scaled("web.replicas", 1.2).as_deref(), Some("3"));
        assert_eq!(scaled("web.replicas", 0.8).as_deref(), Some("1"));
        assert_eq!(scaled("web.on.get[0].time.p50", 5.0), None, "p50 above p99");
        assert_eq!(only(found.clone(), &["web.on".into()]).len(), 2);
    }
}

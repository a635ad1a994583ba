//! Values that replace those of a file: what-ifs and the axes of sweeps.

use crate::scenario::sections;
use archsim_language::{Diagnostic, Document, Kind, Node, Path, Source, parse, set};
use archsim_models::spec::{Rate, Span};

/// An axis has at most this many values.
pub const MOST_VALUES: usize = 10_000;

/// The scenario with values replaced: each path is set in turn, everything else stays as it is.
///
/// # Errors
/// What is wrong with a path or a value. Places count in the text at that moment; without settings the text is only parsed.
pub fn set_all(source: &Source, settings: &[(String, String)]) -> Result<Source, Vec<Diagnostic>> {
    let mut document = Document::parse(source.clone())?;
    for (path, value) in settings {
        document = set_one(&document, path, value).map_err(|problem| vec![*problem])?;
    }
    Ok(document.source)
}

/// The document with one value replaced.
pub(crate) fn set_one(document: &Document, path: &str, value: &str) -> Result<Document, Box<Diagnostic>> {
    let at_start = |problem: Diagnostic| Box::new(Diagnostic { span: 0..0, ..problem });
    let parsed = Path::parse(path).map_err(at_start)?;
    let text = set(document, &parsed, value, &sections()).map_err(Box::new)?;
    Document::parse(Source::new(document.source.name(), text)).map_err(|mut problems| Box::new(problems.swap_remove(0)))
}

/// The values of an axis, each as text that can be set: `1..=8`, `[1, 2, 4]`, `["5ms", "10ms"]`,
/// `Linear(from: "5ms", to: "10ms", points: 6)` and `Log(..)` with equal steps or equal ratios. Without brackets, `5ms,10ms` is
/// read as a list. Where both ends are whole numbers the values of `Linear` and `Log` are rounded to whole numbers.
///
/// # Errors
/// A sentence: the text is not RON, a single value, no values or too many, a range without an end or the wrong way round.
pub fn values(text: &str) -> Result<Vec<String>, String> {
    Axis::read(text)?.values()
}

/// What a setting is varied over.
#[derive(Clone, Debug)]
pub enum Axis {
    /// These values, as text that can be set.
    Listed(Vec<String>),
    /// `Linear` or `Log`, as written.
    Range(Spaced, String),
}

impl Axis {
    /// Reads what [`values`] reads.
    ///
    /// # Errors
    /// As there.
    pub fn read(text: &str) -> Result<Axis, String> {
        let text = text.trim();
        let source = Source::new("values", text);
        let node = match parse(&source) {
            Ok(node) => node,
            Err(problems) => {
                return unbracketed(text).map(Axis::Listed).ok_or_else(|| problems[0].message.clone());
            }
        };
        let values = match &node.kind {
            Kind::Range { from, to, inclusive } => range(from.as_deref(), to.as_deref(), *inclusive)?,
            Kind::List(items) => items.iter().map(|item| text[item.span.clone()].to_owned()).collect(),
            Kind::Struct { name: Some(name), .. } | Kind::Tuple { name: Some(name), .. }
                if name.text == "Linear" || name.text == "Log" =>
            {
                return Ok(Axis::Range(Spaced::read(&node, text)?, text.to_owned()));
            }
            _ => return Err(single(text)),
        };
        match values.len() {
            0 => Err(format!("`{text}` has no values")),
            n if n > MOST_VALUES => Err(format!("`{text}` has {n} values; at most {MOST_VALUES} are possible")),
            _ => Ok(Axis::Listed(values)),
        }
    }

    /// The values of a grid.
    ///
    /// # Errors
    /// As [`values`].
    pub fn values(self) -> Result<Vec<String>, String> {
        match self {
            Axis::Listed(values) => Ok(values),
            Axis::Range(spaced, _) => Ok(spaced.values()),
        }
    }

    /// The value at a place from 0 to 1: of a list each value has an equal part, in order; of a range any value between its ends can be
    /// there, whatever its `points`, each whole number with the part of the range from it to the next.
    pub fn at(&self, place: f64) -> String {
        match self {
            Axis::Listed(values) => {
                values[((place * values.len() as f64) as usize).min(values.len().saturating_sub(1))].clone()
            }
            Axis::Range(spaced, _) => spaced.at(place),
        }
    }

    /// The values, or the range as written.
    pub fn written(&self) -> Vec<String> {
        match self {
            Axis::Listed(values) => values.clone(),
            Axis::Range(_, text) => vec![text.clone()],
        }
    }
}

fn single(text: &str) -> String {
    format!(
        "`{text}` is a single value (write several: 1..=8, [1, 2, 4], [\"5ms\", \"10ms\"], Linear(from: 1, to: 8, points: 8))"
    )
}

/// `5ms,10ms` from the command line, where brackets and quotes are in the way.
fn unbracketed(text: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let plain = |part: &&str| !part.is_empty() && !part.contains(['(', ')', '[', ']', '{', '}', '"', ':']);
    (parts.len() > 1 && parts.len() <= MOST_VALUES && parts.iter().all(plain)).then(|| {
        let quoted = |part: &str| match parse(&Source::new("value", part)) {
            Ok(_) => part.to_owned(),
            Err(_) => format!("{part:?}"),
        };
        parts.into_iter().map(quoted).collect()
    })
}

fn range(from: Option<&Node>, to: Option<&Node>, inclusive: bool) -> Result<Vec<String>, String> {
    let (Some(from), Some(to)) = (from, to) else { return Err("a range of values needs both ends: 1..=8".into()) };
    let (Kind::Integer(from), Kind::Integer(to)) = (&from.kind, &to.kind) else {
        return Err("the ends of a range are whole numbers; write Linear(from: 0.5, to: 2, points: 4)".into());
    };
    let last = if inclusive { *to } else { to.saturating_sub(1) };
    if last < *from {
        return Err(format!("the range from {from} to {to} has no values"));
    }
    match last.checked_sub(*from) {
        Some(length) if length < MOST_VALUES as i128 => Ok((*from..=last).map(|value| value.to_string()).collect()),
        _ => Err(format!("the range from {from} to {to} has too many values; at most {MOST_VALUES} are possible")),
    }
}

/// What a number counts, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Whole,
    Number,
    Duration,
    Rate,
    Percent,
}

/// `Linear(..)` or `Log(..)`.
#[derive(Clone, Debug)]
pub struct Spaced {
    from: f64,
    to: f64,
    form: Form,
    logarithmic: bool,
    points: usize,
}

impl Spaced {
    fn read(node: &Node, text: &str) -> Result<Self, String> {
        let word = node.name().unwrap_or_default();
        let shape = || format!("`{word}` is written {word}(from: 200, to: 1000, points: 5)");
        const NAMES: [&str; 3] = ["from", "to", "points"];
        if node.fields().iter().any(|field| !NAMES.contains(&field.name.text.as_str())) || node.items().len() > 3 {
            return Err(shape());
        }
        let part = |at: usize| node.field(NAMES[at]).or(node.items().get(at)).ok_or_else(shape);
        let number = |node: &Node| {
            number(node).ok_or_else(|| format!("`{}` is no number, duration or rate", &text[node.span.clone()]))
        };
        let (from, to) = (number(part(0)?)?, number(part(1)?)?);
        let points = match part(2)?.kind {
            Kind::Integer(points) if (2..=MOST_VALUES as i128).contains(&points) => points as usize,
            _ => return Err(format!("`points` of `{word}` is a whole number from 2 to {MOST_VALUES}")),
        };
        let (form, logarithmic) = (common_form(from.1, to.1)?, word == "Log");
        let (from, to) = (from.0, to.0);
        if logarithmic && (from <= 0.0 || to <= 0.0) {
            return Err("the ends of `Log` are above zero".into());
        }
        Ok(Spaced { from, to, form, logarithmic, points })
    }

    fn values(&self) -> Vec<String> {
        let Spaced { from, to, points, .. } = *self;
        let last = points - 1;
        let value = |index: usize| match index {
            0 => from,
            _ if index == last => to,
            _ => self.between(from, to, index as f64 / last as f64),
        };
        let mut texts: Vec<String> = (0..points).map(|index| write(value(index), self.form)).collect();
        texts.dedup();
        texts
    }

    /// What lies so far from one value to another.
    fn between(&self, from: f64, to: f64, part: f64) -> f64 {
        match self.logarithmic {
            true => libm::exp(libm::log(from) + part * (libm::log(to) - libm::log(from))),
            false => from + part * (to - from),
        }
    }

    fn at(&self, place: f64) -> String {
        let (low, high) = (self.from.min(self.to), self.from.max(self.to));
        let value = match self.form {
            Form::Whole => self.between(low, high + 1.0, place).floor().min(high),
            _ => self.between(low, high, place),
        };
        write(value, self.form)
    }
}

/// How the values between two ends are written.
fn common_form(from: Form, to: Form) -> Result<Form, String> {
    match (from, to) {
        (one, other) if one == other => Ok(one),
        (Form::Whole | Form::Number, Form::Whole | Form::Number) => Ok(Form::Number),
        (Form::Whole, Form::Rate) | (Form::Rate, Form::Whole) => Ok(Form::Rate),
        _ => Err("`from` and `to` do not have the same unit".into()),
    }
}

/// The value of a number or quantity: seconds, events per second, or the number itself.
fn number(node: &Node) -> Option<(f64, Form)> {
    match &node.kind {
        Kind::Integer(value) => Some((*value as f64, Form::Whole)),
        Kind::Float(value) => Some((*value, Form::Number)),
        Kind::Text(text) => {
            let percent = || text.trim().strip_suffix('%')?.trim().parse().ok().filter(|p: &f64| p.is_finite());
            let duration = Span::parse(text).map(|span| (span.seconds(), Form::Duration));
            let rate = || Rate::parse(text).map(|rate| (rate.0, Form::Rate));
            duration.or_else(rate).or_else(|| percent().map(|percent| (percent, Form::Percent)))
        }
        _ => None,
    }
}

/// A value as it is written in a file, to six significant digits.
fn write(value: f64, form: Form) -> String {
    match form {
        Form::Whole => format!("{}", value.round()),
        Form::Number => float(value),
        Form::Duration => duration(value),
        Form::Rate => format!("\"{}/s\"", plain(value)),
        Form::Percent => format!("\"{}%\"", plain(value)),
    }
}

fn duration(seconds: f64) -> String {
    let units = [(1.0, "s"), (1e-3, "ms"), (1e-6, "us")];
    match units.iter().find(|(unit, _)| seconds >= *unit) {
        Some((unit, name)) => format!("\"{}{name}\"", plain(seconds / unit)),
        None => format!("\"{}ns\"", (seconds * 1e9).round()),
    }
}

/// A number that is read as a number with a point.
fn float(value: f64) -> String {
    let text = plain(value);
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// Six significant digits, without trailing zeros.
fn plain(value: f64) -> String {
    let mut places = 5_usize;
    let mut size = value.abs();
    while size >= 10.0 && places > 0 {
        (size, places) = (size / 10.0, places - 1);
    }
    while size > 0.0 && size < 1.0 && places < 15 {
        (size, places) = (size * 10.0, places + 1);
    }
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        values(text).unwrap()
    }

    #[test]
    fn ranges_and_lists() {
        assert_eq!(of("1..=4"), ["1", "2", "3", "4"]);
        assert_eq!(of("0..2"), ["0", "1"]);
        assert_eq!(of("[1, 2_000]"), ["1", "2_000"]);
        assert_eq!(of(r#"["5ms", Exp("10ms"), None]"#), [r#""5ms""#, r#"Exp("10ms")"#, "None"]);
        assert_eq!(of("5ms, 10ms"), [r#""5ms""#, r#""10ms""#]);
        assert_eq!(of("1,2,4"), ["1", "2", "4"]);
    }

    #[test]
    fn steps_keep_whole_numbers_and_units() {
        assert_eq!(of("Linear(from: 700, to: 1200, points: 6)"), ["700", "800", "900", "1000", "1100", "1200"]);
        assert_eq!(of("Linear(1, 2, 5)"), ["1", "2"]);
        assert_eq!(of("Linear(from: 0.5, to: 2, points: 4)"), ["0.5", "1.0", "1.5", "2.0"]);
        assert_eq!(of("Log(from: 1, to: 1000, points: 4)"), ["1", "10", "100", "1000"]);
        assert_eq!(of(r#"Log(from: "1ms", to: "1s", points: 4)"#), [r#""1ms""#, r#""10ms""#, r#""100ms""#, r#""1s""#]);
        assert_eq!(of(r#"Linear(from: "1k/s", to: "2k/s", points: 3)"#), [r#""1000/s""#, r#""1500/s""#, r#""2000/s""#]);
        assert_eq!(of(r#"Linear(from: "0%", to: "5%", points: 3)"#), [r#""0%""#, r#""2.5%""#, r#""5%""#]);
        assert_eq!(of(r#"Linear(from: "0s", to: "1.5ms", points: 2)"#), [r#""0ns""#, r#""1.5ms""#]);
    }

    #[test]
    fn what_is_no_axis_is_refused_with_a_reason() {
        let wrong = |text: &str| values(text).unwrap_err();
        assert!(wrong("5").starts_with("`5` is a single value"), "{}", wrong("5"));
        assert!(wrong("5ms").contains("single value") || !wrong("5ms").is_empty());
        assert_eq!(wrong("[]"), "`[]` has no values");
        assert_eq!(wrong("8..=1"), "the range from 8 to 1 has no values");
        assert_eq!(wrong("1.."), "a range of values needs both ends: 1..=8");
        assert!(wrong("0..=1000000").contains("too many values"));
        assert_eq!(wrong(r#"Linear(from: "1ms", to: 5, points: 3)"#), "`from` and `to` do not have the same unit");
        assert_eq!(wrong("Log(from: 0, to: 5, points: 3)"), "the ends of `Log` are above zero");
        assert_eq!(
            wrong("Linear(from: 0, to: 5, points: 1)"),
            "`points` of `Linear` is a whole number from 2 to 10000"
        );
        assert_eq!(wrong("Linear(from: 0, upto: 5)"), "`Linear` is written Linear(from: 200, to: 1000, points: 5)");
    }

    #[test]
    fn settings_replace_values_and_leave_the_rest() {
        let source = Source::new("a", r#"(components: { "web": Service(replicas: 2, on: {}) }) // end"#);
        let settings = [("web.replicas".to_owned(), "3".to_owned()), ("run.seed".to_owned(), "9".to_owned())];
        let set = set_all(&source, &settings).unwrap();
        assert_eq!(set.text(), r#"(run: (seed: 9), components: { "web": Service(replicas: 3, on: {}) }) // end"#);
        let wrong = set_all(&source, &[("wbe.replicas".to_owned(), "3".to_owned())]).unwrap_err();
        assert_eq!(wrong[0].message, "nothing is called `wbe`");
        assert_eq!(set_all(&source, &[("a..b".to_owned(), "3".to_owned())]).unwrap_err()[0].code, "path");
    }
}

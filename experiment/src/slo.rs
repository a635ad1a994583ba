//! Service level objectives as text: `shoppers.checkout.p99 < 300ms`.

use crate::metric::{Catalogue, Metric};
use crate::model::{Comparison, Slo};
use archsim_language::nearest;
use archsim_models::spec::{Bandwidth, Fraction, Rate, Size, Span};
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{Deserialize, IntoDeserializer};
use std::ops::Range;

/// What is wrong with the text of an objective or a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SloError {
    /// `unknown-metric` or `parse`.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Byte range in the text.
    pub span: Range<usize>,
    /// Advice.
    pub help: Option<String>,
}

/// The comparisons, longer ones first.
const COMPARISONS: [(&str, Comparison); 4] =
    [("<=", Comparison::AtMost), (">=", Comparison::AtLeast), ("<", Comparison::Below), (">", Comparison::Above)];

/// Reads an objective.
///
/// # Errors
/// A metric that does not exist, a missing comparison, or a limit that does not fit the metric's unit, with its place in the text.
pub fn parse(text: &str, catalogue: &Catalogue) -> Result<Slo, SloError> {
    let (at, symbol, comparison) = comparison(text)?;
    let metric = metric(text, 0..at, catalogue)?;
    let span = trimmed(text, at + symbol.len()..text.len());
    let limit_text = &text[span.clone()];
    let limit = limit(limit_text, metric.unit).map_err(|message| wrong(message, &span, text))?;
    Ok(Slo {
        text: text.trim().to_owned(),
        name: None,
        metric,
        comparison,
        limit,
        limit_text: limit_text.to_owned(),
        during: None,
    })
}

/// Finds a metric by its name.
///
/// # Errors
/// As [`parse`].
pub fn find_metric(text: &str, catalogue: &Catalogue) -> Result<Metric, SloError> {
    metric(text, 0..text.len(), catalogue)
}

fn wrong(message: String, span: &Range<usize>, text: &str) -> SloError {
    let span = if span.is_empty() { 0..text.len() } else { span.clone() };
    SloError { code: "parse", message, span, help: None }
}

/// The first comparison that is not the head of an arrow.
fn comparison(text: &str) -> Result<(usize, &'static str, Comparison), SloError> {
    for (at, c) in text.char_indices() {
        let arrow = c == '>' && text[..at].ends_with('-');
        if !matches!(c, '<' | '>') || arrow {
            continue;
        }
        let found = COMPARISONS.iter().find(|(symbol, _)| text[at..].starts_with(symbol));
        if let Some((symbol, comparison)) = found {
            return Ok((at, symbol, *comparison));
        }
    }
    let message = "an objective compares a metric with a limit: \"users.p99 < 300ms\"";
    Err(SloError {
        code: "parse",
        message: message.into(),
        span: 0..text.len(),
        help: Some("the comparisons are <, <=, > and >=".into()),
    })
}

/// A range without the blanks at its ends.
fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let inside = &text[span.clone()];
    let start = span.start + (inside.len() - inside.trim_start().len());
    start..start + inside.trim().len()
}

fn metric(text: &str, span: Range<usize>, catalogue: &Catalogue) -> Result<Metric, SloError> {
    let span = trimmed(text, span);
    let name = arrows_spaced(&text[span.clone()]);
    if name.is_empty() {
        return Err(wrong("the metric is missing".into(), &span, text));
    }
    catalogue.find(&name).map_err(|unknown| {
        let candidates = unknown.candidates.iter().map(String::as_str);
        let help = match nearest(&unknown.word, candidates.clone()) {
            Some(meant) => Some(format!("did you mean `{meant}`?")),
            None => some_of(candidates),
        };
        SloError { code: "unknown-metric", message: unknown.message, span, help }
    })
}

/// One space on each side of an arrow.
fn arrows_spaced(name: &str) -> String {
    match name.split_once("->") {
        Some((from, to)) => format!("{} -> {}", from.trim(), to.trim()),
        None => name.to_owned(),
    }
}

fn some_of<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    const SHOWN: usize = 12;
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let ellipsis = if all.len() > SHOWN { ", ..." } else { "" };
    (!all.is_empty()).then(|| format!("there are: {}{ellipsis}", all[..all.len().min(SHOWN)].join(", ")))
}

/// The limit in the unit of the metric.
fn limit(text: &str, unit: &str) -> Result<f64, String> {
    let value = match unit {
        "s" => Span::parse(text).map(Span::seconds),
        "1/s" => Rate::parse(text).map(|rate| rate.0),
        "1" => fraction(text).or_else(|| number(text)),
        "B" => quantity::<Size>(text).map(|size| size.0 as f64),
        "B/s" => quantity::<Bandwidth>(text).map(|bandwidth| bandwidth.0).or_else(|| number(text)),
        _ => number(text),
    };
    let expected = match unit {
        "s" => r#"a duration (write "250us", "5ms", "1.5s", "10m")"#,
        "1/s" => r#"a rate (write "500/s", "2k/s", "30/min")"#,
        "1" => r#"a share or ratio (write "2%", "0.02", "1.5")"#,
        "B" => r#"a size (write "512", "4KiB", "1.5MB")"#,
        "B/s" => r#"a bandwidth (write "100MB/s", "1Gbit/s")"#,
        _ => "a number",
    };
    let found = if text.is_empty() { "the limit is missing: it is".to_owned() } else { format!("`{text}` is not") };
    value.ok_or_else(|| format!("{found} {expected}"))
}

fn quantity<'de, T: Deserialize<'de>>(text: &'de str) -> Option<T> {
    let reader: StrDeserializer<'de, ValueError> = text.into_deserializer();
    T::deserialize(reader).ok()
}

fn fraction(text: &str) -> Option<f64> {
    quantity::<Fraction>(text).map(|fraction| fraction.0)
}

fn number(text: &str) -> Option<f64> {
    text.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Subjects;

    fn read(text: &str) -> Result<(String, &'static str, f64), (String, Range<usize>)> {
        let catalogue = Catalogue::new(&Subjects {
            sources: vec![("shoppers".into(), vec!["browse".into(), "checkout".into()])],
            components: vec![("redis".into(), "Cache", 1), ("db".into(), "Database", 1)],
            edges: vec!["web -> db".into()],
            topics: vec!["kafka.orders".into()],
            no_recovery: None,
        });
        let slo = parse(text, &catalogue).map_err(|error| (error.message, error.span))?;
        Ok((slo.metric.name, slo.comparison.symbol(), slo.limit))
    }

    #[test]
    fn each_unit_has_its_limits() {
        assert_eq!(read("shoppers.checkout.p99 < 300ms"), Ok(("shoppers.checkout.p99".into(), "<", 0.3)));
        assert_eq!(read(" shoppers.goodput>=1050/s "), Ok(("shoppers.goodput".into(), ">=", 1050.0)));
        assert_eq!(read("shoppers.errors <= 0.5%"), Ok(("shoppers.errors".into(), "<=", 0.005)));
        assert_eq!(read("db.memory < 4KiB"), Ok(("db.memory".into(), "<", 4096.0)));
        assert_eq!(read("redis.entries_held > 1_000"), Ok(("redis.entries_held".into(), ">", 1000.0)));
        assert_eq!(read("kafka.orders.rate < 1/s"), Ok(("kafka.orders.rate".into(), "<", 1.0)));
        assert_eq!(read("web -> db.amplification < 1.5"), Ok(("web -> db.amplification".into(), "<", 1.5)));
        assert_eq!(read("web->db.bytes < 1MB/s"), Ok(("web -> db.bytes".into(), "<", 1e6)));
    }

    #[test]
    fn wrong_texts_are_refused_at_the_word() {
        let unknown = read("shoppers.chekout.p99 < 300ms");
        assert_eq!(unknown, Err(("`shoppers` never sends `chekout`".into(), 0..20)));
        let limit = r#"`300` is not a duration (write "250us", "5ms", "1.5s", "10m")"#;
        assert_eq!(read("shoppers.p99 < 300"), Err((limit.into(), 15..18)));
        assert_eq!(read("shoppers.p99").map_err(|(_, span)| span), Err(0..12));
        assert_eq!(read("< 5").map_err(|(message, _)| message), Err("the metric is missing".into()));
        assert_eq!(read("shoppers.goodput < ").map_err(|(_, span)| span), Err(0..19));
        assert_eq!(read("web -> db").map_err(|(_, span)| span), Err(0..9));
    }
}

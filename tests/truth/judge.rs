//! Compares what was found with the reference, by the tolerance of the case.

use crate::case::Case;
use crate::run::Found;
use archsim_experiment::core::stats::histogram::RELATIVE_ERROR;
use serde_json::Value;

/// What became of a case.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    Inside,
    Outside,
    /// Not judged by its value.
    NotJudged,
    /// What would be needed to say it.
    Lacks(String),
}

/// A judged case.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub verdict: Verdict,
    pub found: Option<Found>,
    pub tolerance: f64,
}

/// The completions or replications that a tolerance was stated for.
pub(crate) fn reference_count(case: &Case) -> Option<f64> {
    case.tolerance["n_ref"].as_f64().filter(|n| *n > 0.0)
}

/// Whether a quantity is a percentile, which a histogram knows to its bucket.
fn is_percentile(quantity: &str) -> bool {
    let word = quantity.split('[').next().unwrap_or_default().split_once('.').map_or("", |(_, word)| word);
    word.strip_prefix('p').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a quantity is a far percentile, whose estimate may miss once.
pub(crate) fn is_tail(quantity: &str) -> bool {
    is_percentile(quantity) && quantity.contains(".p99")
}

/// How far from the reference an estimate of `n` completions may be.
fn tolerance(case: &Case, value: f64, n: f64) -> f64 {
    let number = |key: &str| case.tolerance[key].as_f64();
    let stated = number("abs").or_else(|| number("rel").map(|rel| rel * value.abs())).unwrap_or(0.0);
    let noise = match (number("sd1"), reference_count(case)) {
        (Some(sd1), _) => 4.6 * sd1 / n.sqrt() + 0.001 * value.abs() + finite_servers(case, value),
        (None, Some(reference)) if n < reference => stated * (reference / n).sqrt(),
        _ => stated,
    };
    if is_percentile(&case.quantity) { noise + RELATIVE_ERROR * value.abs() } else { noise }
}

/// A limit for many servers comes with an allowance for their finite number.
fn finite_servers(case: &Case, value: f64) -> f64 {
    if case.class == "limit" { 0.004 * value.abs() } else { 0.0 }
}

/// Judges one number.
pub(crate) fn judge(case: &Case, found: Found) -> Judged {
    let kind = case.tolerance["kind"].as_str().unwrap_or_default();
    let Some(value) = case.value.as_f64() else {
        return lacks("a number as reference");
    };
    // Where only a share is stated the run should be long enough for our interval to be a third of it; a shorter one gets more.
    let stated_only = kind == "statistical" && case.tolerance["sd1"].is_null();
    let half = found.interval.filter(|_| stated_only).map_or(0.0, |(low, high)| 0.5 * (high - low));
    let tolerance = tolerance(case, value, found.n).max(2.0 * half);
    let within = match kind {
        "band" => {
            let bound = |key: &str| case.tolerance[key].as_f64().unwrap_or(value);
            (bound("low")..=bound("high")).contains(&found.value)
        }
        "none" => return Judged { verdict: Verdict::NotJudged, found: Some(found), tolerance },
        _ => (found.value - value).abs() <= tolerance,
    };
    let verdict = if within { Verdict::Inside } else { Verdict::Outside };
    Judged { verdict, found: Some(found), tolerance }
}

/// Judges a list, element by element.
pub(crate) fn judge_list(case: &Case, found: &[Value]) -> Judged {
    let expected = case.value.as_array().cloned().unwrap_or_else(|| vec![case.value.clone()]);
    let limit = case.tolerance["abs"].as_f64().unwrap_or(0.0);
    let same = |(a, b): (&Value, &Value)| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= limit,
        _ => a == b,
    };
    let inside = expected.len() == found.len() && expected.iter().zip(found).all(same);
    Judged { verdict: if inside { Verdict::Inside } else { Verdict::Outside }, found: None, tolerance: limit }
}

/// A case that cannot be said or run.
pub(crate) fn lacks(feature: impl Into<String>) -> Judged {
    Judged { verdict: Verdict::Lacks(feature.into()), found: None, tolerance: 0.0 }
}

//! The sentences on recovery in a report.

use super::{Course, Disturbance, courses, estimate, window};
use crate::metric::{Measure, Metric, Subject};
use crate::model::Model;
use crate::report::Estimate;
use crate::run::Replication;

/// For each source a sentence: what came back is a check, what did not is a verdict.
pub(crate) fn sentences(model: &Model, replications: &[Replication]) -> (Vec<String>, Vec<String>) {
    let (mut checks, mut verdicts) = (vec![], vec![]);
    let Some(disturbance) = model.disturbance else { return (checks, verdicts) };
    for source in &model.plan.sources {
        let subject = Subject::Classes(source.first_class as usize, source.classes as usize);
        let metric = Metric { name: source.name.clone(), unit: "s", subject, measure: Measure::Recovery };
        let courses = courses(model, replications, &metric);
        if courses.contains(&Course::Out) {
            verdicts.push(out(&disturbance, replications, &source.name, &courses));
        } else if let Estimate { value: Some(value), low, high, .. } = estimate(model, replications, &metric) {
            checks.push(back(&disturbance, replications, &source.name, value, low.zip(high)));
        }
    }
    (checks, verdicts)
}

/// "`users` has not recovered 118 s after the fault ended in 5 of 5 replications".
fn out(disturbance: &Disturbance, replications: &[Replication], source: &str, courses: &[Course]) -> String {
    let end = replications.iter().filter_map(|replication| replication.windows.last()).map(|(_, end)| *end).max();
    let after = end.unwrap_or_default().since(disturbance.end);
    let count = courses.iter().filter(|course| **course == Course::Out).count();
    let over = disturbance.over;
    format!("`{source}` has not recovered {after} after {over}, in {count} of {} replications", courses.len())
}

/// "`users` recovered 12.4 s (9.1 .. 14.0) after the fault ended".
fn back(
    disturbance: &Disturbance,
    replications: &[Replication],
    source: &str,
    value: f64,
    ends: Option<(f64, f64)>,
) -> String {
    let over = disturbance.over;
    let window = window(replications);
    if value == 0.0 && ends.is_none_or(|ends| ends == (0.0, 0.0)) {
        return format!("`{source}` is as before from when {over} on, to a window of {window}");
    }
    let ends = ends.map_or(String::new(), |(low, high)| format!(" ({} .. {})", number(low), number(high)));
    format!("`{source}` recovered {} s{ends} after {over}, known to a window of {window}", number(value))
}

/// Three digits that say something.
fn number(seconds: f64) -> String {
    match seconds {
        s if s >= 100.0 => format!("{s:.0}"),
        s if s >= 1.0 => format!("{s:.1}"),
        s => format!("{s:.3}"),
    }
}

//! The table of all cases, and the counts at its end.

use crate::case::Case;
use crate::judge::{Judged, Verdict};
use std::collections::BTreeMap;
use std::fmt::Write;

/// One line of the table.
pub(crate) fn line(case: &Case, judged: &Judged) -> String {
    let verdict = match &judged.verdict {
        Verdict::Inside => "inside".to_owned(),
        Verdict::Outside => "OUTSIDE".to_owned(),
        Verdict::NotJudged => "not judged".to_owned(),
        Verdict::Lacks(feature) => format!("not expressed: needs {feature}"),
    };
    let mut line = format!("{:<48} {:>14}", case.id, short(&case.value.to_string()));
    if let Some(found) = &judged.found {
        let interval = found.interval.map_or(String::new(), |(low, high)| format!("{low:.5} .. {high:.5}"));
        let _ = write!(line, " {:>14.6} {interval:>26} +-{:<10.3e}", found.value, judged.tolerance);
    }
    let _ = write!(line, " {verdict}");
    line
}

fn short(text: &str) -> String {
    if text.len() <= 14 { text.to_owned() } else { text.chars().take(13).chain(['~']).collect() }
}

/// The counts, and what is lacking, with the quantities that lack it.
pub(crate) fn summary(all: &[(Case, Judged)]) -> String {
    let count = |wanted: fn(&Verdict) -> bool| all.iter().filter(|(_, judged)| wanted(&judged.verdict)).count();
    let (inside, outside) = (count(|v| matches!(v, Verdict::Inside)), count(|v| matches!(v, Verdict::Outside)));
    let not_judged = count(|v| matches!(v, Verdict::NotJudged));
    let mut text = format!(
        "{} quantities: {} expressed and run, {inside} inside, {outside} outside, {not_judged} not judged by value\n",
        all.len(),
        inside + outside + not_judged
    );
    let with_interval: Vec<bool> = all
        .iter()
        .filter_map(|(case, judged)| {
            let (low, high) = judged.found.as_ref()?.interval?;
            case.value.as_f64().map(|value| (low..=high).contains(&value))
        })
        .collect();
    if !with_interval.is_empty() {
        let held = with_interval.iter().filter(|held| **held).count();
        let _ = writeln!(text, "our 95 % interval holds the reference in {held} of {}", with_interval.len());
    }
    let mut lacking: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (case, judged) in all {
        if let Verdict::Lacks(feature) = &judged.verdict {
            lacking.entry(feature).or_default().push(&case.id);
        }
    }
    for (feature, ids) in lacking {
        let _ = writeln!(text, "needs {feature}: {}", ids.join(", "));
    }
    text
}

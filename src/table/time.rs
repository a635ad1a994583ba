//! Where the time goes, and why an SLO failed.

use super::{Cell, Table};
use crate::console::{Ink, Paint};
use crate::quantity;
use archsim_experiment::models::world::Category;
use archsim_experiment::report::{Report, SloVerdict, Status, TimeBreakdown, TimePart};

/// Parts shown in a line.
const MOST_PARTS: usize = 4;
/// Parts below this share are left out.
const SMALLEST: f64 = 0.01;

/// Where the time goes, for the mean and for the slowest 1 % of each source and endpoint.
pub(crate) fn breakdown(report: &Report, all_parts: bool, paint: Paint) -> String {
    let mut table = Table::headed(2, &["Where the time goes", "", "", ""]);
    for of in report.time.iter().filter(|of| total(&of.mean) > 0.0) {
        let most = if all_parts { usize::MAX } else { MOST_PARTS };
        // Without a steady state the times say nothing; what they are made of still does.
        let mean = report.get(&format!("{}.mean", of.of));
        let told = mean.is_none_or(|mean| !matches!(mean.status, Status::NoSteadyState | Status::Stopped));
        table.row(line(of.of.clone(), "mean", &of.mean, most, told));
        if total(&of.slowest) > 0.0 {
            table.row(line(String::new(), "slowest 1%", &of.slowest, most, told));
        }
    }
    if table.is_empty() { String::new() } else { table.render(paint) }
}

fn line(of: String, which: &str, parts: &[TimePart], most: usize, told: bool) -> Vec<Cell> {
    let total = total(parts);
    let shown: Vec<&TimePart> = parts.iter().filter(|part| part.seconds >= SMALLEST * total).take(most).collect();
    let mut words: Vec<String> = shown.iter().map(|part| format!("{} {}", phrase(part), share(part, total))).collect();
    if shown.iter().map(|part| part.seconds).sum::<f64>() < 0.99 * total {
        words.push("...".into());
    }
    let whole = if told { quantity::plain(total, "s") } else { "-".into() };
    vec![Cell::plain(of), Cell::dim(which), Cell::plain(whole), Cell::plain(words.join(", "))]
}

fn share(part: &TimePart, total: f64) -> String {
    format!("{:.0}%", part.seconds / total * 100.0)
}

/// The seconds of all parts together.
pub(crate) fn total(parts: &[TimePart]) -> f64 {
    parts.iter().map(|part| part.seconds).sum()
}

/// What a part is, in words.
pub(crate) fn phrase(part: &TimePart) -> String {
    let name = &part.component;
    match part.category {
        Category::Waiting => format!("{name} queue"),
        Category::Work => format!("{name} work"),
        Category::Network => format!("network to {name}"),
        Category::Pool => format!("pool of {name}"),
        Category::Backoff => format!("pause before {name}"),
        Category::Wasted => format!("failed tries of {name}"),
    }
}

/// The largest part of the slowest requests of a source or endpoint, in a sentence.
pub(crate) fn largest_in_slowest(of: &TimeBreakdown) -> Option<String> {
    let sum = total(&of.slowest);
    let part = of.slowest.first().filter(|_| sum > 0.0)?;
    Some(format!("the slowest 1% spend {} of their time in {}", share(part, sum), phrase(part)))
}

/// Why an SLO does not hold, as far as the report tells.
pub(crate) fn explain(report: &Report, slo: &SloVerdict) -> Vec<String> {
    let (subject, word) = slo.metric.rsplit_once('.').unwrap_or((&slo.metric, ""));
    let subject = subject.strip_suffix(".ok").unwrap_or(subject);
    let Some(of) = report.time.iter().find(|of| of.of == subject) else { return Vec::new() };
    let percentile = word.starts_with('p') && word[1..].bytes().all(|digit| digit.is_ascii_digit());
    let time = (percentile || word == "max" || word == "mean").then(|| largest_in_slowest(of)).flatten();
    time.into_iter().chain(timeouts(report)).chain(refusals(report)).collect()
}

/// The edge with the largest share of time-outs, in a sentence.
fn timeouts(report: &Report) -> Option<String> {
    let value = |edge: &str, word: &str| report.get(&format!("{edge}.{word}"))?.value;
    let share = |edge: &str| Some(value(edge, "timeouts")? / value(edge, "attempts")?);
    let shares = report.edges.iter().filter_map(|edge| Some((share(edge)?, edge)));
    let (share, edge) = shares.filter(|(share, _)| share.is_finite()).max_by(|a, b| a.0.total_cmp(&b.0))?;
    let again = match value(edge, "retries") {
        Some(retries) if retries > 0.0 => " and are sent again",
        _ => "",
    };
    let percent = quantity::plain(share, "1");
    (share >= 0.001).then(|| format!("{percent} of the attempts {edge} wait out their time-out{again}"))
}

/// The component that turns away the largest share of what comes, in a sentence.
fn refusals(report: &Report) -> Option<String> {
    let share = |name: &str, word: &str| report.get(&format!("{name}.{word}"))?.value;
    let words = [("rejected", "refuses"), ("crashed", "loses to its crash"), ("errors", "answers with an error to")];
    let all = report.components.iter().flat_map(|(name, _, _)| words.map(|(word, verb)| (name, word, verb)));
    let worst = all.filter_map(|(name, word, verb)| Some((share(name, word)?, name, verb)));
    let (share, name, verb) = worst.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (share >= 0.001).then(|| format!("{name} {verb} {} of what comes", quantity::plain(share, "1")))
}

/// The heading of a section that is a single line.
pub(crate) fn titled(title: &str, text: &str, paint: Paint) -> String {
    format!("{}  {text}\n", paint.text(Ink::Bold, title))
}

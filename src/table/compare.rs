//! Alternatives side by side: for each metric the values, the differences, and what they say.

use super::sweep::{bare, header};
use super::{Cell, Table, hang, ledger};
use crate::console::{Console, Ink, Paint};
use crate::files::json::Manifest;
use crate::quantity::{self, difference, show};
use archsim_experiment::compare::{Comparison, Difference, Found};
use archsim_experiment::report::{SweepPoint, SweepReport};

/// Everything that is printed.
pub(crate) fn comparison(comparison: &Comparison, planned: usize, manifest: &Manifest, console: Console) -> String {
    let (points, paint) = (&comparison.points, console.out);
    let tables: Vec<String> = points.measure.iter().map(|metric| table(comparison, metric, paint)).collect();
    if console.quiet {
        return tables.join("\n");
    }
    let timing = &manifest.timing;
    let (events, wall) = (quantity::count(timing.events), quantity::plain(timing.wall_s, "s"));
    let rests = format!("on what ledger.json lists; reproduce with {}", ledger::reproduce(manifest));
    let lines = [
        ("From", forked(comparison)),
        ("Trust", together(comparison)),
        ("", pairing(&comparison.differences)),
        ("Speed", format!("{events} events in {wall}")),
        ("Rests", rests),
    ];
    let line = |(title, text): &(&str, String)| {
        format!("{}  {}\n", paint.text(Ink::Bold, &format!("{title:<5}")), hang(text, 7, console.width()))
    };
    let lines: String = lines.iter().filter(|(_, text)| !text.is_empty()).map(line).collect();
    format!("{}\n{}\n{lines}", header(points, "alternative", planned, &manifest.changed, paint), tables.join("\n"))
}

/// One metric: a row for each alternative, the one that the others are compared with first.
fn table(comparison: &Comparison, metric: &str, paint: Paint) -> String {
    let points = &comparison.points;
    let beside = format!("difference to {}", bare(&comparison.against));
    let mut table = Table::headed(2, &[metric, "", &beside, "ratio", ""]);
    let (first, others): (Vec<&SweepPoint>, Vec<&SweepPoint>) =
        points.points.iter().partition(|point| name(point) == comparison.against);
    for point in first.into_iter().chain(others) {
        let found = comparison.differences.iter().find(|d| d.metric == metric && d.alternative == name(point));
        table.row(row(points, point, metric, found));
    }
    table.render(paint)
}

fn name(point: &SweepPoint) -> String {
    point.settings.join(", ")
}

fn row(points: &SweepReport, point: &SweepPoint, metric: &str, found: Option<&Difference>) -> Vec<Cell> {
    let value = point.report.get(metric).map(|estimate| show(metric, estimate));
    let value = value.map_or(Cell::dim("-"), |shown| Cell::new(shown.ink(), shown.whole()));
    let mut cells = vec![Cell::plain(bare(&name(point))), value];
    let Some(found) = found.filter(|_| points.points.len() > 1) else { return cells };
    let shown = difference(metric, &found.difference);
    cells.push(Cell::new(shown.ink(), shown.whole()));
    let ratio = found.ratio.as_ref().map(|ratio| show("", ratio).whole());
    cells.push(Cell::plain(ratio.unwrap_or_default()));
    let (ink, text) = words(found.found);
    cells.push(Cell::new(ink, text));
    cells
}

/// What a comparison found, in words.
pub(crate) fn words(found: Found) -> (Ink, &'static str) {
    match found {
        Found::Higher => (Ink::Bold, "higher"),
        Found::Lower => (Ink::Bold, "lower"),
        Found::NotDetected => (Ink::Unsure, "no difference detected"),
        Found::Same => (Ink::Plain, "the same"),
        Found::Unknown => (Ink::Dim, ""),
    }
}

/// What the numbers are about where all were one run at first.
pub(crate) fn forked(comparison: &Comparison) -> String {
    comparison.from.map_or_else(String::new, |from| {
        let from = quantity::seconds(from);
        format!(
            "one run as {} up to {from}, continued from there as each; the numbers are about what comes after",
            bare(&comparison.against)
        )
    })
}

/// How far the intervals can be trusted together.
pub(crate) fn together(comparison: &Comparison) -> String {
    let confidence = |share: f64| quantity::given(share, "1");
    let all = confidence(comparison.confidence);
    match comparison.family {
        0 => "there is no difference with an interval".into(),
        1 => format!("the interval of the difference holds with {all}"),
        n => format!(
            "{} differences hold together with {all}, each alone with {} (Bonferroni)",
            if n == 2 { "both".to_owned() } else { format!("all {n}") },
            confidence(comparison.each())
        ),
    }
}

/// What the same random numbers bought.
pub(crate) fn pairing(differences: &[Difference]) -> String {
    let mut gains: Vec<f64> = differences.iter().filter_map(|d| d.gain).filter(|gain| *gain > 0.0).collect();
    gains.sort_by(f64::total_cmp);
    let (Some(least), Some(most)) = (gains.first(), gains.last()) else { return String::new() };
    let times = |gain: f64| quantity::plain(gain, "x");
    let range = if gains.len() > 1 { format!(" ({} .. {})", times(*least), times(*most)) } else { String::new() };
    let middle = times(gains[gains.len() / 2]);
    format!(
        "the alternatives saw the same requests: independent runs as precise as this would need {middle} as many{range}"
    )
}

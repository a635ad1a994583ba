//! The page of a comparison.

use super::begin;
use super::document::{Cell, Finding, Grid, Page, Tone};
use super::sweep::{about, first_effort, measured, warnings};
use crate::chart::{Drawing, Figure};
use crate::files::json::Manifest;
use crate::quantity::{difference, show};
use crate::table::compare::{forked, pairing, together, words};
use crate::table::sweep::bare;
use archsim_experiment::compare::{Comparison, Difference};
use archsim_experiment::ledger::Ledger;
use archsim_experiment::report::SweepPoint;

/// The page of a comparison.
pub(crate) fn compare(comparison: &Comparison, figures: &[Figure], ledger: &Ledger, manifest: &Manifest) -> Page {
    let mut page = begin(manifest, ledger);
    let points = &comparison.points;
    page.about = about(points, "Comparison");
    page.facts = [first_effort(points), vec!["common random numbers".into()], page.facts].concat();
    page.about.extend(Some(forked(comparison)).filter(|text| !text.is_empty()).map(|text| capital(&text) + "."));
    page.finding = finding(figures);
    page.warnings.extend(warnings(points));
    page.tables = points.measure.iter().map(|metric| table(comparison, metric)).collect();
    page.figures = figures.to_vec();
    page.checks =
        [together(comparison), pairing(&comparison.differences)].into_iter().filter(|text| !text.is_empty()).collect();
    page
}

fn capital(text: &str) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    first.to_uppercase() + rest
}

/// The findings of the effects, which are about the metrics in the order asked.
fn finding(figures: &[Figure]) -> Finding {
    const MOST: usize = 2;
    let effects = figures.iter().filter(|figure| matches!(figure.drawing, Drawing::Effects(_)));
    let titles: Vec<&str> = effects.map(|figure| figure.labels.title.as_str()).take(MOST).collect();
    let text = if titles.is_empty() { String::new() } else { titles.join("; ") + "." };
    Finding { tone: Tone::Plain, text }
}

/// One metric: a row for each alternative, the one that the others are compared with first.
fn table(comparison: &Comparison, metric: &str) -> Grid {
    let against = bare(&comparison.against);
    let beside = format!("difference to {against}");
    let mut grid = Grid::new(metric, "", &["alternative", metric, &beside, "ratio", "found"]);
    let all = comparison.points.points.iter().enumerate();
    let (first, others): (Vec<_>, Vec<_>) = all.partition(|(_, point)| name(point) == comparison.against);
    grid.rows = first.into_iter().chain(others).map(|(index, point)| row(comparison, point, metric, index)).collect();
    grid
}

fn name(point: &SweepPoint) -> String {
    point.settings.join(", ")
}

fn row(comparison: &Comparison, point: &SweepPoint, metric: &str, index: usize) -> Vec<Cell> {
    let found = comparison.differences.iter().find(|d| d.metric == metric && d.alternative == name(point));
    let value = measured(&point.report, metric, index);
    let rest = found.map_or(vec![Cell::default(); 3], |found| differing(metric, found));
    [vec![Cell::plain(bare(&name(point))), value], rest].concat()
}

fn differing(metric: &str, found: &Difference) -> Vec<Cell> {
    let cell = |shown: crate::quantity::Shown| Cell {
        detail: shown.detail.clone().unwrap_or_default(),
        ..Cell::new(shown.ink().into(), shown.value)
    };
    let (ink, text) = words(found.found);
    let ratio = found.ratio.as_ref().map_or(Cell::default(), |ratio| cell(show("", ratio)));
    vec![cell(difference(metric, &found.difference)), ratio, Cell::new(ink.into(), text)]
}

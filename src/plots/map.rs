//! Two settings varied: a map with the contour of the SLO.

use super::{labels, unit};
use crate::chart::{Drawing, Figure, HeatCell, HeatMap, Held};
use crate::files::slug;
use crate::table::sweep::bare;
use archsim_experiment::report::{Report, SweepReport, Verdict};

/// A map for each metric of a sweep over two settings. `present` are the values of the file.
pub(super) fn maps(sweep: &SweepReport, present: &[Option<String>]) -> Vec<Figure> {
    let [(vertical, rows), (horizontal, columns)] = &sweep.axes[..] else { return Vec::new() };
    if rows.len() < 2 || columns.len() < 2 {
        return Vec::new();
    }
    let present = place(rows, present.first()).zip(place(columns, present.get(1))).map(|(row, column)| (column, row));
    let names = |values: &[String]| values.iter().map(|value| bare(value).to_owned()).collect::<Vec<String>>();
    let map = |metric: &String| {
        let known = sweep.points.iter().find_map(|point| point.report.get(metric))?;
        let slo = sweep.points.iter().flat_map(|point| &point.report.slos).find(|slo| slo.metric == *metric);
        let cell = |row: &String, column: &String| {
            let point = sweep.points.iter().find(|point| point.settings == [row.clone(), column.clone()]);
            point.map_or(HeatCell::default(), |point| cell(&point.report, metric))
        };
        let cells: Vec<Vec<HeatCell>> =
            rows.iter().map(|row| columns.iter().map(|column| cell(row, column)).collect()).collect();
        let title = title(metric, slo.map(|slo| slo.text.as_str()), &cells, horizontal, vertical);
        let look = match slo {
            Some(_) => "The line is where the objective ceases to hold: which of the two settings buys more?",
            None => "Which of the two settings changes the number more?",
        };
        let data = HeatMap {
            unit: unit(metric, known.unit),
            columns: names(columns),
            rows: names(rows),
            cells,
            limit: slo.map(|slo| (slo.limit, slo.text.clone())),
            present,
        };
        Some(Figure::new(
            format!("map-{}", slug(metric)),
            labels(&sweep.scenario, title, look, horizontal, vertical),
            Drawing::HeatMap(data),
        ))
    };
    sweep.measure.iter().filter_map(map).collect()
}

/// Which of the values that of the file is.
fn place(values: &[String], present: Option<&Option<String>>) -> Option<usize> {
    let present = bare(present?.as_deref()?).replace('_', "");
    values.iter().position(|value| bare(value).replace('_', "") == present)
}

fn cell(report: &Report, metric: &str) -> HeatCell {
    let verdict = report.slos.iter().find(|slo| slo.metric == metric).map(|slo| slo.verdict);
    let held = match verdict {
        None => Held::Unasked,
        Some(Verdict::Pass) => Held::Yes,
        Some(Verdict::Fail) => Held::No,
        Some(Verdict::Undecided) => Held::Undecided,
    };
    HeatCell { value: report.get(metric).and_then(|estimate| estimate.value), held }
}

fn title(metric: &str, slo: Option<&str>, cells: &[Vec<HeatCell>], horizontal: &str, vertical: &str) -> String {
    let all = cells.iter().flatten().count();
    let held = cells.iter().flatten().filter(|cell| cell.held == Held::Yes).count();
    match slo {
        Some(slo) if held == 0 => format!("{slo} holds nowhere on this map"),
        Some(slo) if held == all => format!("{slo} holds everywhere on this map"),
        Some(slo) => format!("{slo} holds at {held} of {all} pairs"),
        None => format!("{metric} by {horizontal} and {vertical}"),
    }
}

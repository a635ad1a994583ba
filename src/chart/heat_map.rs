//! Two settings varied: where an objective holds, and where it ceases to.

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, HEIGHT, Place, Stroke, WIDTH, document};
use super::contour::contour;
use super::frame::{Entry, MARGIN, SMALL, Sample, axis_name, header, nothing};
use super::number::{Unit, value as print};
use super::palette::{GRID, ON_LIGHT, QUIET, TEXT, UNSURE, WHITE, shade};
use super::text::{fit, width};
use serde::{Deserialize, Serialize};

/// More columns or rows than this are counted, not drawn.
const MOST: usize = 24;
const TALLEST_ROW: f64 = 54.0;
const LONGEST_NAME: f64 = 120.0;

/// Whether an objective holds in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Held {
    /// There is no objective on the metric.
    #[default]
    Unasked,
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// The interval contains the limit.
    Undecided,
}

/// A pair of settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct HeatCell {
    /// What was measured; none where there is no steady state or nothing was seen.
    pub(crate) value: Option<f64>,
    /// Whether the objective holds.
    pub(crate) held: Held,
}

/// The data of a sweep over two settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HeatMap {
    /// The unit of the values.
    pub(crate) unit: Unit,
    /// The values of the setting on the horizontal axis.
    pub(crate) columns: Vec<String>,
    /// The values of the setting on the vertical axis, from the bottom up.
    pub(crate) rows: Vec<String>,
    /// Row by row as many cells as columns.
    pub(crate) cells: Vec<Vec<HeatCell>>,
    /// The limit of the objective.
    pub(crate) limit: Option<(f64, String)>,
    /// Column and row of the values in the file.
    pub(crate) present: Option<(usize, usize)>,
}

/// Cells coloured by value, with the contour of the objective.
pub(crate) fn heat_map(labels: &Labels, data: &HeatMap) -> String {
    document(labels, |canvas| {
        let top = header(canvas, labels, &entries(data)) + 24.0;
        let (columns, rows) = (data.columns.len().min(MOST), data.rows.len().min(MOST));
        let names = data.rows.iter().map(|name| width(name, SMALL)).fold(30.0, f64::max).min(LONGEST_NAME);
        let row = ((HEIGHT - 50.0 - top) / rows.max(1) as f64).min(TALLEST_ROW);
        let area =
            Area { left: MARGIN + names + 12.0, top, right: WIDTH - MARGIN, bottom: top + row * rows.max(1) as f64 };
        let sheet = Sheet { area, columns, rows };
        canvas.text((MARGIN, top - 12.0), Anchor::Start, Font::bold(SMALL, QUIET), &fit(&labels.y, SMALL, 400.0));
        sheet.cells(canvas, data);
        sheet.limit(canvas, data);
        sheet.names(canvas, data);
        let hidden = (data.columns.len() - columns) + (data.rows.len() - rows);
        let more = if hidden > 0 { format!("{} (and {hidden} more values)", labels.x) } else { labels.x.clone() };
        axis_name(canvas, area, area.bottom + 32.0, &more);
        if columns == 0 || rows == 0 {
            nothing(canvas, area);
        }
        area.bottom + 50.0
    })
}

fn entries(data: &HeatMap) -> Vec<Entry> {
    let cells = || data.cells.iter().flatten();
    let mut entries = Vec::new();
    if let Some((low, high)) = range(data) {
        entries.push(Entry::new(Sample::Box(shade(0.0)), print(low, data.unit)));
        entries.push(Entry::new(Sample::Box(shade(1.0)), print(high, data.unit)));
    }
    if let Some((_, name)) = &data.limit {
        entries.push(Entry::new(Sample::Line(Stroke::solid(TEXT, 3.0)), name));
    }
    if cells().any(|cell| cell.held == Held::Undecided) {
        entries.push(Entry::new(Sample::Hatched(TEXT), "undecided"));
    }
    if cells().any(|cell| cell.value.is_none()) {
        entries.push(Entry::new(Sample::Box(GRID), "no value"));
    }
    if data.present.is_some() {
        entries.push(Entry::new(Sample::Hollow(TEXT), "the file's own values"));
    }
    entries
}

/// The smallest and the largest value.
fn range(data: &HeatMap) -> Option<(f64, f64)> {
    let values = data.cells.iter().flatten().filter_map(|cell| cell.value).filter(|value| value.is_finite());
    values.fold(None, |range: Option<(f64, f64)>, value| {
        Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    })
}

/// Where cells lie.
struct Sheet {
    area: Area,
    columns: usize,
    rows: usize,
}

impl Sheet {
    /// The place of a cell's middle, or of one between cells.
    fn place(&self, (column, row): (f64, f64)) -> Place {
        let (wide, high) = (self.area.right - self.area.left, self.area.bottom - self.area.top);
        let x = self.area.left + wide * (column + 0.5) / self.columns.max(1) as f64;
        (x, self.area.bottom - high * (row + 0.5) / self.rows.max(1) as f64)
    }

    fn cell(&self, column: usize, row: usize) -> Area {
        let (left, bottom) = self.place((column as f64 - 0.5, row as f64 - 0.5));
        let (right, top) = self.place((column as f64 + 0.5, row as f64 + 0.5));
        Area { left, top, right, bottom }
    }

    fn cells(&self, canvas: &mut Canvas<'_>, data: &HeatMap) {
        let range = range(data);
        for (row, cells) in data.cells.iter().take(self.rows).enumerate() {
            for (column, cell) in cells.iter().take(self.columns).enumerate() {
                self.fill(canvas, self.cell(column, row), cell, range, data.unit);
            }
        }
        let present = data.present.filter(|(column, row)| *column < self.columns && *row < self.rows);
        if let Some((column, row)) = present {
            let area = self.cell(column, row);
            canvas.marker(0, (area.left + 11.0, area.top + 11.0), ON_LIGHT, true);
        }
    }

    fn fill(&self, canvas: &mut Canvas<'_>, area: Area, cell: &HeatCell, range: Option<(f64, f64)>, unit: Unit) {
        let value = cell.value.filter(|value| value.is_finite());
        let ink = value.zip(range).map_or(GRID, |(value, range)| shade(share(value, range)));
        let inside =
            Area { left: area.left + 1.0, top: area.top + 1.0, right: area.right - 1.0, bottom: area.bottom - 1.0 };
        canvas.rectangle(inside, ink);
        let dark = value.zip(range).is_some_and(|(value, range)| share(value, range) > 0.45);
        let written = if dark { WHITE } else { ON_LIGHT };
        if cell.held == Held::Undecided {
            canvas.hatch(inside, written.faint(0.45));
        }
        let text = value.map_or("-".into(), |value| print(value, unit));
        let (room, long) = (inside.right - inside.left, width(&text, SMALL));
        if long <= room && inside.bottom - inside.top >= SMALL {
            let middle = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
            if cell.held == Held::Undecided {
                let half = long / 2.0 + 2.0;
                canvas.rectangle(
                    Area { left: middle.0 - half, top: middle.1 - 8.0, right: middle.0 + half, bottom: middle.1 + 8.0 },
                    ink,
                );
            }
            let ink = if value.is_some() { written } else { UNSURE };
            canvas.text(middle, Anchor::Middle, Font::plain(SMALL, ink), &text);
        }
    }

    /// The contour, white below so that it is seen on every fill.
    fn limit(&self, canvas: &mut Canvas<'_>, data: &HeatMap) {
        let Some((limit, _)) = &data.limit else { return };
        let values: Vec<Vec<Option<f64>>> = data
            .cells
            .iter()
            .take(self.rows)
            .map(|row| row.iter().take(self.columns).map(|cell| cell.value).collect())
            .collect();
        let lines = contour(&values, *limit);
        for stroke in [Stroke::solid(WHITE, 6.0), Stroke::solid(TEXT, 3.0)] {
            for (from, to) in &lines {
                canvas.line(&[self.place(*from), self.place(*to)], stroke);
            }
        }
    }

    fn names(&self, canvas: &mut Canvas<'_>, data: &HeatMap) {
        let quiet = Font::plain(SMALL, QUIET);
        for (row, name) in data.rows.iter().take(self.rows).enumerate() {
            let (_, y) = self.place((0.0, row as f64));
            canvas.text((self.area.left - 8.0, y), Anchor::End, quiet, &fit(name, SMALL, LONGEST_NAME));
        }
        let room = (self.area.right - self.area.left) / self.columns.max(1) as f64 - 4.0;
        for (column, name) in data.columns.iter().take(self.columns).enumerate() {
            let (x, _) = self.place((column as f64, 0.0));
            canvas.text((x, self.area.bottom + 13.0), Anchor::Middle, quiet, &fit(name, SMALL, room));
        }
    }
}

/// Where a value lies in its range; by factors where that spans more than one of ten.
fn share(value: f64, (low, high): (f64, f64)) -> f64 {
    let share = match low > 0.0 && high > 10.0 * low {
        true => libm::log(value / low) / libm::log(high / low),
        false => (value - low) / (high - low),
    };
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 }
}

//! The numbers of a chart as a table, for those who want them and those who cannot see the chart.

use super::document::{Cell, Grid};
use crate::chart::{
    Architecture, Bar, CostPoint, CostPoints, Curve, Drawing, Effect, Figure, HeatCell, HeatMap, Held, Labels,
    LoadCurve, LoadPoint, Panel, Scatter, ScatterPoint, Stack, Unit,
};
use crate::quantity::plain;

/// The data of a chart.
pub(super) fn data(figure: &Figure) -> Grid {
    match &figure.drawing {
        Drawing::Architecture(data) => calls(data),
        Drawing::Utilisation(bars) => bars_of(bars, &figure.labels.y),
        Drawing::Percentiles { curves, .. } => percentiles(curves),
        Drawing::Series { panels, .. } => series(panels),
        Drawing::Time(stacks) => times(stacks),
        Drawing::Load(data) => load(data, &figure.labels.x),
        Drawing::HeatMap(data) => map(data, &figure.labels),
        Drawing::Cdf(data) => percentiles(&data.curves),
        Drawing::Cost(data) => costs(data, &figure.labels.y),
        Drawing::Effects(effects) => ratios(effects),
        Drawing::Scatter(data) => scattered(data, &figure.labels),
    }
}

/// A number with its unit; a dash where there is none.
fn number(value: Option<f64>, unit: Unit) -> Cell {
    let unit = match unit {
        Unit::Seconds => "s",
        Unit::PerSecond => "1/s",
        Unit::Share => "1",
        Unit::Bytes => "B",
        Unit::Number => "",
    };
    Cell::plain(value.map_or("-".into(), |value| plain(value, unit)))
}

fn grid(columns: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> Grid {
    Grid { rows: rows.collect(), ..Grid::new("", "", columns) }
}

fn calls(data: &Architecture) -> Grid {
    let name = |node: usize| Cell::plain(data.nodes.get(node).map_or("", |node| node.name.as_str()));
    let row = |call: &crate::chart::Calls| {
        let retries = number(call.retries, Unit::Number);
        vec![name(call.from), name(call.to), number(call.rate, Unit::PerSecond), retries]
    };
    grid(&["from", "to", "attempts", "retries for each call"], data.calls.iter().map(row))
}

fn bars_of(bars: &[Bar], note: &str) -> Grid {
    let row = |bar: &Bar| {
        let [mean, worst, expected] = [Some(bar.mean), bar.worst, bar.expected].map(|value| number(value, Unit::Share));
        vec![Cell::plain(bar.name.as_str()), mean, worst, expected, Cell::plain(bar.note.as_str())]
    };
    grid(&["component", "busy", "busiest instance", "by the plan", note], bars.iter().map(row))
}

fn percentiles(curves: &[Curve]) -> Grid {
    let row = |curve: &Curve, point: &(f64, f64)| {
        let enough = if point.0 <= curve.reliable_to { "" } else { "fewer than 10 samples" };
        let share = format!("{}%", (point.0 * 1e9).round() / 1e7);
        vec![
            Cell::plain(curve.name.as_str()),
            Cell::plain(share),
            number(Some(point.1), Unit::Seconds),
            Cell::plain(enough),
        ]
    };
    let rows = curves.iter().flat_map(|curve| curve.points.iter().map(move |point| row(curve, point)));
    grid(&["of", "faster than this", "latency", ""], rows)
}

fn series(panels: &[Panel]) -> Grid {
    let lines: Vec<_> = panels.iter().flat_map(|panel| panel.lines.iter().map(|line| (panel.unit, line))).collect();
    let names: Vec<&str> = std::iter::once("time").chain(lines.iter().map(|(_, line)| line.name.as_str())).collect();
    let times = lines.first().map_or(&[][..], |(_, line)| &line.points);
    let rows = times.iter().enumerate().map(|(at, (time, _))| {
        let values = lines.iter().map(|(unit, line)| number(line.points.get(at).and_then(|point| point.1), *unit));
        std::iter::once(number(Some(*time), Unit::Seconds)).chain(values).collect()
    });
    grid(&names, rows)
}

fn times(stacks: &[Stack]) -> Grid {
    let row = |stack: &Stack, part: &crate::chart::Part| {
        let share = Some(part.seconds / stack.total_seconds).filter(|share| share.is_finite());
        vec![
            Cell::plain(stack.name.as_str()),
            Cell::plain(part.component.as_str()),
            Cell::plain(part.category.name()),
            number(Some(part.seconds), Unit::Seconds),
            number(share, Unit::Share),
        ]
    };
    let rows = stacks.iter().flat_map(|stack| stack.parts.iter().map(move |part| row(stack, part)));
    grid(&["requests", "component", "on", "time", "share"], rows)
}

fn load(data: &LoadCurve, x: &str) -> Grid {
    let setting = |x: f64| match data.categories.get(x as usize) {
        Some(name) => Cell::plain(name.as_str()),
        None => number(Some(x), data.unit_x),
    };
    let row = |name: &str, point: &LoadPoint| {
        let [value, low, high] = [point.value, point.low, point.high].map(|value| number(value, data.unit_y));
        let steady = Cell::plain(if point.steady { "" } else { "no steady state" });
        vec![setting(point.x), Cell::plain(name), value, low, high, steady]
    };
    let rows = data.traces.iter().flat_map(|trace| trace.points.iter().map(|point| row(&trace.name, point)));
    grid(&[x, "of", "value", "low", "high", ""], rows)
}

fn map(data: &HeatMap, labels: &Labels) -> Grid {
    let corner = format!("{} / {}", labels.y, labels.x);
    let names: Vec<&str> = std::iter::once(corner.as_str()).chain(data.columns.iter().map(String::as_str)).collect();
    let cell = |cell: &HeatCell| {
        let told = match cell.held {
            Held::Undecided => "undecided",
            Held::No => "fails",
            Held::Yes => "holds",
            Held::Unasked => "",
        };
        Cell { detail: told.into(), ..number(cell.value, data.unit) }
    };
    let rows = data.rows.iter().zip(&data.cells);
    grid(
        &names,
        rows.map(|(name, cells)| std::iter::once(Cell::plain(name.as_str())).chain(cells.iter().map(cell)).collect()),
    )
}

fn costs(data: &CostPoints, metric: &str) -> Grid {
    let front = data.front();
    let row = |point: &CostPoint| {
        let meets = answer(point.meets);
        let ahead = if front.contains(&point) { "no other is both cheaper and better" } else { "" };
        let value = number(point.value, data.unit);
        let cost = number(Some(point.cost), Unit::Number);
        vec![Cell::plain(point.label.as_str()), cost, value, Cell::plain(meets), Cell::plain(ahead)]
    };
    grid(&["setting", "cost per hour", metric, "meets the SLOs", ""], data.points.iter().map(row))
}

fn scattered(data: &Scatter, labels: &Labels) -> Grid {
    let row = |point: &ScatterPoint| {
        let (x, y) = (number(Some(point.x), data.unit_x), number(Some(point.y), data.unit_y));
        vec![x, y, Cell::plain(answer(point.meets))]
    };
    grid(&[&labels.x, &labels.y, "meets the SLOs"], data.points.iter().map(row))
}

fn answer(meets: Option<bool>) -> &'static str {
    match meets {
        Some(true) => "yes",
        Some(false) => "no",
        None => "-",
    }
}

fn ratios(effects: &[Effect]) -> Grid {
    let row = |effect: &Effect| {
        let ratio = |of: fn(&(f64, f64, f64)) -> f64| number(effect.ratio.as_ref().map(of), Unit::Number);
        let told = if effect.clear { "" } else { "no difference detected" };
        vec![Cell::plain(effect.name.as_str()), ratio(|r| r.0), ratio(|r| r.1), ratio(|r| r.2), Cell::plain(told)]
    };
    grid(&["alternative", "ratio", "low", "high", ""], effects.iter().map(row))
}

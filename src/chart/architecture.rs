//! The architecture as a picture: who calls whom, how often, and who is busy.

use super::Labels;
use super::canvas::{Anchor, Area, Canvas, Font, Place, Stroke, WIDTH, document};
use super::frame::{Entry, MARGIN, Sample, header, nothing};
use super::layout::{Layout, layout};
use super::number::{Unit, value as print};
use super::palette::{BLUE, GRID, Ink, ON_LIGHT, ORANGE, PALE, QUIET, SKY, TEXT, UNSURE, VERMILLION, WHITE};
use super::text::{fit, width};
use serde::{Deserialize, Serialize};

const WIDEST_NODE: f64 = 150.0;
/// Share of a column that a node takes; the rest is for the edges.
const NODE: f64 = 0.6;
const NODE_HEIGHT: f64 = 46.0;
const ROW_HEIGHT: f64 = 78.0;
/// How far the boxes behind the first one stick out.
const STACKED: f64 = 4.0;
const WIDEST_EDGE: f64 = 7.0;
/// Pieces of a bent edge.
const PIECES: usize = 14;
const SMALLEST: f64 = 11.0;
/// From these utilisations on the fill changes.
const HALF: f64 = 0.4;
const HIGH: f64 = 0.8;
const FULL: f64 = 0.95;
/// Fewer retries than this for each call are not drawn.
const FEWEST_RETRIES: f64 = 0.001;

/// A component or a traffic source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node {
    /// Its name.
    pub(crate) name: String,
    /// What it is: its kind, or "traffic".
    pub(crate) kind: String,
    /// Its instances.
    pub(crate) instances: u32,
    /// Its utilisation, where it has servers.
    pub(crate) busy: Option<f64>,
    /// Whether an SLO on it fails.
    pub(crate) breached: bool,
    /// Whether it is a source of traffic.
    pub(crate) source: bool,
}

/// Calls from one node to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Calls {
    /// The node that calls, by its place in the list.
    pub(crate) from: usize,
    /// The node that is called.
    pub(crate) to: usize,
    /// Attempts per second.
    pub(crate) rate: Option<f64>,
    /// Attempts after the first for each call.
    pub(crate) retries: Option<f64>,
}

/// The components of a backend and their calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Architecture {
    /// Sources and components.
    pub(crate) nodes: Vec<Node>,
    /// Their calls.
    pub(crate) calls: Vec<Calls>,
}

/// From left to right in the direction of the calls.
pub(crate) fn architecture(labels: &Labels, data: &Architecture) -> String {
    document(labels, |canvas| {
        let top = header(canvas, labels, &entries(data)) + 14.0;
        let edges: Vec<(usize, usize)> = data.calls.iter().map(|call| (call.from, call.to)).collect();
        let sheet = Sheet::new(layout(data.nodes.len(), &edges), top);
        let largest = data.calls.iter().filter_map(|call| call.rate).fold(0.0, f64::max);
        let ways: Vec<(&Calls, Vec<Place>)> =
            data.calls.iter().enumerate().map(|(at, call)| (call, sheet.way(at, &data.calls))).collect();
        ways.iter().for_each(|(call, way)| edge(canvas, call, way, largest));
        for (index, node) in data.nodes.iter().enumerate() {
            draw(canvas, node, sheet.node(index));
        }
        rates(canvas, &ways, (0..data.nodes.len()).map(|index| sheet.node(index)).collect());
        if data.nodes.is_empty() {
            nothing(canvas, Area { left: MARGIN, top, right: WIDTH - MARGIN, bottom: top + ROW_HEIGHT });
        }
        sheet.bottom()
    })
}

fn entries(data: &Architecture) -> Vec<Entry> {
    const CLASSES: [(f64, &str); 4] =
        [(0.0, "busy under 40%"), (HALF, "from 40%"), (HIGH, "from 80%"), (FULL, "from 95%")];
    let busy = CLASSES.map(|(share, name)| Entry::new(Sample::Box(fill(Some(share))), name));
    let mut entries: Vec<Entry> = if data.nodes.iter().any(|node| node.busy.is_some()) { busy.into() } else { vec![] };
    entries.push(Entry::new(Sample::Line(Stroke::solid(QUIET, 4.0)), "the wider, the more calls"));
    if data.calls.iter().any(retried) {
        entries.push(Entry::new(Sample::Line(Stroke::dashed(VERMILLION, 2.5)), "with retries"));
    }
    if data.nodes.iter().any(|node| node.breached) {
        entries.push(Entry::new(Sample::Upright(Stroke::solid(VERMILLION, 3.0)), "an SLO fails"));
    }
    entries
}

fn retried(call: &Calls) -> bool {
    call.retries.is_some_and(|retries| retries >= FEWEST_RETRIES)
}

/// Where the layout lies on the sheet.
struct Sheet {
    layout: Layout,
    top: f64,
    column: f64,
    width: f64,
}

impl Sheet {
    fn new(layout: Layout, top: f64) -> Sheet {
        let column = (WIDTH - 2.0 * MARGIN) / layout.columns().max(1) as f64;
        Sheet { layout, top, column, width: (NODE * column).min(WIDEST_NODE) }
    }

    fn place(&self, (column, height): (usize, f64)) -> Place {
        let free = (self.column - self.width) / (self.layout.columns().max(2) - 1) as f64;
        let x = MARGIN + self.width / 2.0 + column as f64 * (self.column + free);
        (x, self.top + NODE_HEIGHT / 2.0 + STACKED * 2.0 + height * ROW_HEIGHT)
    }

    fn node(&self, index: usize) -> Area {
        let (x, y) = self.place(self.layout.nodes[index]);
        let (half, high) = (self.width / 2.0, NODE_HEIGHT / 2.0);
        Area { left: x - half, top: y - high, right: x + half, bottom: y + high }
    }

    fn bottom(&self) -> f64 {
        self.place((0, self.layout.height())).1 + NODE_HEIGHT / 2.0 + MARGIN
    }

    /// The way of an edge from side to side.
    fn way(&self, index: usize, calls: &[Calls]) -> Vec<Place> {
        let call = &calls[index];
        let (Some(_), Some(_)) = (self.layout.nodes.get(call.from), self.layout.nodes.get(call.to)) else {
            return vec![];
        };
        let (from, to) = (self.node(call.from), self.node(call.to));
        let height = |node: usize| self.layout.nodes.get(node).map_or(0.0, |place| place.1);
        let leaving = calls.iter().map(|other| (other.from == call.from, height(other.to)));
        let arriving = calls.iter().map(|other| (other.to == call.to, height(other.from)));
        if call.from == call.to {
            return vec![];
        }
        if to.left <= from.right {
            // Back to an earlier layer: around the outside.
            let y = from.bottom.max(to.bottom) + 16.0;
            return vec![
                ((from.left + from.right) / 2.0 + 9.0, from.bottom),
                ((from.left + from.right) / 2.0 + 9.0, y),
                ((to.left + to.right) / 2.0 - 9.0, y),
                ((to.left + to.right) / 2.0 - 9.0, to.bottom),
            ];
        }
        let mut stops = vec![(from.right, port(from, leaving, index))];
        for stop in &self.layout.ways[index] {
            let (x, y) = self.place(*stop);
            stops.extend([(x - self.width / 2.0, y), (x + self.width / 2.0, y)]);
        }
        stops.push((to.left, port(to, arriving, index)));
        bent(&stops)
    }
}

/// Where the edge at `index` meets the side of a node: those that do too are spread over it in the order of their other ends.
fn port(area: Area, ends: impl Iterator<Item = (bool, f64)>, index: usize) -> f64 {
    let mut meeting: Vec<(f64, usize)> =
        ends.enumerate().filter(|(_, end)| end.0).map(|(at, end)| (end.1, at)).collect();
    meeting.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let place = meeting.iter().position(|(_, at)| *at == index).unwrap_or(0);
    area.top + (area.bottom - area.top) * (place as f64 + 1.0) / (meeting.len() + 1) as f64
}

/// A smooth line through places, level at each of them.
fn bent(stops: &[Place]) -> Vec<Place> {
    let mut line: Vec<Place> = stops.iter().copied().take(1).collect();
    for pair in stops.windows(2) {
        let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
        let pieces = if (y - to_y).abs() < 0.5 { 1 } else { PIECES };
        line.extend((1..=pieces).map(|piece| {
            let share = piece as f64 / pieces as f64;
            let rise = share * share * (3.0 - 2.0 * share);
            (x + (to_x - x) * share, y + (to_y - y) * rise)
        }));
    }
    line
}

fn edge(canvas: &mut Canvas<'_>, call: &Calls, way: &[Place], largest: f64) {
    let share = call.rate.filter(|_| largest > 0.0).map_or(0.0, |rate| (rate / largest).sqrt());
    let width = 1.2 + (WIDEST_EDGE - 1.2) * share;
    let Some((&(x, y), rest)) = way.split_last() else { return };
    let ink = if retried(call) { VERMILLION } else { UNSURE };
    // The line ends where its head begins.
    let head = width / 2.0 + 4.0;
    let level = rest.last().is_some_and(|last| (last.0 - x).abs() > 0.5);
    let (end, corners) = match level {
        true => ((x - head, y), [(x - head * 1.4, y - head), (x, y), (x - head * 1.4, y + head)]),
        false => ((x, y + head), [(x - head, y + head * 1.4), (x, y), (x + head, y + head * 1.4)]),
    };
    let line: Vec<Place> = rest.iter().copied().filter(|place| !level || place.0 < end.0).chain([end]).collect();
    canvas.line(&line, if retried(call) { Stroke::dashed(ink, width) } else { Stroke::solid(ink, width) });
    canvas.polygon(&corners, ink);
}

/// The calls per second beside each line, where there is room; the table beside the picture has them all.
fn rates(canvas: &mut Canvas<'_>, ways: &[(&Calls, Vec<Place>)], mut taken: Vec<Area>) {
    for (call, way) in ways {
        let Some(rate) = call.rate else { continue };
        let text = print(rate, Unit::PerSecond);
        let half = width(&text, SMALLEST) / 2.0 + 1.0;
        let spot = |share: &f64| {
            let (x, y) = along(way, *share)?;
            let y = y - 11.0;
            Some(Area { left: x - half, top: y - 7.0, right: x + half, bottom: y + 7.0 })
        };
        let free = |area: &Area| taken.iter().all(|other| !area.overlaps(other));
        let Some(area) = [0.5, 0.35, 0.65, 0.25, 0.75].iter().filter_map(spot).find(free) else { continue };
        canvas.rectangle(area, WHITE.faint(0.75));
        let middle = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
        canvas.text(middle, Anchor::Middle, Font::plain(SMALLEST, TEXT), &text);
        taken.push(area);
    }
}

/// The place on a line after a share of its points.
fn along(way: &[Place], share: f64) -> Option<Place> {
    let reached = way.len().checked_sub(1)? as f64 * share;
    let (from, to) = (way[reached.floor() as usize], way[reached.ceil() as usize]);
    let rest = reached.fract();
    Some((from.0 + (to.0 - from.0) * rest, from.1 + (to.1 - from.1) * rest))
}

/// The fill of a node: the darker, the busier.
fn fill(busy: Option<f64>) -> Ink {
    match busy {
        None => GRID,
        Some(share) if share >= FULL => VERMILLION,
        Some(share) if share >= HIGH => ORANGE,
        Some(share) if share >= HALF => SKY,
        Some(_) => PALE,
    }
}

fn draw(canvas: &mut Canvas<'_>, node: &Node, area: Area) {
    let ink = if node.source { BLUE } else { fill(node.busy) };
    let behind = node.instances.saturating_sub(1).min(2);
    for box_behind in (1..=behind).rev() {
        let shift = STACKED * f64::from(box_behind);
        outlined(
            canvas,
            Area {
                left: area.left + shift,
                top: area.top - shift,
                right: area.right + shift,
                bottom: area.bottom - shift,
            },
            ink,
            node.breached,
        );
    }
    outlined(canvas, area, ink, node.breached);
    let text = if node.source {
        WHITE
    } else if node.busy.is_some() {
        ON_LIGHT
    } else {
        TEXT
    };
    let (x, y) = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
    let room = area.right - area.left - 8.0;
    canvas.text((x, y - 9.0), Anchor::Middle, Font::bold(13.0, text), &fit(&node.name, 13.0, room));
    let kind = if node.instances > 1 { format!("{} x {}", node.instances, node.kind) } else { node.kind.clone() };
    let busy = node.busy.map(|busy| print(busy, Unit::Share));
    let below = busy.map_or(kind.clone(), |busy| match width(&format!("{kind}, {busy}"), SMALLEST) <= room {
        true => format!("{kind}, {busy}"),
        false => busy,
    });
    canvas.text((x, y + 9.0), Anchor::Middle, Font::plain(SMALLEST, text), &fit(&below, SMALLEST, room));
}

fn outlined(canvas: &mut Canvas<'_>, area: Area, ink: Ink, breached: bool) {
    let grown =
        |by: f64| Area { left: area.left - by, top: area.top - by, right: area.right + by, bottom: area.bottom + by };
    if breached {
        canvas.rectangle(grown(3.5), VERMILLION);
        canvas.rectangle(grown(0.5), WHITE);
    } else {
        canvas.rectangle(grown(1.0), WHITE);
    }
    canvas.rectangle(area, ink);
}

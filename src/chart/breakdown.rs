//! What latency is made of: the tail is made of different things than the mean.

use super::Labels;
use super::breakdown_table::table;
use super::canvas::{Anchor, Area, Canvas, Font, Stroke, WIDTH, document};
use super::frame::{Entry, MARGIN, SMALL, Sample, header, horizontal_axis, nothing};
use super::number::{Unit, value as print};
use super::palette::{GREEN, GRID, Ink, ORANGE, PURPLE, QUIET, SKY, TEXT, VERMILLION, WHITE};
use super::scale::Scale;
use super::text::{fit, width};
use serde::{Deserialize, Serialize};

/// More stacks than this are counted, not drawn.
const MOST_STACKS: usize = 4;
/// Parts under this share carry no label.
const SMALLEST_LABEL: f64 = 0.06;
/// A smaller share without explanation is not worth a mention.
const SMALLEST_REST: f64 = 0.005;
/// Longer times, in seconds, are taken for a mistake: their sum could overflow.
const LONGEST: f64 = 1e100;
const LONGEST_NAME: f64 = 130.0;
/// Height of the labels inside the bars in pixels.
const INSIDE: f64 = 11.5;
/// Room right of the bars for the totals.
const TOTAL: f64 = 80.0;

/// What time is spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Category {
    /// Being served.
    Work,
    /// In a queue.
    Waiting,
    /// Waiting for a connection of a pool.
    Pool,
    /// On the way.
    Network,
    /// Pausing before another try.
    Backoff,
    /// Tries whose result was thrown away.
    Wasted,
}

impl Category {
    const ALL: [Category; 6] =
        [Category::Work, Category::Waiting, Category::Pool, Category::Network, Category::Backoff, Category::Wasted];

    /// Its word in the legend.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Category::Work => "work",
            Category::Waiting => "waiting",
            Category::Pool => "pool",
            Category::Network => "network",
            Category::Backoff => "backoff",
            Category::Wasted => "wasted",
        }
    }

    fn ink(self) -> Ink {
        match self {
            Category::Work => GREEN,
            Category::Waiting => VERMILLION,
            Category::Pool => ORANGE,
            Category::Network => SKY,
            Category::Backoff => PURPLE,
            Category::Wasted => QUIET,
        }
    }
}

/// Time spent at one component on one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// The component.
    pub(crate) component: String,
    /// The thing.
    pub(crate) category: Category,
    /// The time in seconds.
    pub(crate) seconds: f64,
}

/// The time of one group of requests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stack {
    /// The group, such as "mean" or "slowest 1 %".
    pub(crate) name: String,
    /// The latency of the group in seconds.
    pub(crate) total_seconds: f64,
    /// What it is made of; what is missing to the total is shown as unexplained.
    pub(crate) parts: Vec<Part>,
}

impl Stack {
    /// The usable parts, by category in the order of the legend; the caller's order within each.
    pub(super) fn sorted(&self) -> Vec<&Part> {
        let usable = |part: &&Part| part.seconds > 0.0 && part.seconds < LONGEST;
        let mut parts: Vec<&Part> = self.parts.iter().filter(usable).collect();
        parts.sort_by_key(|part| part.category);
        parts
    }

    /// What is one hundred percent, at least the sum of the parts.
    pub(super) fn whole(&self) -> f64 {
        let sum = self.sorted().iter().map(|part| part.seconds).sum::<f64>();
        if self.total_seconds.is_finite() { sum.max(self.total_seconds) } else { sum }
    }

    /// The share of the whole that no part explains.
    fn unexplained(&self) -> f64 {
        let explained = self.sorted().iter().map(|part| part.seconds).sum::<f64>();
        if self.whole() > 0.0 { 1.0 - explained / self.whole() } else { 0.0 }
    }

    /// The time at `component` on `category`.
    pub(super) fn seconds(&self, component: &str, category: Category) -> f64 {
        let matching = |part: &&&Part| part.component == component && part.category == category;
        self.sorted().iter().filter(matching).map(|part| part.seconds).sum()
    }
}

/// One bar per group in percent of its own total, and a list of the largest parts below.
pub(crate) fn where_time_goes(labels: &Labels, stacks: &[Stack]) -> String {
    document(labels, |canvas| {
        let shown = &stacks[..stacks.len().min(MOST_STACKS)];
        let top = header(canvas, labels, &entries(shown)) + 2.0;
        let longest = shown.iter().map(|stack| width(&stack.name, SMALL)).fold(40.0, f64::max).min(LONGEST_NAME);
        let row = if shown.len() > 2 { 42.0 } else { 60.0 };
        let bottom = top + row * shown.len().max(1) as f64;
        let area = Area { left: MARGIN + longest + 12.0, top, right: WIDTH - MARGIN - TOTAL, bottom };
        let scale = Scale::exact((0.0, 1.0), Unit::Share, (area.left, area.right));
        horizontal_axis(canvas, area, &scale, &labels.x);
        for (index, stack) in shown.iter().enumerate() {
            let top = area.top + row * index as f64 + 4.0;
            bar(canvas, stack, Area { top, bottom: top + row - 8.0, ..area }, &scale);
        }
        if shown.is_empty() {
            nothing(canvas, area);
        }
        let end = table(canvas, shown, bottom + 56.0);
        if stacks.len() > MOST_STACKS {
            let more = format!("and {} more groups", stacks.len() - MOST_STACKS);
            canvas.text((WIDTH - MARGIN, bottom + 32.0), Anchor::End, Font::plain(SMALL, QUIET), &more);
        }
        end
    })
}

fn entries(stacks: &[Stack]) -> Vec<Entry> {
    let parts = || stacks.iter().flat_map(Stack::sorted);
    let used = Category::ALL.into_iter().filter(|category| parts().any(|part| part.category == *category));
    let explained = used.map(|category| Entry::new(Sample::Box(category.ink()), category.name()));
    let rest = stacks.iter().any(|stack| stack.unexplained() > SMALLEST_REST);
    explained.chain(rest.then(|| Entry::new(Sample::Box(GRID), "unexplained"))).collect()
}

fn bar(canvas: &mut Canvas<'_>, stack: &Stack, area: Area, scale: &Scale) {
    let middle = (area.top + area.bottom) / 2.0;
    let name = fit(&stack.name, SMALL, LONGEST_NAME);
    canvas.text((area.left - 8.0, middle), Anchor::End, Font::bold(SMALL, TEXT), &name);
    let total = if stack.total_seconds > 0.0 { print(stack.total_seconds, Unit::Seconds) } else { "-".to_string() };
    canvas.text((area.right + 8.0, middle), Anchor::Start, Font::bold(14.0, TEXT), &total);
    let whole = stack.whole();
    let mut gone = 0.0;
    for part in stack.sorted() {
        let ends = (scale.place(gone / whole), scale.place((gone + part.seconds) / whole));
        gone += part.seconds;
        let (Some(left), Some(right)) = ends else { continue };
        piece(canvas, part, part.seconds / whole, Area { left, right, ..area });
    }
    let rest = stack.unexplained();
    if let Some(left) = scale.place(1.0 - rest).filter(|_| rest > SMALLEST_REST) {
        canvas.rectangle(Area { left, ..area }, GRID);
        if rest >= SMALLEST_LABEL {
            label(canvas, "unexplained", rest, Area { left, ..area }, GRID);
        }
    }
}

fn piece(canvas: &mut Canvas<'_>, part: &Part, share: f64, area: Area) {
    canvas.rectangle(area, part.category.ink());
    canvas.line(&[(area.right, area.top), (area.right, area.bottom)], Stroke::solid(WHITE, 1.0));
    if share >= SMALLEST_LABEL {
        label(canvas, &part.component, share, area, part.category.ink());
    }
}

fn label(canvas: &mut Canvas<'_>, name: &str, share: f64, area: Area, behind: Ink) {
    let (x, middle) = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
    let room = area.right - area.left - 4.0;
    let ink = behind.text();
    let name = fit(name, INSIDE, room);
    canvas.text((x, middle - 7.0), Anchor::Middle, Font::plain(INSIDE, ink), &name);
    canvas.text((x, middle + 7.0), Anchor::Middle, Font::bold(INSIDE, ink), &percent(share));
}

/// A share as whole percents.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

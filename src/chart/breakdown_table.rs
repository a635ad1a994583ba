//! The largest parts of latency as a list, in seconds and percent of each group.

use super::breakdown::{Category, Stack, percent};
use super::canvas::{Anchor, Canvas, Font, HEIGHT, Stroke, WIDTH};
use super::frame::{MARGIN, ROW, SMALL};
use super::number::{Unit, value as print};
use super::palette::{GRID, QUIET, TEXT};
use super::text::fit;

/// Width of the column of components.
const COMPONENT: f64 = 220.0;
/// Width of the column of categories.
const CATEGORY: f64 = 100.0;

/// Draws the list with its headings at height `top`; returns the height below it.
pub(super) fn table(canvas: &mut Canvas<'_>, stacks: &[Stack], top: f64) -> f64 {
    let rows = rows(stacks);
    // The last line is kept for what does not fit.
    let most = libm::floor((HEIGHT - top) / ROW) as usize - 2;
    if rows.is_empty() {
        return top;
    }
    let column = ((WIDTH - 2.0 * MARGIN - COMPONENT - CATEGORY) / stacks.len() as f64).min(170.0);
    let right = |index: usize| MARGIN + COMPONENT + CATEGORY + column * (index as f64 + 1.0);
    let heading = Font::bold(SMALL, QUIET);
    canvas.text((MARGIN, top), Anchor::Start, heading, "largest parts");
    for (index, stack) in stacks.iter().enumerate() {
        canvas.text((right(index), top), Anchor::End, heading, &fit(&stack.name, SMALL, column - 14.0));
    }
    let rule = top + ROW * 0.6;
    canvas.line(&[(MARGIN, rule), (right(stacks.len() - 1), rule)], Stroke::solid(GRID, 1.0));
    for (row, (component, category)) in rows.iter().take(most).enumerate() {
        let y = top + ROW * (row as f64 + 1.2);
        let name = fit(component, SMALL, COMPONENT - 12.0);
        canvas.text((MARGIN, y), Anchor::Start, Font::plain(SMALL, TEXT), &name);
        canvas.text((MARGIN + COMPONENT, y), Anchor::Start, Font::plain(SMALL, TEXT), category.name());
        for (index, stack) in stacks.iter().enumerate() {
            let seconds = stack.seconds(component, *category);
            canvas.text((right(index), y), Anchor::End, Font::plain(SMALL, TEXT), &cell(seconds, stack.whole()));
        }
    }
    if rows.len() > most {
        let y = top + ROW * (most as f64 + 1.2);
        let more = format!("and {} more", rows.len() - most);
        canvas.text((MARGIN, y), Anchor::Start, Font::plain(SMALL, QUIET), &more);
    }
    (top + ROW * (rows.len() as f64 + 2.0)).min(HEIGHT)
}

fn cell(seconds: f64, whole: f64) -> String {
    if seconds > 0.0 {
        format!("{} ({})", print(seconds, Unit::Seconds), percent(seconds / whole))
    } else {
        "-".to_string()
    }
}

/// Every component and category once, the one with the largest share of any group first.
fn rows(stacks: &[Stack]) -> Vec<(&str, Category)> {
    let mut rows: Vec<(&str, Category)> = Vec::new();
    for part in stacks.iter().flat_map(Stack::sorted) {
        let row = (part.component.as_str(), part.category);
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    let share = |row: &(&str, Category)| {
        stacks.iter().map(|stack| stack.seconds(row.0, row.1) / stack.whole()).fold(0.0, f64::max)
    };
    rows.sort_by(|a, b| share(b).total_cmp(&share(a)));
    rows
}

#[cfg(test)]
mod tests {
    use super::super::breakdown::Part;
    use super::*;

    fn part(component: &str, category: Category, seconds: f64) -> Part {
        Part { component: component.into(), category, seconds }
    }

    #[test]
    fn the_largest_share_of_any_group_comes_first_and_doubles_are_added() {
        let mean = Stack {
            name: "mean".into(),
            total_seconds: 10.0,
            parts: vec![
                part("db", Category::Work, 3.0),
                part("db", Category::Work, 3.0),
                part("web", Category::Work, 4.0),
            ],
        };
        let tail = Stack {
            name: "slowest 1 %".into(),
            total_seconds: 100.0,
            parts: vec![part("db", Category::Waiting, 90.0), part("web", Category::Work, 10.0)],
        };
        let expected = [("db", Category::Waiting), ("db", Category::Work), ("web", Category::Work)];
        assert_eq!(rows(&[mean.clone(), tail]), expected);
        assert_eq!(cell(mean.seconds("db", Category::Work), mean.whole()), "6 s (60%)");
        assert_eq!(cell(mean.seconds("cache", Category::Work), mean.whole()), "-");
    }
}

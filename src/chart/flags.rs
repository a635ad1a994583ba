//! Labels above a plot for vertical marks in it.

use std::cmp::Ordering;

use super::canvas::{Anchor, Area, Canvas, Font, Stroke};
use super::frame::SMALL;
use super::palette::{Ink, QUIET};
use super::text::{fit, width};

/// At most this many rows of flags.
const ROWS: usize = 4;
/// Height of a row.
const HEIGHT: f64 = 15.0;
/// Space between a pole and its text.
const GAP: f64 = 4.0;
/// Longest text of a flag in pixels.
const LONGEST: f64 = 240.0;

/// A label above the plot.
#[derive(Clone, Debug)]
pub(super) struct Flag {
    /// Its pole in pixels; the text stands right of it, or left of it at the right end of the plot.
    pub(super) x: f64,
    /// What it says.
    pub(super) text: String,
    /// Its colour.
    pub(super) ink: Ink,
}

/// A flag that has found its place.
#[derive(Clone, Debug, PartialEq)]
struct Spot {
    row: usize,
    left: f64,
    right: f64,
    x: f64,
    text: String,
    ink: Ink,
}

impl Spot {
    /// Whether one would cover the text of the other, or its pole run through that text.
    fn collides(&self, other: &Spot) -> bool {
        let overlap = self.left < other.right + 8.0 && other.left < self.right + 8.0;
        let pierces = |pole: f64, text: &Spot| text.left - 3.0 < pole && pole < text.right + 3.0;
        match self.row.cmp(&other.row) {
            Ordering::Equal => overlap,
            Ordering::Greater => pierces(self.x, other),
            Ordering::Less => pierces(other.x, self),
        }
    }
}

/// Flags in rows above a plot, without overlaps.
pub(super) struct Flags {
    placed: Vec<Spot>,
    lost: usize,
}

impl Flags {
    /// Finds a place between the edges of `area` for each flag, or as many as possible.
    pub(super) fn arrange(flags: &[Flag], area: Area) -> Flags {
        let mut sorted: Vec<&Flag> = flags.iter().collect();
        sorted.sort_by(|a, b| b.x.total_cmp(&a.x));
        // From right to left poles stay clear of texts, except of those that the right edge has pushed to the left.
        let backward = Flags::in_order(&sorted, area);
        if backward.lost == 0 {
            return backward;
        }
        sorted.reverse();
        let forward = Flags::in_order(&sorted, area);
        if forward.lost < backward.lost { forward } else { backward }
    }

    /// Gives each flag the lowest row that is free.
    fn in_order(flags: &[&Flag], area: Area) -> Flags {
        let mut placed: Vec<Spot> = Vec::new();
        let mut lost = 0;
        for flag in flags {
            let text = fit(&flag.text, SMALL, LONGEST);
            let needed = width(&text, SMALL);
            let right_of_pole = flag.x + GAP + needed <= area.right;
            let left = if right_of_pole { flag.x + GAP } else { (flag.x - GAP - needed).max(area.left) };
            let spot = |row| Spot { row, left, right: left + needed, x: flag.x, text: text.clone(), ink: flag.ink };
            let free = |spot: &Spot| placed.iter().all(|other| !spot.collides(other));
            match (0..ROWS).map(spot).find(free) {
                Some(spot) => placed.push(spot),
                None => lost += 1,
            }
        }
        Flags { placed, lost }
    }

    /// The height that the flags take.
    pub(super) fn height(&self) -> f64 {
        let rows = self.placed.iter().map(|spot| spot.row + 1).max().unwrap_or(0) + usize::from(self.lost > 0);
        rows as f64 * HEIGHT
    }

    /// Draws the flags above `area`, with a thin pole from each down to the plot.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, area: Area) {
        for spot in &self.placed {
            let y = area.top - 9.0 - spot.row as f64 * HEIGHT;
            canvas.line(&[(spot.x, y - 6.0), (spot.x, area.top)], Stroke::solid(spot.ink, 1.0));
            canvas.text((spot.left, y), Anchor::Start, Font::plain(SMALL, spot.ink), &spot.text);
        }
        if self.lost > 0 {
            let at = (area.right, area.top + HEIGHT - 9.0 - self.height());
            canvas.text(at, Anchor::End, Font::plain(SMALL, QUIET), &format!("and {} more", self.lost));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::palette::TEXT;
    use super::*;

    const AREA: Area = Area { left: 0.0, top: 0.0, right: 200.0, bottom: 100.0 };

    fn flag(x: f64, text: &str) -> Flag {
        Flag { x, text: text.into(), ink: TEXT }
    }

    fn rows(flags: &[Flag]) -> Vec<usize> {
        Flags::arrange(flags, AREA).placed.iter().map(|spot| spot.row).collect()
    }

    #[test]
    fn flags_that_would_overlap_go_up_a_row() {
        assert_eq!(rows(&[flag(50.0, "first"), flag(75.0, "second"), flag(150.0, "third")]), [0, 0, 1]);
    }

    #[test]
    fn no_pole_runs_through_a_text() {
        assert_eq!(rows(&[flag(170.0, "the edge"), flag(150.0, "pierces")]), [0, 1]);
        let flags = [flag(170.0, "the edge"), flag(150.0, "pierces")];
        let spots = Flags::arrange(&flags, AREA).placed;
        assert!(!spots[0].collides(&spots[1]));
        assert!(Spot { row: 0, ..spots[1].clone() }.collides(&Spot { row: 1, ..spots[0].clone() }));
    }

    #[test]
    fn flags_stay_inside() {
        let flags = Flags::arrange(&[flag(0.0, "left"), flag(200.0, "right")], AREA);
        assert_eq!((flags.placed[1].left, flags.placed[0].right), (GAP, 200.0 - GAP));
    }

    #[test]
    fn flags_without_room_are_counted() {
        let crowd: Vec<Flag> = (0..40).map(|_| flag(100.0, "fault")).collect();
        let flags = Flags::arrange(&crowd, AREA);
        assert_eq!((flags.lost, flags.height()), (36, 5.0 * HEIGHT));
        assert_eq!(Flags::arrange(&[], AREA).height(), 0.0);
    }
}

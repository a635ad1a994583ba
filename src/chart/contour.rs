//! The line on a grid along which values cross a limit (marching squares: Lorensen and Cline's marching cubes, SIGGRAPH 1987, in
//! two dimensions).

/// A place on the grid: column and row, middles of cells are whole numbers.
type Spot = (f64, f64);

/// Pieces of the line between the middles of neighbouring cells. Cells without a value count as beyond the limit in the direction that
/// fails only for their neighbours with a value: the line runs half-way between the two.
pub(super) fn contour(values: &[Vec<Option<f64>>], limit: f64) -> Vec<(Spot, Spot)> {
    let mut lines = Vec::new();
    for row in 1..values.len() {
        for column in 1..values[row].len().min(values[row - 1].len()) {
            let corner = |dx: usize, dy: usize| {
                ((column - 1 + dx) as f64, (row - 1 + dy) as f64, values[row - 1 + dy][column - 1 + dx])
            };
            let corners = [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
            lines.extend(square(&corners, limit));
        }
    }
    lines
}

/// The pieces within a square of four middles, in the order of its circumference.
fn square(corners: &[(f64, f64, Option<f64>); 4], limit: f64) -> Vec<(Spot, Spot)> {
    let sides = (0..4).map(|side| (&corners[side], &corners[(side + 1) % 4]));
    let crossings: Vec<Spot> = sides.filter_map(|(from, to)| crossing(from, to, limit)).collect();
    match crossings[..] {
        [one, other] => vec![(one, other)],
        // A saddle: two corners that lie opposite are on one side. Either pairing is possible; the one that keeps them apart is taken.
        [a, b, c, d] => vec![(a, b), (c, d)],
        _ => vec![],
    }
}

/// Where the limit lies between two middles.
fn crossing(from: &(f64, f64, Option<f64>), to: &(f64, f64, Option<f64>), limit: f64) -> Option<Spot> {
    let share = match (from.2, to.2) {
        (Some(a), Some(b)) if (a < limit) != (b < limit) => (limit - a) / (b - a),
        (Some(known), None) | (None, Some(known)) if known < limit => 0.5,
        _ => return None,
    };
    let share = if share.is_finite() { share } else { 0.5 };
    Some((from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_lies_between_the_cells_in_proportion() {
        let values = vec![vec![Some(0.0), Some(4.0)], vec![Some(0.0), Some(4.0)]];
        assert_eq!(contour(&values, 1.0), [((0.25, 0.0), (0.25, 1.0))]);
        assert_eq!(contour(&values, 5.0), []);
    }

    #[test]
    fn what_has_no_value_is_beyond_the_limit() {
        let values = vec![vec![Some(0.0), None], vec![Some(0.0), None]];
        assert_eq!(contour(&values, 1.0), [((0.5, 0.0), (0.5, 1.0))]);
        assert_eq!(contour(&[], 1.0), []);
    }

    #[test]
    fn a_saddle_has_two_pieces() {
        let values = vec![vec![Some(0.0), Some(2.0)], vec![Some(2.0), Some(0.0)]];
        assert_eq!(contour(&values, 1.0).len(), 2);
    }
}

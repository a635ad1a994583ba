//! Where the plan says that the first component is full: no simulation can hold more for long.

use crate::model::Model;

/// The highest value that the plan allows.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The value at which a component is busy all the time (the bottleneck law: X <= 1 / Dmax; Denning and Buzen, Computing Surveys
    /// 10, 1978).
    pub value: f64,
    /// The component.
    pub component: String,
}

/// Halvings of the range on a logarithmic scale.
const HALVINGS: usize = 40;

/// The value in a range at which the load table first shows a component that is full; none where there is none, or where the values
/// cannot be set. Retries and failures are not in the load table, so the real limit may be lower.
pub fn bound(model: &dyn Fn(f64) -> Option<Model>, (from, to): (f64, f64)) -> Option<Bound> {
    let busiest = |value: f64| {
        let model = model(value)?;
        let rows = model.load.rows.into_iter().filter_map(|row| Some((row.busy?, row.component)));
        rows.max_by(|a, b| a.0.total_cmp(&b.0))
    };
    let (mut low, mut high) = (from, to);
    if busiest(low)?.0 >= 1.0 || busiest(high)?.0 < 1.0 {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = (low * high).sqrt();
        match busiest(middle) {
            Some((busy, _)) if busy < 1.0 => low = middle,
            _ => high = middle,
        }
        if high / low < 1.0 + 1e-7 {
            break;
        }
    }
    Some(Bound { value: high, component: busiest(high)?.1 })
}

//! Charts as SVG text: data in, `String` out, nothing else.
//!
//! Every chart has a title that states the finding, one line that says what to look at, and a description for those
//! who cannot see it. The same data gives the same bytes: there are no clocks, no addresses and no platform-dependent
//! mathematics. Any input is survived: missing and infinite values leave gaps, zeros on a log axis lie on its edge,
//! what does not fit is cut with an ellipsis or counted as "and N more".

mod architecture;
mod breakdown;
mod breakdown_table;
mod canvas;
mod cdf;
mod contour;
mod cost;
mod effect;
mod figure;
mod flags;
mod frame;
mod heat_map;
mod layout;
mod load;
mod load_plot;
mod number;
mod palette;
mod percentiles;
mod scale;
mod scatter;
mod series;
mod stage;
mod text;
mod utilisation;

#[cfg(test)]
mod checks;

pub(crate) use architecture::{Architecture, Calls, Node, architecture};
pub(crate) use breakdown::{Category, Part, Stack, where_time_goes};
pub(crate) use cdf::{Cdf, cdf_compare};
pub(crate) use cost::{CostPoint, CostPoints, cost_against_slo};
pub(crate) use effect::{Effect, effect_plot};
pub(crate) use figure::{Drawing, Figure};
pub(crate) use heat_map::{HeatCell, HeatMap, Held, heat_map};
pub(crate) use load::{Limit, LoadCurve, LoadPoint, Trace, latency_against_load};
pub(crate) use number::Unit;
pub(crate) use percentiles::{Curve, PercentileLimit, percentile_plot};
pub(crate) use scatter::{Scatter, ScatterPoint, scatter_plot};
pub(crate) use series::{FaultBand, Line, Panel, time_series};
pub(crate) use stage::{Stage, State};
pub(crate) use text::escape;
pub(crate) use utilisation::{Bar, utilisation_bars};

use serde::{Deserialize, Serialize};

/// The words around a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Labels {
    /// States the finding, such as "p99 stays under 300 ms up to 2,040/s".
    pub(crate) title: String,
    /// One line: what to look at.
    pub(crate) look: String,
    /// The name of the horizontal axis.
    pub(crate) x: String,
    /// The name of the vertical axis.
    pub(crate) y: String,
    /// The finding for those who cannot see the chart.
    pub(crate) alt: String,
}

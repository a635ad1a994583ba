//! A chart as data: what is stored with the results, and drawn from there again.

use super::{
    Architecture, Bar, Cdf, CostPoints, Curve, Effect, FaultBand, HeatMap, Labels, LoadCurve, Panel, PercentileLimit,
    Scatter, Stack, Stage, architecture, cdf_compare, cost_against_slo, effect_plot, heat_map, latency_against_load,
    percentile_plot, scatter_plot, time_series, utilisation_bars, where_time_goes,
};
use serde::{Deserialize, Serialize};

/// A chart with its words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// The name of its file without the ending.
    pub(crate) name: String,
    /// Its words.
    pub(crate) labels: Labels,
    /// What is drawn.
    pub(crate) drawing: Drawing,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Drawing {
    /// The components and their calls.
    Architecture(Architecture),
    /// How busy the components are.
    Utilisation(Vec<Bar>),
    /// Latency by percentile.
    Percentiles {
        /// The distributions.
        curves: Vec<Curve>,
        /// The objectives.
        limits: Vec<PercentileLimit>,
    },
    /// What happens over time.
    Series {
        /// Stacked panels.
        panels: Vec<Panel>,
        /// What is broken meanwhile.
        faults: Vec<FaultBand>,
        /// The end of the discarded start in seconds.
        warmup: Option<f64>,
        /// In which state the system is.
        #[serde(default)]
        stages: Vec<Stage>,
    },
    /// Where the time goes.
    Time(Vec<Stack>),
    /// One number varied.
    Load(LoadCurve),
    /// Two numbers varied.
    HeatMap(HeatMap),
    /// Distributions over each other.
    Cdf(Cdf),
    /// What a metric costs.
    Cost(CostPoints),
    /// Ratios with their intervals.
    Effects(Vec<Effect>),
    /// A metric against one of many settings that vary.
    Scatter(Scatter),
}

impl Figure {
    /// The chart.
    pub(crate) fn new(name: impl Into<String>, labels: Labels, drawing: Drawing) -> Figure {
        Figure { name: name.into(), labels, drawing }
    }

    /// The chart as SVG.
    pub(crate) fn svg(&self) -> String {
        let labels = &self.labels;
        match &self.drawing {
            Drawing::Architecture(data) => architecture(labels, data),
            Drawing::Utilisation(bars) => utilisation_bars(labels, bars),
            Drawing::Percentiles { curves, limits } => percentile_plot(labels, curves, limits),
            Drawing::Series { panels, faults, warmup, stages } => time_series(labels, panels, faults, *warmup, stages),
            Drawing::Time(stacks) => where_time_goes(labels, stacks),
            Drawing::Load(data) => latency_against_load(labels, data),
            Drawing::HeatMap(data) => heat_map(labels, data),
            Drawing::Cdf(data) => cdf_compare(labels, data),
            Drawing::Cost(data) => cost_against_slo(labels, data),
            Drawing::Effects(effects) => effect_plot(labels, effects),
            Drawing::Scatter(data) => scatter_plot(labels, data),
        }
    }
}

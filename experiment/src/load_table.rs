//! What the plan says before anything runs: how much work each component is offered, and which saturates first.
//!
//! Visit ratios follow the calls from the traffic sources through balancers, caches and topics; what failures, retries, hedges and
//! time-outs add or take away is left out. Copies of a call that all are worked on count, each of them; of copies that are
//! stopped at the first answer only one does, which is the least. Busy shares are offered work divided by capacity (utilisation law). Closed
//! sources are taken at their asymptotic bound, X <= min(N / (R + Z), 1 / Dmax) (Denning and Buzen, Computing Surveys 10,
//! 1978). Where load changes over time its mean over the run counts.

mod bounds;
pub(crate) mod cache;
pub(crate) mod calls;
mod flow;
mod rows;
#[cfg(test)]
mod tests;
pub(crate) mod times;

use archsim_core::Time;
use archsim_models::Setup;
pub use bounds::Bounds;
use std::collections::BTreeMap;

/// Offered work and capacity of a component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadRow {
    /// Its name.
    pub component: String,
    /// Requests per second that it gets.
    pub arrivals: f64,
    /// Visit ratio: requests that it gets for each request of all sources together.
    pub visits: f64,
    /// Work offered per second, in servers: 2.5 means that two and a half cores or workers would be busy all the time.
    pub work: f64,
    /// Cores, workers or writers of all instances, times their speed; none where nothing is limited.
    pub capacity: Option<f64>,
    /// Busy share of the busiest part (above 1: overloaded); none where nothing is limited. The load of shards is their
    /// mean: that popular keys make some shards busier is left out.
    pub busy: Option<f64>,
    /// The busiest part and the operation with the most work on it, where there are several.
    pub hottest: Option<String>,
    /// Share of the look-ups that will hit, for a cache that is looked into.
    pub hit_ratio: Option<f64>,
}

/// Offered work of all components.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadTable {
    /// One row for each component, in file order.
    pub rows: Vec<LoadRow>,
    /// The component that saturates first when all sources grow in proportion, and the rate of each source at which it
    /// does, per second; none where nothing can saturate.
    pub first: Option<(String, Vec<(String, f64)>)>,
    /// Requests per second of each source.
    pub sources: Vec<(String, f64)>,
    /// What rates and responses cannot exceed or fall short of, for each source.
    pub bounds: Vec<Bounds>,
    /// Edges whose retries or hedges the table leaves out.
    pub left_out: Vec<String>,
    /// Requests inside each component on average, in file order: Little's law with times without queues, so at the least.
    pub inside: Vec<f64>,
    /// The same for each edge that is used, network included.
    pub on_edges: BTreeMap<String, f64>,
    /// Look-ups per second of each cache with real keys, by name.
    pub lookup_rates: BTreeMap<String, f64>,
}

impl LoadTable {
    /// The load table of a checked scenario that runs for `duration`.
    pub fn new(setup: &Setup, duration: Time) -> Self {
        let flow = flow::Flow::new(setup, duration);
        let rows: Vec<LoadRow> = (0..setup.components.len()).map(|index| rows::row(setup, &flow, index)).collect();
        let names = setup.traffic.iter().map(|(name, _)| name.clone());
        let sources: Vec<(String, f64)> = names.zip(flow.rates.iter().copied()).collect();
        let busiest = rows.iter().filter(|row| row.busy.is_some_and(|busy| busy > 0.0));
        let busiest = busiest.max_by(|a, b| a.busy.partial_cmp(&b.busy).unwrap_or(std::cmp::Ordering::Equal));
        let first = busiest.map(|row| {
            let scale = 1.0 / row.busy.unwrap_or(1.0);
            (row.component.clone(), sources.iter().map(|(name, rate)| (name.clone(), rate * scale)).collect())
        });
        LoadTable {
            bounds: bounds::bounds(setup, &flow, &rows),
            left_out: flow.calls.retrying(setup),
            inside: flow.inside(setup),
            on_edges: flow.on_edges(setup),
            lookup_rates: flow.lookup_rates(setup),
            rows,
            first,
            sources,
        }
    }

    /// The row of a component.
    pub fn row(&self, component: &str) -> Option<&LoadRow> {
        self.rows.iter().find(|row| row.component == component)
    }
}

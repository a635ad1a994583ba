//! What can be said of rates and responses before anything runs: asymptotic bounds (Denning and Buzen, Computing Surveys 10, 1978;
//! Lazowska et al., Quantitative System Performance, 1984, chapter 5).

use super::LoadRow;
use super::flow::Flow;
use super::times::Times;
use archsim_models::Setup;
use archsim_models::spec::TrafficSpec;

/// The bounds of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    /// The source.
    pub source: String,
    /// Mean seconds of a request without any queue, D; none where hedges, copies or time-outs may make it shorter.
    pub least: Option<f64>,
    /// Users and mean think time in seconds, of a closed source.
    pub closed: Option<(f64, f64)>,
    /// Requests per second that the busiest component allows, 1 / Dmax, with the name of the component; only for the only source.
    pub saturation: Option<(f64, String)>,
}

impl Bounds {
    /// The most requests per second: min(1 / Dmax, N / (D + Z)).
    pub fn rate(&self) -> Option<f64> {
        let think = self.closed.zip(self.least).map(|((users, think), least)| users / (least + think));
        let full = self.saturation.as_ref().map(|(rate, _)| *rate);
        think.into_iter().chain(full).min_by(f64::total_cmp).filter(|rate| rate.is_finite())
    }

    /// The least mean response in seconds: D, and of a closed source N Dmax - Z.
    pub fn response(&self) -> Option<f64> {
        let crowded = self.closed.zip(self.saturation.as_ref()).map(|((users, think), (rate, _))| users / rate - think);
        self.least.into_iter().chain(crowded).max_by(f64::total_cmp)
    }
}

/// The bounds of every source, given the rows of the load table.
pub(super) fn bounds(setup: &Setup, flow: &Flow, rows: &[LoadRow]) -> Vec<Bounds> {
    let times = Times::new(setup, &flow.calls, &flow.hits);
    let busiest = rows.iter().filter(|row| row.busy.is_some_and(|busy| busy > 0.0));
    let busiest = busiest.max_by(|a, b| a.busy.partial_cmp(&b.busy).unwrap_or(std::cmp::Ordering::Equal));
    let alone = setup.traffic.len() == 1;
    let bound = |(source, (name, traffic)): (usize, &(String, TrafficSpec))| Bounds {
        source: name.clone(),
        least: (!flow.calls.may_be_shorter(setup)).then(|| {
            let nodes = flow.calls.sources[source].iter();
            nodes.map(|(node, share)| share * times.of_request(source, *node)).sum()
        }),
        closed: match traffic {
            TrafficSpec::Open(_) => None,
            TrafficSpec::Closed(closed) => {
                Some((f64::from(closed.users.value), closed.think.as_ref().map_or(0.0, |think| think.mean_seconds())))
            }
        },
        saturation: busiest
            .filter(|_| alone)
            .map(|row| (flow.rates[source] / row.busy.unwrap_or(1.0), row.component.clone())),
    };
    setup.traffic.iter().enumerate().map(bound).collect()
}

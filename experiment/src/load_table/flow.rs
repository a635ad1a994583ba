//! Rates of all operations, from those of the sources.

use super::cache::{KeyRates, hit_ratios};
use super::calls::{Calls, Hits, KeyUse};
use super::rows;
use super::times::Times;
use archsim_core::Time;
use archsim_models::load::Load;
use archsim_models::spec::load::LoadShape;
use archsim_models::spec::{LoadSpec, TrafficSpec};
use archsim_models::{Kind, Setup};
use petgraph::Direction::Outgoing;
use petgraph::algo::toposort;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;

/// How often hit ratios and rates are computed from each other.
const ROUNDS: usize = 30;
/// How often rates are passed on around a cycle of calls.
const TURNS: usize = 2_000;
/// Rates beyond this are not told apart: a cycle of calls makes more of itself.
const MOST: f64 = 1e15;
/// Loads with more changes than this are taken at their mean in the long run.
const MOST_PIECES: u64 = 100_000;

/// Rates of sources and operations per second.
pub(crate) struct Flow {
    /// The graph of calls.
    pub(crate) calls: Calls,
    /// By source.
    pub(crate) rates: Vec<f64>,
    /// By node of the graph.
    pub(crate) visits: Vec<f64>,
    /// Hit ratios of the caches with real keys.
    pub(crate) hits: Hits,
    /// The least mean time of each operation in seconds, by node of the graph.
    pub(crate) times: Vec<f64>,
}

impl Flow {
    pub(crate) fn new(setup: &Setup, duration: Time) -> Self {
        let mut hits = Hits::new();
        let mut flow = Flow::at(setup, duration, &hits);
        for _ in 0..ROUNDS {
            let next = flow.hit_ratios(setup);
            let change = next.iter().map(|(key, hit)| (hit - hits.get(key).copied().unwrap_or(0.0)).abs());
            let settled = change.fold(0.0, f64::max) < 1e-7;
            hits = next;
            if settled {
                break;
            }
            flow = Flow::at(setup, duration, &hits);
        }
        flow
    }

    /// Rates at given hit ratios.
    fn at(setup: &Setup, duration: Time, hits: &Hits) -> Self {
        let calls = Calls::new(setup, hits);
        let times = Times::new(setup, &calls, hits);
        let least: Vec<f64> = calls.graph.node_indices().map(|node| times.of(node)).collect();
        let mut rates: Vec<f64> = setup.traffic.iter().map(|(_, spec)| open_rate(spec, duration)).collect();
        let open = visits(&calls, &rates);
        let closed: Vec<f64> =
            (0..setup.traffic.len()).map(|source| closed_bound(setup, &calls, &times, source)).collect();
        let more = visits(&calls, &closed);
        let mut flow = Flow { calls, rates: Vec::new(), visits: open, hits: hits.clone(), times: least };
        let share = flow.room_for(setup, &more);
        rates.iter_mut().zip(&closed).for_each(|(rate, closed)| *rate += share * closed);
        flow.visits.iter_mut().zip(&more).for_each(|(visits, more)| *visits += share * more);
        flow.rates = rates;
        flow
    }

    /// The largest part of further visits, at most all, that overloads no component.
    fn room_for(&self, setup: &Setup, more: &[f64]) -> f64 {
        let mut share = 1.0_f64;
        for component in 0..setup.components.len() {
            let parts = rows::parts(setup, self, component, &self.visits);
            let further = rows::parts(setup, self, component, more);
            for (part, further) in parts.iter().zip(&further) {
                if further.work() > 0.0 {
                    share = share.min((part.capacity - part.work()).max(0.0) / further.work());
                }
            }
        }
        share
    }

    /// What is done with the keys of each space in each cache, per second.
    fn key_rates(&self) -> BTreeMap<(usize, String), KeyRates> {
        let mut all: BTreeMap<(usize, String), KeyRates> = BTreeMap::new();
        for link in self.calls.graph.edge_references() {
            let Some((what, space)) = &link.weight().key else { continue };
            let rate = self.visits[link.source().index()] * link.weight().weight;
            let rates = all.entry((self.calls.graph[link.target()].component, space.clone())).or_default();
            *match what {
                KeyUse::Cached => &mut rates.cached,
                KeyUse::Get => &mut rates.get,
                KeyUse::Set => &mut rates.set,
                KeyUse::Invalidate => &mut rates.invalidate,
            } += rate;
        }
        all
    }

    fn hit_ratios(&self, setup: &Setup) -> Hits {
        let (rates, mut hits) = (self.key_rates(), Hits::new());
        for (index, (_, kind)) in setup.components.iter().enumerate() {
            let Kind::Cache(cache) = kind else { continue };
            let of_cache = rates.range((index, String::new())..(index + 1, String::new()));
            let spaces = of_cache.filter_map(|((_, name), rates)| {
                let space = setup.keys.iter().find(|(key, _)| key == name)?;
                Some((name, (&space.1, *rates)))
            });
            let spaces: Vec<_> = spaces.collect();
            let pairs: Vec<_> = spaces.iter().map(|(_, pair)| *pair).collect();
            let ratios = match cache.hit_ratio {
                Some(forced) => vec![forced.0; pairs.len()],
                None => hit_ratios(cache, &pairs),
            };
            hits.extend(spaces.iter().zip(ratios).map(|((name, _), ratio)| ((index, (*name).clone()), ratio)));
        }
        hits
    }

    /// Share of all look-ups in a cache that hit; none where nobody looks.
    pub(crate) fn hit_ratio(&self, component: usize) -> Option<f64> {
        let rates = self.key_rates();
        let of_cache = rates.iter().filter(|((index, _), _)| *index == component);
        let (mut hits, mut lookups) = (0.0, 0.0);
        for (key, rates) in of_cache {
            lookups += rates.lookups();
            hits += rates.lookups() * self.hits.get(key).copied().unwrap_or(0.0);
        }
        (lookups > 0.0).then(|| hits / lookups)
    }

    /// Requests inside each component on average if nothing queues (Little's law).
    pub(crate) fn inside(&self, setup: &Setup) -> Vec<f64> {
        let mut inside = vec![0.0; setup.components.len()];
        for node in self.calls.graph.node_indices() {
            inside[self.calls.graph[node].component] += self.visits[node.index()] * self.times[node.index()];
        }
        inside
    }

    /// Calls under way along each edge on average if nothing queues.
    pub(crate) fn on_edges(&self, setup: &Setup) -> BTreeMap<String, f64> {
        let mut all: BTreeMap<String, f64> = BTreeMap::new();
        let mut add = |caller: &str, callee: NodeIndex, rate: f64| {
            let name = &setup.components[self.calls.graph[callee].component].0;
            let network = 2.0 * setup.edge(caller, name).latency.map_or(0.0, |latency| latency.mean_seconds());
            *all.entry(format!("{caller} -> {name}")).or_insert(0.0) += rate * (network + self.times[callee.index()]);
        };
        for link in self.calls.graph.edge_references() {
            let caller = &setup.components[self.calls.graph[link.source()].component].0;
            add(caller, link.target(), self.visits[link.source().index()] * link.weight().weight);
        }
        for (source, nodes) in self.calls.sources.iter().enumerate() {
            let rate = self.rates[source] * self.calls.source_copies[source];
            nodes.iter().for_each(|(node, share)| add(&setup.traffic[source].0, *node, rate * share));
        }
        all
    }

    /// Look-ups per second of each cache with real keys.
    pub(crate) fn lookup_rates(&self, setup: &Setup) -> BTreeMap<String, f64> {
        let mut all = BTreeMap::new();
        for ((index, _), rates) in self.key_rates() {
            let (name, kind) = &setup.components[index];
            if matches!(kind, Kind::Cache(cache) if cache.hit_ratio.is_none()) {
                *all.entry(name.clone()).or_insert(0.0) += rates.lookups();
            }
        }
        all
    }
}

/// Mean arrivals per second of an open source; 0 for a closed one.
fn open_rate(spec: &TrafficSpec, duration: Time) -> f64 {
    let TrafficSpec::Open(open) = spec else { return 0.0 };
    let pieces = |length: Time, each: u64| duration.as_nanos() / length.as_nanos().max(1) * each;
    match &open.rate.value {
        LoadSpec::Constant(rate) => rate.0,
        LoadSpec::Shape(LoadShape::Bursts(a)) if pieces(a.every.value.0, 2) > MOST_PIECES => {
            a.base.0 + (a.burst.0 - a.base.0) * a.lasting.seconds() / a.every.seconds().max(1e-9)
        }
        LoadSpec::Shape(LoadShape::Diurnal(a)) if pieces(a.period.value.0, 256) > MOST_PIECES => {
            (a.low.0 + a.high.0) / 2.0
        }
        LoadSpec::Shape(LoadShape::Replay(_)) => {
            let batch = open.batch.as_ref().map_or(1.0, |batch| batch.value.mean());
            Load::new(&open.rate.value, Vec::new()).mean_rate(duration) * batch
        }
        shape => Load::new(shape, Vec::new()).mean_rate(duration),
    }
}

/// Requests per second of a closed source if nothing ever queues: N / (R + Z); 0 for an open one.
fn closed_bound(setup: &Setup, calls: &Calls, times: &Times<'_>, source: usize) -> f64 {
    let TrafficSpec::Closed(closed) = &setup.traffic[source].1 else { return 0.0 };
    let nodes = &calls.sources[source];
    let response: f64 = nodes.iter().map(|(node, share)| share * times.of_request(source, *node)).sum();
    let think = closed.think.as_ref().map_or(0.0, |think| think.mean_seconds());
    f64::from(closed.users.value) / (response + think).max(1e-9)
}

/// Visits per second of every operation, given the requests per second of every source.
fn visits(calls: &Calls, rates: &[f64]) -> Vec<f64> {
    let mut start = vec![0.0; calls.graph.node_count()];
    for ((nodes, rate), copies) in calls.sources.iter().zip(rates).zip(&calls.source_copies) {
        nodes.iter().for_each(|(node, share)| start[node.index()] += share * rate * copies);
    }
    match toposort(&calls.graph, None) {
        Ok(order) => pass_down(calls, &order, start),
        Err(_) => pass_around(calls, &start),
    }
}

/// Without cycles each operation is final when its callers are.
fn pass_down(calls: &Calls, order: &[NodeIndex], mut visits: Vec<f64>) -> Vec<f64> {
    for node in order {
        for link in calls.graph.edges_directed(*node, Outgoing) {
            visits[link.target().index()] += visits[node.index()] * link.weight().weight;
        }
    }
    visits
}

/// With cycles the equations `visits = start + calls * visits` are iterated.
fn pass_around(calls: &Calls, start: &[f64]) -> Vec<f64> {
    let mut visits = start.to_vec();
    for _ in 0..TURNS {
        let mut next = start.to_vec();
        for link in calls.graph.edge_references() {
            let passed = visits[link.source().index()] * link.weight().weight;
            next[link.target().index()] = (next[link.target().index()] + passed).min(MOST);
        }
        let settled = visits.iter().zip(&next).all(|(old, new)| (new - old).abs() <= 1e-12 * new.abs());
        visits = next;
        if settled {
            break;
        }
    }
    visits
}

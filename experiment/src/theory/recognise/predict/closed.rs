//! A closed source alone: exact mean value analysis where the network has product form; bounds always.

use super::super::problem::Problem;
use super::super::stations::{Order, Stations};
use super::super::walk::is_independent;
use super::{known, walk};
use crate::metric::PERCENTILES;
use crate::model::Model;
use crate::theory::formula::birth_death::Interactive;
use crate::theory::formula::bounds;
use crate::theory::formula::closed::{self, closed};
use crate::theory::{Quality, Theory};
use archsim_core::Dist;
use archsim_models::spec::traffic::ClosedArgs;
use std::collections::BTreeMap;

pub(super) fn predict(model: &Model, name: &str, source: &ClosedArgs, theory: &mut Theory) {
    let ClosedArgs { to: _, users, think, mix: _, timeout, retry, priority: _, request: _, response: _ } = source;
    if timeout.is_some() || retry.is_some() {
        return theory.unsolved(name, "its users give up or try again");
    }
    if think.as_ref().is_some_and(|think| !is_independent(&think.0)) {
        return theory.unsolved(name, "its think times come in turn and are not independent");
    }
    let (walked, classes) = walk(model, BTreeMap::new());
    walked.problems.iter().for_each(|Problem { of, why, .. }| theory.unsolved(of, why.as_str()));
    if !walked.problems.is_empty() {
        return theory.unsolved(name, "not every part of its way is solved");
    }
    if let Some(lossy) = walked.lossy.first() {
        return theory.unsolved(&model.setup.components[*lossy].0, "users come back after a loss");
    }
    if classes.iter().any(|class| !class.way.forks.is_empty()) {
        return theory.unsolved(name, "users wait for several branches at once");
    }
    let think = think.as_ref().map_or(0.0, |think| think.mean_seconds());
    let delay: f64 = classes.iter().map(|class| class.share * class.way.delay).sum();
    let network = Network::new(&walked.stations, delay);
    let n = f64::from(users.value);
    let least = network.least;
    let most = bounds::closed_throughput(n, least, think, network.largest);
    let bound = "asymptotic bound";
    theory.add(format!("{name}.goodput"), most, Quality::UpperBound, bound, "Denning and Buzen 1978");
    let quickest = bounds::closed_response(n, least, think, network.largest);
    theory.add(format!("{name}.mean"), quickest, Quality::LowerBound, bound, "Denning and Buzen 1978");
    let product_form = known(&walked);
    if let Some(index) = walked.stations.keys().find(|index| !product_form[index].passes) {
        let component = &model.setup.components[*index].0;
        let why = "no product form: its order, its law of service or how requests are spread";
        return theory.unsolved(component, why);
    }
    let Some(found) = closed(users.value, think + network.delay, &network.stations) else {
        return theory.unsolved(name, "too many users for an exact solution");
    };
    let (law, reference) = ("closed network, exact MVA", "Reiser and Lavenberg 1980");
    theory.laws.push((name.to_owned(), format!("{law}: {} users, product form", users.value)));
    theory.add(format!("{name}.goodput"), found.throughput, Quality::Exact, law, reference);
    theory.add(format!("{name}.mean"), found.response + network.delay, Quality::Exact, law, reference);
    for (index, station) in &walked.stations {
        let Some(cores) = station.cores else { continue };
        let work: f64 = station.work.iter().map(|work| work.rate * work.law.mean()).sum();
        let busy = found.throughput * work / f64::from(cores) / f64::from(station.instances);
        theory.add(format!("{}.utilization", model.setup.components[*index].0), busy, Quality::Exact, law, reference);
    }
    machine_repair(name, source, &walked.stations, &network, theory);
}

/// A closed network as demands.
struct Network {
    stations: Vec<closed::Station>,
    /// Mean time at stations without a limit, and on the way.
    delay: f64,
    /// Least mean time of an interaction.
    least: f64,
    /// The largest demand for one server.
    largest: f64,
}

impl Network {
    fn new(stations: &Stations, mut delay: f64) -> Self {
        let (mut all, mut least, mut largest) = (Vec::new(), delay, 0.0_f64);
        for station in stations.values() {
            let work: f64 = station.work.iter().map(|work| work.rate * work.law.mean()).sum();
            least += work;
            let Some(servers) = station.servers else {
                delay += work;
                continue;
            };
            let demand = work / f64::from(station.instances);
            largest = largest.max(demand / f64::from(servers));
            all.extend((0..station.instances).map(|_| closed::Station { demand, servers }));
        }
        Network { stations: all, delay, least, largest }
    }
}

/// The percentiles of one queue in order of arrival with exponential thinking.
fn machine_repair(name: &str, source: &ClosedArgs, stations: &Stations, network: &Network, theory: &mut Theory) {
    let Some(Dist::Exponential { mean }) = source.think.as_ref().map(|think| &think.0) else { return };
    let mut all = stations.values();
    let (Some(station), None) = (all.next(), all.next()) else { return };
    let fifo = station.effective_order() == Order::Fifo && station.instances == 1;
    let (Some(servers), true) = (station.servers, fifo && station.once && network.delay == 0.0) else { return };
    let always = station.work.iter().map(|work| work.rate).sum::<f64>() == 1.0;
    let service = station.service().map_or(0.0, |law| law.mean());
    let found = Interactive { users: source.users.value, think: mean * 1e-9, service, servers }.found();
    for (word, p) in PERCENTILES.iter().filter(|_| always) {
        let value = found.response_quantile(*p);
        theory.add(format!("{name}.{word}"), value, Quality::Exact, "machine repair", "Sevcik and Mitrani 1981");
    }
}

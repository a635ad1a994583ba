//! What the recognised laws say about the metrics of a report.

use super::queue::{Queue, queue};
use super::stations::{Flow, Station, Stations};
use super::walk::{Walk, Way, is_independent};
use crate::metric::PERCENTILES;
use crate::model::Model;
use crate::theory::formula::birth_death::Interactive;
use crate::theory::formula::bounds;
use crate::theory::formula::closed::{self, closed};
use crate::theory::formula::open::tandem_quantile;
use crate::theory::{Prediction, Quality, Theory, Unsolved};
use archsim_core::Dist;
use archsim_models::compile::target;
use archsim_models::spec::traffic::{ArrivalsSpec, ClosedArgs, OpenArgs};
use archsim_models::spec::{LoadSpec, TrafficSpec};
use std::collections::BTreeMap;

/// A kind of request: its name in metrics and its way.
struct Class {
    name: String,
    share: f64,
    way: Way,
}

/// What theory says about a scenario.
pub(crate) fn predict(model: &Model) -> Theory {
    let mut theory = Theory::default();
    if model.terminating {
        theory.unsolved("the whole", "something changes over time, and the formulas are about the steady state");
        return theory;
    }
    match model.setup.traffic.as_slice() {
        [(name, TrafficSpec::Closed(source))] => loops(model, name, source, &mut theory),
        _ => open(model, &mut theory),
    }
    theory
}

impl Theory {
    fn unsolved(&mut self, of: &str, why: impl Into<String>) {
        let found = Unsolved { of: of.to_owned(), why: why.into() };
        if !self.unsolved.contains(&found) {
            self.unsolved.push(found);
        }
    }

    fn add(&mut self, metric: String, value: f64, quality: Quality, law: &str, source: &'static str) {
        if value.is_finite() {
            self.predictions.push(Prediction { metric, value, quality, law: law.to_owned(), source });
        }
    }
}

/// How an open source sends, if its arrivals have a law that is known.
fn flow(source: &OpenArgs) -> Result<(f64, Flow), &'static str> {
    // Every field is named, so that a new one has to be decided about.
    let OpenArgs { to: _, rate, arrivals, mix: _, timeout, retry, priority: _, request: _, response: _, batch } =
        source;
    if timeout.is_some() || retry.is_some() {
        return Err("its users give up or try again");
    }
    if batch.is_some() {
        return Err("its requests come in batches");
    }
    let LoadSpec::Constant(rate) = &rate.value else { return Err("its rate changes over time") };
    if rate.0 <= 0.0 {
        return Err("it sends nothing");
    }
    let gap = match arrivals {
        None | Some(ArrivalsSpec::Poisson) => return Ok((rate.0, Flow::Poisson)),
        Some(ArrivalsSpec::Deterministic) => Dist::Constant(1.0),
        Some(ArrivalsSpec::Renewal(args)) => args.gap.0.clone(),
    };
    let factor = 1.0 / (rate.0 * gap.mean());
    if !factor.is_finite() || !is_independent(&gap) {
        return Err("its gaps have no mean, or are not independent");
    }
    Ok((rate.0, Flow::Renewal(gap.scaled(factor))))
}

/// Follows all sources; what comes of it are stations, and the classes of each source.
fn walk<'a>(model: &'a Model, passing: BTreeMap<usize, bool>) -> (Walk<'a>, Vec<Class>) {
    let mut walk = Walk::new(&model.setup, passing);
    let mut classes = Vec::new();
    for (name, spec) in &model.setup.traffic {
        let common = spec.common();
        let (component, operation) = target(&common.to.value);
        let sends = match spec {
            TrafficSpec::Open(source) => flow(source),
            TrafficSpec::Closed(_) => Ok((1.0, Flow::Poisson)),
        };
        let (rate, flow) = sends.unwrap_or_else(|why| {
            walk.problems.push((name.clone(), why.to_owned()));
            (0.0, Flow::Unknown(format!("its arrivals from `{name}` have no known law: {why}")))
        });
        let mix: Vec<(String, &str, f64)> = match common.mix {
            None => vec![(name.clone(), operation, 1.0)],
            Some(mix) => {
                mix.0.iter().map(|(op, e)| (format!("{name}.{}", op.value), op.value.as_str(), e.weight)).collect()
            }
        };
        let total: f64 = mix.iter().map(|(_, _, weight)| weight).sum();
        for (class, operation, weight) in mix.into_iter().filter(|(_, _, weight)| *weight > 0.0) {
            let share = weight / total;
            let whole = share == 1.0 || flow == Flow::Poisson;
            let part =
                if whole { flow.clone() } else { Flow::Unknown("regular arrivals are split by operation".into()) };
            let way = walk.follow(name, rate * share, part, component, operation);
            classes.push(Class { name: class, share, way });
        }
    }
    (walk, classes)
}

/// Which stations let a Poisson process through.
fn passing(stations: &Stations) -> BTreeMap<usize, bool> {
    stations.iter().map(|(index, station)| (*index, station.passes_poisson_on())).collect()
}

fn open(model: &Model, theory: &mut Theory) {
    let closed = model.setup.traffic.iter().any(|(_, spec)| matches!(spec, TrafficSpec::Closed(_)));
    if closed {
        return theory.unsolved("the whole", "closed traffic beside other traffic: no formula here");
    }
    let (first, _) = walk(model, BTreeMap::new());
    let (walked, classes) = walk(model, passing(&first.stations));
    walked.problems.iter().for_each(|(of, why)| theory.unsolved(of, why.as_str()));
    let mut queues = BTreeMap::new();
    for (index, station) in &walked.stations {
        let name = &model.setup.components[*index].0;
        let spoiled = walked.problems.iter().any(|(of, _)| of == name || of.ends_with(&format!("-> {name}")));
        let spoiled =
            spoiled || model.setup.traffic.iter().any(|(source, _)| walked.problems.iter().any(|(of, _)| of == source));
        match queue(station) {
            _ if spoiled => theory.unsolved(name, "what comes to it or what it does is outside of the formulas"),
            Err(why) => theory.unsolved(name, why),
            Ok(queue) => {
                component(name, station, &queue, theory);
                queues.insert(*index, queue);
            }
        }
    }
    if !walked.problems.is_empty() {
        return theory.unsolved("the whole", "not every part of it is solved");
    }
    let responses: Vec<Option<(f64, Quality)>> =
        classes.iter().map(|class| mean(class, &walked.stations, &queues)).collect();
    for (class, response) in classes.iter().zip(&responses) {
        let Some((value, quality)) = response else {
            theory.unsolved(&class.name, "not every station on its way is solved");
            continue;
        };
        let (law, source) = law_of(class, &queues);
        theory.add(format!("{}.mean", class.name), *value, *quality, &law, source);
        percentiles(class, &walked.stations, &queues, theory, (&law, source));
    }
}

/// The law behind the response time of a class.
fn law_of(class: &Class, queues: &BTreeMap<usize, Queue>) -> (String, &'static str) {
    let one = |queue: &Queue| (queue.law.split(':').next().unwrap_or_default().to_owned(), queue.source);
    match class.way.visits.as_slice() {
        [visit] => queues.get(&visit.component).map_or((String::new(), ""), one),
        _ => ("sum over the stations".into(), "Jackson 1957; BCMP 1975"),
    }
}

/// What a station's formula says about its component.
fn component(name: &str, station: &Station, queue: &Queue, theory: &mut Theory) {
    theory.laws.push((name.to_owned(), queue.law.clone()));
    let Some(servers) = station.servers else { return };
    let service = station.service().map_or(0.0, |law| law.mean());
    let busy = station.rate() * service / f64::from(servers) / f64::from(station.instances);
    let law = queue.law.split(':').next().unwrap_or_default();
    theory.add(format!("{name}.utilization"), busy, Quality::Exact, "utilisation law", "Denning and Buzen 1978");
    let mut add = |word: &str, value: Option<f64>| {
        if let Some(value) = value {
            theory.add(format!("{name}.{word}"), value, queue.quality, law, queue.source);
        }
    };
    if !station.once {
        return;
    }
    add("waiting.mean", queue.wait_mean());
    for (word, p) in PERCENTILES {
        add(&format!("waiting.{word}"), queue.wait_quantile(*p));
    }
}

/// The mean response time of a class: the sum over its visits.
fn mean(class: &Class, stations: &Stations, queues: &BTreeMap<usize, Queue>) -> Option<(f64, Quality)> {
    let (mut sum, mut worst) = (class.way.delay, Quality::Exact);
    for visit in &class.way.visits {
        let queue = queues.get(&visit.component)?;
        if !stations[&visit.component].one_law() && !queue.tells_classes_apart() {
            return None;
        }
        sum += visit.share * queue.response_mean(visit.law.mean());
        worst = if worst == Quality::Exact { queue.quality } else { worst };
    }
    Some((sum, worst))
}

/// Percentiles of the response time, where they follow: one visit, or a tandem of M/M/1 queues; with a constant delay.
fn percentiles(
    class: &Class,
    stations: &Stations,
    queues: &BTreeMap<usize, Queue>,
    theory: &mut Theory,
    (law, source): (&str, &'static str),
) {
    let Way { visits, delay, delay_is_constant } = &class.way;
    if !delay_is_constant || visits.iter().any(|visit| !stations[&visit.component].once) {
        return;
    }
    if let [visit] = visits.as_slice() {
        let (queue, one) = (&queues[&visit.component], stations[&visit.component].one_law());
        for (word, p) in PERCENTILES.iter().filter(|_| one) {
            if let Some(value) = queue.response_quantile(*p) {
                theory.add(format!("{}.{word}", class.name), delay + value, queue.quality, law, source);
            }
        }
        return;
    }
    let single =
        |index: usize| (stations[&index].instances == 1).then(|| queues[&index].single_exponential()).flatten();
    let tandem: Option<Vec<(f64, f64)>> = visits.iter().map(|visit| single(visit.component)).collect();
    let Some(tandem) = tandem.filter(|tandem| tandem.len() > 1) else { return };
    // Scaled to one arrival rate: what counts are the means of the exponential times.
    let services: Vec<f64> = tandem.iter().map(|(rate, service)| service / (1.0 - rate * service)).collect();
    for (word, p) in PERCENTILES {
        let value = delay + tandem_quantile(*p, 0.0, &services);
        theory.add(
            format!("{}.{word}", class.name),
            value,
            Quality::Exact,
            "tandem of M/M/1",
            "Reich 1957; Burke 1956",
        );
    }
}

/// A closed source alone: exact mean value analysis where the network has product form; bounds always.
fn loops(model: &Model, name: &str, source: &ClosedArgs, theory: &mut Theory) {
    let ClosedArgs { to: _, users, think, mix: _, timeout, retry, priority: _, request: _, response: _ } = source;
    if timeout.is_some() || retry.is_some() {
        return theory.unsolved(name, "its users give up or try again");
    }
    if think.as_ref().is_some_and(|think| !is_independent(&think.0)) {
        return theory.unsolved(name, "its think times come in turn and are not independent");
    }
    let (walked, classes) = walk(model, BTreeMap::new());
    walked.problems.iter().for_each(|(of, why)| theory.unsolved(of, why.as_str()));
    if !walked.problems.is_empty() {
        return;
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
    for (index, station) in &walked.stations {
        if !station.passes_poisson_on() {
            let component = &model.setup.components[*index].0;
            return theory.unsolved(
                component,
                "no product form: service is not exponential, or requests are not spread at random",
            );
        }
    }
    let Some(found) = closed(users.value, think + network.delay, &network.stations) else {
        return theory.unsolved(name, "too many users for an exact solution");
    };
    let (law, reference) = ("closed network, exact MVA", "Reiser and Lavenberg 1980");
    theory.laws.push((name.to_owned(), format!("{law}: {} users, product form", users.value)));
    theory.add(format!("{name}.goodput"), found.throughput, Quality::Exact, law, reference);
    theory.add(format!("{name}.mean"), found.response + network.delay, Quality::Exact, law, reference);
    for (index, station) in walked.stations.iter().filter(|(_, station)| station.servers.is_some()) {
        let servers = f64::from(station.servers.unwrap_or(1)) * f64::from(station.instances);
        let work: f64 = station.work.iter().map(|(rate, law)| rate * law.mean()).sum();
        let busy = found.throughput * work / servers;
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
            let work: f64 = station.work.iter().map(|(rate, law)| rate * law.mean()).sum();
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
    let fifo = station.order == super::stations::Order::Fifo && station.instances == 1;
    let (Some(servers), true) = (station.servers, fifo && station.once && network.delay == 0.0) else { return };
    let service = station.service().map_or(0.0, |law| law.mean());
    let found = Interactive { users: source.users.value, think: mean * 1e-9, service, servers }.found();
    for (word, p) in PERCENTILES {
        let value = found.response_quantile(*p);
        theory.add(format!("{name}.{word}"), value, Quality::Exact, "machine repair", "Sevcik and Mitrani 1981");
    }
}

//! Open sources: each station by its formula, and what users see.

use super::super::problem::Reach;
use super::super::queue::{Queue, queues};
use super::super::stations::Stations;
use super::super::walk::{Branch, Fork, Walk};
use super::component::{self, Place};
use super::{Class, known, walk};
use crate::metric::PERCENTILES;
use crate::model::Model;
use crate::theory::formula::fork_join::ForkJoin;
use crate::theory::formula::gather::Gather;
use crate::theory::formula::open::tandem_quantile;
use crate::theory::{Quality, Theory};
use archsim_core::Dist;
use archsim_models::spec::TrafficSpec;
use std::collections::{BTreeMap, BTreeSet};

/// Most queues of a fork-join for which Nelson and Tantawi have tested their approximation.
const MOST_FORKED: usize = 32;

/// What is known of all of it.
struct Known<'a> {
    stations: &'a Stations,
    queues: BTreeMap<usize, Vec<Queue>>,
    classes: &'a [Class],
}

pub(super) fn predict(model: &Model, theory: &mut Theory) {
    let closed = model.setup.traffic.iter().any(|(_, spec)| matches!(spec, TrafficSpec::Closed(_)));
    if closed {
        return theory.unsolved("the whole", "closed traffic beside other traffic is outside of the formulas");
    }
    let (first, _) = walk(model, BTreeMap::new());
    let (walked, classes) = walk(model, known(&first));
    walked.problems.iter().for_each(|problem| theory.unsolved(&problem.of, problem.why.as_str()));
    let queues = components(model, &walked, theory);
    let known = Known { stations: &walked.stations, queues, classes: &classes };
    for class in &classes {
        if !class.way.sound || class.way.visits.iter().any(|visit| !known.queues.contains_key(&visit.component)) {
            least(class, &known, theory);
            theory.unsolved(&class.name, "not every part of its way is solved");
            continue;
        }
        if class.way.visits.iter().any(|visit| known.stations[&visit.component].loses()) {
            lossy(class, &known, theory);
        } else {
            means(class, &known, theory);
            percentiles(class, &known, theory);
        }
    }
}

/// The numbers of every component, and the queues of those that are solved.
fn components(model: &Model, walked: &Walk<'_>, theory: &mut Theory) -> BTreeMap<usize, Vec<Queue>> {
    let reach = Reach::new(&model.setup);
    let lossy: Vec<usize> = walked.lossy.iter().copied().collect();
    let mut solved = BTreeMap::new();
    for (index, station) in &walked.stations {
        let name = &model.setup.components[*index].0;
        if reach.disturbs(&walked.problems, *index) {
            theory.unsolved(name, "what comes to it, or how it is served, is outside of the formulas");
            continue;
        }
        let survives = !reach.fails(&walked.problems, &lossy, *index);
        let place = Place { name, station, survives };
        let found = queues(station);
        let served = match &found {
            Ok(queues) => 1.0 - queues[0].answers.rejected() - queues[0].answers.reneged(),
            Err(_) => 1.0,
        };
        if found.is_ok() || !station.loses() {
            component::utilization(&place, served, theory);
        }
        match found {
            Err(why) => theory.unsolved(name, why),
            Ok(queues) => {
                component::queues(&place, &queues, theory);
                solved.insert(*index, queues);
            }
        }
    }
    solved
}

/// The law behind the response time of a class.
fn law_of(class: &Class, queue: Option<&Queue>) -> (String, &'static str) {
    match (queue, class.way.visits.as_slice(), class.way.forks.as_slice()) {
        (Some(queue), [_], []) => (queue.name().to_owned(), queue.source),
        (_, [], [_]) => ("slowest of several".into(), "David and Nagaraja 2003; Nelson and Tantawi 1988"),
        _ => ("sum over the stations".into(), "Jackson 1957; BCMP 1975"),
    }
}

/// The worse of two qualities, if they go together: the sum of two exact values is exact, with a bound it is a bound.
fn worse(a: Quality, b: Quality) -> Option<Quality> {
    match (a, b) {
        (Quality::Exact, other) | (other, Quality::Exact) => Some(other),
        (a, b) if a == b => Some(a),
        (Quality::Approximation, Quality::Limit) | (Quality::Limit, Quality::Approximation) => {
            Some(Quality::Approximation)
        }
        _ => None,
    }
}

/// The mean response time of a class, by every formula of its station if it is one.
fn means(class: &Class, known: &Known<'_>, theory: &mut Theory) {
    let ways = match class.way.visits.as_slice() {
        [visit] => known.queues[&visit.component].len(),
        _ => 1,
    };
    let mut found = false;
    for at in 0..ways {
        let Some((value, quality)) = mean(class, known, at) else { continue };
        let queue = class.way.visits.first().map(|visit| &known.queues[&visit.component][at]);
        let (law, source) = law_of(class, queue);
        theory.add(format!("{}.mean", class.name), value, quality, &law, source);
        found = true;
    }
    if !found {
        least(class, known, theory);
        theory.unsolved(&class.name, "its times do not add up by a formula");
    }
}

/// The mean response time: the sum over its visits and forks.
fn mean(class: &Class, known: &Known<'_>, at: usize) -> Option<(f64, Quality)> {
    let (mut sum, mut quality) = (class.way.delay, Quality::Exact);
    for visit in &class.way.visits {
        let queue = known.queues[&visit.component].get(at)?;
        sum += visit.share * queue.answers.response_mean(visit)?;
        quality = worse(quality, queue.quality)?;
    }
    for fork in &class.way.forks {
        let (mean, own) = forked(fork, known)?;
        sum += fork.share * mean;
        quality = worse(quality, own)?;
    }
    Some((sum, quality))
}

/// The times of a fork whose branches are no queues.
fn gather(fork: &Fork) -> Option<Gather> {
    let time = |branch: &Branch| match branch {
        Branch::Time(law) => Some(law.clone()),
        Branch::Queue(_) => None,
    };
    let times: Option<Vec<Dist>> = fork.branches.iter().map(time).collect();
    Gather::new(&times?, fork.need)
}

/// Mean time of several branches at once.
fn forked(fork: &Fork, known: &Known<'_>) -> Option<(f64, Quality)> {
    if let Some(gather) = gather(fork) {
        return Some((gather.mean(), Quality::Exact));
    }
    let single = |branch: &Branch| {
        let Branch::Queue(index) = branch else { return None };
        let station = &known.stations[index];
        // Only copies of the same requests, and nothing else, may come to it.
        let own = station.instances == 1 && station.work.len() == 1 && station.once;
        known.queues.get(index)?.first()?.answers.single_exponential().filter(|_| own)
    };
    let queues: Vec<(f64, f64)> = fork.branches.iter().map(single).collect::<Option<_>>()?;
    let distinct: BTreeSet<usize> = fork
        .branches
        .iter()
        .filter_map(|branch| if let Branch::Queue(index) = branch { Some(*index) } else { None })
        .collect();
    let alike =
        queues.windows(2).all(|pair| (pair[0].0 - pair[1].0).abs() <= 1e-12 * pair[0].0 && pair[0].1 == pair[1].1);
    if !alike || distinct.len() != queues.len() || queues.len() > MOST_FORKED {
        return None;
    }
    let fork_join = ForkJoin { arrival_rate: queues[0].0, service: queues[0].1, branches: queues.len() as u32 };
    Some(match fork_join.exact() {
        Some(mean) => (mean, Quality::Exact),
        None => (fork_join.approximation(), Quality::Approximation),
    })
}

/// Nobody can be quicker on average than the sum of work and delays on the way, if nobody fails on it.
fn least(class: &Class, known: &Known<'_>, theory: &mut Theory) {
    let endless = |index: &usize| known.stations[index].loses() || !known.stations[index].is_stable();
    if !class.way.sound || class.way.visits.iter().any(|visit| endless(&visit.component)) {
        return;
    }
    let work: f64 = class.way.visits.iter().map(|visit| visit.share * visit.law.mean()).sum();
    let (law, source) = ("no wait at all", "Denning and Buzen 1978");
    theory.add(format!("{}.mean", class.name), class.way.delay + work, Quality::LowerBound, law, source);
}

/// Users whose only station loses some requests: how many are served, and the times of those.
fn lossy(class: &Class, known: &Known<'_>, theory: &mut Theory) {
    let ([visit], []) = (class.way.visits.as_slice(), class.way.forks.as_slice()) else {
        return theory.unsolved(&class.name, "requests are lost at one of several stations on its way");
    };
    let (queue, station) = (&known.queues[&visit.component][0], &known.stations[&visit.component]);
    if visit.share != 1.0 {
        return theory.unsolved(&class.name, "only some of its requests come to a station that loses requests");
    }
    let (law, source) = law_of(class, Some(queue));
    let lost = queue.answers.rejected() + queue.answers.reneged();
    let mut add = |word: &str, value: f64| {
        theory.add(format!("{}.{word}", class.name), value, queue.quality, &law, source);
    };
    add("errors", lost);
    add("goodput", class.rate * (1.0 - lost));
    if let Some(mean) = queue.answers.response_mean(visit) {
        add("ok.mean", class.way.delay + mean);
    }
    for (word, p) in PERCENTILES.iter().filter(|_| class.way.delay_is_constant && station.one_law()) {
        if let Some(value) = queue.answers.response_quantile(visit, *p) {
            add(&format!("ok.{word}"), class.way.delay + value);
        }
    }
}

/// Percentiles of the response time, where they follow: one visit, one fork of times, or a tandem of M/M/1 queues; with a constant
/// delay.
fn percentiles(class: &Class, known: &Known<'_>, theory: &mut Theory) {
    if let ([], [fork]) = (class.way.visits.as_slice(), class.way.forks.as_slice()) {
        return forked_percentiles(class, fork, theory);
    }
    let way = &class.way;
    let once = |index: &usize| known.stations[index].once;
    let always = way.visits.iter().all(|visit| visit.share == 1.0 && once(&visit.component));
    if !way.delay_is_constant || !always || !way.forks.is_empty() {
        return;
    }
    if let [visit] = way.visits.as_slice() {
        let queue = &known.queues[&visit.component][0];
        for (word, p) in PERCENTILES {
            if let Some(value) = queue.answers.response_quantile(visit, *p) {
                let name = format!("{}.{word}", class.name);
                theory.add(name, way.delay + value, queue.quality, queue.name(), queue.source);
            }
        }
        return;
    }
    tandem(class, known, theory);
}

fn forked_percentiles(class: &Class, fork: &Fork, theory: &mut Theory) {
    let Some(gather) = gather(fork).filter(|_| fork.share == 1.0 && class.way.fixed_delay) else { return };
    let (law, source) = law_of(class, None);
    for (word, p) in PERCENTILES {
        let value = class.way.delay + gather.quantile(*p);
        theory.add(format!("{}.{word}", class.name), value, Quality::Exact, &law, source);
    }
}

/// A tandem of M/M/1 queues: times are independent as long as nobody overtakes on the way (Walrand and Varaiya 1980), so whoever
/// shares two of its stations has to take the whole of it.
fn tandem(class: &Class, known: &Known<'_>, theory: &mut Theory) {
    let way = &class.way;
    let path = |class: &Class| -> Vec<(usize, f64)> {
        class.way.visits.iter().map(|visit| (visit.component, visit.after)).collect()
    };
    let own: BTreeSet<usize> = way.visits.iter().map(|visit| visit.component).collect();
    let overtakes = |other: &Class| {
        let shared = other.way.visits.iter().filter(|visit| own.contains(&visit.component)).count();
        shared > 1 && (path(other) != path(class) || !other.way.delay_is_constant || !other.way.forks.is_empty())
    };
    let single = |index: usize| {
        let one = known.stations[&index].instances == 1;
        known.queues[&index][0].answers.single_exponential().filter(|_| one)
    };
    let stations: Option<Vec<(f64, f64)>> = way.visits.iter().map(|visit| single(visit.component)).collect();
    let Some(stations) = stations.filter(|all| all.len() > 1 && !known.classes.iter().any(overtakes)) else { return };
    // Scaled to one arrival rate: what counts are the means of the exponential times.
    let services: Vec<f64> = stations.iter().map(|(rate, service)| service / (1.0 - rate * service)).collect();
    for (word, p) in PERCENTILES {
        let value = way.delay + tandem_quantile(*p, 0.0, &services);
        let name = format!("{}.{word}", class.name);
        theory.add(name, value, Quality::Exact, "tandem of M/M/1", "Reich 1957; Burke 1956; Walrand and Varaiya 1980");
    }
}

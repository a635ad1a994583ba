//! The numbers of one component.

use super::super::queue::Queue;
use super::super::stations::{Away, Station};
use crate::metric::PERCENTILES;
use crate::theory::{Quality, Theory};

/// What is known of a station as a part of the whole.
pub(super) struct Place<'a> {
    pub(super) name: &'a str,
    pub(super) station: &'a Station,
    /// Whether no request fails elsewhere after its visit: metrics are about those that do not fail.
    pub(super) survives: bool,
}

/// The utilisation law, which needs nothing but the rate and the mean work.
pub(super) fn utilization(place: &Place<'_>, served: f64, theory: &mut Theory) {
    let Place { name, station, .. } = place;
    let settled = station.known && (station.is_stable() || station.loses());
    // A request that waits for a repair holds its core, which counts as busy.
    let broken = matches!(station.away, Some(Away::Broken(..)));
    let Some(cores) = station.cores.filter(|_| settled && !broken) else { return };
    let work: f64 = station.work.iter().map(|work| work.rate * work.law.mean()).sum();
    let busy = work * served / f64::from(cores) / f64::from(station.instances);
    theory.add(format!("{name}.utilization"), busy, Quality::Exact, "utilisation law", "Denning and Buzen 1978");
}

/// What the formulas of a station say about its component.
pub(super) fn queues(place: &Place<'_>, queues: &[Queue], theory: &mut Theory) {
    let Place { name, station, survives } = place;
    let Some(first) = queues.first() else { return };
    theory.laws.push(((*name).to_owned(), first.law.clone()));
    if !station.once {
        return;
    }
    if station.servers.is_some() && *survives {
        queues.iter().for_each(|queue| times(name, queue, theory));
    }
    if station.loses() && station.known {
        losses(name, station, first, theory);
    }
}

fn times(name: &str, queue: &Queue, theory: &mut Theory) {
    let mut add = |word: &str, value: Option<f64>| {
        if let Some(value) = value {
            theory.add(format!("{name}.{word}"), value, queue.quality, queue.name(), queue.source);
        }
    };
    add("waiting.mean", queue.answers.wait_mean());
    for (word, p) in PERCENTILES {
        add(&format!("waiting.{word}"), queue.answers.wait_quantile(*p));
    }
}

/// Who finds no room, who loses patience, and how many are served.
fn losses(name: &str, station: &Station, queue: &Queue, theory: &mut Theory) {
    let (rejected, reneged) = (queue.answers.rejected(), queue.answers.reneged());
    let mut add = |word: &str, value: f64| {
        theory.add(format!("{name}.{word}"), value, queue.quality, queue.name(), queue.source);
    };
    if station.room.is_some() {
        add("rejected", rejected);
    }
    if station.patience.is_some() {
        add("reneged", reneged);
    }
    add("throughput", station.rate() * (1.0 - rejected - reneged));
}

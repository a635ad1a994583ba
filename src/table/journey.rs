//! Single requests: every call of each, in the order in which they were made.

use super::{Cell, Table};
use crate::console::{Ink, Paint};
use crate::quantity;
use archsim_experiment::assemble::grouped;
use archsim_experiment::trace::{Leg, Spent, Trip};

/// The requests, the slowest first.
pub(crate) fn trips(trips: &[Trip], paint: Paint) -> String {
    (1..).zip(trips).map(|(place, trip)| one(place, trip, paint)).collect::<Vec<_>>().join("\n")
}

fn one(place: usize, trip: &Trip, paint: Paint) -> String {
    let ink = if trip.outcome == "ok" { Ink::Good } else { Ink::Bad };
    let title = format!("{place}. {}, {}", trip.of, time(trip.latency_s));
    let head = format!(
        "{}, {}   request {}, wanted at {}",
        paint.text(Ink::Bold, &title),
        paint.text(ink, &said(trip.outcome)),
        grouped(trip.number),
        time(trip.wanted_s)
    );
    let mut table = Table::headed(2, &["after", "", "took", "of which"]);
    trip.legs.iter().for_each(|leg| table.row(row(leg, trip.latency_s)));
    head + "\n" + &table.render(paint)
}

fn row(leg: &Leg, latency: f64) -> Vec<Cell> {
    let ink = match leg.outcome {
        _ if leg.abandoned_s.is_some() => Ink::Bad,
        Some("ok") | None => Ink::Plain,
        Some(_) => Ink::Bad,
    };
    vec![
        Cell::dim(time(leg.start_s)),
        Cell::new(ink, "  ".repeat(leg.depth as usize) + &place(leg)),
        Cell::plain(leg.duration_s.map_or("not over".into(), time)),
        Cell::new(ink, details(leg, latency)),
    ]
}

/// "orders -> payments, try 2", "catalog 4".
fn place(leg: &Leg) -> String {
    let number = if leg.instance == 0 { String::new() } else { format!(" {}", leg.instance) };
    let through = leg.through.as_ref().map_or(String::new(), |balancer| format!("{balancer} -> "));
    let attempt = if leg.attempt > 1 { format!(", try {}", leg.attempt) } else { String::new() };
    match (leg.depth, leg.caller.is_empty()) {
        (0, _) => "user".into(),
        (_, true) => format!("branch at {}{number}", leg.component),
        _ => format!("{through}{}{number}{attempt}", leg.component),
    }
}

/// What the leg's own time went into, the largest first, and how it ended if not well.
fn details(leg: &Leg, latency: f64) -> String {
    let mut spent: Vec<&Spent> = leg.spent.iter().collect();
    spent.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    let part = |spent: &Spent| {
        let share = spent.seconds / latency.max(1e-12);
        let share = if share >= 0.005 { format!(" ({:.0}%)", share * 100.0) } else { String::new() };
        format!("{} {}{share}", phrase(leg, spent), time(spent.seconds))
    };
    let mut parts: Vec<String> = spent.into_iter().map(part).collect();
    if let Some(after) = leg.abandoned_s {
        parts.push(format!("given up after {}: all of it in vain", time(after)));
    }
    if let Some(outcome) = leg.outcome.filter(|outcome| *outcome != "ok") {
        parts.push(said(outcome));
    }
    parts.join(", ")
}

/// "queue", "work", "network", "pause before calling payments again".
fn phrase(leg: &Leg, spent: &Spent) -> String {
    let of = if spent.component == leg.component { String::new() } else { format!(" {}", spent.component) };
    match spent.on {
        "waiting" => format!("queue{of}"),
        "pool" => format!("waiting for a connection to {}", spent.component),
        "backoff" => format!("pause before calling {} again", spent.component),
        "wasted" => format!("failed tries of {}", spent.component),
        on => format!("{on}{of}"),
    }
}

fn said(outcome: &str) -> String {
    outcome.replace('_', " ")
}

fn time(seconds: f64) -> String {
    quantity::plain(seconds, "s")
}

//! The static load table of `archsim check`.

use super::run::busy_ink;
use super::{Cell, Table, plural};
use crate::console::{Ink, Paint};
use crate::quantity;
use archsim_experiment::load_table::{Bounds, LoadRow};
use archsim_experiment::model::Model;

/// Characters of a full bar.
const BAR: f64 = 20.0;

/// One line on what the file contains.
pub(crate) fn contents(model: &Model) -> String {
    let setup = &model.setup;
    let source = match &model.load.sources[..] {
        [(_, rate)] => format!("traffic source ({})", quantity::given(*rate, "1/s")),
        _ => "traffic source".into(),
    };
    let words = [
        (setup.components.len(), "component"),
        (model.plan.edges.len(), "edge"),
        (setup.traffic.len(), source.as_str()),
        (setup.faults.len(), "fault"),
        (model.slos.len(), "SLO"),
        (model.variants.len(), "variant"),
        (model.experiments.len(), "experiment"),
    ];
    let parts: Vec<String> = words.iter().filter(|(n, _)| *n > 0).map(|(n, word)| plural(*n, word)).collect();
    parts.join(", ")
}

/// What the plan says before anything runs: the busiest component first.
pub(crate) fn load(model: &Model, paint: Paint) -> String {
    let mut rows: Vec<&LoadRow> = model.load.rows.iter().collect();
    rows.sort_by(|a, b| b.busy.unwrap_or(-1.0).total_cmp(&a.busy.unwrap_or(-1.0)));
    let mut table = Table::headed(2, &["  component", "visits", "offered", "work", "busy", "", ""]);
    for row in rows {
        table.row(cells(model, row));
    }
    if table.is_empty() { String::new() } else { table.render(paint) }
}

fn cells(model: &Model, row: &LoadRow) -> Vec<Cell> {
    let ink = row.busy.map_or(Ink::Plain, busy_ink);
    vec![
        Cell::plain(row.component.as_str()),
        Cell::plain(brief_ratio(row.visits)),
        Cell::plain(quantity::given(row.arrivals, "1/s")),
        Cell::plain(work(model, row)),
        Cell::new(ink, row.busy.map_or("-".into(), |busy| format!("{:.0}%", busy * 100.0))),
        Cell::new(ink, row.busy.map_or(String::new(), bar)),
        Cell::dim(row.hottest.as_ref().map_or(String::new(), |hottest| format!("hottest: {hottest}"))),
    ]
}

/// "6.6 of 12 cores".
fn work(model: &Model, row: &LoadRow) -> String {
    let kind =
        model.setup.components.iter().find(|(name, _)| *name == row.component).map_or("", |(_, kind)| kind.name());
    let server = match kind {
        "Service" | "Consumers" => "core",
        "Broker" => "writer",
        _ => "worker",
    };
    match row.capacity {
        Some(capacity) => {
            let whole = quantity::plain(capacity, "count");
            let plural = if capacity == 1.0 { "" } else { "s" };
            format!("{} of {whole} {server}{plural}", brief(row.work))
        }
        None if row.work > 0.0 => format!("{} at once", brief(row.work)),
        None => "-".into(),
    }
}

fn brief(work: f64) -> String {
    if work > 0.0 && work < 0.05 { "< 0.1".into() } else { format!("{work:.1}") }
}

/// Visits for each request.
fn brief_ratio(visits: f64) -> String {
    if visits > 0.0 && visits < 0.005 { "< 0.01".into() } else { format!("{visits:.2}") }
}

fn bar(busy: f64) -> String {
    let full = (busy * BAR).round().clamp(0.0, BAR) as usize;
    format!("{}{}{}", "#".repeat(full), ".".repeat(BAR as usize - full), if busy > 1.0 { ">" } else { "" })
}

/// The component that is full first, and at what traffic.
pub(crate) fn first_to_saturate(model: &Model) -> Option<String> {
    let (component, rates) = model.load.first.as_ref()?;
    let rates: Vec<String> =
        rates.iter().map(|(source, rate)| format!("{} of {source}", quantity::given(*rate, "1/s"))).collect();
    Some(format!("First to saturate: {component}, at about {}.", rates.join(" and ")))
}

/// What rates and responses cannot exceed or fall short of, and what the table leaves out.
pub(crate) fn bounds(model: &Model, width: usize) -> String {
    let lines = model.load.bounds.iter().filter_map(bound);
    let retries = (!model.load.left_out.is_empty()).then(|| {
        let edges: Vec<String> = model.load.left_out.iter().map(|edge| format!("`{edge}`")).collect();
        format!("The table is without retries and hedges: those of {} come on top.", edges.join(", "))
    });
    lines.chain(retries).map(|line| format!("  {}\n", super::hang(&line, 2, width))).collect()
}

/// "Bounds: users.rate <= 18.2/s = N / (D + Z); users.mean >= 100 ms = D, the time without any queue."
fn bound(bounds: &Bounds) -> Option<String> {
    let rate = bounds.closed.and_then(|_| bounds.rate()).map(|rate| {
        let full = bounds.saturation.as_ref().filter(|(full, _)| *full <= rate);
        let why = full.map_or("N / (D + Z)".into(), |(_, component)| format!("1 / Dmax, all that {component} can do"));
        format!("{}.rate <= {} = {why}", bounds.source, quantity::given(rate, "1/s"))
    });
    let response = bounds.response().filter(|response| *response > 0.0).map(|response| {
        let alone = bounds.least.is_some_and(|least| least >= response);
        let why = if alone { "D, the time without any queue" } else { "N Dmax - Z" };
        format!("{}.mean >= {} = {why}", bounds.source, quantity::given(response, "s"))
    });
    let both: Vec<String> = rate.into_iter().chain(response).collect();
    (!both.is_empty()).then(|| format!("Bounds, if nothing fails: {}.", both.join("; ")))
}

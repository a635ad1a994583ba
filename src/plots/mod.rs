//! From a report to charts: which data, and the sentence that says what they show.

mod architecture;
mod compare;
mod cost;
mod distribution;
mod map;
mod plan;
mod run;
mod sample;
mod saturate;
mod series;
mod stages;
mod sweep;

pub(crate) use compare::compare;
pub(crate) use plan::plan;
pub(crate) use run::run;
pub(crate) use sample::sample;
pub(crate) use saturate::saturate;
pub(crate) use sweep::sweep;

use crate::chart::{Labels, Unit};

/// The unit of a metric as charts know it.
fn unit(metric: &str, unit: &str) -> Unit {
    match unit {
        "s" => Unit::Seconds,
        "1/s" => Unit::PerSecond,
        "1" if !metric.ends_with(".amplification") => Unit::Share,
        "B" | "B/s" => Unit::Bytes,
        _ => Unit::Number,
    }
}

/// The words around a chart; who cannot see it reads the finding and the scenario's name.
fn labels(scenario: &str, title: String, look: &str, x: &str, y: &str) -> Labels {
    let alt = format!("{scenario}: {title}. {look}");
    Labels { title, look: look.into(), x: x.into(), y: y.into(), alt }
}

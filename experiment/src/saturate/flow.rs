//! What becomes of the load that is offered: how much is answered ok, and how many messages are sent for it.

use crate::model::Model;
use crate::report::{Estimate, Report};

/// Goodput and attempts at an offered load.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// The source whose rate is raised.
    pub source: String,
    /// Requests of the source answered ok, per second.
    pub goodput: Estimate,
    /// For each call that may be sent again: its name, and the messages sent for it, per second.
    pub attempts: Vec<(String, Estimate)>,
}

impl Flow {
    /// By the report on a run; none without a source.
    pub(super) fn of(source: Option<&str>, model: &Model, report: &Report) -> Option<Self> {
        let source = source?.to_owned();
        let goodput = *report.get(&format!("{source}.goodput"))?;
        let retried = model.plan.edges.iter().filter(|edge| edge.retries > 0);
        let attempts = retried.filter_map(|edge| {
            let attempts = report.get(&format!("{}.attempts", edge.name))?;
            Some((edge.name.clone(), *attempts))
        });
        Some(Flow { attempts: attempts.collect(), source, goodput })
    }
}

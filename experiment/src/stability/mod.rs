//! Is there a steady state? A queue that only grows has none, and then no mean and no percentile of those who wait in it means
//! anything. Those whom it does not hold up keep their numbers.

mod growth;
mod held_up;
mod overload;
mod words;

use crate::metric::{Measure, Metric, Subject, Times};
use crate::model::Model;
use crate::report::Status;
use crate::run::Replication;
use held_up::{HeldUp, held_up};
pub(crate) use overload::overloaded;

#[cfg(test)]
mod tests;

/// What the runs say about stability.
#[derive(Clone, Debug, Default)]
pub struct Stability {
    /// Sentences for the report.
    pub verdicts: Vec<String>,
    held: HeldUp,
    unstable: bool,
    stopped: bool,
}

impl Stability {
    /// Whether the run had to be ended.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    /// Whether the queue of a component grows, or it waits for one that does.
    pub fn is_unstable(&self, component: usize) -> bool {
        self.held.components[component]
    }

    /// The reason not to show a metric, if there is one.
    pub fn withheld(&self, metric: &Metric) -> Option<Status> {
        use Measure::*;
        let reason = if self.stopped { Status::Stopped } else { Status::NoSteadyState };
        if !self.unstable {
            return None;
        }
        let timed = match metric.measure {
            Mean(times) | Quantile(times, _) | Max(times) | Deviation(times) | Above(times, _) => {
                times != Times::Service
            }
            Queue | InFlight | Level(_) | Lag | Memory | WaitingAll => true,
            _ => false,
        };
        let touched = match metric.subject {
            Subject::Classes(first, count) => self.held.classes[first..first + count].iter().any(|c| *c),
            Subject::Component(index) => self.held.components[index],
            Subject::Instance(index, at) => self.held.is_instance(index, at),
            Subject::Edge(index) => self.held.edges[index],
            Subject::Topic(_) | Subject::All => false,
        };
        (timed && touched).then_some(reason)
    }
}

/// Judges a model from its replications.
pub fn stability(model: &Model, replications: &[Replication]) -> Stability {
    let stopped = replications.iter().find_map(|r| r.measured.stopped);
    let mut found = Stability { stopped: stopped.is_some(), ..Stability::default() };
    if let Some(stopped) = stopped {
        found.verdicts.push(format!(
            "overloaded: the run ended at {} with {} requests in flight (the ceiling `run.max_in_flight`)",
            stopped.at, stopped.in_flight
        ));
    }
    let growing = match model.terminating && stopped.is_none() {
        true => vec![],
        false => growth::growing(model, replications),
    };
    found.unstable = !growing.is_empty() || stopped.is_some();
    // Where the run had to be ended and no queue explains it, everything is suspect.
    found.held = match growing.is_empty() && stopped.is_some() {
        true => HeldUp::everything(model),
        false => held_up(model, replications, &growing),
    };
    found.verdicts.extend(growing.iter().map(|one| words::growth(model, replications, one)));
    if let (Some(last), Some(affected)) = (found.verdicts.last_mut(), words::affected(model, &found.held)) {
        *last += &format!("; {affected}");
    }
    found
}

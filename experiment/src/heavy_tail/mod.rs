//! Where laws without a second moment, or a fourth, leave means without intervals.
//!
//! The mean of n observations has an interval because of the central limit theorem, which asks for a finite variance. A Pareto law
//! without a maximum has only the moments below its alpha, and what waits in a queue behind it has fewer still. There the batches of a
//! run agree with each other by chance until the next huge value comes, so that an interval made of them holds the truth too
//! rarely. What is found from the plan: which means have no interval, and which do not even exist. Percentiles and shares exist always, and
//! keep theirs unless the time for which one huge value holds up a queue has no variance: then the requests above a limit come in
//! clusters whose size has none either, and their share settles slower than a central limit theorem says.

mod holding;
mod program;
mod spread;
mod tail;
#[cfg(test)]
mod tests;
mod words;

use crate::load_table::LoadTable;
use crate::metric::{Measure, Metric, Subject, Times};
use archsim_models::Plan;
use spread::{Spread, Tails};
pub use words::share_of_largest;
pub(crate) use words::undecidable;

/// The tail index that an interval needs.
const INTERVAL: f64 = 2.0;
/// The tail index that a mean needs.
const MEAN: f64 = 1.0;

/// What a law in a plan leaves without an interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// The part of the scenario.
    pub place: Place,
    /// What the law is about: "work", "gaps", "latency".
    pub of: &'static str,
    /// The alpha of the law.
    pub index: f64,
    /// Whether there is not even a mean of some times there.
    pub no_mean: bool,
}

/// Where a law stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At a component.
    Component(usize),
    /// At an edge.
    Edge(usize),
    /// At a traffic source.
    Source(usize),
}

/// What heavy tails leave without an interval; nothing where there are none.
#[derive(Clone, Debug, Default)]
pub struct HeavyTails {
    tails: Option<Tails>,
    /// Whether no more than so many can be held up by one huge value.
    limited: bool,
    /// The laws that are responsible.
    pub causes: Vec<Cause>,
}

impl HeavyTails {
    /// Those of a plan. `terminating` says whether the length of the run is part of the question: then no queue is longer than that.
    pub fn of(plan: &Plan, load: &LoadTable, terminating: bool) -> Self {
        let spread = Spread::new(plan, load, terminating);
        let tails = spread.tails();
        let causes = tails.as_ref().map_or(vec![], |tails| words::causes(&spread, tails));
        HeavyTails { limited: spread.limited, tails, causes }
    }

    /// Whether a metric has no interval.
    pub fn without_interval(&self, metric: &Metric) -> bool {
        self.tails.as_ref().is_some_and(|tails| {
            let clusters = if self.limited { f64::INFINITY } else { clusters(tails, metric) };
            index(tails, metric).min(clusters) <= INTERVAL
        })
    }

    /// Whether a metric has no mean that a longer run would come closer to.
    pub fn without_mean(&self, metric: &Metric) -> bool {
        self.tails.as_ref().is_some_and(|tails| index(tails, metric) <= MEAN)
    }
}

/// The tail index of what a rare event adds to the sum that a metric is made of.
fn index(tails: &Tails, metric: &Metric) -> f64 {
    match metric.subject {
        Subject::Classes(first, count) => {
            let classes = first..first + count;
            classes.map(|class| of_class(tails, class, metric.measure)).fold(f64::INFINITY, f64::min)
        }
        Subject::Component(at) | Subject::Instance(at, _) => of_component(tails, at, metric.measure),
        Subject::Edge(at) => match metric.measure {
            Measure::Mean(Times::PoolWait) => tails.pool[at].area,
            Measure::Deviation(Times::PoolWait) => tails.pool[at].square,
            _ => f64::INFINITY,
        },
        Subject::Topic(_) | Subject::All => f64::INFINITY,
    }
}

/// The tail index of how many requests in a row one rare event puts above a limit: what a share or a percentile is made of.
fn clusters(tails: &Tails, metric: &Metric) -> f64 {
    use Measure::*;
    match (&metric.subject, metric.measure) {
        (Subject::Classes(first, count), Quantile(..) | Above(..) | Errors | TimedOut) => {
            tails.class[*first..first + count].iter().map(|tail| tail.busy).fold(f64::INFINITY, f64::min)
        }
        (Subject::Component(_) | Subject::Instance(..), Quantile(Times::Service, _) | Above(Times::Service, _)) => {
            f64::INFINITY
        }
        (
            Subject::Component(at) | Subject::Instance(at, _),
            Quantile(..) | Above(..) | OutcomeShare(_) | WaitingPositive,
        ) => tails.sojourn[*at].busy.min(tails.wait[*at].busy),
        (Subject::Edge(at), Quantile(..) | Above(..)) => tails.pool[*at].busy,
        _ => f64::INFINITY,
    }
}

/// Waiting in queues: what only passes by itself is no part of it.
fn queueing(tail: &tail::Tail, index: f64) -> f64 {
    if tail.busy.is_finite() { index } else { f64::INFINITY }
}

fn of_class(tails: &Tails, class: usize, measure: Measure) -> f64 {
    let tail = &tails.class[class];
    match measure {
        Measure::Mean(Times::Queueing) => queueing(tail, tail.area),
        Measure::Deviation(Times::Queueing) => queueing(tail, tail.square),
        Measure::Mean(_) => tail.area,
        Measure::Deviation(_) => tail.square,
        Measure::Wanted | Measure::Goodput | Measure::Kept | Measure::UserRetries => tails.rate_of_class[class],
        _ => f64::INFINITY,
    }
}

fn of_component(tails: &Tails, at: usize, measure: Measure) -> f64 {
    use Measure::*;
    let (wait, sojourn, rate) = (&tails.wait[at], &tails.sojourn[at], tails.reached[at]);
    match measure {
        Mean(Times::Waiting | Times::Slowdown | Times::Age) | WaitingAll => wait.area,
        Deviation(Times::Waiting | Times::Slowdown | Times::Age) => wait.square,
        Mean(Times::Service) => tails.work[at],
        Deviation(Times::Service) => 0.5 * tails.work[at],
        Mean(_) => sojourn.area.min(wait.area),
        Deviation(_) => sojourn.square.min(wait.square),
        Queue | Lag => wait.area.min(rate),
        InFlight | Memory => sojourn.area.min(wait.area).min(rate),
        Utilization | UtilizationWorst | Cores(_) => tails.work[at].min(tails.away[at]).min(rate),
        Availability | Available => tails.away[at],
        Throughput | Arrivals => rate,
        _ => f64::INFINITY,
    }
}

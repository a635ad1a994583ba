//! The way back: at which loads does the system recover once it was tipped?
//!
//! A metastable system does not (Bronson et al., Metastable Failures in Distributed Systems, HotOS 2021): retries keep it overloaded at
//! a load that it bore before. At each load that is tried the traffic is raised for a while well beyond the answer, and the run shows
//! whether goodput and latency come back to what they were (see [`crate::recovery`]).

use super::Question;
use crate::model::Model;
use crate::report::{Status, Work};
use crate::run::Watch;
use crate::{assemble, check, study, vary};
use archsim_models::spec::{LoadSpec, TrafficSpec};

/// How the system comes back.
#[derive(Clone, Debug, PartialEq)]
pub enum Back {
    /// It comes back at this load, the highest that was tried: no hysteresis was found.
    Always {
        /// The load.
        at: f64,
        /// How it was tipped.
        tip: Tip,
    },
    /// It comes back up to `low`, and no more at `high`.
    Below {
        /// The highest load at which it came back.
        low: f64,
        /// The lowest at which it did not.
        high: f64,
        /// How it was tipped.
        tip: Tip,
    },
    /// It does not even come back at this load, the lowest that was tried.
    Never {
        /// The load.
        at: f64,
        /// How it was tipped.
        tip: Tip,
    },
    /// It was not tried, for this reason.
    NotTried(&'static str),
}

/// What tips a system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tip {
    /// The load for that time.
    pub load: f64,
    /// How long, in seconds.
    pub seconds: f64,
}

/// The load that tips, relative to the answer or to what the plan says can be borne, whichever is more.
const TIPPED: f64 = 1.5;
/// The highest load that is tried, relative to the answer: the queue that the tip leaves drains in a fraction of the time that is watched.
const HIGHEST: f64 = 0.9;
/// Each further one, relative to the one before, until it comes back.
const LOWER: f64 = 0.6;
/// So many of these at most.
const MOST_LOWER: u32 = 8;
/// The two ends are at most this far from each other, relative to the lower one.
const CLOSE: f64 = 0.05;
/// Requests at the answer's load in one run, before the end of which everything is over.
const REQUESTS: f64 = 40_000.0;
/// Simulated seconds of a run at least.
const SECONDS: f64 = 200.0;
/// A run is at least so many times as long as the longest time-out: callers have to give up for a while before they storm.
const TIMEOUTS: f64 = 100.0;
/// The tip begins after this share of a run.
const BEGINS: f64 = 0.15;
/// It takes this share of a run.
const LASTS: f64 = 0.05;
/// Replications; the system comes back if it does in all of them.
const REPLICATIONS: u32 = 3;

/// Tries the way back from an answer.
pub(super) fn back(
    question: &Question<'_>,
    first: &Model,
    answer: f64,
    bound: Option<f64>,
    watch: &dyn Watch,
) -> (Back, Work) {
    let mut work = Work::default();
    let Some(source) = question.raise.strip_suffix(".rate") else {
        return (Back::NotTried("only the rate of an open source can be raised for a while"), work);
    };
    let constant = |traffic: &TrafficSpec| match traffic {
        TrafficSpec::Open(open) => matches!(open.rate.value, LoadSpec::Constant(_)),
        TrafficSpec::Closed(_) => false,
    };
    if !first.setup.traffic.iter().any(|(name, traffic)| name == source && constant(traffic)) {
        return (Back::NotTried("only the constant rate of an open source can be raised for a while"), work);
    }
    if first.terminating {
        return (Back::NotTried("something else changes over time already"), work);
    }
    let timeouts =
        first.plan.edges.iter().map(|edge| edge.timeout).filter(|timeout| *timeout < archsim_core::Time::MAX);
    let longest = timeouts.map(|timeout| timeout.as_secs_f64()).fold(0.0, f64::max);
    let seconds = SECONDS.max(REQUESTS / answer).max(TIMEOUTS * longest);
    let tip = Tip { load: TIPPED * bound.map_or(answer, |bound| bound.max(answer)), seconds: LASTS * seconds };
    let mut comes_back = |load: f64| {
        let run = Run { question, source, load, tip, seconds, seed: first.run.seed };
        let (found, done) = run.comes_back(watch)?;
        work.requests += done.requests;
        work.events += done.events;
        Some(found)
    };
    let interrupted = Back::NotTried("interrupted");
    let (mut low, mut high) = (question.form.round(HIGHEST * answer), None);
    let mut tries = 0;
    loop {
        match comes_back(low) {
            None => return (interrupted, work),
            Some(true) => break,
            Some(false) => high = Some(low),
        }
        tries += 1;
        let next = question.form.round(LOWER * low);
        if tries > MOST_LOWER || next >= low {
            return (Back::Never { at: low, tip }, work);
        }
        low = next;
    }
    let Some(mut high) = high else { return (Back::Always { at: low, tip }, work) };
    while high > (1.0 + CLOSE) * low {
        let middle = question.form.round((low * high).sqrt());
        if middle <= low || middle >= high {
            break;
        }
        match comes_back(middle) {
            None => return (interrupted, work),
            Some(true) => low = middle,
            Some(false) => high = middle,
        }
    }
    (Back::Below { low, high, tip }, work)
}

/// A run that is tipped.
struct Run<'a> {
    question: &'a Question<'a>,
    source: &'a str,
    load: f64,
    tip: Tip,
    seconds: f64,
    seed: u64,
}

impl Run<'_> {
    fn model(&self) -> Option<Model> {
        let Run { question, source, load, tip, seconds, seed } = self;
        let spike = format!(
            "[Spike(traffic: \"{source}\", at: \"{}s\", for: \"{}s\", factor: {:.6})]",
            BEGINS * seconds,
            tip.seconds,
            tip.load / load
        );
        let run = format!("(duration: \"{seconds}s\", replications: {REPLICATIONS}, seed: {seed})");
        let settings = [
            (question.raise.clone(), question.form.text(*load)),
            ("faults".to_owned(), spike),
            ("run".to_owned(), run),
            ("slos".to_owned(), "[]".to_owned()),
        ];
        let text = vary::set_all(question.source, &settings).ok()?;
        let mut model = check::check_alone(&text, question.files).model?;
        model.experiments.clear();
        Some(model)
    }

    /// Whether it comes back in every replication; none if it was interrupted.
    fn comes_back(&self, watch: &dyn Watch) -> Option<(bool, Work)> {
        let model = self.model()?;
        let replications = study::replications(&model, 0, watch);
        if watch.cancelled() || replications.is_empty() {
            return None;
        }
        let report = assemble::report(&model, &replications);
        let recovery = report.get(&format!("{}.recovery", self.source))?;
        let out = matches!(recovery.status, Status::NotRecovered | Status::Stopped | Status::NoSteadyState);
        Some((!out && recovery.value.is_some(), report.work))
    }
}

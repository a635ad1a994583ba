//! The way back: at which loads does the system recover once it was tipped?
//!
//! A metastable system does not (Bronson et al., Metastable Failures in Distributed Systems, HotOS 2021): retries keep it overloaded at
//! a load that it bore before. At each load that is tried the traffic is raised for a while well beyond the answer, and the run shows
//! whether goodput and latency come back to what they were (see [`crate::recovery`]).

use super::Question;
use crate::model::Model;
use crate::report::{Estimate, Status, Verdict, Work};
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

/// A load that was tried once the system was tipped, and what users got there after the tip.
#[derive(Clone, Debug, PartialEq)]
pub struct Returned {
    /// The load.
    pub load: f64,
    /// Whether the system came back in every replication.
    pub recovers: bool,
    /// Requests answered ok, per second, in the last tenth of the run.
    pub goodput: Option<Estimate>,
    /// The metric of the objective that is nearest to failing in that time, with the objective; none where that cannot be measured for a
    /// part of a run.
    pub measured: Option<(String, Estimate)>,
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
/// What users get in the end is measured from this share of the run on.
const AFTERWARDS: f64 = 0.9;
/// Replications; the system comes back if it does in all of them.
const REPLICATIONS: u32 = 3;

/// Tries the way back from an answer.
pub(super) fn back(
    question: &Question<'_>,
    first: &Model,
    answer: f64,
    bound: Option<f64>,
    watch: &dyn Watch,
) -> (Back, (Vec<Returned>, Work)) {
    let (mut returned, mut work) = (vec![], Work::default());
    let back = search(question, first, answer, bound, &mut |run| {
        let (found, done) = run.returned(watch)?;
        work.requests += done.requests;
        work.events += done.events;
        returned.push(found);
        returned.last().map(|found| found.recovers)
    });
    returned.sort_by(|a: &Returned, b| a.load.total_cmp(&b.load));
    (back, (returned, work))
}

/// Whether the system comes back in a run; none if it was interrupted.
type Try<'a> = dyn FnMut(&Run<'_>) -> Option<bool> + 'a;

fn search(question: &Question<'_>, first: &Model, answer: f64, bound: Option<f64>, attempt: &mut Try<'_>) -> Back {
    let Some(source) = question.source_raised() else {
        return Back::NotTried("only the rate of an open source can be raised for a while");
    };
    let constant = |traffic: &TrafficSpec| match traffic {
        TrafficSpec::Open(open) => matches!(open.rate.value, LoadSpec::Constant(_)),
        TrafficSpec::Closed(_) => false,
    };
    if !first.setup.traffic.iter().any(|(name, traffic)| name == source && constant(traffic)) {
        return Back::NotTried("only the constant rate of an open source can be raised for a while");
    }
    if first.terminating {
        return Back::NotTried("something else changes over time already");
    }
    let timeouts =
        first.plan.edges.iter().map(|edge| edge.timeout).filter(|timeout| *timeout < archsim_core::Time::MAX);
    let longest = timeouts.map(|timeout| timeout.as_secs_f64()).fold(0.0, f64::max);
    let seconds = SECONDS.max(REQUESTS / answer).max(TIMEOUTS * longest);
    let tip = Tip { load: TIPPED * bound.map_or(answer, |bound| bound.max(answer)), seconds: LASTS * seconds };
    let mut comes_back = |load: f64| attempt(&Run { question, source, load, tip, seconds, seed: first.run.seed });
    let interrupted = Back::NotTried("interrupted");
    let (mut low, mut high) = (question.form.round(HIGHEST * answer), None);
    let mut tries = 0;
    loop {
        match comes_back(low) {
            None => return interrupted,
            Some(true) => break,
            Some(false) => high = Some(low),
        }
        tries += 1;
        let next = question.form.round(LOWER * low);
        if tries > MOST_LOWER || next >= low {
            return Back::Never { at: low, tip };
        }
        low = next;
    }
    let Some(mut high) = high else { return Back::Always { at: low, tip } };
    while high > (1.0 + CLOSE) * low {
        let middle = question.form.round((low * high).sqrt());
        if middle <= low || middle >= high {
            break;
        }
        match comes_back(middle) {
            None => return interrupted,
            Some(true) => low = middle,
            Some(false) => high = middle,
        }
    }
    Back::Below { low, high, tip }
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
    /// With what is asked of the last tenth, as far as that can be measured; else with no more than goodput there.
    fn model(&self) -> Option<Model> {
        let goodput = format!("{}.goodput > 0/s", self.source);
        let asked = self.question.until.iter().filter(|slo| slo.during.is_none()).map(|slo| slo.text.as_str());
        let all: Vec<&str> = [goodput.as_str()].into_iter().chain(asked).collect();
        self.asked(&all).or_else(|| self.asked(&[&goodput]))
    }

    fn asked(&self, objectives: &[&str]) -> Option<Model> {
        let Run { question, source, load, tip, seconds, seed } = self;
        let during = format!("(\"{}s\", \"{seconds}s\")", AFTERWARDS * seconds);
        let slos = objectives.iter().map(|text| format!("(check: {text:?}, during: {during})"));
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
            ("slos".to_owned(), format!("[{}]", slos.collect::<Vec<_>>().join(", "))),
        ];
        let text = vary::set_all(question.source, &settings).ok()?;
        let mut model = check::check_alone(&text, question.files).model?;
        model.experiments.clear();
        Some(model)
    }

    /// How it comes back; none if it was interrupted.
    fn returned(&self, watch: &dyn Watch) -> Option<(Returned, Work)> {
        let model = self.model()?;
        let replications = study::replications(&model, 0, watch);
        if watch.cancelled() || replications.is_empty() {
            return None;
        }
        let report = assemble::report(&model, &replications);
        let recovery = report.get(&format!("{}.recovery", self.source))?;
        let out = matches!(recovery.status, Status::NotRecovered | Status::Stopped | Status::NoSteadyState);
        let (goodput, asked) = report.slos.split_first()?;
        let worst = asked.iter().max_by_key(|slo| (slo.verdict == Verdict::Fail, slo.verdict != Verdict::Pass));
        let found = Returned {
            load: self.load,
            recovers: !out && recovery.value.is_some(),
            goodput: Some(goodput.measured),
            measured: worst.map(|slo| (slo.text.clone(), slo.measured)),
        };
        Some((found, report.work))
    }
}

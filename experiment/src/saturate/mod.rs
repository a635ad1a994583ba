//! The highest load that still meets the objectives: a stochastic root search between bounds that the plan already gives.
//!
//! Far from the answer short runs decide: each ends as soon as its interval lies on one side of the limit. Near it two long runs, a
//! little below and a little above and on the same random numbers, give level and slope; the interval of the answer is that of all
//! loads at which the level cannot be told from the limit (Fieller, Journal of the Royal Statistical Society B 16, 1954).

mod back;
mod band;
mod bound;
mod flow;
mod probe;
mod root;

use crate::heavy_tail::undecidable;
use crate::model::Slo;
use crate::precision::FIRST_LOOK;
use crate::report::Work;
use crate::run::Watch;
use archsim_language::{Diagnostic, Source};
pub use back::{Back, Returned, Tip};
pub use band::{Band, Fall};
pub use bound::{Bound, bound};
pub use flow::Flow;
pub use probe::{Form, Probe};
use probe::{Near, Prober};
use root::Level;

/// What is asked.
pub struct Question<'a> {
    /// The scenario.
    pub source: &'a Source,
    /// Reads the files that it names.
    pub files: &'a (dyn Fn(&str) -> Result<String, String> + Sync),
    /// The path that is raised: "users.rate".
    pub raise: String,
    /// How its values are written.
    pub form: Form,
    /// Where the search begins and ends.
    pub range: (f64, f64),
    /// What must hold; only a steady state where there is nothing.
    pub until: Vec<Slo>,
    /// Half-width of the answer that is asked, relative to it. Default 1 %.
    pub precision: f64,
}

impl Question<'_> {
    /// The source whose rate is raised; none if something else is.
    fn source_raised(&self) -> Option<&str> {
        self.raise.strip_suffix(".rate")
    }
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// The objectives hold up to this value; the interval holds the true one.
    UpTo {
        /// The best guess.
        value: f64,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
        /// Whether the interval is as narrow as asked.
        precise: bool,
    },
    /// They hold at the highest value that was allowed.
    Everywhere(f64),
    /// They do not even hold at the lowest one.
    Nowhere(f64),
    /// The search was interrupted between these values.
    Interrupted(f64, f64),
}

/// A search and what it found.
#[derive(Clone, Debug)]
pub struct Saturation {
    /// Name of the scenario.
    pub scenario: String,
    /// Every value that was tried, in the order of the search.
    pub probes: Vec<Probe>,
    /// The answer.
    pub answer: Answer,
    /// Where the plan says that the first component is full.
    pub bound: Option<Bound>,
    /// The loads at which chance decides whether it collapses; none where it was not seen to.
    pub band: Option<Band>,
    /// The objective that fails first above the answer.
    pub binding: Option<String>,
    /// The busiest component at the answer and its busy share.
    pub busiest: Option<(String, f64)>,
    /// How it comes back once it was tipped; none where there is no answer to go beyond.
    pub back: Option<Back>,
    /// The loads that were tried on the way back, in rising order.
    pub returned: Vec<Returned>,
    /// What the way back took.
    pub back_work: Work,
    /// The confidence of the interval.
    pub confidence: f64,
    /// Seed.
    pub seed: u64,
}

impl Saturation {
    /// What the run loops did for all values together.
    pub fn work(&self) -> Work {
        let sum = |of: fn(&Probe) -> u64| self.probes.iter().map(of).sum::<u64>();
        let Work { events, requests } = self.back_work;
        Work { events: events + sum(|probe| probe.events), requests: requests + sum(|probe| probe.requests) }
    }
}

/// The half-width of a metric that ends a short run, relative to its value.
const COARSE: f64 = 0.25;
/// Where a component is as good as full.
const NEARLY_FULL: f64 = 0.97;
/// A load that is clearly too much for it.
const BEYOND: f64 = 1.05;
/// Short runs at most.
const MOST_PROBES: usize = 24;
/// The long runs lie so many half-widths of the answer below and above the guess.
const APART: f64 = 1.5;
/// Requests of a long run at most.
const MOST_REQUESTS: f64 = 50e6;
/// The slope of a level on the scale is taken to lie between these: a latency has about 1.
const FLATTEST: f64 = 0.3;
/// See [`FLATTEST`]. Believing in more would make the runs too short to know their own error.
const STEEPEST: f64 = 2.0;
/// The same where the scale is the logarithm of the load: a latency at load 0.9 rises ten times as fast as that.
const STEEPEST_ON_LOGS: f64 = 10.0;
/// A half-width within this of the one asked is narrow enough.
const ENOUGH: f64 = 1.25;
/// One that is wider than this many times the half-width asked is not shown if longer runs may help.
const USEFUL: f64 = 2.0;
/// The first pair is so much of what the short runs call for.
const PILOT: f64 = 0.25;
/// The second pair is at least so many times as long as the first, for short runs know their own error badly.
const LEAST_LONGER: f64 = 2.0;
/// Requests of the runs of a second pair at least: near saturation requests are alike for thousands of others, and shorter runs call their
/// interval too narrow (measured for M/M/16 at load 0.93: from 200,000 requests 85 % of the intervals held the answer).
const LEAST_REQUESTS: f64 = 1e6;
/// And at most so many times.
const MOST_LONGER: f64 = 32.0;
/// Pairs of long runs at most.
const MOST_PAIRS: u64 = 4;

/// Searches.
///
/// # Errors
/// The text and what is wrong with it at the lowest value.
pub fn saturate(question: &Question<'_>, watch: &dyn Watch) -> Result<Saturation, (Source, Vec<Diagnostic>)> {
    let prober = Prober::new(question);
    let (from, to) = question.range;
    let first = prober.model(from)?;
    if let Some(slo) = question.until.iter().find(|slo| first.heavy.without_interval(&slo.metric)) {
        return Err((question.source.clone(), vec![undecidable(question.source, &slo.text, &slo.metric)]));
    }
    let bound = bound(&|value| prober.model(value).ok(), question.range);
    let mut search = Search {
        question,
        prober,
        watch,
        probes: vec![],
        low: None,
        high: None,
        bound: bound.as_ref().map(|b| b.value),
        undecidable: None,
        tipped: false,
        band: None,
    };
    let answer = search.run(from, to);
    if let Some(finding) = search.undecidable {
        return Err((question.source.clone(), vec![finding]));
    }
    let at = match answer {
        Answer::UpTo { value, .. }
        | Answer::Everywhere(value)
        | Answer::Nowhere(value)
        | Answer::Interrupted(value, _) => value,
    };
    let mut near: Vec<&Probe> = search.probes.iter().collect();
    near.sort_by(|a, b| (a.value - at).abs().total_cmp(&(b.value - at).abs()));
    let busiest = near.iter().find(|probe| probe.is_steady()).and_then(|probe| probe.busiest.clone());
    let binding = near.iter().find(|probe| probe.holds != Some(true)).and_then(|probe| probe.worst.clone());
    let back = match answer {
        Answer::UpTo { value, .. } if !watch.cancelled() => {
            Some(back::back(question, &first, value, search.bound, watch))
        }
        _ => None,
    };
    let (back, (returned, back_work)) = back.map_or((None, Default::default()), |(back, way)| (Some(back), way));
    Ok(Saturation {
        scenario: first.name.clone(),
        back,
        returned,
        back_work,
        answer,
        bound,
        band: search.band,
        binding,
        busiest,
        confidence: first.run.confidence,
        seed: first.run.seed,
        probes: search.probes,
    })
}

/// The same at a value, where fewer servers are to spare than at the lowest.
fn undecidable_at(question: &Question<'_>, value: f64, slo: &Slo) -> Diagnostic {
    let finding = undecidable(question.source, &slo.text, &slo.metric);
    let (at, raise) = (question.form.text(value), &question.raise);
    Diagnostic { message: format!("at {raise} = {at} {}", finding.message), ..finding }
        .with_help(format!("or search below it: --to {at}"))
}

/// A search on its way.
struct Search<'a> {
    question: &'a Question<'a>,
    prober: Prober<'a>,
    watch: &'a dyn Watch,
    probes: Vec<Probe>,
    /// Index of the highest probe that holds.
    low: Option<usize>,
    /// Index of the lowest probe that does not.
    high: Option<usize>,
    bound: Option<f64>,
    /// Why the search cannot go on: an objective without an interval at a value that it came to.
    undecidable: Option<Diagnostic>,
    /// Whether chance decided at some load whether the system collapses.
    tipped: bool,
    /// Where it does.
    band: Option<Band>,
}

impl Search<'_> {
    /// Whether it ends without an answer.
    fn is_over(&self) -> bool {
        self.watch.cancelled() || self.undecidable.is_some()
    }

    fn run(&mut self, from: f64, to: f64) -> Answer {
        let found = self.bracket(from, to);
        if self.tipped && !self.is_over() {
            return self.band();
        }
        if let Some(answer) = found {
            return answer;
        }
        for _ in 0..MOST_PROBES {
            let (low, high) = self.ends();
            if self.is_over() {
                return Answer::Interrupted(low, high);
            }
            let next = self.question.form.round(self.next(low, high));
            if high <= low * (1.0 + 2.0 * self.question.precision) || next <= low || next >= high {
                return self.between(true);
            }
            let answer = self.near().and_then(|guess| self.refine(guess));
            if self.tipped {
                return self.band();
            }
            if let Some(answer) = answer {
                return answer;
            }
            self.probe(next);
            if self.tipped && !self.is_over() {
                return self.band();
            }
        }
        self.between(false)
    }

    /// Finds one value that holds and one that does not; what is already an answer ends the search.
    fn bracket(&mut self, from: f64, to: f64) -> Option<Answer> {
        self.probe(self.bound.map_or((from * to).sqrt(), |bound| 0.7 * bound).clamp(from, to));
        while self.low.is_none() && !self.is_over() && !self.tipped {
            let lowest = self.probes.iter().map(|probe| probe.value).fold(to, f64::min);
            if lowest <= from {
                return Some(Answer::Nowhere(from));
            }
            self.probe((0.5 * lowest).max(from));
        }
        while self.high.is_none() && !self.is_over() && !self.tipped {
            let highest = self.probes.iter().map(|probe| probe.value).fold(from, f64::max);
            if highest >= to {
                return Some(Answer::Everywhere(to));
            }
            // Overload costs more than it tells: the bound is passed only when nothing below it fails.
            let next = match self.bound.filter(|bound| *bound > highest) {
                Some(bound) if highest < NEARLY_FULL * bound => 0.5 * (highest + bound),
                Some(bound) => BEYOND * bound,
                None => 2.0 * highest,
            };
            self.probe(next.min(to));
        }
        (self.low.is_none() || self.high.is_none()).then_some(Answer::Interrupted(from, to))
    }

    /// The interval that short runs leave: from the highest value that holds to the lowest that does not.
    fn between(&self, precise: bool) -> Answer {
        let (low, high) = self.ends();
        Answer::UpTo { value: (low * high).sqrt(), low, high, precise }
    }

    fn ends(&self) -> (f64, f64) {
        let at = |index: Option<usize>, other: f64| index.map_or(other, |at| self.probes[at].value);
        (at(self.low, self.question.range.0), at(self.high, self.question.range.1))
    }

    /// A short run at a value.
    fn probe(&mut self, value: f64) {
        match self.prober.probe(self.question.form.round(value), COARSE, self.watch) {
            Some(Ok(probe)) => self.take(probe),
            Some(Err(slo)) => self.undecidable = Some(undecidable_at(self.question, value, &slo)),
            None => {}
        }
    }

    /// Keeps a probe, and narrows the bracket if it decides.
    fn take(&mut self, probe: Probe) {
        let at = |index: Option<usize>| index.map(|at: usize| self.probes[at].value);
        let index = Some(self.probes.len());
        self.tipped |= probe.tipped;
        match probe.holds {
            Some(true) if at(self.low).is_none_or(|low| low < probe.value) => self.low = index,
            Some(false) if at(self.high).is_none_or(|high| high > probe.value) => self.high = index,
            _ => {}
        }
        self.probes.push(probe);
    }

    /// The level of a probe; none where it has no steady state.
    fn level(&self, probe: &Probe) -> Option<Level> {
        let below = self.bound.is_none_or(|bound| probe.value < bound);
        let at = root::scale(probe.value, self.bound);
        (probe.level.is_finite() && below).then(|| Level { at, level: probe.level, errors: vec![] })
    }

    /// The two known levels next to the limit: one on each side of it where there are such, else the two nearest.
    fn nearest(&self) -> Option<(Level, Level)> {
        let mut known: Vec<Level> = self.probes.iter().filter_map(|probe| self.level(probe)).collect();
        known.sort_by(|a, b| a.level.abs().total_cmp(&b.level.abs()));
        let nearest = known.first()?.clone();
        let differs = |other: &&Level| other.at != nearest.at;
        let across = |other: &&Level| other.level * nearest.level <= 0.0;
        let others = || known.iter().skip(1).filter(differs);
        let other = others().find(across).or_else(|| others().next())?.clone();
        Some((nearest, other))
    }

    /// Where the straight line through them crosses the limit.
    fn crossing(&self) -> Option<f64> {
        let (nearest, other) = self.nearest()?;
        root::crossing(&nearest, &other).map(|at| root::unscale(at, self.bound))
    }

    /// The next value to try: where the line crosses the limit, not too near to an end; else the middle.
    fn next(&self, low: f64, high: f64) -> f64 {
        let middle = 0.5 * (low + high);
        self.crossing().unwrap_or(middle).clamp(low + 0.1 * (high - low), high - 0.1 * (high - low))
    }

    /// Where long runs are worth their while: a probe could not be told from the limit, or the bracket is narrow.
    fn near(&self) -> Option<f64> {
        let (low, high) = self.ends();
        let undecided = self.probes.iter().rev().find(|probe| probe.holds.is_none() && probe.level.is_finite());
        let narrow = high <= low * (1.0 + 10.0 * self.question.precision);
        let levels = self.probes.iter().filter(|probe| self.level(probe).is_some()).count();
        let guess = self.crossing().filter(|guess| *guess > low && *guess < high);
        (levels > 1 && (undecided.is_some() || narrow)).then(|| guess.or(undecided.map(|p| p.value)).unwrap_or(low))
    }

    /// Two values around a guess, and how long to run at them for an answer as precise as asked, by what the short runs say.
    fn plan(&self, guess: f64) -> Option<Near> {
        let known = self.probes.iter().filter(|probe| probe.half.is_finite() && probe.half > 0.0);
        let reference = known.min_by(|a, b| (a.value - guess).abs().total_cmp(&(b.value - guess).abs()))?;
        let near = self.around(guess, FIRST_LOOK as f64, reference.seconds / reference.requests.max(1) as f64);
        let width = root::scale(near.above, self.bound) - root::scale(near.below, self.bound);
        let (nearest, other) = self.nearest()?;
        let slope = (other.level - nearest.level) / (other.at - nearest.at);
        let steepest = if self.bound.is_some() { STEEPEST } else { STEEPEST_ON_LOGS };
        let half = slope.clamp(FLATTEST, steepest) * width / (2.0 * APART);
        let requests = reference.requests as f64 * (reference.half / half).powi(2);
        Some(Near { requests: requests.clamp(FIRST_LOOK as f64, MOST_REQUESTS), ..near })
    }

    fn around(&self, guess: f64, requests: f64, seconds_each: f64) -> Near {
        let apart = APART * self.question.precision * guess;
        let most = self.bound.map_or(f64::INFINITY, |bound| 0.5 * (guess + bound));
        let most = if most > guess { most } else { f64::INFINITY };
        Near { below: guess - apart, above: (guess + apart).min(most), bound: self.bound, requests, seconds_each }
    }

    /// Two runs around the guess say where the answer is and how long runs for it have to be, and two long runs there give it. Those have
    /// random numbers of their own and no say in when to stop: an interval that ends a search because it happens to be narrow lies too
    /// high too often (two-stage sampling: Stein, Annals of Mathematical Statistics 16, 1945). Again if the guess was far off. None if
    /// the objective fails between the two without a slope, or they cannot be run: then the bracket decides.
    fn refine(&mut self, guess: f64) -> Option<Answer> {
        let plan = self.plan(guess)?;
        let mut near = Near { requests: (PILOT * plan.requests.max(LEAST_REQUESTS)).max(FIRST_LOOK as f64), ..plan };
        let mut best = None;
        for round in 1..=MOST_PAIRS {
            let Some(found) = self.prober.pair(&near, round, self.watch) else { break };
            found.probes.into_iter().for_each(|probe| self.take(probe));
            let Some((value, low, high)) = found.root else { break };
            let high = high.min(self.bound.filter(|bound| *bound > value).unwrap_or(high));
            let (half, apart) = (0.5 * (high - low) / value, near.above - near.below);
            let precise = half <= ENOUGH * self.question.precision;
            best = Some(Answer::UpTo { value, low, high, precise });
            let useful = half <= USEFUL * self.question.precision;
            if round > 1 && useful && value > near.below - apart && value < near.above + apart {
                break;
            }
            let longer = (half / self.question.precision).powi(2).clamp(LEAST_LONGER, MOST_LONGER);
            let requests = if round == 1 || !useful { near.requests * longer } else { near.requests };
            let guess = value.clamp(self.question.range.0, self.question.range.1);
            near = self.around(guess, requests.clamp(LEAST_REQUESTS, MOST_REQUESTS), near.seconds_each);
        }
        best
    }
}

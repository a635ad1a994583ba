//! `manifest.json`, `summary.json`, `slos.json`, `ledger.json` and the document of `--json`.

use crate::clock::Timing;
use crate::table::sweep::bare;
use archsim_experiment::compare::{Comparison, Difference};
use archsim_experiment::ledger::Ledger;
use archsim_experiment::planning::{Fate, Planned, Question, Trial};
use archsim_experiment::report::{Estimate, Report, SloVerdict, SweepReport, Verdict};
use archsim_experiment::sample::correlation::Correlation;
use archsim_experiment::saturate::{Answer, Back, Band, Fall, Flow, Probe, Returned, Saturation, Tip};
use archsim_experiment::theory::Comparisons;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// What depends on the command, the machine and the time of day.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Manifest {
    /// Version of the program.
    pub(crate) archsim: &'static str,
    /// The words of the command line.
    pub(crate) command: Vec<String>,
    /// Name of the scenario.
    pub(crate) scenario: String,
    /// Changes made by the command line.
    pub(crate) changed: Vec<String>,
    /// Seed.
    pub(crate) seed: u64,
    /// Replications of each point that were asked for.
    pub(crate) replications: u32,
    /// Threads.
    pub(crate) threads: usize,
    /// Time of day at the start, UTC.
    pub(crate) started: String,
    /// Whether Ctrl-C ended it early.
    pub(crate) interrupted: bool,
    /// What the run loops cost.
    pub(crate) timing: Timing,
}

/// Every metric by name, in the order of the catalogue.
pub(crate) struct Summary<'a>(pub(crate) &'a [(String, Estimate)]);

impl Serialize for Summary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, estimate)| (name, estimate)))
    }
}

/// The verdict on an SLO.
#[derive(Serialize)]
struct Slo<'a> {
    check: &'a str,
    name: Option<&'a str>,
    metric: &'a str,
    comparison: &'static str,
    limit: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    during_s: Option<(f64, f64)>,
    verdict: Verdict,
    margin: Option<f64>,
    measured: &'a Estimate,
}

impl<'a> From<&'a SloVerdict> for Slo<'a> {
    fn from(slo: &'a SloVerdict) -> Self {
        Slo {
            check: &slo.text,
            name: slo.name.as_deref(),
            metric: &slo.metric,
            comparison: slo.comparison,
            limit: slo.limit,
            during_s: slo.during,
            verdict: slo.verdict,
            margin: slo.margin,
            measured: &slo.measured,
        }
    }
}

/// The verdicts on the SLOs, in file order.
pub(crate) struct Slos<'a>(pub(crate) &'a [SloVerdict]);

impl Serialize for Slos<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Slo::from))
    }
}

/// A point of a sweep.
#[derive(Serialize)]
struct Point<'a> {
    settings: Settings<'a>,
    summary: Summary<'a>,
    slos: Slos<'a>,
}

/// Varied paths with their values.
struct Settings<'a>(&'a SweepReport, &'a [String]);

impl Serialize for Settings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.axes.iter().map(|(path, _)| path).zip(self.1.iter().map(|value| setting(value))))
    }
}

/// A setting: numbers and truth values as such, the rest as text.
fn setting(text: &str) -> Value {
    match serde_json::from_str(&text.replace('_', "")) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => Value::from(bare(text)),
    }
}

/// The points of a sweep, in the order of the grid.
struct Points<'a>(&'a SweepReport);

impl Serialize for Points<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.points.iter().map(|point| Point {
            settings: Settings(self.0, &point.settings),
            summary: Summary(&point.report.summary),
            slos: Slos(&point.report.slos),
        }))
    }
}

/// The document of `archsim run --json`.
#[derive(Serialize)]
struct RunDocument<'a> {
    manifest: &'a Manifest,
    summary: Summary<'a>,
    slos: Slos<'a>,
    ledger: &'a Ledger,
    #[serde(skip_serializing_if = "Option::is_none")]
    theory: Option<&'a Comparisons>,
}

/// The document of `archsim sweep --json`: the summaries and verdicts are those of the points.
#[derive(Serialize)]
struct SweepDocument<'a> {
    manifest: &'a Manifest,
    summary: Option<Summary<'a>>,
    slos: Option<Slos<'a>>,
    measure: &'a [String],
    points: Points<'a>,
    /// Of a sample: what moves each metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    correlations: Option<&'a [Correlation]>,
}

/// JSON with line breaks.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    // Maps with text keys and finite or null numbers: there is nothing in them that JSON could not say.
    serde_json::to_string_pretty(value).expect("results are valid JSON") + "\n"
}

/// The document of `archsim run --json`.
pub(crate) fn run(manifest: &Manifest, report: &Report, ledger: &Ledger, theory: Option<&Comparisons>) -> String {
    pretty(&RunDocument { manifest, summary: Summary(&report.summary), slos: Slos(&report.slos), ledger, theory })
}

/// The document of `archsim sweep --json`.
pub(crate) fn sweep(manifest: &Manifest, sweep: &SweepReport, correlations: Option<&[Correlation]>) -> String {
    let (measure, points) = (&sweep.measure[..], Points(sweep));
    pretty(&SweepDocument { manifest, summary: None, slos: None, measure, points, correlations })
}

/// The document of `archsim sweep --shard --json`: which part, of how many, and how many of its points are there.
pub(crate) fn shard(manifest: &Manifest, (number, of): (usize, usize), done: usize, points: usize) -> String {
    let shard = json!({ "number": number, "of": of, "points": points, "done": done });
    pretty(&json!({ "manifest": manifest, "summary": null, "slos": null, "shard": shard }))
}

/// The document of `archsim compare --json`.
#[derive(Serialize)]
struct CompareDocument<'a> {
    manifest: &'a Manifest,
    summary: Option<Summary<'a>>,
    slos: Option<Slos<'a>>,
    measure: &'a [String],
    points: Points<'a>,
    comparison: Differences<'a>,
}

/// What was compared, and what differs.
#[derive(Serialize)]
struct Differences<'a> {
    against: &'a str,
    /// The instant up to which all were one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    from_s: Option<f64>,
    /// All intervals hold together with this confidence.
    confidence: f64,
    /// So many intervals share the doubt (Bonferroni).
    family: usize,
    differences: &'a [Difference],
}

impl<'a> From<&'a Comparison> for Differences<'a> {
    fn from(comparison: &'a Comparison) -> Self {
        let Comparison { against, confidence, family, differences, from, .. } = comparison;
        Differences { against: bare(against), from_s: *from, confidence: *confidence, family: *family, differences }
    }
}

/// The document of `archsim compare --json`.
pub(crate) fn comparison(manifest: &Manifest, comparison: &Comparison) -> String {
    let points = &comparison.points;
    pretty(&CompareDocument {
        manifest,
        summary: None,
        slos: None,
        measure: &points.measure,
        points: Points(points),
        comparison: comparison.into(),
    })
}

/// The answer of a search, and how it was found.
#[derive(Serialize)]
struct Search<'a> {
    raise: &'a str,
    until: Vec<&'a str>,
    answer: Value,
    confidence: f64,
    /// The objective that fails first above the answer.
    binding: Option<&'a str>,
    /// The busiest component near the answer.
    busiest: Option<Value>,
    /// Where the plan says that the first component is full.
    bound: Option<Value>,
    /// The loads at which chance decides whether it collapses.
    band: Option<Value>,
    /// How it comes back once it was tipped.
    back: Option<Value>,
    requests: u64,
    probes: Vec<Value>,
}

fn band(band: &Band) -> Value {
    let fall = |fall: &Fall| json!({ "value": fall.value, "tipped": fall.tipped, "runs": fall.of });
    let falls: Vec<Value> = band.falls.iter().map(fall).collect();
    let first = band.first().map(|fall| fall.value);
    json!({ "safe": band.safe(), "first": first, "all": band.last(), "requests": band.requests, "falls": falls })
}

fn way_back(back: &Back, returned: &[Returned]) -> Value {
    let tried = |one: &Returned| {
        let measured = one.measured.as_ref().map(|(objective, e)| json!({ "objective": objective, "measured": e }));
        json!({ "load": one.load, "recovers": one.recovers, "goodput": one.goodput, "worst": measured })
    };
    let mut value = ending(back);
    value["tried"] = returned.iter().map(tried).collect();
    value
}

fn ending(back: &Back) -> Value {
    let tip = |tip: &Tip| json!({ "load": tip.load, "seconds": tip.seconds });
    match back {
        Back::Always { at, tip: by } => json!({ "recovers": "always", "at": at, "tip": tip(by) }),
        Back::Below { low, high, tip: by } => json!({ "recovers": "below", "low": low, "high": high, "tip": tip(by) }),
        Back::Never { at, tip: by } => json!({ "recovers": "never", "at": at, "tip": tip(by) }),
        Back::NotTried(why) => json!({ "recovers": "not_tried", "why": why }),
    }
}

fn flow(flow: &Flow) -> Value {
    let attempts = flow.attempts.iter().map(|(call, attempts)| (call.clone(), json!(attempts)));
    json!({ "goodput": flow.goodput, "attempts": Value::Object(attempts.collect()) })
}

/// The document of `archsim saturate --json`: what was found, with the manifest; without it `summary.json`.
pub(crate) fn saturation(manifest: Option<&Manifest>, raise: &str, until: &[String], found: &Saturation) -> String {
    let answer = match found.answer {
        Answer::UpTo { value, low, high, precise } => {
            json!({ "holds": "up_to", "value": value, "low": low, "high": high, "precise": precise })
        }
        Answer::Everywhere(to) => json!({ "holds": "everywhere", "to": to }),
        Answer::Nowhere(from) => json!({ "holds": "nowhere", "from": from }),
        Answer::Interrupted(low, high) => json!({ "holds": "interrupted", "low": low, "high": high }),
    };
    let probe = |p: &Probe| {
        let flow = p.flow.as_ref().map(flow);
        json!({ "value": p.value, "holds": p.holds, "objective": p.worst, "measured": p.measured, "requests": p.requests, "flow": flow })
    };
    let busy = |(component, busy): &(String, f64)| json!({ "component": component, "utilization": busy });
    let search = Search {
        raise,
        until: until.iter().map(String::as_str).collect(),
        answer,
        confidence: found.confidence,
        binding: found.binding.as_deref(),
        busiest: found.busiest.as_ref().map(busy),
        bound: found.bound.as_ref().map(|bound| json!({ "component": bound.component, "value": bound.value })),
        band: found.band.as_ref().map(band),
        back: found.back.as_ref().map(|back| way_back(back, &found.returned)),
        requests: found.work().requests,
        probes: found.probes.iter().map(probe).collect(),
    };
    match manifest {
        Some(manifest) => pretty(&json!({ "manifest": manifest, "summary": null, "slos": null, "search": search })),
        None => pretty(&search),
    }
}

/// `differences.json`.
pub(crate) fn differences(comparison: &Comparison) -> String {
    pretty(&Differences::from(comparison))
}

/// `summary.json` of a sweep.
pub(crate) fn points(sweep: &SweepReport) -> String {
    pretty(&Points(sweep))
}

/// The document of `archsim plan --json`: what was found, with the manifest; without it `summary.json`.
pub(crate) fn plan(manifest: Option<&Manifest>, question: &Question<'_>, found: &Planned) -> String {
    let settings = |index: usize| {
        let values = found.candidates.all[index].settings.iter();
        let settings = question.axes.iter().zip(values).map(|((path, _), value)| (path.clone(), json!(bare(value))));
        Value::Object(settings.collect())
    };
    let trial = |trial: &Trial| {
        let metrics = trial.shown.iter().map(|(name, estimate)| (name.clone(), json!(estimate)));
        json!({
            "settings": settings(trial.candidate),
            "cost": found.candidates.all[trial.candidate].cost,
            "full": trial.full,
            "verdict": trial.verdict,
            "summary": Value::Object(metrics.collect()),
            "slos": Slos(&trial.slos),
            "requests": trial.requests,
        })
    };
    let full = |index: usize| found.trial(index).map(trial);
    let fates: Vec<Value> =
        found.fates.iter().enumerate().map(|(index, fate)| fate_of(settings(index), fate)).collect();
    let plan = json!({
        "minimize": question.minimize.name,
        "keep": question.keep.iter().map(|slo| slo.text.as_str()).collect::<Vec<_>>(),
        "best": found.best.and_then(full),
        "runner_up": found.runner_up.and_then(full),
        "confidence": found.confidence,
        "requests": found.work().requests,
        "trials": found.trials.iter().map(trial).collect::<Vec<_>>(),
        "settings": fates,
    });
    match manifest {
        Some(manifest) => pretty(&json!({ "manifest": manifest, "summary": null, "slos": null, "plan": plan })),
        None => pretty(&plan),
    }
}

/// What became of a setting.
fn fate_of(settings: Value, fate: &Fate) -> Value {
    let word = match fate {
        Fate::Open => "not_run",
        Fate::Passes => "passes",
        Fate::Fails => "fails",
        Fate::Undecided => "undecided",
        Fate::Worse => "worse",
        Fate::Overloaded => "overloaded",
        Fate::Beyond => "too_expensive",
        Fate::Within(_) => "ruled_out",
    };
    json!({ "settings": settings, "fate": word })
}

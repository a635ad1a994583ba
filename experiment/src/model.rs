//! The model: a scenario as meant. Names are resolved, units converted, every problem found; it can be sent to any thread.

use crate::heavy_tail::HeavyTails;
use crate::load_table::LoadTable;
use crate::metric::{Catalogue, Subjects};
use crate::precision::Precision;
use crate::recovery::Disturbance;
use crate::scenario::{Experiment, RunSpec, Scenario, SloArgs, Warmup};
use crate::slo;
use archsim_core::Time;
use archsim_models::spec::{LoadSpec, TrafficSpec};
use archsim_models::{Plan, Setup, compile};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A checked scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// What it is about, in a sentence or two; may be empty.
    pub about: String,
    /// The text as run, with all overrides applied.
    pub text: String,
    /// Names and specs.
    pub setup: Setup,
    /// The compiled tables.
    pub plan: Arc<Plan>,
    /// Names of the key spaces, in the order of the plan.
    pub spaces: Arc<Vec<String>>,
    /// Every metric by name.
    pub catalogue: Arc<Catalogue>,
    /// How long, how often, which seed.
    pub run: RunSettings,
    /// Whether things change over time (a fault, a changing load, an SLO with `during`): fixed duration, nothing removed.
    pub terminating: bool,
    /// What must hold.
    pub slos: Vec<Slo>,
    /// What disturbs the run and is over before its end, so that a recovery can be measured; see [`crate::recovery`].
    pub disturbance: Option<Disturbance>,
    /// Faults for tables and charts.
    pub faults: Vec<FaultWindow>,
    /// What the plan says before anything runs.
    pub load: LoadTable,
    /// What heavy tails leave without an interval.
    pub heavy: HeavyTails,
    /// Named what-ifs: paths and the text of their values, for [`crate::vary::set_all`].
    pub variants: Vec<(String, Vec<(String, String)>)>,
    /// Named experiments as written.
    pub experiments: Vec<(String, Experiment)>,
}

impl Model {
    /// The model of a scenario in which no problem was found.
    ///
    /// # Panics
    /// If there is one: a name that does not resolve, an objective without a metric.
    pub(crate) fn new(scenario: &Scenario, text: &str) -> Self {
        let mut setup = setup(scenario);
        let terminating = is_terminating(scenario);
        let run = RunSettings::new(&scenario.run, terminating);
        let load = LoadTable::new(&setup, run.duration);
        setup.lookup_rates = load.lookup_rates.clone();
        let plan = compile(&setup);
        let edges = plan.edges.iter().map(|edge| edge.name.clone()).collect();
        let topics = plan.topics.iter().map(|topic| topic.name.clone()).collect();
        let catalogue = Catalogue::new(&subjects(&setup, edges, topics, run.duration));
        let slos = scenario.slos.iter().map(|args| Slo::new(args, &catalogue)).collect();
        let heavy = HeavyTails::of(&plan, &load, terminating);
        Model {
            heavy,
            name: scenario.name.clone(),
            about: scenario.about.clone(),
            text: text.to_owned(),
            plan: Arc::new(plan),
            spaces: Arc::new(setup.keys.iter().map(|(name, _)| name.clone()).collect()),
            catalogue: Arc::new(catalogue),
            run,
            terminating,
            slos,
            disturbance: Disturbance::of(&setup, run.duration).ok(),
            faults: fault_windows(&setup),
            load,
            variants: scenario.variants.iter().map(|v| (v.name.value.clone(), v.settings())).collect(),
            experiments: scenario.experiments.iter().map(|(n, e)| (n.value.clone(), e.value.clone())).collect(),
            setup,
        }
    }
}

/// Names and specs of a scenario, without look-up rates.
pub(crate) fn setup(scenario: &Scenario) -> Setup {
    Setup {
        keys: scenario.keys.iter().map(|(name, at)| (name.value.clone(), at.value.clone())).collect(),
        components: scenario.components.iter().map(|(name, at)| (name.value.clone(), at.value.clone())).collect(),
        traffic: scenario.traffic.iter().map(|(name, at)| (name.value.clone(), at.value.clone())).collect(),
        edges: scenario.edges.iter().map(|line| (line.from.clone(), line.to.clone(), line.spec.clone())).collect(),
        faults: scenario.faults.iter().map(|at| at.value.clone()).collect(),
        lookup_rates: BTreeMap::new(),
    }
}

/// Everything that has metrics.
pub(crate) fn subjects(setup: &Setup, edges: Vec<String>, topics: Vec<String>, duration: Time) -> Subjects {
    let endpoints = |spec: &TrafficSpec| spec.common().mix.map(|mix| mix.keys().map(str::to_owned).collect());
    let sources = setup.traffic.iter().map(|(name, spec)| (name.clone(), endpoints(spec).unwrap_or_default()));
    let components = setup.components.iter().map(|(name, kind)| (name.clone(), kind.name(), kind.instance_count()));
    let no_recovery = Disturbance::of(setup, duration).err();
    Subjects { sources: sources.collect(), components: components.collect(), edges, topics, no_recovery }
}

/// Whether something changes over time.
pub(crate) fn is_terminating(scenario: &Scenario) -> bool {
    let changes = |spec: &TrafficSpec| match spec {
        TrafficSpec::Open(open) => !matches!(open.rate.value, LoadSpec::Constant(_)),
        TrafficSpec::Closed(_) => false,
    };
    scenario.faults.iter().any(|fault| !fault.value.is_steady())
        || scenario.traffic.iter().any(|(_, spec)| changes(spec))
        || scenario.slos.iter().any(|slo| slo.during.is_some())
}

fn fault_windows(setup: &Setup) -> Vec<FaultWindow> {
    let window = |fault: &archsim_models::spec::FaultSpec| {
        let (start, end) = fault.window();
        FaultWindow { label: fault.label(), start: start.0, end: end.map(|end| end.0) }
    };
    setup.faults.iter().filter(|fault| !fault.is_steady()).map(window).collect()
}

/// The `run` section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunSettings {
    /// Simulated time. Default 5 minutes.
    pub duration: Time,
    /// Start that is left out of every steady-state metric, where the file says how much; else 0.
    pub warmup: Time,
    /// Whether the run itself shows how much of its start is left out: the default, except in a terminating study.
    pub automatic_warmup: bool,
    /// Independent repetitions. Default 5.
    pub replications: u32,
    /// Seed of all random numbers. Default 1.
    pub seed: u64,
    /// Requests in flight at which a run ends with a verdict. Default 1,000,000.
    pub max_in_flight: u64,
    /// Confidence of the intervals. Default 0.95.
    pub confidence: f64,
    /// Precision that a steady-state run is extended to; without, it takes `duration`.
    pub precision: Option<Precision>,
}

impl RunSettings {
    /// The settings of a file with the defaults filled in.
    pub(crate) fn new(spec: &RunSpec, terminating: bool) -> Self {
        let duration = spec.duration.as_ref().map_or(Time::from_nanos(300_000_000_000), |duration| duration.value.0);
        let (warmup, automatic_warmup) = match spec.warmup.as_ref().map(|warmup| warmup.value) {
            _ if terminating => (Time::ZERO, false),
            Some(Warmup::Fixed(span)) => (span.0, false),
            None | Some(Warmup::Auto) => (Time::ZERO, true),
        };
        let confidence = spec.precision.as_ref().and_then(|precision| precision.value.confidence.as_ref());
        RunSettings {
            duration,
            warmup,
            automatic_warmup,
            confidence: confidence.map_or(0.95, |confidence| confidence.value.0),
            precision: spec.precision.as_ref().map(|precision| precision.value.filled()),
            replications: spec.replications.as_ref().map_or(5, |replications| replications.value),
            seed: spec.seed.unwrap_or(1),
            max_in_flight: spec.max_in_flight.as_ref().map_or(1_000_000, |most| most.value),
        }
    }
}

/// A service level objective: a metric, a comparison, a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// The text as written: "shoppers.checkout.p99 < 300ms".
    pub text: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Index of the metric in the catalogue, see [`Catalogue::find`].
    pub metric: crate::metric::Metric,
    /// The comparison.
    pub comparison: Comparison,
    /// The limit in the metric's unit.
    pub limit: f64,
    /// The limit as written: "300ms".
    pub limit_text: String,
    /// The window it holds for; the whole study without.
    pub during: Option<(Time, Time)>,
}

impl Slo {
    fn new(args: &SloArgs, catalogue: &Catalogue) -> Self {
        let slo = slo::parse(&args.check, catalogue).expect("objectives are checked");
        let during = args.during.as_ref().map(|during| (during.value.0.0, during.value.1.0));
        Slo { name: args.name.clone(), during, ..slo }
    }
}

/// How a metric is compared with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether a value meets the limit.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Comparison::Below => value < limit,
            Comparison::AtMost => value <= limit,
            Comparison::Above => value > limit,
            Comparison::AtLeast => value >= limit,
        }
    }
    /// As written.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Below => "<",
            Comparison::AtMost => "<=",
            Comparison::Above => ">",
            Comparison::AtLeast => ">=",
        }
    }
}

/// A fault's window, for tables and charts.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultWindow {
    /// "pricing 10x slower".
    pub label: String,
    /// From.
    pub start: Time,
    /// To; the end of the run without.
    pub end: Option<Time>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{check, check_alone};
    use archsim_language::Source;

    fn model(sections: &str) -> Model {
        let text = format!(
            r#"(
                name: "a", {sections}
                traffic: {{ "users": Open(to: "web", rate: 10, mix: {{ "get": 1, "put": (weight: 1, priority: 2) }}) }},
                components: {{
                    "web": Service(
                        concurrency: 5, admission: Priority, discipline: Priority(preemptive: true),
                        on: {{ "get": [Compute("1ms")], "put": [Call("db")] }},
                    ),
                    "db": Database(ops: {{ "write": Write("1ms") }}),
                }},
            )"#
        );
        let checked = check(&Source::new("a.ron", text), &|_| Err("there are no files".into()));
        let findings = format!("{:?}", checked.findings);
        checked.model.expect(&findings)
    }

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_run_has_defaults() {
        let model = model("");
        let expected = RunSettings {
            duration: Time::from_nanos(300 * SECOND),
            warmup: Time::ZERO,
            automatic_warmup: true,
            replications: 5,
            seed: 1,
            max_in_flight: 1_000_000,
            confidence: 0.95,
            precision: None,
        };
        assert_eq!(model.run, expected);
        assert!(!model.terminating);
        assert_eq!(
            model.plan.edges.iter().map(|edge| edge.name.as_str()).collect::<Vec<_>>(),
            ["web -> db", "users -> web"]
        );
        assert!(model.catalogue.find("users -> web.retries").is_ok());
        assert!(model.catalogue.find("users.put.p99").is_ok());
    }

    #[test]
    fn what_changes_over_time_is_studied_from_the_start() {
        let changing = model(r#"run: (warmup: "10s"), faults: [Slow(target: "db", at: "1m", for: "1m", factor: 2)],"#);
        assert!(changing.terminating);
        assert_eq!(changing.run.warmup, Time::ZERO);
        let end = Some(Time::from_nanos(120 * SECOND));
        let window = FaultWindow { label: "db 2x slower".into(), start: Time::from_nanos(60 * SECOND), end };
        assert_eq!(changing.faults, [window]);
        assert!(model(r#"slos: [(check: "users.p99 < 1s", during: ("1m", "2m"))],"#).terminating);
        let steady = model(r#"run: (warmup: "10s"), slos: ["users.p99 < 1s"],"#);
        assert_eq!((steady.terminating, steady.run.warmup), (false, Time::from_nanos(10 * SECOND)));
    }

    #[test]
    fn variants_and_experiments_travel_along_as_text() {
        let model = model(
            r#"variants: { "more": { "web.replicas": 3, "db.workers": 4 } },
               experiments: { "some": Sweep(vary: { "web.cpu": 1..=4 }, measure: ["users.p99"], variants: ["more"]) },
               edges: { "web -> db": (balance: PowerOfTwo) },"#,
        );
        let settings =
            [("web.replicas", "3"), ("db.workers", "4")].map(|(path, value)| (path.to_owned(), value.to_owned()));
        assert_eq!(model.variants, [("more".to_owned(), settings.to_vec())]);
        let (name, experiment) = &model.experiments[0];
        assert_eq!(name, "some");
        assert_eq!(experiment.vary(), [("web.cpu".to_owned(), "1..=4".to_owned())]);
        assert_eq!(
            (experiment.measure(), experiment.variants()),
            (vec!["users.p99".to_owned()], vec!["more".to_owned()])
        );
    }

    #[test]
    fn a_broken_variant_does_not_stop_the_file_alone() {
        let text = r#"(
            name: "a", traffic: { "users": Open(to: "web", rate: 10) },
            components: { "web": Service(on: { "get": [Compute("1ms")] }) },
            variants: { "none": { "web.replicas": 0 } },
        )"#;
        let source = Source::new("a.ron", text);
        assert!(check(&source, &|_| Err(String::new())).model.is_none());
        assert!(check_alone(&source, &|_| Err(String::new())).model.is_some());
    }
}

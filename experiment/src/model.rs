//! The model: a scenario as meant. Names are resolved, units converted, every problem found; it can be sent to any thread.

use crate::load_table::LoadTable;
use crate::metric::{Catalogue, Subjects};
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
    /// Faults for tables and charts.
    pub faults: Vec<FaultWindow>,
    /// What the plan says before anything runs.
    pub load: LoadTable,
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
        let catalogue = Catalogue::new(&subjects(&setup, edges, topics));
        let slos = scenario.slos.iter().map(|args| Slo::new(args, &catalogue)).collect();
        Model {
            name: scenario.name.clone(),
            about: scenario.about.clone(),
            text: text.to_owned(),
            plan: Arc::new(plan),
            spaces: Arc::new(setup.keys.iter().map(|(name, _)| name.clone()).collect()),
            catalogue: Arc::new(catalogue),
            run,
            terminating,
            slos,
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
pub(crate) fn subjects(setup: &Setup, edges: Vec<String>, topics: Vec<String>) -> Subjects {
    let endpoints = |spec: &TrafficSpec| spec.common().mix.map(|mix| mix.keys().map(str::to_owned).collect());
    let sources = setup.traffic.iter().map(|(name, spec)| (name.clone(), endpoints(spec).unwrap_or_default()));
    let components = setup.components.iter().map(|(name, kind)| (name.clone(), kind.name()));
    Subjects { sources: sources.collect(), components: components.collect(), edges, topics }
}

/// Whether something changes over time.
pub(crate) fn is_terminating(scenario: &Scenario) -> bool {
    let changes = |spec: &TrafficSpec| match spec {
        TrafficSpec::Open(open) => !matches!(open.rate.value, LoadSpec::Constant(_)),
        TrafficSpec::Closed(_) => false,
    };
    !scenario.faults.is_empty()
        || scenario.traffic.iter().any(|(_, spec)| changes(spec))
        || scenario.slos.iter().any(|slo| slo.during.is_some())
}

fn fault_windows(setup: &Setup) -> Vec<FaultWindow> {
    let window = |fault: &archsim_models::spec::FaultSpec| {
        let (start, end) = fault.window();
        FaultWindow { label: fault.label(), start: start.0, end: end.map(|end| end.0) }
    };
    setup.faults.iter().map(window).collect()
}

/// The `run` section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunSettings {
    /// Simulated time. Default 5 minutes.
    pub duration: Time,
    /// Start that is left out of every steady-state metric. Default a tenth of the duration; 0 in a terminating study.
    pub warmup: Time,
    /// Independent repetitions. Default 5.
    pub replications: u32,
    /// Seed of all random numbers. Default 1.
    pub seed: u64,
    /// Requests in flight at which a run ends with a verdict. Default 1,000,000.
    pub max_in_flight: u64,
}

impl RunSettings {
    /// The settings of a file with the defaults filled in.
    pub(crate) fn new(spec: &RunSpec, terminating: bool) -> Self {
        let duration = spec.duration.as_ref().map_or(Time::from_nanos(300_000_000_000), |duration| duration.value.0);
        let warmup = match spec.warmup.as_ref().map(|warmup| warmup.value) {
            _ if terminating => Time::ZERO,
            Some(Warmup::Fixed(span)) => span.0,
            None | Some(Warmup::Auto) => Time::from_nanos(duration.as_nanos() / 10),
        };
        RunSettings {
            duration,
            warmup,
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

//! Experiments as written: sweeps, searches and comparisons.

use super::Raw;
use archsim_models::spec::{At, Entries};
use archsim_models::{choice, spec};

choice! {
    /// A named question to a scenario.
    Experiment as "an experiment" {
        /// Every combination of values: `Sweep(vary: { "web.replicas": 1..=8 }, measure: ["users.p99"])`.
        Sweep(SweepArgs),
        /// The load at which a system tips: `Saturate(raise: "users.rate", from: 200, to: 6000)`.
        Saturate(SaturateArgs),
        /// The cheapest setting that holds all SLOs: `Plan(minimize: "cost", vary: { "web.replicas": 1..=8 })`.
        Plan(PlanArgs),
        /// Variants side by side: `Compare(variants: ["baseline", "no cache"], measure: ["users.p99"])`.
        Compare(CompareArgs),
    }
}
spec! {
    /// Arguments of `Sweep`.
    SweepArgs as "Sweep" {
        /// Paths with the values they take. Default none.
        vary: Option<Entries<Raw>>,
        /// Metrics to show. Default those of the SLOs.
        measure: Option<Vec<At<String>>>,
        /// Variants to run each point for; `baseline` is the file itself. Default only the baseline.
        variants: Option<Vec<At<String>>>,
    }
}
spec! {
    /// Arguments of `Saturate`.
    SaturateArgs as "Saturate" {
        /// The path that is raised.
        raise: At<String>,
        /// Lowest value.
        from: Raw,
        /// Highest value.
        to: Raw,
        /// What must hold; the search is for the last value at which it does. Default: a steady state.
        until: Option<At<String>>,
    }
}
spec! {
    /// Arguments of `Plan`.
    PlanArgs as "Plan" {
        /// The metric to make small.
        minimize: At<String>,
        /// Paths with the values they may take.
        vary: Entries<Raw>,
        /// What must hold. Default the SLOs of the file.
        keep: Option<Vec<At<String>>>,
    }
}
spec! {
    /// Arguments of `Compare`.
    CompareArgs as "Compare" {
        /// The variants; `baseline` is the file itself. Default all.
        variants: Option<Vec<At<String>>>,
        /// What they are compared with. Default `baseline`.
        against: Option<At<String>>,
        /// Metrics to show. Default those of the SLOs.
        measure: Option<Vec<At<String>>>,
    }
}

fn texts(list: Option<&Vec<At<String>>>) -> Vec<String> {
    list.into_iter().flatten().map(|text| text.value.clone()).collect()
}

impl Experiment {
    /// The word it is written with.
    pub fn kind(&self) -> &'static str {
        match self {
            Experiment::Sweep(_) => "Sweep",
            Experiment::Saturate(_) => "Saturate",
            Experiment::Plan(_) => "Plan",
            Experiment::Compare(_) => "Compare",
        }
    }

    /// The varied paths with their places and values as written, in the order of the file.
    pub fn axes(&self) -> &[(At<String>, Raw)] {
        match self {
            Experiment::Sweep(SweepArgs { vary: Some(vary), .. }) | Experiment::Plan(PlanArgs { vary, .. }) => &vary.0,
            _ => &[],
        }
    }

    /// The varied paths and the text of their values, for [`crate::vary::values`].
    pub fn vary(&self) -> Vec<(String, String)> {
        self.axes().iter().map(|(path, raw)| (path.value.clone(), raw.text.clone())).collect()
    }

    /// The metrics to show, with their places.
    pub fn measured(&self) -> &[At<String>] {
        match self {
            Experiment::Sweep(SweepArgs { measure: Some(measure), .. })
            | Experiment::Compare(CompareArgs { measure: Some(measure), .. }) => measure,
            _ => &[],
        }
    }

    /// The metrics to show; empty where the file does not say.
    pub fn measure(&self) -> Vec<String> {
        self.measured().iter().map(|text| text.value.clone()).collect()
    }

    /// The variants to run; empty where the file does not say.
    pub fn variants(&self) -> Vec<String> {
        match self {
            Experiment::Sweep(args) => texts(args.variants.as_ref()),
            Experiment::Compare(args) => texts(args.variants.as_ref()),
            _ => Vec::new(),
        }
    }

    /// Every variant it names, with its place.
    pub fn named_variants(&self) -> Vec<&At<String>> {
        match self {
            Experiment::Sweep(args) => args.variants.iter().flatten().collect(),
            Experiment::Compare(args) => args.variants.iter().flatten().chain(&args.against).collect(),
            _ => Vec::new(),
        }
    }
}

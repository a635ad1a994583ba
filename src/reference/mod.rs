//! The reference of the scenario language: the doc comments of the specs, found by the words of a scenario.

mod form;
mod locate;
mod print;

pub(crate) use locate::field;
pub(crate) use print::{overview, page, preset, presets};

use archsim_experiment::models::kind::{
    REGISTER, broker, cache, consumers, database, external, load_balancer, service,
};
use archsim_experiment::models::spec::{
    Documented, Entry, batch, breaker, distribution, edge, fault, hedge, keys, limit, load, policy, queueing, steps,
    traffic,
};
use archsim_experiment::scenario as experiment;

/// The doc comments of a struct or an enumeration that a scenario is read into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Its module, because a type's name alone can be ambiguous.
    module: &'static str,
    /// Its name in the code.
    rust: &'static str,
    /// Its name as written in a scenario, or "a step" for a choice.
    name: &'static str,
    doc: &'static [&'static str],
    entries: &'static [Entry],
}

macro_rules! pages {
    ($($module:ident { $($name:ident),* $(,)? })*) => {
        /// All documented types.
        const PAGES: &[Page] = &[$($( Page {
            module: stringify!($module),
            rust: stringify!($name),
            name: <$module::$name as Documented>::NAME,
            doc: <$module::$name as Documented>::DOC,
            entries: <$module::$name as Documented>::ENTRIES,
        }, )*)*];
    };
}

pages! {
    service { ServiceSpec }
    load_balancer { LoadBalancerSpec, TargetArgs }
    cache { CacheSpec }
    database { DatabaseSpec, OperationSpec, OperationArgs, Replication, AsyncArgs, SyncArgs, QuorumArgs, SentTo }
    broker { BrokerSpec, TopicSpec, Overflow }
    consumers { ConsumersSpec, PollSpec }
    external { ExternalSpec }
    steps {
        Step, ComputeArgs, WaitArgs, CallArgs, ParallelArgs, DoArgs, ChooseArgs, MaybeArgs, RepeatArgs, CachedArgs,
        KeyedArgs, PublishArgs, AfterArgs, HoldArgs, BatchArgs, FailArgs,
    }
    distribution {
        Law, ExpArgs, UniformArgs, NormalArgs, ErlangArgs, GammaArgs, LogNormalArgs, WeibullArgs, ParetoArgs, MixArgs,
        EmpiricalArgs, HyperExpArgs, TriangularArgs, SequenceArgs,
    }
    traffic { TrafficSpec, OpenArgs, ClosedArgs, ArrivalsSpec, RenewalArgs, MixArgs }
    load { LoadShape, RampArgs, StepsArgs, BurstsArgs, DiurnalArgs, MmppArgs, ReplayArgs }
    batch { BatchLaw, GeometricArgs, UniformBatchArgs, WeightsArgs }
    keys { KeySpec, ZipfArgs, UniformKeysArgs, HotArgs, ReplayKeysArgs, ScanArgs }
    edge { EdgeSpec, Deadline, RetrySpec, FailureKind, BackoffSpec, FixedArgs, ExponentialArgs, ListArgs, RandomArgs, Jitter }
    hedge { HedgeSpec, CopiesSpec, CancelCopies }
    breaker { BreakerSpec }
    limit { LimitShape, TokenBucketArgs, LeakyBucketArgs, WindowArgs, Excess }
    policy { Balance, PowerOfTwoArgs, Discipline, LifoArgs, PriorityArgs, ShortestArgs, SharingArgs, ScalingSpec, Eviction, SlruArgs, SampledLruArgs, Sharding, Reads }
    queueing { Assign, Joining, JoiningArgs, PausesSpec, PauseUnit, VacationSpec, ColdStartSpec }
    fault { FaultSpec, SlowArgs, CrashArgs, FailuresArgs, PauseArgs, FlushArgs, EdgeFaultArgs, SpikeArgs }
    experiment { RunSpec, PrecisionSpec, BudgetSpec, SloArgs, Experiment, SweepArgs, SaturateArgs, PlanArgs, CompareArgs }
}

/// A chapter of the reference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chapter {
    /// The word to look it up by.
    word: &'static str,
    /// Its heading.
    title: &'static str,
    /// Its types in the code: their alternatives or fields are the lines of the chapter.
    types: &'static [(&'static str, &'static str)],
}

/// The chapters in reading order. Kinds come from their register.
const CHAPTERS: &[Chapter] = &[
    Chapter { word: "kinds", title: "Kinds of components", types: &[] },
    Chapter { word: "steps", title: "Steps of an endpoint", types: &[("steps", "Step")] },
    Chapter { word: "traffic", title: "Traffic", types: &[("traffic", "TrafficSpec"), ("traffic", "ArrivalsSpec")] },
    Chapter { word: "batches", title: "Sizes of batches", types: &[("batch", "BatchLaw")] },
    Chapter { word: "loads", title: "Rates that change over time", types: &[("load", "LoadShape")] },
    Chapter { word: "keys", title: "Key spaces", types: &[("keys", "KeySpec")] },
    Chapter { word: "distributions", title: "Distributions of times", types: &[("distribution", "Law")] },
    Chapter { word: "edges", title: "Edges: how a call behaves", types: &[("edge", "EdgeSpec")] },
    Chapter {
        word: "policies",
        title: "Policies",
        types: &[
            ("policy", "Balance"),
            ("policy", "Discipline"),
            ("queueing", "Assign"),
            ("queueing", "Joining"),
            ("policy", "Eviction"),
            ("policy", "Sharding"),
            ("policy", "Reads"),
            ("database", "Replication"),
            ("edge", "BackoffSpec"),
            ("limit", "LimitShape"),
            ("limit", "Excess"),
            ("edge", "Jitter"),
            ("edge", "Deadline"),
            ("hedge", "CancelCopies"),
        ],
    },
    Chapter { word: "operations", title: "Operations of a database", types: &[("database", "OperationSpec")] },
    Chapter { word: "faults", title: "Faults", types: &[("fault", "FaultSpec")] },
    Chapter {
        word: "run",
        title: "The run section",
        types: &[("experiment", "RunSpec"), ("experiment", "PrecisionSpec"), ("experiment", "BudgetSpec")],
    },
    Chapter { word: "slos", title: "Service level objectives", types: &[("experiment", "SloArgs")] },
    Chapter { word: "experiments", title: "Experiments", types: &[("experiment", "Experiment")] },
    Chapter { word: "metrics", title: "Metrics, for SLOs and --measure", types: &[] },
    Chapter { word: "presets", title: "Presets", types: &[] },
];

/// What a word leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    /// A chapter.
    Chapter(&'static Chapter),
    /// A type with fields or alternatives.
    Page(&'static Page),
    /// An alternative of a choice, with the choice.
    Alternative(&'static Page, &'static Entry),
}

impl Page {
    fn of(module: &str, rust: &str) -> Option<&'static Page> {
        let same = |page: &&Page| page.rust == rust && page.module == module;
        PAGES.iter().find(same).or_else(|| PAGES.iter().find(|page| page.rust == rust))
    }

    /// Whether it is a choice between alternatives; otherwise it has fields.
    fn is_choice(&self) -> bool {
        self.entries.first().is_some_and(|entry| entry.name.starts_with(|c: char| c.is_ascii_uppercase()))
    }

    /// The arguments of an alternative, where it has any that can be written.
    fn arguments(&self, alternative: &Entry) -> Option<&'static Page> {
        Page::of(self.module, alternative.form)
    }
}

/// Everything a word means; capitals do not matter.
pub(crate) fn find(word: &str) -> Vec<Found> {
    let same = |name: &str| name.eq_ignore_ascii_case(word);
    let chapters = CHAPTERS.iter().filter(|chapter| same(chapter.word) || same(singular(chapter.word)));
    let mut found: Vec<Found> = chapters.map(Found::Chapter).collect();
    if !found.is_empty() {
        return found;
    }
    let kinds = REGISTER.iter().filter(|(name, _, _)| same(name)).filter_map(|(name, _, _)| kind(name));
    found.extend(kinds.map(Found::Page));
    let choices = PAGES.iter().filter(|page| page.is_choice());
    let alternatives = choices.flat_map(|page| page.entries.iter().map(move |entry| (page, entry)));
    found.extend(
        alternatives.filter(|(_, entry)| same(entry.name)).map(|(page, entry)| Found::Alternative(page, entry)),
    );
    let named = PAGES.iter().filter(|page| same(bare(page.name)) && !page.name.starts_with(char::is_uppercase));
    found.extend(named.map(Found::Page));
    found
}

/// The page of a registered kind.
fn kind(name: &str) -> Option<&'static Page> {
    const KIND_MODULES: [&str; 7] =
        ["service", "load_balancer", "cache", "database", "broker", "consumers", "external"];
    PAGES.iter().find(|page| page.name == name && KIND_MODULES.contains(&page.module))
}

fn singular(word: &str) -> &str {
    match word {
        "policies" => "policy",
        "keys" => "key",
        _ => word.strip_suffix('s').unwrap_or(word),
    }
}

/// "a balancing policy" is looked up as "balancing policy".
fn bare(name: &str) -> &str {
    name.strip_prefix("a ").or_else(|| name.strip_prefix("an ")).unwrap_or(name)
}

/// Every word that can be looked up.
pub(crate) fn words() -> Vec<&'static str> {
    let chapters = CHAPTERS.iter().map(|chapter| chapter.word);
    let kinds = REGISTER.iter().map(|(name, _, _)| *name);
    let alternatives = PAGES.iter().filter(|page| page.is_choice()).flat_map(|page| page.entries).map(|e| e.name);
    let named = PAGES.iter().map(|page| bare(page.name)).filter(|name| !name.starts_with(char::is_uppercase));
    chapters.chain(kinds).chain(alternatives).chain(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_every_alternative_can_be_looked_up() {
        for word in words() {
            assert!(!find(word).is_empty(), "{word}");
        }
        assert!(REGISTER.iter().all(|(name, _, _)| kind(name).is_some()));
    }

    #[test]
    fn every_alternative_with_arguments_has_a_page() {
        for page in PAGES.iter().filter(|page| page.is_choice()) {
            for entry in page.entries.iter().filter(|entry| !entry.form.is_empty() && entry.form != "NotYet") {
                assert!(page.arguments(entry).is_some(), "{} {}", page.name, entry.form);
            }
        }
    }

    #[test]
    fn chapters_name_documented_types() {
        let types = CHAPTERS.iter().flat_map(|chapter| chapter.types);
        assert!(types.clone().count() > 10);
        types
            .for_each(|(module, rust)| assert!(PAGES.iter().any(|p| p.module == *module && p.rust == *rust), "{rust}"));
    }
}

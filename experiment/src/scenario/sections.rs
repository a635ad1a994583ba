//! What paths need to know of the scenario language: its sections and the order of fields in short forms.

use super::experiment::{CompareArgs, PlanArgs, SaturateArgs, SweepArgs};
use archsim_language::Sections;
use archsim_models::kind::REGISTER;
use archsim_models::kind::database::{AsyncArgs, OperationArgs};
use archsim_models::spec::document::Documented;
use archsim_models::spec::policy::{PowerOfTwoArgs, PriorityArgs, SampledLruArgs, SlruArgs};
use archsim_models::spec::{batch, distribution as dist, edge, fault, keys, limit, load, steps, traffic};

/// The sections of a scenario.
pub const ROOT: [&str; 12] = [
    "version",
    "name",
    "about",
    "run",
    "keys",
    "traffic",
    "components",
    "edges",
    "faults",
    "slos",
    "variants",
    "experiments",
];

/// The shape of a scenario, for [`archsim_language::find`] and [`archsim_language::set`].
pub fn sections() -> Sections<'static> {
    Sections { names: &["components", "traffic", "keys", "edges"], root: &ROOT, arrows: Some("edges"), fields: &fields }
}

/// The variant names and the fields of every word with arguments.
macro_rules! words {
    ($($args:ty),* $(,)?) => { [$( (<$args as Documented>::NAME, <$args as Documented>::ENTRIES) ),*] };
}

/// The fields of a word in order. Where a word has two meanings (`Uniform` is a law and a key space) the law wins: only it has
/// a short form with several values.
fn fields(word: &str) -> Vec<&'static str> {
    let word = match word {
        "Set" | "Invalidate" => "Get",
        "Scatter" | "Write" => "Read",
        "SlidingWindow" | "SlidingCounter" => "FixedWindow",
        other => other,
    };
    let known = words![
        dist::ExpArgs,
        dist::UniformArgs,
        dist::NormalArgs,
        dist::ErlangArgs,
        dist::GammaArgs,
        dist::LogNormalArgs,
        dist::WeibullArgs,
        dist::ParetoArgs,
        dist::MixArgs,
        dist::EmpiricalArgs,
        dist::HyperExpArgs,
        dist::TriangularArgs,
        dist::SequenceArgs,
        keys::ZipfArgs,
        keys::HotArgs,
        load::RampArgs,
        load::StepsArgs,
        load::BurstsArgs,
        load::DiurnalArgs,
        load::MmppArgs,
        load::ReplayArgs,
        batch::GeometricArgs,
        batch::WeightsArgs,
        traffic::OpenArgs,
        traffic::ClosedArgs,
        traffic::RenewalArgs,
        edge::FixedArgs,
        edge::ExponentialArgs,
        edge::ListArgs,
        edge::RandomArgs,
        limit::TokenBucketArgs,
        limit::LeakyBucketArgs,
        limit::WindowArgs,
        fault::SlowArgs,
        fault::CrashArgs,
        fault::FailuresArgs,
        fault::FlushArgs,
        fault::EdgeFaultArgs,
        fault::SpikeArgs,
        steps::ComputeArgs,
        steps::WaitArgs,
        steps::CallArgs,
        steps::ParallelArgs,
        steps::DoArgs,
        steps::ChooseArgs,
        steps::MaybeArgs,
        steps::RepeatArgs,
        steps::CachedArgs,
        steps::KeyedArgs,
        steps::PublishArgs,
        steps::AfterArgs,
        steps::HoldArgs,
        steps::FailArgs,
        PowerOfTwoArgs,
        PriorityArgs,
        SlruArgs,
        SampledLruArgs,
        OperationArgs,
        AsyncArgs,
        SweepArgs,
        SaturateArgs,
        PlanArgs,
        CompareArgs,
    ];
    let kind = || REGISTER.iter().find(|(name, _, _)| *name == word).map(|(_, _, entries)| *entries);
    let entries = known.iter().find(|(name, _)| *name == word).map(|(_, entries)| *entries).or_else(kind);
    entries.unwrap_or_default().iter().map(|entry| entry.name.strip_prefix("r#").unwrap_or(entry.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_have_the_fields_of_their_specs() {
        assert_eq!(fields("LogNormal"), ["p50", "p99", "mean", "cv"]);
        assert_eq!(fields("Write"), ["time"]);
        assert_eq!(fields("Crash")[2], "for");
        assert_eq!(fields("Cache")[0], "preset");
        assert_eq!(fields("Nothing"), [] as [&str; 0]);
    }
}

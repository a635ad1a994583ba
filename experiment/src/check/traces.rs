//! Keys that come in an order, and the caches that are asked for them.

use super::context::Check;
use archsim_models::Kind;
use archsim_models::compile::target;
use archsim_models::kind::cache::CacheSpec;
use archsim_models::spec::policy::Eviction;
use archsim_models::spec::{At, KeySpec, Step};
use std::collections::BTreeSet;

/// Which caches are asked for keys of which spaces, by the steps of all components.
fn asked(check: &Check<'_>) -> BTreeSet<(String, String)> {
    let mut asked = BTreeSet::new();
    for (_, kind) in &check.setup.components {
        for steps in kind.programs() {
            steps.visit(&mut |step| {
                let (to, key) = match &step.value {
                    Step::Cached(a) => (&a.cache, Some(&a.key)),
                    Step::Get(a) | Step::Set(a) | Step::Invalidate(a) => (&a.cache, Some(&a.key)),
                    Step::Call(a) => (&a.to, a.key.as_ref()),
                    _ => return,
                };
                if let Some(key) = key {
                    asked.insert((target(&to.value).0.to_owned(), key.value.clone()));
                }
            });
        }
    }
    asked
}

/// A trace begins with the run, so a cache that is asked for it starts empty; and only a trace has a future to look into.
pub(super) fn check(check: &mut Check<'_>) {
    let asked = asked(check);
    let scenario = check.scenario;
    for (name, at) in &scenario.components {
        let Kind::Cache(cache) = &at.value else { continue };
        let spaces = asked.iter().filter(|(of, _)| *of == name.value).map(|(_, space)| space.as_str());
        let spaces: Vec<(&str, &KeySpec)> = spaces
            .filter_map(|space| scenario.keys.iter().find(|(n, _)| n.value == space))
            .map(|(n, s)| (n.value.as_str(), &s.value))
            .collect();
        if cache.hit_ratio.is_none() {
            cold(check, name, cache, &spaces);
            foresight(check, name, cache, &spaces);
        }
    }
}

fn cold(check: &mut Check<'_>, name: &At<String>, cache: &CacheSpec, spaces: &[(&str, &KeySpec)]) {
    let ordered = |(_, space): &&(&str, &KeySpec)| matches!(space, KeySpec::Replay(_) | KeySpec::Scan(_));
    let Some((space, _)) = spaces.iter().find(ordered).filter(|_| !cache.start_cold.unwrap_or(false)) else { return };
    let message = format!(
        "the keys of `{space}` begin with the run: `{}` cannot start filled; write start_cold: true",
        name.value
    );
    let span = check.opening("components", &name.value);
    check.impossible(message, &span);
}

fn foresight(check: &mut Check<'_>, name: &At<String>, cache: &CacheSpec, spaces: &[(&str, &KeySpec)]) {
    if cache.eviction == Some(Eviction::Opt) && !matches!(spaces, [(_, KeySpec::Replay(_))]) {
        let span = check.field("components", &name.value, "eviction");
        check.impossible("`Opt` looks into the future: it needs the keys of one `Replay`, and no others", &span);
    }
}

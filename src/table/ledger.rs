//! What an answer rests on, in the last lines of a run.

use super::hang;
use crate::console::{Ink, Paint};
use crate::files::json::Manifest;
use archsim_experiment::ledger::{Bias, Entry, Ledger};

/// Width of the words at the left.
const MARGIN: usize = 14;
/// So many places are named; of more only the number is told.
const PLACES: usize = 3;

/// The ledger; `all` adds details, names every place, says which numbers each omission concerns, and where each default comes from.
pub(crate) fn section(ledger: &Ledger, manifest: &Manifest, all: bool, width: usize, paint: Paint) -> String {
    let left_out = |bias| {
        let omissions = ledger.left_out.iter().filter(|omission| omission.bias == bias);
        let concerns = |text: &str| if all { format!(" [{text}]") } else { String::new() };
        joined(omissions.map(|omission| entry(&omission.entry, all) + &concerns(omission.concerns)))
    };
    let assumed = |known: bool| {
        let some = ledger.assumed.iter().filter(|assumption| assumption.source.is_some() == known);
        joined(some.map(|assumption| {
            let source = assumption.source.as_ref().filter(|_| all).map_or(String::new(), |s| format!(" [{s}]"));
            entry(&assumption.entry, all) + &source
        }))
    };
    let lines = [
        ("modelled", joined(ledger.modelled.iter().map(|e| entry(e, all)))),
        ("left out", told("reality is worse", left_out(Bias::Optimistic))),
        ("", told("reality is better", left_out(Bias::Pessimistic))),
        ("", told("it depends", left_out(Bias::Either))),
        ("assumed", told("by us, no source", assumed(false))),
        ("", told("with a source (-v)", assumed(true))),
        ("reproduce", reproduce(manifest)),
    ];
    let line = |(name, text): &(&str, String)| format!("  {name:<12}{}\n", hang(text, MARGIN, width));
    let told: String = lines.iter().filter(|(_, text)| !text.is_empty()).map(line).collect();
    paint.text(Ink::Bold, "What this rests on") + "\n" + &told
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}

fn told(how: &str, what: String) -> String {
    if what.is_empty() { what } else { format!("{how}: {what}") }
}

fn entry(entry: &Entry, all: bool) -> String {
    let (title, _) = entry.what.split_once(": ").unwrap_or((&entry.what, ""));
    let (what, places) = (if all { &entry.what } else { title }, &entry.places);
    match places.len() {
        0 => what.to_owned(),
        n if n <= PLACES || all => format!("{what} ({})", places.join(", ")),
        n => format!("{what} ({}, {} and {} more)", places[0], places[1], n - 2),
    }
}

/// What gives the same numbers again.
pub(crate) fn reproduce(manifest: &Manifest) -> String {
    format!("{} (archsim {})", command(manifest), manifest.archsim)
}

/// The command with the seed it used, for a shell.
fn command(manifest: &Manifest) -> String {
    let arguments = manifest.command.iter().skip(1).map(|word| quoted(word));
    let mut words: Vec<String> = std::iter::once("archsim".to_owned()).chain(arguments).collect();
    // What is merged has its seed already.
    let simulates = words.get(1).is_none_or(|word| word != "merge");
    if simulates && !words.iter().any(|word| word == "--seed" || word.starts_with("--seed=")) {
        words.extend(["--seed".into(), manifest.seed.to_string()]);
    }
    words.join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

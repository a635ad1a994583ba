//! Broken files and what is said about them. `ARCHSIM_BLESS=1` writes the expectations anew.

use super::check;
use archsim_language::{Source, Style, render};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/broken")
}

/// The broken files in order of their names.
fn broken() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder of broken files is there");
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "ron"));
    files.sort();
    files
}

/// Files that scenarios name.
fn files(name: &str) -> Result<String, String> {
    match name {
        "latencies.csv" => Ok("seconds\n0.001\n0.002\n".into()),
        "wrong.csv" => Ok("seconds\n0.001\nfast\n".into()),
        _ => Err(format!("`{name}` cannot be read")),
    }
}

fn source(path: &PathBuf) -> Source {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Source::new(name, fs::read_to_string(path).expect("a broken file can be read"))
}

#[test]
fn broken_files_get_the_expected_messages() {
    let mut wrong = Vec::new();
    for path in broken() {
        let source = source(&path);
        let found = render(&check(&source, &files).findings, &source, Style::Plain);
        let expectation = path.with_extension("txt");
        if std::env::var_os("ARCHSIM_BLESS").is_some() {
            fs::write(&expectation, &found).expect("an expectation can be written");
        }
        if fs::read_to_string(&expectation).unwrap_or_default() != found {
            wrong.push(format!("--- {}\n{found}", source.name()));
        }
    }
    assert!(wrong.is_empty(), "ARCHSIM_BLESS=1 writes these expectations:\n{}", wrong.join("\n"));
}

#[test]
fn every_code_occurs() {
    let codes: BTreeSet<String> =
        broken().iter().flat_map(|path| check(&source(path), &files).findings).map(|finding| finding.code).collect();
    let expected = [
        "cycle",
        "duplicate-name",
        "heavy-tail",
        "idle-consumers",
        "impossible-value",
        "nested-retries",
        "no-slo",
        "not-yet",
        "overload",
        "parse",
        "path",
        "pool-bound",
        "timeout-below-service",
        "timeout-inversion",
        "too-few-samples",
        "unbounded-queue",
        "unknown-metric",
        "unknown-target",
        "unused-edge",
        "unused-key-space",
        "vulnerable",
        "warmup-ignored",
        "warmup-too-short",
    ];
    assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    let meant: Vec<&str> = expected.into_iter().filter(|code| super::codes::meaning(code).is_none()).collect();
    assert!(meant.is_empty(), "`archsim explain` does not know {meant:?}");
}

//! The house rules that a machine can check: who may depend on whom, and that everything is listed where people look.

use crate::scenarios;
use archsim_experiment::models::kind::REGISTER;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The edges between our packages. A new one is a decision about the architecture: change ARCHITECTURE.md with it.
const EDGES: &[(&str, &[&str])] = &[
    ("sim-core", &[]),
    ("language", &[]),
    ("models", &["archsim-core"]),
    ("experiment", &["archsim-core", "archsim-language", "archsim-models"]),
    (".", &["archsim-experiment"]),
];

/// The words of backends, which the kernel does not know.
const BACKEND_WORDS: &[&str] = &["request", "requests", "cache", "caches", "server", "servers"];

/// What a library does not do: read a clock, print, exit. Doors do.
const DOORS_ONLY: &[&str] =
    &["std::time", "Instant::now", "SystemTime", "println!", "eprintln!", "print!(", "process::exit"];

/// Marks of unfinished work. Put together so that this list is not found by itself.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("dbg", "!("),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder and its folders that have this ending, by path from the root.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (vec![], vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The lines of a source file that are code: without comments, and without the tests at its end.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = read(path);
    let lines = text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    lines.map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default().to_owned())).collect()
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "examples")
        || path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The packages of ours under `[dependencies]` of a manifest.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let manifest = read(Path::new(folder).join("Cargo.toml"));
    let mut section = String::new();
    let mut found = BTreeSet::new();
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.to_owned();
        } else if section.ends_with("dependencies")
            && section != "workspace.dependencies"
            && section != "dev-dependencies"
        {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            found.extend(name.starts_with("archsim").then(|| name.to_owned()));
        }
    }
    found
}

#[test]
fn dependencies_go_one_way() {
    for (folder, allowed) in EDGES {
        let allowed: BTreeSet<String> = allowed.iter().map(|name| name.to_string()).collect();
        assert_eq!(dependencies(folder), allowed, "the dependencies of {folder}");
    }
    let members = files(".", "toml")
        .into_iter()
        .filter(|path| path.ends_with("Cargo.toml") && !path.starts_with(root().join("target")));
    assert_eq!(members.count(), EDGES.len(), "a package is not in the list of this test");
}

#[test]
fn the_kernel_knows_no_backend() {
    for path in files("sim-core/src", "rs").into_iter().filter(|path| !is_test(path)) {
        for (number, line) in code(&path) {
            let found: Vec<&str> = words(&line).filter(|word| BACKEND_WORDS.contains(word)).collect();
            assert!(found.is_empty(), "{}:{number}: {found:?}", path.display());
        }
    }
}

#[test]
fn only_the_language_knows_ron() {
    for folder in ["sim-core", "models", "experiment", "."] {
        let manifest = read(Path::new(folder).join("Cargo.toml"));
        let runtime = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("[dev-dependencies]").next());
        let direct = runtime.unwrap_or_default().lines().any(|line| line.starts_with("ron"));
        assert!(!direct, "{folder} depends on ron");
    }
}

#[test]
fn libraries_do_not_print_and_read_no_clock() {
    for folder in ["sim-core/src", "models/src", "language/src", "experiment/src"] {
        for path in files(folder, "rs").into_iter().filter(|path| !is_test(path)) {
            for (number, line) in code(&path) {
                let found: Vec<&&str> = DOORS_ONLY.iter().filter(|word| line.contains(**word)).collect();
                assert!(found.is_empty(), "{}:{number}: {found:?}", path.display());
            }
        }
    }
}

#[test]
fn nothing_is_left_for_later() {
    let folders = ["sim-core", "models", "language", "experiment", "src", "tests", "scenarios"];
    let sources = folders.iter().flat_map(|folder| files(folder, "rs").into_iter().chain(files(folder, "ron")));
    for path in sources {
        for (number, line) in read(&path).lines().enumerate() {
            assert!(!UNFINISHED.iter().any(|mark| line.contains(mark)), "{}:{}: {line}", path.display(), number + 1);
        }
    }
}

#[test]
fn every_kind_has_a_scenario_and_a_glossary_word() {
    let scenarios: Vec<String> = scenarios::names().iter().map(|name| read(format!("scenarios/{name}.ron"))).collect();
    let glossary = read("GLOSSARY.md");
    for (kind, _, _) in REGISTER {
        assert!(scenarios.iter().any(|text| text.contains(&format!(": {kind}("))), "no scenario uses `{kind}`");
        assert!(glossary.contains(&format!("`{kind}`")), "`{kind}` is not in GLOSSARY.md");
    }
}

#[test]
fn every_scenario_is_listed() {
    let guides = files("docs/guide", "md").into_iter().map(read).collect::<String>() + &read("README.md");
    for name in scenarios::names() {
        assert!(guides.contains(&format!("scenarios/{name}.ron")), "scenarios/{name}.ron is in no guide");
    }
}

#[test]
fn links_lead_somewhere() {
    let pages = ["README.md", "ARCHITECTURE.md", "GLOSSARY.md", "CONTRIBUTING.md", "CHANGELOG.md"]
        .map(|page| root().join(page));
    for page in pages.into_iter().chain(files("docs", "md")) {
        let text = read(&page);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().unwrap_or_default();
            assert!(page.with_file_name(file).exists(), "{}: {target} does not exist", page.display());
        }
    }
}

#[test]
fn the_map_fits_on_a_screen_or_three() {
    assert!(read("ARCHITECTURE.md").lines().count() < 150);
}

/// The command that runs all tests stands once in the README, and .ci/run calls the same.
#[test]
fn the_readme_and_ci_run_the_same_tests() {
    let readme = read("README.md");
    let commands: Vec<&str> = readme.lines().map(str::trim).filter(|line| line.starts_with("cargo test")).collect();
    assert_eq!(commands.len(), 1, "{commands:?}");
    assert!(read(".ci/run").lines().any(|line| line.trim() == commands[0]), ".ci/run does not call `{}`", commands[0]);
}

/// ARCHITECTURE.md names for each invariant the test that fails when it is broken; the tests exist.
#[test]
fn the_invariants_name_their_tests() {
    let text = read("ARCHITECTURE.md");
    let section = text.split("## Invariants").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let sources: String = ["sim-core", "models", "language", "experiment", "src", "tests"]
        .iter()
        .flat_map(|folder| files(folder, "rs"))
        .map(read)
        .collect();
    let invariants: Vec<&str> = section.split("\n1. ").skip(1).collect();
    assert_eq!(invariants.len(), 10);
    for invariant in invariants {
        let tests = invariant.split("Test:").nth(1).unwrap_or_else(|| panic!("no test for: {invariant}"));
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{invariant}");
        for name in names {
            assert!(sources.contains(&format!("fn {name}(")), "there is no test `{name}`");
        }
    }
}

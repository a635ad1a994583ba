//! Golden runs: one replication of every scenario, its number of events and its main metrics to four digits. A change of the engine
//! that changes a result shows here; `ARCHSIM_BLESS=1` writes the new values, to be looked at before they are committed.

use archsim_experiment::check::check;
use archsim_experiment::language::Source;
use archsim_experiment::run::{Nobody, run};
use archsim_experiment::vary::set_all;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// One line for each metric that is a number, rounded, after a line with the fingerprint of the run.
fn table(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a scenario");
    let source = Source::new(path.to_string_lossy(), text);
    let one = set_all(&source, &[("run.replications".into(), "1".into())]).expect("a setting");
    let model = check(&one, &|name| Err(format!("no file {name}"))).model.expect("a scenario without errors");
    let report = run(&model, &Nobody).expect("not cancelled");
    let mut table = format!("{} events, {} requests\n", report.work.events, report.work.requests);
    for (name, estimate) in &report.summary {
        let shown = [
            ".mean",
            ".p99",
            ".goodput",
            ".errors",
            ".utilization",
            ".hit_ratio",
            ".throughput",
            ".amplification",
            ".lag",
        ];
        if let (Some(value), true) = (estimate.value, shown.iter().any(|end| name.ends_with(end))) {
            writeln!(table, "{name} {value:.3e} {}", estimate.unit).expect("text");
        }
    }
    table
}

#[test]
fn every_scenario_gives_its_golden_run() {
    let bless = std::env::var_os("ARCHSIM_BLESS").is_some();
    let mut scenarios: Vec<PathBuf> = std::fs::read_dir(folder("scenarios"))
        .expect("scenarios")
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "ron"))
        .collect();
    scenarios.sort();
    assert!(scenarios.len() >= 10);
    for path in scenarios {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let golden = folder("tests/golden").join(format!("{name}.txt"));
        let found = table(&path);
        if bless {
            std::fs::write(&golden, &found).expect("written");
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(found, expected, "{name}: bless with ARCHSIM_BLESS=1 if the change is meant");
    }
}

//! The files of a run.

use super::Folder;

#[test]
fn everything_is_written_and_nothing_is_left_over() {
    let folder = Folder::tiny("files-all");
    folder.run(&["run", "tiny.ron", "--out", "results/here"]).is_fine();
    let entries = std::fs::read_dir(folder.0.join("results/here")).expect("the folder was made");
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let tables =
        ["points.csv", "report.html", "report.json", "scenario.ron", "series.csv", "slos.json", "summary.json"];
    let expected = [&["intervals.csv", "ledger.json", "manifest.json", "plots"], &tables[..]].concat();
    assert_eq!(names, expected);
    for chart in ["architecture", "utilization", "percentiles", "series", "time-users"] {
        assert!(folder.read(&format!("results/here/plots/{chart}.svg")).starts_with("<svg"), "{chart}");
    }
    assert!(folder.read("results/here/series.csv").starts_with("time_start [s],time_end [s],users.rate [1/s],"));
    assert!(folder.read("results/here/points.csv").starts_with("replication,users.rate [1/s],"));
    assert_eq!(intervals(&folder, "results/here"), estimates(&folder, "results/here"));
}

/// Metric, value, lower end and status by `intervals.csv`, by name.
fn intervals(folder: &Folder, out: &str) -> Vec<[String; 4]> {
    let table = folder.read(&format!("{out}/intervals.csv"));
    let (header, rows) = table.split_once('\n').expect("a header");
    assert_eq!(header, "metric,unit,value,low,high,level,status");
    let cells = |row: &str| row.split(',').map(str::to_owned).collect::<Vec<_>>();
    let row = |row: Vec<String>| [&row[0], &row[2], &row[3], &row[6]].map(String::clone);
    let mut rows: Vec<[String; 4]> = rows.lines().map(cells).map(row).collect();
    rows.sort();
    rows
}

/// The same by `summary.json`.
fn estimates(folder: &Folder, out: &str) -> Vec<[String; 4]> {
    let summary: serde_json::Value = serde_json::from_str(&folder.read(&format!("{out}/summary.json"))).expect("JSON");
    let number = |value: &serde_json::Value| value.as_f64().map_or(String::new(), |number| number.to_string());
    let row = |(name, estimate): (&String, &serde_json::Value)| {
        let status = estimate["status"].as_str().expect("a status").to_owned();
        [name.clone(), number(&estimate["value"]), number(&estimate["low"]), status]
    };
    summary.as_object().expect("metrics by name").iter().map(row).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = Folder::tiny("files-seed");
    for (out, seed, threads) in [("a", "5", "1"), ("b", "5", "2"), ("c", "6", "2")] {
        folder.run(&["run", "tiny.ron", "-q", "--seed", seed, "--threads", threads, "--out", out]).is_fine();
    }
    for file in ["summary.json", "slos.json", "points.csv", "intervals.csv", "series.csv", "plots/series.svg"] {
        let of = |out: &str| folder.read(&format!("{out}/{file}"));
        assert_eq!(of("a"), of("b"), "{file}");
    }
    assert_ne!(folder.read("a/summary.json"), folder.read("c/summary.json"));
}

#[test]
fn a_folder_that_cannot_be_written_to_loses_nothing() {
    let folder = Folder::tiny("files-blocked").with("blocked", "");
    let outcome = folder.run(&["run", "tiny.ron", "--out", "blocked/here"]);
    outcome.fails(3, &["cannot write `blocked/here", "--out names another folder"]);
    assert!(outcome.out.contains("pass   users.p99"), "{outcome:?}");
}

#[test]
fn tables_are_written_as_parquet_by_a_program_that_can() {
    let folder = Folder::tiny("files-parquet");
    let outcome = folder.run(&["run", "tiny.ron", "--parquet"]);
    if cfg!(feature = "parquet") {
        outcome.fails(0, &[]);
        for table in ["points", "series", "intervals"] {
            let bytes = std::fs::read(folder.path().join(format!("archsim-out/tiny/{table}.parquet"))).expect(table);
            assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"), "{table}");
        }
    } else {
        outcome.fails(2, &["this program was built without Parquet", "cargo build --release --features parquet"]);
        assert_eq!(outcome.out, "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    let folder = Folder::tiny("files-full");
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has /dev/full");
    let output = folder.command(&["kinds"]).stdout(full()).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to standard output"), "{output:?}");
    let output = folder.command(&["run", "tiny.ron"]).stdout(full()).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(3));
    assert!(folder.read("archsim-out/tiny/summary.json").contains("users.p99"));
}

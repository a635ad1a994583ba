//! `archsim sweep`.

use super::{Folder, TINY};

#[test]
fn an_experiment_of_the_file_gives_a_row_for_each_point() {
    let folder = Folder::tiny("sweep-named");
    let outcome = folder.run(&["sweep", "tiny.ron"]);
    outcome.is_fine();
    assert!(outcome.out.starts_with("Tiny: size   3 points, 3m20s x 2 replications, seed 3\n"), "{outcome:?}");
    let rows: Vec<&str> = outcome.out.lines().skip(2).take(4).collect();
    assert!(rows[0].starts_with("web.replicas   users.p99"), "{outcome:?}");
    assert!(rows[1].starts_with("1  ") && rows[3].starts_with("3  ") && rows[3].ends_with("pass"), "{outcome:?}");
    assert!(outcome.out.contains("All SLOs hold at every point."), "{outcome:?}");
    assert_eq!(folder.read("archsim-out/tiny/size/points.csv").lines().count(), 7);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let folder = Folder::tiny("sweep-threads");
    for threads in ["1", "2"] {
        folder.run(&["sweep", "tiny.ron", "size", "--threads", threads, "--out", threads]).is_fine();
    }
    for file in ["summary.json", "points.csv", "plots/sweep-users.p99.svg"] {
        assert_eq!(folder.read(&format!("1/{file}")), folder.read(&format!("2/{file}")), "{file}");
    }
}

#[test]
fn json_has_a_summary_for_each_point() {
    let arguments = ["sweep", "tiny.ron", "--vary", "users.rate=20/s,40/s", "--vary", "web.replicas=1..=2", "--json"];
    let outcome = Folder::tiny("sweep-json").run(&arguments);
    outcome.is_fine();
    let document = outcome.json();
    let points = document["points"].as_array().expect("points");
    assert_eq!(points[0]["settings"]["users.rate"], "20/s");
    assert_eq!(points.len(), 4);
    assert_eq!(points[1]["settings"]["web.replicas"], 2);
    assert!(points[1]["summary"]["users.p50"]["value"].is_f64());
    assert!(document["manifest"].is_object() && document["summary"].is_null());
}

#[test]
fn points_are_tidy() {
    let folder = Folder::tiny("sweep-points");
    folder.run(&["sweep", "tiny.ron", "--vary", "users.rate=20/s,40/s", "-q"]).is_fine();
    let text = folder.read("archsim-out/tiny/ad-hoc/points.csv");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = rows.headers().expect("a header").iter().map(str::to_owned).collect();
    assert_eq!(header[..3], ["set:users.rate", "replication", "users.rate [1/s]"]);
    let rows: Vec<csv::StringRecord> = rows.records().collect::<Result<_, _>>().expect("rows of equal length");
    let keys: Vec<(&str, &str)> = rows.iter().map(|row| (&row[0], &row[1])).collect();
    assert_eq!(keys, [("20/s", "1"), ("20/s", "2"), ("40/s", "1"), ("40/s", "2")]);
}

#[test]
fn where_the_objectives_cease_to_hold_is_said() {
    let arguments = ["sweep", "tiny.ron", "--vary", "users.rate=50,100,400", "--measure", "users.p99"];
    let outcome = Folder::tiny("sweep-range").run(&arguments);
    outcome.is_fine();
    assert!(outcome.out.contains("- (no steady state)") && outcome.out.contains("FAIL  users.p99"), "{outcome:?}");
    assert!(outcome.out.contains("All SLOs hold up to users.rate = 100."), "{outcome:?}");
}

#[test]
fn a_sweep_that_never_holds_fails() {
    let arguments = ["sweep", "tiny.ron", "size", "--slo", "users.goodput > 1000/s"];
    let outcome = Folder::tiny("sweep-fails").run(&arguments);
    outcome.fails(1, &[]);
    assert!(outcome.out.contains("No point meets all SLOs."), "{outcome:?}");
}

#[test]
fn wrong_sweeps_are_shown_where_they_are_wrong() {
    let none: Vec<&str> = TINY.lines().filter(|line| !line.contains("Sweep(")).collect();
    let folder = Folder::tiny("sweep-wrong").with("none.ron", &none.join("\n"));
    let wrong = |arguments: &[&str], words: &[&str]| folder.run(&[&["sweep"], arguments].concat()).fails(2, words);
    wrong(&["tiny.ron", "--vary", "web.replicas=3"], &["--vary:1:14", "is a single value"]);
    wrong(&["tiny.ron", "--vary", "wbe.replicas=1..=2"], &["--vary:1:1", "did you mean `web`?"]);
    wrong(&["tiny.ron", "--vary", "web.replicas=[0, 1]"], &["cannot run", "web.replicas"]);
    wrong(&["tiny.ron", "size", "--measure", "users.p9x"], &["--measure:1:"]);
    wrong(&["tiny.ron", "sise"], &["no experiment `sise`", "did you mean `size`?"]);
    wrong(&["tiny.ron", "tip"], &["`tip` is a `Saturate`"]);
    wrong(&["none.ron"], &["none.ron has no sweep", "--vary"]);
}

#[test]
fn the_number_that_moves_the_metric_most_comes_first() {
    let folder = Folder::tiny("sweep-sensitivity");
    let outcome = folder.run(&["sweep", "tiny.ron", "--sensitivity", "--measure", "users.mean"]);
    outcome.is_fine();
    // Two M/M/1 at load 0.25: a replica less doubles the load of the other, 10 ms / (1 - 0.5) against 10 ms / (1 - 0.25).
    let place = |words: &str| outcome.out.find(words).unwrap_or_else(|| panic!("{words} is not in {outcome:?}"));
    assert!(place("web.replicas = 1 (not 2)") < place("web.on.get[0].time.mean = 12ms (not 10ms)"));
    assert!(place("web.on.get[0].time.mean = 12ms (not 10ms)") < place("users.rate = 60/s (not 50/s)"));
    let files = folder.read("archsim-out/tiny/sensitivity/differences.csv");
    assert!(files.contains("web.replicas = 3 (not 2)"), "{files}");
    folder.read("archsim-out/tiny/sensitivity/report.html");
    let arguments = ["sweep", "tiny.ron", "--sensitivity=10%", "--only", "users", "-q"];
    let outcome = folder.run(&arguments);
    assert!(outcome.out.contains("users.rate = 55/s") && !outcome.out.contains("web.replicas"), "{outcome:?}");
    folder.run(&["sweep", "tiny.ron", "--sensitivity", "--only", "wbe"]).fails(2, &["--only"]);
    folder.run(&["sweep", "tiny.ron", "--sensitivity=200%"]).fails(2, &["between 1% and 90%"]);
}

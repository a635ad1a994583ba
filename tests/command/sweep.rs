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
    let intervals = folder.read("archsim-out/tiny/size/intervals.csv");
    assert!(intervals.starts_with("set:web.replicas,metric,unit,value,low,high,level,status\n1,users.rate,1/s,"));
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let folder = Folder::tiny("sweep-threads");
    for threads in ["1", "2"] {
        folder.run(&["sweep", "tiny.ron", "size", "--threads", threads, "--out", threads]).is_fine();
    }
    for file in ["summary.json", "points.csv", "intervals.csv", "plots/sweep-users.p99.svg"] {
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

const SAMPLE: [&str; 10] = [
    "sweep",
    "tiny.ron",
    "--sample",
    "lhs:30",
    "--vary",
    "users.rate=Linear(from: 20, to: 120, points: 2)",
    "--vary",
    "web.replicas=2..=3",
    "--vary",
    "web.discipline=[Fifo, Lifo()]",
];

#[test]
fn a_sample_says_which_setting_moves_the_metric_most() {
    let folder = Folder::tiny("sweep-sample");
    let rest = ["--measure", "web.utilization"];
    let outcome = folder.run(&[&SAMPLE[..], &rest].concat());
    outcome.is_fine();
    let said = "users.rate moves web.utilization most: rank correlation +0.9";
    assert!(outcome.out.contains("30 points") && outcome.out.contains(said), "{outcome:?}");
    let out = "archsim-out/tiny/ad-hoc";
    let points = folder.read(&format!("{out}/points.csv"));
    let column = |at: usize, value: &str| {
        // Two replications of each point.
        points.lines().skip(1).filter(|line| line.split(',').nth(at) == Some(value)).count() / 2
    };
    assert_eq!((column(1, "2"), column(1, "3"), column(2, "Fifo"), column(2, "Lifo()")), (15, 15, 15, 15));
    let correlations = folder.read(&format!("{out}/correlations.csv"));
    assert!(
        correlations.lines().nth(1).is_some_and(|line| line.starts_with("web.utilization,users.rate,30,true,true,0.9"))
    );
    assert!(correlations.contains("web.utilization,web.discipline,30,false,false,"), "{correlations}");
    assert!(folder.read(&format!("{out}/plots/scatter-web.utilization.svg")).contains(said));
    assert!(folder.read(&format!("{out}/report.html")).contains("What moves web.utilization"));
    let json = folder.run(&[&SAMPLE[..], &rest, &["--json"]].concat()).json();
    assert_eq!(json["correlations"][0]["setting"], "users.rate");
    for shard in ["1/2", "2/2"] {
        folder.run(&[&SAMPLE[..], &rest, &["--shard", shard, "--out", "shards"]].concat()).is_fine();
    }
    folder.run(&["merge", "shards"]).is_fine();
    for file in ["points.csv", "correlations.csv", "summary.json", "report.html"] {
        assert_eq!(folder.read(&format!("shards/{file}")), folder.read(&format!("{out}/{file}")), "{file}");
    }
}

#[test]
fn wrong_samples_are_refused() {
    let folder = Folder::tiny("sweep-sample-wrong");
    let run = |sample: &str, vary: &str| folder.run(&["sweep", "tiny.ron", "--sample", sample, "--vary", vary]);
    for sample in ["lhs:0", "lhs:x", "lhs"] {
        run(sample, "web.replicas=2..=3").fails(2, &["write lhs:200"]);
    }
    run("random:10", "web.replicas=2..=3").fails(2, &["the only way to sample is a Latin hypercube"]);
    run("lhs:5", "web.replicas=2").fails(2, &["single value"]);
    run("lhs:5", "users.rate=Log(from: 0, to: 5, points: 2)").fails(2, &["the ends of `Log` are above zero"]);
    run("lhs:5", "web.replicas=Linear(from: -3, to: -1, points: 2)").fails(2, &["a point of the sweep"]);
    folder.run(&["sweep", "tiny.ron", "--sample", "lhs:5", "--sensitivity"]).fails(2, &["--sensitivity"]);
}

//! `archsim compare`.

use super::{Folder, TINY};

#[test]
fn variants_stand_beside_the_baseline() {
    let folder = Folder::tiny("compare-variants");
    let outcome = folder.run(&["compare", "tiny.ron"]);
    outcome.is_fine();
    assert!(outcome.out.starts_with("Tiny: compare   2 alternatives, 3m20s x 2 replications, seed 3\n"), "{outcome:?}");
    let row = |name: &str| outcome.out.lines().find(|line| line.trim_start().starts_with(name)).expect("a row");
    assert!(outcome.out.contains("difference to baseline"), "{outcome:?}");
    assert!(row("slow").ends_with("higher") && row("slow").contains(" +"), "{outcome:?}");
    assert!(outcome.out.contains("Trust  the interval of the difference holds with 95%"), "{outcome:?}");
    let rows = folder.read("archsim-out/tiny/compare/differences.csv");
    assert!(rows.lines().nth(1).expect("a difference").starts_with("slow,baseline,users.p99,s,higher,"), "{rows}");
    assert_eq!(folder.read("archsim-out/tiny/compare/points.csv").lines().count(), 5);
    assert!(folder.read("archsim-out/tiny/compare/plots/effect-users.p99.svg").contains("users.p99 of slow is "));
}

#[test]
fn what_never_matters_is_the_same() {
    // A second replica that gets nothing to do: neither cores nor queues of the first know of it.
    let text = TINY.replace("\"slow\": { \"web.on.get\": [Compute(Exp(\"30ms\"))] }", "\"same\": { \"web.cpu\": 1 }");
    let outcome = Folder::new("compare-same").with("same.ron", &text).run(&["compare", "same.ron", "--json"]);
    outcome.is_fine();
    let document = outcome.json();
    let difference = &document["comparison"]["differences"][0];
    assert_eq!((difference["found"].as_str(), difference["difference"]["value"].as_f64()), (Some("same"), Some(0.0)));
    assert_eq!(document["comparison"]["family"], 0);
}

#[test]
fn files_run_as_long_as_the_first() {
    let other = TINY.replace("200s", "7s").replace("seed: 3", "seed: 4").replace("Exp(\"10ms\")", "Exp(\"11ms\")");
    let other = other.replace("users.p99", "users.p50");
    let folder = Folder::tiny("compare-files").with("other.ron", &other);
    let outcome = folder.run(&["compare", "tiny.ron", "other.ron", "--measure", "users.mean"]);
    outcome.is_fine();
    assert!(outcome.out.contains("2 alternatives, 3m20s x 2 replications, seed 3\n"), "{outcome:?}");
    let row = outcome.out.lines().find(|line| line.trim_start().starts_with("other.ron")).expect("a row");
    assert!(row.ends_with("higher"), "{outcome:?}");
    let turned = folder.run(&["compare", "tiny.ron", "other.ron", "--measure", "users.mean", "--against", "other.ron"]);
    assert!(turned.out.contains("lower"), "{turned:?}");
}

#[test]
fn a_comparison_of_the_file_is_run_by_its_name() {
    let text = TINY.replace(
        "experiments: {",
        "experiments: { \"speed\": Compare(variants: [\"baseline\"], against: \"slow\", measure: [\"users.p50\"]),",
    );
    let folder = Folder::new("compare-named").with("tiny.ron", &text);
    let outcome = folder.run(&["compare", "tiny.ron", "speed"]);
    outcome.is_fine();
    assert!(outcome.out.contains("users.p50") && outcome.out.contains("difference to slow"), "{outcome:?}");
    let wrong = folder.run(&["sweep", "tiny.ron", "speed"]);
    wrong.fails(2, &["archsim compare tiny.ron \"speed\""]);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let folder = Folder::tiny("compare-wrong");
    folder.run(&["compare", "tiny.ron", "--variants", "slwo"]).fails(2, &["did you mean `slow`?"]);
    folder.run(&["compare", "tiny.ron", "--variants", "baseline"]).fails(2, &["nothing to compare with `baseline`"]);
    folder.run(&["compare", "tiny.ron", "other.ron"]).fails(2, &["other.ron"]);
    folder.run(&["compare", "tiny.ron", "sped"]).fails(2, &["has no comparison `sped`"]);
    folder.run(&["compare", "tiny.ron", "--measure", "users.p98"]).fails(2, &["not in the summary"]);
}

#[test]
fn what_has_no_steady_state_has_no_difference() {
    let text = TINY.replace("Exp(\"30ms\")", "Exp(\"300ms\")").replace("replications: 2", "replications: 3");
    let outcome = Folder::new("compare-unstable").with("tiny.ron", &text).run(&["compare", "tiny.ron"]);
    outcome.is_fine();
    let row = outcome.out.lines().find(|line| line.trim_start().starts_with("slow")).expect("a row");
    assert!(row.contains("- (no steady state)") && !row.contains("higher"), "{outcome:?}");
}

#[test]
fn one_run_goes_on_as_each_alternative() {
    let folder = Folder::tiny("compare-from");
    let arguments =
        ["compare", "tiny.ron", "--from", "100s", "--variants", "slow", "--then", "users.rate=80", "--measure"];
    let outcome = folder.run(&[&arguments[..], &["users.mean", "--json"]].concat());
    outcome.is_fine();
    let document = outcome.json();
    assert_eq!(document["comparison"]["from_s"], 100.0);
    let alternatives: Vec<&str> = document["comparison"]["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|difference| difference["alternative"].as_str())
        .collect();
    assert_eq!(alternatives, ["slow", "users.rate = 80"]);
    let series = folder.read("archsim-out/tiny/compare/series.csv");
    let of = |name: &str, before: bool| -> Vec<String> {
        let rows = series.lines().skip(1).filter_map(|line| line.strip_prefix(&format!("{name},")));
        let ends = |row: &&str| row.split(',').nth(1).and_then(|end| end.parse::<f64>().ok()).expect("a time") <= 98.0;
        rows.filter(|row| ends(row) == before).map(str::to_owned).collect()
    };
    for other in ["slow", "users.rate = 80"] {
        assert_eq!(of("baseline", true), of(other, true));
        assert!(of("baseline", false).len() == of(other, false).len() && of("baseline", false) != of(other, false));
    }
    assert!(folder.read("archsim-out/tiny/compare/plots/series-users.mean.svg").contains("the change"));
    let shown = folder.run(&[&arguments[..], &["users.mean"]].concat());
    assert!(shown.out.contains("From   one run as baseline up to 1m40s"), "{shown:?}");
}

#[test]
fn what_cannot_begin_in_the_middle_of_a_run_is_said() {
    let folder = Folder::tiny("compare-from-wrong");
    let run = |arguments: &[&str]| folder.run(&[&["compare", "tiny.ron"], arguments].concat());
    let why = "web.replicas: `web` cannot get or lose instances while it runs";
    run(&["--from", "100s", "--then", "users.rate=7", "--then", "web.replicas=9"]).fails(2, &[why]);
    run(&["--from", "soon", "--then", "users.rate=7"]).fails(2, &["--from soon: this is no time"]);
    run(&["--from", "0s", "--then", "users.rate=7"]).fails(2, &["inside the run, which lasts 200s"]);
    run(&["--from", "200s", "--then", "users.rate=7"]).fails(2, &["inside the run"]);
    run(&["--then", "users.rate=7"]).fails(2, &["--from <INSTANT>"]);
    run(&["--from", "9s", "--then", "users.rate=soon"]).fails(2, &["soon"]);
}

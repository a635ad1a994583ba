//! `archsim plan`.

use super::{Folder, TINY};

/// The small scenario with prices, and two parts that can be made larger.
pub(crate) fn priced() -> String {
    let text = TINY.replace("Compute(Exp(\"10ms\"))", "Compute(Exp(\"10ms\")), Call(\"db\")");
    let text = text.replace("replicas: 2,", "replicas: 2, cost: 0.5,").replace("users.p99 < 1s", "users.p99 < 100ms");
    let db = "\"db\": Database(shards: 2, workers: 1, cost: 0.8, ops: { \"read\": Read(Exp(\"10ms\")) })";
    let plan = "\"cheapest\": Plan(minimize: \"cost\", vary: { \"web.replicas\": 1..=6, \"db.shards\": 1..=4 }),";
    let text = text.replace("] }) },\n    slos", &format!("] }}), {db} }},\n    slos"));
    text.replace("experiments: {", &format!("experiments: {{ {plan}"))
}

#[test]
fn the_cheapest_setting_is_found_and_explained() {
    let folder = Folder::new("plan-found").with("tiny.ron", &priced());
    let outcome = folder.run(&["plan", "tiny.ron"]);
    outcome.is_fine();
    assert!(outcome.out.starts_with("Tiny: cheapest   smallest cost of 24 settings, seed 3\n"), "{outcome:?}");
    for words in ["<- best", "<- runner-up", "Smallest cost: ", "One step less breaks: ", "Skipped  ", "does not hurt"]
    {
        assert!(outcome.out.contains(words), "{words} is not in {outcome:?}");
    }
    let summary: serde_json::Value =
        serde_json::from_str(&folder.read("archsim-out/tiny/cheapest/summary.json")).expect("JSON");
    assert_eq!(summary["settings"].as_array().map(Vec::len), Some(24));
    assert_eq!(summary["best"]["verdict"], "pass");
    // The answer is what a run of that setting says.
    let settings = &summary["best"]["settings"];
    let set = |path: &str| format!("{path}={}", settings[path].as_str().expect("a value"));
    let (web, db) = (set("web.replicas"), set("db.shards"));
    let run = folder.run(&["run", "tiny.ron", "--set", &web, "--set", &db, "--json"]);
    run.is_fine();
    assert_eq!(run.json()["summary"]["users.p99"], summary["best"]["summary"]["users.p99"]);
    let trials = folder.read("archsim-out/tiny/cheapest/trials.csv");
    assert!(
        trials.starts_with("set:web.replicas,set:db.shards,cost,verdict,full,requests,cost [money/h],"),
        "{trials}"
    );
    let intervals = folder.read("archsim-out/tiny/cheapest/intervals.csv");
    assert!(intervals.starts_with("set:web.replicas,set:db.shards,metric,unit,value,low,high,level,status\n"));
    let (answer, table) = (outcome.out.find("Smallest cost: "), outcome.out.find("<- best"));
    assert!(answer < table, "the finding comes first: {outcome:?}");
    assert_eq!(trials.lines().count(), 1 + summary["trials"].as_array().map_or(0, Vec::len));
}

#[test]
fn threads_do_not_change_the_answer() {
    let folder = Folder::new("plan-threads").with("tiny.ron", &priced());
    let files = ["1", "2"].map(|threads| {
        folder.run(&["plan", "tiny.ron", "-q", "--threads", threads, "--out", threads]).is_fine();
        folder.read(&format!("{threads}/summary.json"))
    });
    assert_eq!(files[0], files[1]);
}

#[test]
fn nothing_that_passes_ends_with_1() {
    let folder = Folder::new("plan-none").with("tiny.ron", &priced());
    let arguments = ["plan", "tiny.ron", "--keep", "users.p99 < 1ms", "-q"];
    let outcome = folder.run(&arguments);
    assert_eq!((outcome.code, outcome.out.as_str()), (Some(1), "No setting meets `users.p99 < 1ms`.\n"), "{outcome:?}");
}

#[test]
fn what_is_missing_or_misspelt_is_said() {
    let folder = Folder::new("plan-wrong").with("tiny.ron", TINY).with("free.ron", &TINY.replace("users.p99 < 1s", ""));
    folder.run(&["plan", "tiny.ron"]).fails(2, &["say what may change, for example --vary web.replicas=1..=8"]);
    folder.run(&["plan", "tiny.ron", "chepest"]).fails(2, &["chepest"]);
    let vary = ["plan", "tiny.ron", "--vary", "web.replicas=1..=2"];
    folder.run(&[&vary[..], &["--minimize", "users.p9x"]].concat()).fails(2, &["users.p9x"]);
    folder.run(&[&vary[..], &["--keep", "users.p99 < 5"]].concat()).fails(2, &["5"]);
    folder.run(&["plan", "tiny.ron", "--vary", "web.replicsa=1..=2"]).fails(2, &["replicsa", "replicas"]);
}

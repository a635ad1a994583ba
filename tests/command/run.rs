//! `archsim run`: verdicts, settings, output and interruptions.

use super::{Folder, TINY};
use std::process::Stdio;

#[test]
fn a_file_alone_is_run_and_judged() {
    let outcome = Folder::tiny("run-alone").run(&["tiny.ron"]);
    outcome.is_fine();
    let sections = [
        "Tiny   3m20s x 2 replications, seed 3",
        "SLOs",
        "pass   users.p99   < 1s",
        "Traffic",
        "Components",
        "Where the time goes",
        "Checks",
        "Speed",
        "What this rests on",
        "reproduce   archsim tiny.ron --seed 3",
        "Files",
        "The SLO holds",
        "Report  archsim-out/tiny/report.html",
    ];
    let places: Vec<Option<usize>> = sections.iter().map(|section| outcome.out.find(section)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {outcome:?}");
    assert!(!outcome.out.contains('\u{1b}'));
}

#[test]
fn verdicts_decide_the_exit_code() {
    let folder = Folder::tiny("run-verdict");
    let failed = folder.run(&["run", "tiny.ron", "--slo", "users.p99 < 1ms"]);
    failed.fails(1, &[]);
    assert!(failed.out.contains("FAIL   users.p99   < 1ms"), "{failed:?}");
    assert_eq!(folder.run(&["run", "tiny.ron", "--slo", "users.p99 < 1ms", "--exit-zero"]).code, Some(0));
    // The rate of a Poisson process is 50/s only on average: no interval can decide.
    let undecided = ["run", "tiny.ron", "-q", "--slo", "users.rate > 50/s"];
    assert_eq!(folder.run(&undecided).code, Some(0));
    assert_eq!(folder.run(&[&undecided[..], &["--strict"]].concat()).code, Some(1));
}

#[test]
fn settings_change_the_text_that_is_run() {
    let folder = Folder::tiny("run-set");
    let arguments =
        ["run", "tiny.ron", "--variant", "slow", "--set", "web.replicas=4", "--seed", "9", "--duration", "30s"];
    let outcome = folder.run(&[&arguments[..], &["--replications", "1", "--slo", "users.p50 < 1s"]].concat());
    outcome.fails(0, &["warning[too-few-samples]: users.p99 needs about 10,000 requests, 30s gives 1,400"]);
    assert!(outcome.out.contains("30 s x 1 replication, seed 9   6 values changed"), "{outcome:?}");
    let text = folder.read("archsim-out/tiny/scenario.ron");
    let changes = [r#"Compute(Exp("30ms"))"#, "replicas: 4", "seed: 9", r#"duration: "30s""#, r#"["users.p50 < 1s", "#];
    changes.iter().for_each(|change| assert!(text.contains(change), "{change} is not in {text}"));
    let again = folder.run(&["run", "archsim-out/tiny/scenario.ron", "--out", "again"]);
    again.fails(0, &[]);
    assert_eq!(folder.read("again/summary.json"), folder.read("archsim-out/tiny/summary.json"));
}

#[test]
fn wrong_settings_are_shown_where_they_are_wrong() {
    let folder = Folder::tiny("run-wrong");
    let wrong =
        |arguments: &[&str], words: &[&str]| folder.run(&[&["run", "tiny.ron"], arguments].concat()).fails(2, words);
    wrong(&["--set", "wbe.replicas=2"], &["--set:1:1", "wbe.replicas=2", "did you mean `web`?"]);
    wrong(&["--set", "web.replicas=\"2"], &["--set:1:14"]);
    wrong(&["--set", "web.replicas=many"], &["changed by the command line", "many"]);
    wrong(&["--set", "web.replicas"], &["PATH=VALUE"]);
    wrong(&["--slo", "users.p9x < 1s"], &["--slo:1:", "users.p9x < 1s"]);
    wrong(&["--variant", "slwo"], &["no variant `slwo`", "did you mean `slow`?"]);
    folder.run(&["nothing.ron"]).fails(2, &["cannot read `nothing.ron`"]);
    folder.run(&["chek", "tiny.ron"]).fails(2, &["check"]);
}

#[test]
fn json_is_one_document() {
    let outcome = Folder::tiny("run-json").run(&["run", "tiny.ron", "--json"]);
    outcome.is_fine();
    let document = outcome.json();
    assert_eq!(document["manifest"]["seed"], 3);
    assert!(document["manifest"]["timing"]["events"].as_u64() > Some(1000));
    let p99 = document["summary"]["users.p99"].as_object().expect("an estimate");
    assert_eq!(p99.keys().map(String::as_str).collect::<Vec<_>>(), ["high", "low", "n", "status", "unit", "value"]);
    assert_eq!((&p99["unit"], &p99["status"]), (&"s".into(), &"ok".into()));
    assert_eq!(document["slos"][0]["verdict"], "pass");
}

#[test]
fn standard_input_is_a_file() {
    let folder = Folder::new("run-stdin").with("tiny.ron", TINY);
    let file = std::fs::File::open(folder.0.join("tiny.ron")).expect("it was just written");
    let output = folder.command(&["run", "-", "-q"]).stdin(Stdio::from(file)).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0));
    assert!(folder.read("archsim-out/stdin/summary.json").contains("users.p99"));
}

#[test]
fn colours_are_for_terminals() {
    let folder = Folder::tiny("run-colour");
    let with = |arguments: &[&str]| {
        folder.run(&[&["run", "tiny.ron"], arguments].concat()).out.contains("\u{1b}[32mpass\u{1b}[0m")
    };
    assert!(with(&["--color", "always"]));
    assert!(!with(&["--color", "auto"]) && !with(&["--color", "never"]));
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_keeps_what_is_finished() {
    let folder = Folder::tiny("run-interrupt");
    let mut command = folder.command(&["run", "tiny.ron", "--replications", "10000", "--threads", "1"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let pid = child.id().to_string();
    let is_listening = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 2 != 0)
    };
    while !is_listening() {
        std::thread::yield_now();
    }
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().is_ok_and(|status| status.success()));
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("interrupted"), "{output:?}");
}

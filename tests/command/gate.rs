//! The SLOs as a gate of a CI job: annotations, summaries, JUnit XML, exit codes.

use super::{Folder, Outcome, TINY};

/// The annotations of a job, without their messages.
fn annotations(outcome: &Outcome) -> Vec<&str> {
    let lines = outcome.out.lines().filter_map(|line| line.strip_prefix("::"));
    lines.map(|line| line.split_once("::").map_or(line, |(place, _)| place)).collect()
}

/// The verdicts of a JUnit document: for each test case its name and the first element in it.
fn cases(outcome: &Outcome) -> Vec<(String, String)> {
    let document = roxmltree::Document::parse(&outcome.out).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    let first = |case: roxmltree::Node<'_, '_>| {
        let element = case.first_element_child().map_or("", |element| element.tag_name().name());
        (case.attribute("name").unwrap_or_default().to_owned(), element.to_owned())
    };
    document.descendants().filter(|node| node.has_tag_name("testcase")).map(first).collect()
}

#[test]
fn an_annotation_stands_where_the_slo_is_in_the_file_whatever_the_command_line_changes() {
    let folder = Folder::new("gate-places").with("tight.ron", &TINY.replace("< 1s", "< 1ms"));
    let long = "traffic={\n\n\n\"users\": Open(to: \"web\", rate: \"50/s\")}";
    let arguments = ["run", "tight.ron", "--format", "github", "--slo", "users.p50 < 1us", "--set", long];
    let outcome = folder.run(&arguments);
    outcome.fails(1, &[]);
    let in_file = "error file=tight.ron,line=6,endLine=6,col=12,endColumn=29,title=SLO FAIL";
    assert_eq!(annotations(&outcome), ["error file=tight.ron,title=SLO FAIL", in_file], "{outcome:?}");
    assert!(outcome.out.starts_with("SLOs ") && !outcome.out.contains("Files"), "{outcome:?}");
}

#[test]
fn what_is_undecided_is_a_warning_unless_strict() {
    // The rate of a Poisson process is 50/s only on average: no interval can decide.
    let folder = Folder::new("gate-undecided").with("even.ron", &TINY.replace("users.p99 < 1s", "users.rate > 50/s"));
    let place = "file=even.ron,line=6,endLine=6,col=12,endColumn=31,title=SLO undecided";
    for (flag, code, level, element) in [("-q", 0, "warning", "skipped"), ("--strict", 1, "error", "failure")] {
        let outcome = folder.run(&["run", "even.ron", "--format", "github", flag]);
        assert_eq!((outcome.code, annotations(&outcome)), (Some(code), vec![&*format!("{level} {place}")]));
        let outcome = folder.run(&["run", "even.ron", "--format", "junit", flag]);
        assert_eq!((outcome.code, cases(&outcome)), (Some(code), vec![("users.rate > 50/s".into(), element.into())]));
    }
    assert_eq!(folder.run(&["run", "even.ron", "--format", "junit", "--strict", "--exit-zero"]).code, Some(0));
}

#[test]
fn a_sweep_has_a_case_for_each_slo_at_each_point() {
    // ln(100) / 50 = 92 ms of one server at 50/s, 61 ms of each of two at 25/s.
    let folder = Folder::new("gate-sweep").with("size.ron", &TINY.replace("< 1s", "< 75ms"));
    let sweep = |more: &[&str]| folder.run(&[&["sweep", "size.ron", "--vary", "web.replicas=1..=2"], more].concat());
    let outcome = sweep(&["--format", "junit"]);
    let case =
        |replicas: u32, element: &str| (format!("users.p99 < 75ms with web.replicas = {replicas}"), element.into());
    assert_eq!(cases(&outcome), [case(1, "failure"), case(2, "system-out")]);
    // A point that meets all is enough for a sweep.
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let outcome = sweep(&["--format", "github", "--set", "web.on.get=[Compute(Exp(\"10ms\"))]"]);
    outcome.fails(0, &[]);
    let place = "error file=size.ron,line=6,endLine=6,col=12,endColumn=30,title=SLO FAIL";
    assert_eq!(annotations(&outcome), [place], "{outcome:?}");
    assert!(outcome.out.contains("::users.p99 < 75ms with web.replicas = 1: measured "), "{outcome:?}");
    assert!(outcome.out.starts_with("web.replicas ") && !outcome.out.contains("Files"), "{outcome:?}");
    sweep(&["--format", "junit", "--shard", "1/2"]).fails(2, &["cannot be used with"]);
}

#[test]
fn an_slo_without_data_fails_and_one_with_too_little_is_undecided() {
    let rare = r#""users": Open(to: "web", rate: "50/s"), "ghosts": Open(to: "web", rate: "0.00001/s")"#;
    let text =
        TINY.replace(r#""users": Open(to: "web", rate: "50/s")"#, rare).replace("1s\"]", "1s\", \"ghosts.p99 < 1h\"]");
    let folder = Folder::new("gate-no-data").with("rare.ron", &text);
    let run = |format: &str| folder.run(&["run", "rare.ron", "--slo", "users.p999 < 1h", "--format", format]);
    let outcome = run("junit");
    outcome.fails(1, &[]);
    let case = |name: &str, element: &str| (name.to_owned(), element.to_owned());
    let expected =
        [case("users.p999 < 1h", "skipped"), case("users.p99 < 1s", "system-out"), case("ghosts.p99 < 1h", "failure")];
    assert_eq!(cases(&outcome), expected);
    let outcome = run("github");
    let messages = [
        "users.p999 < 1h: undecided, more requests would tell: - (too few)",
        "ghosts.p99 < 1h: there is nothing to judge by: - (nothing seen)",
    ];
    messages.iter().for_each(|message| assert!(outcome.out.contains(&format!("::{message}\n")), "{outcome:?}"));
}

#[test]
fn an_slo_of_a_window_is_judged_in_its_window() {
    let slos = r#"[(check: "users.p90 < 1s", during: ("0s", "80s"), name: "before"), (check: "users.p90 < 1s", during: ("100s", "120s"))]"#;
    let stop = format!("slos: {slos},\n    faults: [Pause(target: \"web\", at: \"90s\", for: \"20s\")]");
    let folder = Folder::new("gate-during").with("stop.ron", &TINY.replace("slos: [\"users.p99 < 1s\"]", &stop));
    let outcome = folder.run(&["run", "stop.ron", "--format", "github"]);
    outcome.fails(1, &[]);
    assert_eq!(annotations(&outcome).len(), 1, "{outcome:?}");
    assert!(outcome.out.contains("::users.p90 < 1s from 1m40s to 2 min: "), "{outcome:?}");
    let outcome = folder.run(&["run", "stop.ron", "--format", "junit"]);
    let elements: Vec<String> = cases(&outcome).into_iter().map(|(_, element)| element).collect();
    assert_eq!(elements, ["system-out", "failure"], "{outcome:?}");
}

#[test]
fn the_summary_of_a_step_is_added_to() {
    let folder = Folder::tiny("gate-summary").with("summary.md", "before\n");
    let run = |path: &str| {
        let mut command = folder.command(&["run", "tiny.ron", "--format", "github"]);
        command.env("GITHUB_STEP_SUMMARY", folder.0.join(path)).output().expect("the program starts")
    };
    (0..2).for_each(|_| assert_eq!(run("summary.md").status.code(), Some(0)));
    let summary = folder.read("summary.md");
    assert!(summary.starts_with("before\n### Tiny\n\n1 passed\n\n"), "{summary}");
    assert_eq!(summary.matches("| :white_check_mark: pass | users.p99 &lt; 1s |").count(), 2, "{summary}");
    let output = run("nowhere/summary.md");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("(GITHUB_STEP_SUMMARY)"), "{output:?}");
    assert!(folder.read("archsim-out/tiny/slos.json").contains("pass"));
}

#[test]
fn findings_of_a_check_are_annotations_too() {
    let broken = TINY.replace("replicas: 2", "replica: 2");
    let outcome =
        Folder::new("gate-check").with("broken.ron", &broken).run(&["check", "--format", "github", "broken.ron"]);
    assert_eq!(outcome.code, Some(2));
    let place = "error file=broken.ron,line=5,endLine=5,col=34,endColumn=41,title=parse";
    assert_eq!(annotations(&outcome).first(), Some(&place), "{outcome:?}");
    assert!(outcome.out.contains("%0Ahelp: did you mean `replicas`?"), "{outcome:?}");
}

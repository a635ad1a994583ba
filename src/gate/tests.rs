use super::{Case, Gate, Place, github, junit, markdown, places};
use archsim_experiment::language::Source;
use archsim_experiment::report::{Estimate, SloVerdict, Status, Verdict};

/// What was measured in seconds, with its interval.
fn measured(value: Option<f64>, status: Status) -> Estimate {
    let around = |factor: f64| value.map(|value| value * factor);
    Estimate { value, low: around(0.9), high: around(1.1), unit: "s", status, n: 1000 }
}

fn slo(verdict: Verdict, text: &str, limit_text: &str, measured: Estimate) -> SloVerdict {
    SloVerdict {
        text: text.into(),
        name: None,
        metric: text.split(' ').next().unwrap_or_default().into(),
        comparison: "<",
        limit: 1.0,
        limit_text: limit_text.into(),
        during: None,
        margin: measured.value.map(|value| 1.0 / value),
        measured,
        verdict,
    }
}

/// One of each verdict, one without data, and one whose name means something everywhere.
fn verdicts() -> Vec<SloVerdict> {
    let named = slo(Verdict::Undecided, "a.p99 < 1s", "1s", measured(Some(1.0), Status::Ok));
    vec![
        slo(Verdict::Pass, "a.p50 < 1s", "1s", measured(Some(0.5), Status::Ok)),
        slo(Verdict::Fail, "a.p90 < 1s", "1s", measured(Some(2.0), Status::Ok)),
        SloVerdict { name: Some("]]>\"&|,%\n\u{1}".into()), during: Some((60.0, 90.0)), ..named },
        slo(Verdict::Fail, "b.p99 < 1s", "1s", measured(None, Status::TooFew)),
    ]
}

fn gate(slos: &[SloVerdict], strict: bool) -> Gate<'_> {
    let at = |line| Some(Place { line, column: 5, end_line: line, end_column: 17 });
    let long = Some(Place { line: 3, column: 5, end_line: 4, end_column: 2 });
    let places = [at(1), at(2), long, None];
    let cases = slos.iter().zip(places).map(|(slo, place)| Case { slo, place, point: None }).collect();
    Gate { file: "a,b.ron", scenario: "R&D <1>", cases, strict }
}

#[test]
fn annotations_point_at_what_did_not_pass() {
    let slos = verdicts();
    let lines = [
        "::error file=a%2Cb.ron,line=2,endLine=2,col=5,endColumn=17,title=SLO FAIL::a.p90 < 1s: measured 2.00 s (1.80 .. 2.20)\n",
        "::warning file=a%2Cb.ron,line=3,endLine=4,title=SLO undecided::]]>\"&|,%25%0A\u{1}: a.p99 < 1s from 1 min to 1m30s: \
         undecided, the limit is inside the interval: measured 1.00 s (0.900 .. 1.10)\n",
        "::error file=a%2Cb.ron,title=SLO FAIL::b.p99 < 1s: there is nothing to judge by: - (too few)\n",
    ];
    assert_eq!(github::annotations(&gate(&slos, false)), lines.concat());
    let strict = github::annotations(&gate(&slos, true));
    assert_eq!(strict, lines.concat().replace("::warning", "::error"));
}

#[test]
fn the_summary_is_a_table_that_nothing_breaks_out_of() {
    let slos = verdicts();
    let table = markdown::table(&gate(&slos, false));
    let expected = "### R&amp;D &lt;1&gt;\n\n2 failed, 1 undecided, 1 passed\n\n| | SLO | measured | margin |\n|---|---|---|---|\n\
        | :white_check_mark: pass | a.p50 &lt; 1s | 500 ms (450 .. 550) | 2.0x |\n\
        | :x: **FAIL** | a.p90 &lt; 1s | 2.00 s (1.80 .. 2.20) | 0.5x |\n\
        | :warning: undecided | \\]\\]&gt;\"&amp;\\|,%  \\: a.p99 &lt; 1s from 1 min to 1m30s | 1.00 s (0.900 .. 1.10) | 1.0x |\n\
        | :x: **FAIL** | b.p99 &lt; 1s | - (too few) |  |\n\n";
    assert_eq!(table, expected);
    assert!(markdown::table(&gate(&slos, true)).contains("1 undecided (counted as failed: --strict)"));
    assert!(markdown::table(&gate(&[], false)).contains("nothing is judged"));
}

/// An element inside a test case: its name and its type.
type Element = (String, Option<String>);

/// The cases of a document with the elements inside each, as a reader of XML sees them.
fn cases(text: &str) -> Vec<(String, Vec<Element>)> {
    let document = roxmltree::Document::parse(text).expect("well-formed XML");
    let inside = |case: roxmltree::Node<'_, '_>| {
        let elements = case.children().filter(roxmltree::Node::is_element);
        elements.map(|e| (e.tag_name().name().to_owned(), e.attribute("type").map(str::to_owned))).collect()
    };
    let all = document.descendants().filter(|node| node.has_tag_name("testcase"));
    all.map(|case| (case.attribute("name").unwrap_or_default().to_owned(), inside(case))).collect()
}

#[test]
fn junit_has_a_case_for_each_slo_whatever_its_name() {
    let slos = verdicts();
    let text = junit::document(&gate(&slos, false));
    assert!(
        text.contains("<testsuite name=\"R&amp;D &lt;1&gt;\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"1\">"),
        "{text}"
    );
    let one = |name: &str, kind: Option<&str>| vec![(name.to_owned(), kind.map(str::to_owned))];
    let expected = [
        ("a.p50 < 1s".to_owned(), one("system-out", None)),
        ("a.p90 < 1s".to_owned(), one("failure", Some("fail"))),
        ("]]>\"&|,%\n\u{fffd}: a.p99 < 1s from 1 min to 1m30s".to_owned(), one("skipped", None)),
        ("b.p99 < 1s".to_owned(), one("failure", Some("fail"))),
    ];
    assert_eq!(cases(&text), expected);
    let strict = junit::document(&gate(&slos, true));
    assert!(strict.contains("failures=\"3\" errors=\"0\" skipped=\"0\""), "{strict}");
    assert_eq!(cases(&strict)[2].1, one("failure", Some("undecided")));
    assert_eq!(cases(&junit::document(&gate(&[], true))), []);
}

#[test]
fn slos_are_found_in_the_file_in_both_forms_and_twice() {
    let text = "Scenario(\n  slos: [\n    \"a < 1\", // first\n    (check: \" b < 1\", during: (\"1s\", \"2s\")), \"a < 1\",\n  ],\n)";
    let of = |text: &str| slo(Verdict::Pass, text, "1", measured(None, Status::NoData));
    let found = places(&Source::new("a.ron", text), &["--slo < 1", "a < 1", "b < 1", "a < 1"].map(of));
    let starts: Vec<_> = found.iter().map(|place| place.map(|place| (place.line, place.column))).collect();
    assert_eq!(starts, [None, Some((3, 5)), Some((4, 5)), Some((4, 46))]);
    assert_eq!(places(&Source::new("a.ron", "Scenario("), &[of("a < 1")]), [None]);
}

//! Messages where the frame does not matter: what is underlined, what is said, what is advised.

use crate::shop::{Component, Edge, Law, Policy, Scenario, Step, Time, problems, read};
use archsim_language::{Diagnostic, Document, MAX_BYTES, Source, Style, parse, render, short};

fn only<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
    let all = problems::<T>(text);
    assert_eq!(all.len(), 1, "{all:#?}");
    all[0].clone()
}

fn parse_problem(text: &str) -> String {
    let problems = parse(&Source::new("a", text)).unwrap_err();
    let first = &problems[0];
    format!("{}: {}", &text[first.span.clone()], first.message)
}

#[test]
fn names_are_those_of_the_user() {
    assert!(
        only::<Edge>("(timout: 1)").starts_with("timout: unknown field `timout` in `Edge`; did you mean `timeout`?")
    );
    assert!(
        only::<Edge>("(retry: (mx: 1, max: 1))").starts_with("mx: unknown field `mx` in `retry`; did you mean `max`?")
    );
    assert_eq!(only::<Edge>("(retry: ())"), "(: `retry` needs `max`");
    assert_eq!(only::<Edge>("(retry: Retri(max: 1))"), "Retri: expected `Retry(..)` or `(..)`, found `Retri(..)`");
    assert_eq!(
        only::<Component>("Service(on: {}, cpu: None, replicas: Some(true))"),
        "true: expected a whole number, found `true`"
    );
}

#[test]
fn types_are_in_plain_words() {
    assert_eq!(
        only::<Vec<Step>>("Compute"),
        "Compute: expected a list, found the word `Compute`; if text is meant, put it in quotes: \"Compute\""
    );
    assert_eq!(only::<Step>("3"), "3: expected a step, found 3");
    assert_eq!(
        only::<Step>("\"Compute\""),
        "\"Compute\": expected a step, found text; write it without quotes: Compute"
    );
    assert_eq!(only::<(u8, u8)>("(1, 2, 3)"), "(1, 2, 3): expected a pair `(a, b)`, found 3 values");
    assert_eq!(only::<(u8, u8)>("[1, 2]"), "[1, 2]: expected a pair `(a, b)`, found a list");
    assert_eq!(only::<Edge>("{}"), "{}: expected fields in brackets, `(latency: ..)`, found a map");
    assert_eq!(only::<bool>("'x'"), "'x': expected `true` or `false`, found a character");
    assert_eq!(only::<char>("\"x\""), "\"x\": expected a character in single quotes, found text");
    assert_eq!(only::<u8>("300"), "300: expected a whole number from 0 to 255, found 300");
    assert_eq!(only::<i8>("-129"), "-129: expected a whole number from -128 to 127, found -129");
    assert_eq!(only::<f64>("1..2"), "1..2: expected a number, found a range");
    assert_eq!(only::<String>("()"), "(): expected text, found `()`");
    assert_eq!(only::<std::num::NonZeroU8>("0"), "0: expected a nonzero whole number, found 0");
}

#[test]
fn arguments_are_explained() {
    assert_eq!(only::<Policy>("RoundRobin(1)"), "RoundRobin(1): `RoundRobin` takes no values");
    assert_eq!(only::<Law>("Exp"), "Exp: `Exp` needs `mean`");
    assert_eq!(only::<Step>("After"), "After: `After` needs a value: After(..)");
    assert_eq!(only::<Step>("After(steps: [])"), "After(steps: []): `After` takes a value without a name");
    assert_eq!(only::<Step>("After([], [])"), "After([], []): `After` takes one value, found 2");
    assert_eq!(
        only::<Step>("Repeat([])"),
        "[]: expected a whole number, found a list; it stands for `times` of `Repeat` (fields: `times`, `steps`)"
    );
}

#[test]
fn a_custom_message_passes_unchanged_to_the_innermost_value() {
    let message = "\"1 day\": `1 day` is not a duration (write \"5ms\", \"1.5s\", \"10m\")";
    assert_eq!(only::<Time>("\"1 day\""), message);
    assert_eq!(only::<Vec<Step>>("[Compute(Exp(\"1 day\"))]"), message);
}

#[test]
fn all_problems_of_a_value_are_found_at_once() {
    let text = r#"Scenario(
        nam: "x",
        components: {
            "a": Service(replica: 6, cpu: "2", on: { "x": [Computee("2ms"), Call(5), Compute("1 day"), Call("ok")] }),
            "b": LoadBalancer(policy: Leastconn, targets: "web"),
            "c": Service(),
        },
        edges: { "a -> b": (timeout: 5, retry: (max: 1.5, backoff: Fixed("1 year"))) },
    )"#;
    let places: Vec<String> =
        problems::<Scenario>(text).iter().map(|p| p.split(':').next().unwrap_or_default().into()).collect();
    assert_eq!(
        places,
        [
            "Scenario",
            "nam",
            "replica",
            "\"2\"",
            "Computee",
            "5",
            "\"1 day\"",
            "Leastconn",
            "\"web\"",
            "Service",
            "5",
            "1.5",
            "\"1 year\""
        ]
    );
}

#[test]
fn consequences_are_not_reported() {
    // Taking `max` out makes `retry` incomplete, and taking `p99` out makes `LogNormal` incomplete.
    assert_eq!(only::<Edge>("(retry: (max: \"3\"))"), "\"3\": expected a whole number, found text");
    assert!(only::<Law>("LogNormal(p50: \"1ms\", p99: 3)").starts_with("3: expected a duration"));
}

#[test]
fn a_value_with_hundreds_of_problems_ends() {
    let text = format!("[{}]", "x, ".repeat(500));
    assert_eq!(problems::<Vec<u8>>(&text).len(), 50);
    assert!(read::<Vec<u8>>("x").unwrap_err().len() == 1);
}

#[test]
fn syntax_is_explained_where_it_breaks() {
    assert_eq!(parse_problem(""), ": expected a value, found the end of the file");
    assert_eq!(parse_problem("\"abc"), "\"abc: this text is never closed");
    assert_eq!(parse_problem("r#\"abc\""), "r#\"abc\": this text is never closed".replace("\"abc\":", "\":").as_str());
    assert_eq!(parse_problem(r#""a\q""#), r"\q: unknown escape `\q`");
    assert_eq!(parse_problem(r#""\u{110000}""#), r"\u{110000: expected a character such as `\u{e9}`");
    assert_eq!(parse_problem("0x"), "0x: expected a digit after `0x`");
    assert_eq!(parse_problem("0b12"), "0b12: `2` is not a digit in base 2");
    assert_eq!(parse_problem("1e999"), "1e999: this number is too large");
    assert_eq!(parse_problem("-inf"), "-inf: `-inf` is not a number that can be used here");
    assert_eq!(parse_problem("1u8"), "1u8: `1u8` is not a number");
    assert_eq!(parse_problem("b\"x\""), "b\"x\": bytes are not a value here");
    assert_eq!(parse_problem(r#"b"\xc3(\xa9""#), r#"b"\xc3(\xa9": bytes are not a value here"#);
    assert_eq!(parse_problem("(a: 1, 5)"), "5: expected the name of a field, found `5`");
    assert_eq!(parse_problem("{1: 2, 1: 3}"), "1: `1` is defined twice");
    assert_eq!(parse_problem("#![enable(magic)]\n()"), "magic: unknown extension `magic`");
}

#[test]
fn several_syntax_errors_are_found_at_once() {
    let problems = parse(&Source::new("a", r#"(a: 5ms, b: "\q", c: [1 2], d: { x = 1 }, e: 'ab', f: 1)"#)).unwrap_err();
    let places: Vec<usize> = problems.iter().map(|problem| problem.span.start).collect();
    assert_eq!(places, [4, 13, 24, 35, 45]);
}

#[test]
fn tabs_and_wide_characters_keep_the_columns_right() {
    let text = "(\n\ta: \"\u{e9}\u{65e5}\", b: ?)";
    let source = Source::new("a.ron", text);
    let problems = parse(&source).unwrap_err();
    assert_eq!(short(&problems[0], &source), "a.ron:2:14: error[parse]: expected a value, found `?`");
    let expected = "error[parse]: expected a value, found `?`
 --> a.ron:2:14
  |
2 |     a: \"\u{e9}\u{65e5}\", b: ?)
  |                  ^
";
    assert_eq!(render(&problems, &source, Style::Plain), expected);
}

#[test]
fn long_lines_are_cut() {
    let text = format!("({} b: ?, {})", "a1: 1, ".repeat(100).replace("a1", "a"), "c: 1, ".repeat(100));
    let source = Source::new("a.ron", text);
    let diagnostic = Diagnostic::error("parse", "no", 705..706);
    let printed = render(&[diagnostic], &source, Style::Plain);
    assert!(printed.lines().all(|line| line.chars().count() <= 150), "{printed}");
    assert!(printed.contains("..."), "{printed}");
}

#[test]
fn problems_are_sorted_and_carry_labels_warnings_and_colours() {
    let source = Source::new("a.ron", "(a: 1, b: 2)");
    let late = Diagnostic::warning("overload", "too much", 10..11).with_label("here").with_help("take less");
    let early = Diagnostic::error("parse", "wrong", 4..5);
    let printed = render(&[late.clone(), early], &source, Style::Plain);
    let expected = "error[parse]: wrong
 --> a.ron:1:5
  |
1 | (a: 1, b: 2)
  |     ^

warning[overload]: too much
 --> a.ron:1:11
  |
1 | (a: 1, b: 2)
  |           ^ here
  |
  = help: take less
";
    assert_eq!(printed, expected);
    assert!(render(&[late], &source, Style::Colour).contains("\u{1b}["));
}

#[test]
fn a_place_outside_the_text_is_moved_into_it() {
    let source = Source::new("a.ron", "()\n");
    let printed = render(&[Diagnostic::error("parse", "far", 50..70)], &source, Style::Plain);
    assert!(printed.starts_with("error[parse]: far\n --> a.ron:2:1"), "{printed}");
}

#[test]
fn files_that_are_too_large_are_refused_before_they_are_read() {
    let text = "(".repeat(MAX_BYTES + 1);
    let problems = Document::parse(Source::new("a", text)).unwrap_err();
    assert_eq!(problems[0].message, "the file has 16777217 bytes; a scenario has at most 16 MiB");
}

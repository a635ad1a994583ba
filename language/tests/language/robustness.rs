//! Hostile input: it may be refused, it may not panic, and messages point into the text.

use crate::agreement::cases;
use crate::shop::{Scenario, Step, read};
use crate::{MESH, ORDER_PIPELINE, WEB_SHOP};
use archsim_language::{Diagnostic, Document, MAX_DEPTH, Path, Sections, Source, Style, parse, render, set, short};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Everything that is done with a text.
fn exercise(text: &str) {
    let source = Source::new("a", text);
    match Document::parse(source.clone()) {
        Ok(document) => print(&document.read_all::<Scenario>(&document.root).1, &source),
        Err(problems) => {
            assert!(!problems.is_empty());
            print(&problems, &source);
        }
    }
}

fn print(problems: &[Diagnostic], source: &Source) {
    for problem in problems {
        assert!(source.text().get(problem.span.clone()).is_some(), "{problem:?}");
        assert!(short(problem, source).starts_with("a:"));
    }
    assert_eq!(render(problems, source, Style::Plain).is_empty(), problems.is_empty());
}

fn mutate(text: &str, changes: &[(Index, u8, u8)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (index, change, byte) in changes {
        let at = index.index(bytes.len());
        match change % 4 {
            0 => bytes.insert(at, *byte),
            1 => drop(bytes.remove(at)),
            2 => bytes[at] = *byte,
            _ => bytes.truncate(at.max(8)),
        }
    }
    bytes
}

fn punctuation() -> impl Strategy<Value = u8> {
    prop_oneof![select(b"()[]{},:\"'\\/*#.= \n".to_vec()), any::<u8>()]
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn random_bytes_do_not_panic(bytes in vec(punctuation(), 0..60)) {
        if let Ok(source) = Source::from_bytes("a", &bytes) {
            exercise(source.text());
        }
    }

    #[test]
    fn words_in_any_order_do_not_panic(words in vec(select(vec![
        "(", ")", "[", "]", "{", "}", ",", ":", "name", "\"a\"", "1", "..", "Service", "None", "Some", "'", "\"", "/*", "*/", "//", "\n", "r#", "-", "0x", "\\",
    ]), 0..30)) {
        exercise(&words.concat());
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn mutated_scenarios_do_not_panic(
        text in select(vec![WEB_SHOP, ORDER_PIPELINE, MESH]),
        changes in vec((any::<Index>(), any::<u8>(), punctuation()), 1..4),
    ) {
        let bytes = mutate(text, &changes);
        match Source::from_bytes("a", &bytes) {
            Ok(source) => exercise(source.text()),
            Err(problem) => prop_assert!(problem.span.start < bytes.len()),
        }
    }

    #[test]
    fn any_path_and_value_leave_a_text_that_can_be_read(
        path in "[a-z]{0,3}(catalog|orders -> payments|on|product|Compute|time|retry|\\[[0-9]\\]|\\.|\"){0,6}",
        value in "[ -~]{0,8}",
    ) {
        let document = Document::parse(Source::new("a", WEB_SHOP)).unwrap();
        let sections = Sections { names: &["components", "edges"], root: &["run"], arrows: Some("edges"), fields: &|_| vec!["time"] };
        if let Ok(path) = Path::parse(&path) {
            let read = set(&document, &path, &value, &sections).map(|text| parse(&Source::new("a", text)).is_ok());
            prop_assert!(read.unwrap_or(true));
        }
    }
}

#[test]
fn brackets_nested_a_hundred_thousand_deep_are_refused() {
    for open in ["(", "[", "{", "Some(", "(a: ", "{\"a\": ", "[[(", "{("] {
        let problems = parse(&Source::new("a", open.repeat(100_000))).unwrap_err();
        assert_eq!(problems[0].message, "brackets are nested more than 128 deep", "{open}");
    }
    let comments = format!("{}{}()", "/*".repeat(100_000), "*/".repeat(100_000));
    assert!(parse(&Source::new("a", comments)).is_ok());
}

#[test]
fn the_depth_limit_is_exact() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&Source::new("a", nested(MAX_DEPTH))).is_ok());
    let problem = parse(&Source::new("a", nested(MAX_DEPTH + 1))).unwrap_err().remove(0);
    assert_eq!(problem.span, MAX_DEPTH..MAX_DEPTH + 1);
}

#[test]
fn long_inputs_of_one_kind_are_read_in_linear_time() {
    for (piece, accepted) in [
        ("1,", true),
        ("\"\\n\",", true),
        ("/* ( */ 1,", true),
        ("Exp(\"5ms\"),", true),
        ("{\"a\":1,\"b\":2},", true),
        ("?,", false),
        ("1 ", false),
        ("'ab',", false),
        ("\"\\q\",", false),
    ] {
        let text = format!("[{}]", piece.repeat(100_000));
        assert_eq!(parse(&Source::new("a", text)).is_ok(), accepted, "{piece}");
    }
    let keys: String = (0..100_000).map(|key| format!("\"{key}\":1,")).collect();
    assert!(parse(&Source::new("a", format!("{{{keys}}}"))).is_ok());
    let same = format!("{{{}}}", "\"a\":1,".repeat(100_000));
    assert_eq!(parse(&Source::new("a", same)).unwrap_err().len(), 20);
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let node = parse(&Source::new("a", "\u{feff}[1]")).unwrap();
    assert_eq!(node.span, 3..6);
}

#[test]
fn values_nested_as_deep_as_is_allowed_can_be_read() {
    let pairs = MAX_DEPTH / 2;
    let text = format!("{}{}", "Parallel([".repeat(pairs), "])".repeat(pairs));
    assert!(read::<Step>(&text).is_ok());
}

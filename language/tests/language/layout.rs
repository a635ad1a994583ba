//! The layout of a text.

use archsim_language::{Source, format, parse};
use proptest::prelude::*;

fn laid_out(text: &str) -> String {
    format(&Source::new("a.ron", text)).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
}

#[test]
fn blanks_indentation_and_commas_are_put_right() {
    let text = "Scenario(name :\"a\",\n  components:{\"web\":Service(cpu:2 ,on:{ \"get\" : [ Compute( \"5ms\" ),Call(\"db\")]}),\n\"db\" : Database(\n\n\nworkers: 4\n      )\n}\n\n\n\n, slos: [  ])";
    let expected = "Scenario(name: \"a\",\n    components: { \"web\": Service(cpu: 2, on: { \"get\": [Compute(\"5ms\"), Call(\"db\")] }),\n        \"db\": Database(\n            workers: 4,\n        ),\n    }\n\n    , slos: [])\n";
    assert_eq!(laid_out(text), expected);
}

#[test]
fn comments_line_breaks_and_alignment_stay() {
    let text = "// Question: why?\n\n#![enable(implicit_some)]\n(\n    a:   1,   // the first\n    bcd: 2,   /* the\n  second */\n    // nothing here\n)\n";
    assert_eq!(laid_out(text), text);
    assert_eq!(
        laid_out("(a: r#\"x, (y\"#, b: \"// no\\\" comment\", c: '\"') // end"),
        "(a: r#\"x, (y\"#, b: \"// no\\\" comment\", c: '\"') // end\n"
    );
}

#[test]
fn brackets_that_open_together_indent_once() {
    let text = "(steps: [Do(\n{\n\"a\": [\n1,\n]\n}\n)],)";
    assert_eq!(laid_out(text), "(steps: [Do(\n    {\n        \"a\": [\n            1,\n        ],\n    },\n)],)\n");
}

#[test]
fn what_cannot_be_read_is_not_touched() {
    let problems = format(&Source::new("a.ron", "(a: 1")).expect_err("a bracket is open");
    assert_eq!(problems[0].code, "parse");
}

#[test]
fn the_scenarios_keep_their_meaning_and_are_laid_out_once() {
    for text in [super::WEB_SHOP, super::ORDER_PIPELINE, super::MESH] {
        let once = laid_out(text);
        assert_eq!(laid_out(&once), once);
        let tree = |text: &str| parse(&Source::new("a.ron", text)).expect("it can be read");
        assert!(tree(&once).means_the_same(&tree(text)));
        let words = |text: &str| text.split_whitespace().collect::<String>().replace(',', "");
        assert_eq!(words(&once), words(text), "no comment or value is lost");
    }
}

proptest! {
    #[test]
    fn any_text_keeps_its_meaning(text in "[(\\[{a1\"/*:, \n)\\]}.#r]{0,60}") {
        let source = Source::new("a.ron", &text);
        if let Ok(tree) = parse(&source) {
            let once = laid_out(&text);
            prop_assert!(parse(&Source::new("a.ron", &once)).is_ok_and(|after| after.means_the_same(&tree)));
            prop_assert_eq!(laid_out(&once), once);
        } else {
            prop_assert!(format(&source).is_err());
        }
    }
}

//! The reader against `ron`, which defines the grammar: same accept, same reject, same values.

use archsim_language::{Diagnostic, Document, Kind, Node, Source, parse};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;
use ron::Value;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// So many cases, or as many as the environment variable `PROPTEST_CASES` says.
pub(crate) fn cases(default: u32) -> Config {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Config { cases: wanted.unwrap_or(default), failure_persistence: None, ..Config::default() }
}

/// Documents with everything the grammar has, written in many ways.
fn document() -> impl Strategy<Value = String> {
    let blank = || select(vec!["", " ", "\n", "/* ( /* [ */ */", "// {\n", "\t\u{2028}"]);
    let name = || select(vec!["a", "b_1", "Exp", "_x", "r#type", "true_", "r", "br", "caf\u{e9}"]);
    let scalar = prop_oneof![
        Just("()".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(|value| format!("{value:?}")),
        select(vec!["1_000", "0xfF", "0o17", "0b1_0", "1e3", "1.", ".5", "+7", "-0", "1.5E-3", "1e_5", "1_.5"])
            .prop_map(String::from),
        select(vec!["1..=8", "1..8", "..8", "..=8", "1..", "..", "1.5..2"]).prop_map(String::from),
        any::<char>().prop_map(|c| format!("{c:?}")),
        any::<String>().prop_map(|text| format!("{text:?}")),
        select(vec!["r\"a\\\"", "r#\"a\"b\"#", "\"\\x41\\u{1F600}\\n\"", "\"a\\\n   b\"", "\"\\xc3\\xa9\"", "'\\''"])
            .prop_map(String::from),
        name().prop_map(String::from),
        Just("None".to_owned()),
    ];
    scalar.prop_recursive(4, 40, 5, move |inner| {
        let padded = (blank(), inner, blank()).prop_map(|(before, value, after)| format!("{before}{value}{after}"));
        let comma = select(vec!["", ","]);
        let items = (vec(padded.clone(), 1..5), comma).prop_map(|(items, end)| items.join(",") + end);
        let fields = vec((blank(), padded.clone()), 1..4).prop_map(|fields| {
            let numbered = fields.iter().enumerate();
            numbered.map(|(at, (blank, value))| format!("f{at}{blank}:{value}")).collect::<Vec<_>>().join(",")
        });
        let entries = btree_map(any::<String>(), (blank(), padded.clone()), 0..4).prop_map(|entries| {
            entries.iter().map(|(key, (blank, value))| format!("{key:?}{blank}:{value}")).collect::<Vec<_>>().join(",")
        });
        prop_oneof![
            items.clone().prop_map(|items| format!("[{items}]")),
            (name(), blank(), items).prop_map(|(name, blank, items)| format!("{name}{blank}({items})")),
            (select(vec!["", "Call", "r#for"]), fields).prop_map(|(name, fields)| format!("{name}({fields})")),
            entries.prop_map(|entries| format!("{{{entries}}}")),
            padded.prop_map(|value| format!("Some({value})")),
        ]
    })
}

/// A document after a few changes of characters.
fn mutated() -> impl Strategy<Value = String> {
    const CHARACTERS: &str = "()[]{},:;\"'\\/*#!.=+-_0123456789eExabrnNfui \n\u{e9}\u{2028}";
    let character = || select(CHARACTERS.chars().collect::<Vec<_>>());
    (document(), vec((any::<prop::sample::Index>(), 0..3u8, character()), 1..4)).prop_map(|(text, changes)| {
        let mut characters: Vec<char> = text.chars().collect();
        for (index, change, c) in changes {
            let at = index.index(characters.len() + 1);
            match change {
                0 => characters.insert(at, c),
                1 if at < characters.len() => drop(characters.remove(at)),
                _ if at < characters.len() => characters[at] = c,
                _ => characters.push(c),
            }
        }
        characters.into_iter().collect()
    })
}

fn by_ron(text: &str) -> Result<Value, ron::error::SpannedError> {
    ron::Options::default().without_recursion_limit().from_str(text)
}

/// Whether the refusal is one of the differences that the crate documents.
fn on_purpose(problem: &Diagnostic) -> bool {
    const REASONS: [&str; 4] = ["defined twice", "not a number that can be used", "too large", "bytes are not a value"];
    REASONS.iter().any(|reason| problem.message.contains(reason))
        || problem.help.iter().any(|help| help.starts_with("leave out the type"))
}

/// Whether a node is what `ron` reads into its own tree, which forgets the names of variants.
fn same(node: &Node, value: &Value) -> bool {
    let all = |nodes: &[Node], values: &[Value]| {
        nodes.len() == values.len() && nodes.iter().zip(values).all(|(n, v)| same(n, v))
    };
    let number = |wanted: f64| matches!(value, Value::Number(number) if number.into_f64() == wanted);
    match (&node.kind, value) {
        (Kind::Unit, Value::Unit) => true,
        (Kind::Unit, Value::Seq(values)) => values.is_empty(),
        (Kind::Bool(a), Value::Bool(b)) => a == b,
        (Kind::Integer(a), Value::Number(_)) => number(*a as f64),
        (Kind::Float(a), Value::Number(_)) => number(*a),
        (Kind::Char(a), Value::Char(b)) => a == b,
        (Kind::Text(a), Value::String(b)) => a == b,
        (Kind::Word(word), Value::Option(None)) => word == "None",
        (Kind::Word(_), Value::Unit) => true,
        (Kind::Tuple { name: Some(_), items }, Value::Option(Some(value))) => {
            items.len() == 1 && same(&items[0], value)
        }
        (Kind::List(items) | Kind::Tuple { items, .. }, Value::Seq(values)) => all(items, values),
        (Kind::Range { from: None, to: None, .. }, Value::Unit) => true,
        (Kind::Range { from, to, .. }, Value::Map(map)) => {
            let end = |name: &str, node: &Option<Box<Node>>| {
                let value = map.iter().find(|(key, _)| **key == Value::String(name.into())).map(|(_, value)| value);
                match (node, value) {
                    (Some(node), Some(value)) => same(node, value),
                    (node, value) => node.is_none() && value.is_none(),
                }
            };
            end("start", from) && end("end", to)
        }
        (Kind::Struct { fields, .. }, Value::Map(map)) => {
            fields.len() == map.len()
                && fields.iter().all(|field| {
                    map.iter()
                        .any(|(key, value)| *key == Value::String(field.name.text.clone()) && same(&field.value, value))
                })
        }
        (Kind::Map(entries), Value::Map(map)) => {
            entries.len() == map.len()
                && entries
                    .iter()
                    .all(|(name, node)| map.iter().any(|(key, value)| same(name, key) && same(node, value)))
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn documents_are_read_as_ron_reads_them(text in document()) {
        let value = by_ron(&text);
        prop_assert!(value.is_ok(), "{value:?} for {text}");
        match parse(&Source::new("a", &text)) {
            Ok(node) => prop_assert!(same(&node, &value.unwrap()), "{node:?} for {text}"),
            Err(problems) => prop_assert!(on_purpose(&problems[0]), "{problems:?} for {text}"),
        }
    }

    #[test]
    fn mutated_documents_are_accepted_and_refused_as_ron_does(text in mutated()) {
        match (parse(&Source::new("a", &text)), by_ron(&text)) {
            (Ok(node), Ok(value)) => prop_assert!(same(&node, &value), "{node:?} and {value:?} for {text}"),
            (Err(_), Err(_)) => {}
            (Err(problems), Ok(_)) => prop_assert!(problems.iter().any(on_purpose), "{problems:?} for {text}"),
            // Reading into a tree without the extensions of the language, `ron` wants exactly one value in `Some`.
            // Our identifiers take every letter of `char::is_alphabetic`, those of `ron` the letters of Rust's identifiers.
            (Ok(node), Err(error)) => prop_assert!(
                text.contains("Some")
                    || matches!(error.code, ron::Error::UnexpectedChar(c) if !c.is_ascii() && c.is_alphabetic()),
                "{node:?} and {error:?} for {text}"
            ),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    number: f64,
    count: u32,
    signed: i64,
    flag: bool,
    letter: char,
    text: String,
    maybe: Option<u8>,
    nested: Option<Box<Sample>>,
    shapes: Vec<Shape>,
    map: BTreeMap<String, Shape>,
    pair: (u8, String),
    unit: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Nothing,
    One(i32),
    Two(i32, String),
    Named { a: i32, b: Option<String> },
    Around(Inner),
    List(Vec<u8>),
    Pair((u8, u8)),
    Wrapped(Wrapper),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    x: i32,
    y: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapper(u16);

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Nothing),
        any::<i32>().prop_map(Shape::One),
        any::<(i32, String)>().prop_map(|(a, b)| Shape::Two(a, b)),
        any::<(i32, Option<String>)>().prop_map(|(a, b)| Shape::Named { a, b }),
        any::<(i32, Option<i32>)>().prop_map(|(x, y)| Shape::Around(Inner { x, y })),
        vec(any::<u8>(), 0..4).prop_map(Shape::List),
        any::<(u8, u8)>().prop_map(Shape::Pair),
        any::<u16>().prop_map(|value| Shape::Wrapped(Wrapper(value))),
    ]
}

fn sample() -> impl Strategy<Value = Sample> {
    let finite = any::<f64>().prop_filter("finite", |value| value.is_finite());
    let scalars = (finite, any::<(u32, i64, bool, char, String, Option<u8>)>());
    let flat = (scalars, vec(shape(), 0..4), btree_map(any::<String>(), shape(), 0..4), any::<(u8, String)>())
        .prop_map(|((number, (count, signed, flag, letter, text, maybe)), shapes, map, pair)| Sample {
            number,
            count,
            signed,
            flag,
            letter,
            text,
            maybe,
            nested: None,
            shapes,
            map,
            pair,
            unit: (),
        })
        .boxed();
    (flat.clone(), proptest::option::of(flat))
        .prop_map(|(sample, nested)| Sample { nested: nested.map(Box::new), ..sample })
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn what_ron_writes_is_read_back(sample in sample(), pretty in any::<bool>()) {
        let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_NEWTYPES | Extensions::UNWRAP_VARIANT_NEWTYPES;
        let options = ron::Options::default().with_default_extension(extensions);
        let text = match pretty {
            true => options.to_string_pretty(&sample, PrettyConfig::new().struct_names(true)),
            false => options.to_string(&sample),
        }.unwrap();
        let document = Document::parse(Source::new("a", &text)).unwrap();
        prop_assert_eq!(document.read::<Sample>(&document.root).map_err(|error| format!("{error} in {text}")), Ok(sample));
    }
}

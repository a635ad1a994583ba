//! Values that are read as they are meant.

use crate::shop::*;
use crate::{MESH, ORDER_PIPELINE, WEB_SHOP};
use archsim_language::{Document, Kind, RAW, Source, parse};
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

fn time(milliseconds: f64) -> Time {
    Time::Fixed(Span(milliseconds))
}

#[test]
fn long_and_short_forms_are_the_same() {
    let long: Vec<Step> = read(r#"[Compute(time: "2ms"), Parallel(steps: [])]"#).unwrap();
    let short: Vec<Step> = read(r#"[Compute("2ms"), Parallel([])]"#).unwrap();
    assert_eq!(long, short);
    assert_eq!(short[0], Step::Compute(Compute { time: time(2.0), cores: None }));
}

#[test]
fn arguments_by_position_go_to_the_first_fields() {
    let law: Law = read(r#"Uniform("1ms", "2ms")"#).unwrap();
    assert_eq!(law, Law::Uniform(Uniform { min: Span(1.0), max: Span(2.0) }));
    let step: Step = read(r#"Compute("2ms", 3)"#).unwrap();
    assert_eq!(step, Step::Compute(Compute { time: time(2.0), cores: Some(3) }));
}

#[test]
fn a_visitor_reads_text_or_a_variant() {
    let Time::Law(Law::Exp(exp)) = read(r#"Exp("5ms")"#).unwrap() else { panic!("not Exp") };
    assert_eq!(exp.mean, At { span: 4..9, value: Span(5.0) });
    assert_eq!(read::<Time>(r#""5ms""#).unwrap(), time(5.0));
}

#[test]
fn a_variant_around_something_else_takes_its_only_argument() {
    let step: Step = read(r#"Choose([(9, [Compute("1ms")]), (1, [])])"#).unwrap();
    let Step::Choose(branches) = step else { panic!("not Choose") };
    assert_eq!(branches.iter().map(|(weight, steps)| (*weight, steps.len())).collect::<Vec<_>>(), [(9.0, 1), (1.0, 0)]);
}

#[test]
fn a_word_has_all_defaults() {
    assert_eq!(read::<Policy>("PowerOfTwo").unwrap(), Policy::PowerOfTwo(PowerOfTwo { choices: None }));
    assert_eq!(read::<Policy>("PowerOfTwo()").unwrap(), read::<Policy>("PowerOfTwo(choices: None)").unwrap());
    assert_eq!(read::<Policy>("PowerOfTwo(2)").unwrap(), Policy::PowerOfTwo(PowerOfTwo { choices: Some(2) }));
}

#[test]
fn options_are_plain_or_none_or_some() {
    assert_eq!(read::<Vec<Option<u8>>>("[1, None, Some(2)]").unwrap(), [Some(1), None, Some(2)]);
    let retry: Option<Retry> = read("Some(max: 1)").unwrap();
    assert_eq!(retry, Some(Retry { max: 1, backoff: None }));
    assert_eq!(read::<Option<Retry>>("(max: 1)").unwrap(), retry);
}

#[test]
fn whole_numbers_fill_floats_and_keep_their_size() {
    assert_eq!(read::<Vec<f64>>("[1, 0.5, 1e3, 0x10, 1_000, .5, 5.]").unwrap(), [1.0, 0.5, 1e3, 16.0, 1e3, 0.5, 5.0]);
    assert_eq!(read::<(u64, i64)>("(18446744073709551615, -9223372036854775808)").unwrap(), (u64::MAX, i64::MIN));
}

#[test]
fn maps_keep_their_order_and_places() {
    let map: Entries<u8> = read(r#"{ "b": 1, "a": 2 }"#).unwrap();
    let keys: Vec<_> = map.0.iter().map(|(key, _)| (key.value.as_str(), key.span.clone())).collect();
    assert_eq!(keys, [("b", 2..5), ("a", 10..13)]);
}

#[test]
fn ranges_are_a_variant() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    enum Values {
        Range { from: u32, to: u32, inclusive: bool },
        Log(u32),
    }
    assert_eq!(read::<Values>("1..=8").unwrap(), Values::Range { from: 1, to: 8, inclusive: true });
    assert_eq!(read::<Values>("1..8").unwrap(), Values::Range { from: 1, to: 8, inclusive: false });
    assert_eq!(read::<Values>("Log(3)").unwrap(), Values::Log(3));
}

#[test]
fn a_struct_may_carry_its_own_name() {
    let plain: Scenario = read(r#"(name: "a")"#).unwrap();
    assert_eq!(read::<Scenario>(r#"Scenario(name: "a")"#).unwrap(), plain);
}

#[test]
fn enum_and_struct_variants_of_every_shape() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    enum Shape {
        Unit,
        New(u8),
        Pair(u8, u8),
        Named { a: u8, b: Option<u8> },
        Wrapped((u8, u8)),
        Map(BTreeMap<String, u8>),
        Nothing(()),
    }
    let text = r#"[Unit, New(1), Pair(1, 2), Named(a: 1), Named(1, 2), Wrapped(1, 2), Wrapped((1, 2)), Map({"k": 1}), Nothing()]"#;
    let expected = [
        Shape::Unit,
        Shape::New(1),
        Shape::Pair(1, 2),
        Shape::Named { a: 1, b: None },
        Shape::Named { a: 1, b: Some(2) },
        Shape::Wrapped((1, 2)),
        Shape::Wrapped((1, 2)),
        Shape::Map(BTreeMap::from([("k".into(), 1)])),
        Shape::Nothing(()),
    ];
    assert_eq!(read::<Vec<Shape>>(text).unwrap(), expected);
}

#[test]
fn a_node_alone_is_a_deserializer() {
    let node = parse(&Source::new("a", "[1, 2]")).unwrap();
    assert_eq!(Vec::<u8>::deserialize(&node).unwrap(), [1, 2]);
    let error = Vec::<bool>::deserialize(&node).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.span()), ("expected `true` or `false`, found 1", Some(1..2)));
}

struct Raw(String);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Raw;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Raw, A::Error> {
                let place = (parts.next_element::<u64>()?, parts.next_element::<u64>()?);
                let text: Option<String> = parts.next_element()?;
                Ok(Raw(format!("{place:?} {}", text.unwrap_or_default())))
            }
        }
        deserializer.deserialize_newtype_struct(RAW, Text)
    }
}

#[test]
fn the_text_of_a_value_is_given_without_what_stands_around_it() {
    let map: Entries<Raw> = read("{ /* one */ \"a\": /* two */ Exp( \"5ms\" ) /* three */ }").unwrap();
    assert_eq!(map.0[0].1.0, "(Some(27), Some(39)) Exp( \"5ms\" )");
}

#[test]
fn the_scenarios_of_the_design_are_read() {
    for (text, components) in [(WEB_SHOP, 8), (ORDER_PIPELINE, 7), (MESH, 7)] {
        let document = Document::parse(Source::new("a", text)).unwrap();
        assert_eq!(document.root.name(), Some("Scenario"));
        assert_eq!(document.root.field("components").unwrap().entries().len(), components);
        let (value, problems) = document.read_all::<IgnoredAny>(&document.root);
        assert!(value.is_some() && problems.is_empty());
    }
}

#[test]
fn every_node_stands_where_it_says() {
    let document = Document::parse(Source::new("a", WEB_SHOP)).unwrap();
    let catalog = document.root.field("components").and_then(|components| components.entry("catalog")).unwrap();
    let cost = catalog.field("cost").unwrap();
    assert_eq!((document.text_of(cost), &cost.kind), ("0.08", &Kind::Float(0.08)));
    assert!(document.text_of(catalog).starts_with("Service(\n            replicas: 6"));
    assert!(document.text_of(catalog).ends_with("],\n            },\n        )"));
    assert_eq!(document.source.line_column(cost.span.start), (42, 57));
}

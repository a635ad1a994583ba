//! Values found and replaced by their paths, in the scenarios of the design.

use crate::{MESH, ORDER_PIPELINE, WEB_SHOP};
use archsim_language::{Document, Path, Sections, Source, find, get_text, set};

const FIELDS: [(&str, &[&str]); 7] = [
    ("Compute", &["time", "cores"]),
    ("Call", &["to", "key", "request", "response", "on_error"]),
    ("Exp", &["mean"]),
    ("Read", &["time"]),
    ("Uniform", &["min", "max"]),
    ("Fixed", &["pause", "jitter"]),
    ("Parallel", &["steps", "need"]),
];

fn fields(variant: &str) -> Vec<&'static str> {
    FIELDS.iter().find(|(name, _)| *name == variant).map_or(Vec::new(), |(_, fields)| fields.to_vec())
}

fn sections() -> Sections<'static> {
    Sections {
        names: &["components", "traffic", "keys", "edges"],
        root: &["name", "run", "keys", "traffic", "components", "edges", "faults", "slos"],
        arrows: Some("edges"),
        fields: &fields,
    }
}

fn document(text: &str) -> Document {
    Document::parse(Source::new("a.ron", text)).unwrap()
}

fn get(text: &str, path: &str) -> Option<String> {
    let document = document(text);
    let found = get_text(&document, &Path::parse(path).unwrap(), &sections()).unwrap();
    found.map(|(text, span)| {
        assert_eq!(text, &document.source.text()[span]);
        text.to_owned()
    })
}

fn changed(text: &str, path: &str, value: &str) -> String {
    set(&document(text), &Path::parse(path).unwrap(), value, &sections()).unwrap()
}

/// Message and advice of a path that leads nowhere.
fn refused(text: &str, path: &str) -> (String, String) {
    let problem = find(&document(text), &Path::parse(path).unwrap(), &sections()).unwrap_err();
    assert_eq!(problem.code, "path");
    (problem.message, problem.help.join("\n"))
}

#[test]
fn paths_of_the_design_find_their_values() {
    for (text, path, value) in [
        (WEB_SHOP, "catalog.replicas", "6"),
        (WEB_SHOP, "shoppers.rate", "\"1200/s\""),
        (WEB_SHOP, "run.seed", "7"),
        (WEB_SHOP, "db.ops.read", "Read(Exp(\"5ms\"))"),
        (WEB_SHOP, "db.ops.read.time.mean", "\"5ms\""),
        (WEB_SHOP, "catalog.on.product.Compute.time", "Exp(\"4ms\")"),
        (WEB_SHOP, "catalog.on.product.Compute.time.mean", "\"4ms\""),
        (WEB_SHOP, "catalog.on.product[1].cache", "\"redis\""),
        (WEB_SHOP, "catalog.on.product.Call.to", "\"db.read\""),
        (WEB_SHOP, "orders.on.checkout.Invalidate.cache", "\"redis\""),
        (WEB_SHOP, "payments.latency.p99", "\"600ms\""),
        (WEB_SHOP, "payments.latency.LogNormal.p99", "\"600ms\""),
        (WEB_SHOP, "orders -> payments.retry.backoff.pause", "\"200ms\""),
        (WEB_SHOP, "orders->payments.timeout", "\"2s\""),
        (WEB_SHOP, "alb.policy", "LeastOutstanding"),
        (WEB_SHOP, "slos[1]", "\"shoppers.checkout.p99 < 1500ms\""),
        (WEB_SHOP, "components.catalog.replicas", "6"),
        (WEB_SHOP, "product.items", "200_000"),
        (ORDER_PIPELINE, "kafka.topics.orders.partitions", "12"),
        (ORDER_PIPELINE, "billing.handle.Fail", "Fail(\"0.05%\")"),
        (MESH, "gateway -> pricing.retry.max", "3"),
        (MESH, "gateway.on.home.Parallel.need", "2"),
        (MESH, "faults[0].factor", "10"),
        (MESH, "* -> *.latency.max", "\"800us\""),
        (MESH, "inventory.on.check.Call.to", "\"db.get\""),
    ] {
        assert_eq!(get(text, path).as_deref(), Some(value), "{path}");
    }
}

#[test]
fn a_possible_path_without_a_value_is_not_an_error() {
    for path in ["redis.hit_ratio", "pricing.shed", "gateway -> search.breaker", "a -> b.timeout", "run.seed"] {
        let text =
            r#"(components: { "redis": Cache(), "pricing": Service(on: {}) }, edges: { "gateway -> search": () })"#;
        assert_eq!(get(text, path), None, "{path}");
    }
}

#[test]
fn every_set_is_read_back_and_nothing_else_changes() {
    for (text, path, value) in [
        (WEB_SHOP, "catalog.replicas", "12"),
        (WEB_SHOP, "redis.hit_ratio", "0"),
        (WEB_SHOP, "alb.policy", "RoundRobin"),
        (WEB_SHOP, "db.replication", "Sync(acks: 1)"),
        (WEB_SHOP, "catalog.on.product.Compute.time", "Exp(\"9ms\")"),
        (WEB_SHOP, "catalog -> redis.retry.max", "2"),
        (MESH, "users.retry", "None"),
        (MESH, "gateway -> pricing.retry.backoff", "Exponential(base: \"25ms\", cap: \"1s\", jitter: Full)"),
        (MESH, "gateway -> pricing.breaker", "(failures: \"50%\", window: \"5s\", open_for: \"2s\")"),
        (MESH, "gateway -> pricing.balance", "LeastOutstanding"),
        (MESH, "pricing.shed", "(when_wait: \"40ms\", policy: Reject)"),
        (MESH, "gateway -> search.hedge", "None"),
        (ORDER_PIPELINE, "kafka.topics.orders.partitions", "24"),
        (ORDER_PIPELINE, "billing.dead_letter", "None"),
        (ORDER_PIPELINE, "billing -> ledger.pool", "4"),
    ] {
        let once = changed(text, path, value);
        assert_eq!(get(&once, path).as_deref(), Some(value), "{path}");
        let comments = |text: &str| text.lines().filter_map(|line| line.split_once("//")).count();
        assert_eq!(comments(&once), comments(text), "{path}");
        assert_eq!(changed(&once, path, value), once, "{path}");
        match get(text, path) {
            Some(before) => assert_eq!(changed(&once, path, &before), text, "{path}"),
            None => assert!(once.len() > text.len() && once.lines().count() >= text.lines().count(), "{path}"),
        }
    }
}

#[test]
fn sets_follow_one_another() {
    let once = changed(MESH, "users.retry", "None");
    let twice = changed(&once, "users.retry.max", "1");
    assert_eq!(get(&twice, "users.retry").as_deref(), Some("(max: 1)"));
    let thrice = changed(&twice, "catalog -> db.timeout", "5ms");
    assert_eq!(get(&thrice, "catalog->db").as_deref(), Some("(timeout: \"5ms\")"));
}

#[test]
fn a_missing_field_becomes_the_first_of_its_struct() {
    let text = r#"(components: { "a": Service(cpu: 2 /* two */), "b": Cache(), "c": Cache ( /* ( */ ) })"#;
    let end = |text: String| text.split_once("{ ").map(|(_, rest)| rest.to_owned()).unwrap();
    assert_eq!(
        end(changed(text, "a.replicas", "3")),
        r#""a": Service(replicas: 3, cpu: 2 /* two */), "b": Cache(), "c": Cache ( /* ( */ ) })"#
    );
    assert_eq!(
        end(changed(text, "b.ttl", "5m")),
        r#""a": Service(cpu: 2 /* two */), "b": Cache(ttl: "5m"), "c": Cache ( /* ( */ ) })"#
    );
    assert_eq!(
        end(changed(text, "c.ttl", "5m")),
        r#""a": Service(cpu: 2 /* two */), "b": Cache(), "c": Cache (ttl: "5m" /* ( */ ) })"#
    );
}

#[test]
fn a_missing_section_is_created_where_lines_are_kept() {
    let text = "(\n    name: \"a\", // first\n    components: {},\n)";
    assert_eq!(
        changed(text, "run.seed", "3"),
        "(\n    run: (seed: 3),\n    name: \"a\", // first\n    components: {},\n)"
    );
    let arrow = changed(text, "a -> b.retry.max", "2");
    assert_eq!(
        arrow,
        "(\n    edges: { \"a -> b\": (retry: (max: 2)) },\n    name: \"a\", // first\n    components: {},\n)"
    );
    let second = changed(&arrow, "c->d.timeout", "5ms");
    assert!(second.contains(r#"edges: { "c -> d": (timeout: "5ms"), "a -> b": (retry: (max: 2)) },"#));
}

#[test]
fn the_short_form_is_replaced_in_place_or_made_long() {
    let text = r#"(components: { "a": Service(on: { "x": [Compute("2ms"), Call("b")] }), "b": Service(on: {}) })"#;
    assert!(changed(text, "a.on.x.Compute.time", "3ms").contains(r#"[Compute("3ms"), Call("b")]"#));
    assert!(changed(text, "a.on.x.Compute.cores", "2").contains(r#"[Compute(cores: 2, time: "2ms"), Call("b")]"#));
    assert!(changed(text, "a.on.x[1].key", "\"k\"").contains(r#"Call(key: "k", to: "b")"#));
    let two = changed(MESH, "* -> *.latency.shape", "1");
    assert!(two.contains(r#"Uniform(shape: 1, min: "200us", max: "800us")"#));
}

#[test]
fn a_word_takes_arguments() {
    let text = changed(WEB_SHOP, "alb.policy", "PowerOfTwo");
    assert!(changed(&text, "alb.policy.choices", "3").contains("policy: PowerOfTwo(choices: 3),"));
}

#[test]
fn labels_tell_steps_apart() {
    let text = r#"(components: { "a": Service(on: { "x": { "parse": Compute("1ms"), "render": Compute("2ms") } }) })"#;
    assert_eq!(get(text, "a.on.x.render.time").as_deref(), Some("\"2ms\""));
    assert_eq!(get(text, "a.on.x[0].time").as_deref(), Some("\"1ms\""));
    assert_eq!(
        refused(text, "a.on.x.Compute.time"),
        ("`a.on.x` has 2 steps called `Compute`".into(), "tell them apart by their places: `a.on.x[0]`".into())
    );
}

#[test]
fn steps_are_found_through_tuples() {
    let text = r#"(components: { "a": Service(on: { "x": [Choose([(9, [Call("b")]), (1, [Wait("1ms")])])] }) })"#;
    assert_eq!(get(text, "a.on.x.Wait").as_deref(), Some("Wait(\"1ms\")"));
}

#[test]
fn values_are_ron_where_possible_and_text_otherwise() {
    for (value, written) in [
        ("5m", "\"5m\""),
        ("1h30m", "\"1h30m\""),
        ("1200/s", "\"1200/s\""),
        ("a -> b", "\"a -> b\""),
        ("back\\slash", "\"back\\\\slash\""),
        ("1_000", "1_000"),
        ("RoundRobin", "RoundRobin"),
        ("None", "None"),
        (" Exp( \"5ms\" ) // x", "Exp( \"5ms\" )"),
        ("1..=8", "1..=8"),
    ] {
        assert_eq!(get(&changed(WEB_SHOP, "catalog.replicas", value), "catalog.replicas").as_deref(), Some(written));
    }
}

#[test]
fn broken_values_are_refused() {
    let error =
        |value: &str| set(&document(WEB_SHOP), &Path::parse("run.seed").unwrap(), value, &sections()).unwrap_err();
    assert_eq!(error("Exp(\"5ms\"").message, "`Exp(\"5ms\"` is not a value: this `(` is never closed");
    assert_eq!(error("3, warmup: [").code, "parse");
    assert_eq!(error("  ").message, "there is no value");
}

#[test]
fn paths_that_lead_nowhere_say_where_they_end() {
    let (message, help) = refused(WEB_SHOP, "catlog.replicas");
    assert_eq!(message, "nothing is called `catlog`");
    assert!(help.starts_with("did you mean `catalog`? (there are: `clb`, `web`"), "{help}");
    let advice = "did you mean `product`? (there are: `product`, `search`)";
    let missing = |name: &str| format!("`catalog.on` has no `{name}`");
    assert_eq!(refused(WEB_SHOP, "catalog.on.prodct.Compute"), (missing("prodct"), advice.into()));
    assert_eq!(refused(WEB_SHOP, "catalog.on.Compute.time").0, missing("Compute"));
    assert_eq!(refused(WEB_SHOP, "slos[9]").0, "`slos` has 4 items: `[9]` is not one of them");
    assert_eq!(refused(WEB_SHOP, "shoppers.rate.to").0, "`shoppers.rate` is text: it has no `to`");
    assert_eq!(refused(WEB_SHOP, "redis.sizes[0]").0, "`redis.sizes` is not in the file: it has no items");
    assert_eq!(refused(WEB_SHOP, "orders.on.checkout.Call.to").0, "`orders.on.checkout` has 3 steps called `Call`");
}

#[test]
fn a_field_must_be_an_identifier() {
    let problem = set(&document(WEB_SHOP), &Path::parse("redis.hit ratio").unwrap(), "1", &sections()).unwrap_err();
    assert_eq!(problem.message, "`hit ratio` cannot be the name of a field");
}

#[test]
fn values_by_position_without_known_names_cannot_be_made_long() {
    let problem = set(&document(MESH), &Path::parse("rules.latency.cv").unwrap(), "1", &sections());
    assert!(problem.is_ok(), "Exp has a name for its value");
    let text = r#"(components: { "a": Service(x: Foo(1)) })"#;
    let problem = set(&document(text), &Path::parse("a.x.y").unwrap(), "1", &sections()).unwrap_err();
    assert_eq!(problem.message, "the values of `Foo` have no names by which a field could be added");
}

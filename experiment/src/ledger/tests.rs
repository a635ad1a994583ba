use super::*;
use crate::check::check_alone;
use archsim_language::Source;

fn of(text: &str) -> Ledger {
    let checked = check_alone(&Source::new("test.ron", text), &|_| Err("no files".into()));
    ledger(checked.model.as_ref().unwrap_or_else(|| panic!("{:?}", checked.findings)))
}

fn server(more: &str) -> String {
    format!(
        r#"Scenario(name: "x", traffic: {{ "users": Open(to: "server", rate: 8) }},
            components: {{ "server": Service(on: {{ "work": [Compute("100ms")] }}) }}, {more})"#
    )
}

fn omits(ledger: &Ledger, start: &str) -> Option<(Bias, Vec<String>)> {
    let found = ledger.left_out.iter().find(|omission| omission.entry.what.starts_with(start));
    found.map(|omission| (omission.bias, omission.entry.places.clone()))
}

#[test]
fn five_lines_leave_much_out_and_say_so() {
    let ledger = of(&server(""));
    let modelled: Vec<&str> = ledger.modelled.iter().map(|entry| entry.what.as_str()).collect();
    assert_eq!(modelled, ["users who come at a constant rate", "waiting for cores and workers"]);
    assert_eq!(omits(&ledger, "differences between requests"), Some((Bias::Optimistic, vec!["server".into()])));
    assert_eq!(omits(&ledger, "failures"), Some((Bias::Optimistic, vec![])));
    assert_eq!(omits(&ledger, "limits on queues"), Some((Bias::Either, vec!["server".into()])));
    assert_eq!(omits(&ledger, "the network"), None, "users' own network is theirs");
    let assumed: Vec<(&str, bool)> =
        ledger.assumed.iter().map(|a| (a.entry.what.as_str(), a.source.is_some())).collect();
    assert_eq!(
        assumed,
        [
            ("one instance", false),
            ("one core each", false),
            ("any number of requests in progress", false),
            ("first come, first served at cores and workers", false),
            ("independent users (Poisson arrivals)", true),
        ]
    );
}

#[test]
fn what_the_file_says_is_not_left_out() {
    let faults = r#"faults: [Crash(target: "server", at: "10s", for: "5s"), Slow(target: "server", at: "20s", for: "5s", factor: 2)]"#;
    let ledger = of(&server(faults));
    assert_eq!((omits(&ledger, "failures"), omits(&ledger, "garbage collection")), (None, None));
    assert_eq!(ledger.modelled.last().map(|entry| (entry.what.as_str(), entry.places.len())), Some(("faults", 2)));
    let varied = of(&server("").replace(r#"Compute("100ms")"#, r#"Compute(Exp("100ms"))"#));
    assert_eq!(omits(&varied, "differences between requests"), None);
}

#[test]
fn calls_are_named_by_their_edges() {
    let text = r#"Scenario(name: "x", traffic: { "users": Open(to: "a", rate: 8) },
        components: { "a": Service(on: { "get": [Call("b"), Call("c")] }),
            "b": Service(on: { "get": [Compute("1ms")] }), "c": External(latency: "5ms") },
        edges: { "a -> b": (latency: "1ms", timeout: "50ms", retry: (max: 1)) })"#;
    let ledger = of(text);
    let at = |what: &str| ledger.modelled.iter().find(|entry| entry.what == what).map(|entry| entry.places.clone());
    assert_eq!(at("network delay"), Some(vec!["a -> b".into()]));
    assert_eq!((at("time-outs"), at("retries")), (Some(vec!["a -> b".into()]), Some(vec!["a -> b".into()])));
    assert_eq!(omits(&ledger, "the network"), Some((Bias::Optimistic, vec!["a -> c".into()])));
    assert_eq!(omits(&ledger, "how their latency"), Some((Bias::Optimistic, vec!["c".into()])));
}

#[test]
fn presets_point_to_their_sources() {
    let text = r#"Scenario(name: "x", traffic: { "users": Open(to: "a", rate: 8) },
        components: { "a": Service(on: { "get": [Call("db.read")] }),
            "db": Database(preset: "postgres", ops: { "read": Read("1ms") }) })"#;
    let ledger = of(text);
    let last = ledger.assumed.last().expect("a preset");
    assert_eq!(last.entry.places, ["db"]);
    assert_eq!(last.source.as_deref(), Some("each number's source: archsim kinds preset postgres"));
}

#[test]
fn keys_that_come_in_order_are_not_called_independent() {
    let with = |space: &str| {
        let text = format!(
            r#"(name: "x", keys: {{ "item": {space} }}, traffic: {{ "users": Open(to: "web", rate: 8) }}, components: {{
            "web": Service(on: {{ "get": [Cached(cache: "c", key: "item", miss: [Compute("1ms")])] }}), "c": Cache(entries: 10, start_cold: true) }})"#
        );
        omits(&of(&text), "order in the keys")
    };
    assert_eq!(with("Uniform(items: 100)"), Some((Bias::Either, vec!["c".into()])));
    assert_eq!(with("Scan(items: 100)"), None);
}

#[test]
fn instances_that_fail_by_chance_are_failures() {
    let ledger = of(&server(r#"faults: [Failures(target: "server", up: Exp("30d"), down: Exp("10m"))]"#));
    assert_eq!(omits(&ledger, "failures"), None);
}

fn assumes(ledger: &Ledger, what: &str) -> Option<Vec<String>> {
    ledger.assumed.iter().find(|a| a.entry.what == what).map(|a| a.entry.places.clone())
}

#[test]
fn replicas_that_nobody_chooses_among_are_chosen_at_random() {
    let random = |to: &str, more: &str| {
        let text = format!(
            r#"Scenario(name: "x", traffic: {{ "users": Open(to: "{to}", rate: 8) }}, components: {{
                "lb": LoadBalancer(targets: ["web"]),
                "web": Service(replicas: 3, on: {{ "get": [Call("auth")] }}),
                "auth": Service(replicas: 2, on: {{ "get": [Compute("1ms")] }}) }}, {more})"#
        );
        assumes(&of(&text), "each call goes to a random replica")
    };
    assert_eq!(random("web", ""), Some(vec!["web -> auth".to_owned(), "users -> web".to_owned()]));
    assert_eq!(random("lb", ""), Some(vec!["web -> auth".to_owned()]));
    assert_eq!(random("lb", r#"edges: { "web -> auth": (balance: RoundRobin) }"#), None);
}

#[test]
fn a_topic_with_a_limit_says_what_is_lost_or_held_up() {
    let with = |overflow: &str| {
        of(&format!(
            r#"Scenario(name: "x", traffic: {{ "users": Open(to: "web", rate: 8) }}, components: {{
                "web": Service(on: {{ "get": [Publish("queue.orders")] }}),
                "queue": Broker(topics: {{ "orders": (max_length: 10{overflow}) }}),
                "workers": Consumers(of: "queue.orders", handle: [Wait("1ms")]) }})"#
        ))
    };
    let full = |overflow: &str| {
        let modelled = with(overflow).modelled.into_iter();
        let mut full =
            modelled.filter(|entry| entry.what.starts_with("full topics") && entry.places == ["queue.orders"]);
        full.next().map(|entry| entry.what)
    };
    assert_eq!(full("").as_deref(), Some("full topics that drop the message that has waited longest"));
    assert_eq!(full(", overflow: Reject").as_deref(), Some("full topics that refuse what is published"));
    assert_eq!(full(", overflow: Block").as_deref(), Some("full topics that make the publisher wait for room"));
    let silent = "a full topic drops the message that has waited longest";
    assert_eq!(assumes(&with(""), silent), Some(vec!["queue.orders".into()]));
    assert_eq!(assumes(&with(", overflow: Block"), silent), None);
}

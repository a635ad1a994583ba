//! The load table against numbers worked out by hand.

use super::LoadTable;
use crate::check::check;
use archsim_language::Source;

fn table(text: &str) -> LoadTable {
    let checked = check(&Source::new("a.ron", text), &|_| Err("there are no files".into()));
    let findings = format!("{:?}", checked.findings);
    checked.model.expect(&findings).load
}

/// Arrivals, work, capacity and busy share of a component, to six digits.
fn row(table: &LoadTable, name: &str) -> [f64; 4] {
    let row = table.row(name).expect(name);
    let six = |value: f64| (value * 1e6).round() / 1e6;
    [row.arrivals, row.work, row.capacity.unwrap_or(0.0), row.busy.unwrap_or(0.0)].map(six)
}

fn one(components: &str) -> LoadTable {
    table(&format!(
        "(name: \"a\", traffic: {{ \"users\": Open(to: \"web\", rate: 10) }}, components: {{ {components} }})"
    ))
}

#[test]
fn steps_are_visited_by_their_weights() {
    let table = one(r#"
        "web": Service(replicas: 2, cpu: 2, speed: [1, 0.5], on: { "get": [
            Compute("10ms"),
            Maybe(p: "50%", then: [Call("a")], otherwise: [Repeat(times: 3, steps: [Call("b")])]),
            Choose([(3, [Call("c")]), (1, [])]),
            Parallel([Compute(time: "5ms", cores: 2), Call("a")]),
            Fail("20%"),
            Call(to: "d", on_error: [Call("c")]),
            After([Call("d")]),
        ] }),
        "a": Database(ops: { "op": Read("100ms") }, workers: 2),
        "b": Database(ops: { "op": Read("10ms") }),
        "c": External(latency: "10ms"),
        "d": External(latency: "10ms", limit: 10),
    "#);
    assert_eq!(row(&table, "web"), [10.0, 0.2, 3.0, 0.066667]);
    assert_eq!(row(&table, "a"), [15.0, 1.5, 2.0, 0.75]);
    assert_eq!(row(&table, "b"), [15.0, 0.15, 1.0, 0.15]);
    assert_eq!(row(&table, "c"), [7.5, 0.075, 0.0, 0.0]);
    assert_eq!(row(&table, "d"), [16.0, 0.16, 0.0, 1.6]);
    assert_eq!(table.first, Some(("d".into(), vec![("users".into(), 6.25)])));
}

#[test]
fn a_forced_hit_ratio_spares_the_database() {
    let table = table(
        r#"(
            name: "a",
            keys: { "k": Uniform(items: 10) },
            traffic: { "users": Open(to: "web", rate: 100) },
            components: {
                "web": Service(on: { "get": [Cached(cache: "c", key: "k", miss: [Call("db")])] }),
                "c": Cache(hit_ratio: "80%", time: "1ms", shards: 2, workers: 2),
                "db": Database(ops: { "read": Read("10ms") }),
            },
        )"#,
    );
    assert_eq!(row(&table, "c"), [100.0, 0.1, 4.0, 0.025]);
    assert_eq!(row(&table, "db"), [20.0, 0.2, 1.0, 0.2]);
    assert!(table.lookup_rates.is_empty());
}

#[test]
fn real_keys_hit_in_proportion_to_the_capacity() {
    let table = table(
        r#"(
            name: "a",
            keys: { "k": Uniform(items: 1000) },
            traffic: { "users": Open(to: "web", rate: 100) },
            components: {
                "web": Service(on: { "get": [Cached(cache: "c", key: "k", miss: [Call("db")])] }),
                "c": Cache(entries: 125, shards: 2),
                "db": Database(ops: { "read": Read("10ms") }),
            },
        )"#,
    );
    // 250 of 1000 values are there; what is missing is read and stored.
    assert_eq!(row(&table, "db"), [75.0, 0.75, 1.0, 0.75]);
    assert_eq!(row(&table, "c"), [175.0, 0.0, 2.0, 0.0]);
    assert_eq!(table.lookup_rates.get("c"), Some(&100.0));
}

#[test]
fn balancers_share_by_weight_and_replicas() {
    let table = one(r#"
        "web": LoadBalancer(targets: ["small", (to: "large", weight: 3)]),
        "small": Service(replicas: 2, on: { "get": [Compute("100ms")] }),
        "large": Service(cpu: 2, on: { "get": [Compute("100ms")] }),
    "#);
    assert_eq!(row(&table, "small"), [4.0, 0.4, 2.0, 0.2]);
    assert_eq!(row(&table, "large"), [6.0, 0.6, 2.0, 0.3]);
    assert_eq!(table.first.map(|(name, _)| name), Some("large".into()));
}

#[test]
fn databases_have_primaries_and_copies() {
    let table = one(r#"
        "web": Service(on: { "get": [Call("db.read"), Call("db.scan"), Call("db.write")] }),
        "db": Database(
            shards: 2, read_replicas: 1, reads: Replica, workers: 2,
            ops: { "read": Read("10ms"), "scan": Scatter("20ms"), "write": Write("30ms") },
        ),
    "#);
    // Copies: 0.1 read + 2 x 0.2 scanned + 0.3 applied, of 4 workers; primaries: 0.3 written.
    assert_eq!(row(&table, "db"), [30.0, 1.1, 8.0, 0.2]);
    let hottest = table.row("db").and_then(|row| row.hottest.clone());
    assert_eq!(hottest, Some("read replicas, scan (asks every shard)".into()));
}

#[test]
fn topics_lead_to_every_group() {
    let table = one(r#"
        "web": Service(on: { "get": [Repeat(times: 2, steps: [Publish("q.a")]), Publish("q.b")] }),
        "q": Broker(nodes: 2, append: "10ms", topics: { "a": (), "b": () }),
        "fast": Consumers(of: "q.a", members: 2, threads: 4, handle: [Compute("20ms"), Wait("80ms")]),
        "slow": Consumers(of: "q.a", handle: [Wait("100ms")]),
    "#);
    assert_eq!(row(&table, "q"), [30.0, 0.3, 2.0, 0.2]);
    // Threads are held for 100 ms, cores for 20 ms.
    assert_eq!(row(&table, "fast"), [20.0, 0.4, 2.0, 0.25]);
    assert_eq!(row(&table, "slow"), [20.0, 0.0, 1.0, 2.0]);
    assert_eq!(table.first.map(|(name, _)| name), Some("slow".into()));
}

fn closed(users: u32) -> LoadTable {
    table(&format!(
        r#"(
            name: "a",
            traffic: {{ "users": Closed(to: "web", users: {users}, think: "900ms") }},
            components: {{ "web": Service(on: {{ "get": [Compute("50ms")] }}) }},
            edges: {{ "users -> web": (latency: "25ms") }},
        )"#
    ))
}

#[test]
fn closed_sources_are_at_their_asymptotic_bounds() {
    // N / (R + Z) = 10 / (0.05 + 0.05 + 0.9), then 1 / Dmax = 20.
    assert_eq!(closed(10).sources, [("users".to_owned(), 10.0)]);
    assert_eq!(row(&closed(10), "web"), [10.0, 0.5, 1.0, 0.5]);
    assert_eq!(closed(100).sources, [("users".to_owned(), 20.0)]);
    assert_eq!(row(&closed(100), "web"), [20.0, 1.0, 1.0, 1.0]);
}

#[test]
fn cycles_are_followed_until_chance_ends_them() {
    let table = one(r#"
        "web": Service(on: { "get": [Compute("10ms"), Maybe(p: "50%", then: [Call("web")])] }),
    "#);
    assert_eq!(row(&table, "web"), [20.0, 0.2, 1.0, 0.2]);
}

#[test]
fn a_changing_load_counts_with_its_mean() {
    let of = |rate: &str| {
        let text = format!(
            r#"(name: "a", run: (duration: "100s"), traffic: {{ "users": Open(to: "web", rate: {rate}) }},
                components: {{ "web": Service(on: {{ "get": [Compute("10ms")] }}) }})"#
        );
        table(&text).sources[0].1.round()
    };
    assert_eq!(of(r#"Ramp(from: 0, to: 20, over: "100s")"#), 10.0);
    assert_eq!(of(r#"Bursts(base: 10, burst: 30, every: "2ms", lasting: "1ms")"#), 20.0);
    assert_eq!(of(r#"Diurnal(low: 10, high: 30, period: "2ms")"#), 20.0);
}

#[test]
fn the_web_shop_has_room_for_twice_its_traffic() {
    let table = table(include_str!("../../../scenarios/web-shop.ron"));
    assert_eq!(row(&table, "web"), [1200.0, 2.472, 8.0, 0.309]);
    assert_eq!(row(&table, "orders"), [72.0, 0.432, 6.0, 0.072]);
    // 960 x 4 ms + 168 x the mean of LogNormal(p50: 12ms, p99: 80ms), 16.73 ms.
    assert_eq!(row(&table, "catalog"), [1128.0, 6.651251, 12.0, 0.554271]);
    let first = table.first.map(|(name, rates)| (name, rates[0].1.round()));
    assert_eq!(first, Some(("catalog".into(), 2165.0)));
}

#[test]
fn bounds_of_a_closed_system_are_those_of_operational_analysis() {
    // D = 20 ms at web and 2 x 40 ms at db, Dmax = 80 ms, Z = 1 s.
    let of = |users: u32| {
        let text = format!(
            r#"(name: "a", traffic: {{ "u": Closed(to: "web", users: {users}, think: "1s") }}, components: {{
            "web": Service(on: {{ "get": [Compute("20ms"), Repeat(times: 2, steps: [Call("db")])] }}),
            "db": Service(on: {{ "read": [Compute("40ms")] }}) }})"#
        );
        let table = table(&text);
        let bounds = &table.bounds[0];
        let visits = table.row("db").map(|row| row.visits);
        (visits, bounds.rate().map(|r| (r * 1e6).round()), bounds.response().map(|r| (r * 1e6).round()))
    };
    // 1 / 0.08 = 12.5; N / (D + Z) = 5 / 1.1.
    assert_eq!(of(5), (Some(2.0), Some((5e6_f64 / 1.1).round()), Some(100_000.0)));
    // 50 x 0.08 - 1 = 3.
    assert_eq!(of(50), (Some(2.0), Some(12_500_000.0), Some(3_000_000.0)));
}

#[test]
fn copies_that_are_all_worked_on_count() {
    let with = |edge: &str| {
        let text = format!(
            r#"(name: "a", traffic: {{ "u": Open(to: "web", rate: 10) }}, components: {{
            "web": Service(on: {{ "get": [Call("db")] }}), "db": Service(replicas: 3, on: {{ "read": [Compute("10ms")] }}) }},
            edges: {{ {edge} }})"#
        );
        let table = table(&text);
        (row(&table, "db")[1], table.left_out.clone(), table.bounds[0].least)
    };
    assert_eq!(with(r#""web -> db": (copies: (count: 3, cancel: Never))"#), (0.3, vec![], None));
    assert_eq!(with(r#""web -> db": (copies: (count: 3))"#), (0.1, vec![], None));
    let retried = with(r#""web -> db": (retry: (max: 2))"#);
    assert_eq!(retried, (0.1, vec!["web -> db".to_owned()], Some(0.01)));
    assert_eq!(with(r#""u -> web": (copies: (count: 2, cancel: Never))"#).0, 0.2);
}

use crate::check::check;
use crate::model::Model;
use crate::report::{Report, Status};
use crate::run::{Nobody, run};
use archsim_language::Source;

pub(super) fn model(settings: &str, traffic: &str, components: &str) -> Model {
    let text =
        format!(r#"(name: "case", run: ({settings}), traffic: {{ {traffic} }}, components: {{ {components} }})"#);
    let checked = check(&Source::new("case", text), &|name| Err(format!("no file {name}")));
    let findings = format!("{:?}", checked.findings);
    checked.model.expect(&findings)
}

fn report(settings: &str, traffic: &str, components: &str) -> Report {
    run(&model(settings, traffic, components), &Nobody).expect("a report")
}

fn value(report: &Report, name: &str) -> Option<f64> {
    report.get(name).and_then(|estimate| estimate.value)
}

#[test]
fn a_class_with_precedence_keeps_its_numbers() {
    let report = report(
        r#"duration: "20000s", replications: 4"#,
        r#""urgent": Open(to: "s", rate: 0.5, priority: 0), "batch": Open(to: "s", rate: 0.7, priority: 1)"#,
        r#""s": Service(discipline: Priority(preemptive: true), on: { "x": [Compute(Exp("1s"))] })"#,
    );
    let urgent = report.get("urgent.mean").expect("the metric");
    assert_eq!(urgent.status, Status::Ok);
    assert!(urgent.value.is_some_and(|mean| (mean - 2.0).abs() < 0.1), "{urgent:?}");
    assert_eq!(report.get("batch.mean").map(|e| (e.value, e.status)), Some((None, Status::NoSteadyState)));
    assert!(value(&report, "batch.goodput").is_some_and(|rate| (rate - 0.5).abs() < 0.03));
    let words = report.verdicts.join("\n");
    assert!(words.contains("held up, without times: `batch`; not held up, with a steady state: `urgent`"), "{words}");
}

#[test]
fn a_long_warm_up_hides_nobody_who_is_held_up() {
    let report = report(
        r#"duration: "3000s", warmup: "2000s", replications: 3"#,
        r#""u": Open(to: "front", rate: 1.1)"#,
        r#""front": Service(concurrency: 4, on: { "x": [Call("back")] }),
           "back": Service(on: { "x": [Compute(Exp("1s"))] })"#,
    );
    assert_eq!(report.get("u.mean").map(|e| (e.value, e.status)), Some((None, Status::NoSteadyState)));
}

#[test]
fn the_hot_shard_is_named() {
    let text = r#"(name: "hot", run: (duration: "300s", replications: 2),
        keys: { "item": Hot(items: 1000, hot: "0.1%", share: "40%") },
        traffic: { "u": Open(to: "web.item", rate: 240), "v": Open(to: "web.page", rate: 50) },
        components: {
            "web": Service(on: { "item": [Call("db.read")], "page": [Compute("1ms")] }),
            "db": Database(shards: 8, shard_by: "item", workers: 1, ops: { "read": Read(Exp("10ms")) }),
        })"#;
    let checked = check(&Source::new("hot", text), &|name| Err(format!("no file {name}")));
    let findings = format!("{:?}", checked.findings);
    let report = run(&checked.model.expect(&findings), &Nobody).expect("a report");
    let words = report.verdicts.join("\n");
    assert_eq!(report.verdicts.len(), 1, "{words}");
    assert!(words.contains("the queue of `db["), "{words}");
    assert!(words.contains("one of 8 instances, grows by 1"), "{words}");
    assert!(words.ends_with("held up, without times: `u`; not held up, with a steady state: `v`"), "{words}");
    assert_eq!((value(&report, "u.mean"), value(&report, "db.waiting.mean")), (None, None));
    assert!(value(&report, "v.p99").is_some());
}

#[test]
fn a_queue_for_connections_that_grows_is_found() {
    let text = r#"(name: "pool", run: (duration: "500s", replications: 2),
        traffic: { "u": Open(to: "web", rate: 12) },
        components: {
            "web": Service(on: { "x": [Call("db")] }),
            "db": Service(cpu: 8, on: { "y": [Compute(Exp("100ms"))] }),
        },
        edges: { "web -> db": (pool: 1) }, slos: ["u.growth < 3/s"])"#;
    let checked = check(&Source::new("pool", text), &|name| Err(format!("no file {name}")));
    let findings = format!("{:?}", checked.findings);
    let report = run(&checked.model.expect(&findings), &Nobody).expect("a report");
    let words = report.verdicts.join("\n");
    let pool = "the calls `web -> db` that wait for a connection of its `pool` become 1.9";
    assert!(words.contains(pool), "{words}");
    assert_eq!((value(&report, "u.mean"), value(&report, "web -> db.pool_wait.mean")), (None, None));
    assert!(value(&report, "db.sojourn.mean").is_some_and(|mean| (mean - 0.1).abs() < 0.01));
    let growth = report.slos[0].measured.value;
    assert!(growth.is_some_and(|growth| (growth - 2.0).abs() < 0.5), "{growth:?}");
}

#[test]
fn overload_names_its_share_and_the_limit_that_binds() {
    // M/M/1/6 at load 1.5 loses (1 - 1.5) 1.5^6 / (1 - 1.5^7) = 35.4 %.
    let settings = r#"duration: "2000s", replications: 4"#;
    let words = |traffic: &str, fields: &str| {
        let server = format!(r#""s": Service({fields}, on: {{ "x": [Compute(Exp("100ms"))] }})"#);
        report(settings, &format!(r#""u": {traffic}"#), &server).verdicts.join("\n")
    };
    let full = words(r#"Open(to: "s", rate: 15)"#, "concurrency: 1, queue: 5");
    assert!(full.starts_with("overloaded: `s` turns away 35."), "{full}");
    assert!(full.ends_with(") of its calls: its queue of 5 is full"), "{full}");
    let limited = words(r#"Open(to: "s", rate: 15)"#, r#"concurrency: 1, queue: 50, limit: "8/s""#);
    assert!(limited.ends_with("of its calls: more come than its `limit` of 8 a second"), "{limited}");
    let impatient = words(r#"Open(to: "s", rate: 15)"#, r#"patience: Exp("1s")"#);
    assert!(impatient.ends_with("leave before they are served: their `patience` ends"), "{impatient}");
    let closed = words(r#"Closed(to: "s", users: 8, think: "100ms")"#, "concurrency: 1, queue: 0");
    assert!(closed.ends_with("of its calls: its one slot is taken"), "{closed}");
    // One call in a thousand is lost: as planned.
    assert_eq!(words(r#"Open(to: "s", rate: 5)"#, "concurrency: 1, queue: 8"), "");
}

#[test]
fn time_outs_at_a_full_server_are_overload() {
    let text = |rate: u32| {
        format!(
            r#"(name: "late", run: (duration: "500s", replications: 2),
            traffic: {{ "u": Open(to: "web", rate: {rate}) }},
            components: {{ "web": Service(on: {{ "x": [Call("db")] }}), "db": Service(on: {{ "y": [Compute(Exp("100ms"))] }}) }},
            edges: {{ "web -> db": (timeout: "1s", cancel: true) }})"#
        )
    };
    let verdicts = |rate: u32| {
        let checked = check(&Source::new("late", text(rate)), &|name| Err(format!("no file {name}")));
        let findings = format!("{:?}", checked.findings);
        run(&checked.model.expect(&findings), &Nobody).expect("a report").verdicts.join("\n")
    };
    let late = verdicts(15);
    assert!(
        late.contains("of the calls `web -> db` take longer than their time-out of 1s: `db` is busy 100%"),
        "{late}"
    );
    assert_eq!(verdicts(2), "");
}

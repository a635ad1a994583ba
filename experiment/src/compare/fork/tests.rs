use super::*;
use crate::compare::Found;
use crate::report::Report;
use crate::run::Nobody;
use crate::sensitivity::settings;
use crate::sweep::grid;

fn no_files(_: &str) -> Result<String, String> {
    Err("there are no files".into())
}

/// The file as it is, and the alternatives with their settings.
fn alternatives(text: &str, all: &[&[(&str, &str)]]) -> Grid {
    let settings = |pairs: &[(&str, &str)]| pairs.iter().map(|(p, v)| ((*p).to_owned(), (*v).to_owned())).collect();
    let named = all.iter().enumerate().map(|(index, pairs)| (index.to_string(), settings(pairs)));
    let all: Vec<_> = [("as it is".to_owned(), vec![])].into_iter().chain(named).collect();
    grid(&Source::new("a.ron", text), &no_files, &[], &all).expect("sound alternatives")
}

fn forked_at(grid: &Grid, seconds: f64, measure: &[&str]) -> Comparison {
    let measure: Vec<String> = measure.iter().map(|metric| (*metric).to_owned()).collect();
    fork("a", grid, 0, Time::from_secs_f64(seconds), &measure, &Nobody).expect("no obstacle")
}

fn value(report: &Report, metric: &str) -> Option<f64> {
    report.get(metric).and_then(|estimate| estimate.value)
}

/// The windows of a metric that end in a stretch of time.
fn windows(report: &Report, metric: &str, from: f64, to: f64) -> Vec<Option<f64>> {
    let (_, _, values) =
        report.series.columns.iter().find(|(name, _, _)| name == metric).expect("a metric of the series");
    let windows = report.series.windows.iter().zip(values);
    windows.filter(|((_, end), _)| *end > from && *end <= to).map(|(_, value)| *value).collect()
}

const ONE_SERVER: &str = r#"(
    name: "D/D/1", run: (duration: "1.2095s", replications: 2),
    traffic: { "users": Open(to: "web", rate: 100, arrivals: Deterministic) },
    components: { "web": Service(cpu: 1, on: { "get": [Compute("4ms")] }) },
    slos: [(check: "users.errors < 1%", during: ("0s", "1s"))],
)"#;

/// Request n comes at 10 n ms. Number 100 is in service from 1,000 to 1,004 ms, and keeps its 4 ms though they are 9 from 1,002 ms on.
#[test]
fn a_change_of_service_time_by_hand() {
    let found =
        forked_at(&alternatives(ONE_SERVER, &[&[("web.on.get", "[Compute(\"9ms\")]")]]), 1.002, &["users.mean"]);
    let [base, later] = [0, 1].map(|point| &found.points.points[point].report);
    let difference = &found.differences[0];
    let nanos = |value: Option<f64>| (value.expect("a value") * 1e9).round();
    assert_eq!((nanos(value(base, "users.mean")), nanos(value(later, "users.mean"))), (4e6, 9e6));
    assert_eq!((difference.found, nanos(difference.difference.value)), (Found::Higher, 5e6));
    // 101 to 120 are wanted after the change, in 207.5 ms; 120 is done half a millisecond before the end.
    let wanted = |report| (value(report, "users.rate").expect("a rate") * 0.2075).round();
    assert_eq!((wanted(base), wanted(later)), (20.0, 20.0));
    assert_eq!(windows(later, "users.mean", 0.99, 1.0025), windows(base, "users.mean", 0.99, 1.0025));
    // The cores are busy for 20 times 4 ms, or 9 ms, and 2 ms of number 100.
    let busy = |report| (value(report, "web.utilization").expect("a share") * 0.2075 * 1e9).round();
    assert_eq!((busy(base), busy(later)), (82e6, 182e6));
    // What it was about is over before the change.
    assert!(base.slos.is_empty());
}

#[test]
fn a_second_server_takes_who_waits_at_the_instant_and_one_less_finishes_its_work() {
    // Ten come at once at 1 s, each for 1 s of work; with one server the k-th is done at 1 + k s.
    let text = |cpu: u32| {
        format!(
            r#"(name: "a", run: (duration: "12s", replications: 1),
            traffic: {{ "users": Open(to: "web", rate: Replay(["1s", "1s", "1s", "1s", "1s", "1s", "1s", "1s", "1s", "1s"])) }},
            components: {{ "web": Service(cpu: {cpu}, on: {{ "get": [Compute("1s")] }}) }})"#
        )
    };
    let done = |cpu: u32, later: &str| {
        let found = forked_at(&alternatives(&text(cpu), &[&[("web.cpu", later)]]), 3.5, &[]);
        let report = &found.points.points[1].report;
        let queue = |at: f64| windows(report, "web.queue", at - 0.2, at).last().copied().flatten().expect("a queue");
        [5.0, 6.0, 7.0, 8.0].map(|at| (queue(at) * 1e6).round() / 1e6)
    };
    // Two are done at 3 s, the third runs to 4 s and the fourth begins at 3.5 s; then two a second, half a second apart.
    // At 5 s five have been done or are in service for less than half a second, and so on.
    assert_eq!(done(1, "1"), [6.0, 5.0, 4.0, 3.0]);
    assert_eq!(done(1, "2"), [4.0, 2.0, 0.0, 0.0]);
    // Of two servers four are done at 3 s and two more at 4 s; of those that follow there is one at a time.
    assert_eq!(done(2, "1"), [3.0, 2.0, 1.0, 0.0]);
}

const RICH: &str = r#"(
    name: "a", run: (duration: "6s", replications: 2, seed: 3),
    keys: { "items": Zipf(items: 1000, s: 0.9) },
    traffic: {
        "users": Open(to: "web", rate: "300/s", mix: { "get": 4, "put": 1 }),
        "staff": Closed(to: "web.get", users: 5, think: Exp("50ms")),
    },
    components: {
        "web": Service(
            replicas: 2, cpu: 4, concurrency: 40, queue: 50, limit: "900/s",
            on: {
                "get": [Cached(cache: "cache", key: "items", miss: [Call("db.read")])],
                "put": [Compute(Exp("1ms")), Call("db.write"), Maybe(p: 0.3, then: [Call("mail")])],
            },
        ),
        "cache": Cache(entries: 200, ttl: "2s"),
        "db": Database(workers: 6, ops: { "read": Read(Exp("6ms")), "write": Write(Exp("9ms")) }),
        "mail": External(latency: Exp("30ms"), errors: "2%"),
    },
    edges: {
        "* -> *": (latency: Exp("300us")),
        "users -> web": (balance: RoundRobin),
        "web -> db": (timeout: "25ms", pool: 5, retry: (max: 2)),
        "web -> mail": (timeout: "90ms", breaker: (failures: "50%")),
    },
    faults: [Slow(target: "db", at: "1s", for: "1s", factor: 1.5), Edge(edge: "web -> db", at: "1s", for: "2s", latency: Exp("2ms"))],
)"#;

#[test]
fn until_the_instant_all_are_one_run_and_an_equal_alternative_stays_it() {
    let changes: [&[(&str, &str)]; 3] =
        [&[("db.workers", "6")], &[("db.workers", "3")], &[("users.rate", "\"200/s\"")]];
    let found = forked_at(&alternatives(RICH, &changes), 2.5, &["users.mean", "db.utilization", "staff.goodput"]);
    let reports: Vec<&Report> = found.points.points.iter().map(|point| &point.report).collect();
    assert_eq!(Report { work: reports[0].work, ..reports[1].clone() }, *reports[0]);
    for (name, _, _) in &reports[0].series.columns {
        // What is about requests has its value when they have ended; none is in progress for half a second.
        let source = name.starts_with("users") || name.starts_with("staff");
        let to = if source { 2.0 } else { 2.5 };
        for other in &reports[2..] {
            assert_eq!(windows(reports[0], name, 0.0, to), windows(other, name, 0.0, to), "{name}");
        }
    }
    let same = |alternative: &str| {
        found.differences.iter().filter(|d| d.alternative == alternative).all(|d| d.found == Found::Same)
    };
    assert!(same("0") && !same("1") && !same("2"), "{:?}", found.differences);
    assert!(value(reports[2], "db.utilization") > value(reports[0], "db.utilization"));
}

/// Everything that may change does, alone and with its neighbours, while the system is busy: the world's laws are checked at the end of every run.
#[test]
fn every_number_of_a_scenario_may_change_or_says_why_not() {
    let others = ["retry-storm", "web-shop", "order-queue", "read-replicas", "cache-size", "fan-out"];
    let read = |name: &str| std::fs::read_to_string(format!("{}/../scenarios/{name}.ron", env!("CARGO_MANIFEST_DIR")));
    let texts = others.iter().map(|name| read(name).expect("a scenario of the folder")).chain([RICH.to_owned()]);
    let mut changed = 0;
    for text in texts {
        let short =
            [("run", "(duration: \"3s\", replications: 1)"), ("slos", "[]"), ("faults", "[]"), ("experiments", "{}")];
        let short: Vec<(String, String)> = short.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
        let source = vary::set_all(&Source::new("a.ron", text), &short).expect("every scenario has these");
        let base = check::check_alone(&source, &no_files).model.expect("a sound scenario");
        let mut points = vec![(vec!["base".to_owned()], base.clone())];
        for setting in settings(&source).expect("a sound scenario") {
            let scaled = [0.4, 3.0].into_iter().filter_map(|factor| setting.scaled(&source, &no_files, factor));
            points.extend(scaled.map(|(text, model)| (vec![format!("{} = {text}", setting.path)], model)));
        }
        points.retain(|(_, model)| obstacle(&base, model).is_none());
        changed += points.len();
        let grid = Grid { axes: vec![("variant".into(), vec![])], points };
        let found = forked_at(&grid, 1.0, &[]);
        assert_eq!(found.points.points.len(), grid.points.len());
    }
    assert!(changed > 150, "{changed}");
}

#[test]
fn policies_come_in_the_middle_of_a_run() {
    let changes: [&[(&str, &str)]; 15] = [
        &[("users -> web.balance", "LeastOutstanding")],
        &[("web -> db.timeout", "\"15ms\"")],
        &[("web -> db.timeout", "\"15ms\""), ("web -> db.retry.budget", "\"1%\"")],
        &[("web -> db.breaker", "(failures: 2)")],
        &[("web -> db.cancel", "true")],
        &[("web -> db.pool", "1")],
        &[("web -> db.pool", "60")],
        &[("web -> mail.breaker.failures", "1")],
        &[("web.limit", "FixedWindow(requests: 50, window: \"1s\")")],
        &[("web.cpu", "1"), ("web.queue", "2"), ("web.concurrency", "3")],
        &[("users.timeout", "\"20ms\""), ("users.retry", "(max: 3)")],
        &[("cache.ttl", "\"5ms\"")],
        &[("db.ops.read", "Read(\"1ms\")"), ("staff.think", "\"1ms\"")],
        &[("users -> web.latency", "Uniform(\"1ms\", \"2ms\")"), ("users.mix.put", "9")],
        &[("web.on.put[2].p", "0.9"), ("mail.errors", "0.5")],
    ];
    let found = forked_at(&alternatives(RICH, &changes), 1.5, &["users.mean"]);
    let same = found.differences.iter().filter(|d| d.found == Found::Same).map(|d| d.alternative.as_str());
    assert_eq!(same.collect::<Vec<_>>(), Vec::<&str>::new());
    let retries = [1, 2, 3].map(|point| value(&found.points.points[point].report, "web -> db.retries"));
    assert!(retries[2] < retries[0] && retries[0] < retries[1], "a budget of 1% allows less: {retries:?}");
}

#[test]
fn what_cannot_change_is_named_with_its_path() {
    let source = Source::new("a.ron", RICH);
    let base = check::check_alone(&source, &no_files).model.expect("a sound scenario");
    let why = |path: &str, value: &str| {
        let settings = [("web.cpu".to_owned(), "4".to_owned()), (path.to_owned(), value.to_owned())];
        let (found, reason) = culprit(&source, &no_files, &base, &settings).expect("an obstacle");
        assert_eq!(found, path);
        reason
    };
    let cases = [
        ("web.replicas", "3", "`web` cannot get or lose instances while it runs"),
        ("web.discipline", "Priority()", "the queue of `web` cannot be put into another order while it runs"),
        (
            "mail.concurrency",
            "3",
            "`mail` cannot get or lose its limit of `concurrency`: give it a large one from the start",
        ),
        ("staff.users", "6", "the `users` of `staff` cannot come or go while it runs"),
        ("users.batch", "2", "`users` cannot change the way in which its requests arrive, only their rate"),
        ("cache.entries", "100", "`cache` cannot change its size or what it throws out while it runs"),
        ("web -> mail.pool", "5", "`web -> mail` cannot get or lose its `pool`: give it a large one from the start"),
        ("faults[0].factor", "4", "faults cannot be changed: they may have begun"),
        (
            "run.seed",
            "9",
            "it would run for another time, with another seed, or otherwise: the `run` section is that of all",
        ),
    ];
    for (path, value, reason) in cases {
        assert_eq!(why(path, value), reason);
    }
    let steps = why(
        "web.on.put",
        "[Compute(\"1ms\"), Compute(\"1ms\"), Call(\"db.write\"), Maybe(p: 0.3, then: [Call(\"mail\")])]",
    );
    assert_eq!(steps, "the steps of `web` would be others, and requests are in the middle of them");
}

/// The storm that outlives its cause ends when most of the load is turned away; nothing else ends it in time.
#[test]
fn shedding_load_ends_a_retry_storm() {
    let text = include_str!("../../../../scenarios/retry-storm.ron");
    let source = Source::new("retry-storm.ron", text);
    let model = check::check_alone(&source, &no_files).model.expect("a sound scenario");
    let shed = model.variants.iter().find(|(name, _)| name == "load is shed").expect("a variant").clone();
    let two = vary::set_all(&source, &[("run.replications".into(), "2".into())]).expect("it has a run section");
    let grid = grid(&two, &no_files, &[], &[("as it is".into(), vec![]), shed]).expect("sound alternatives");
    let found = forked_at(&grid, 150.0, &["users.goodput", "users.recovery"]);
    let [base, shed] = [0, 1].map(|point| &found.points.points[point].report);
    assert!(value(base, "users.goodput") < Some(50.0) && value(shed, "users.goodput") > Some(1000.0));
    let recovery = value(shed, "users.recovery").expect("it recovers");
    // The fault is over at 90 s, the load is shed at 150 s.
    assert!((60.0..66.0).contains(&recovery) && value(base, "users.recovery").is_none(), "{recovery}");
}

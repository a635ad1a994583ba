//! A result is a pure function of model and seed; a world can be copied and continued.

use crate::support::{model, report};
use archsim_experiment::core::Time;
use archsim_experiment::models::World;
use archsim_experiment::run::schedule;

/// A scenario that uses most mechanisms.
pub(crate) const BUSY: &str = r#"Scenario(
    name: "busy",
    run: (duration: "20s", warmup: "2s", replications: 3, seed: 9),
    keys: { "k": Zipf(items: 1000, s: 0.9) },
    traffic: {
        "u": Open(to: "lb", rate: "200/s", mix: { "get": 3, "put": 1 }, timeout: "2s", retry: (max: 1)),
        "w": Closed(to: "api.get", users: 3, think: Exp("50ms")),
    },
    components: {
        "lb": LoadBalancer(targets: ["api"], policy: LeastOutstanding),
        "api": Service(replicas: 3, cpu: 2, concurrency: 32, queue: 50, on: {
            "get": [Compute(Exp("3ms")), Cached(cache: "c", key: "k", miss: [Call("db.read")])],
            "put": [Parallel([Call("db.write"), Call("ext")]), Publish("b.t"), After([Invalidate("c", "k")])],
        }),
        "c": Cache(time: "50us", entries: 100, shards: 2, ttl: "5s", coalesce: true),
        "db": Database(shards: 2, shard_by: "k", read_replicas: 1, reads: Any, replication: Async(lag: Exp("5ms")), workers: 2,
            ops: { "read": Read(Exp("4ms")), "write": Write(Exp("3ms")) }),
        "ext": External(latency: LogNormal(p50: "5ms", p99: "40ms"), errors: "5%"),
        "b": Broker(topics: { "t": () }),
        "jobs": Consumers(of: "b.t", members: 2, handle: [Compute(Exp("10ms")), Fail("5%")], attempts: 2),
    },
    edges: { "* -> *": (latency: "0.2ms"), "api -> ext": (timeout: "20ms", cancel: true, retry: (max: 1)), "api -> db": (pool: 8) },
)"#;

fn summary(text: &str) -> Vec<String> {
    report(&model(text))
        .summary
        .iter()
        .map(|(name, e)| format!("{name} {:?} {:?} {:?} {}", e.value, e.low, e.high, e.n))
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    assert_eq!(summary(BUSY), summary(BUSY));
    assert_ne!(summary(BUSY), summary(&BUSY.replace("seed: 9", "seed: 10")));
}

#[test]
fn one_thread_gives_what_many_give() {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("pool");
    assert_eq!(pool(1).install(|| summary(BUSY)), pool(4).install(|| summary(BUSY)));
}

#[test]
fn an_unconnected_component_changes_nothing() {
    let more = BUSY
        .replace(r#""lb": LoadBalancer"#, r#""alone": Service(on: { "x": [Compute(Exp("1ms"))] }), "lb": LoadBalancer"#)
        .replace(r#""u": Open"#, r#""other": Open(to: "alone", rate: "50/s"), "u": Open"#)
        .replace(r#"keys: {"#, r#"keys: { "j": Uniform(items: 5),"#);
    let with: Vec<String> =
        summary(&more).into_iter().filter(|l| !l.starts_with("alone") && !l.starts_with("other")).collect();
    for (with, without) in with.iter().zip(summary(BUSY)) {
        assert_eq!(*with, without);
    }
    assert_eq!(with.len(), summary(BUSY).len());
}

#[test]
fn a_copied_world_continues_as_the_original() {
    let model = model(BUSY);
    let end = model.run.duration;
    let mut world = World::new(model.plan.clone(), &model.spaces, 1, 0, schedule(&model));
    world.run_until(Time::from_nanos(end.as_nanos() / 2));
    let mut copy = world.clone();
    world.run_until(end);
    copy.run_until(end);
    let (first, _) = world.finish();
    let (second, _) = copy.finish();
    assert_eq!((first.events, first.requests), (second.events, second.requests));
    assert_eq!(first.windows, second.windows);
}

/// A balancer that only passes requests on keeps no frames, one with a limit does: with a limit that is never reached it does the same.
#[test]
fn a_balancer_does_the_same_whether_it_keeps_frames_or_not() {
    const PASSED_ON: &str = r#"Scenario(
        name: "passed on",
        run: (duration: "20s", warmup: "2s", replications: 1),
        traffic: { "u": Open(to: "front", rate: "200/s") },
        components: {
            "front": Service(replicas: 2, on: { "get": [Call(to: "gate.get", on_error: [Wait("1ms")]), Parallel(steps: [Call("lb.get"), Call("lb.get")], need: 1)] }),
            "gate": Service(on: { "get": [Call("lb.get")] }),
            "lb": LoadBalancer(targets: [(to: "web", weight: 1), (to: "big", weight: 2)], policy: POLICY LIMIT),
            "web": Service(replicas: 3, concurrency: 3, queue: 2, on: { "get": [Compute(Exp("8ms")), Fail("2%")] }),
            "big": Service(cpu: 2, on: { "get": [Compute(Exp("6ms"))] }),
        },
        edges: { "front -> gate": (timeout: "15ms", retry: (max: 1), cancel: true), "front -> lb": (timeout: "9ms", retry: (max: 2), cancel: FIRST), "gate -> lb": (cancel: FIRST), "lb -> web": (cancel: SECOND) },
    )"#;
    for (policy, first, second) in [
        ("LeastOutstanding", "true", "true"),
        ("LeastOutstanding", "true", "false"),
        ("PowerOfTwo(choices: 2)", "false", "true"),
        ("RoundRobin", "false", "false"),
    ] {
        let text = PASSED_ON.replace("POLICY", policy).replace("FIRST", first).replace("SECOND", second);
        let kept = summary(&text.replace("LIMIT", r#", limit: TokenBucket(rate: "1M/s", burst: 1000000)"#));
        let without = summary(&text.replace("LIMIT", ""));
        // A limiter has times of its own, where the other has none.
        let measured = without.iter().filter(|line| line.split(' ').nth(1) != Some("None"));
        let different: Vec<_> = measured.clone().filter(|line| !kept.contains(line)).collect();
        assert!(different.is_empty() && measured.count() > 50, "{policy}, {first}, {second}: {different:#?}");
    }
}

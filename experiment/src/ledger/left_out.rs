//! What of the real system is not in the model, and which way that bends the answer.

use super::{Bias, Entry, Omission, components, computes, edges, has_step};
use crate::model::Model;
use archsim_core::{Dist, Time};
use archsim_models::Kind;
use archsim_models::spec::{FaultSpec, KeySpec, LoadSpec, Step, TrafficSpec};

/// What is left out: what the file could say and does not first, what no file can say last.
pub(super) fn left_out(model: &Model) -> Vec<Omission> {
    let rules = [
        no_network,
        no_variability,
        no_timeouts,
        no_failures,
        patient_users,
        steady_rate,
        users_who_slow_down,
        unbounded_queues,
        warm_caches,
        forced_hits,
        independent_keys,
        even_shards,
        foreign_load,
        balancers,
        databases,
        brokers,
        machines,
        clients,
    ];
    rules.iter().filter_map(|rule| rule(model)).collect()
}

fn omission(entry: Option<Entry>, bias: Bias, concerns: &'static str) -> Option<Omission> {
    entry.map(|entry| Omission { entry, bias, concerns })
}

fn no_network(model: &Model) -> Option<Omission> {
    let places = edges(model, |edge, spec| spec.latency.is_none() && !is_from_user(model, edge.caller));
    omission(Entry::at("the network: a call takes no time on the way", places), Bias::Optimistic, "latency")
}

fn is_from_user(model: &Model, caller: u32) -> bool {
    caller as usize >= model.plan.components.len()
}

/// Work that always takes exactly as long. With the same mean, a queue of constant work is half as long as one of exponential
/// work (Pollaczek-Khinchine).
fn no_variability(model: &Model) -> Option<Omission> {
    let constant = |dist: &Dist| matches!(dist, Dist::Constant(time) if *time > 0.0);
    let places = components(&model.setup, |kind| match kind {
        Kind::Database(database) => database.ops.0.iter().any(|(_, op)| constant(&op.time().0)),
        kind => has_step(kind, |step| matches!(step, Step::Compute(work) if constant(&work.time.0))),
    });
    let entry = Entry::at("differences between requests: some work takes exactly as long each time", places);
    omission(entry, Bias::Optimistic, "waiting, most at high load")
}

fn no_timeouts(model: &Model) -> Option<Omission> {
    let places = edges(model, |edge, _| edge.timeout == Time::ZERO && !is_from_user(model, edge.caller));
    let entry = Entry::at("time-outs: callers wait for ever", places);
    omission(entry, Bias::Either, "errors and the slowest requests, once something is slow")
}

fn no_failures(model: &Model) -> Option<Omission> {
    let fails = |kind: &Kind| match kind {
        Kind::External(external) => external.errors.is_some(),
        kind => has_step(kind, |step| matches!(step, Step::Fail(_))),
    };
    let breaks = |fault: &FaultSpec| matches!(fault, FaultSpec::Crash(_) | FaultSpec::Failures(_) | FaultSpec::Edge(_));
    let any = model.setup.faults.iter().any(breaks) || !components(&model.setup, fails).is_empty();
    let entry = (!any).then(|| Entry::everywhere("failures: nothing crashes, nothing answers with an error"));
    omission(entry, Bias::Optimistic, "errors, availability")
}

fn patient_users(model: &Model) -> Option<Omission> {
    let open = |spec: &TrafficSpec| matches!(spec, TrafficSpec::Open(_)) && spec.common().retry.is_none();
    let places = model.setup.traffic.iter().filter(|(_, spec)| open(spec)).map(|(name, _)| name.clone()).collect();
    let entry = Entry::at("users who try again after a failure", places);
    omission(entry, Bias::Optimistic, "load during overload and faults")
}

fn steady_rate(model: &Model) -> Option<Omission> {
    let constant = |spec: &TrafficSpec| matches!(spec, TrafficSpec::Open(open) if matches!(open.rate.value, LoadSpec::Constant(_)));
    let places = model.setup.traffic.iter().filter(|(_, spec)| constant(spec)).map(|(name, _)| name.clone()).collect();
    let entry = Entry::at("days and bursts: the rate is constant, so give that of the busiest minutes", places);
    omission(entry, Bias::Optimistic, "the busiest minutes, if the rate is an average")
}

fn users_who_slow_down(model: &Model) -> Option<Omission> {
    let closed = |spec: &TrafficSpec| matches!(spec, TrafficSpec::Closed(_));
    let places = model.setup.traffic.iter().filter(|(_, spec)| closed(spec)).map(|(name, _)| name.clone()).collect();
    let entry = Entry::at("users beyond the given number: a slow system gets fewer requests", places);
    omission(entry, Bias::Optimistic, "latency in overload")
}

fn unbounded_queues(model: &Model) -> Option<Omission> {
    let bounded = |kind: &Kind| match kind {
        Kind::Service(service) => {
            let waits = service.concurrency.is_some() || computes(kind);
            !waits || service.queue.is_some() || service.patience.is_some() || service.join.is_some()
        }
        Kind::Database(database) => database.patience.is_some(),
        Kind::Cache(cache) => cache.time.is_none(),
        Kind::Broker(broker) => broker.append.is_none(),
        Kind::LoadBalancer(_) | Kind::Consumers(_) | Kind::External(_) => true,
    };
    let entry = Entry::at(
        "limits on queues: nothing is refused, memory does not run out",
        components(&model.setup, |k| !bounded(k)),
    );
    omission(entry, Bias::Either, "overload: fewer errors and longer waits than with limits")
}

fn warm_caches(model: &Model) -> Option<Omission> {
    let warm = |kind: &Kind| matches!(kind, Kind::Cache(c) if c.hit_ratio.is_none() && c.start_cold != Some(true));
    let entry = Entry::at("filling after a start: caches begin warm", components(&model.setup, warm));
    omission(entry, Bias::Optimistic, "the time after a deployment")
}

fn forced_hits(model: &Model) -> Option<Omission> {
    let forced = |kind: &Kind| matches!(kind, Kind::Cache(cache) if cache.hit_ratio.is_some());
    let entry = Entry::at("why look-ups hit: the hit ratio is given", components(&model.setup, forced));
    omission(entry, Bias::Either, "what-ifs about size, time to live and load")
}

/// Real traces have locality in time, which helps, and scans, which hurt.
fn independent_keys(model: &Model) -> Option<Omission> {
    let ordered = |space: &KeySpec| matches!(space, KeySpec::Replay(_) | KeySpec::Scan(_));
    let drawn = |key: &str| !model.setup.keys.iter().any(|(name, space)| name == key && ordered(space));
    let asks = |cache: &str| {
        let look = |step: &Step| match step {
            Step::Cached(args) => args.cache.value == cache && drawn(&args.key.value),
            Step::Get(args) => args.cache.value == cache && drawn(&args.key.value),
            _ => false,
        };
        model.setup.components.iter().any(|(_, kind)| has_step(kind, look))
    };
    let real = model
        .setup
        .components
        .iter()
        .filter(|(name, kind)| matches!(kind, Kind::Cache(cache) if cache.hit_ratio.is_none()) && asks(name));
    let places = real.map(|(name, _)| name.clone()).collect();
    let entry = Entry::at("order in the keys: each is asked for independently of the last", places);
    omission(entry, Bias::Either, "hit ratios: locality raises them, scans lower them")
}

fn even_shards(model: &Model) -> Option<Omission> {
    let even = |kind: &Kind| matches!(kind, Kind::Database(d) if d.shard_by.is_none() && d.shards.as_ref().is_some_and(|shards| shards.value > 1));
    let entry = Entry::at("hot shards: shards are drawn evenly", components(&model.setup, even));
    omission(entry, Bias::Optimistic, "the busiest shard")
}

fn foreign_load(model: &Model) -> Option<Omission> {
    let entry = Entry::at(
        "how their latency depends on load, ours and others'",
        components(&model.setup, |kind| matches!(kind, Kind::External(_))),
    );
    omission(entry, Bias::Optimistic, "latency when they are busy")
}

fn balancers(model: &Model) -> Option<Omission> {
    let free = |kind: &Kind| matches!(kind, Kind::LoadBalancer(balancer) if balancer.time.is_none());
    let entry = Entry::at("the balancer's own time", components(&model.setup, free));
    omission(entry, Bias::Optimistic, "latency")
}

fn databases(model: &Model) -> Option<Omission> {
    let entry = Entry::at(
        "row locks, buffer pool and disk: an operation takes its time whatever else runs",
        components(&model.setup, |kind| matches!(kind, Kind::Database(_))),
    );
    omission(entry, Bias::Optimistic, "latency at high load")
}

fn brokers(model: &Model) -> Option<Omission> {
    let entry = Entry::at(
        "partitions and their order, rebalances, retention",
        components(&model.setup, |kind| matches!(kind, Kind::Broker(_))),
    );
    omission(entry, Bias::Optimistic, "lag")
}

fn machines(model: &Model) -> Option<Omission> {
    let slowed = model.setup.faults.iter().any(|fault| matches!(fault, FaultSpec::Slow(_) | FaultSpec::Pause(_)));
    let pauses = |kind: &Kind| match kind {
        Kind::Service(service) => service.pauses.is_some(),
        Kind::Database(database) => database.pauses.is_some(),
        _ => false,
    };
    let any = slowed || !components(&model.setup, pauses).is_empty();
    let what = "garbage collection, neighbours, deployments, throttling";
    omission((!any).then(|| Entry::everywhere(what)), Bias::Optimistic, "the slowest requests")
}

fn clients(_: &Model) -> Option<Omission> {
    let what = "opening connections, TLS, serialisation beyond the work that is given";
    omission(Some(Entry::everywhere(what)), Bias::Optimistic, "latency")
}

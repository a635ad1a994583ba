//! Values of components and key spaces that cannot be.

use super::context::Check;
use super::limits::limit;
use super::policies::{above_zero, backoff, balance, count, count_or_none, grouped};
use super::{queues, steps, traces};
use archsim_models::Kind;
use archsim_models::kind::broker::BrokerSpec;
use archsim_models::kind::cache::CacheSpec;
use archsim_models::kind::consumers::ConsumersSpec;
use archsim_models::kind::database::{DatabaseSpec, OperationSpec, Replication, SyncArgs};
use archsim_models::kind::external::ExternalSpec;
use archsim_models::kind::load_balancer::LoadBalancerSpec;
use archsim_models::kind::service::ServiceSpec;
use archsim_models::spec::policy::{Eviction, SampledLruArgs};
use archsim_models::spec::{At, Count, KeySpec, LimitSpec};

/// Instances of all components together: each takes about a hundred bytes.
const MOST_INSTANCES: u64 = 10_000_000;
/// Branches that may run at the same time.
pub(super) const MOST_BRANCHES: u64 = 65_535;
/// Threads of a group of consumers.
const MOST_THREADS: u64 = 10_000_000;
/// Nodes of a broker.
const MOST_NODES: u32 = 10_000;
/// Keys of a space.
const MOST_KEYS: u64 = 1_000_000_000;

pub(super) fn check(check: &mut Check<'_>) {
    let scenario = check.scenario;
    for (name, at) in &scenario.keys {
        key_space(check, name, &at.value);
    }
    for (name, at) in &scenario.components {
        component(check, name, &at.value);
    }
    traces::check(check);
    let total = check.setup.components.iter().fold(0u64, |sum, (_, kind)| sum.saturating_add(instances(kind)));
    if total > MOST_INSTANCES {
        let span = check.document.root.opening();
        check.impossible(
            format!("the scenario has {} instances; at most {} are possible", grouped(total), grouped(MOST_INSTANCES)),
            &span,
        );
    }
}

/// Number of instances.
pub(super) fn instances(kind: &Kind) -> u64 {
    match kind {
        Kind::Service(service) => service.replica_count().into(),
        Kind::LoadBalancer(_) | Kind::External(_) => 1,
        Kind::Cache(cache) => cache.shard_count().into(),
        Kind::Database(database) => {
            u64::from(database.shard_count()).saturating_mul(u64::from(database.replica_count()) + 1)
        }
        Kind::Broker(broker) => broker.node_count().into(),
        Kind::Consumers(consumers) => consumers.member_count().into(),
    }
}

fn counts<T: Copy + Into<u64>>(check: &mut Check<'_>, fields: &[(&Option<At<T>>, &str)]) {
    for (field, what) in fields {
        if let Some(number) = field {
            count(check, number, what);
        }
    }
}

fn component(check: &mut Check<'_>, name: &At<String>, kind: &Kind) {
    let cost = kind.cost();
    if !(cost.is_finite() && cost >= 0.0) {
        let span = check.field("components", name, "cost");
        check.impossible(format!("`cost` is at least 0, found {cost}"), &span);
    }
    queues::check(check, name, kind);
    match kind {
        Kind::Service(service) => self::service(check, name, service),
        Kind::LoadBalancer(balancer) => self::balancer(check, name, balancer),
        Kind::Cache(cache) => self::cache(check, cache),
        Kind::Database(database) => self::database(check, name, database),
        Kind::Broker(broker) => self::broker(check, name, broker),
        Kind::Consumers(consumers) => self::consumers(check, consumers),
        Kind::External(external) => self::external(check, external),
    }
}

fn service(check: &mut Check<'_>, name: &At<String>, service: &ServiceSpec) {
    counts(
        check,
        &[(&service.replicas, "`replicas`"), (&service.cpu, "`cpu`"), (&service.concurrency, "`concurrency`")],
    );
    if service.on.0.is_empty() {
        let span = check.field("components", name, "on");
        check.impossible(format!("`{}` has no endpoint", name.value), &span);
    }
    if service.concurrency.is_none() {
        if let Some(queue) = &service.queue {
            check.impossible(
                "`queue` needs `concurrency`: without a limit on requests in progress nobody waits for a slot",
                &queue.span,
            );
        }
        if service.admission.is_some() {
            let span = check.field("components", name, "admission");
            check.impossible(
                "`admission` needs `concurrency`: without a limit on requests in progress nobody waits for a slot",
                &span,
            );
        }
    }
    if let Some(speed) = &service.speed {
        let wrong = speed.value.iter().find(|speed| !(speed.is_finite() && **speed > 0.0));
        match wrong {
            Some(wrong) => check.impossible(format!("a speed is above 0, found {wrong}"), &speed.span),
            None if speed.value.is_empty() => check.impossible("`speed` has at least one value", &speed.span),
            None => {}
        }
    }
    service.limit.iter().for_each(|at| limit(check, at));
    for (_, steps) in &service.on.0 {
        steps::check(check, steps, service.core_count());
    }
}

fn balancer(check: &mut Check<'_>, name: &At<String>, balancer: &LoadBalancerSpec) {
    let opening = check.opening("components", name);
    match (&balancer.targets, &balancer.routes) {
        (Some(_), Some(_)) => {
            let span = check.field("components", name, "routes");
            check.impossible("a balancer has either `targets` or `routes`", &span);
        }
        (None, None) => check
            .impossible(format!("`{}` has nowhere to send requests: give `targets` or `routes`", name.value), &opening),
        (Some(targets), None) if targets.iter().all(|target| target.weight == 0.0) => {
            let span = check.field("components", name, "targets");
            let message = if targets.is_empty() { "`targets` is empty" } else { "all weights are zero" };
            check.impossible(message, &span);
        }
        (None, Some(routes)) if routes.0.is_empty() => {
            let span = check.field("components", name, "routes");
            check.impossible("`routes` is empty", &span);
        }
        _ => {}
    }
    balancer.limit.iter().for_each(|at| limit(check, at));
    if let Some(policy) = &balancer.policy {
        balance(check, policy);
    }
}

fn cache(check: &mut Check<'_>, cache: &CacheSpec) {
    counts(check, &[(&cache.shards, "`shards`")]);
    if let Some(At { value: Count::Limited(workers), span }) = &cache.workers {
        count(check, &At { value: *workers, span: span.clone() }, "`workers`");
    }
    if let Some(ttl) = &cache.ttl {
        above_zero(check, ttl, "`ttl`");
    }
    if let Some(Eviction::SampledLru(SampledLruArgs { samples: Some(samples) })) = &cache.eviction
        && !(1..=64).contains(&samples.value)
    {
        check.impossible(format!("`samples` is a number from 1 to 64, found {}", samples.value), &samples.span);
    }
}

fn database(check: &mut Check<'_>, name: &At<String>, database: &DatabaseSpec) {
    counts(check, &[(&database.shards, "`shards`"), (&database.workers, "`workers`")]);
    if let Some(replicas) = &database.read_replicas {
        count_or_none(check, replicas, "`read_replicas`");
    }
    let scatters = database.ops.0.iter().any(|(_, op)| matches!(op, OperationSpec::Scatter(_)));
    if let Some(shards) = database.shards.as_ref().filter(|s| scatters && u64::from(s.value) > MOST_BRANCHES) {
        check.impossible(
            format!("a scatter asks at most {} shards, found {}", grouped(MOST_BRANCHES), grouped(shards.value.into())),
            &shards.span,
        );
    }
    let copied = |op: &OperationSpec| matches!(op, OperationSpec::Write(_)) && op.time().is_in_turn();
    if database.replica_count() > 0 && database.ops.0.iter().any(|(_, op)| copied(op)) {
        let span = check.field("components", name, "ops");
        check.impossible("a copy repeats the work of its primary: the time of a `Write` cannot be a `Sequence`", &span);
    }
    copies(check, database);
    if database.ops.0.is_empty() {
        let span = check.field("components", name, "ops");
        check.impossible(format!("`{}` has no operation", name.value), &span);
    }
}

/// Most copies of a shard with a quorum.
const MOST_COPIES: u32 = 64;

/// Numbers of copies that can answer.
fn copies(check: &mut Check<'_>, database: &DatabaseSpec) {
    let replicas = database.replica_count();
    let mut among = |number: &At<u32>, what: &str, most: u32, of: &str| {
        if !(1..=most).contains(&number.value) {
            let message =
                format!("{what} is a number from 1 to the {} {of}, found {}", grouped(most.into()), number.value);
            check.impossible(message, &number.span);
        }
    };
    match database.replication.as_ref().map(|replication| &replication.value) {
        Some(Replication::Sync(SyncArgs { acks: Some(acks), .. })) => among(acks, "`acks`", replicas, "read replicas"),
        Some(Replication::Quorum(quorum)) => {
            among(&quorum.write, "`write`", replicas.saturating_add(1), "copies of a shard");
            among(&quorum.read, "`read`", replicas.saturating_add(1), "copies of a shard");
            without_a_primary(check, database);
        }
        _ => {}
    }
}

/// What a quorum does not go with.
fn without_a_primary(check: &mut Check<'_>, database: &DatabaseSpec) {
    if database.replica_count() >= MOST_COPIES
        && let Some(replicas) = &database.read_replicas
    {
        let message = format!("a quorum is of at most {MOST_COPIES} copies, found {}", u64::from(replicas.value) + 1);
        check.impossible(message, &replicas.span);
    }
    if let Some(reads) = &database.reads {
        check.impossible("`reads` has no meaning with `Quorum`: a read asks `read` of all copies", &reads.span);
    }
    for (name, _) in database.ops.0.iter().filter(|(_, op)| matches!(op, OperationSpec::Scatter(_))) {
        check.impossible("a `Scatter` asks one copy of each shard: it does not go with `Quorum`", &name.span);
    }
}

fn broker(check: &mut Check<'_>, name: &At<String>, broker: &BrokerSpec) {
    if let Some(nodes) = broker.nodes.as_ref().filter(|nodes| !(1..=MOST_NODES).contains(&nodes.value)) {
        let (most, found) = (grouped(MOST_NODES.into()), grouped(nodes.value.into()));
        check.impossible(format!("`nodes` is a number from 1 to {most}, found {found}"), &nodes.span);
    }
    if broker.topics.0.is_empty() {
        let span = check.field("components", name, "topics");
        check.impossible(format!("`{}` has no topic", name.value), &span);
    }
    one_only(
        check,
        broker.replication.as_ref(),
        &format!("`replication` of `{}`", name.value),
        "there is one copy of each message",
    );
    for (topic, spec) in &broker.topics.0 {
        if let (Some(overflow), None) = (&spec.overflow, &spec.max_length) {
            check.impossible("`overflow` needs `max_length`: a queue without a limit is never full", &overflow.span);
        }
        let what = format!("`partitions` of `{}.{}`", name.value, topic.value);
        one_only(check, spec.partitions.as_ref(), &what, "a topic is one queue that all members of a group share");
    }
}

/// A number that is 1 in this version.
fn one_only(check: &mut Check<'_>, number: Option<&At<u32>>, what: &str, why: &str) {
    match number {
        Some(At { value: 0, span }) => check.impossible(format!("{what} is at least 1, found 0"), span),
        Some(At { value: 2.., span }) => {
            check.not_yet(&format!("{what} above 1"), span, &format!("leave it out: {why}"))
        }
        _ => {}
    }
}

fn consumers(check: &mut Check<'_>, consumers: &ConsumersSpec) {
    counts(
        check,
        &[
            (&consumers.members, "`members`"),
            (&consumers.threads, "`threads`"),
            (&consumers.cpu, "`cpu`"),
            (&consumers.attempts, "`attempts`"),
        ],
    );
    let threads = u64::from(consumers.member_count()).saturating_mul(consumers.thread_count().into());
    if let Some(field) = consumers.threads.as_ref().or(consumers.members.as_ref()).filter(|_| threads > MOST_THREADS) {
        check.impossible(
            format!("the group has {} threads; at most {} are possible", grouped(threads), grouped(MOST_THREADS)),
            &field.span,
        );
    }
    if let Some(poll) = &consumers.poll {
        counts(check, &[(&poll.max_records, "`max_records`"), (&poll.min_records, "`min_records`")]);
        let most = poll.max_records.as_ref().map_or(1, |records| records.value);
        if let Some(least) = poll.min_records.as_ref().filter(|least| least.value > most) {
            check.impossible(
                format!("a poll cannot wait for {} messages and take at most {most}", least.value),
                &least.span,
            );
        }
    }
    consumers.backoff.iter().for_each(|pause| backoff(check, pause));
    steps::check(check, &consumers.handle, consumers.core_count());
}

fn external(check: &mut Check<'_>, external: &ExternalSpec) {
    counts(check, &[(&external.concurrency, "`concurrency`"), (&external.burst, "`burst`")]);
    external.limit.iter().for_each(|at| limit(check, at));
    if let (Some(burst), Some(At { value: LimitSpec::Shape(_), .. }) | None) = (&external.burst, &external.limit) {
        check.impossible("`burst` belongs to a `limit` that is a rate; a limiter in full has its own", &burst.span);
    }
}

fn key_space(check: &mut Check<'_>, name: &At<String>, space: &KeySpec) {
    let items = match space {
        KeySpec::Zipf(args) => args.items,
        KeySpec::Uniform(args) => args.items,
        KeySpec::Hot(args) => args.items,
        KeySpec::Scan(args) => args.items,
        KeySpec::Replay(args) => {
            if args.keys.value.is_empty() {
                check.impossible("`Replay` has at least one key", &args.keys.span);
            }
            return;
        }
    };
    if items == 0 || items > MOST_KEYS {
        let span = check.field("keys", name, "items");
        check.impossible(
            format!("`items` is a number from 1 to {}, found {}", grouped(MOST_KEYS), grouped(items)),
            &span,
        );
    }
    if let KeySpec::Zipf(args) = space
        && !(0.0..=10.0).contains(&args.s)
    {
        let span = check.field("keys", name, "s");
        check.impossible(format!("`s` is a number from 0 to 10, found {}", args.s), &span);
    }
}

/// `idle-consumers`: more members than there are partitions.
pub(super) fn idle_consumers(check: &mut Check<'_>) {
    for (name, at) in &check.scenario.components {
        let Kind::Consumers(consumers) = &at.value else { continue };
        let (broker, topic) = archsim_models::compile::target(&consumers.of.value);
        let Some(Kind::Broker(broker)) = check.component(broker) else { continue };
        let partitions = broker.topics.get(topic).and_then(|topic| topic.partitions.as_ref()).map(|p| p.value);
        let Some(partitions) = partitions.filter(|partitions| (1..consumers.member_count()).contains(partitions))
        else {
            continue;
        };
        let members = consumers.member_count();
        let message = format!(
            "{members} members but `{}` has {partitions} partition{}: {} member{} will be idle",
            consumers.of.value,
            plural(partitions),
            members - partitions,
            plural(members - partitions)
        );
        let span = check.field("components", name, "members");
        check.warn(
            "idle-consumers",
            message,
            &span,
            "a partition is read by one member of a group; add partitions or use fewer members",
        );
    }
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

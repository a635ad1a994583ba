//! The plan: what a scenario means to the engine, compiled once into flat tables and shared by all replications.
//!
//! A component is a few entries in these tables; what it does for a request is a program of [`Op`]s. Everything is an
//! index, nothing is looked up by name while running.

use crate::spec::policy::Eviction;
use crate::spec::queueing::{Assign, Joining};
use crate::spec::{Balance, Discipline};
use archsim_core::{Dist, Stream, Time, Zipf};

pub use crate::backoff::{Backoff, PauseLength};
pub use crate::breaker::BreakerPlan;
pub use crate::limit::LimitPlan;

/// "No such thing" in every index.
pub const NONE: u32 = u32::MAX;

/// One instruction of a program. A request in progress is a cursor into the list of these.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "an instruction explains its operands")]
pub enum Op {
    /// Queue for `cores` of the instance and hold them for a draw.
    Compute { dist: u32, site: u32, cores: u32 },
    /// The same where values are taken in turn.
    ComputeInTurn { dist: u32, cores: u32 },
    /// Let a draw pass.
    Wait { dist: u32, site: u32 },
    /// Call another component and wait for the reply.
    Call { call: u32 },
    /// Wait until a further copy of a call is sent.
    Hedge { copies: u32, number: u32 },
    /// Start branches and wait for enough of them.
    Fork { fork: u32 },
    /// End of a branch.
    Join,
    /// Go on elsewhere.
    Jump { to: u32 },
    /// Go on elsewhere unless a draw is below the chance.
    Maybe { chance: u32, site: u32, otherwise: u32 },
    /// Go on at one of several places by weight.
    Choose { choice: u32, site: u32 },
    /// Go on elsewhere if the last reply was a hit.
    IfHit { to: u32 },
    /// Begin a loop; with zero rounds go past its end.
    LoopStart { times: u32, end: u32 },
    /// End of a round.
    LoopEnd { start: u32 },
    /// With a chance go back for another round.
    Again { chance: u32, site: u32, start: u32 },
    /// Wait for a batch to be done.
    Batch { batch: u32 },
    /// Begin a loop with a round for each request of the batch.
    BatchRounds,
    /// The work of a batch is over.
    BatchEnd { batch: u32, failed: bool },
    /// Wait for a lock.
    Lock { lock: u32 },
    /// Give it back.
    Unlock { lock: u32 },
    /// Fail with a chance.
    Fail { chance: u32, site: u32 },
    /// Pass on the failure of the last call or branch.
    Raise,
    /// Remember steps that start when the reply has been sent.
    After { start: u32, site: u32 },
    /// Look in, fill or clean a cache.
    Cache { cache: u32, op: CacheOp },
    /// Hand a message to the groups of a topic.
    Append { topic: u32 },
    /// Send a write to the read replicas of the instance's shard.
    Replicate { replicate: u32 },
    /// A replica has applied a write.
    Applied { versions: u32 },
    /// The primary has a new version of a key.
    WriteVersion { versions: u32 },
    /// A read has seen the version of a key that its instance has.
    ReadVersion { versions: u32 },
    /// Take the next message, or wait for one.
    NextMessage { consumer: u32 },
    /// The message was handled.
    Handled { consumer: u32 },
    /// Handling failed: again, or to the dead letters.
    Unhandled { consumer: u32, dead: u32 },
    /// Answer the caller.
    Reply,
    /// The user has the answer.
    Finish,
}

/// What is asked of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheOp {
    /// Look up a key.
    Get,
    /// Store it.
    Set,
    /// Remove it.
    Invalidate,
    /// Give up a fill that others wait for.
    Release,
}

/// Where a message may go.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "a route explains its numbers")]
pub enum Route {
    /// One instance.
    Single(u32),
    /// A replica, by the edge's balancing policy.
    Replicas { first: u32, count: u32 },
    /// The shard of the request's key, or a uniform one; in it an instance as `from` says.
    Shard { first: u32, shards: u32, copies: u32, from: ReadFrom, space: Option<u32>, modulo: bool },
    /// The shard of a cache that has the key.
    KeyHash { first: u32, count: u32, modulo: bool },
}

/// Which instances of a shard serve: `among` of them after the first `skip`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadFrom {
    /// Instances left out (1 leaves out the primary).
    pub skip: u32,
    /// Instances to choose from.
    pub among: u32,
    /// Whether the one with the least in progress is taken (the later one in a tie) instead of any.
    pub least: bool,
}

/// An operation of a component: where it starts and which instance runs it.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The component.
    pub component: u32,
    /// Its name.
    pub name: String,
    /// First instruction.
    pub start: u32,
    /// The instances that may run it.
    pub route: Route,
}

/// A use of an edge by a step.
#[derive(Clone, Copy, Debug)]
pub struct CallPlan {
    /// The edge; `NONE` where the balancer's choice decides it.
    pub edge: u32,
    /// The operation; `NONE` where the balancer's choice decides it.
    pub operation: u32,
    /// Names the draws of this call.
    pub site: u32,
    /// Key space that addresses caches and shards; `NONE` without.
    pub space: u32,
    /// The balancer's group; `NONE` for a call by name.
    pub balancer: u32,
    /// Where to go on after a failure; `NONE` fails the caller.
    pub on_error: u32,
    /// Bytes there.
    pub request: u64,
    /// Bytes back.
    pub response: u64,
    /// Whether it is one of several copies of a call.
    pub copy: bool,
}

/// Several copies of each call along an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CopiesPlan {
    /// The edge; of a balancer's call that of its first target.
    pub edge: u32,
    /// Copies, with the first.
    pub count: u32,
    /// From one copy to the next; zero sends all at once.
    pub after: Time,
    /// Whether the first answer stops the others.
    pub cancel: bool,
    /// Whether all copies have the draws of the first.
    pub same_work: bool,
    /// Tokens that a call adds to the budget of copies; negative without one.
    pub budget: f64,
    /// First of the budgets, one per caller instance.
    pub first_budget: u32,
}

/// Branches of a request.
#[derive(Clone, Debug)]
pub struct ForkPlan {
    /// First instruction of each, and where it runs.
    pub branches: Vec<(u32, Place)>,
    /// How many must succeed.
    pub need: u32,
    /// Where to go on when too many failed; `NONE` fails the request.
    pub on_error: u32,
    /// Names the draws of this step.
    pub site: u32,
    /// Whether the branches that are no longer needed are stopped.
    pub cancel: bool,
    /// What its branches are copies of; `NONE` for branches that differ.
    pub copies: u32,
}

/// Where a branch runs.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "a place explains its numbers")]
pub enum Place {
    /// On the instance that forks, as part of the same visit.
    Here,
    /// On an instance of a shard, as a visit of its own.
    Shard { first: u32, from: ReadFrom },
}

/// Servers and a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// Parallel servers; `u32::MAX` means nobody waits.
    pub servers: u32,
    /// Order of the queue.
    pub discipline: Discipline,
    /// Room in the queue; beyond it arrivals are rejected.
    pub room: u32,
}

/// What happens at the queue of an instance beside serving it in order.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueingPlan {
    /// How long each waits at most; `NONE` without.
    pub patience: u32,
    /// Whether it is the slots that are waited for so; otherwise the cores.
    pub at_slots: bool,
    /// Who joins.
    pub join: Option<Joining>,
    /// Slots kept free for those who are more urgent, by priority.
    pub reserve: Vec<(u8, u32)>,
    /// Up and down of the whole instance; `NONE` without.
    pub pauses: Option<(u32, u32)>,
    /// Cores that are told apart.
    pub crew: Option<CrewPlan>,
}

/// Cores that are told apart. Times are `NONE` where there are none.
#[derive(Clone, Debug, PartialEq)]
pub struct CrewPlan {
    /// Speeds in turn; empty where all are alike.
    pub speeds: Vec<f64>,
    /// Which idle core is taken.
    pub assign: Assign,
    /// Length of a vacation.
    pub vacation: u32,
    /// Whether a core goes on vacation again and again.
    pub repeat: bool,
    /// Time to start.
    pub set_up: u32,
    /// How long an idle core stays on.
    pub keep: u32,
    /// How long each core is up.
    pub up: u32,
    /// How long each core is down.
    pub down: u32,
}

/// Slots in front of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission {
    /// Requests in progress.
    pub slots: u32,
    /// Waiting room.
    pub room: u32,
    /// Order of the waiting room.
    pub discipline: Discipline,
}

/// A component.
#[derive(Clone, Debug)]
pub struct ComponentPlan {
    /// Its name.
    pub name: String,
    /// The name of its kind.
    pub kind: &'static str,
    /// First of its instances.
    pub first_instance: u32,
    /// Number of its instances, without a router.
    pub instances: u32,
    /// Servers of each instance; 0 where there is no limit.
    pub servers: u32,
    /// Instances that have to be up for it to be available.
    pub need: u32,
    /// Whether waiting, service and sojourn times are recorded.
    pub observed: bool,
    /// Bytes that a request in progress holds.
    pub memory_per_request: u64,
    /// Whether utilisation is kept per instance.
    pub per_instance: bool,
    /// Money per instance and hour.
    pub cost: f64,
}

/// An instance: a replica, a shard, a member, or the only one.
#[derive(Clone, Debug)]
pub struct InstancePlan {
    /// Its component.
    pub component: u32,
    /// The station of its cores or workers.
    pub cores: u32,
    /// The station of its slots; `NONE` without a limit.
    pub slots: u32,
    /// The rate limiter before them; `NONE` without.
    pub limit: u32,
    /// Work per time.
    pub speed: f64,
    /// Index of what happens at its queue beside serving it; `NONE` if nothing does.
    pub queueing: u32,
}

/// The resolved edge from one component or traffic source to another component.
#[derive(Clone, Debug)]
pub struct EdgePlan {
    /// Caller: a component, or the number of components plus a source.
    pub caller: u32,
    /// Callee.
    pub callee: u32,
    /// "a -> b".
    pub name: String,
    /// First instance of the caller; state is kept per caller instance.
    pub first_caller: u32,
    /// Network time one way; `NONE` without.
    pub latency: u32,
    /// Probability that a message is lost.
    pub loss: f64,
    /// Station that shares the bandwidth there; `NONE` without.
    pub pipe_there: u32,
    /// Station that shares the bandwidth back; `NONE` without.
    pub pipe_back: u32,
    /// Bytes per nanosecond.
    pub bandwidth: f64,
    /// Patience; zero without.
    pub timeout: Time,
    /// Further attempts; `u32::MAX` is no limit.
    pub retries: u32,
    /// Probability that a failed attempt is tried again.
    pub retry_chance: f64,
    /// Which failures are tried again: timed out, error, rejected.
    pub retry_on: [bool; 3],
    /// Pause before a further attempt.
    pub backoff: Option<Backoff>,
    /// Tokens that a first attempt adds; negative without a budget.
    pub budget: f64,
    /// First of the budgets, one per caller instance.
    pub first_budget: u32,
    /// First of the pools, one station per caller instance; `NONE` without.
    pub first_pool: u32,
    /// First of the circuit breakers, one per caller instance; `NONE` without.
    pub first_breaker: u32,
    /// Whether abandoned work is stopped.
    pub cancel: bool,
    /// Whether the remaining time travels along.
    pub propagate: bool,
    /// First of the balancers, one per caller instance; `NONE` without.
    pub first_balancer: u32,
    /// Nothing but the call itself: no time, no policy, no randomness.
    pub plain: bool,
    /// Faults that may act on it.
    pub disturbed: bool,
}

/// One target of a balancer.
#[derive(Clone, Copy, Debug)]
pub struct TargetPlan {
    /// The instance; `NONE` where the operation's own route decides it.
    pub instance: u32,
    /// The operation; `NONE` where the call says it.
    pub operation: u32,
    /// The edge to it.
    pub edge: u32,
    /// Its weight.
    pub weight: f64,
    /// Its index in what the balancer counts; groups for several operations share the counts.
    pub slot: u32,
}

/// A group of targets and the policy that chooses among them.
#[derive(Clone, Debug)]
pub struct BalancerPlan {
    /// The policy.
    pub policy: Balance,
    /// The targets.
    pub targets: Vec<TargetPlan>,
    /// Index of the counts and cursors it uses.
    pub state: u32,
}

/// A cache.
#[derive(Clone, Debug)]
pub struct CachePlan {
    /// Its component.
    pub component: u32,
    /// First shard.
    pub first_instance: u32,
    /// Number of shards.
    pub shards: u32,
    /// Whether a key is on the shard of its number instead of its hash.
    pub modulo: bool,
    /// Values per shard.
    pub entries: u64,
    /// Time to live from the fill.
    pub ttl: Option<Time>,
    /// Whether a hit starts the time to live anew.
    pub refresh: bool,
    /// What a full shard throws out.
    pub eviction: Eviction,
    /// Whether misses of a key wait for one fill.
    pub coalesce: bool,
    /// A forced hit ratio.
    pub hit_ratio: Option<f64>,
    /// Whether it starts filled.
    pub warm: bool,
    /// Key spaces looked up in it, each with its share of the look-ups.
    pub spaces: Vec<(u32, f64)>,
    /// Look-ups per nanosecond, as planned; a warm start needs it for the age of values.
    pub lookup_rate: f64,
}

/// A topic and the groups that read it.
#[derive(Clone, Debug)]
pub struct TopicPlan {
    /// Its broker.
    pub component: u32,
    /// "broker.topic".
    pub name: String,
    /// The groups.
    pub groups: Vec<u32>,
}

/// A group of consumers.
#[derive(Clone, Debug)]
pub struct ConsumerPlan {
    /// Its component.
    pub component: u32,
    /// What it reads.
    pub topic: u32,
    /// First member.
    pub first_instance: u32,
    /// Number of members.
    pub members: u32,
    /// Threads of each.
    pub threads: u32,
    /// First instruction of a thread.
    pub start: u32,
    /// Most messages in a batch.
    pub max_records: u32,
    /// Messages a poll waits for.
    pub min_records: u32,
    /// How long it waits for them.
    pub max_wait: Time,
    /// How often a message is handled before it is given up.
    pub attempts: u32,
    /// Pause before it is handled again.
    pub backoff: Option<Backoff>,
}

/// A step at which requests wait for each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchPlan {
    /// Most requests in a batch.
    pub max: u32,
    /// Requests that it waits for.
    pub min: u32,
    /// How long the first waits for them; [`Time::MAX`] for ever.
    pub linger: Time,
    /// Batches of an instance in progress at once.
    pub at_once: u32,
    /// First instruction of the work.
    pub start: u32,
    /// Where requests go on whose batch has failed.
    pub failed: u32,
    /// First instance.
    pub first_instance: u32,
    /// Number of instances.
    pub instances: u32,
    /// First of the gatherings, one for each instance.
    pub first_gathering: u32,
}

/// How a write reaches the read replicas.
#[derive(Clone, Copy, Debug)]
pub struct ReplicatePlan {
    /// Number of replicas after the primary.
    pub replicas: u32,
    /// First instruction of the apply work.
    pub start: u32,
    /// Names its draws.
    pub site: u32,
}

/// Which instances keep versions of the keys of a space.
#[derive(Clone, Copy, Debug)]
pub struct VersionPlan {
    /// First instance.
    pub first: u32,
    /// Number of instances.
    pub count: u32,
    /// The key space.
    pub space: u32,
}

/// A key space.
#[derive(Clone, Debug)]
pub enum Space {
    /// Zipf's law.
    Zipf(Zipf),
    /// All alike.
    Uniform {
        /// Number of keys.
        items: u64,
    },
    /// A hot and a cold part.
    Hot {
        /// Number of keys.
        items: u64,
        /// Number of hot keys.
        hot: u64,
        /// Share of the requests for them.
        share: f64,
    },
    /// One by one, in the order of the requests of a source, and again from the first.
    Listed(Vec<u64>),
    /// 0, 1, 2 and so on, in the order of the requests of a source, and again from 0.
    Scan {
        /// Number of keys.
        items: u64,
    },
}

impl Space {
    /// Draws a key; the first of those that are not drawn but come in an order.
    #[inline(always)]
    pub(crate) fn draw(&self, draw: &mut Stream) -> u64 {
        match self {
            Space::Zipf(zipf) => zipf.rank(draw),
            Space::Uniform { items } => draw.below(*items),
            Space::Hot { items, hot, share } => {
                if draw.chance(*share) || hot == items {
                    draw.below(*hot)
                } else {
                    hot + draw.below(items - hot)
                }
            }
            Space::Listed(_) | Space::Scan { .. } => 0,
        }
    }
}

/// Where requests come from.
#[derive(Clone, Debug)]
pub struct SourcePlan {
    /// Its name.
    pub name: String,
    /// Its instance (sources have state per caller as components have).
    pub instance: u32,
    /// First of its classes.
    pub first_class: u32,
    /// Number of its classes.
    pub classes: u32,
    /// Cumulative weights of the classes, the last is 1.
    pub cumulative: Vec<f64>,
    /// The arrivals.
    pub arrivals: Arrivals,
}

/// How a source sends.
#[derive(Clone, Debug)]
pub enum Arrivals {
    /// Open: gaps of mean 1 on the scale of the integrated rate.
    Open {
        /// The gap; mean 1.
        gap: Dist,
        /// The rate over time.
        load: crate::load::Load,
    },
    /// Open, by less common ways: batches, random rates, lists of instants.
    Paced(Box<Paced>),
    /// Closed: users and their think time.
    Closed {
        /// Number of users.
        users: u32,
        /// Think time; `NONE` without.
        think: u32,
    },
}

/// Open arrivals that need more than gaps and a rate.
#[derive(Clone, Debug)]
pub struct Paced {
    /// When somebody comes.
    pub pace: Pace,
    /// How many come then.
    pub batch: crate::spec::BatchSpec,
}

/// Instants at which somebody comes.
#[derive(Clone, Debug)]
pub enum Pace {
    /// Gaps of the batches on the scale of the integrated rate of requests.
    Gaps {
        /// The gap; its mean is the mean batch.
        gap: Dist,
        /// The rate over time.
        load: crate::load::Load,
    },
    /// One by one, in order of time.
    Replay(Vec<Time>),
}

/// A kind of request: one operation of one source.
#[derive(Clone, Debug)]
pub struct ClassPlan {
    /// Its source.
    pub source: u32,
    /// The operation, or the empty text where the source has only one.
    pub name: String,
    /// First instruction.
    pub start: u32,
    /// Urgency.
    pub priority: u8,
}

/// Instances that alternate between up and down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FailuresPlan {
    /// First instance.
    pub first: u32,
    /// Number of instances.
    pub count: u32,
    /// Law of the times up.
    pub up: u32,
    /// Law of the times down.
    pub down: u32,
    /// Whether nobody is told.
    pub silent: bool,
}

/// A change at an instant, made by a fault.
#[derive(Clone, Debug)]
pub struct Change {
    /// When.
    pub at: Time,
    /// What.
    pub what: ChangeKind,
}

/// What a fault changes.
#[derive(Clone, Debug)]
pub enum ChangeKind {
    /// Instances work at a multiple of their speed.
    Speed {
        /// First instance.
        first: u32,
        /// Number of instances.
        count: u32,
        /// The multiple.
        factor: f64,
    },
    /// Instances go down.
    Down {
        /// First instance.
        first: u32,
        /// Number of instances.
        count: u32,
        /// Whether nobody is told.
        silent: bool,
    },
    /// Instances come up.
    Up {
        /// First instance.
        first: u32,
        /// Number of instances.
        count: u32,
    },
    /// Instances stand still.
    Pause {
        /// First instance.
        first: u32,
        /// Number of instances.
        count: u32,
    },
    /// Instances go on.
    Resume {
        /// First instance.
        first: u32,
        /// Number of instances.
        count: u32,
    },
    /// A cache forgets.
    Flush {
        /// The cache.
        cache: u32,
    },
    /// An edge gets extra network time and loss.
    Disturb {
        /// The edges.
        edges: Vec<u32>,
        /// Extra time; `NONE` without.
        latency: u32,
        /// Extra loss.
        loss: f64,
    },
    /// The disturbance ends.
    Calm {
        /// The edges.
        edges: Vec<u32>,
    },
}

/// Everything that does not change while running.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// All programs.
    pub ops: Vec<Op>,
    /// All distributions, in nanoseconds.
    pub dists: Vec<Dist>,
    /// All calls.
    pub calls: Vec<CallPlan>,
    /// All forks.
    pub forks: Vec<ForkPlan>,
    /// All probabilities.
    pub chances: Vec<f64>,
    /// All weighted choices: cumulative weight and where to go on.
    pub choices: Vec<Vec<(f64, u32)>>,
    /// All components.
    pub components: Vec<ComponentPlan>,
    /// All instances; after those of the components one for each source.
    pub instances: Vec<InstancePlan>,
    /// What happens at queues beside serving them.
    pub queueing: Vec<QueueingPlan>,
    /// All stations.
    pub stations: Vec<Capacity>,
    /// All operations.
    pub operations: Vec<Operation>,
    /// All edges.
    pub edges: Vec<EdgePlan>,
    /// All groups of targets.
    pub balancers: Vec<BalancerPlan>,
    /// Number of balancer states.
    pub balancer_states: u32,
    /// Number of retry budgets.
    pub budgets: u32,
    /// All edges with copies.
    pub copies: Vec<CopiesPlan>,
    /// All circuit breakers, one per edge and caller instance, with the edge.
    pub breakers: Vec<(u32, BreakerPlan)>,
    /// All caches.
    pub caches: Vec<CachePlan>,
    /// All topics.
    pub topics: Vec<TopicPlan>,
    /// All groups of consumers.
    pub consumers: Vec<ConsumerPlan>,
    /// All rate limiters.
    pub limits: Vec<LimitPlan>,
    /// All steps at which requests wait for each other.
    pub batches: Vec<BatchPlan>,
    /// Names of the locks.
    pub locks: Vec<String>,
    /// All replication plans.
    pub replications: Vec<ReplicatePlan>,
    /// All that keep versions of keys.
    pub versions: Vec<VersionPlan>,
    /// All key spaces.
    pub spaces: Vec<Space>,
    /// All sources.
    pub sources: Vec<SourcePlan>,
    /// All classes.
    pub classes: Vec<ClassPlan>,
    /// Instances that fail by chance.
    pub failures: Vec<FailuresPlan>,
    /// What faults change, in order of time.
    pub changes: Vec<Change>,
}

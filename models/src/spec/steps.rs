//! The steps that an endpoint or a consumer runs for each request.

use super::{At, Duration, Fraction, Size, Span};
use crate::{choice, spec};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

choice! {
    /// One step of the program that an endpoint runs for each request.
    Step as "a step" {
        /// Use a core: queue for it, then hold it for the time. `Compute("2ms")`, `Compute(time: Exp("2ms"), cores: 2)`.
        Compute(ComputeArgs),
        /// Wait without a core, for example for a timer: `Wait("5ms")`.
        Wait(WaitArgs),
        /// Call another component and wait for its answer: `Call("db.read")`.
        Call(CallArgs),
        /// Several steps at the same time; goes on when all, or `need` of them, are done: `Parallel([a, b])`.
        Parallel(ParallelArgs),
        /// A group of steps, one after the other: `Do([a, b])`.
        Do(DoArgs),
        /// One of several lists by weight: `Choose([(9, [a]), (1, [b])])`.
        Choose(ChooseArgs),
        /// Sometimes: `Maybe(p: "10%", then: [..], otherwise: [..])`.
        Maybe(MaybeArgs),
        /// A loop, for example N+1 queries: `Repeat(times: 20, steps: [..])`; or as long as a draw says so: `Repeat(while: "25%", steps: [..])`.
        Repeat(RepeatArgs),
        /// Cache-aside: look in the cache; on a miss run the steps and then fill the cache. `Cached(cache: "redis", key: "product", miss: [..])`.
        Cached(CachedArgs),
        /// Read a key from a cache and go on, hit or miss: `Get("redis", "product")`.
        Get(KeyedArgs),
        /// Write a key to a cache: `Set("redis", "product")`.
        Set(KeyedArgs),
        /// Remove a key from a cache: `Invalidate("redis", "product")`.
        Invalidate(KeyedArgs),
        /// Send a message to a topic and wait until it is appended: `Publish("kafka.orders")`.
        Publish(PublishArgs),
        /// Steps that run after the reply; the caller does not wait for them: `After([..])`.
        After(AfterArgs),
        /// Steps that run while holding a lock; one holder at a time, all replicas together: `Hold(lock: "stock", steps: [..])`.
        Hold(HoldArgs),
        /// Wait for others at this step of the same instance and do something once for all: `Batch(max: 20, linger: "5ms", steps: [..])`.
        Batch(BatchArgs),
        /// Fail with a probability: `Fail("1%")`.
        Fail(FailArgs),
    }
}

spec! {
    /// Arguments of `Compute`.
    ComputeArgs as "Compute" {
        /// Work, as time on a core of speed 1.
        time: Duration,
        /// Cores held at once. Default 1.
        cores: Option<At<u32>>,
    }
}
spec! {
    /// Arguments of `Wait`.
    WaitArgs as "Wait" {
        /// How long.
        time: Duration,
    }
}
spec! {
    /// Arguments of `Call`.
    CallArgs as "Call" {
        /// `component` or `component.operation`.
        to: At<String>,
        /// Key space whose key chooses the shard. Default: what the callee shards by.
        key: Option<At<String>>,
        /// Bytes sent. Default 0.
        request: Option<Size>,
        /// Bytes received. Default 0.
        response: Option<Size>,
        /// Steps to run when the call has failed for good; without them the failure passes to the caller.
        on_error: Option<Steps>,
    }
}
spec! {
    /// Arguments of `Parallel`.
    ParallelArgs as "Parallel" {
        /// The branches; all start at the same time.
        steps: Steps,
        /// How many must succeed. Default all.
        need: Option<At<u32>>,
        /// How many copies of each branch start: `Parallel(times: 100, steps: [Call("leaf")])` asks a hundred leaves. Default 1.
        times: Option<At<u32>>,
        /// Whether branches that are no longer needed are stopped, with the calls that they wait for. Default false: they go on in the
        /// background.
        cancel: Option<bool>,
    }
}
spec! {
    /// Arguments of `Do`.
    DoArgs as "Do" {
        /// The steps, in order.
        steps: Steps,
    }
}
spec! {
    /// Arguments of `Choose`.
    ChooseArgs as "Choose" {
        /// Pairs of weight and steps.
        branches: Vec<(f64, Steps)>,
    }
}
spec! {
    /// Arguments of `Maybe`.
    MaybeArgs as "Maybe" {
        /// Probability.
        p: Fraction,
        /// Steps to run with that probability.
        then: Steps,
        /// Steps to run otherwise. Default none.
        otherwise: Option<Steps>,
    }
}
spec! {
    /// Arguments of `Repeat`.
    RepeatArgs as "Repeat" {
        /// How often; at most 1,000,000. Either this or `while`.
        times: Option<At<u32>>,
        /// The steps of one round.
        steps: Steps,
        /// Probability of a further round, drawn after each: the first round is always run, and the mean number is 1 / (1 - p). With a
        /// `Compute` step this is feedback: the request joins the end of the queue again, with new work.
        r#while: Option<At<Fraction>>,
    }
}
spec! {
    /// Arguments of `Cached`.
    CachedArgs as "Cached" {
        /// The cache.
        cache: At<String>,
        /// The key space; the request's key in it is looked up.
        key: At<String>,
        /// Steps to run on a miss, and when the cache does not answer. The cache is filled when they have succeeded.
        miss: Steps,
        /// Bytes of the value. Default 0.
        size: Option<Size>,
    }
}
spec! {
    /// Arguments of `Get`, `Set` and `Invalidate`.
    KeyedArgs as "Get" {
        /// The cache.
        cache: At<String>,
        /// The key space.
        key: At<String>,
        /// Bytes of the value. Default 0.
        size: Option<Size>,
    }
}
spec! {
    /// Arguments of `Publish`.
    PublishArgs as "Publish" {
        /// `broker.topic`.
        to: At<String>,
        /// Key space of the message's key.
        key: Option<At<String>>,
        /// Bytes of the message. Default 0.
        size: Option<Size>,
    }
}
spec! {
    /// Arguments of `After`.
    AfterArgs as "After" {
        /// The steps; they start when the reply is sent.
        steps: Steps,
    }
}
spec! {
    /// Arguments of `Hold`.
    HoldArgs as "Hold" {
        /// Name of the lock. The same name is the same lock everywhere in the scenario.
        lock: At<String>,
        /// Steps to run while holding it. The lock is given back however they end.
        steps: Steps,
    }
}
spec! {
    /// Arguments of `Batch`. A batch starts when `min` wait or the first has waited for `linger`, and fewer than `at_once` batches are in
    /// progress; it takes those who came first, up to `max`. All of them go on together when its steps are done, and fail together.
    /// Producer batching (Kafka's `linger.ms` and `batch.size`) has `linger`; a server that takes all who wait whenever it is free (bulk
    /// service, Bailey 1954) has `at_once: 1`. The wait for the batch counts as waiting, what is done in it as service.
    BatchArgs as "Batch" {
        /// Most requests in a batch.
        max: At<u32>,
        /// Requests that a batch waits for. Default: `max` with `linger`, and 1 without.
        min: Option<At<u32>>,
        /// How long the first waits at most for `min`. Default: for ever.
        linger: Option<At<Span>>,
        /// Batches of an instance in progress at once. Default unlimited.
        at_once: Option<At<u32>>,
        /// Steps to run once for each batch.
        steps: Steps,
        /// Steps to run after them once for each request in the batch, one after the other. Default none.
        each: Option<Steps>,
    }
}
spec! {
    /// Arguments of `Fail`.
    FailArgs as "Fail" {
        /// Probability.
        p: Fraction,
    }
}

impl RepeatArgs {
    /// Rounds and probability to go on to the next: a fixed number, or as many as the draws say.
    pub fn rounds(&self) -> Rounds {
        match (&self.times, &self.r#while) {
            (Some(times), _) => Rounds::Fixed(times.value),
            (None, Some(again)) => Rounds::While(again.value.0),
            (None, None) => Rounds::Fixed(1),
        }
    }

    /// Mean number of rounds.
    pub fn mean_rounds(&self) -> f64 {
        match self.rounds() {
            Rounds::Fixed(times) => f64::from(times),
            Rounds::While(again) => 1.0 / (1.0 - again),
        }
    }
}

/// How often a loop is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rounds {
    /// So often.
    Fixed(u32),
    /// Once, and again with this probability after each round.
    While(f64),
}

/// A list of steps, each with an optional label: `[a, b]`, or `{ "parse": a, "render": b }`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Steps(pub Vec<(Option<String>, At<Step>)>);

impl Steps {
    /// The steps without their labels.
    pub fn iter(&self) -> impl Iterator<Item = &At<Step>> {
        self.0.iter().map(|(_, step)| step)
    }

    /// Calls `visit` for each step here and in every nested list, in the order of the text.
    pub fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a At<Step>)) {
        for step in self.iter() {
            visit(step);
            for nested in step.nested() {
                nested.visit(visit);
            }
        }
    }
}

impl ParallelArgs {
    /// Number of branches.
    pub fn branches(&self) -> u64 {
        self.steps.0.len() as u64 * self.times.as_ref().map_or(1, |times| u64::from(times.value))
    }

    /// How many of them must succeed.
    pub fn needed(&self) -> u64 {
        self.need.as_ref().map_or(self.branches(), |need| u64::from(need.value))
    }
}

impl Step {
    /// The lists of steps inside this step.
    pub fn nested(&self) -> Vec<&Steps> {
        match self {
            Step::Call(a) => a.on_error.iter().collect(),
            Step::Parallel(a) => vec![&a.steps],
            Step::Do(a) => vec![&a.steps],
            Step::Choose(a) => a.branches.iter().map(|(_, s)| s).collect(),
            Step::Maybe(a) => std::iter::once(&a.then).chain(&a.otherwise).collect(),
            Step::Repeat(a) => vec![&a.steps],
            Step::Cached(a) => vec![&a.miss],
            Step::After(a) => vec![&a.steps],
            Step::Hold(a) => vec![&a.steps],
            Step::Batch(a) => std::iter::once(&a.steps).chain(&a.each).collect(),
            Step::Compute(_)
            | Step::Wait(_)
            | Step::Get(_)
            | Step::Set(_)
            | Step::Invalidate(_)
            | Step::Publish(_)
            | Step::Fail(_) => vec![],
        }
    }
}

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Steps;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(r#"a list of steps: [Compute("2ms"), Call("db.read")]"#)
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Steps, A::Error> {
                let mut steps = Vec::new();
                while let Some(step) = list.next_element()? {
                    steps.push((None, step));
                }
                Ok(Steps(steps))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Steps, A::Error> {
                let mut steps = Vec::new();
                while let Some((label, step)) = map.next_entry()? {
                    steps.push((Some(label), step));
                }
                Ok(Steps(steps))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

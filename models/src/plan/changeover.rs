//! What a world that runs by one plan can go on with: the same parts in the same places, with other numbers and policies.
//!
//! Each check puts the values that may differ aside and wants the rest to be equal, so that a field that is added to a plan is one that
//! may not differ until somebody decides otherwise.

use super::*;
use crate::spec::Discipline;
use archsim_core::Dist;

impl Plan {
    /// What keeps a world that runs by this plan from going on by a later one, as a sentence about the scenario; `None` if nothing does.
    pub fn obstacle(&self, later: &Plan) -> Option<String> {
        let checks = [components, edges, instances, programs, calls, stations, sources, data, messages, faults, laws];
        checks.iter().find_map(|check| check(self, later))
    }
}

type Found = Option<String>;

/// The first of two lists that differs once what may differ has been put aside, in the words of `what`; `missing` if one is longer.
fn first_unlike<T, U: PartialEq>(
    lists: (&[T], &[T]),
    kept: impl Fn(&T) -> U,
    what: impl Fn(usize) -> String,
    missing: &str,
) -> Found {
    let (now, later) = lists;
    if now.len() != later.len() {
        return Some(missing.to_owned());
    }
    now.iter().zip(later).position(|(now, later)| kept(now) != kept(later)).map(what)
}

fn components(now: &Plan, later: &Plan) -> Found {
    let kept = |c: &ComponentPlan| ComponentPlan { servers: 0, memory_per_request: 0, cost: 0.0, ..c.clone() };
    let what = |index: usize| {
        let (now, later) = (&now.components[index], &later.components[index]);
        if now.name != later.name || now.kind != later.kind {
            return format!("`{}` would be another component", now.name);
        }
        format!("`{}` cannot get or lose instances while it runs", now.name)
    };
    first_unlike((&now.components, &later.components), kept, what, "components cannot come or go while it runs")
}

fn edges(now: &Plan, later: &Plan) -> Found {
    let kept = |e: &EdgePlan| EdgePlan {
        latency: NONE,
        loss: 0.0,
        bandwidth: 0.0,
        timeout: Default::default(),
        retries: 0,
        retry_chance: 1.0,
        retry_on: [true; 3],
        backoff: None,
        budget: 0.0,
        first_budget: 0,
        // The places of these follow from what other edges have: here it counts whether there are any.
        first_pool: u32::from(e.first_pool != NONE),
        first_balancer: u32::from(e.first_balancer != NONE),
        pipe_there: u32::from(e.pipe_there != NONE),
        pipe_back: u32::from(e.pipe_back != NONE),
        first_breaker: NONE,
        cancel: false,
        propagate: false,
        plain: false,
        ..e.clone()
    };
    let what = |index: usize| {
        let (a, b) = (&now.edges[index], &later.edges[index]);
        let part = match () {
            () if (a.first_pool == NONE) != (b.first_pool == NONE) => "`pool`: give it a large one from the start",
            () if (a.first_balancer == NONE) != (b.first_balancer == NONE) => {
                "`balance`: write `balance: Random`, the default, from the start"
            }
            () if (a.pipe_there == NONE) != (b.pipe_there == NONE) => "`bandwidth`: give it a large one from the start",
            () => return format!("`{}` would be another edge, or be hit by other faults", a.name),
        };
        format!("`{}` cannot get or lose its {part}", a.name)
    };
    let found = first_unlike((&now.edges, &later.edges), kept, what, "calls cannot come or go while it runs");
    let lost = |(now, later): (&EdgePlan, &EdgePlan)| {
        (now.first_breaker != NONE && later.first_breaker == NONE)
            .then(|| format!("`{}` cannot lose its `breaker`: let it open after more failures", now.name))
    };
    found.or_else(|| now.edges.iter().zip(&later.edges).find_map(lost))
}

fn instances(now: &Plan, later: &Plan) -> Found {
    let of = |plan: &Plan, index: usize| {
        let component = plan.instances[index].component as usize;
        plan.components.get(component).map_or_else(String::new, |component| component.name.clone())
    };
    let kept = |i: &InstancePlan| InstancePlan {
        cores: 0,
        slots: u32::from(i.slots != NONE),
        limit: NONE,
        speed: 1.0,
        queueing: u32::from(i.queueing != NONE),
        ..i.clone()
    };
    let what = |index: usize| {
        let name = of(now, index);
        if (now.instances[index].slots == NONE) != (later.instances[index].slots == NONE) {
            return format!(
                "`{name}` cannot get or lose its limit of `concurrency`: give it a large one from the start"
            );
        }
        format!("`{name}` cannot get or lose patience, joining, pauses or the like while it runs")
    };
    let found = first_unlike((&now.instances, &later.instances), kept, what, "instances cannot come or go");
    let lost = |index: &usize| now.instances[*index].limit != NONE && later.instances[*index].limit == NONE;
    found.or_else(|| {
        let lost = (0..now.instances.len()).find(lost)?;
        Some(format!("`{}` cannot lose its `limit`: give it a high one", of(now, lost)))
    })
}

/// An instruction without the values that may differ.
fn skeleton(op: &Op) -> Op {
    match *op {
        Op::Compute { site, cores, .. } => Op::Compute { dist: 0, site, cores },
        Op::ComputeInTurn { cores, .. } => Op::ComputeInTurn { dist: 0, cores },
        Op::Wait { site, .. } => Op::Wait { dist: 0, site },
        Op::Maybe { site, otherwise, .. } => Op::Maybe { chance: 0, site, otherwise },
        Op::Again { site, start, .. } => Op::Again { chance: 0, site, start },
        Op::Fail { site, .. } => Op::Fail { chance: 0, site },
        Op::LoopStart { end, .. } => Op::LoopStart { times: 0, end },
        op => op,
    }
}

/// Requests in progress are in the middle of these.
fn programs(now: &Plan, later: &Plan) -> Found {
    let ops = now.ops.iter().map(skeleton).zip(later.ops.iter().map(skeleton));
    let same = ops.take_while(|(now, later)| now == later).count();
    if same < now.ops.len().max(later.ops.len()) {
        return Some(format!(
            "the steps of {} would be others, and requests are in the middle of them",
            owner(now, same)
        ));
    }
    let others = || "the steps of the system would be others, and requests are in the middle of them".to_owned();
    let targets = |plan: &Plan| -> Vec<Vec<u32>> {
        plan.choices.iter().map(|choice| choice.iter().map(|(_, to)| *to).collect()).collect()
    };
    let copies = |plan: &Plan| -> Vec<CopiesPlan> {
        let kept = |c: &CopiesPlan| CopiesPlan { after: Default::default(), budget: 0.0, first_budget: 0, ..*c };
        plan.copies.iter().map(kept).collect()
    };
    let classes = |plan: &Plan| -> Vec<ClassPlan> {
        plan.classes.iter().map(|class| ClassPlan { priority: 0, ..class.clone() }).collect()
    };
    let same = targets(now) == targets(later)
        && now.operations == later.operations
        && now.forks == later.forks
        && copies(now) == copies(later)
        && now.locks == later.locks
        && classes(now) == classes(later);
    (!same).then(others)
}

/// Whose instruction it is: the operation that begins last before it.
fn owner(plan: &Plan, at: usize) -> String {
    let operations = plan.operations.iter().map(|o| (o.start, &plan.components[o.component as usize].name));
    let classes = plan.classes.iter().map(|c| (c.start, &plan.sources[c.source as usize].name));
    let before = operations.chain(classes).filter(|(start, _)| *start as usize <= at);
    before.max_by_key(|(start, _)| *start).map_or("the system".into(), |(_, name)| format!("`{name}`"))
}

fn calls(now: &Plan, later: &Plan) -> Found {
    let kept = |call: &CallPlan| CallPlan { request: 0, response: 0, ..*call };
    let others = |_| "a call would go elsewhere".to_owned();
    let found = first_unlike((&now.calls, &later.calls), kept, others, "calls cannot come or go while it runs");
    let kept = |target: &TargetPlan| TargetPlan { weight: 0.0, ..*target };
    let targets = |b: &BalancerPlan| (b.state, b.targets.iter().map(kept).collect::<Vec<TargetPlan>>());
    let others = |_| "a balancer would have other targets".to_owned();
    found.or_else(|| {
        first_unlike((&now.balancers, &later.balancers), targets, others, "balancers cannot come or go while it runs")
    })
}

/// Queues keep their order; where it is that of a list, it may be read from either end.
fn stations(now: &Plan, later: &Plan) -> Found {
    // A queue is more than a list where something happens at it beside serving.
    let list = |index: usize| {
        let holds = |i: &&InstancePlan| i.cores as usize == index || i.slots as usize == index;
        now.instances.iter().filter(holds).all(|i| i.queueing == NONE)
            && !now.changes.iter().any(|change| matches!(change.what, ChangeKind::Pause { .. }))
    };
    let kept = |(index, station): &(usize, &Capacity)| match &station.discipline {
        Discipline::Lifo(args) if !args.preemptive.unwrap_or(false) && list(*index) => Discipline::Fifo,
        other => other.clone(),
    };
    let whose = |index: usize| {
        let holds = |i: &&InstancePlan| i.cores as usize == index || i.slots as usize == index;
        let of = now.instances.iter().find(holds).and_then(|i| now.components.get(i.component as usize));
        of.map_or("a link".into(), |component| format!("`{}`", component.name))
    };
    let what = |index: usize| format!("the queue of {} cannot be put into another order while it runs", whose(index));
    let numbered = |plan: &'_ Plan| plan.stations.iter().enumerate().map(|s| kept(&s)).collect::<Vec<Discipline>>();
    let found = first_unlike((&numbered(now), &numbered(later)), Discipline::clone, what, "queues cannot come or go");
    let places =
        |plan: &Plan| -> Vec<[u32; 3]> { plan.instances.iter().map(|i| [i.cores, i.slots, i.queueing]).collect() };
    let links = |plan: &Plan| -> Vec<[u32; 4]> {
        plan.edges.iter().map(|e| [e.first_pool, e.pipe_there, e.pipe_back, e.first_balancer]).collect()
    };
    let moved =
        || (places(now) != places(later) || links(now) != links(later)).then(|| "queues cannot come or go".into());
    found.or_else(moved).or_else(|| queueing(now, later, &whose))
}

/// Cores that are told apart, and pauses by chance, stay as they are.
fn queueing(now: &Plan, later: &Plan, whose: &dyn Fn(usize) -> String) -> Found {
    let kept = |plan: &Plan, i: &InstancePlan| {
        let law = |index: u32| plan.dists.get(index as usize).cloned();
        let of = plan.queueing.get(i.queueing as usize)?;
        let crew = of.crew.as_ref().map(|crew| {
            let laws = [crew.vacation, crew.set_up, crew.keep, crew.up, crew.down].map(law);
            let servers = plan.stations[i.cores as usize].servers;
            (crew.speeds.clone(), crew.assign.clone(), crew.repeat, laws, servers)
        });
        Some((of.at_slots, of.patience == NONE, of.pauses.map(|(up, down)| (law(up), law(down))), crew))
    };
    let unlike = now.instances.iter().zip(&later.instances).find(|(a, b)| kept(now, a) != kept(later, b));
    let (instance, _) = unlike?;
    Some(format!(
        "{} cannot change its cores where they are told apart, its pauses, or whether requests lose patience",
        whose(instance.cores as usize)
    ))
}

fn sources(now: &Plan, later: &Plan) -> Found {
    if now.sources.len() != later.sources.len() {
        return Some("traffic sources cannot come or go while it runs: give it a rate of 0".into());
    }
    now.sources.iter().zip(&later.sources).find_map(|(now, later)| {
        let name = &now.name;
        if (name, now.instance, now.first_class, now.classes)
            != (&later.name, later.instance, later.first_class, later.classes)
        {
            return Some(format!("`{name}` would have other operations"));
        }
        let same = match (&now.arrivals, &later.arrivals) {
            (Arrivals::Open { .. }, Arrivals::Open { .. }) => true,
            (Arrivals::Closed { users, .. }, Arrivals::Closed { users: later, .. }) => {
                if users != later {
                    return Some(format!("the `users` of `{name}` cannot come or go while it runs"));
                }
                true
            }
            (Arrivals::Paced(now), Arrivals::Paced(later)) => match (&now.pace, &later.pace) {
                (Pace::Gaps { load: now, .. }, Pace::Gaps { load: later, .. }) => now.states() == later.states(),
                (Pace::Replay(now), Pace::Replay(later)) => now == later,
                _ => false,
            },
            _ => false,
        };
        (!same).then(|| format!("`{name}` cannot change the way in which its requests arrive, only their rate"))
    })
}

fn data(now: &Plan, later: &Plan) -> Found {
    let name = |index: usize| &now.components[now.caches[index].component as usize].name;
    let kept = |cache: &CachePlan| CachePlan {
        ttl: None,
        refresh: false,
        hit_ratio: None,
        warm: false,
        spaces: vec![],
        lookup_rate: 0.0,
        ..cache.clone()
    };
    let what = |index: usize| format!("`{}` cannot change its size or what it throws out while it runs", name(index));
    let found = first_unlike((&now.caches, &later.caches), kept, what, "caches cannot come or go while it runs");
    let forced = |(now, later): (&CachePlan, &CachePlan)| now.hit_ratio.is_some() != later.hit_ratio.is_some();
    let found = found.or_else(|| {
        let index = now.caches.iter().zip(&later.caches).position(forced)?;
        Some(format!("`{}` cannot get or lose its `hit_ratio`: nothing has been stored, or something has", name(index)))
    });
    let same_keys = |(now, later): (&Space, &Space)| match (now, later) {
        (Space::Zipf(_), Space::Zipf(_)) | (Space::Uniform { .. }, Space::Uniform { .. }) => true,
        (Space::Hot { .. }, Space::Hot { .. }) => true,
        (Space::Listed(now), Space::Listed(later)) => now == later,
        (Space::Scan { items: now }, Space::Scan { items: later }) => now == later,
        _ => false,
    };
    let keys = now.spaces.len() == later.spaces.len() && now.spaces.iter().zip(&later.spaces).all(same_keys);
    let same = keys && now.replications == later.replications && now.versions == later.versions;
    found.or_else(|| (!same).then(|| "keys would be of another kind, or have other copies".into()))
}

fn messages(now: &Plan, later: &Plan) -> Found {
    let kept = |c: &ConsumerPlan| ConsumerPlan {
        max_records: 0,
        min_records: 0,
        max_wait: Default::default(),
        attempts: 0,
        backoff: None,
        ..c.clone()
    };
    let what = |index: usize| {
        let name = &now.components[now.consumers[index].component as usize].name;
        format!("`{name}` cannot get or lose members or threads while it runs")
    };
    let found = first_unlike((&now.consumers, &later.consumers), kept, what, "consumers cannot come or go");
    let bound =
        |t: &TopicPlan| (t.component, t.name.clone(), t.groups.clone(), t.bound.as_ref().map(|b| b.overflow.clone()));
    let what =
        |index: usize| format!("the limit of `{}` cannot come or go, or do something else", now.topics[index].name);
    let found = found.or_else(|| first_unlike((&now.topics, &later.topics), bound, what, "topics cannot come or go"));
    let kept = |b: &BatchPlan| BatchPlan { max: 0, min: 0, linger: Default::default(), at_once: 0, ..*b };
    let what = |_| "a batch would do something else".to_owned();
    found.or_else(|| first_unlike((&now.batches, &later.batches), kept, what, "batches cannot come or go"))
}

fn faults(now: &Plan, later: &Plan) -> Found {
    let law = |plan: &Plan, index: u32| plan.dists.get(index as usize).cloned();
    let change = |plan: &Plan, change: &Change| match &change.what {
        ChangeKind::Disturb { edges, latency, loss } => {
            let what = ChangeKind::Disturb { edges: edges.clone(), latency: NONE, loss: *loss };
            (change.at, what, law(plan, *latency))
        }
        other => (change.at, other.clone(), None),
    };
    let failing = |plan: &Plan, f: &FailuresPlan| {
        (FailuresPlan { up: 0, down: 0, failover: 0, ..*f }, [f.up, f.down, f.failover].map(|index| law(plan, index)))
    };
    let changes = |plan: &Plan| -> Vec<_> { plan.changes.iter().map(|c| change(plan, c)).collect() };
    let failures = |plan: &Plan| -> Vec<_> { plan.failures.iter().map(|f| failing(plan, f)).collect() };
    let same = changes(now) == changes(later) && failures(now) == failures(later);
    (!same).then(|| "faults cannot be changed: they may have begun".into())
}

/// Values that come in turn go on where they are.
fn laws(now: &Plan, later: &Plan) -> Found {
    let in_turn = |plan: &Plan| plan.dists.iter().filter(|law| matches!(law, Dist::Sequence(_))).count();
    (in_turn(now) != in_turn(later)).then(|| "values that come in turn cannot come or go while it runs".into())
}

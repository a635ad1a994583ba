//! What every attempt and every visit reads, copied from the wide entries of a plan into a cache line or less.

use super::table::Table;
use crate::plan::*;
use crate::spec::Balance;
use archsim_core::Time;

/// Where an attempt goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Destination {
    pub edge: u32,
    pub operation: u32,
    /// First instruction of the operation.
    pub start: u32,
    /// The instance; `NONE` where the route has to be asked.
    pub instance: u32,
    /// Whether messages arrive as they are sent, with nothing on the edge that may keep or lose them.
    pub direct: bool,
    /// Whether the caller's patience ends some time.
    pub timed: bool,
}

/// A use of an edge by a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct QuickCall {
    pub to: Destination,
    pub site: u32,
    /// Key space whose key the callee or the way to it depends on; `NONE` without.
    pub space: u32,
    /// The balancer's group; `NONE` for a call by name.
    pub balancer: u32,
    /// The call by which the callee, a balancer without a frame of its own, passes the request on; `NONE` otherwise.
    pub onward: u32,
    /// Whether first attempts pay into a budget.
    pub budget: bool,
    /// Whether it is one of several copies of a call.
    pub copy: bool,
}

/// A target of a balancer.
#[derive(Clone, Copy, Debug)]
pub(super) struct QuickTarget {
    pub to: Destination,
    /// Its count of outstanding attempts, and whose that is; `NONE` where the policy needs no counts.
    pub slot: u32,
    pub state: u32,
    /// The component whose step the call is.
    pub caller: u32,
}

/// A group of targets.
#[derive(Clone, Copy, Debug)]
pub(super) struct QuickBalancer {
    /// Index of its first target among the destinations.
    pub first_target: u32,
    pub state: u32,
    /// Whether its policy needs the counts of outstanding attempts.
    pub counts: bool,
}

/// The tables of a plan for the hot path.
#[derive(Clone, Debug)]
pub(super) struct Quick {
    pub calls: Table<QuickCall>,
    pub balancers: Table<QuickBalancer>,
    pub targets: Table<QuickTarget>,
    pub classes: Table<QuickClass>,
}

/// A kind of request.
#[derive(Clone, Copy, Debug)]
pub(super) struct QuickClass {
    pub start: u32,
    pub source: u32,
    pub priority: u8,
    /// Whether its users wait for the answer before they want the next one.
    pub closed: bool,
}

impl Quick {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut targets = vec![];
        let mut balancers = vec![];
        for balancer in &plan.balancers {
            let first_target = targets.len() as u32;
            let counts = counts(&balancer.policy);
            balancers.push(QuickBalancer { first_target, state: balancer.state, counts });
            targets.extend(balancer.targets.iter().map(|t| QuickTarget {
                to: destination(plan, t.edge, t.operation, t.instance, false),
                slot: if counts { t.slot } else { NONE },
                state: balancer.state,
                caller: plan.edges.get(t.edge as usize).map_or(NONE, |e| e.caller),
            }));
        }
        let call = |c: &CallPlan| QuickCall {
            to: destination(plan, c.edge, c.operation, NONE, sizes(c)),
            site: c.site,
            space: if asks_for_key(plan, c) { c.space } else { NONE },
            balancer: c.balancer,
            onward: onward(plan, c),
            copy: c.copy,
            budget: plan.edges.get(c.edge as usize).is_some_and(|e| e.budget >= 0.0),
        };
        let class = |c: &ClassPlan| QuickClass {
            start: c.start,
            source: c.source,
            priority: c.priority,
            closed: matches!(plan.sources[c.source as usize].arrivals, Arrivals::Closed { .. }),
        };
        Quick {
            calls: Table(plan.calls.iter().map(call).collect()),
            balancers: Table(balancers),
            targets: Table(targets),
            classes: Table(plan.classes.iter().map(class).collect()),
        }
    }
}

impl Quick {
    /// A balancer counts what is outstanding from now on, whatever its policy: a later one will want to know.
    pub(super) fn count(&mut self, balancer: u32, targets: &[TargetPlan]) {
        let quick = &mut self.balancers[balancer];
        quick.counts = true;
        let first = quick.first_target;
        for (index, target) in (first..).zip(targets) {
            self.targets[index].slot = target.slot;
        }
    }
}

fn destination(plan: &Plan, edge: u32, operation: u32, chosen: u32, sizes: bool) -> Destination {
    let route = plan.operations.get(operation as usize);
    let instance = match route.map(|o| &o.route) {
        Some(Route::Single(instance) | Route::KeyHash { first: instance, count: 1, .. }) if chosen == NONE => *instance,
        _ => chosen,
    };
    let start = route.map_or(NONE, |o| o.start);
    let of_edge = plan.edges.get(edge as usize);
    let direct = of_edge.is_some_and(|e| e.plain || !sizes && is_direct(e));
    let timed = of_edge.is_some_and(|e| e.timeout > Time::ZERO);
    Destination { edge, operation, start, instance, direct, timed }
}

/// Whether the messages of a call have sizes.
fn sizes(call: &CallPlan) -> bool {
    call.request > 0 || call.response > 0
}

/// Whether messages on an edge arrive as they are sent: what it has besides is the patience of the caller and further attempts. The
/// pattern names all fields: whoever adds one has to decide.
#[rustfmt::skip]
fn is_direct(edge: &EdgePlan) -> bool {
    let EdgePlan {
        caller: _, callee: _, name: _, first_caller: _, latency, loss, pipe_there, pipe_back, bandwidth: _, timeout: _, retries: _,
        retry_chance: _, retry_on: _, backoff: _, budget: _, first_budget: _, first_pool, first_breaker, cancel: _, propagate,
        first_balancer,
        plain: _, disturbed,
    } = edge;
    let stations = [latency, pipe_there, pipe_back, first_pool, first_balancer, first_breaker];
    let nothing = stations.iter().all(|index| **index == NONE);
    nothing && *loss == 0.0 && !propagate && !disturbed
}

/// The call by which a balancer that does nothing else passes a request on: then the attempt goes to the target at once, without a
/// frame at the balancer in between. That is so where messages arrive as they are sent and nothing but the call happens on the way
/// on, the targets are instances, and none of those concerned is ever down (what a crash ends is found by its frame).
///
/// The patterns name all fields: whoever adds one has to decide whether it needs the frame.
fn onward(plan: &Plan, call: &CallPlan) -> u32 {
    let found = || {
        let operation = plan.operations.get(call.operation as usize)?;
        let [Op::Call { call: next }, Op::Reply] = *plan.ops.get(operation.start as usize..)?.first_chunk()? else {
            return None;
        };
        let Route::Single(instance) = operation.route else { return None };
        let InstancePlan { component: _, cores: _, slots: NONE, limit: NONE, speed: _, queueing: NONE } =
            *plan.instances.get(instance as usize)?
        else {
            return None;
        };
        let CallPlan {
            edge: _,
            operation: _,
            site: _,
            space: _,
            balancer,
            on_error: NONE,
            request: _,
            response: _,
            copy: _,
        } = *plan.calls.get(next as usize)?
        else {
            return None;
        };
        let BalancerPlan { policy: _, targets, state: _ } = plan.balancers.get(balancer as usize)?;
        let direct_there = destination(plan, call.edge, call.operation, NONE, sizes(call)).direct;
        let plain = |edge: u32| plan.edges.get(edge as usize).is_some_and(|e| e.plain && e.budget < 0.0);
        let steady = |instance: u32| instance != NONE && !goes_down(plan, instance);
        let direct = |t: &TargetPlan| plain(t.edge) && steady(t.instance);
        let simple = direct_there && steady(instance) && !targets.is_empty() && targets.iter().all(direct);
        simple.then_some(next)
    };
    found().unwrap_or(NONE)
}

fn goes_down(plan: &Plan, instance: u32) -> bool {
    let fails = |failures: &FailuresPlan| (failures.first..failures.first + failures.count).contains(&instance);
    if plan.failures.iter().any(fails) {
        return true;
    }
    plan.changes.iter().any(|change| match change.what {
        ChangeKind::Down { first, count, .. } => (first..first + count).contains(&instance),
        _ => false,
    })
}

/// Whether the key of a call makes a difference: it chooses the instance, or the callee keeps values by key.
fn asks_for_key(plan: &Plan, call: &CallPlan) -> bool {
    let Some(operation) = plan.operations.get(call.operation as usize) else { return true };
    let routed = match operation.route {
        Route::Single(_) | Route::Replicas { .. } => false,
        Route::KeyHash { count, .. } => count > 1,
        Route::Shard { shards, .. } => shards > 1,
    };
    routed || plan.caches.iter().any(|c| c.component == operation.component && c.hit_ratio.is_none())
}

/// Whether a policy needs the counts of outstanding attempts.
pub(super) fn counts(policy: &Balance) -> bool {
    matches!(policy, Balance::LeastOutstanding | Balance::JoinIdle | Balance::PowerOfTwo(_))
}

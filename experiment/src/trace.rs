//! Single requests, followed: where each waited, worked, was on the wire, was retried, and what was done in vain.

use crate::model::Model;
use crate::run::schedule;
use archsim_core::Time;
use archsim_models::World;
use archsim_models::plan::Plan;
use archsim_models::world::{Category, Journey, Visit, Wanted};
use serde::Serialize;

/// Which requests to follow.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// How many: the slowest.
    pub slowest: usize,
    /// A source (`shoppers`) or one of its operations (`shoppers.checkout`, or `checkout` if only one source has it); all without.
    pub of: Option<String>,
    /// Only requests that failed.
    pub failed: bool,
    /// The replication to look into, from 0.
    pub replication: u32,
}

/// A request and what happened to it. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trip {
    /// Its number among all requests of the replication, from 1 in the order in which they were wanted.
    pub number: u64,
    /// "shoppers.checkout".
    pub of: String,
    /// When the user wanted it, from the start of the run.
    pub wanted_s: f64,
    /// From then until the answer.
    pub latency_s: f64,
    /// How it ended.
    pub outcome: &'static str,
    /// Its calls: each behind the one that made it.
    pub legs: Vec<Leg>,
}

/// One attempt of a call, a branch of steps that run at the same time, or the user's own side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leg {
    /// Calls around it; 0 for the user.
    pub depth: u32,
    /// Who called; empty for the user and for branches.
    pub caller: String,
    /// Where it ran.
    pub component: String,
    /// Which replica or shard, from 1; 0 if there is only one.
    pub instance: u32,
    /// A balancer that passed it on without work of its own.
    pub through: Option<String>,
    /// Which attempt of its call, from 1.
    pub attempt: u32,
    /// From when the user wanted the request until the attempt began.
    pub start_s: f64,
    /// From then until nothing of it was left; `None` if it went on beyond the end of the run.
    pub duration_s: Option<f64>,
    /// How it ended at its component; `None` if it never reached it or never ended.
    pub outcome: Option<&'static str>,
    /// From its start until its caller gave it up; what followed was in vain.
    pub abandoned_s: Option<f64>,
    /// What its own time was spent on, without its calls.
    pub spent: Vec<Spent>,
}

/// Time of one sort.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spent {
    /// The component it belongs to.
    pub component: String,
    /// What it was spent on: "waiting", "work", "network", "pool", "backoff", "wasted".
    pub on: &'static str,
    /// How long.
    pub seconds: f64,
}

/// Runs one replication once more and follows requests in it; the slowest comes first.
///
/// # Errors
/// If there is no such source or operation; with all that there are.
pub fn trace(model: &Model, question: &Question) -> Result<Vec<Trip>, Vec<String>> {
    let wanted = Wanted {
        most: question.slowest,
        classes: classes(model, question.of.as_deref())?,
        from: model.run.warmup,
        failed: question.failed,
    };
    let seed = model.run.seed;
    let mut world =
        World::new(model.plan.clone(), &model.spaces, seed, u64::from(question.replication), schedule(model));
    world.follow(wanted);
    world.run_until(model.run.duration);
    Ok(world.journeys().iter().map(|journey| trip(&model.plan, journey)).collect())
}

/// The operations of a name.
fn classes(model: &Model, name: Option<&str>) -> Result<Vec<u16>, Vec<String>> {
    let Some(name) = name else { return Ok(vec![]) };
    let all = || (0..model.plan.classes.len()).map(|class| (class as u16, class_name(&model.plan, class)));
    let matches =
        |full: &str| full == name || full.split_once('.').is_some_and(|(source, op)| source == name || op == name);
    let found: Vec<u16> = all().filter(|(_, full)| matches(full)).map(|(class, _)| class).collect();
    if found.is_empty() { Err(all().map(|(_, full)| full).collect()) } else { Ok(found) }
}

/// "users", "shoppers.checkout".
pub(crate) fn class_name(plan: &Plan, class: usize) -> String {
    let holds =
        |s: &&archsim_models::plan::SourcePlan| (s.first_class..s.first_class + s.classes).contains(&(class as u32));
    let source = plan.sources.iter().find(holds).map_or("", |source| source.name.as_str());
    match plan.classes[class].name.as_str() {
        "" => source.to_owned(),
        operation => format!("{source}.{operation}"),
    }
}

fn trip(plan: &Plan, journey: &Journey) -> Trip {
    let mut legs = vec![];
    gather(plan, journey, 0, 0, &mut legs);
    Trip {
        number: journey.number + 1,
        of: class_name(plan, usize::from(journey.class)),
        wanted_s: journey.wanted.as_secs_f64(),
        latency_s: journey.latency().as_secs_f64(),
        outcome: journey.outcome.name(),
        legs,
    }
}

/// A visit, and behind it those that it made.
fn gather(plan: &Plan, journey: &Journey, index: u32, depth: u32, legs: &mut Vec<Leg>) {
    legs.push(leg(plan, journey, &journey.visits[index as usize], depth));
    let made = |visit: &&(u32, &Visit)| visit.1.parent == Some(index);
    let numbered: Vec<(u32, &Visit)> = (0..).zip(&journey.visits).collect();
    numbered.iter().filter(made).for_each(|(made, _)| gather(plan, journey, *made, depth + 1, legs));
}

fn leg(plan: &Plan, journey: &Journey, visit: &Visit, depth: u32) -> Leg {
    let name = |component: u32| plan.components.get(component as usize).map_or("", |c| c.name.as_str());
    let at = plan.instances[visit.instance as usize].component;
    let edge = visit.edge.map(|edge| &plan.edges[edge as usize]);
    let replicas = plan.components.get(at as usize).filter(|component| component.instances > 1);
    let seconds = |time: Time| time.since(visit.began).as_secs_f64();
    Leg {
        depth,
        caller: edge.and_then(|edge| edge.name.split_once(" -> ")).map_or("", |(caller, _)| caller).to_owned(),
        component: name(at).to_owned(),
        instance: replicas.map_or(0, |component| visit.instance - component.first_instance + 1),
        through: edge.filter(|edge| edge.callee != at).map(|edge| name(edge.callee).to_owned()),
        attempt: u32::from(visit.attempt) + 1,
        start_s: visit.began.since(journey.wanted).as_secs_f64(),
        duration_s: visit.over.map(seconds),
        outcome: visit.left.map(|(_, outcome)| outcome.name()),
        abandoned_s: visit.abandoned.map(seconds),
        spent: spent(plan, visit),
    }
}

/// The stretches of a visit added up by component and category, in the order of the components.
fn spent(plan: &Plan, visit: &Visit) -> Vec<Spent> {
    let mut cells = std::collections::BTreeMap::<(u32, usize), Time>::new();
    for stretch in &visit.stretches {
        *cells.entry((stretch.component, stretch.category as usize)).or_default() += stretch.to.since(stretch.from);
    }
    let part = |((component, category), time): ((u32, usize), Time)| Spent {
        component: plan.components.get(component as usize).map_or("", |c| c.name.as_str()).to_owned(),
        on: Category::ALL[category].name(),
        seconds: time.as_secs_f64(),
    };
    cells.into_iter().map(part).collect()
}

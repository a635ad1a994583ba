//! `LoadBalancer`: passes a request on to one of several targets.

use crate::compile::{Compiler, Replicas};
use crate::plan::{Capacity, LimitPlan};
use crate::spec;
use crate::spec::{At, Balance, Discipline, Duration, Entries, LimitSpec, NotYet};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

spec! {
    /// Passes each request on to a replica of one of its targets and the reply back the same way. What it knows is what it sent and
    /// what came back. The operation travels on, unless `routes` sends it elsewhere.
    LoadBalancerSpec as "LoadBalancer" {
        /// Defaults from a named product, see `archsim kinds preset`.
        preset: Option<At<String>>,
        /// Where requests go; all replicas of all targets are one group.
        targets: Option<Vec<TargetSpec>>,
        /// Where requests go by operation: `{ "product": "catalog", "*": "web" }`; each target is a group of its own.
        routes: Option<Entries<At<String>>>,
        /// How a target is chosen. Default `RoundRobin`.
        policy: Option<At<Balance>>,
        /// How often it lets requests in: `"100/s"`, or a limiter in full. Default unlimited.
        limit: Option<At<LimitSpec>>,
        /// Time the balancer adds to each request on its way in. Default none.
        time: Option<Duration>,
        /// Health checks. Not in this version.
        health: Option<NotYet>,
        /// Balancing of connections instead of requests. Not in this version.
        layer: Option<NotYet>,
        /// Money per hour. Default 0.
        cost: Option<f64>,
    }
}

/// A target of a balancer: a name, or `(to: "web", weight: 3)`.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetSpec {
    /// The component.
    pub to: At<String>,
    /// Share of the requests relative to the other targets. Default 1. Each replica of the target has this weight.
    pub weight: f64,
}

spec! {
    /// The long form of a target.
    TargetArgs as "target" {
        /// The component.
        to: At<String>,
        /// Share relative to the other targets; each replica of the target has this weight. Default 1.
        weight: Option<f64>,
    }
}

impl<'de> Deserialize<'de> for TargetSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = (String, f64, std::ops::Range<usize>);
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(r#"a target: "web", or (to: "web", weight: 3)"#)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok((text.to_string(), 1.0, 0..0))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let args = TargetArgs::deserialize(de::value::MapAccessDeserializer::new(map))?;
                let weight = args.weight.unwrap_or(1.0);
                if !(weight.is_finite() && weight >= 0.0) {
                    return Err(de::Error::custom(format!("a weight is at least 0, found {weight}")));
                }
                Ok((args.to.value, weight, args.to.span))
            }
        }
        struct Seed((String, f64, std::ops::Range<usize>));
        impl<'de> Deserialize<'de> for Seed {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Reader).map(Seed)
            }
        }
        let At { value: Seed((to, weight, inner)), span } = At::<Seed>::deserialize(deserializer)?;
        Ok(TargetSpec { to: At { value: to, span: if inner.is_empty() { span } else { inner } }, weight })
    }
}

/// A group of targets: the operation it serves (`None` for all), and the components with their weights.
pub type Group<'a> = (Option<&'a str>, Vec<(&'a At<String>, f64)>);

impl LoadBalancerSpec {
    /// The groups of targets: the operation they serve (`None` for all) and the components with their weights.
    pub fn groups(&self) -> Vec<Group<'_>> {
        if let Some(routes) = &self.routes {
            return routes
                .0
                .iter()
                .map(|(op, to)| ((op.value != "*").then_some(op.value.as_str()), vec![(to, 1.0)]))
                .collect();
        }
        vec![(None, self.targets.iter().flatten().map(|t| (&t.to, t.weight)).collect())]
    }

    /// The targets that an operation may go to.
    pub fn targets_of(&self, operation: &str) -> Vec<&At<String>> {
        let groups = self.groups();
        let named = groups.iter().find(|(op, _)| *op == Some(operation)).or(groups.iter().find(|(op, _)| op.is_none()));
        named.map(|(_, targets)| targets.iter().map(|(to, _)| *to).collect()).unwrap_or_default()
    }

    pub(crate) fn compile(&self, compiler: &mut Compiler, component: u32) {
        let unlimited = Capacity { servers: u32::MAX, discipline: Discipline::Fifo, room: u32::MAX };
        let span = compiler.instances(component, Replicas { count: 1, speed: vec![] }, unlimited, None);
        compiler.limit(span, self.limit.as_ref().map(|limit| LimitPlan::new(&limit.value, None)));
        let policy = self.policy.as_ref().map_or(Balance::RoundRobin, |p| p.value.clone());
        compiler.component(component).observed = self.time.is_some() || self.limit.is_some();
        let time = self.time.as_ref().map(|t| compiler.dist(t));
        for operation in compiler.operations_asked_of(component) {
            let targets: Vec<(String, f64)> = self
                .groups()
                .into_iter()
                .fold(None, |found: Option<Vec<_>>, (op, targets)| {
                    let fits = op == Some(operation.as_str()) || (op.is_none() && found.is_none());
                    if fits { Some(targets.iter().map(|(to, w)| (to.value.clone(), *w)).collect()) } else { found }
                })
                .unwrap_or_default();
            let start = compiler.program(component, |c| {
                if let Some(time) = time {
                    c.hold_station(time);
                }
                c.forward(component, &targets, &operation, &policy);
                c.reply();
            });
            compiler.operation(component, &operation, start, span);
        }
    }
}

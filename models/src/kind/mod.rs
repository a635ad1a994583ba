//! The kinds of components, one file each, and the register that lists them.
//!
//! Adding a kind is a new file here and one line in the [`register!`] call.

pub mod broker;
pub mod cache;
pub mod consumers;
pub mod database;
pub mod external;
pub mod load_balancer;
pub mod service;

use crate::compile::Compiler;
use crate::spec::document::{Documented, Entry};
use crate::spec::queueing::Queueing;
use crate::spec::{At, Discipline, Steps};

/// Generates the enumeration of kinds with its reader, names, dispatch and documentation from one list.
macro_rules! register {
    ($($kind:ident($spec:ty),)*) => {
        /// A component as a scenario writes it: one alternative for each registered kind.
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(rename = "a component")]
        pub enum Kind { $( #[doc = concat!("See [`", stringify!($spec), "`].")] $kind(Box<$spec>), )* }
        impl Kind {
            /// The name of the kind.
            pub fn name(&self) -> &'static str {
                match self { $( Kind::$kind(_) => stringify!($kind), )* }
            }
            pub(crate) fn compile(&self, compiler: &mut Compiler, component: u32) {
                match self { $( Kind::$kind(spec) => spec.compile(compiler, component), )* }
            }
        }
        /// The reference of every registered kind: name, description, fields.
        pub const REGISTER: &[(&str, &[&str], &[Entry])] =
            &[$( (stringify!($kind), <$spec as Documented>::DOC, <$spec as Documented>::ENTRIES), )*];
    };
}

register! {
    Service(service::ServiceSpec),
    LoadBalancer(load_balancer::LoadBalancerSpec),
    Cache(cache::CacheSpec),
    Database(database::DatabaseSpec),
    Broker(broker::BrokerSpec),
    Consumers(consumers::ConsumersSpec),
    External(external::ExternalSpec),
}

impl Kind {
    /// The operations it offers; empty for a balancer, which passes any on, and for consumers, which nobody calls.
    pub fn operations(&self) -> Vec<&str> {
        match self {
            Kind::Service(s) => s.on.keys().collect(),
            Kind::LoadBalancer(_) | Kind::Consumers(_) => vec![],
            Kind::Cache(_) => vec!["get", "set", "invalidate"],
            Kind::Database(d) => d.ops.keys().collect(),
            Kind::Broker(b) => b.topics.keys().collect(),
            Kind::External(_) => vec![external::ExternalSpec::OPERATION],
        }
    }

    /// The lists of steps it runs.
    pub fn programs(&self) -> Vec<&Steps> {
        match self {
            Kind::Service(s) => s.on.0.iter().map(|(_, steps)| steps).collect(),
            Kind::Consumers(c) => vec![&c.handle],
            _ => vec![],
        }
    }

    /// Money per instance and hour.
    pub fn cost(&self) -> f64 {
        let cost = match self {
            Kind::Service(s) => s.cost,
            Kind::LoadBalancer(l) => l.cost,
            Kind::Cache(c) => c.cost,
            Kind::Database(d) => d.cost,
            Kind::Broker(b) => b.cost,
            Kind::Consumers(c) => c.cost,
            Kind::External(_) => None,
        };
        cost.unwrap_or(0.0)
    }

    /// The preset it names.
    pub fn preset(&self) -> Option<&At<String>> {
        match self {
            Kind::Service(s) => s.preset.as_ref(),
            Kind::LoadBalancer(l) => l.preset.as_ref(),
            Kind::Cache(c) => c.preset.as_ref(),
            Kind::Database(d) => d.preset.as_ref(),
            Kind::Broker(b) => b.preset.as_ref(),
            Kind::Consumers(_) | Kind::External(_) => None,
        }
    }

    /// The order in which its cores or workers serve, where it is given.
    pub fn discipline(&self) -> Option<&Discipline> {
        match self {
            Kind::Service(s) => s.discipline.as_ref(),
            Kind::Cache(c) => c.discipline.as_ref(),
            Kind::Database(d) => d.discipline.as_ref(),
            Kind::Consumers(c) => c.discipline.as_ref(),
            Kind::LoadBalancer(_) | Kind::Broker(_) | Kind::External(_) => None,
        }
    }

    /// What happens at its queues beside serving them.
    pub fn queueing(&self) -> Queueing<'_> {
        match self {
            Kind::Service(s) => s.queueing(),
            Kind::Database(d) => {
                Queueing { patience: d.patience.as_ref(), pauses: d.pauses.as_ref(), ..Queueing::default() }
            }
            Kind::Cache(_) | Kind::Consumers(_) | Kind::LoadBalancer(_) | Kind::Broker(_) | Kind::External(_) => {
                Queueing::default()
            }
        }
    }

    /// Instances: replicas, members, nodes, or shards with their copies.
    pub fn instance_count(&self) -> u32 {
        match self {
            Kind::Service(s) => s.replica_count(),
            Kind::Cache(c) => c.shard_count(),
            Kind::Database(d) => d.shard_count().saturating_mul(d.replica_count().saturating_add(1)),
            Kind::Broker(b) => b.node_count(),
            Kind::Consumers(c) => c.member_count(),
            Kind::LoadBalancer(_) | Kind::External(_) => 1,
        }
    }

    pub(crate) fn per_instance(&self) -> bool {
        match self {
            Kind::Service(s) => s.per_instance.unwrap_or(true),
            _ => true,
        }
    }
}

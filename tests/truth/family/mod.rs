//! The families of models: each a function from parameters to scenarios and to where its quantities are read.

mod balance;
mod cache;
mod closed;
mod copies;
mod failing;
mod laws;
mod network;
mod open;
mod parallel;
mod priority;
mod queueing;
mod resilience;
mod timeline;
mod tool;

use crate::case::ModelCases;
use crate::params::{Maybe, Params};
use crate::view::View;

/// The views of a model, or the feature it lacks.
pub(crate) fn views(model: &ModelCases) -> Maybe<Vec<View>> {
    let p = Params(&model.params);
    match model.family.as_str() {
        "M/M/1" | "M/M/c" | "M/M/c/K" | "M/G/inf" | "M/G/c/c" | "M/D/c" | "M/G/1" | "M/G/c" | "GI/M/1" | "GI/G/1" => {
            open::stations(&p, "Fifo")
        }
        "M/M/1/K" | "M/D/1" | "M/M/inf" | "M/G/1/K" | "M/D/c/c" | "M/M/c/c" | "GI/M/c" | "GI/G/c" | "D/M/1" => {
            open::stations(&p, "Fifo")
        }
        "D/D/1" => open::scripted(&p),
        "M/M/1-PS" | "M/G/1-PS" | "M/M/c-PS" | "M/M/1 R-PS" | "M/G/c-PS" => open::stations(&p, "ProcessorSharing"),
        "M/M/1-LIFO" | "M/G/1-LIFO" => open::stations(&p, "Lifo"),
        "M/G/1-LIFO-PR" | "M/M/1-LIFO-PR" => open::stations(&p, "Lifo(preemptive: true)"),
        "M/M/1 size-based" | "M/G/1 size-based" => open::disciplines(&p),
        "fixed network delay" => open::network_delay(&p),
        "samplers" => open::sampler(&p, &model.cases),
        "simmer gas station" => open::gas_station(&p),
        "M/M/1 with client timeout, no cancellation" => open::client_timeout(&p),
        "M/M/1 transient" => open::transient(&p),
        "M/M/1 non-preemptive priority" | "M/G/1 non-preemptive priority" => priority::classes(&p, false),
        "M/G/1 preemptive-resume priority" | "M/M/c preemptive priority" | "M/M/1 preemptive priority" => {
            priority::classes(&p, true)
        }
        "partial instability" => priority::partly_unstable(&p),
        "M/G/1-PS two classes" => priority::sharing(&p),
        "tandem" => network::tandem(&p),
        "cache-aside with Bernoulli hits" => network::hit_or_miss(&p),
        "tandem with loss" => network::tandem_with_loss(&p),
        "nested resource holding" => network::threads_and_connections(&p),
        "redelivery and dead letters" => network::dead_letters(&p),
        "closed interactive system"
        | "closed, deterministic demand under PS"
        | "closed, multi-worker"
        | "closed queueing network" => closed::interactive(&p),
        "Engset finite source loss" => closed::engset(&p),
        "lock contention" => closed::lock(&p),
        "SimPy machine shop" => closed::machines(&p),
        "load balancing" | "many-server limit" | "power of d, many servers" => balance::policies(&p),
        "power of two, 100 servers" => balance::policies(&p),
        "fork-join" => parallel::fork_join(&p),
        "scatter-gather" | "quorum / k-of-n" => parallel::gather(&p),
        "fan-out tail" => parallel::slow_leaves(&p),
        "two-phase commit" => parallel::two_phases(&p),
        "cache under IRM" | "cache under IRM, exact small chain" => cache::independent_references(&p, &model.cases),
        "TTL cache" => cache::time_to_live(&p),
        "sharded store" => cache::shards(&p),
        "retries" => resilience::retries(&p),
        "token bucket, rejecting" => resilience::bucket(&p),
        "token bucket, delaying" => resilience::delaying_bucket(&p),
        "fixed-window limiter" => resilience::window(&p),
        "retrial queue M/M/1/1" => resilience::orbit(&p),
        "M/M/1/K with backoff retries" => resilience::storm(&p),
        "M/M/1+M with immediate re-entry" => resilience::impatient_retries(&p),
        "hedged requests" => resilience::hedges(&p),
        "redundancy-d" => resilience::copies(&p),
        "circuit breaker" => resilience::breaker(&p),
        "M/M/c+M" | "M/M/c+D" | "M/M/1+M" | "M/M/c+G" => queueing::impatience(&p),
        "trunk reservation" => queueing::reserve(&p),
        "M^X/M/1" => queueing::batches(&p),
        "MMPP/M/c" => queueing::modulated(&p),
        "M/M/1 with breakdowns" => queueing::breakdowns(&p),
        "M/M/1 multiple vacations" => queueing::vacations(&p),
        "M/M/1 with set-up" | "M/M/c with set-up" => queueing::set_up(&p),
        "M/M/2 heterogeneous" => queueing::unequal(&p),
        "M/M^[1,b]/1 bulk service" => queueing::bulk(&p),
        "producer batching" => queueing::linger(&p),
        "Mt/M/c" => queueing::sine(&p),
        "M/M/1 with feedback" => queueing::feedback(&p),
        "asynchronous replication" => cache::replica_lag(&p),
        "partial quorums" => copies::overlap(&model.cases),
        "tandem with blocking, no buffer" | "tandem with blocking" => network::tandem_with_blocking(&p),
        "scalability laws" => closed::scalability(&p, &model.cases),
        "primary/standby failover" => failing::primary_and_standby(&p),
        "availability" => failing::structures(&p, &model.words),
        "identities" => laws::identities(),
        "timeline" => timeline::paths(&p, model),
        "deterministic trace" => timeline::generated(&p, model),
        "backlog drain" => timeline::backlog(&p),
        "estimators" => tool::percentiles(),
        "procedure" => tool::procedures(&p),
        "capacity search" => tool::capacity(model),
        "stability verdicts" => tool::stable(),
        "stability limits" => tool::limits(),
        "measurement bias" => tool::omission(&p),
        family => Err(format!("the family {family}")),
    }
}

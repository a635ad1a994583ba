//! Hit ratios of caches with real keys.

use crate::load_table::LoadTable;
use crate::load_table::calls::{Calls, Hits};
use crate::model::Model;
use crate::theory::{Quality, Theory};
use archsim_models::Kind;
use archsim_models::spec::KeySpec;
use archsim_models::spec::policy::Eviction;
use petgraph::Direction::Outgoing;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

/// Calls within calls beyond which look-ups are not counted.
const DEPTH: u32 = 50;

/// The load table knows what each cache is asked for; by how it evicts, the ratio is told as an approximation.
pub(super) fn predict(model: &Model, theory: &mut Theory) {
    let table = LoadTable::new(&model.setup, model.run.duration);
    let independent = model.setup.keys.iter().all(|(_, space)| !matches!(space, KeySpec::Replay(_) | KeySpec::Scan(_)));
    let calls = Calls::new(&model.setup, &Hits::new());
    for (component, (name, kind)) in model.setup.components.iter().enumerate() {
        let Kind::Cache(cache) = kind else { continue };
        let Some(hits) = table.row(name).and_then(|row| row.hit_ratio).filter(|_| cache.hit_ratio.is_none()) else {
            continue;
        };
        let limited = cache.entries.is_some();
        let (law, source) = match (&cache.eviction, &cache.ttl) {
            (_, Some(_)) if !limited => ("time to live", "Jung, Berger and Balakrishnan 2003"),
            (None | Some(Eviction::Lru), _) if limited => ("LRU, Che's approximation", "Che et al. 2002"),
            (Some(Eviction::Fifo | Eviction::Random), _) if limited => {
                ("FIFO or random, Che's approximation", "Fricker, Robert and Roberts 2012")
            }
            (_, None) if !limited => ("everything fits", "Che et al. 2002"),
            _ => {
                theory.unsolved(name, "its eviction is not LRU, FIFO or random");
                continue;
            }
        };
        if !asked_once(&calls, component) {
            theory.unsolved(name, "a request may look the same key up more than once");
            continue;
        }
        if !independent {
            theory.unsolved(name, "its keys are not independent of each other");
            continue;
        }
        theory.add(format!("{name}.hit_ratio"), hits, Quality::Approximation, law, source);
    }
}

/// Whether no request does more than one thing to the keys of a cache.
fn asked_once(calls: &Calls, cache: usize) -> bool {
    calls.sources.iter().flatten().all(|(start, _)| uses(calls, *start, cache, DEPTH) <= 1)
}

/// Most uses of a cache's keys by one request of an operation: more than one counts as two.
fn uses(calls: &Calls, from: NodeIndex, cache: usize, depth: u32) -> u32 {
    if depth == 0 {
        return 2;
    }
    let count = |weight: f64| if weight > 1.0 { 2 } else { 1 };
    let mut all = 0;
    for edge in calls.graph.edges_directed(from, Outgoing) {
        let own = u32::from(edge.weight().key.is_some() && calls.graph[edge.target()].component == cache);
        all += count(edge.weight().weight) * (own + uses(calls, edge.target(), cache, depth - 1));
        if all > 1 {
            return 2;
        }
    }
    all
}

//! The growth test: does what waits somewhere become more and more?

use crate::metric::deviation;
use crate::model::Model;
use crate::run::Replication;
use archsim_models::world::Row;

/// After n arrivals a stable queue holds no more than this times the square root of `(ca2 + cs2) n`: the deviation of what has come
/// and been served over so long (measured: `just verdicts`).
const BOUND: f64 = 3.0;
/// Fewer arrivals than this say nothing.
const ENOUGH: f64 = 1_000.0;
/// With fewer batches their differences say nothing about how much a queue moves by chance.
const BATCHES: f64 = 20.0;

/// Where something waits.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// At these instances of a component; at all of them if there are none.
    Component(usize, Vec<usize>),
    /// For a connection of an edge.
    Pool(usize),
}

/// A queue that grows.
#[derive(Clone, Debug)]
pub(super) struct Growing {
    pub(super) place: Place,
    /// By so many a second, mean over the replications.
    pub(super) per_second: f64,
    /// So many a second are served there.
    pub(super) served: f64,
}

/// A queue in one replication.
#[derive(Clone, Copy, Default)]
struct Queue {
    /// Waiting at the end.
    now: f64,
    /// That came over the whole run.
    arrived: f64,
    /// Squared deviation of the change in a second, from the batches.
    moves: f64,
    batches: f64,
}

impl Queue {
    /// A queue that holds so many at the end, by its changes in each batch.
    fn new(replication: &Replication, now: u64, arrived: f64, grown: &dyn Fn(&Row) -> i64) -> Self {
        let batches = replication.record.batches();
        let changes = || batches.iter().map(|row| (grown(row) as f64, row.seconds()));
        let (sum, time) = changes().fold((0.0, 0.0), |(sum, time), (change, seconds)| (sum + change, time + seconds));
        let apart = |(change, seconds): (f64, f64)| (change - sum / time * seconds).powi(2);
        let moves = if time > 0.0 { changes().map(apart).sum::<f64>() / time } else { 0.0 };
        Queue { now: now as f64, arrived, moves, batches: batches.len() as f64 }
    }

    /// Whether it is longer than chance makes it. `spread` is the sum of the squared coefficients of variation of gaps and service
    /// times; where the queue moves clearly more than those explain (bursts, breakdowns), by how much it does.
    fn grows(&self, spread: f64, seconds: f64, bound: f64) -> bool {
        let (expected, seen) = (spread * self.arrived, self.moves * seconds);
        let clearly = self.batches >= BATCHES && seen > expected * (1.0 + BOUND * (2.0 / self.batches).sqrt());
        let variance = if clearly { seen } else { expected };
        self.arrived >= ENOUGH && self.now > bound * variance.sqrt()
    }
}

/// The bound where so many queues are tested at once: as unlikely to be passed by any of them as [`BOUND`] by one.
fn bound_for(queues: usize) -> f64 {
    (BOUND * BOUND + 2.0 * libm::log(queues.max(1) as f64)).sqrt()
}

/// The bound for the sum of so many queues, each with its share of the arrivals: at full load each of them is on average
/// sqrt(2/pi) of its deviation long (a reflected walk), and what they deviate from that adds up as squares do.
fn bound_of_sum(queues: f64) -> f64 {
    BOUND + std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2 * (queues.sqrt() - 1.0)
}

/// Squared coefficients of variation of gaps and service times: Poisson arrivals, and service that varies at least as much as an
/// exponential law.
fn spread(replication: &Replication, component: usize) -> f64 {
    let service = replication.measured.windows.first().and_then(|row| row.components.get(component));
    let service = service.map(|row| &row.service);
    let squared = service.and_then(|times| Some((deviation(times)? / times.mean()?.max(1.0)).powi(2)));
    1.0 + squared.unwrap_or(1.0).max(1.0)
}

/// Whether something holds in most replications.
fn mostly(replications: &[Replication], holds: &dyn Fn(&Replication) -> bool) -> bool {
    replications.iter().filter(|replication| holds(replication)).count() * 2 > replications.len()
}

/// All queues that grow.
pub(super) fn growing(model: &Model, replications: &[Replication]) -> Vec<Growing> {
    let components = (0..model.plan.components.len()).filter_map(|index| component(model, replications, index));
    let pools = (0..model.plan.edges.len()).filter_map(|index| pool(replications, index));
    components.chain(pools).collect()
}

/// The share of each instance in the busy time of a component.
fn shares(replication: &Replication, component: usize) -> Vec<f64> {
    let mut busy = vec![0.0; replication.measured.waiting.components[component].len()];
    for row in replication.record.batches().iter().filter_map(|row| row.components.get(component)) {
        busy.iter_mut().zip(&row.busy).for_each(|(sum, own)| *sum += *own as f64);
    }
    let all: f64 = busy.iter().sum();
    let equal = 1.0 / busy.len().max(1) as f64;
    busy.iter().map(|busy| if all > 0.0 { busy / all } else { equal }).collect()
}

/// The queue of an instance: it is taken to get as much of the arrivals as its share of the busy time.
fn instance(replication: &Replication, component: usize, at: usize, share: f64) -> Queue {
    let waiting = &replication.measured.waiting.components[component];
    let served = replication.measured.arrived[component].saturating_sub(waiting.iter().sum());
    let grown = |row: &Row| row.components.get(component).and_then(|c| c.grown.get(at)).copied().unwrap_or(0);
    Queue::new(replication, waiting[at], served as f64 * share + waiting[at] as f64, &grown)
}

/// Instances whose own queue grows.
fn alone(replications: &[Replication], index: usize) -> Vec<(usize, Vec<f64>)> {
    let shares: Vec<Vec<f64>> = replications.iter().map(|replication| shares(replication, index)).collect();
    let kept = shares.first().map_or(0, Vec::len);
    let long = |at: &usize| {
        // Most queues are short: no need to look closer.
        let is_long = |r: &&Replication| r.measured.waiting.components[index][*at] as f64 > ENOUGH.sqrt();
        replications.iter().filter(is_long).count() * 2 > replications.len()
    };
    let grows = |at: &usize| {
        let grows = |(replication, shares): &(&Replication, &Vec<f64>)| {
            let queue = instance(replication, index, *at, shares[*at]);
            queue.grows(spread(replication, index), replication.measured.end.as_secs_f64(), bound_for(kept))
        };
        replications.iter().zip(&shares).filter(grows).count() * 2 > replications.len()
    };
    let found = (0..kept).filter(|_| kept > 1).filter(long).filter(grows);
    found.map(|at| (at, shares.iter().map(|shares| shares[at]).collect())).collect()
}

fn component(model: &Model, replications: &[Replication], index: usize) -> Option<Growing> {
    let instances = f64::from(model.plan.components[index].instances.max(1));
    let all = |_: usize, replication: &Replication| {
        let grown = |row: &Row| row.components.get(index).map_or(0, |c| c.grown.iter().sum());
        let now = replication.measured.waiting.components[index].iter().sum();
        Queue::new(replication, now, replication.measured.arrived[index] as f64, &grown)
    };
    let together = mostly(replications, &|replication| {
        let bound = bound_of_sum(instances);
        all(0, replication).grows(spread(replication, index), replication.measured.end.as_secs_f64(), bound)
    });
    let mut some = alone(replications, index);
    if some.is_empty() && !together {
        return None;
    }
    if some.len() as f64 == instances {
        some.clear();
    }
    let of_some = |number: usize, replication: &Replication| {
        let each = some.iter().map(|(at, shares)| instance(replication, index, *at, shares[number]));
        each.fold(Queue::default(), |sum, one| Queue {
            now: sum.now + one.now,
            arrived: sum.arrived + one.arrived,
            ..sum
        })
    };
    let (per_second, served) = if some.is_empty() { rates(replications, &all) } else { rates(replications, &of_some) };
    let place = Place::Component(index, some.into_iter().map(|(at, _)| at).collect());
    Some(Growing { place, per_second, served })
}

/// The wait for a connection, if it grows.
fn pool(replications: &[Replication], index: usize) -> Option<Growing> {
    let queue = |_: usize, replication: &Replication| {
        let rows = || replication.record.batches().iter().filter_map(|row| row.edges.get(index));
        let grown = |row: &Row| row.edges.get(index).map_or(0, |edge| edge.grown);
        let attempts: u64 = rows().map(|edge| edge.attempts).sum();
        Queue::new(replication, replication.measured.waiting.edges[index], attempts as f64, &grown)
    };
    let grows = |replication: &Replication| {
        // Nothing is known of how long connections are held: as if it varied twice as much as an exponential law.
        queue(0, replication).grows(5.0, replication.measured.end.as_secs_f64(), BOUND)
    };
    let (per_second, served) = rates(replications, &queue);
    mostly(replications, &grows).then_some(Growing { place: Place::Pool(index), per_second, served })
}

/// By how many a second a queue grows, and how many a second are served: means over the replications.
fn rates(replications: &[Replication], queue: &dyn Fn(usize, &Replication) -> Queue) -> (f64, f64) {
    let rate = |of: &dyn Fn(Queue) -> f64| {
        let seconds = |r: &Replication| r.measured.end.as_secs_f64().max(1e-9);
        let each = replications.iter().enumerate().map(|(number, r)| of(queue(number, r)) / seconds(r));
        each.sum::<f64>() / replications.len().max(1) as f64
    };
    (rate(&|queue| queue.now), rate(&|queue| queue.arrived - queue.now))
}

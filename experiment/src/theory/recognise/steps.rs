//! Follows requests through the steps of a service.

use super::plain::single;
use super::stations::{Flow, Station};
use super::walk::{Branch, Fork, Via, Walk, Way};
use archsim_models::Kind;
use archsim_models::compile::target;
use archsim_models::spec::steps::{CachedArgs, ParallelArgs};
use archsim_models::spec::{At, Step, Steps};

/// More branches than this are not followed.
const MOST_BRANCHES: u64 = 10_000;

impl Walk<'_> {
    pub(super) fn steps(&mut self, index: usize, station: &Station, steps: &Steps, share: f64) {
        for step in steps.iter() {
            self.step(index, station, step, share);
        }
    }

    fn step(&mut self, index: usize, station: &Station, step: &Step, share: f64) {
        let name = &self.setup.components[index].0;
        match step {
            Step::Compute(args) if args.cores.is_none() => {
                let now = Station { flow: self.flow.clone(), ..station.clone() };
                self.visit(index, now, &args.time, share);
            }
            // Slots around a pause are servers of it.
            Step::Wait(args) if station.cores.is_none() => {
                let now = Station { flow: self.flow.clone(), ..station.clone() };
                self.visit(index, now, &args.time, share);
            }
            Step::Wait(args) => self.pass(index, &args.time, share),
            Step::Call(args) if args.on_error.is_some() => {
                self.problem(index, "steps follow a failed call (`on_error`)", false)
            }
            Step::Call(args) => {
                let (component, operation) = target(&args.to.value);
                let via = Via { caller: name, callers: station.instances, balance: None };
                self.call(&via, component, operation, share);
            }
            Step::Do(args) => self.steps(index, station, &args.steps, share),
            Step::Maybe(args) => {
                let otherwise = args.otherwise.as_ref().map(|steps| (1.0 - args.p.0, steps));
                let branches = [(args.p.0, &args.then)].into_iter().chain(otherwise);
                self.branches(index, station, branches.collect(), share);
            }
            Step::Choose(args) => {
                let total: f64 = args.branches.iter().map(|(weight, _)| weight).sum();
                let branches = args.branches.iter().map(|(weight, steps)| (weight / total.max(1e-300), steps));
                self.branches(index, station, branches.collect(), share);
            }
            Step::Repeat(args) if args.mean_rounds() >= 1.0 => {
                self.steps(index, station, &args.steps, share);
                let more = args.mean_rounds() - 1.0;
                if more > 0.0 {
                    self.steps(index, station, &args.steps, share * more);
                }
            }
            Step::Cached(args) => self.cached(index, station, args, share),
            Step::Parallel(args) => self.parallel(index, station, args, share),
            Step::Compute(_) => self.problem(index, "a step holds several cores", false),
            Step::Repeat(_) => self.problem(index, "a step is never run", false),
            Step::Get(_) | Step::Set(_) | Step::Invalidate(_) => {
                self.problem(index, "`Get`, `Set` and `Invalidate` are outside of the formulas", false)
            }
            Step::Publish(_) => self.problem(index, "messages are outside of the formulas", true),
            Step::After(_) => self.problem(index, "work after the reply (`After`) is outside of the formulas", false),
            Step::Hold(_) => self.problem(index, "locks (`Hold`) are outside of the formulas", false),
            Step::Batch(_) => self.problem(index, "requests wait for each other (`Batch`)", false),
            Step::Fail(_) => self.problem(index, "some of its requests fail (`Fail`)", true),
        }
    }

    fn cached(&mut self, index: usize, station: &Station, args: &CachedArgs, share: f64) {
        let name = &self.setup.components[index].0;
        let cache = self.setup.component(&args.cache.value);
        let forced = cache.and_then(|cache| match &self.setup.components[cache].1 {
            Kind::Cache(cache) => cache.hit_ratio,
            _ => None,
        });
        let Some(hit) = forced else {
            return self.problem(index, "whether a key hits depends on the keys before it", false);
        };
        let via = Via { caller: name, callers: station.instances, balance: None };
        self.call(&via, &args.cache.value, "get", share);
        self.branches(index, station, vec![(1.0 - hit.0, &args.miss)], share);
    }

    /// Alternatives: each starts with the flow of now, and any of them can spoil what follows.
    fn branches(&mut self, index: usize, station: &Station, branches: Vec<(f64, &Steps)>, share: f64) {
        let before = self.flow.clone();
        let mut after = before.clone();
        for (part, steps) in branches.into_iter().filter(|(part, _)| *part > 0.0) {
            self.flow = before.clone();
            self.steps(index, station, steps, share * part);
            if self.flow != before {
                after = self.flow.clone();
            }
        }
        self.flow = after;
    }

    /// Several branches at once: known where each is one visit, or one time of its own.
    fn parallel(&mut self, index: usize, station: &Station, args: &ParallelArgs, share: f64) {
        let before = self.flow.clone();
        let way = std::mem::replace(&mut self.way, Way::new());
        let mut branches = Some(Vec::new());
        let mut sound = true;
        for step in args.steps.iter() {
            self.flow = before.clone();
            let found = self.branch(index, station, step, share);
            sound &= self.way.sound;
            self.way = Way::new();
            branches = branches.zip(found).map(|(mut all, found): (Vec<Branch>, Branch)| {
                all.push(found);
                all
            });
        }
        self.way = way;
        self.way.sound &= sound;
        let times = args.times.as_ref().map_or(1, |times| times.value);
        let queues = branches.iter().flatten().any(|branch| matches!(branch, Branch::Queue(_)));
        let all_needed = args.needed() == args.branches();
        match branches {
            Some(branches) if args.branches() <= MOST_BRANCHES && (!queues || (times == 1 && all_needed)) => {
                let many: Vec<Branch> = (0..times).flat_map(|_| branches.clone()).collect();
                self.way.forks.push(Fork { branches: many, need: args.needed() as usize, share });
                self.way.delay_is_constant = false;
                self.flow = Flow::Unknown("it comes after several branches at once".into());
            }
            _ => self.problem(index, "its branches at once (`Parallel`) are not plain calls or waits", false),
        }
    }

    fn branch(&mut self, index: usize, station: &Station, step: &At<Step>, share: f64) -> Option<Branch> {
        if let Step::Wait(args) = &step.value {
            return Some(Branch::Time(args.time.0.scaled(1e-9)));
        }
        let alone = Steps(vec![(None, step.clone())]);
        if !matches!(step.value, Step::Call(_)) || single(&alone).is_some() {
            return None;
        }
        self.steps(index, station, &alone, share);
        let [visit] = &self.way.visits[..] else { return None };
        let queue = &self.stations[&visit.component];
        let plain = self.way.delay == 0.0 && self.way.forks.is_empty() && self.way.sound && visit.share == share;
        if !plain || queue.loses() {
            return None;
        }
        Some(if queue.servers.is_none() { Branch::Time(visit.law.clone()) } else { Branch::Queue(visit.component) })
    }
}

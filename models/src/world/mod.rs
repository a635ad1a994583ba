//! The world: a plan in motion. It holds every frame, station and counter as plain data, so that it can be copied at an
//! instant and continued two ways.

mod account;
mod alarm;
mod batching;
mod bounded;
mod breaking;
mod build;
mod call;
mod changeover;
mod copies;
mod crew;
mod crewing;
mod detail;
mod eviction;
mod failing;
mod failover;
mod fault;
mod foresee;
mod frame;
mod gather;
mod journey;
mod keyed_store;
mod laws;
mod ledger;
mod levels;
mod lock;
mod measure;
mod messages;
mod network;
mod pace;
mod pool;
mod queueing;
mod quick;
mod ranked;
mod ranking;
mod retry;
mod row;
mod run;
mod shares;
mod sharing;
mod source;
mod station;
mod stop;
mod table;
mod version;
mod visit;
mod waiting;
mod warm;

pub use account::{CATEGORIES, Category, TimeRow, TimeTable};
pub use detail::InstanceRow;
pub use frame::{OUTCOMES, Outcome};
pub use journey::{Journey, Stretch, Visit, Wanted};
pub use measure::Schedule;
pub use row::{ClassRow, ComponentRow, EdgeRow, Row};
pub use waiting::Waiting;

use crate::breaker::Breaker;
use crate::limit::Limiter;
use crate::plan::*;
use crate::policy::Knowledge;
use account::Segments;
use alarm::Alarm;
use archsim_core::{Agenda, Key, Time, Timeouts, rng};
use batching::Gathering;
use crewing::Pauses;
use failing::Machine;
use failover::{Repairs, Succession};
use frame::{Frame, Rare, State, flag};
use journey::Journal;
use keyed_store::KeyedStore;
use ledger::Ledger;
use measure::Measure;
use pace::PaceState;
use quick::Quick;
use ranked::Ranked;
use shares::Shared;
use source::SourceState;
use station::Station;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use table::Table;
use version::Versions;

/// A replica while running.
#[derive(Clone, Copy, Debug)]
struct Instance {
    component: u32,
    cores: u32,
    slots: u32,
    limit: u32,
    /// Whether a limiter or slots stand before it.
    gated: bool,
    speed: f64,
    up: bool,
    silent: bool,
    /// Reasons for it to be down.
    causes: u16,
    /// Whether the component's waiting, service and sojourn times are recorded.
    observed: bool,
}

/// A lock: who holds it and who waits.
#[derive(Clone, Debug, Default)]
struct Lock {
    held: bool,
    waiting: VecDeque<(u32, u32)>,
}

/// Extra network time and loss of an edge.
#[derive(Clone, Copy, Debug)]
struct Disturbance {
    latency: u32,
    loss: f64,
}

/// Why a run ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// When.
    pub at: Time,
    /// Requests in flight then: the ceiling.
    pub in_flight: u64,
}

/// What a run measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The windows of the study, in the order of the schedule.
    pub windows: Vec<Row>,
    /// For each class where the time of the requests in the main window went.
    pub time: Vec<TimeTable>,
    /// Events handled.
    pub events: u64,
    /// Requests that ended, warm-up included.
    pub requests: u64,
    /// Requests in flight at the end.
    pub in_flight: u64,
    /// For each component the attempts inside at the end.
    pub inside: Vec<u64>,
    /// Who waits and who is in flight at the end of the last row.
    pub waiting: Waiting,
    /// For each component the attempts that came over the whole run.
    pub arrived: Vec<u64>,
    /// Set if the run ended before its time.
    pub stopped: Option<Stopped>,
    /// When the run ended.
    pub end: Time,
}

/// A plan in motion.
#[derive(Clone)]
pub struct World {
    plan: Arc<Plan>,
    state: Body,
    events: u64,
}

/// Everything that changes.
#[derive(Clone)]
struct Body {
    agenda: Agenda,
    alarms: Vec<Alarm>,
    /// Token of the first source; the sources have the last alarms.
    first_source: u32,
    /// Token of the first frame.
    base: u32,
    quick: Quick,
    frames: Table<Frame>,
    rare: Table<Rare>,
    free: u32,
    segments: Segments,
    stations: Table<Station>,
    ranked: Table<Ranked>,
    shared: Vec<Shared>,
    instances: Table<Instance>,
    connections: Vec<VecDeque<(u32, u32)>>,
    first_pool_queue: Vec<u32>,
    knowledge: Table<Knowledge>,
    budgets: Vec<f64>,
    timeouts: Timeouts,
    lanes: Vec<u32>,
    lane_alarms: Vec<u32>,
    sharing_alarms: Vec<u32>,
    poll_alarms: Vec<u32>,
    crew_alarms: Vec<u32>,
    pause_alarms: Vec<u32>,
    pauses: Vec<Pauses>,
    /// For each instance why it stands still: how many reasons there are.
    halts: Vec<u32>,
    /// For each instance whether it is counted as down.
    counted_down: Vec<bool>,
    stores: Vec<KeyedStore>,
    first_store: Vec<u32>,
    ledgers: Vec<Ledger>,
    /// Publishers that wait for room in each topic.
    blocked: Vec<VecDeque<(u32, u32)>>,
    locks: Vec<Lock>,
    gatherings: Vec<Gathering>,
    batch_alarms: Vec<u32>,
    /// Whom the batches in progress carry.
    carried: BTreeMap<u32, Vec<(u32, u32)>>,
    limiters: Vec<Limiter>,
    breakers: Vec<Breaker>,
    machines: Vec<Machine>,
    successions: Vec<Succession>,
    /// Of each fault.
    repairs: Vec<Repairs>,
    /// Instances of each component that are down.
    down: Vec<u32>,
    sources: Table<SourceState>,
    paces: Vec<PaceState>,
    versions: Vec<Versions>,
    /// Values taken of each distribution whose values come in turn.
    turns: Vec<u64>,
    disturbances: Vec<Disturbance>,
    salts: Vec<u64>,
    cache_keys: Vec<Key>,
    group_salts: Vec<u64>,
    next_change: usize,
    in_flight: u64,
    requests: u64,
    order: u64,
    cells: usize,
    measure: Measure,
    stopped: Option<Stopped>,
    journal: Option<Box<Journal>>,
}

impl World {
    /// A world at its first instant. Equal arguments give equal worlds, to the last bit.
    pub fn new(plan: Arc<Plan>, space_names: &[String], seed: u64, replication: u64, schedule: Schedule) -> Self {
        let root = Key::root(seed, replication);
        let state = Body::new(&plan, space_names, root, schedule);
        let mut world = World { plan, state, events: 0 };
        world.state.begin(&world.plan);
        world
    }

    /// Follows requests from now on. What the run measures does not change.
    pub fn follow(&mut self, wanted: Wanted) {
        self.state.journal = Some(Box::new(Journal::new(wanted)));
    }

    /// The journeys that were asked for, the slowest first; what has not ended yet is not among them.
    pub fn journeys(&mut self) -> Vec<Journey> {
        self.state.journal.take().map(|journal| journal.journeys()).unwrap_or_default()
    }

    /// Keeps from now on for how long so many are inside each component: [`ComponentRow::levels`]. What else is measured does not change.
    pub fn keep_levels(&mut self) {
        let (components, now) = (self.plan.components.len(), self.now());
        self.state.measure.levels = Some(Box::new(levels::Levels::new(components, now)));
    }

    /// Keeps from now on what each instance does, slowdowns, and waiting by class: [`InstanceRow`]. What else is measured does not change.
    pub fn keep_details(&mut self) {
        let first = self.plan.components.iter().map(|component| component.first_instance);
        self.state.measure.details = Some(first.collect());
    }

    /// Notes how long the requests in flight have taken so far: [`ClassRow::unfinished`]. At the end of a run, once.
    pub fn note_unfinished(&mut self) {
        self.state.note_unfinished();
    }

    /// Runs up to an instant, or to the ceiling of requests in flight.
    pub fn run_until(&mut self, end: Time) {
        self.events += archsim_core::run_until(self, end);
    }

    /// The present instant.
    pub fn now(&self) -> Time {
        self.state.agenda.now()
    }

    /// Requests that ended so far.
    pub fn requests(&self) -> u64 {
        self.state.requests
    }

    /// Whether the run has ended before its time.
    pub fn is_stopped(&self) -> bool {
        self.state.stopped.is_some()
    }

    /// More rows after the last one: their ends, in order of time. A run that went up to its last cut goes on.
    pub fn extend(&mut self, cuts: &[Time]) {
        let measure = &mut self.state.measure;
        let waiting = (measure.row as usize) < measure.schedule.cuts.len();
        measure.schedule.cuts.extend_from_slice(cuts);
        if let (false, Some(&first)) = (waiting, cuts.first()) {
            self.state.agenda.schedule_late(first, 0);
        }
    }

    /// For each class where the time went since the last call, of the requests that have ended.
    pub fn take_time(&mut self) -> Vec<TimeTable> {
        let time = &mut self.state.measure.time;
        let fresh = vec![TimeTable::default(); time.len()];
        std::mem::replace(time, fresh)
    }

    /// Rows that have become complete since the last call, in order of time.
    pub fn complete_rows(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.state.measure.complete)
    }

    /// Ends the run here and gives what it measured, and the last rows.
    ///
    /// # Panics
    /// If requests were lost or made up: a component's arrivals are not its departures and what is inside, the times spent
    /// inside are not the integral of the number inside, or the parts of a latency do not add up. That is a bug of the engine.
    pub fn finish(mut self) -> (Measured, Vec<Row>) {
        let now = self.now();
        if self.state.stopped.is_some() {
            self.state.cut(&self.plan);
        }
        self.state.measure.finish();
        self.state.assert_laws(&self.plan);
        let measure = &mut self.state.measure;
        let measured = Measured {
            windows: std::mem::take(&mut measure.windows),
            time: std::mem::take(&mut measure.time),
            events: self.events,
            requests: self.state.requests,
            in_flight: self.state.in_flight,
            waiting: measure.waiting.clone(),
            inside: measure.inside.0.clone(),
            arrived: measure.flow.iter().map(|flow| flow.arrived).collect(),
            stopped: self.state.stopped,
            end: now,
        };
        (measured, std::mem::take(&mut measure.complete))
    }
}

impl archsim_core::World for World {
    #[inline(always)]
    fn agenda(&mut self) -> &mut Agenda {
        &mut self.state.agenda
    }
    #[inline(always)]
    fn handle(&mut self, token: u32) {
        self.state.handle(&self.plan, token);
    }
    fn foresee(&self, tokens: &[u32]) {
        self.state.foresee(tokens);
    }
    #[inline(always)]
    fn halted(&self) -> bool {
        self.state.stopped.is_some()
    }
}

impl Body {
    /// A frame from the slab.
    #[inline(always)]
    fn allocate(&mut self, key: Key, request: Key, pc: u32, instance: u32) -> u32 {
        let now = self.agenda.now();
        let index = self.free;
        if index != NONE {
            let frame = &mut self.frames[index];
            self.free = frame.next;
            *frame = Frame::new(key, request, now, pc, instance, frame.generation);
            return index;
        }
        self.more_frames(Frame::new(key, request, now, pc, instance, 0))
    }

    #[cold]
    #[inline(never)]
    fn more_frames(&mut self, frame: Frame) -> u32 {
        self.frames.push(frame);
        self.rare.push(Rare::NEW);
        self.frames.len() as u32 - 1
    }

    /// The part of a frame that few need, to write to it.
    #[inline(always)]
    fn rare(&mut self, index: u32) -> &mut Rare {
        self.frames[index].flags |= flag::RARE;
        &mut self.rare[index]
    }

    /// Whether the caller has stopped waiting, as far as the callee was told.
    #[inline(always)]
    fn is_expired(&self, index: u32, now: Time) -> bool {
        self.frames[index].flags & flag::RARE != 0 && self.rare[index].deadline <= now
    }

    /// Gives a frame back. Whoever still refers to it finds another generation.
    #[inline(always)]
    fn release_frame(&mut self, index: u32) {
        self.note_release(index);
        let frame = &mut self.frames[index];
        frame.generation = frame.generation.wrapping_add(1);
        frame.due = Time::MAX;
        frame.state = State::Free;
        frame.next = self.free;
        self.free = index;
        self.segments.release(&mut frame.segments);
        if frame.flags & flag::RARE != 0 {
            self.rare[index] = Rare::NEW;
        }
    }

    /// The key of a request in a key space: drawn once, the same for all its steps.
    fn item(&self, plan: &Plan, request: Key, space: u32) -> u64 {
        let rank = match &plan.spaces[space as usize] {
            Space::Listed(keys) => keys[(self.number(request) % keys.len() as u64) as usize],
            Space::Scan { items } => self.number(request) % items,
            drawn => drawn.draw(&mut request.draw(self.salts[space as usize])),
        };
        rank | u64::from(space) << 40
    }

    /// The number of a request among those of its source, from 0: its draws tell.
    #[inline(never)]
    fn number(&self, request: Key) -> u64 {
        let of_source = |source: &SourceState| {
            let number = request.child_of(source.key);
            (number < source.number).then_some(number)
        };
        self.sources.0.iter().find_map(of_source).unwrap_or(0)
    }

    /// The shard of an item among so many, by its hash or by its number.
    fn shard(&self, item: u64, shards: u32, modulo: bool) -> u32 {
        let number = if modulo { item & ((1 << 40) - 1) } else { self.spread(item) };
        (number % u64::from(shards)) as u32
    }

    /// A number that spreads items over shards.
    fn spread(&self, item: u64) -> u64 {
        let (space, rank) = (item >> 40, item & ((1 << 40) - 1));
        rng::mix(rank ^ self.salts[space as usize])
    }
}

/// Most tokens of a retry budget, and how many it starts with (gRFC A6: `maxTokens` 10 in its example, full at the start).
const BUDGET: f64 = 10.0;

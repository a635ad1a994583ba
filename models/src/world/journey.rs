//! Journeys: single requests, followed from the moment a user wants an answer until the last attempt on their behalf is over.
//!
//! A run is a pure function of model and seed, so the requests that stood out can be followed in a second run that is the same to
//! the last bit: recording changes nothing. A world that follows nobody only asks whether it does.

use super::Body;
use super::account::Category;
use super::frame::{Frame, Outcome, flag};
use crate::plan::NONE;
use archsim_core::Time;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Which requests to follow.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// So many journeys are kept: the slowest.
    pub most: usize,
    /// Operations of the sources, by their numbers in the plan; empty for all.
    pub classes: Vec<u16>,
    /// Requests that were wanted before are not followed.
    pub from: Time,
    /// Whether only requests are kept that did not end well.
    pub failed: bool,
}

/// A request on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    /// Its number among all requests of the run, from 0 in the order in which they were wanted.
    pub number: u64,
    /// Operation of its source, by its number in the plan.
    pub class: u16,
    /// When the user wanted it.
    pub wanted: Time,
    /// When the user had the answer or gave up for good.
    pub ended: Time,
    /// How it ended.
    pub outcome: Outcome,
    /// The user's side first, then every attempt and branch in the order in which they began.
    pub visits: Vec<Visit>,
}

impl Journey {
    /// What the user saw.
    pub fn latency(&self) -> Time {
        self.ended.since(self.wanted)
    }
}

/// One attempt of a call, or a branch of steps that run at the same time.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Who made it; `None` for the user's side.
    pub parent: Option<u32>,
    /// The edge it came by; `None` for the user's side and for branches.
    pub edge: Option<u32>,
    /// Number of the attempt, 0 for the first.
    pub attempt: u16,
    /// Where it ran; not at the edge's callee if that is a balancer that only passed it on.
    pub instance: u32,
    /// When it began.
    pub began: Time,
    /// When it reached its instance; `None` if it never did.
    pub arrived: Option<Time>,
    /// When its work there was over, and how.
    pub left: Option<(Time, Outcome)>,
    /// When whoever made it stopped waiting for it: what it did from then on was in vain.
    pub abandoned: Option<Time>,
    /// When nothing of it was left; `None` at the end of the run.
    pub over: Option<Time>,
    /// What its time was spent on, in order of time.
    pub stretches: Vec<Stretch>,
}

/// A stretch of a visit's time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Start.
    pub from: Time,
    /// End.
    pub to: Time,
    /// The component it belongs to.
    pub component: u32,
    /// What it was spent on.
    pub category: Category,
}

/// Journeys under way, and the slowest of those that are over.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    wanted: Wanted,
    number: u64,
    /// Under way, by number: with the visits that are not over.
    open: BTreeMap<u64, (Journey, u32)>,
    /// For each frame its journey and visit.
    frames: Vec<Option<(u64, u32)>>,
    /// Kept, by latency; of equals the first.
    kept: BTreeMap<(Time, Reverse<u64>), Option<Journey>>,
}

impl Journal {
    pub(super) fn new(wanted: Wanted) -> Self {
        Journal { wanted, number: 0, open: BTreeMap::new(), frames: vec![], kept: BTreeMap::new() }
    }

    /// The slowest, the slowest first.
    pub(super) fn journeys(mut self) -> Vec<Journey> {
        let open = &mut self.open;
        let journey = |((_, Reverse(number)), kept): (_, Option<Journey>)| {
            kept.or_else(|| open.remove(&number).map(|(journey, _)| journey))
        };
        self.kept.into_iter().rev().filter_map(journey).collect()
    }

    fn visit(&mut self, f: u32) -> Option<&mut Visit> {
        let (number, visit) = self.frames.get(f as usize).copied().flatten()?;
        self.open.get_mut(&number)?.0.visits.get_mut(visit as usize)
    }

    fn begin(&mut self, f: u32, number: u64, visit: Visit) {
        let Some((journey, running)) = self.open.get_mut(&number) else { return };
        if self.frames.len() <= f as usize {
            self.frames.resize(f as usize + 1, None);
        }
        self.frames[f as usize] = Some((number, journey.visits.len() as u32));
        journey.visits.push(visit);
        *running += 1;
    }

    /// A frame is gone; with the last of its request the journey is complete.
    fn release(&mut self, f: u32, now: Time) {
        if let Some(visit) = self.visit(f) {
            visit.over = Some(now);
        }
        let Some((number, _)) = self.frames.get_mut(f as usize).and_then(Option::take) else { return };
        let Some((_, running)) = self.open.get_mut(&number) else { return };
        *running -= 1;
        if *running > 0 {
            return;
        }
        let Some((journey, _)) = self.open.remove(&number) else { return };
        if let Some(kept) = self.kept.get_mut(&(journey.latency(), Reverse(number))) {
            *kept = Some(journey);
        }
    }

    /// The user has the answer. Only the slowest are kept, however many there were.
    fn ended(&mut self, f: u32, now: Time, outcome: Outcome) {
        let Some((number, _)) = self.frames.get(f as usize).copied().flatten() else { return };
        let Some((journey, _)) = self.open.get_mut(&number) else { return };
        (journey.ended, journey.outcome) = (now, outcome);
        if self.wanted.failed && outcome == Outcome::Ok {
            return;
        }
        self.kept.insert((journey.latency(), Reverse(number)), None);
        if self.kept.len() > self.wanted.most {
            self.kept.pop_first();
        }
    }
}

impl Body {
    /// A user wants an answer.
    #[inline(always)]
    pub(super) fn note_wanted(&mut self, f: u32) {
        if self.journal.is_some() {
            self.follow(f);
        }
    }

    #[cold]
    #[inline(never)]
    fn follow(&mut self, f: u32) {
        let (now, frame) = (self.agenda.now(), self.frames[f]);
        let Some(journal) = &mut self.journal else { return };
        let number = journal.number;
        journal.number += 1;
        let Wanted { classes, from, .. } = &journal.wanted;
        if now < *from || !classes.is_empty() && !classes.contains(&frame.class) {
            return;
        }
        let (class, outcome) = (frame.class, Outcome::Ok);
        let journey = Journey { number, class, wanted: now, ended: Time::MAX, outcome, visits: vec![] };
        journal.open.insert(number, (journey, 0));
        journal.begin(f, number, Visit { arrived: Some(now), ..Visit::new(now, frame.instance) });
    }

    /// An attempt begins.
    #[inline(always)]
    pub(super) fn note_attempt(&mut self, f: u32, c: u32, number: u16) {
        if self.journal.is_some() {
            self.begin_attempt(f, c, number);
        }
    }

    #[cold]
    #[inline(never)]
    fn begin_attempt(&mut self, f: u32, c: u32, attempt: u16) {
        let (now, child) = (self.agenda.now(), self.frames[c]);
        let Some((number, parent)) = self.followed(f) else { return };
        let arrived = (child.flags & flag::DIRECT != 0).then_some(now);
        let visit = Visit {
            parent: Some(parent),
            edge: Some(self.frames[f].edge),
            attempt,
            arrived,
            ..Visit::new(now, child.instance)
        };
        self.journal.iter_mut().for_each(|journal| journal.begin(c, number, visit.clone()));
    }

    /// A branch begins.
    #[inline(always)]
    pub(super) fn note_branch(&mut self, f: u32) {
        if self.journal.is_some() {
            self.followed(f);
        }
    }

    /// The journey and visit of a frame. A branch has one from when it is first asked for.
    fn followed(&mut self, f: u32) -> Option<(u64, u32)> {
        let journal = self.journal.as_mut()?;
        if let Some(known) = journal.frames.get(f as usize).copied().flatten() {
            return Some(known);
        }
        let Frame { flags, parent, arrived, instance, .. } = self.frames[f];
        if flags & flag::BRANCH == 0 || parent == NONE {
            return None;
        }
        let (number, made_by) = self.followed(parent)?;
        let visit = Visit { parent: Some(made_by), arrived: Some(arrived), ..Visit::new(arrived, instance) };
        let journal = self.journal.as_mut()?;
        journal.begin(f, number, visit);
        journal.frames[f as usize]
    }

    /// An attempt reaches its instance.
    #[inline(always)]
    pub(super) fn note_arrival(&mut self, f: u32) {
        if self.journal.is_some() {
            let now = self.agenda.now();
            self.note(f, |visit| visit.arrived = Some(now));
        }
    }

    /// The frame's time since its last account was spent on this.
    #[inline(always)]
    pub(super) fn note_stretch(&mut self, f: u32, component: Option<u32>, category: Category) {
        if self.journal.is_some() {
            let (from, to) = (self.frames[f].since, self.agenda.now());
            let component = component.unwrap_or_else(|| self.instances[self.frames[f].instance].component);
            if to > from {
                self.note(f, |visit| visit.stretches.push(Stretch { from, to, component, category }));
            }
        }
    }

    /// The visit is over.
    #[inline(always)]
    pub(super) fn note_end(&mut self, f: u32, outcome: Outcome) {
        if self.journal.is_some() {
            let now = self.agenda.now();
            self.note(f, |visit| visit.left = Some((now, outcome)));
        }
    }

    /// Nobody waits for the attempt any more.
    #[inline(always)]
    pub(super) fn note_abandoned(&mut self, f: u32) {
        if self.journal.is_some() {
            let now = self.agenda.now();
            self.note(f, |visit| visit.abandoned = Some(now));
        }
    }

    /// The user has the answer.
    #[inline(always)]
    pub(super) fn note_answered(&mut self, f: u32, outcome: Outcome) {
        if let Some(journal) = &mut self.journal {
            journal.ended(f, self.agenda.now(), outcome);
        }
    }

    /// The frame is given back.
    #[inline(always)]
    pub(super) fn note_release(&mut self, f: u32) {
        if let Some(journal) = &mut self.journal {
            journal.release(f, self.agenda.now());
        }
    }

    #[cold]
    #[inline(never)]
    fn note(&mut self, f: u32, change: impl FnOnce(&mut Visit)) {
        self.followed(f);
        if let Some(visit) = self.journal.as_mut().and_then(|journal| journal.visit(f)) {
            change(visit);
        }
    }
}

impl Visit {
    fn new(began: Time, instance: u32) -> Self {
        Visit {
            parent: None,
            edge: None,
            attempt: 0,
            instance,
            began,
            arrived: None,
            left: None,
            abandoned: None,
            over: None,
            stretches: vec![],
        }
    }
}

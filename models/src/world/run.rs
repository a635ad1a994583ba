//! The interpreter: events resume frames, frames run instructions until they have to wait.
//!
//! Functions that may hand control to another frame return it (`NONE` when there is nothing more to run now), so that a
//! call into an idle component and its reply cost no event.

use super::Body;
use super::account::{Category, cell};
use super::frame::{Outcome, State, flag};
use super::table::Hot as _;
use crate::plan::*;
use archsim_core::{Dist, Stream, Time};

impl Body {
    /// Reacts to an event: finds the frame that it resumes and runs it, and whoever it hands over to, until all wait.
    ///
    /// This is the only place where the interpreter is inlined, so that the code of a usual event stays together.
    #[inline(always)]
    pub(super) fn handle(&mut self, plan: &Plan, token: u32) {
        let mut f = if token < self.base { self.ring(plan, token) } else { self.resume(plan, token - self.base) };
        while f != NONE {
            f = self.step(plan, f);
        }
    }

    /// The event of a frame. Gives who runs now.
    #[inline(always)]
    pub(super) fn resume(&mut self, plan: &Plan, f: u32) -> u32 {
        let now = self.agenda.now();
        let frame = &self.frames[f];
        if frame.due != now {
            return NONE; // Stale: what it announced has been re-timed or given up.
        }
        match frame.state {
            State::Serving => self.served(f),
            State::Ready => f,
            _ => self.resume_other(plan, f),
        }
    }

    #[inline(never)]
    pub(super) fn resume_other(&mut self, plan: &Plan, f: u32) -> u32 {
        match self.frames[f].state {
            State::Waiting => self.waited(plan, f),
            State::Sent => self.arrived(plan, f),
            State::Replying => self.delivered(plan, f),
            State::Backoff => self.next_attempt(plan, f),
            State::Granted => self.granted(plan, f),
            State::Limited => self.limited(plan, f),
            State::Queued | State::Admission => self.renege(plan, f),
            State::Hedging => self.send_copy(plan, f),
            State::Expired => self.fail(plan, f, Outcome::Rejected),
            _ => NONE,
        }
    }

    /// Runs a frame in the middle of an event.
    #[inline(never)]
    pub(super) fn run(&mut self, plan: &Plan, mut f: u32) {
        while f != NONE {
            f = self.step(plan, f);
        }
    }

    /// Lets a frame run as soon as its turn in this instant comes.
    pub(super) fn soon(&mut self, f: u32) {
        let frame = &mut self.frames[f];
        (frame.state, frame.due) = (State::Ready, self.agenda.now());
        self.agenda.soon(self.base + f);
    }

    /// Schedules a frame's event.
    #[inline(never)]
    pub(super) fn at(&mut self, f: u32, state: State, due: Time) {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        (frame.state, frame.due) = (state, due);
        if due > now {
            self.agenda.schedule(due, self.base + f);
        } else {
            self.agenda.soon(self.base + f);
        }
    }

    /// Accounts the time since the frame's last account to a component and category.
    pub(super) fn spend(&mut self, f: u32, component: u32, category: Category) -> Time {
        let now = self.agenda.now();
        self.note_stretch(f, Some(component), category);
        let frame = &mut self.frames[f];
        let length = now.since(frame.since);
        if length > Time::ZERO {
            self.segments.push(&mut frame.segments, cell(component, category), length.as_nanos());
            frame.since = now;
        }
        length
    }

    /// Accounts the time since the frame's last account to its own waiting.
    #[inline(always)]
    pub(super) fn has_waited(&mut self, f: u32) {
        let now = self.agenda.now();
        self.note_stretch(f, None, Category::Waiting);
        let frame = &mut self.frames[f];
        frame.waited += now.since(frame.since);
        frame.since = now;
    }

    /// Accounts the time since the frame's last account to its own work.
    #[inline(always)]
    pub(super) fn has_worked(&mut self, f: u32) {
        let now = self.agenda.now();
        self.note_stretch(f, None, Category::Work);
        let frame = &mut self.frames[f];
        frame.worked += now.since(frame.since);
        frame.since = now;
    }

    /// Runs one frame until it waits or hands over; gives who runs next.
    #[inline(always)]
    pub(super) fn step(&mut self, plan: &Plan, f: u32) -> u32 {
        let mut pc = self.frames[f].pc;
        loop {
            let op = *plan.ops.hot(pc);
            pc += 1;
            // The cursor is stored only where somebody may look at it.
            let frame = &mut self.frames[f];
            match op {
                Op::Compute { dist, site, cores } => {
                    let work = plan.dists.hot(dist).sample(&mut frame.key.draw(draw_site(site, frame.lap)));
                    frame.work = Time::from_nanos_f64(work);
                    (frame.cores, frame.pc) = (cores, pc);
                    self.seize(f);
                    return NONE;
                }
                Op::Call { call } => {
                    frame.pc = pc;
                    return self.begin_call(plan, f, call);
                }
                Op::Reply => return self.reply(plan, f, Outcome::Ok),
                Op::Finish => return self.finish_request(plan, f, Outcome::Ok),
                Op::IfHit { to } => {
                    if frame.flags & flag::HIT != 0 {
                        pc = to;
                    }
                }
                Op::Cache { cache, op } => {
                    frame.pc = pc;
                    if !self.cache(plan, f, cache, op) {
                        return NONE;
                    }
                }
                other => {
                    frame.pc = pc;
                    match self.other_op(plan, f, other) {
                        Step::On => pc = self.frames[f].pc,
                        Step::To(next) => return next,
                    }
                }
            }
        }
    }

    /// The instructions that are less common.
    #[inline(never)]
    fn other_op(&mut self, plan: &Plan, f: u32, op: Op) -> Step {
        let frame = &mut self.frames[f];
        match op {
            Op::Jump { to } => frame.pc = to,
            Op::ComputeInTurn { dist, cores } => {
                frame.cores = cores;
                let work = self.in_turn(plan, dist);
                self.frames[f].work = Time::from_nanos_f64(work);
                self.seize(f);
                return Step::To(NONE);
            }
            Op::Maybe { chance, site, otherwise } => {
                if !frame.key.draw(draw_site(site, frame.lap)).chance(*plan.chances.hot(chance)) {
                    frame.pc = otherwise;
                }
            }
            Op::Choose { choice, site } => {
                let draw = frame.key.draw(draw_site(site, frame.lap)).uniform();
                let table = &plan.choices.hot(choice);
                let chosen = table.partition_point(|(cumulative, _)| *cumulative <= draw);
                if let Some((_, to)) = table.get(chosen.min(table.len().saturating_sub(1))) {
                    frame.pc = *to;
                }
            }
            Op::LoopStart { times, end } => {
                if times == 0 {
                    frame.pc = end;
                }
                self.rare(f).rounds = times;
            }
            Op::LoopEnd { start } => {
                frame.lap += 1;
                if frame.lap.is_multiple_of(64) {
                    self.segments.fold(&mut frame.segments);
                }
                let rounds = &mut self.rare[f].rounds;
                *rounds -= 1;
                if *rounds > 0 {
                    frame.pc = start;
                }
            }
            Op::Again { chance, site, start } => {
                let again = frame.key.draw(draw_site(site, frame.lap)).chance(*plan.chances.hot(chance));
                frame.lap += 1;
                if frame.lap.is_multiple_of(64) {
                    self.segments.fold(&mut frame.segments);
                }
                if again {
                    frame.pc = start;
                }
            }
            Op::Fail { chance, site } => {
                if frame.key.draw(draw_site(site, frame.lap)).chance(*plan.chances.hot(chance)) {
                    return Step::To(self.fail(plan, f, Outcome::Error));
                }
            }
            Op::Raise => {
                let outcome = frame.outcome;
                return Step::To(self.fail(plan, f, outcome));
            }
            Op::Fork { fork } => {
                self.start_branches(plan, f, fork);
                return Step::To(NONE);
            }
            Op::Hedge { copies, number } => {
                if !self.begin_copy(plan, f, copies, number) {
                    return Step::To(NONE);
                }
            }
            Op::Join => return Step::To(self.joined(plan, f, Outcome::Ok)),
            Op::Batch { batch } => {
                self.join_batch(plan, f, batch);
                return Step::To(NONE);
            }
            Op::BatchRounds => {
                let rounds = self.batch_size(f);
                self.rare(f).rounds = rounds;
            }
            Op::BatchEnd { batch, failed } => {
                self.end_batch(plan, f, batch, failed);
                return Step::To(NONE);
            }
            Op::Lock { lock } => {
                if !self.lock(f, lock) {
                    return Step::To(NONE);
                }
            }
            Op::Unlock { lock } => self.unlock(f, lock),
            Op::After { start, site } => self.remember_after(f, start, site),
            Op::Append { topic } => match &plan.topics[topic as usize].bound {
                None => self.append(plan, f, topic),
                Some(bound) => {
                    if let Some(next) = self.append_bounded(plan, f, topic, bound) {
                        return Step::To(next);
                    }
                }
            },
            Op::Replicate { replicate } => self.replicate(plan, f, replicate),
            Op::WriteVersion { versions } => self.write_version(plan, f, versions),
            Op::ReadVersion { versions } => self.read_version(plan, f, versions),
            Op::Version { versions, what } => self.version(plan, f, versions, what),
            Op::Applied { versions } => {
                if versions != NONE {
                    self.apply_version(plan, f, versions);
                }
                self.applied(f);
                return Step::To(NONE);
            }
            Op::NextMessage { consumer } => {
                if !self.next_message(plan, f, consumer) {
                    return Step::To(NONE);
                }
            }
            Op::Handled { consumer } => self.handled(plan, f, consumer),
            Op::Unhandled { consumer, dead } => return Step::To(self.unhandled(plan, f, consumer, dead)),
            Op::Wait { dist, site } => {
                let mut draw = frame.key.draw(draw_site(site, frame.lap));
                let pause = self.time(plan, dist, &mut draw);
                let due = self.agenda.now() + Time::from_nanos_f64(pause);
                self.at(f, State::Waiting, due);
                return Step::To(NONE);
            }
            Op::Compute { .. } | Op::Call { .. } | Op::IfHit { .. } | Op::Cache { .. } | Op::Reply | Op::Finish => {
                unreachable!("common instructions are handled before")
            }
        }
        Step::On
    }
}

impl Body {
    /// A draw of a distribution: by chance from its stream, or in turn.
    #[inline(always)]
    pub(super) fn time(&mut self, plan: &Plan, dist: u32, draw: &mut Stream) -> f64 {
        match plan.dists.hot(dist) {
            Dist::Sequence(_) => self.in_turn(plan, dist),
            law => law.sample(draw),
        }
    }

    /// The next value of a distribution whose values are taken in turn.
    #[cold]
    #[inline(never)]
    fn in_turn(&mut self, plan: &Plan, dist: u32) -> f64 {
        let turn = &mut self.turns[dist as usize];
        *turn += 1;
        plan.dists[dist as usize].in_turn(*turn - 1).unwrap_or(0.0)
    }
}

/// What an instruction leads to.
enum Step {
    /// The frame goes on.
    On,
    /// The frame waits or hands over to this one.
    To(u32),
}

/// Marks a frame whose shared station is a link.
pub(super) const TRANSFER: u32 = NONE - 1;

/// The site of a draw: the step, and the visit to it.
#[inline(always)]
pub(super) fn draw_site(site: u32, lap: u32) -> u64 {
    u64::from(site) | u64::from(lap) << 32
}

/// Work at a speed.
#[inline(always)]
pub(super) fn stretched(work: Time, speed: f64) -> Time {
    if speed == 1.0 {
        return work;
    }
    Time::from_nanos_f64(work.as_nanos() as f64 / speed)
}

/// What a caller is told when something that the callee needed has failed.
pub(super) fn inherited(outcome: Outcome) -> Outcome {
    if outcome == Outcome::Cancelled { outcome } else { Outcome::Error }
}

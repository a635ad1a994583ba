//! The interpreter: events resume frames, frames run instructions until they have to wait.
//!
//! Functions that may hand control to another frame return it (`NONE` when there is nothing more to run now), so that a
//! call into an idle component and its reply cost no event.

use super::Body;
use super::account::{Category, EMPTY, cell};
use super::frame::{Outcome, State, flag};
use super::station::{Order, Station};
use super::table::Hot as _;
use crate::plan::*;
use archsim_core::Time;
use std::cmp::Reverse;

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
    fn resume(&mut self, plan: &Plan, f: u32) -> u32 {
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
    fn resume_other(&mut self, plan: &Plan, f: u32) -> u32 {
        match self.frames[f].state {
            State::Waiting => self.waited(plan, f),
            State::Sent => self.arrived(plan, f),
            State::Replying => self.delivered(plan, f),
            State::Backoff => self.next_attempt(plan, f),
            State::Granted => self.granted(plan, f),
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
        let frame = &mut self.frames[f];
        frame.waited += now.since(frame.since);
        frame.since = now;
    }

    /// Accounts the time since the frame's last account to its own work.
    #[inline(always)]
    pub(super) fn has_worked(&mut self, f: u32) {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        frame.worked += now.since(frame.since);
        frame.since = now;
    }

    /// Runs one frame until it waits or hands over; gives who runs next.
    #[inline(always)]
    fn step(&mut self, plan: &Plan, f: u32) -> u32 {
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
            Op::Join => return Step::To(self.joined(plan, f, Outcome::Ok)),
            Op::Lock { lock } => {
                if !self.lock(f, lock) {
                    return Step::To(NONE);
                }
            }
            Op::Unlock { lock } => self.unlock(f, lock),
            Op::After { start, site } => self.remember_after(f, start, site),
            Op::Limit { limit } => {
                if !self.admit_by_rate(plan, limit) {
                    return Step::To(self.fail(plan, f, Outcome::Rejected));
                }
            }
            Op::Append { topic } => self.append(plan, f, topic),
            Op::Replicate { replicate } => self.replicate(plan, f, replicate),
            Op::Applied => {
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
                let pause = plan.dists.hot(dist).sample(&mut frame.key.draw(draw_site(site, frame.lap)));
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

    // ---- stations

    /// Asks the instance's cores for what the frame wants: starts, or joins the queue.
    #[inline(always)]
    fn seize(&mut self, f: u32) {
        let frame = &self.frames[f];
        let Instance { cores: station, speed, .. } = self.instances[frame.instance];
        let s = &mut self.stations[station];
        if !s.order.is_list() {
            return self.seize_in_turn(f, station);
        }
        let now = self.agenda.now();
        if s.queued == 0 && s.servers - s.busy >= frame.cores {
            s.start(frame.cores, now);
            let due = now + stretched(frame.work, speed);
            return self.at(f, State::Serving, due);
        }
        let frame = &mut self.frames[f];
        (frame.state, frame.due) = (State::Queued, Time::MAX);
        s.join(now);
        self.link(f, station);
    }

    /// The same where the discipline has more to say.
    #[inline(never)]
    fn seize_in_turn(&mut self, f: u32, station: u32) {
        let (now, cores) = (self.agenda.now(), self.frames[f].cores);
        let s = &mut self.stations[station];
        match s.order {
            Order::Sharing => return self.share(f, station),
            Order::Preemptive => {
                self.order += 1;
                let turn = self.order;
                self.rare(f).turn = turn;
            }
            Order::Fifo | Order::Lifo | Order::Priority => {}
        }
        let s = &mut self.stations[station];
        if s.queued == 0 && s.servers - s.busy >= cores {
            s.start(cores, now);
            return self.serve(f, station);
        }
        if s.order == Order::Preemptive && self.preempt(f, station) {
            return;
        }
        self.enqueue(f, station, State::Queued);
    }

    /// Starts the work of a frame that has its cores.
    #[inline(always)]
    fn serve(&mut self, f: u32, station: u32) {
        let frame = &self.frames[f];
        let speed = self.instances[frame.instance].speed;
        let due = self.agenda.now() + stretched(frame.work, speed);
        if self.stations[station].order == Order::Preemptive {
            let extra = self.stations[station].extra;
            self.priorities[extra as usize].serving.push(f);
        }
        self.at(f, State::Serving, due);
    }

    /// Joins the queue of a station in its order.
    pub(super) fn enqueue(&mut self, f: u32, station: u32, state: State) {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        (frame.state, frame.due) = (state, Time::MAX);
        let s = &mut self.stations[station];
        s.join(now);
        match s.order {
            Order::Priority | Order::Preemptive => {
                let (extra, class, generation) = (s.extra, frame.class, frame.generation);
                let turn = self.turn(f);
                let entry = Reverse((self.urgency(class), turn, f, generation));
                self.priorities[extra as usize].waiting.push(entry);
            }
            Order::Fifo | Order::Lifo | Order::Sharing => self.link(f, station),
        }
    }

    /// Puts a frame into a queue that is a list.
    #[inline(always)]
    fn link(&mut self, f: u32, station: u32) {
        let s = &mut self.stations[station];
        if s.order == Order::Lifo {
            self.frames[f].next = s.head;
            s.head = f;
            if s.tail == NONE {
                s.tail = f;
            }
            return;
        }
        self.frames[f].next = NONE;
        let tail = std::mem::replace(&mut s.tail, f);
        if tail == NONE {
            s.head = f;
        } else {
            self.frames[tail].next = f;
        }
    }

    /// How urgent the requests of a class are.
    fn urgency(&self, class: u16) -> u8 {
        self.quick.classes[u32::from(class)].priority
    }

    /// The place of a frame among equals.
    fn turn(&mut self, f: u32) -> u64 {
        if self.rare[f].turn == 0 {
            self.order += 1;
            let turn = self.order;
            self.rare(f).turn = turn;
        }
        self.rare[f].turn
    }

    /// The first of the queue whose request is still wanted, without taking it.
    fn first_in_queue(&mut self, station: u32) -> u32 {
        let s = &self.stations[station];
        if matches!(s.order, Order::Priority | Order::Preemptive) {
            let queue = &mut self.priorities[s.extra as usize].waiting;
            while let Some(&Reverse((_, _, f, generation))) = queue.peek() {
                let frame = &self.frames[f];
                if frame.generation == generation && matches!(frame.state, State::Queued | State::Admission) {
                    return f;
                }
                queue.pop();
            }
            return NONE;
        }
        loop {
            let head = self.stations[station].head;
            if head == NONE || self.frames[head].state != State::Dead {
                return head;
            }
            self.unlink_head(station);
            self.release_frame(head);
        }
    }

    fn unlink_head(&mut self, station: u32) {
        let s = &mut self.stations[station];
        s.head = self.frames[s.head].next;
        if s.head == NONE {
            s.tail = NONE;
        }
    }

    /// Takes the first of the queue if its turn has come: `free` servers are there.
    #[inline(always)]
    fn take_from_queue(&mut self, station: u32) -> u32 {
        if self.stations[station].queued == 0 {
            return NONE;
        }
        self.take_waiting(station)
    }

    fn take_waiting(&mut self, station: u32) -> u32 {
        let f = self.first_in_queue(station);
        if f == NONE {
            return NONE;
        }
        let s = &self.stations[station];
        let wanted = if self.frames[f].state == State::Queued { self.frames[f].cores } else { 1 };
        if s.servers - s.busy < wanted {
            return NONE;
        }
        if matches!(s.order, Order::Priority | Order::Preemptive) {
            self.priorities[s.extra as usize].waiting.pop();
        } else {
            self.unlink_head(station);
        }
        let now = self.agenda.now();
        self.stations[station].leave(now);
        f
    }

    /// Gives cores back and starts whoever is next.
    pub(super) fn free_cores(&mut self, station: u32, cores: u32) {
        let now = self.agenda.now();
        self.stations[station].stop(cores, now);
        if self.stations[station].order.is_list() {
            return self.start_listed(station);
        }
        loop {
            let next = self.take_from_queue(station);
            if next == NONE {
                return;
            }
            self.has_waited(next);
            if self.is_expired(next, now) {
                self.at(next, State::Expired, now);
                continue;
            }
            let cores = self.frames[next].cores;
            self.stations[station].start(cores, now);
            self.serve(next, station);
        }
    }

    /// Starts those at the head of a queue that is a list while there is room for them.
    fn start_listed(&mut self, station: u32) {
        let now = self.agenda.now();
        loop {
            let s = &mut self.stations[station];
            if s.queued == 0 {
                return;
            }
            let f = s.head;
            let frame = &mut self.frames[f];
            let stopped = frame.state == State::Dead;
            if !stopped && s.servers - s.busy < frame.cores {
                return;
            }
            s.head = frame.next;
            if s.head == NONE {
                s.tail = NONE;
            }
            if stopped {
                self.release_frame(f);
                continue;
            }
            s.leave(now);
            frame.waited += now.since(frame.since);
            frame.since = now;
            let (cores, work, instance) = (frame.cores, frame.work, frame.instance);
            if self.is_expired(f, now) {
                self.at(f, State::Expired, now);
                continue;
            }
            self.stations[station].start(cores, now);
            let due = now + stretched(work, self.instances[instance].speed);
            self.at(f, State::Serving, due);
        }
    }

    /// The work of a frame is done.
    #[inline(always)]
    fn served(&mut self, f: u32) -> u32 {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        frame.worked += now.since(frame.since);
        frame.since = now;
        frame.state = State::Ready;
        let (cores, station) = (frame.cores, self.instances[frame.instance].cores);
        let s = &mut self.stations[station];
        if !s.order.is_list() {
            self.served_in_turn(f, station, cores);
            return f;
        }
        s.stop(cores, now);
        if s.queued > 0 {
            self.start_listed(station);
        }
        f
    }

    /// The same where the discipline has more to say.
    #[inline(never)]
    fn served_in_turn(&mut self, f: u32, station: u32, cores: u32) {
        let Station { order, extra, .. } = self.stations[station];
        if order == Order::Preemptive {
            self.priorities[extra as usize].serving.retain(|other| *other != f);
        }
        self.rare[f].turn = 0;
        self.free_cores(station, cores);
    }

    /// A pause is over.
    #[inline(always)]
    fn waited(&mut self, plan: &Plan, f: u32) -> u32 {
        let frame = &self.frames[f];
        if frame.flags & flag::ROOT != 0 {
            return self.wants(plan, f);
        }
        self.has_worked(f);
        self.frames[f].state = State::Ready;
        f
    }

    /// Interrupts the least urgent in service if the frame is more urgent; it waits in front of its class with the rest of its work.
    fn preempt(&mut self, f: u32, station: u32) -> bool {
        let now = self.agenda.now();
        let extra = self.stations[station].extra as usize;
        let frame = &self.frames[f];
        let (priority, wanted) = (self.urgency(frame.class), frame.cores);
        let serving = &self.priorities[extra].serving;
        let urgency = |other: &u32| self.urgency(self.frames[*other].class);
        let Some(victim) = serving.iter().copied().max_by_key(|o| (urgency(o), self.frames[*o].since)) else {
            return false;
        };
        let held = self.frames[victim].cores;
        let s = &self.stations[station];
        if urgency(&victim) <= priority || s.servers - s.busy + held < wanted {
            return false;
        }
        let speed = self.instances[self.frames[victim].instance].speed;
        let left = self.frames[victim].due - now;
        self.has_worked(victim);
        let other = &mut self.frames[victim];
        other.work = stretched(left, 1.0 / speed);
        self.priorities[extra].serving.retain(|o| *o != victim);
        self.stations[station].stop(held, now);
        self.enqueue(victim, station, State::Queued);
        self.stations[station].start(wanted, now);
        self.serve(f, station);
        true
    }

    // ---- processor sharing

    fn share(&mut self, f: u32, station: u32) {
        let now = self.agenda.now();
        let servers = self.stations[station].servers;
        let extra = self.stations[station].extra as usize;
        self.order += 1;
        let order = self.order;
        let frame = &mut self.frames[f];
        (frame.state, frame.due) = (State::Serving, Time::MAX);
        let shared = &mut self.shared[extra];
        shared.advance(now, servers);
        let end = shared.attained + frame.work.as_nanos() as f64;
        shared.jobs.push(Reverse((end.to_bits(), order, f, frame.generation)));
        shared.present += 1;
        if shared.present <= servers {
            self.stations[station].start(1, now);
        }
        self.time_shared(station);
    }

    /// Schedules the alarm for the next end; a later end waits for the alarm that is pending.
    pub(super) fn time_shared(&mut self, station: u32) {
        let now = self.agenda.now();
        let servers = self.stations[station].servers;
        let extra = self.stations[station].extra as usize;
        let shared = &mut self.shared[extra];
        let Some(end) = shared.next_end(now, servers) else { return };
        if end < shared.alarm {
            shared.alarm = end;
            let token = self.sharing_alarms[extra];
            if end > now { self.agenda.schedule(end, token) } else { self.agenda.soon(token) }
        }
    }

    pub(super) fn ring_shared(&mut self, plan: &Plan, station: u32) {
        let now = self.agenda.now();
        let servers = self.stations[station].servers;
        let extra = self.stations[station].extra as usize;
        if self.shared[extra].alarm != now {
            return;
        }
        self.shared[extra].alarm = Time::MAX;
        self.shared[extra].advance(now, servers);
        loop {
            let shared = &mut self.shared[extra];
            let Some(&Reverse((end, _, f, generation))) = shared.jobs.peek() else { break };
            let frame = &self.frames[f];
            let stopped = frame.generation != generation || frame.state != State::Serving;
            let left = f64::from_bits(end) - shared.attained;
            // Half a nanosecond of work is less than the clock can tell.
            if !stopped && left > 0.5 * shared.rate(servers) {
                break;
            }
            shared.jobs.pop();
            if stopped {
                continue;
            }
            self.leave_shared(station);
            let next = self.shared_end(plan, f);
            self.run(plan, next);
        }
        self.time_shared(station);
    }

    /// One less at a shared station.
    pub(super) fn leave_shared(&mut self, station: u32) {
        let now = self.agenda.now();
        let s = &mut self.stations[station];
        let (servers, extra) = (s.servers, s.extra as usize);
        self.shared[extra].advance(now, servers);
        if self.shared[extra].present <= servers {
            s.stop(1, now);
        }
        self.shared[extra].present -= 1;
        if self.shared[extra].present == 0 {
            self.shared[extra].attained = 0.0;
        }
    }

    fn shared_end(&mut self, plan: &Plan, f: u32) -> u32 {
        let frame = &mut self.frames[f];
        if frame.call == TRANSFER {
            frame.call = NONE;
            return self.transferred(plan, f);
        }
        // What is not work at full speed is waiting, but they cannot be told apart in time: all of it is service.
        self.has_worked(f);
        self.frames[f].state = State::Ready;
        f
    }

    /// Puts a message on a shared link.
    pub(super) fn transfer(&mut self, f: u32, link: u32, work: Time) {
        let frame = &mut self.frames[f];
        (frame.call, frame.work) = (TRANSFER, work);
        self.share(f, link);
    }

    /// Changes the speed of an instance and re-times what is in service.
    pub(super) fn set_speed(&mut self, instance: u32, speed: f64) {
        let now = self.agenda.now();
        let Instance { cores, speed: before, .. } = self.instances[instance];
        self.instances[instance].speed = speed;
        if self.stations[cores].order == Order::Sharing {
            let (servers, extra) = (self.stations[cores].servers, self.stations[cores].extra as usize);
            self.shared[extra].advance(now, servers);
            self.shared[extra].speed = speed;
            self.shared[extra].alarm = Time::MAX;
            return self.time_shared(cores);
        }
        if speed == before {
            return;
        }
        for f in 0..self.frames.len() as u32 {
            let frame = &self.frames[f];
            if frame.state == State::Serving && frame.instance == instance && frame.due != Time::MAX {
                let due = now + stretched(frame.due - now, speed / before);
                self.at(f, State::Serving, due);
            }
        }
    }

    // ---- admission

    /// A request reaches its instance: refused, queued for a slot, or started.
    #[inline(always)]
    pub(super) fn arrived(&mut self, plan: &Plan, f: u32) -> u32 {
        let now = self.agenda.now();
        let frame = &self.frames[f];
        let Instance { component, slots, up, silent, .. } = self.instances[frame.instance];
        if frame.since < now {
            self.spend(f, component, Category::Network);
        }
        let frame = &mut self.frames[f];
        frame.arrived = now;
        frame.flags |= flag::VISIT;
        frame.state = State::Ready;
        self.measure.enter(component, now);
        if !up || self.is_expired(f, now) {
            return self.refuse(plan, f, up, silent);
        }
        if slots == NONE { f } else { self.admit(plan, f, slots) }
    }

    /// The same for a new frame that has come by a plain edge: its time begins here, and no deadline travels along.
    #[inline(always)]
    pub(super) fn arrived_at_once(&mut self, plan: &Plan, f: u32) -> u32 {
        let now = self.agenda.now();
        let Instance { component, slots, up, silent, .. } = self.instances[self.frames[f].instance];
        self.measure.enter(component, now);
        if !up {
            return self.refuse(plan, f, up, silent);
        }
        if slots == NONE { f } else { self.admit(plan, f, slots) }
    }

    /// A slot, a place in the queue for one, or a rejection.
    fn admit(&mut self, plan: &Plan, f: u32, slots: u32) -> u32 {
        let now = self.agenda.now();
        let s = &mut self.stations[slots];
        if s.busy < s.servers && s.queued == 0 {
            s.start(1, now);
            self.frames[f].flags |= flag::SLOT;
            return f;
        }
        if s.queued >= s.room {
            return self.fail(plan, f, Outcome::Rejected);
        }
        self.enqueue(f, slots, State::Admission);
        NONE
    }

    #[cold]
    fn refuse(&mut self, plan: &Plan, f: u32, up: bool, silent: bool) -> u32 {
        if up {
            return self.fail(plan, f, Outcome::Rejected);
        }
        if silent {
            self.leave(f, Outcome::Crashed);
            self.vanish(f);
            return NONE;
        }
        self.fail(plan, f, Outcome::Crashed)
    }

    /// Gives a slot back and admits whoever is next.
    pub(super) fn free_slot(&mut self, slots: u32) {
        let now = self.agenda.now();
        self.stations[slots].stop(1, now);
        let next = self.take_from_queue(slots);
        if next != NONE {
            self.has_waited(next);
            self.frames[next].flags |= flag::SLOT;
            self.stations[slots].start(1, now);
            if self.is_expired(next, now) { self.at(next, State::Expired, now) } else { self.soon(next) }
        }
    }

    // ---- leaving

    /// A visit ends: the slot is free, the component's books are closed on it.
    #[inline(always)]
    pub(super) fn leave(&mut self, f: u32, outcome: Outcome) {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        if frame.flags & flag::VISIT == 0 {
            return;
        }
        frame.flags &= !flag::VISIT;
        let held = frame.flags & flag::SLOT != 0;
        let Instance { component, slots, observed, .. } = self.instances[frame.instance];
        let row = self.measure.exit(component, now);
        row.outcomes[outcome as usize] += 1;
        if observed && outcome == Outcome::Ok {
            row.waiting.record(frame.waited.as_nanos());
            row.service.record(frame.worked.as_nanos());
            row.sojourn.record(now.since(frame.arrived).as_nanos());
        }
        if held {
            frame.flags &= !flag::SLOT;
            self.free_slot(slots);
        }
    }

    /// The program is over: the reply starts on its way back.
    #[inline(always)]
    pub(super) fn reply(&mut self, plan: &Plan, f: u32, outcome: Outcome) -> u32 {
        self.frames[f].outcome = outcome;
        self.leave(f, outcome);
        let Frame { parent, flags, .. } = self.frames[f];
        if flags & flag::RARE != 0 {
            self.start_after(f);
        }
        if parent == NONE {
            self.release_frame(f);
            return NONE;
        }
        if flags & flag::PLAIN != 0 {
            return self.deliver(plan, f);
        }
        self.send_back(plan, f)
    }

    /// The program cannot go on.
    pub(super) fn fail(&mut self, plan: &Plan, f: u32, outcome: Outcome) -> u32 {
        let lock = self.rare[f].lock;
        if lock != NONE {
            self.unlock(f, lock);
        }
        self.forget_after(f);
        let flags = self.frames[f].flags;
        if flags & flag::ROOT != 0 {
            return self.finish_request(plan, f, outcome);
        }
        if flags & flag::BRANCH != 0 {
            return self.joined(plan, f, outcome);
        }
        self.reply(plan, f, outcome)
    }

    // ---- branches

    fn start_branches(&mut self, plan: &Plan, f: u32, fork: u32) {
        let now = self.agenda.now();
        let fork_plan = &plan.forks.hot(fork);
        let frame = &mut self.frames[f];
        (frame.state, frame.due, frame.call, frame.child) = (State::Gathering, Time::MAX, fork, NONE);
        frame.since = now;
        let parent = *frame;
        let rare = self.rare(f);
        (rare.need, rare.left) = (fork_plan.need as u16, fork_plan.branches.len() as u16);
        let (deadline, item) = (rare.deadline, rare.item);
        let mut first = NONE;
        for (index, &(start, place)) in fork_plan.branches.iter().enumerate().rev() {
            let key = parent.key.child(draw_site(fork_plan.site, parent.lap) << 16 | index as u64);
            let instance = match place {
                Place::Here => parent.instance,
                Place::Shard { first, from } => self.copy(first, from, &mut key.draw(PLACE)),
            };
            let b = self.allocate(key, parent.request, start, instance);
            let branch = &mut self.frames[b];
            (branch.parent, branch.parent_generation, branch.flags) = (f, parent.generation, flag::BRANCH);
            branch.class = parent.class;
            let rare = self.rare(b);
            (rare.sibling, rare.deadline, rare.item) = (first, deadline, item);
            first = b;
        }
        self.frames[f].child = first;
        let mut branch = first;
        for &(_, place) in &fork_plan.branches {
            let next = self.rare[branch].sibling;
            if place == Place::Here {
                self.soon(branch)
            } else {
                self.at(branch, State::Sent, now)
            }
            branch = next;
        }
    }

    /// A branch has ended. Gives the parent if it can go on.
    fn joined(&mut self, plan: &Plan, b: u32, outcome: Outcome) -> u32 {
        self.leave(b, outcome);
        let branch = self.frames[b];
        let p = branch.parent;
        let wanted = self.frames[p].generation == branch.parent_generation && self.frames[p].state == State::Gathering;
        let after = self.rare[b].after;
        if after != NONE {
            if wanted && outcome == Outcome::Ok {
                // The steps after the reply are the parent's now.
                self.rare(after).sibling = self.rare[p].after;
                self.rare(p).after = after;
                self.rare(b).after = NONE;
            } else {
                self.forget_after(b);
            }
        }
        if !wanted {
            self.release_frame(b);
            return NONE;
        }
        self.unlink_branch(p, b);
        let fork = self.frames[p].call;
        if outcome == Outcome::Ok {
            let rare = self.rare(p);
            rare.need -= 1;
            rare.left -= 1;
            if rare.need > 0 {
                self.release_frame(b);
                return NONE;
            }
            let list = std::mem::replace(&mut self.frames[b].segments, EMPTY);
            let parent = &mut self.frames[p];
            self.segments.append(&mut parent.segments, list);
            parent.waited += branch.waited;
            parent.worked += branch.worked;
            self.gathered(p);
            self.release_frame(b);
            return p;
        }
        let rare = self.rare(p);
        rare.left -= 1;
        if rare.left >= rare.need {
            self.release_frame(b);
            return NONE;
        }
        // The branch that made it impossible tells where the time went.
        let list = std::mem::replace(&mut self.frames[b].segments, EMPTY);
        let parent = &mut self.frames[p];
        self.segments.append(&mut parent.segments, list);
        parent.outcome = outcome;
        parent.waited += branch.waited;
        parent.worked += branch.worked;
        self.gathered(p);
        self.release_frame(b);
        match plan.forks.hot(fork).on_error {
            NONE => self.fail(plan, p, inherited(outcome)),
            to => {
                self.frames[p].pc = to;
                p
            }
        }
    }

    pub(super) fn unlink_branch(&mut self, p: u32, b: u32) {
        let after = self.rare[b].sibling;
        if self.frames[p].child == b {
            self.frames[p].child = after;
            return;
        }
        let mut at = self.frames[p].child;
        while at != NONE {
            let next = self.rare[at].sibling;
            if next == b {
                self.rare(at).sibling = after;
                return;
            }
            at = next;
        }
    }

    /// Enough branches have ended: the others are on their own.
    fn gathered(&mut self, p: u32) {
        let parent = &mut self.frames[p];
        parent.generation = parent.generation.wrapping_add(1);
        (parent.state, parent.child, parent.since) = (State::Ready, NONE, self.agenda.now());
    }

    // ---- locks

    fn lock(&mut self, f: u32, lock: u32) -> bool {
        let now = self.agenda.now();
        let frame = &mut self.frames[f];
        if !self.locks[lock as usize].held {
            self.locks[lock as usize].held = true;
            self.rare(f).lock = lock;
            return true;
        }
        (frame.state, frame.due, frame.since) = (State::Locked, Time::MAX, now);
        self.locks[lock as usize].waiting.push_back((f, frame.generation));
        false
    }

    pub(super) fn unlock(&mut self, f: u32, lock: u32) {
        self.rare(f).lock = NONE;
        while let Some((next, generation)) = self.locks[lock as usize].waiting.pop_front() {
            let frame = &self.frames[next];
            if frame.generation == generation && frame.state == State::Locked {
                self.has_waited(next);
                self.rare(next).lock = lock;
                return self.soon(next);
            }
        }
        self.locks[lock as usize].held = false;
    }

    // ---- steps after the reply

    fn remember_after(&mut self, f: u32, start: u32, site: u32) {
        let parent = self.frames[f];
        let key = parent.key.child(draw_site(site, parent.lap) << 16 | 0xAF);
        let a = self.allocate(key, parent.request, start, parent.instance);
        let frame = &mut self.frames[a];
        (frame.state, frame.class) = (State::Pending, parent.class);
        let before = std::mem::replace(&mut self.rare(f).after, a);
        self.rare(a).sibling = before;
    }

    fn start_after(&mut self, f: u32) {
        let mut a = std::mem::replace(&mut self.rare[f].after, NONE);
        while a != NONE {
            let next = std::mem::replace(&mut self.rare[a].sibling, NONE);
            self.frames[a].since = self.agenda.now();
            self.soon(a);
            a = next;
        }
    }

    pub(super) fn forget_after(&mut self, f: u32) {
        let mut a = std::mem::replace(&mut self.rare[f].after, NONE);
        while a != NONE {
            let next = self.rare[a].sibling;
            self.release_frame(a);
            a = next;
        }
    }

    fn admit_by_rate(&mut self, plan: &Plan, limit: u32) -> bool {
        let (now, plan) = (self.agenda.now(), plan.limits[limit as usize]);
        let bucket = &mut self.buckets[limit as usize];
        let grown = bucket.tokens + (now - bucket.at).as_nanos() as f64 * plan.per_nanosecond;
        (bucket.tokens, bucket.at) = (grown.min(plan.burst), now);
        let admitted = bucket.tokens >= 1.0;
        if admitted {
            bucket.tokens -= 1.0;
        }
        admitted
    }
}

use super::Instance;
use super::frame::Frame;

/// What an instruction leads to.
enum Step {
    /// The frame goes on.
    On,
    /// The frame waits or hands over to this one.
    To(u32),
}

/// Marks a frame whose shared station is a link.
pub(super) const TRANSFER: u32 = NONE - 1;

/// The draw that places a branch.
const PLACE: u64 = u64::MAX - 1;

/// The site of a draw: the step, and the visit to it.
#[inline(always)]
pub(super) fn draw_site(site: u32, lap: u32) -> u64 {
    u64::from(site) | u64::from(lap) << 32
}

/// Work at a speed.
#[inline(always)]
fn stretched(work: Time, speed: f64) -> Time {
    if speed == 1.0 {
        return work;
    }
    Time::from_nanos_f64(work.as_nanos() as f64 / speed)
}

/// What a caller is told when something that the callee needed has failed.
pub(super) fn inherited(outcome: Outcome) -> Outcome {
    if outcome == Outcome::Cancelled { outcome } else { Outcome::Error }
}

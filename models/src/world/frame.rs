//! Frames: what is in progress. A frame is one request at one component, or a branch of it, or a consumer thread; a
//! cursor into a program with the state of the call it waits for. They live in a slab and are reused.

use super::account::{EMPTY, List};
use crate::plan::NONE;
use archsim_core::{Key, Time};

/// What a frame waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    /// In no use.
    Free,
    /// Its next instruction runs now or as soon as its turn in this instant comes.
    Ready,
    /// On the network towards the callee.
    Sent,
    /// On the network back.
    Replying,
    /// Until it is time for this copy of a call.
    Hedging,
    /// For its token of the instance's rate limiter.
    Limited,
    /// For a slot of the instance.
    Admission,
    /// For a core or worker.
    Queued,
    /// Its work to be done.
    Serving,
    /// A pause to end.
    Waiting,
    /// A reply.
    Calling,
    /// A connection.
    Pooled,
    /// Its turn to be sent, with the connection it has got.
    Granted,
    /// Its turn to be refused: the caller's time is over.
    Expired,
    /// The pause before a retry.
    Backoff,
    /// Its branches.
    Gathering,
    /// A lock.
    Locked,
    /// Another's fill of the same key, or a message.
    Parked,
    /// Its parent's reply.
    Pending,
    /// Given up while still linked in a queue; freed when its turn comes.
    Dead,
}

/// How a request ended at a component, or for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// An answer.
    Ok,
    /// An error.
    Error,
    /// The caller stopped waiting.
    TimedOut,
    /// Refused at entry: queue full, limit reached, deadline passed.
    Rejected,
    /// The instance went down, or was down.
    Crashed,
    /// Stopped because the caller had given up.
    Cancelled,
    /// Left the queue because it had waited as long as it would.
    Reneged,
    /// Did not join the queue it found.
    Balked,
}

/// Number of outcomes.
pub const OUTCOMES: usize = 8;

impl Outcome {
    /// All outcomes.
    pub const ALL: [Outcome; OUTCOMES] = [
        Outcome::Ok,
        Outcome::Error,
        Outcome::TimedOut,
        Outcome::Rejected,
        Outcome::Crashed,
        Outcome::Cancelled,
        Outcome::Reneged,
        Outcome::Balked,
    ];

    /// Its name in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Error => "error",
            Outcome::TimedOut => "timed_out",
            Outcome::Rejected => "rejected",
            Outcome::Crashed => "crashed",
            Outcome::Cancelled => "cancelled",
            Outcome::Reneged => "reneged",
            Outcome::Balked => "balked",
        }
    }
}

/// Bits of [`Frame::flags`].
pub(super) mod flag {
    /// A user's request.
    pub(crate) const ROOT: u16 = 1;
    /// A branch: its end is a join.
    pub(crate) const BRANCH: u16 = 2;
    /// Counted as a visit of its component.
    pub(crate) const VISIT: u16 = 4;
    /// Holds a slot of its instance.
    pub(crate) const SLOT: u16 = 8;
    /// Holds a connection of its edge's pool.
    pub(crate) const CONNECTION: u16 = 16;
    /// A time-out is armed.
    pub(crate) const ARMED: u16 = 32;
    /// The last reply was a hit; of a cache frame: its reply will be.
    pub(crate) const HIT: u16 = 64;
    /// A consumer's thread.
    pub(crate) const THREAD: u16 = 128;
    /// Its [`super::Rare`] part is in use.
    pub(crate) const RARE: u16 = 256;
    /// Came by an edge on which messages arrive as they are sent.
    pub(crate) const DIRECT: u16 = 512;
    /// Does the work of a batch.
    pub(crate) const CARRIER: u16 = 1 << 15;
    /// Came through a balancer that keeps no frame: [`super::Frame::via`] is the target that it chose.
    pub(crate) const ONWARD: u16 = 1024;
    /// Its attempt has passed a breaker that waits for the result.
    pub(crate) const WATCHED: u16 = 2048;
}

/// See the module. Two cache lines: with a million of them in progress, fetching them is most of the cost of an event. What few
/// frames need is in [`Rare`]. Fields that begin alike stand together, so that a new frame is a few wide stores.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(128))]
pub(super) struct Frame {
    /// Its draws.
    pub key: Key,
    /// The draws of its request: the same in all frames of it.
    pub request: Key,
    /// When its event is due; an event at another instant is stale.
    pub due: Time,
    /// When it came to its instance; of a user's request: when the user wanted it.
    pub arrived: Time,
    /// Up to when its time is accounted for.
    pub since: Time,
    /// Time in queues during this visit.
    pub waited: Time,
    /// Time in service during this visit.
    pub worked: Time,
    /// Work asked for, or left, at speed 1.
    pub work: Time,
    /// Who waits for it.
    pub parent: u32,
    /// The call it makes.
    pub call: u32,
    /// The edge of that call.
    pub edge: u32,
    /// The edge it came by; with [`flag::ONWARD`] the target that the balancer chose.
    pub via: u32,
    /// The count of the balancer that chose the callee.
    pub slot: u32,
    /// Next in a queue or in the free list.
    pub next: u32,
    /// The callee's frame or the first branch.
    pub child: u32,
    /// Where the time of its calls went.
    pub segments: List,
    /// The parent's generation when it was sent.
    pub parent_generation: u32,
    /// Rounds done: the visit in the key of draws.
    pub lap: u32,
    /// Cores it holds or asks for; of a user's request: the row it was wanted in.
    pub cores: u32,
    /// Number of the attempt of its call.
    pub attempt: u16,
    /// Operation of its source.
    pub class: u16,
    /// Counts the calls of this slot; a reply to an earlier one is too late.
    pub generation: u32,
    /// Next instruction.
    pub pc: u32,
    /// Where it runs.
    pub instance: u32,
    pub state: State,
    pub outcome: Outcome,
    pub flags: u16,
}

const _: () = assert!(size_of::<Frame>() == 128, "a frame is two cache lines");

/// What a frame needs only for time-outs, branches, locks, loops and the like. As new unless [`flag::RARE`] or [`flag::ARMED`] is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rare {
    /// When the armed time-out is due.
    pub timeout_at: Time,
    /// When the caller stops waiting, where that travels along.
    pub deadline: Time,
    /// Whether it is on a shared link there ([`super::call::SENDING`]).
    pub turn: u64,
    /// What it is about: a key in a key space.
    pub item: u64,
    /// The number of the write that it makes or carries.
    pub version: u32,
    /// The newest version that its read has seen.
    pub seen: u32,
    /// Nanoseconds that its work took longer because it was shared.
    pub stretch: u64,
    /// Next branch or next of the steps after the reply.
    pub sibling: u32,
    /// First of the steps after the reply.
    pub after: u32,
    /// The lock it holds.
    pub lock: u32,
    /// Rounds of its loop still to do.
    pub rounds: u32,
    /// Of a branch that is a copy of a call: its number, the place or instance that it was sent to, and the breaker's epoch then.
    pub copy: u16,
    pub chosen: u32,
    pub epoch: u32,
    /// Branches still needed, and still possible.
    pub need: u16,
    pub left: u16,
}

impl Rare {
    /// Nothing of all that.
    pub(super) const NEW: Rare = Rare {
        timeout_at: Time::MAX,
        deadline: Time::MAX,
        turn: 0,
        item: 0,
        version: 0,
        stretch: 0,
        seen: 0,
        sibling: NONE,
        after: NONE,
        lock: NONE,
        rounds: 0,
        copy: 0,
        chosen: NONE,
        epoch: 0,
        need: 0,
        left: 0,
    };
}

impl Frame {
    /// A frame in its first moment.
    #[inline(always)]
    pub(super) fn new(key: Key, request: Key, now: Time, pc: u32, instance: u32, generation: u32) -> Self {
        Frame {
            due: Time::MAX,
            key,
            request,
            arrived: now,
            since: now,
            waited: Time::ZERO,
            worked: Time::ZERO,
            work: Time::ZERO,
            parent: NONE,
            parent_generation: 0,
            generation,
            pc,
            instance,
            call: NONE,
            edge: NONE,
            via: NONE,
            slot: NONE,
            next: NONE,
            child: NONE,
            segments: EMPTY,
            lap: 0,
            cores: 0,
            attempt: 0,
            class: 0,
            state: State::Ready,
            outcome: Outcome::Ok,
            flags: 0,
        }
    }
}

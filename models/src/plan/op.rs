//! Instructions: what the steps of a scenario become.

/// One instruction of a program. A request in progress is a cursor into the list of these.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "an instruction explains its operands")]
pub enum Op {
    /// Queue for `cores` of the instance and hold them for a draw.
    Compute { dist: u32, site: u32, cores: u32 },
    /// The same where values are taken in turn.
    ComputeInTurn { dist: u32, cores: u32 },
    /// Let a draw pass.
    Wait { dist: u32, site: u32 },
    /// Call another component and wait for the reply.
    Call { call: u32 },
    /// Wait until a further copy of a call is sent.
    Hedge { copies: u32, number: u32 },
    /// Start branches and wait for enough of them.
    Fork { fork: u32 },
    /// End of a branch.
    Join,
    /// Go on elsewhere.
    Jump { to: u32 },
    /// Go on elsewhere unless a draw is below the chance.
    Maybe { chance: u32, site: u32, otherwise: u32 },
    /// Go on at one of several places by weight.
    Choose { choice: u32, site: u32 },
    /// Go on elsewhere if the last reply was a hit.
    IfHit { to: u32 },
    /// Begin a loop; with zero rounds go past its end.
    LoopStart { times: u32, end: u32 },
    /// End of a round.
    LoopEnd { start: u32 },
    /// With a chance go back for another round.
    Again { chance: u32, site: u32, start: u32 },
    /// Wait for a batch to be done.
    Batch { batch: u32 },
    /// Begin a loop with a round for each request of the batch.
    BatchRounds,
    /// The work of a batch is over.
    BatchEnd { batch: u32, failed: bool },
    /// Wait for a lock.
    Lock { lock: u32 },
    /// Give it back.
    Unlock { lock: u32 },
    /// Fail with a chance.
    Fail { chance: u32, site: u32 },
    /// Pass on the failure of the last call or branch.
    Raise,
    /// Remember steps that start when the reply has been sent.
    After { start: u32, site: u32 },
    /// Look in, fill or clean a cache.
    Cache { cache: u32, op: CacheOp },
    /// Hand a message to the groups of a topic.
    Append { topic: u32 },
    /// Send a write to the read replicas of the instance's shard.
    Replicate { replicate: u32 },
    /// A replica has applied a write.
    Applied { versions: u32 },
    /// The primary has a new version of a key.
    WriteVersion { versions: u32 },
    /// A read has seen the version of a key that its instance has.
    ReadVersion { versions: u32 },
    /// What becomes of the version of a key where several copies count.
    Version { versions: u32, what: VersionOp },
    /// Take the next message, or wait for one.
    NextMessage { consumer: u32 },
    /// The message was handled.
    Handled { consumer: u32 },
    /// Handling failed: again, or to the dead letters.
    Unhandled { consumer: u32, dead: u32 },
    /// Answer the caller.
    Reply,
    /// The user has the answer.
    Finish,
}

/// What becomes of the version of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionOp {
    /// A write gets its number.
    Begin,
    /// An instance has it.
    Take,
    /// It is done: whoever begins to read from now on should see it.
    Commit,
    /// A read begins, which should see what is done by now.
    Expect,
    /// It has seen what an instance has.
    See,
    /// It ends.
    Judge,
}

/// What is asked of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheOp {
    /// Look up a key.
    Get,
    /// Store it.
    Set,
    /// Remove it.
    Invalidate,
    /// Give up a fill that others wait for.
    Release,
}

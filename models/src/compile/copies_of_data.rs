//! Programs of databases: operations on every shard, and writes on several copies.

use super::Compiler;
use crate::plan::*;

impl Compiler<'_> {
    /// An operation on every shard, each branch a visit of its own.
    pub(crate) fn scatter(&mut self, first: u32, shards: u32, copies: u32, from: ReadFrom, time: u32) {
        let fork = self.fork(vec![], shards);
        let over = self.op(Op::Jump { to: NONE });
        let start = self.here();
        self.hold_station(time);
        self.op(Op::Join);
        let to = self.here();
        self.plan.ops[over as usize] = Op::Jump { to };
        let place = |shard: u32| Place::Shard { first: first + shard * copies, from };
        self.plan.forks[fork as usize].branches = (0..shards).map(|shard| (start, place(shard))).collect();
        self.op(Op::Fork { fork });
    }

    /// The versions that some instances have of the keys of a space.
    pub(crate) fn versions(&mut self, first: u32, count: u32, space: u32) -> u32 {
        self.plan.versions.push(VersionPlan { first, count, space });
        self.plan.versions.len() as u32 - 1
    }

    pub(crate) fn read_version(&mut self, versions: u32) {
        if versions != NONE {
            self.op(Op::ReadVersion { versions });
        }
    }

    pub(crate) fn write_version(&mut self, versions: u32) {
        if versions != NONE {
            self.op(Op::WriteVersion { versions });
        }
    }

    /// Sends a write on to the read replicas, where it takes the same work after a lag.
    pub(crate) fn replicate(&mut self, replicas: u32, lag: Option<u32>, work: (u32, u32), versions: u32) {
        let (time, work_site) = work;
        let site = self.site();
        let over = self.op(Op::Jump { to: NONE });
        let start = self.here();
        if let Some(dist) = lag {
            let site = self.site();
            self.op(Op::Wait { dist, site });
        }
        self.compute(time, work_site, 1);
        self.op(Op::Applied { versions });
        let to = self.here();
        self.plan.ops[over as usize] = Op::Jump { to };
        self.plan.replications.push(ReplicatePlan { replicas, start, site });
        let replicate = self.plan.replications.len() as u32 - 1;
        self.op(Op::Replicate { replicate });
    }

    /// What becomes of the version of a key.
    pub(crate) fn version(&mut self, versions: u32, what: VersionOp) {
        if versions != NONE {
            self.op(Op::Version { versions, what });
        }
    }

    /// The same work on several instances, each a visit of its own, of which so many have to succeed.
    pub(crate) fn on_copies(
        &mut self,
        wait: Option<u32>,
        time: u32,
        (versions, then): (u32, VersionOp),
        (places, need): (Vec<Place>, u32),
    ) {
        let fork = self.fork(vec![], need);
        let over = self.op(Op::Jump { to: NONE });
        let start = self.here();
        if let Some(dist) = wait {
            let site = self.site();
            self.op(Op::Wait { dist, site });
        }
        self.hold_station(time);
        self.version(versions, then);
        self.op(Op::Join);
        let to = self.here();
        self.plan.ops[over as usize] = Op::Jump { to };
        self.plan.forks[fork as usize].branches = places.into_iter().map(|place| (start, place)).collect();
        self.op(Op::Fork { fork });
    }

    /// A write on a primary that waits for `acks` of its replicas.
    pub(crate) fn synchronous_write(&mut self, time: u32, wait: Option<u32>, of: (u32, u32), versions: u32) {
        let (replicas, acks) = of;
        self.version(versions, VersionOp::Begin);
        self.hold_station(time);
        self.version(versions, VersionOp::Take);
        let places = (1..=replicas).map(Place::Beside).collect();
        self.on_copies(wait, time, (versions, VersionOp::Take), (places, acks));
        self.version(versions, VersionOp::Commit);
        self.reply();
    }
}

//! `Database`: shards, each a primary with read replicas and workers.

use crate::compile::{Compiler, Replicas};
use crate::plan::{Capacity, NONE, ReadFrom, Route};
use crate::spec::policy::{Reads, Sharding};
use crate::spec::queueing::PausesSpec;
use crate::spec::{At, Discipline, Duration, Entries, NotYet};
use crate::{choice, spec};

spec! {
    /// Shards of one primary and read replicas; each instance has workers and one first-come first-served queue, and an operation
    /// holds one worker for its time.
    DatabaseSpec as "Database" {
        /// Defaults from a named product, see `archsim kinds preset`.
        preset: Option<At<String>>,
        /// Operations by name: `{ "read": Read(Exp("5ms")), "write": Write(Exp("4ms")) }`.
        ops: Entries<OperationSpec>,
        /// Parts of the data, each on instances of its own. Default 1.
        shards: Option<At<u32>>,
        /// Key space whose key chooses the shard. Default: a shard is drawn uniformly.
        shard_by: Option<At<String>>,
        /// How a key chooses its shard. Default `Hash`.
        sharding: Option<Sharding>,
        /// Copies of each shard beside the primary. Default 0.
        read_replicas: Option<At<u32>>,
        /// How writes reach the read replicas. Default `Async(lag: "0s")`.
        replication: Option<At<Replication>>,
        /// Where reads go. Default `Primary`.
        reads: Option<At<Reads>>,
        /// Parallel workers of each instance. Default 1.
        workers: Option<At<u32>>,
        /// Order in which operations get the workers. Default `Fifo`.
        discipline: Option<Discipline>,
        /// Pauses or breakdowns: `pauses: (up: Exp("50s"), down: Exp("5s"))`. Default none.
        pauses: Option<PausesSpec>,
        /// How long an operation waits at most for a worker; then it leaves with the outcome `reneged`. Default: for ever.
        patience: Option<Duration>,
        /// Limit on open connections. Not in this version.
        connections: Option<NotYet>,
        /// Money per instance and hour. Default 0.
        cost: Option<f64>,
    }
}
choice! {
    /// An operation of a database.
    OperationSpec as "an operation" {
        /// On one shard, where `reads` says.
        Read(OperationArgs),
        /// On every shard; waits for all.
        Scatter(OperationArgs),
        /// On the primary of one shard, then on its replicas by `replication`.
        Write(OperationArgs),
    }
}
spec! {
    /// Arguments of `Read`, `Scatter` and `Write`.
    OperationArgs as "Read" {
        /// Work on a worker.
        time: Duration,
    }
}
choice! {
    /// How writes reach the read replicas.
    Replication as "replication" {
        /// After the reply: each replica applies the write, with the same work, a lag of its own later: `Async(lag: Exp("30ms"))`. A write
        /// that arrives after a newer one to the same key changes nothing. `stale` is the share of reads of keys (`shard_by`) that miss
        /// the newest write.
        Async(AsyncArgs),
        /// Before the reply, on some replicas. Not in this version.
        Sync(NotYet),
        /// On a quorum. Not in this version.
        Quorum(NotYet),
    }
}
spec! {
    /// Arguments of `Async`.
    AsyncArgs as "Async" {
        /// From the reply until a replica starts to apply the write.
        lag: Duration,
    }
}

impl OperationSpec {
    /// The work on a worker.
    pub fn time(&self) -> &Duration {
        match self {
            OperationSpec::Read(a) | OperationSpec::Scatter(a) | OperationSpec::Write(a) => &a.time,
        }
    }
}

impl DatabaseSpec {
    /// Number of shards.
    pub fn shard_count(&self) -> u32 {
        self.shards.as_ref().map_or(1, |s| s.value)
    }
    /// Read replicas of each shard.
    pub fn replica_count(&self) -> u32 {
        self.read_replicas.as_ref().map_or(0, |r| r.value)
    }
    /// Workers of each instance.
    pub fn worker_count(&self) -> u32 {
        self.workers.as_ref().map_or(1, |w| w.value)
    }
    /// Where reads go, as the engine sees it.
    pub fn read_from(&self) -> ReadFrom {
        let replicas = self.replica_count();
        match self.reads.as_ref().map_or(Reads::Primary, |r| r.value.clone()) {
            Reads::Replica if replicas > 0 => ReadFrom { skip: 1, among: replicas, least: false },
            Reads::PreferReplica => ReadFrom { skip: 0, among: replicas + 1, least: true },
            Reads::Any => ReadFrom { skip: 0, among: replicas + 1, least: false },
            _ => ReadFrom { skip: 0, among: 1, least: false },
        }
    }

    pub(crate) fn compile(&self, compiler: &mut Compiler, component: u32) {
        let (shards, copies) = (self.shard_count(), self.replica_count() + 1);
        let discipline = self.discipline.clone().unwrap_or(Discipline::Fifo);
        let workers = Capacity { servers: self.worker_count(), discipline, room: u32::MAX };
        let span = compiler.instances(component, Replicas { count: shards * copies, speed: vec![] }, workers, None);
        let space = self.shard_by.as_ref().map(|name| compiler.space(&name.value));
        let lag = match self.replication.as_ref().map(|r| &r.value) {
            Some(Replication::Async(a)) => Some(compiler.dist(&a.lag)),
            _ => None,
        };
        let modulo = self.sharding == Some(Sharding::Modulo);
        // Without copies, or without keys, nothing can be out of date.
        let versions =
            space.filter(|_| copies > 1).map_or(NONE, |space| compiler.versions(span.first, span.count, space));
        let reads = self.read_from();
        let primary = ReadFrom { skip: 0, among: 1, least: false };
        let shard = |from: ReadFrom| Route::Shard { first: span.first, shards, copies, from, space, modulo };
        for (name, operation) in &self.ops.0 {
            let time = compiler.dist(operation.time());
            match operation {
                OperationSpec::Read(_) => {
                    let start = compiler.program(component, |c| {
                        c.hold_station(time);
                        c.read_version(versions);
                        c.reply();
                    });
                    compiler.routed_operation(component, &name.value, start, shard(reads));
                }
                OperationSpec::Write(_) => {
                    let start = compiler.program(component, |c| {
                        let site = c.hold_station(time);
                        if copies > 1 {
                            c.write_version(versions);
                            c.replicate(copies - 1, lag, (time, site), versions);
                        }
                        c.reply();
                    });
                    compiler.routed_operation(component, &name.value, start, shard(primary));
                }
                OperationSpec::Scatter(_) => {
                    let router = compiler.router(component);
                    let start = compiler.program(component, |c| {
                        c.scatter(span.first, shards, copies, reads, time);
                        c.reply();
                    });
                    compiler.routed_operation(component, &name.value, start, Route::Single(router));
                }
            }
        }
    }
}

//! `Database`: shards, each a primary with read replicas and workers.

use crate::compile::{Compiler, Instances, Replicas};
use crate::plan::{Capacity, NONE, Place, ReadFrom, Route, VersionOp};
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
        /// Before the reply: when the primary has done the write, every replica applies it, and the reply leaves when `acks` of them have:
        /// `Sync(lag: "1ms", acks: 1)` (semi-synchronous, as MySQL's `rpl_semi_sync_source_wait_for_replica_count`). A write fails if
        /// too few replicas are up.
        Sync(SyncArgs),
        /// No primary: a write goes to all copies and is done when `write` of them have it, a read asks `read` copies and takes the
        /// newest answer: `Quorum(write: 2, read: 2)` (Gifford 1979; DeCandia et al., Dynamo, SOSP 2007). Copies are drawn among those that are up.
        Quorum(QuorumArgs),
    }
}
spec! {
    /// Arguments of `Sync`. Each replica does the same kind of work as the primary, with draws of its own, as a visit of its own.
    SyncArgs as "Sync" {
        /// Time to a replica and back, before it starts to apply. Default none.
        lag: Option<Duration>,
        /// Replicas that the reply waits for; the others apply the write all the same. Default: all.
        acks: Option<At<u32>>,
    }
}
spec! {
    /// Arguments of `Quorum`. The copies of a shard are its `read_replicas` and one more; each does the work of an operation with draws
    /// of its own, as a visit of its own. If `write + read` is more than the number of copies, no read is stale.
    QuorumArgs as "Quorum" {
        /// Copies that have to have a write before it is done.
        write: At<u32>,
        /// Copies that a read waits for.
        read: At<u32>,
        /// Where a write is sent. Default `All`.
        write_to: Option<SentTo>,
        /// Where a read is sent. Default `Quorum`.
        read_from: Option<SentTo>,
    }
}
choice! {
    /// How many copies are asked.
    SentTo as "the copies asked" {
        /// All; who answers after the quorum is not waited for.
        All,
        /// Only as many as have to answer, drawn at random.
        Quorum,
    }
}

impl QuorumArgs {
    /// Copies that get a write, of so many.
    pub fn written(&self, copies: u32) -> u32 {
        if self.write_to == Some(SentTo::Quorum) { self.write.value } else { copies }
    }
    /// Copies that are asked by a read, of so many.
    pub fn asked(&self, copies: u32) -> u32 {
        if self.read_from == Some(SentTo::All) { copies } else { self.read.value }
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
    /// The quorum that its operations need.
    pub fn quorum(&self) -> Option<&QuorumArgs> {
        match self.replication.as_ref().map(|r| &r.value) {
            Some(Replication::Quorum(quorum)) => Some(quorum),
            _ => None,
        }
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
        if let Some(quorum) = self.quorum() {
            return self.compile_quorum(compiler, component, (span, space), quorum, versions);
        }
        let sync = match self.replication.as_ref().map(|r| &r.value) {
            Some(Replication::Sync(sync)) if copies > 1 => Some(sync),
            _ => None,
        };
        let wait = sync.and_then(|sync| sync.lag.as_ref()).map(|lag| compiler.dist(lag));
        let shard = |from: ReadFrom| Route::Shard { first: span.first, shards, copies, from, space, modulo };
        for (name, operation) in &self.ops.0 {
            let time = compiler.dist(operation.time());
            match operation {
                OperationSpec::Read(_) => {
                    let start = compiler.program(component, |c| {
                        if sync.is_some() {
                            c.version(versions, VersionOp::Expect);
                            c.hold_station(time);
                            c.version(versions, VersionOp::See);
                            c.version(versions, VersionOp::Judge);
                        } else {
                            c.hold_station(time);
                            c.read_version(versions);
                        }
                        c.reply();
                    });
                    compiler.routed_operation(component, &name.value, start, shard(reads));
                }
                OperationSpec::Write(_) => {
                    let start = compiler.program(component, |c| {
                        if let Some(sync) = sync {
                            let acks = sync.acks.as_ref().map_or(copies - 1, |acks| acks.value);
                            return c.synchronous_write(time, wait, (copies - 1, acks), versions);
                        }
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

    /// Operations without a primary: each starts at a coordinator of its shard, which is no instance and has no limit.
    fn compile_quorum(
        &self,
        compiler: &mut Compiler,
        component: u32,
        (span, space): (Instances, Option<u32>),
        quorum: &QuorumArgs,
        versions: u32,
    ) {
        let (shards, copies) = (self.shard_count(), self.replica_count() + 1);
        let router = (0..shards).map(|_| compiler.router(component)).min().unwrap_or(0);
        let from = ReadFrom { skip: 0, among: 1, least: false };
        let modulo = self.sharding == Some(Sharding::Modulo);
        let route = Route::Shard { first: router, shards, copies: 1, from, space, modulo };
        let place = Place::Copy { router, first: span.first, copies };
        for (name, operation) in &self.ops.0 {
            let time = compiler.dist(operation.time());
            let start = compiler.program(component, |c| {
                if let OperationSpec::Write(_) = operation {
                    c.version(versions, VersionOp::Begin);
                    let sent = quorum.written(copies);
                    c.on_copies(
                        None,
                        time,
                        (versions, VersionOp::Take),
                        (vec![place; sent as usize], quorum.write.value),
                    );
                    c.version(versions, VersionOp::Commit);
                } else {
                    c.version(versions, VersionOp::Expect);
                    let sent = quorum.asked(copies);
                    c.on_copies(
                        None,
                        time,
                        (versions, VersionOp::See),
                        (vec![place; sent as usize], quorum.read.value),
                    );
                    c.version(versions, VersionOp::Judge);
                }
                c.reply();
            });
            compiler.routed_operation(component, &name.value, start, route);
        }
    }
}

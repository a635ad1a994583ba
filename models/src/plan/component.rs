//! Components and their instances.

/// A component.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentPlan {
    /// Its name.
    pub name: String,
    /// The name of its kind.
    pub kind: &'static str,
    /// First of its instances.
    pub first_instance: u32,
    /// Number of its instances, without a router.
    pub instances: u32,
    /// Servers of each instance; 0 where there is no limit.
    pub servers: u32,
    /// Instances that have to be up for it to be available.
    pub need: u32,
    /// Where every so many-th instance is a primary, and it is available while all of them are up; 0 otherwise.
    pub primaries: u32,
    /// Whether waiting, service and sojourn times are recorded.
    pub observed: bool,
    /// Bytes that a request in progress holds.
    pub memory_per_request: u64,
    /// Whether utilisation is kept per instance.
    pub per_instance: bool,
    /// Money per instance and hour.
    pub cost: f64,
}

/// An instance: a replica, a shard, a member, or the only one.
#[derive(Clone, Debug, PartialEq)]
pub struct InstancePlan {
    /// Its component.
    pub component: u32,
    /// The station of its cores or workers.
    pub cores: u32,
    /// The station of its slots; `NONE` without a limit.
    pub slots: u32,
    /// The rate limiter before them; `NONE` without.
    pub limit: u32,
    /// Work per time.
    pub speed: f64,
    /// Index of what happens at its queue beside serving it; `NONE` if nothing does.
    pub queueing: u32,
}

//! The hot path does not allocate in steady state, and memory does not grow with the number of requests.

use crate::support::model;
use archsim_experiment::core::Time;
use archsim_experiment::models::World;
use archsim_experiment::models::world::Schedule;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Counts the allocations of each thread.
struct Counting;

#[allow(unsafe_code)]
// SAFETY: hands everything on to the system's allocator; the counter is a plain cell of the thread.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|n| n.set(n.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|n| n.set(n.get() + 1));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_warm_world_allocates_next_to_nothing() {
    let model = model(
        r#"Scenario(name: "warm", traffic: { "u": Open(to: "lb", rate: "2k/s", timeout: "1s") },
        components: {
            "lb": LoadBalancer(targets: ["web"], policy: LeastOutstanding),
            "web": Service(replicas: 4, cpu: 2, on: { "get": [Compute(Exp("2ms")), Call("db.read")] }),
            "db": Database(shards: 2, workers: 4, ops: { "read": Read(Exp("1ms")) }),
        },
        edges: { "* -> *": (latency: "100us"), "web -> db": (pool: 20, timeout: "500ms") })"#,
    );
    let end = Time::from_secs_f64(1000.0);
    let schedule = Schedule { cuts: vec![end], windows: vec![(Time::ZERO, end)], max_in_flight: 1_000_000 };
    let mut world = World::new(model.plan.clone(), &model.spaces, 1, 0, schedule);
    world.run_until(Time::from_secs_f64(50.0));
    let (before, requests) = (ALLOCATIONS.with(Cell::get), world.requests());
    world.run_until(Time::from_secs_f64(100.0));
    let (allocations, requests) = (ALLOCATIONS.with(Cell::get) - before, world.requests() - requests);
    // What is left are records: a histogram's new extreme, a queue longer than ever.
    assert!(requests > 90_000 && allocations < 60, "{allocations} allocations for {requests} requests");
}

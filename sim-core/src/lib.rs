//! The kernel of a discrete-event simulator: time, the event list, the engine, random streams, distributions and
//! statistics. It knows nothing of what is simulated.
//!
//! A whole simulation, a queue with one server:
//!
//! ```
#![doc = include_str!("../examples/mm1.rs")]
//! ```

pub mod dist;
pub mod engine;
pub mod event_list;
mod far;
mod heap;
pub mod rng;
pub mod stats;
pub mod time;
pub mod timeouts;
pub mod ziggurat;
pub mod zipf;

pub use dist::{Dist, DistError};
pub use engine::{Agenda, World, run_until};
pub use event_list::EventList;
pub use rng::{Key, Stream};
pub use stats::{Histogram, Interval};
pub use time::Time;
pub use timeouts::{Ring, Timeouts};
pub use zipf::Zipf;

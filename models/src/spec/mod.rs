//! Specs: what a scenario says, as the reader hands it over. They know serde and nothing of RON, and each field
//! carries the documentation that `archsim kinds` prints.

pub mod batch;
pub mod breaker;
pub mod distribution;
pub mod document;
pub mod edge;
pub mod fault;
pub mod hedge;
pub mod keys;
pub mod limit;
pub mod load;
pub mod policy;
pub mod priority;
pub mod quantity;
pub mod queueing;
pub mod steps;
pub mod traffic;

pub use batch::BatchSpec;
pub use distribution::Duration;
pub use document::{Documented, Entry};
pub use edge::EdgeSpec;
pub use fault::FaultSpec;
pub use keys::KeySpec;
pub use limit::LimitSpec;
pub use load::LoadSpec;
pub use policy::{Balance, Discipline};
pub use priority::ByPriority;
pub use quantity::{At, Bandwidth, Count, Entries, Fraction, Instant, NotYet, Rate, Size, Span};
pub use steps::{Step, Steps};
pub use traffic::TrafficSpec;

//! The components of archsim: their specs, the mechanisms they share, and the world they run in.
//!
//! A scenario's specs ([`spec`], [`kind`]) are compiled once into a flat [`plan::Plan`]; a [`world::World`] runs it.
//! Nothing here reads a file, prints, or knows the language that scenarios are written in.

pub mod backoff;
pub mod breaker;
pub mod compile;
pub mod kind;
pub mod limit;
pub mod load;
mod modulation;
pub mod plan;
pub mod policy;
pub mod preset;
pub mod spec;
pub mod world;

pub use compile::{Setup, compile};
pub use kind::Kind;
pub use plan::Plan;
pub use world::World;

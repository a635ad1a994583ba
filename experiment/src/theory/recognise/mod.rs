//! Recognises which law holds for a scenario: for each component, and for what users see.
//!
//! Conservative: a law is claimed only where every assumption of it is in the file; what the walk through the scenario does
//! not know is a reason for silence, which is told.

mod plain;
mod predict;
mod problem;
mod queue;
mod stations;
mod steps;
#[cfg(test)]
mod tests;
mod walk;
mod words;

pub(crate) use predict::predict;

//! Theory beside the simulation: what queueing theory says about a scenario, where it says anything.
//!
//! A simulator is trusted when its numbers agree with results that were proved; and a reader learns where those results
//! stop. Formulas stand in [`formula`], each with its source; they take and give seconds and rates per second, or any other
//! unit of time as long as it is the same everywhere.

pub mod formula;
pub mod numeric;

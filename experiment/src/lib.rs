//! From a scenario to a report: reading, checking, running, sweeping, judging.
//!
//! Nothing here prints, draws, reads a clock or a file; the doors do that.

pub mod metric;
pub mod model;
pub mod report;
pub mod scenario;
pub mod assemble;
pub mod run;
pub mod stability;
pub mod sweep;

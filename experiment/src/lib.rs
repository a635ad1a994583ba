//! From a scenario to a report: reading, checking, running, sweeping, judging.
//!
//! Nothing here prints, draws, reads a clock or a file; the doors do that.

pub mod metric;
pub mod model;
pub mod report;
pub mod scenario;
pub use archsim_core as core;
pub use archsim_language as language;
pub use archsim_models as models;

pub mod assemble;
pub mod check;
pub mod compare;
pub mod heavy_tail;
pub mod interval;
pub mod ledger;
pub mod load_table;
mod over_time;
pub mod planning;
pub mod precision;
pub mod record;
pub mod recovery;
pub mod run;
pub mod sample;
pub mod saturate;
pub mod sensitivity;
pub mod slo;
pub mod stability;
pub mod study;
pub mod sweep;
pub mod theory;
mod tipping;
pub mod trace;
pub mod vary;

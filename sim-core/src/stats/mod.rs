//! Statistics that stream: mergeable histograms, moments, intervals.

pub mod batches;
pub mod histogram;
pub mod interval;
mod quantiles;

pub use histogram::{Histogram, bucket_index, coarse_bucket};
pub use interval::{Interval, Moments, mean_interval};
pub use quantiles::{normal_quantile, student_t_quantile};

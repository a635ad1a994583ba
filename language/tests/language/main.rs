//! The crate from outside: scenario files, messages, agreement with `ron`, hostile input, paths.

mod agreement;
mod layout;
mod messages;
mod paths;
mod reading;
mod robustness;
mod shop;
mod wording;

/// The three-tier web shop of the design.
pub(crate) const WEB_SHOP: &str = include_str!("scenarios/web-shop.ron");
/// The event pipeline of the design.
pub(crate) const ORDER_PIPELINE: &str = include_str!("scenarios/order-pipeline.ron");
/// The service mesh of the design.
pub(crate) const MESH: &str = include_str!("scenarios/mesh-retry-storm.ron");

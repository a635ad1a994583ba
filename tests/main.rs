//! Tests of the whole: one binary, a module for each kind of test.

mod allocation;
mod arrivals;
mod browser;
mod command;
mod comparison;
mod contract;
mod copies;
mod determinism;
mod disciplines;
mod documents;
mod edges_and_faults;
mod golden;
mod journey;
mod precision;
mod queues;
mod resilience;
mod sample_path;
mod scenarios;
mod support;
mod theory;
mod theory_contract;
mod tidy;

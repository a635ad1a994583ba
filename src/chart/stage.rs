//! In which state a system is over time, as a background.

use super::frame::{Entry, Sample};
use super::palette::{GREEN, Ink, ORANGE, PURPLE, SKY};
use serde::{Deserialize, Serialize};

/// A state of a system that something disturbs (Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It works, and the run shows that it came back from what disturbed it.
    Stable,
    /// It works, and the run shows that what disturbs it tips it.
    Vulnerable,
    /// The trigger is gone, the failure is not.
    Metastable,
    /// The trigger is gone, and it comes back.
    Recovering,
}

/// A time in one state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stage {
    /// The state.
    pub(crate) state: State,
    /// Its start in seconds.
    pub(crate) from: f64,
    /// Its end in seconds.
    pub(crate) to: f64,
}

impl State {
    const ALL: [State; 4] = [State::Stable, State::Vulnerable, State::Metastable, State::Recovering];

    fn name(self) -> &'static str {
        match self {
            State::Stable => "stable: came back by itself",
            State::Vulnerable => "vulnerable: this trigger tips it",
            State::Metastable => "metastable: trigger gone, still down",
            State::Recovering => "recovering",
        }
    }

    /// Its colour behind the lines.
    pub(super) fn shade(self) -> Ink {
        match self {
            State::Stable => GREEN.faint(0.09),
            State::Vulnerable => ORANGE.faint(0.14),
            State::Metastable => PURPLE.faint(0.22),
            State::Recovering => SKY.faint(0.18),
        }
    }
}

/// The legend: each state that occurs, once.
pub(super) fn legend(stages: &[Stage]) -> Vec<Entry> {
    let occurs = |state: &State| stages.iter().any(|stage| stage.state == *state);
    let entry = |state: State| Entry::new(Sample::Box(state.shade()), state.name());
    State::ALL.into_iter().filter(occurs).map(entry).collect()
}

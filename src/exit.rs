//! How the program ends: exit codes, and failures with the message that explains them.

use crate::console::{Ink, Paint};
use std::process::ExitCode;

/// At least one SLO failed.
pub(crate) const SLO_FAILED: u8 = 1;
/// The file or the command is wrong; also what clap uses.
pub(crate) const WRONG: u8 = 2;
/// Input, output or an error of the program itself.
pub(crate) const BROKEN: u8 = 3;
/// Stopped by Ctrl-C: 128 + SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a command could not do what it was asked to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The file or the command is wrong; the text says what.
    Wrong(String),
    /// The same, with findings that are laid out already.
    Findings(String),
    /// Something could not be read, written or started.
    Broken(String),
}

impl Failure {
    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Failure::Wrong(_) | Failure::Findings(_) => WRONG,
            Failure::Broken(_) => BROKEN,
        }
    }

    /// What stderr says.
    pub(crate) fn text(&self, paint: Paint) -> String {
        match self {
            Failure::Wrong(text) | Failure::Broken(text) => format!("{}: {text}\n", paint.text(Ink::Bad, "error")),
            Failure::Findings(text) => text.clone(),
        }
    }
}

/// An exit code that the operating system understands.
pub(crate) fn code(code: u8) -> ExitCode {
    ExitCode::from(code)
}

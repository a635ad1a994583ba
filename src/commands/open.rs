//! Opens a file in the default browser.

use crate::exit::Failure;
use std::path::Path;
use std::process::{Command, Stdio};

/// The program that opens a file with what the user has chosen for it, and its first arguments.
const OPENER: (&str, &[&str]) = if cfg!(target_os = "macos") {
    ("open", &[])
} else if cfg!(windows) {
    // The first argument in quotes is the title of a window.
    ("cmd", &["/C", "start", ""])
} else {
    ("xdg-open", &[])
};

/// Opens it.
///
/// # Errors
/// There is no such program, or it finds no browser.
pub(super) fn open(file: &Path) -> Result<(), Failure> {
    let (program, arguments) = OPENER;
    let failure = |why: String| {
        let shown = file.display();
        Failure::Broken(format!("cannot open `{shown}`: {why}\n  = help: the page is there: open it in a browser"))
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Err(error) => Err(failure(format!("`{program}`: {error}"))),
        Ok(status) if !status.success() => Err(failure(format!("`{program}` found no browser ({status})"))),
        Ok(_) => Ok(()),
    }
}

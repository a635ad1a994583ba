//! `archsim completions`: what a shell needs to complete commands and options.

use crate::cli::{Cli, CompletionsArgs};
use crate::console::Console;
use crate::exit::Failure;
use clap::CommandFactory;

/// Prints the completions of a shell.
pub(crate) fn completions(args: &CompletionsArgs, console: Console) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "archsim", &mut script);
    console.print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}

//! `archsim`: predicts how a backend architecture behaves before anyone builds it.
//!
//! The command line over the library: arguments in, tables, files and charts out. It has no logic of its own.

mod chart;
mod cli;
mod clock;
mod commands;
mod console;
mod exit;
mod files;
mod gate;
mod input;
mod page;
mod panic;
mod plots;
mod progress;
mod quantity;
mod reference;
mod settings;
mod shard;
mod table;

use cli::Command;
use console::Console;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    panic::install(&words);
    let cli = cli::parse(arguments);
    let console = Console::new(cli.common.color, cli.common.quiet, cli.common.verbose);
    let outcome = match &cli.command {
        Command::Check(args) => commands::check::check(args, console),
        Command::Run(args) => commands::run::run(args, &cli.common, console, words),
        Command::Sweep(args) => commands::sweep::sweep(args, &cli.common, console, words),
        Command::Merge(args) => commands::merge::merge(args, console, words),
        Command::Compare(args) => commands::compare::compare(args, &cli.common, console, words),
        Command::Saturate(args) => commands::saturate::saturate(args, &cli.common, console, words),
        Command::Plan(args) => commands::plan::plan(args, &cli.common, console, words),
        Command::Trace(args) => commands::trace::trace(args, &cli.common, console),
        Command::Report(args) => commands::report::report(args, &cli.common, console),
        Command::Explain(args) => commands::explain::explain(args, console),
        Command::New(args) => commands::new::new(args, console),
        Command::Fmt(args) => commands::fmt::fmt(args, console),
        Command::Completions(args) => commands::completions::completions(args, console),
        Command::Kinds(args) => commands::kinds::kinds(args, console),
    };
    let code = outcome.unwrap_or_else(|failure| {
        console.tell(&failure.text(console.err));
        failure.code()
    });
    exit::code(code)
}

//! A broken invariant is a mistake of the program: it says so, with what is needed to see it again.

use crate::exit;
use std::io::Write;
use std::sync::OnceLock;

/// Seed of the run, once it is known.
static SEED: OnceLock<u64> = OnceLock::new();

/// Remembers the seed of the run for the message.
pub(crate) fn remember_seed(seed: u64) {
    // The first run of the process is the only one.
    let _ = SEED.set(seed);
}

/// Replaces the message of a panic and exits at once, from whatever thread.
pub(crate) fn install(command: &[String]) {
    let command = command.join(" ");
    std::panic::set_hook(Box::new(move |panic| {
        let text = message(&command, &panic.to_string());
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
        std::process::exit(i32::from(exit::BROKEN));
    }));
}

fn message(command: &str, panic: &str) -> String {
    let seed = SEED.get().map_or(String::new(), |seed| format!("\n  seed:    {seed}"));
    format!(
        "\ninternal error: this is a mistake of archsim, not of the scenario\n  version: {}\n  command: {command}{seed}\n  {}\n\
         Please report it together with the scenario.\n",
        env!("CARGO_PKG_VERSION"),
        panic.replace('\n', "\n  ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_says_how_to_see_it_again() {
        let text = message("archsim run a.ron", "panicked at x:1:\nbroken");
        assert!(text.contains("command: archsim run a.ron"));
        assert!(text.contains("  panicked at x:1:\n  broken\n"));
    }
}

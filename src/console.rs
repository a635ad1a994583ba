//! The terminal: where text goes, whether it may have colours, and how wide it is.

use crate::cli::Colour;
use crate::exit::Failure;
use std::io::{ErrorKind, IsTerminal, Write};

/// Columns of output that is not a terminal.
const PLAIN_WIDTH: usize = 100;
/// Prose is not set wider than this.
const WIDEST: usize = 110;

/// How the program talks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Console {
    /// Colours for stdout.
    pub(crate) out: Paint,
    /// Colours for stderr.
    pub(crate) err: Paint,
    /// Only verdicts and errors.
    pub(crate) quiet: bool,
    /// More detail.
    pub(crate) verbose: bool,
}

impl Console {
    /// Decides on colours; see <https://no-color.org>.
    pub(crate) fn new(colour: Colour, quiet: bool, verbose: bool) -> Self {
        let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        Console { out: Paint::for_terminal(colour, out), err: Paint::for_terminal(colour, err), quiet, verbose }
    }

    /// Writes to stdout. A reader that has gone away (`| head`) is no failure.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Failure::Broken(format!("cannot write to standard output: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Writes to stderr, as far as that is possible.
    pub(crate) fn tell(&self, text: &str) {
        let mut err = std::io::stderr().lock();
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }

    /// The columns that prose is wrapped to.
    pub(crate) fn width(&self) -> usize {
        let terminal = terminal_size::terminal_size_of(std::io::stdout());
        terminal.map_or(PLAIN_WIDTH, |(width, _)| usize::from(width.0).clamp(40, WIDEST))
    }
}

/// Puts colours around text, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    on: bool,
}

/// What a piece of text means; the colour follows from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Ordinary text.
    #[default]
    Plain,
    /// A heading.
    Bold,
    /// Less important.
    Dim,
    /// Good news.
    Good,
    /// Bad news.
    Bad,
    /// Neither.
    Unsure,
}

impl Paint {
    /// Never any colour.
    #[cfg(test)]
    pub(crate) const OFF: Paint = Paint { on: false };

    fn for_terminal(colour: Colour, terminal: bool) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let on = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !set("NO_COLOR") && !dumb,
        };
        Paint { on }
    }

    /// Whether there are colours.
    pub(crate) fn is_on(self) -> bool {
        self.on
    }

    /// Text in the colour of its meaning (ECMA-48 select graphic rendition).
    pub(crate) fn text(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Plain => return text.to_owned(),
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Good => "32",
            Ink::Bad => "1;31",
            Ink::Unsure => "33",
        };
        if self.on && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

//! `archsim fmt`: the layout of scenario files.

use crate::cli::FmtArgs;
use crate::console::Console;
use crate::exit::{Failure, SLO_FAILED, WRONG};
use crate::files::replace;
use crate::input;
use crate::settings::laid_out;
use archsim_experiment::language::format;
use std::path::Path;

/// Lays out every file; what cannot be read is said, and keeps no other file from it.
pub(crate) fn fmt(args: &FmtArgs, console: Console) -> Result<u8, Failure> {
    let (mut wrong, mut different) = (false, false);
    for file in &args.files {
        let source = input::scenario(file)?;
        let text = match format(&source) {
            Ok(text) => text,
            Err(findings) => {
                console.tell(&laid_out(&findings, &source, console));
                wrong = true;
                continue;
            }
        };
        let changes = text != source.text();
        different |= changes;
        match () {
            () if args.check && changes => console.print(&format!("{}\n", file.display()))?,
            () if args.check => {}
            () if file == Path::new("-") => console.print(&text)?,
            () if changes => replace(file, text.as_bytes())?,
            () => {}
        }
    }
    Ok(match () {
        () if wrong => WRONG,
        () if args.check && different => SLO_FAILED,
        () => 0,
    })
}

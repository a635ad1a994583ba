//! `archsim report`: the page and the charts of stored results, drawn again.

use super::open::open;
use crate::cli::{Common, ReportArgs};
use crate::console::Console;
use crate::exit::Failure;
use crate::files::{PAGE, PAGE_DATA, Results};
use crate::page::{FORM, Page};
use serde_json::Value;
use std::path::Path;

/// Draws them.
pub(crate) fn report(args: &ReportArgs, common: &Common, console: Console) -> Result<u8, Failure> {
    let page = read(&args.folder)?;
    let mut results = Results::default();
    results.drawn(&page);
    let results = results.with_png(args.png)?;
    results.write(&args.folder)?;
    if !common.quiet {
        console.print(&Results::page_line(&args.folder, console.out))?;
    }
    if args.open {
        open(&args.folder.join(PAGE))?;
    }
    Ok(0)
}

/// What the page is drawn from.
fn read(folder: &Path) -> Result<Page, Failure> {
    let path = folder.join(PAGE_DATA);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Failure::Wrong(format!(
            "cannot read `{}`: {error}\n  = help: name the folder that `archsim run`, `sweep`, `compare` or `saturate` wrote, for example archsim-out/NAME",
            path.display()
        ))
    })?;
    let damaged = |error: serde_json::Error| {
        Failure::Wrong(format!("`{}` is damaged: {error}\n  = help: {}", path.display(), AGAIN))
    };
    let value: Value = serde_json::from_str(&text).map_err(damaged)?;
    match value.get("form").and_then(Value::as_u64) {
        Some(form) if form == u64::from(FORM) => serde_json::from_value(value).map_err(damaged),
        _ => Err(Failure::Wrong(format!(
            "`{}` was written by another version, archsim {}, in a form that this one, archsim {}, does not read\n  = help: {AGAIN}",
            path.display(),
            value.get("archsim").and_then(Value::as_str).unwrap_or("unknown"),
            env!("CARGO_PKG_VERSION"),
        ))),
    }
}

/// What to do about results that cannot be read.
const AGAIN: &str = "run the command of its manifest.json again";

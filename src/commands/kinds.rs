//! `archsim kinds`: what can be written in a scenario.

use crate::cli::KindsArgs;
use crate::console::Console;
use crate::exit::Failure;
use crate::reference::{find, overview, page, preset, presets, words};
use archsim_experiment::language::nearest;
use archsim_experiment::models::preset::{self, PRESETS};

/// Prints the overview, or the page of each word.
pub(crate) fn kinds(args: &KindsArgs, console: Console) -> Result<u8, Failure> {
    let (width, paint) = (console.width(), console.out);
    let text = match args.names.split_first() {
        None => overview(width, paint),
        Some((word, names)) if is_preset(word) && names.is_empty() => presets(width, paint),
        Some((word, names)) if is_preset(word) => {
            let pages = names
                .iter()
                .map(|name| preset::find(name).map(|found| preset(found, paint)).ok_or_else(|| unknown_preset(name)));
            pages.collect::<Result<Vec<_>, _>>()?.join("\n")
        }
        Some(_) => {
            let pages = args.names.iter().map(|name| lookup(name, console));
            pages.collect::<Result<Vec<_>, _>>()?.join("\n")
        }
    };
    console.print(&text)?;
    Ok(0)
}

fn is_preset(word: &str) -> bool {
    word.eq_ignore_ascii_case("preset") || word.eq_ignore_ascii_case("presets")
}

fn lookup(name: &str, console: Console) -> Result<String, Failure> {
    let (width, paint) = (console.width(), console.out);
    let pages: Vec<String> = find(name).iter().map(|found| page(found, width, paint)).collect();
    match (pages.is_empty(), preset::find(name)) {
        (false, _) => Ok(pages.join("\n")),
        (true, Some(found)) => Ok(preset(found, paint)),
        (true, None) => Err(unknown(name)),
    }
}

fn unknown(name: &str) -> Failure {
    let names = PRESETS.iter().map(|(name, _, _)| *name);
    let help = match nearest(name, words().into_iter().chain(names)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`archsim kinds` lists everything".into(),
    };
    Failure::Wrong(format!("nothing in a scenario is called `{name}`\n  = help: {help}"))
}

fn unknown_preset(name: &str) -> Failure {
    let names: Vec<&str> = PRESETS.iter().map(|(name, _, _)| *name).collect();
    let help = nearest(name, names.iter().copied())
        .map_or_else(|| format!("there is {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
    Failure::Wrong(format!("there is no preset `{name}`\n  = help: {help}"))
}

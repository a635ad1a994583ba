//! `archsim new`: a scenario to begin with.

use crate::cli::NewArgs;
use crate::console::Console;
use crate::exit::Failure;
use crate::files::replace;
use crate::settings::unknown;
use crate::table::hang;
use std::path::{Path, PathBuf};

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// The scenarios that come with the program: name and text.
        const TEMPLATES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../scenarios/", $name, ".ron")))),*];
    };
}

templates! {
    "starter",
    "one-server",
    "many-servers",
    "variability",
    "balancers",
    "cache-size",
    "read-replicas",
    "fan-out",
    "order-queue",
    "spike",
    "retry-storm",
    "capacity-plan",
    "web-shop",
}

/// How the head of a scenario begins.
const QUESTION: &str = "// Question: ";

/// Writes a scenario, or lists what there is.
pub(crate) fn new(args: &NewArgs, console: Console) -> Result<u8, Failure> {
    if args.list {
        let line = |name: &str, text: &str| format!("{name:14}  {}\n", hang(&question(text), 16, console.width()));
        let lines = TEMPLATES.iter().map(|(name, text)| line(name, text));
        console.print(&lines.collect::<String>())?;
        return Ok(0);
    }
    let wanted = args.template.as_deref().unwrap_or(TEMPLATES[0].0);
    let Some((name, text)) = TEMPLATES.iter().find(|(name, _)| *name == wanted) else {
        let names: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
        return Err(Failure::Wrong(unknown("template", wanted, &names, "the library")));
    };
    let file = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.ron")));
    if file == Path::new("-") {
        console.print(text)?;
        return Ok(0);
    }
    if file.exists() && !args.force {
        let help = "give another name with --output, or replace it with --force";
        return Err(Failure::Wrong(format!("`{}` exists already\n  = help: {help}", file.display())));
    }
    replace(&file, text.as_bytes())?;
    if !console.quiet {
        let file = file.display();
        console.print(&format!(
            "{file} is written: {}\nNext: archsim check {file}, then archsim run {file}\n",
            question(text)
        ))?;
    }
    Ok(0)
}

/// The question that a scenario is headed by: up to the first empty comment line.
fn question(text: &str) -> String {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(QUESTION));
    let first = lines.next().map_or("", |line| &line[QUESTION.len()..]);
    let more = lines.map_while(|line| line.strip_prefix("// "));
    std::iter::once(first).chain(more).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_a_template_with_a_question() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios")).expect("the folder");
        let files = folder.filter_map(|file| file.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = files.filter_map(|file| Some(file.strip_suffix(".ron")?.to_owned())).collect();
        names.sort();
        let mut templates: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
        templates.sort_unstable();
        assert_eq!(names, templates);
        assert!(TEMPLATES.iter().all(|(_, text)| !question(text).is_empty()));
    }
}

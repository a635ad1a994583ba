//! Reading scenario files and the files they name.

use crate::exit::Failure;
use archsim_experiment::language::{MAX_BYTES, Source, nearest};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Reads a scenario; `-` is standard input.
pub(crate) fn scenario(path: &Path) -> Result<Source, Failure> {
    let name = path.display().to_string();
    let (name, bytes) = if name == "-" {
        (
            "<stdin>".to_owned(),
            limited(std::io::stdin().lock()).map_err(|e| Failure::Wrong(unreadable("standard input", &e)))?,
        )
    } else if path.is_dir() {
        return Err(Failure::Wrong(directory(path)));
    } else {
        let bytes = File::open(path).and_then(limited).map_err(|error| missing(path, &error))?;
        (name, bytes)
    };
    Source::from_bytes(&name, &bytes).map_err(|problem| {
        let help: String = problem.help.iter().map(|help| format!("\n  = help: {help}")).collect();
        Failure::Wrong(format!("{name}: {}{help}", problem.message))
    })
}

/// The text of a file that a scenario names, from the scenario's folder.
pub(crate) fn beside(scenario: &Path, name: &str) -> Result<String, String> {
    let folder = scenario.parent().filter(|_| scenario != Path::new("-")).unwrap_or(Path::new(""));
    let path = folder.join(name);
    let bytes = File::open(&path).and_then(limited).map_err(|e| format!("cannot read `{}`: {e}", path.display()))?;
    if bytes.len() > MAX_BYTES {
        return Err(format!("`{}` has more than {} MiB", path.display(), MAX_BYTES >> 20));
    }
    String::from_utf8(bytes).map_err(|_| format!("`{}` is not UTF-8 text", path.display()))
}

/// Reads one byte more than is allowed at most, so that an endless file ends.
fn limited(reader: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(what: &str, error: &std::io::Error) -> String {
    format!("cannot read {what}: {error}")
}

fn missing(path: &Path, error: &std::io::Error) -> Failure {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names = scenarios_in(folder);
    let wanted = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut text = unreadable(&format!("`{}`", path.display()), error);
    if let Some(near) = nearest(&wanted, names.iter().map(String::as_str)) {
        text += &format!("\n  = help: did you mean `{}`?", path.with_file_name(near).display());
    }
    Failure::Wrong(text)
}

fn directory(path: &Path) -> String {
    let names = scenarios_in(path);
    let help = match names.first() {
        Some(first) => format!("\n  = help: name a file in it, such as `{}`", path.join(first).display()),
        None => String::new(),
    };
    format!("`{}` is a folder, not a scenario{help}", path.display())
}

/// The names of the scenario files in a folder, in alphabetical order.
fn scenarios_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".ron")).collect();
    names.sort();
    names
}

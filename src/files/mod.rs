//! The files of a run or a sweep: written whole or not at all, the same bytes for the same results.

mod csv;
mod intervals;
pub(crate) mod json;
#[cfg(feature = "parquet")]
mod parquet;
mod png;
pub(crate) mod store;

pub(crate) use csv::{correlations, courses, differences, points, probes, series, trials};
pub(crate) use intervals::{intervals, planned, searched};

use crate::console::Paint;
use crate::exit::Failure;
use crate::page::{Page, html};
use archsim_experiment::language::Source;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where results go by default.
const PARENT: &str = "archsim-out";
/// The page for people.
pub(crate) const PAGE: &str = "report.html";
/// What the page is drawn from.
pub(crate) const PAGE_DATA: &str = "report.json";

/// The folder of results; `--out`, or one named after the scenario and the experiment.
pub(crate) fn folder(out: Option<&Path>, scenario: &Path, experiment: Option<&str>) -> PathBuf {
    if let Some(out) = out {
        return out.to_owned();
    }
    let stem = scenario.file_stem().filter(|_| scenario != Path::new("-"));
    let stem = stem.map_or("stdin".into(), |stem| stem.to_string_lossy().into_owned());
    let folder = Path::new(PARENT).join(stem);
    experiment.map_or(folder.clone(), |name| folder.join(slug(name)))
}

/// A name that is safe as the name of a file: letters, digits and dots, the rest becomes dashes.
pub(crate) fn slug(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' };
    let text: String = name.chars().map(safe).take(100).collect();
    let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
    let slug = parts.join("-");
    if slug.trim_matches('.').is_empty() { "unnamed".into() } else { slug }
}

/// Files with their contents, before they are written.
#[derive(Default)]
pub(crate) struct Results {
    files: Vec<(String, Vec<u8>)>,
}

impl Results {
    /// Adds a file; the name may contain a folder.
    pub(crate) fn add(&mut self, name: impl Into<String>, contents: impl Into<Vec<u8>>) {
        self.files.push((name.into(), contents.into()));
    }

    /// Adds the scenario as it was run.
    pub(crate) fn scenario(&mut self, source: &Source) {
        self.add("scenario.ron", source.text());
    }

    /// Adds the page, what it is drawn from, and its charts.
    pub(crate) fn page(&mut self, page: &Page) {
        self.add(PAGE_DATA, json::pretty(page));
        self.drawn(page);
    }

    /// Adds the page and its charts.
    pub(crate) fn drawn(&mut self, page: &Page) {
        self.add(PAGE, html(page));
        for figure in page.picture.iter().chain(&page.figures) {
            self.add(format!("plots/{}.svg", slug(&figure.name)), figure.svg());
        }
    }

    /// Adds a PNG beside every chart, if that was asked for.
    pub(crate) fn with_png(mut self, asked: bool) -> Result<Results, Failure> {
        let charts = self.files.iter().filter(|(name, _)| asked && name.ends_with(".svg"));
        let draw = |(name, svg): &(String, Vec<u8>)| {
            let picture = png::png(&String::from_utf8_lossy(svg));
            let picture = picture.map_err(|error| Failure::Broken(format!("cannot draw `{name}` as PNG: {error}")))?;
            Ok((name.replace(".svg", ".png"), picture))
        };
        let drawn = charts.map(draw).collect::<Result<Vec<_>, Failure>>()?;
        self.files.extend(drawn);
        Ok(self)
    }

    /// Adds a Parquet file beside every table, if that was asked for.
    pub(crate) fn with_parquet(self, asked: bool) -> Result<Results, Failure> {
        if !asked {
            return Ok(self);
        }
        parquet_is_built_in()?;
        #[cfg(feature = "parquet")]
        let more = parquet::beside(&self.files)?;
        #[cfg(not(feature = "parquet"))]
        let more = vec![];
        Ok(Results { files: self.files.into_iter().chain(more).collect() })
    }

    /// Writes everything.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let failure = |path: &Path, error: std::io::Error| {
            Failure::Broken(format!(
                "cannot write `{}`: {error}\n  = help: the results above are complete; --out names another folder",
                path.display()
            ))
        };
        [folder.to_owned(), folder.join("plots")].iter().for_each(|folder| tidy(folder, &|_| true));
        for (name, contents) in &self.files {
            let path = folder.join(name);
            write_whole(&path, contents).map_err(|error| failure(&path, error))?;
        }
        Ok(())
    }

    /// Where the page is, in the last line that the terminal shows.
    pub(crate) fn page_line(folder: &Path, paint: Paint) -> String {
        crate::table::time::titled("Report", &folder.join(PAGE).display().to_string(), paint)
    }

    /// What was written, in a line.
    pub(crate) fn listed(&self, folder: &Path) -> String {
        let plots = self.files.iter().filter(|(name, _)| name.starts_with("plots/") && name.ends_with(".svg")).count();
        let names = self.files.iter().map(|(name, _)| name.as_str()).filter(|name| !name.contains('/'));
        let charts = (plots > 0).then(|| format!("plots/ ({})", crate::table::plural(plots, "chart")));
        let names: Vec<String> = names.map(str::to_owned).chain(charts).collect();
        format!("{}{}: {}", folder.display(), std::path::MAIN_SEPARATOR, names.join(", "))
    }
}

/// Whether this program can write Parquet: its library makes the build a third longer, so it is not in every program.
pub(crate) fn parquet_is_built_in() -> Result<(), Failure> {
    let missing = "this program was built without Parquet\n  = help: cargo build --release --features parquet; every table is written as CSV anyway";
    if cfg!(feature = "parquet") { Ok(()) } else { Err(Failure::Wrong(missing.into())) }
}

/// Writes a file under another name in the same folder and then renames it, so that nobody ever sees half a file. What has been written
/// stays written when the power fails.
fn write_whole(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = folder.join(format!(".{name}.{}.part", unique()));
    let written = fill(&temporary, contents).and_then(|()| std::fs::rename(&temporary, path));
    let written = written.and_then(|()| sync_folder(folder));
    if written.is_err() {
        // It may not even exist; the first error is the one to report.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// Replaces a file of the user, or writes a new one; links and permissions stay.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let permissions = target.metadata().map(|metadata| metadata.permissions()).ok();
    let written = write_whole(&target, contents);
    let kept = written.and_then(|()| permissions.map_or(Ok(()), |kept| std::fs::set_permissions(&target, kept)));
    kept.map_err(|error| Failure::Broken(format!("cannot write `{}`: {error}", path.display())))
}

/// Removes what a writer that was killed has left in a folder of files with these names.
fn tidy(folder: &Path, names: &dyn Fn(&str) -> bool) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let written = name.strip_prefix('.').and_then(|name| name.strip_suffix(".part")?.rsplit_once('.'));
        if written.is_some_and(|(name, _)| names(name)) {
            // It is of no use and does no harm.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// A word that no other writer uses at the same time, on this machine or on another that shares the folder.
fn unique() -> String {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}-{:x}", std::process::id(), crate::clock::nanoseconds())
}

/// The name of a file is in its folder, which is written by itself (fsync(2)).
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn fill(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_after_the_scenario_and_the_experiment() {
        let of = |file: &str, name| folder(None, Path::new(file), name).display().to_string();
        assert_eq!(of("a/web-shop.ron", None), "archsim-out/web-shop");
        assert_eq!(of("-", Some("how many?")), "archsim-out/stdin/how-many");
        assert_eq!(folder(Some(Path::new("x")), Path::new("a.ron"), Some("y")), Path::new("x"));
    }

    #[test]
    fn names_of_files_cannot_leave_the_folder() {
        assert_eq!(slug("../../etc/passwd"), "..-..-etc-passwd");
        assert_eq!(slug(".."), "unnamed");
        assert_eq!(slug("\u{e9}"), "unnamed");
        assert_eq!(slug("a -> b.p99"), "a-b.p99");
    }
}

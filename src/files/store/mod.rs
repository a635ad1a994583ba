//! The finished points of a sweep, each kept as soon as it is there: a sweep that is stopped goes on where it was, and its parts may
//! be run anywhere.

mod definition;
mod point;

pub(crate) use definition::Definition;

use super::write_whole;
use crate::exit::Failure;
use archsim_experiment::report::SweepPoint;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The file with the definition of the sweep.
const DEFINITION: &str = "sweep.json";
/// The folder of the finished points.
const POINTS: &str = "points";
/// The folder with an empty file for each shard that was begun: its name says which.
const SHARDS: &str = "shards";

/// SHA-256 (FIPS 180-4) in hexadecimal digits.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is known of a point.
pub(crate) enum Found {
    /// There is no file.
    Missing,
    /// There is a file that cannot be used.
    Damaged,
    /// The point.
    Point(Box<SweepPoint>),
}

impl Found {
    /// The point, where it is there.
    pub(crate) fn point(self) -> Option<SweepPoint> {
        if let Found::Point(point) = self { Some(*point) } else { None }
    }
}

/// What may happen to a sweep that is in the folder already and is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Other {
    /// It stays.
    Refuse,
    /// It makes room if it is finished.
    ReplaceFinished,
    /// Whatever is there goes, even of this very sweep.
    StartOver,
}

/// A folder with the points of one sweep.
pub(crate) struct Store {
    folder: PathBuf,
    digest: String,
}

impl Store {
    /// The store of a sweep in a folder; made where there is none.
    pub(crate) fn open(folder: &Path, definition: &Definition, other: Other) -> Result<Store, Failure> {
        let found = Self::definition(folder);
        let same = found.as_ref().is_ok_and(|found| found.as_ref() == Some(definition));
        let there = !matches!(found, Ok(None));
        let finished = || matches!(&found, Ok(Some(old)) if is_finished(folder, old));
        match other {
            Other::Refuse if there && !same => return Err(refused(folder, definition, found)),
            Other::ReplaceFinished if there && !same && !finished() => return Err(refused(folder, definition, found)),
            Other::ReplaceFinished if there && !same => clear(folder)?,
            Other::StartOver => clear(folder)?,
            _ => {}
        }
        let store = Store { folder: folder.to_owned(), digest: definition.digest() };
        if !same || other == Other::StartOver {
            store.write(DEFINITION, definition.text().as_bytes())?;
        }
        std::fs::create_dir_all(folder.join(POINTS)).map_err(|error| unwritable(&folder.join(POINTS), &error))?;
        Ok(store)
    }

    /// The store that a shard or a sweep has left in a folder.
    pub(crate) fn existing(folder: &Path) -> Result<(Store, Definition), Failure> {
        let definition = Self::definition(folder)?.ok_or_else(|| {
            let (path, help) = (folder.display(), "name folders that `archsim sweep --shard` wrote to");
            Failure::Wrong(format!("`{path}` has no points of a sweep: there is no {DEFINITION}\n  = help: {help}"))
        })?;
        Ok((Store { folder: folder.to_owned(), digest: definition.digest() }, definition))
    }

    /// The definition in a folder; none where there is none.
    fn definition(folder: &Path) -> Result<Option<Definition>, Failure> {
        let path = folder.join(DEFINITION);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(error) => return Err(Failure::Broken(format!("cannot read `{}`: {error}", path.display()))),
        };
        let wrong = |error| format!("`{}` is not the definition of a sweep of this version: {error}", path.display());
        serde_json::from_slice(&text).map(Some).map_err(|error| Failure::Wrong(wrong(error)))
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a point, by index from 0.
    pub(crate) fn path(&self, point: usize) -> PathBuf {
        self.folder.join(POINTS).join(format!("{:04}.json", point + 1))
    }

    /// The bytes of a point's file, where there is one.
    pub(crate) fn bytes(&self, point: usize) -> Option<Vec<u8>> {
        std::fs::read(self.path(point)).ok()
    }

    /// A point, if it is there.
    pub(crate) fn read(&self, point: usize) -> Found {
        match self.bytes(point) {
            None => Found::Missing,
            Some(bytes) => self.decoded(point, &bytes).map_or(Found::Damaged, |point| Found::Point(Box::new(point))),
        }
    }

    /// A point from the bytes of its file; none if they are damaged.
    pub(crate) fn decoded(&self, point: usize, bytes: &[u8]) -> Option<SweepPoint> {
        point::decoded(&self.digest, point, bytes)
    }

    /// Whether the bytes are a point of another sweep.
    pub(crate) fn is_of_another(&self, bytes: &[u8]) -> bool {
        point::sweep_of(bytes).is_some_and(|sweep| sweep != self.digest)
    }

    /// Keeps a point.
    pub(crate) fn keep(&self, point: usize, result: &SweepPoint) -> Result<(), Failure> {
        self.keep_bytes(point, point::encoded(&self.digest, point, result).as_bytes())
    }

    /// Keeps a point whose file is known.
    pub(crate) fn keep_bytes(&self, point: usize, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path(point);
        write_whole(&path, bytes).map_err(|error| unwritable(&path, &error))
    }

    /// Removes what a writer that was killed has left of these points.
    pub(crate) fn tidy(&self, points: &[usize]) {
        let names: BTreeSet<OsString> =
            points.iter().filter_map(|p| Some(self.path(*p).file_name()?.to_owned())).collect();
        super::tidy(&self.folder.join(POINTS), &|name| names.contains(OsStr::new(name)));
    }

    /// Notes that a shard was begun, so that a merge can say which shard a missing point belongs to.
    pub(crate) fn note_shard(&self, index: usize, count: usize) -> Result<(), Failure> {
        self.write(&format!("{SHARDS}/{}-of-{count}", index + 1), b"")
    }

    /// The numbers of shards that the sweep was dealt to.
    pub(crate) fn shard_counts(&self) -> Vec<usize> {
        let entries = std::fs::read_dir(self.folder.join(SHARDS)).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let count = |name: String| name.split_once("-of-")?.1.parse().ok();
        let mut counts: Vec<usize> = names.filter_map(count).collect();
        counts.sort_unstable();
        counts.dedup();
        counts
    }

    fn write(&self, name: &str, contents: &[u8]) -> Result<(), Failure> {
        let path = self.folder.join(name);
        write_whole(&path, contents).map_err(|error| unwritable(&path, &error))
    }
}

/// Whether every point of a sweep has a file.
fn is_finished(folder: &Path, definition: &Definition) -> bool {
    let store = Store { folder: folder.to_owned(), digest: String::new() };
    (0..definition.size()).all(|point| store.path(point).exists())
}

/// Removes the points of whatever sweep is in a folder.
fn clear(folder: &Path) -> Result<(), Failure> {
    for path in [folder.join(POINTS), folder.join(SHARDS)] {
        match std::fs::remove_dir_all(&path) {
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(Failure::Broken(format!("cannot remove `{}`: {error}", path.display())));
            }
            _ => {}
        }
    }
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Broken(format!("cannot write `{}`: {error}", path.display()))
}

/// Why the sweep in the folder is in the way.
fn refused(folder: &Path, definition: &Definition, found: Result<Option<Definition>, Failure>) -> Failure {
    let what = match found {
        Err(Failure::Wrong(text) | Failure::Findings(text)) => text,
        Err(failure) => return failure,
        Ok(found) => {
            let differences = found.map_or(Vec::new(), |found| definition.differences(&found)).join(", ");
            format!("`{}` has points of another sweep, which differs in: {differences}", folder.display())
        }
    };
    Failure::Wrong(format!(
        "{what}\n  = help: --out names another folder; --fresh throws its points away and starts over (not with --shard: others may be at work)"
    ))
}

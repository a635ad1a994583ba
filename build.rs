//! Gives the program a mark of the sources that results depend on, so that points of an interrupted sweep are never mixed with
//! those of another version: `ARCHSIM_SOURCES`.

use std::path::{Path, PathBuf};

/// What results depend on, besides the scenario.
const SOURCES: [&str; 5] = ["Cargo.lock", "sim-core/src", "models/src", "language/src", "experiment/src"];

fn main() {
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        collect(Path::new(source), &mut files);
    }
    files.sort();
    let mut mark = OFFSET;
    for file in files {
        mark = hashed(mark, file.to_string_lossy().replace('\\', "/").as_bytes());
        mark = hashed(mark, &std::fs::read(&file).unwrap_or_default());
    }
    println!("cargo:rustc-env=ARCHSIM_SOURCES={mark:016x}");
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), files)),
        Err(_) => files.push(path.to_owned()),
    }
}

/// The 64-bit FNV-1a hash (G. Fowler, L. C. Noll, K.-P. Vo, draft-eastlake-fnv): it only has to tell builds apart.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

fn hashed(mark: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(mark, |mark, byte| (mark ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

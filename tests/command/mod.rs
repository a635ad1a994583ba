//! Runs the built program in a folder of its own.

mod check;
mod compare;
mod explain;
mod files;
mod fmt;
mod gate;
mod heavy_tail;
mod kinds;
mod new;
mod page;
pub(crate) mod plan;
mod resume;
mod run;
mod saturate;
mod shard;
mod sweep;
mod template;
mod trace;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A small scenario that holds its SLO.
pub(crate) const TINY: &str = r#"Scenario(
    name: "Tiny",
    run: (duration: "200s", warmup: "2s", replications: 2, seed: 3),
    traffic: { "users": Open(to: "web", rate: "50/s") },
    components: { "web": Service(replicas: 2, on: { "get": [Compute(Exp("10ms"))] }) },
    slos: ["users.p99 < 1s"],
    variants: { "slow": { "web.on.get": [Compute(Exp("30ms"))] } },
    experiments: {
        "size": Sweep(vary: { "web.replicas": 1..=3 }, measure: ["users.p99", "web.utilization"]),
        "tip": Saturate(raise: "users.rate", from: 10, to: 500),
    },
)
"#;

/// A folder that is gone when the test is over.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("archsim-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the temporary folder can be written to");
        Folder(path)
    }

    /// A folder with the small scenario in `tiny.ron`.
    fn tiny(name: &str) -> Folder {
        Folder::new(name).with("tiny.ron", TINY)
    }

    pub(crate) fn with(self, name: &str, text: &str) -> Folder {
        std::fs::write(self.0.join(name), text).expect("the temporary folder can be written to");
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The program with these arguments, in this folder, with neither a terminal nor settings of the caller.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_archsim"));
        command.args(arguments).current_dir(&self.0).stdin(Stdio::null()).env_remove("NO_COLOR");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let output = self.command(arguments).output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
        Outcome { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        let _ = std::fs::remove_dir_all(Path::new(&self.0));
    }
}

/// What the program did.
#[derive(Debug)]
pub(crate) struct Outcome {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Outcome {
    /// Checks that it ended with this code and said these things on stderr.
    #[track_caller]
    fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        words.iter().for_each(|word| assert!(self.err.contains(word), "{word} is not in {self:?}"));
    }

    /// Checks that it ended well and said nothing on stderr.
    #[track_caller]
    pub(crate) fn is_fine(&self) {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{self:?}");
    }

    /// Checks that stdout is one JSON document, and reads it.
    #[track_caller]
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

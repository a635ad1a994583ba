//! The command line: what can be asked for.

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Predicts how a backend architecture behaves before anyone builds it.
#[derive(Debug, Parser)]
#[command(name = "archsim", version, about, disable_help_subcommand = true, args_override_self = true)]
#[command(after_help = "Examples:
  archsim check shop.ron
  archsim shop.ron --set catalog.replicas=8 --slo \"shoppers.p99 < 300ms\"
  archsim sweep shop.ron --vary shoppers.rate=500/s,1000/s,2000/s
  archsim compare shop.ron --variants \"8 servers,no cache\"
  archsim saturate shop.ron --raise shoppers.rate --until \"shoppers.p99 < 300ms\"
  archsim plan shop.ron --vary catalog.replicas=3..=12 --keep \"shoppers.p99 < 300ms\"
  archsim trace shop.ron --slowest 3 --endpoint checkout
  archsim kinds Service

`archsim FILE` is short for `archsim run FILE`.

Exit codes:
    0  fine
    1  an SLO failed (with --strict: or is undecided)
    2  the file or the command is wrong
    3  input, output or internal error
  130  interrupted")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// What all commands share.
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find mistakes and show the load of every component; simulates nothing.
    Check(CheckArgs),
    /// Simulate a scenario and judge its SLOs.
    Run(RunArgs),
    /// Simulate a grid of settings: an experiment of the file, or --vary.
    #[command(after_help = "Exit code 1: no point of the grid meets all SLOs.")]
    Sweep(SweepArgs),
    /// Put the shards of a sweep together: the results are those of a sweep in one piece.
    #[command(
        after_help = "Exit code 1: no point of the grid meets all SLOs. Exit code 2: points are missing, or do not belong together."
    )]
    Merge(MergeArgs),
    /// Put variants, or files, side by side on the same random numbers: every difference with its interval.
    #[command(after_help = "Exit code 0, whatever the differences are.")]
    Compare(CompareArgs),
    /// Search the highest load that still meets the SLOs, with its interval.
    #[command(after_help = "Exit code 1: the SLOs do not even hold at the lowest value.")]
    Saturate(SaturateArgs),
    /// Search the cheapest setting that meets the SLOs, without running most of the grid.
    #[command(after_help = "Exit code 1: no setting meets the SLOs.")]
    Plan(PlanArgs),
    /// Follow single requests: where each waited, worked, was on the wire, was retried.
    Trace(TraceArgs),
    /// Draw the page and the charts of stored results again.
    Report(ReportArgs),
    /// Where a value comes from and what its field means, or what a finding means.
    #[command(after_help = "Examples:
  archsim explain shop.ron catalog.replicas
  archsim explain shop.ron redis.workers --variant \"no cache\"
  archsim explain timeout-inversion")]
    Explain(ExplainArgs),
    /// Write a commented scenario to begin with.
    New(NewArgs),
    /// Lay out scenario files: indentation, blanks, commas; comments and line breaks stay.
    #[command(after_help = "Exit code 1 with --check: a file is laid out differently.")]
    Fmt(FmtArgs),
    /// Print the completions of a shell.
    #[command(after_help = "For example: archsim completions bash > /etc/bash_completion.d/archsim")]
    Completions(CompletionsArgs),
    /// What can be written in a scenario: kinds, steps, policies, distributions, presets...
    Kinds(KindsArgs),
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "General options")]
pub(crate) struct Common {
    /// Only what was asked for: no progress, no explanations; for `run` the verdicts
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// More detail: settings that were changed, every part of the time
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// No progress bar (there is none where stderr is not a terminal)
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// Colours; `auto` is on terminals, unless NO_COLOR is set
    #[arg(long, value_enum, default_value = "auto", global = true, value_name = "WHEN")]
    pub(crate) color: Colour,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On terminals.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// `archsim check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Scenario files; `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// The same as --format json
    #[arg(long)]
    pub(crate) json: bool,
    /// What counts as a mistake besides errors
    #[arg(long, value_enum)]
    pub(crate) deny: Option<Deny>,
    /// Changes to the file before it is checked
    #[command(flatten)]
    pub(crate) changes: Changes,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With the lines they are about, and the load table
    Human,
    /// One line each: file:line:column: severity[code]: message
    Short,
    /// One JSON document
    Json,
    /// Annotations of a GitHub Actions job
    Github,
}

/// How the verdicts on the SLOs are printed; those of a sweep at each point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Tables
    Human,
    /// One JSON document
    Json,
    /// The SLOs, an annotation for each that did not pass, and a table in the file that GITHUB_STEP_SUMMARY names
    Github,
    /// One JUnit XML document, a test case for each SLO
    Junit,
}

/// What counts as a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Warnings too
    Warnings,
}

/// Changes to the file.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What if")]
pub(crate) struct Changes {
    /// Change a value: `--set catalog.replicas=8`, `--set "web -> db.timeout=50ms"`; repeatable
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment)]
    pub(crate) set: Vec<(String, String)>,
    /// Apply a variant of the file, before any --set
    #[arg(long, value_name = "NAME")]
    pub(crate) variant: Option<String>,
    /// Judge one more SLO: `--slo "shoppers.p99 < 300ms"`; repeatable
    #[arg(long, value_name = "EXPR")]
    pub(crate) slo: Vec<String>,
    /// Seed of all random numbers (run.seed)
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Simulated time of each replication (run.duration)
    #[arg(long, value_name = "TIME")]
    pub(crate) duration: Option<String>,
    /// Independent repetitions (run.replications)
    #[arg(long, value_name = "N")]
    pub(crate) replications: Option<u32>,
}

impl Changes {
    /// Whether anything is changed.
    pub(crate) fn any(&self) -> bool {
        let run = self.seed.is_some() || self.duration.is_some() || self.replications.is_some();
        run || self.variant.is_some() || !self.set.is_empty() || !self.slo.is_empty()
    }
}

/// Options of everything that simulates.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Running and results")]
pub(crate) struct Simulation {
    /// Threads; results do not depend on it. Default: all cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Folder for the results [default: archsim-out/<name of the file>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write every chart as PNG too
    #[arg(long)]
    pub(crate) png: bool,
    /// Write every table as Parquet too (needs a program built with --features parquet)
    #[arg(long)]
    pub(crate) parquet: bool,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub(crate) json: bool,
    /// An undecided SLO counts as failed
    #[arg(long)]
    pub(crate) strict: bool,
    /// Exit with 0 even if an SLO failed
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

/// `archsim run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The scenario file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Put what queueing theory says beside the simulated numbers, and say where it says nothing
    #[arg(long)]
    pub(crate) theory: bool,
    /// What is printed
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Output,
    /// Changes to the file before it is run
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// How to run it
    #[command(flatten)]
    pub(crate) simulation: Simulation,
}

impl RunArgs {
    /// What is printed; `--json` is the same as `--format json`.
    pub(crate) fn output(&self) -> Output {
        if self.simulation.json { Output::Json } else { self.format }
    }
}

/// `archsim report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The folder that run, sweep, merge, compare, saturate or plan wrote
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Write every chart as PNG too
    #[arg(long)]
    pub(crate) png: bool,
    /// Open the page in the default browser
    #[arg(long)]
    pub(crate) open: bool,
}

/// `archsim sweep`.
#[derive(Debug, Args)]
pub(crate) struct SweepArgs {
    /// The scenario file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The experiment of the file; may be left out where there is only one
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Vary a value instead: `--vary catalog.replicas=1..=8`, `--vary redis.ttl=1m,10m,1h`; repeatable for a grid
    #[arg(long, value_name = "PATH=VALUES", value_parser = assignment)]
    pub(crate) vary: Vec<(String, String)>,
    /// A metric to show; repeatable
    #[arg(long, value_name = "METRIC")]
    pub(crate) measure: Vec<String>,
    /// Scatter so many points over the ranges instead of running every combination: `--sample lhs:200`, a Latin hypercube sample. Of
    /// `Linear` and `Log` any value between the ends
    #[arg(long, value_name = "lhs:N", value_parser = sample)]
    pub(crate) sample: Option<usize>,
    /// Change every number of the model by so much, up and down, one at a time, and show which moves the metric most
    #[arg(long, value_name = "SHARE", num_args = 0..=1, default_missing_value = "20%", value_parser = change)]
    #[arg(conflicts_with_all = ["name", "vary", "sample", "shard", "fresh"], require_equals = true)]
    pub(crate) sensitivity: Option<f64>,
    /// With --sensitivity: only the numbers at or below this path; repeatable
    #[arg(long, value_name = "PATH", requires = "sensitivity")]
    pub(crate) only: Vec<String>,
    /// Run only this part of the points: `3/16`, or `auto` in a Slurm array or a Kubernetes indexed job (`auto/16` where the number
    /// of parts is not in the environment). `archsim merge` puts the parts together
    #[arg(long, value_name = "I/N", value_parser = crate::shard::wanted, conflicts_with = "fresh")]
    pub(crate) shard: Option<crate::shard::Wanted>,
    /// Run every point again, and throw away what is in the folder; without it a sweep goes on where it was stopped
    #[arg(long)]
    pub(crate) fresh: bool,
    /// What is printed
    #[arg(long, value_enum, default_value = "human", conflicts_with_all = ["shard", "sensitivity"])]
    pub(crate) format: Output,
    /// Changes to the file before it is run
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// How to run it
    #[command(flatten)]
    pub(crate) simulation: Simulation,
}

impl SweepArgs {
    /// What is printed; `--json` is the same as `--format json`.
    pub(crate) fn output(&self) -> Output {
        if self.simulation.json { Output::Json } else { self.format }
    }
}

/// `archsim merge`.
#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// Folders that the shards wrote to; one if they share it
    #[arg(required = true, value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// Folder for the results [default: DIR, where there is only one]
    #[arg(long, value_name = "OUT")]
    pub(crate) out: Option<PathBuf>,
    /// Write every chart as PNG too
    #[arg(long)]
    pub(crate) png: bool,
    /// Write every table as Parquet too (needs a program built with --features parquet)
    #[arg(long)]
    pub(crate) parquet: bool,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub(crate) json: bool,
    /// An undecided SLO counts as failed
    #[arg(long)]
    pub(crate) strict: bool,
    /// Exit with 0 even if an SLO failed
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

impl MergeArgs {
    /// As those of a sweep in one piece.
    pub(crate) fn simulation(&self) -> Simulation {
        let MergeArgs { out, png, parquet, json, strict, exit_zero, .. } = self;
        Simulation {
            threads: None,
            out: out.clone(),
            png: *png,
            parquet: *parquet,
            json: *json,
            strict: *strict,
            exit_zero: *exit_zero,
        }
    }
}

/// `archsim compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// The scenario file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Other files, which run as long and with the same seed as the first; or an experiment of the file
    #[arg(value_name = "OTHER")]
    pub(crate) others: Vec<String>,
    /// Variants of the file, separated by commas; `baseline` is the file itself [default: all of them]
    #[arg(long, value_name = "NAMES")]
    pub(crate) variants: Vec<String>,
    /// What the others are compared with [default: the baseline, or the first file]
    #[arg(long, value_name = "NAME")]
    pub(crate) against: Option<String>,
    /// Run it once up to an instant and go on from there as each alternative: `--from 150s`
    #[arg(long, value_name = "INSTANT")]
    pub(crate) from: Option<String>,
    /// An alternative with this value from then on: `--then pricing.queue=10`; several are one alternative
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment, requires = "from")]
    pub(crate) then: Vec<(String, String)>,
    /// A metric to compare; repeatable
    #[arg(long, value_name = "METRIC")]
    pub(crate) measure: Vec<String>,
    /// Changes to every file before it is run
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// How to run it
    #[command(flatten)]
    pub(crate) simulation: Simulation,
}

/// `archsim saturate`.
#[derive(Debug, Args)]
pub(crate) struct SaturateArgs {
    /// The scenario file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The experiment of the file; may be left out where there is only one
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The setting to raise: `--raise shoppers.rate`
    #[arg(long, value_name = "PATH")]
    pub(crate) raise: Option<String>,
    /// Lowest value [default: a hundredth of that of the file]
    #[arg(long, value_name = "VALUE")]
    pub(crate) from: Option<String>,
    /// Highest value [default: a hundred times that of the file]
    #[arg(long, value_name = "VALUE")]
    pub(crate) to: Option<String>,
    /// What must hold: `--until "shoppers.p99 < 300ms"`; repeatable [default: the SLOs of the file, else a steady state]
    #[arg(long, value_name = "EXPR")]
    pub(crate) until: Vec<String>,
    /// Half-width of the answer's interval, relative to it
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = share)]
    pub(crate) precision: f64,
    /// Changes to the file before it is run
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// How to run it
    #[command(flatten)]
    pub(crate) simulation: Simulation,
}

/// `archsim plan`.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The scenario file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The experiment of the file; may be left out where there is only one
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The metric to make small: `cost`, `shoppers.p99` [default: that of the experiment, else cost]
    #[arg(long, value_name = "METRIC")]
    pub(crate) minimize: Option<String>,
    /// What may change: `--vary catalog.replicas=1..=8`; repeatable
    #[arg(long, value_name = "PATH=VALUES", value_parser = assignment)]
    pub(crate) vary: Vec<(String, String)>,
    /// What must hold: `--keep "shoppers.p99 < 300ms"`; repeatable [default: the SLOs of the file]
    #[arg(long, value_name = "EXPR")]
    pub(crate) keep: Vec<String>,
    /// What is nearer to a limit than this, relative to it, is not run for longer
    #[arg(long, value_name = "SHARE", default_value = "5%", value_parser = share)]
    pub(crate) precision: f64,
    /// Changes to the file before it is run
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// How to run it
    #[command(flatten)]
    pub(crate) simulation: Simulation,
}

/// `archsim trace`.
#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// The scenario file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// So many of the slowest requests, the warm-up left out
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = slowest)]
    pub(crate) slowest: usize,
    /// Only requests of a traffic source or of one of its operations: `checkout`, `shoppers.checkout`
    #[arg(long, value_name = "NAME")]
    pub(crate) endpoint: Option<String>,
    /// Only requests that failed
    #[arg(long)]
    pub(crate) failed: bool,
    /// The replication to look into, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) replication: u32,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub(crate) json: bool,
    /// Changes to the file before it is run
    #[command(flatten)]
    pub(crate) changes: Changes,
}

/// `archsim kinds`.
#[derive(Debug, Args)]
pub(crate) struct KindsArgs {
    /// What to look up: `Service`, `Compute`, `Exp`, `distributions`, `preset redis`...; everything in short without
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
}

/// `archsim explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The scenario file; or the code of a finding, as in `warning[overload]`
    #[arg(value_name = "FILE|CODE")]
    pub(crate) subject: String,
    /// The path of a value: `catalog.replicas`, `"web -> db.timeout"`, `web.on.get[0].time`
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Changes to the file
    #[command(flatten)]
    pub(crate) changes: Changes,
}

/// `archsim new`.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The scenario to copy [default: starter]
    #[arg(value_name = "TEMPLATE")]
    pub(crate) template: Option<String>,
    /// The file to write [default: <template>.ron]; `-` prints it
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// List the templates with the question of each
    #[arg(long)]
    pub(crate) list: bool,
    /// Replace the file if it exists
    #[arg(long)]
    pub(crate) force: bool,
}

/// `archsim fmt`.
#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    /// Scenario files; `-` reads standard input and prints the result
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Change nothing; name the files that would change
    #[arg(long)]
    pub(crate) check: bool,
}

/// `archsim completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// A share between a thousandth and a fifth: `1%`, `0.02`.
fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 0.01));
    let share = number.trim().parse::<f64>().ok().map(|number| number * unit);
    let possible = share.filter(|share| (0.001..=0.2).contains(share));
    possible.ok_or("a share between 0.1% and 20% is needed".into())
}

/// A change between a hundredth and nine tenths: `20%`, `0.2`.
fn change(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 0.01));
    let share = number.trim().parse::<f64>().ok().map(|number| number * unit);
    share.filter(|share| (0.01..=0.9).contains(share)).ok_or("a share between 1% and 90% is needed".into())
}

/// A number of requests to keep.
fn slowest(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|_| "a whole number from 1 to 100000 is needed".to_owned())?;
    if (1..=100_000).contains(&number) {
        Ok(number)
    } else {
        Err("between 1 and 100000 requests can be followed".into())
    }
}

/// A path and a value around the first `=`.
fn assignment(text: &str) -> Result<(String, String), String> {
    let (path, value) = text.split_once('=').ok_or("there is no `=`; write PATH=VALUE, for example web.replicas=8")?;
    let (path, value) = (path.trim(), value.trim());
    match (path.is_empty(), value.is_empty()) {
        (true, _) => Err("the path before `=` is missing".into()),
        (_, true) => Err("the value after `=` is missing".into()),
        _ => Ok((path.to_owned(), value.to_owned())),
    }
}

/// The size of a sample: `lhs:200`.
fn sample(text: &str) -> Result<usize, String> {
    let most = archsim_experiment::sweep::MAX_POINTS;
    let (method, size) = text.split_once(':').unwrap_or((text, ""));
    if method != "lhs" {
        return Err("the only way to sample is a Latin hypercube; write lhs:200".into());
    }
    let size = size.trim().parse::<usize>().ok().filter(|size| (2..=most).contains(size));
    size.ok_or_else(|| format!("the number of points is from 2 to {most}; write lhs:200"))
}

/// Reads the command line; on a wrong one clap prints what is wrong and exits with 2.
pub(crate) fn parse(arguments: Vec<OsString>) -> Cli {
    Cli::parse_from(with_default_command(arguments))
}

/// Puts `run` in front of a file: `archsim web-shop.ron`.
fn with_default_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|first| means_run(first, arguments.len() == 2)) {
        arguments.insert(1, "run".into());
    }
    arguments
}

/// Whether the first argument starts a run without the word. What looks like neither a file nor an option is left to
/// clap, which suggests the command that was meant.
fn means_run(first: &OsString, alone: bool) -> bool {
    let text = first.to_string_lossy();
    if Cli::command().get_subcommands().any(|command| command.get_name() == text) {
        return false;
    }
    match text.strip_prefix('-') {
        Some("") => true,
        Some(_) => !alone,
        None => text.contains(['.', '/', '\\']) || Path::new(first).exists(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_file_alone_is_run() {
        let after = |line: &str| with_default_command(words(line)).into_iter().nth(1);
        assert_eq!(after("archsim a.ron"), Some("run".into()));
        assert_eq!(after("archsim --seed 1 a.ron"), Some("run".into()));
        assert_eq!(after("archsim -"), Some("run".into()));
        assert_eq!(after("archsim check a.ron"), Some("check".into()));
        assert_eq!(after("archsim chek"), Some("chek".into()));
        assert_eq!(after("archsim --help"), Some("--help".into()));
    }

    #[test]
    fn a_sample_has_a_method_and_a_size() {
        assert_eq!(sample("lhs:200"), Ok(200));
        for wrong in ["lhs:0", "lhs:1", "lhs:-3", "lhs:x", "lhs:", "lhs", "lhs:1000000000"] {
            assert!(sample(wrong).is_err_and(|text| text.ends_with("write lhs:200")), "{wrong}");
        }
        assert!(sample("random:10").is_err_and(|text| text.contains("Latin hypercube")));
    }

    #[test]
    fn assignments_are_split_at_the_first_equals_sign() {
        assert_eq!(assignment("a -> b.timeout = 5ms"), Ok(("a -> b.timeout".into(), "5ms".into())));
        assert_eq!(assignment("a=1..=8"), Ok(("a".into(), "1..=8".into())));
        assert!(assignment("a").is_err() && assignment("=1").is_err() && assignment("a=").is_err());
    }
}

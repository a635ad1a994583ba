//! What README.md and the guide show is true: scenarios check, commands run, metrics and findings exist.
//!
//! A block ```` ```ron ```` is a whole scenario or a few of its sections, which are put into the last whole scenario of the page;
//! ```` ```ron first.ron ```` is also saved under that name. In a block ```` ```sh ```` the lines that start with `archsim` (or with
//! `cargo run --release --`, which is the same) are run in a folder with these files and the scenarios; `# exit 1` at the end of
//! a line is the exit code to expect. Scenario files are shortened there as their `// test:` line says.

use crate::scenarios;
use archsim_experiment::check::check;
use archsim_experiment::language::{Document, Kind, Severity, Source, Style, render};
use archsim_experiment::metric::{CACHE, COMPONENT, CONSUMERS, DATABASE, EDGE, TRAFFIC};
use archsim_experiment::vary;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What stands for the program in a command that builds it first.
const BUILT: &str = "cargo run --release -- ";

/// A fenced block: the words after the fence, the line it begins at, its lines.
struct Block {
    words: Vec<String>,
    line: usize,
    lines: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = vec![];
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        match line.trim_start().strip_prefix("```") {
            Some(_) if open => open = false,
            Some(words) => {
                let words = words.split_whitespace().map(str::to_owned).collect();
                blocks.push(Block { words, line: index + 1, lines: vec![] });
                open = true;
            }
            None if open => blocks.last_mut().expect("an open block").lines.push(line.to_owned()),
            None => {}
        }
    }
    blocks
}

impl Block {
    fn is(&self, language: &str) -> bool {
        self.words.first().is_some_and(|word| word == language)
    }
    fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }
}

fn panic_with(page: &str, block: &Block, source: &Source, findings: &[archsim_experiment::language::Diagnostic]) -> ! {
    panic!("{page}:{}\n{}", block.line, render(findings, source, Style::Plain))
}

/// A scenario with some of its sections replaced by those of a block.
fn with_sections(page: &str, block: &Block, scenario: &str) -> String {
    let sections = Source::new(page, format!("Scenario(\n{})", block.text()));
    let document =
        Document::parse(sections.clone()).unwrap_or_else(|findings| panic_with(page, block, &sections, &findings));
    let Kind::Struct { fields, .. } = &document.root.kind else { panic!("{page}:{}: sections expected", block.line) };
    let settings: Vec<(String, String)> =
        fields.iter().map(|field| (field.name.text.clone(), document.text_of(&field.value).to_owned())).collect();
    let source = Source::new(page, scenario);
    let changed =
        vary::set_all(&source, &settings).unwrap_or_else(|findings| panic_with(page, block, &source, &findings));
    changed.text().to_owned()
}

/// Checks a block as a scenario and returns its text.
fn checked(page: &str, block: &Block, last: &str) -> String {
    let whole = block.lines.iter().any(|line| line.starts_with("Scenario("));
    let text = if whole { block.text() } else { with_sections(page, block, last) };
    let source = Source::new(page, text);
    let findings = check(&source, &|name| Err(format!("no file {name}"))).findings;
    if findings.iter().any(|finding| finding.severity <= Severity::Warning) {
        panic_with(page, block, &source, &findings);
    }
    source.text().to_owned()
}

/// A folder with the scenarios, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(page: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("archsim-documents-{}-{page}", std::process::id()));
        std::fs::create_dir_all(folder.join("scenarios")).expect("the temporary folder can be written to");
        for name in scenarios::names() {
            let file = folder.join(format!("scenarios/{name}.ron"));
            std::fs::write(file, scenarios::short_text(&name)).expect("the temporary folder can be written to");
        }
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a line by the shell, with the built program first on the path, and compares the exit code.
fn run(page: &str, number: usize, line: &str, folder: &Path) {
    let expected = line.rsplit_once("# exit ").map_or(0, |(_, code)| code.trim().parse().expect("an exit code"));
    let programs = Path::new(env!("CARGO_BIN_EXE_archsim")).parent().expect("a folder of programs");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let output =
        Command::new("sh").args(["-c", line]).current_dir(folder).env("PATH", path).stdin(Stdio::null()).output();
    let output = output.expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(expected), "{page}:{number}: {line}\n{said}");
}

fn the_page_is_true(page: &str) {
    let text = std::fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
    let folder = Folder::new(&page.replace('/', "-"));
    let mut last = String::new();
    for block in blocks(&text) {
        if block.is("ron") {
            last = checked(page, &block, &last);
            if let Some(name) = block.words.get(1) {
                std::fs::write(folder.0.join(name), &last).expect("the temporary folder can be written to");
            }
        }
        if block.is("sh") {
            for (index, line) in block.lines.iter().enumerate() {
                let line = line.strip_prefix(BUILT).map_or(line.clone(), |rest| format!("archsim {rest}"));
                if line.starts_with("archsim ") {
                    run(page, block.line + index + 1, &line, &folder.0);
                }
            }
        }
    }
}

/// One test for each page, so that the name of the test says which one is wrong.
macro_rules! pages {
    ($($test:ident: $page:literal,)*) => {
        $( #[test] fn $test() { the_page_is_true($page); } )*
        /// The pages with a test.
        const PAGES: &[&str] = &[$($page),*];
    };
}

pages! {
    guide_1_first_scenario: "docs/guide/01-first-scenario.md",
    guide_2_run_and_read_a_report: "docs/guide/02-run-and-read-a-report.md",
    guide_3_sweep: "docs/guide/03-sweep.md",
    guide_4_slo_in_ci: "docs/guide/04-slo-in-ci.md",
    guide_5_faults: "docs/guide/05-faults.md",
    guide_6_metrics: "docs/guide/06-metrics.md",
    guide_7_theory: "docs/guide/07-theory.md",
    guide_8_precision: "docs/guide/08-precision.md",
    guide_9_verdicts: "docs/guide/09-verdicts.md",
    guide_10_compare: "docs/guide/10-compare.md",
    guide_11_saturate: "docs/guide/11-saturate.md",
    guide_12_report: "docs/guide/12-report.md",
    guide_13_many_machines: "docs/guide/13-many-machines.md",
    guide_14_ci_gate: "docs/guide/14-ci-gate.md",
    guide_15_plan: "docs/guide/15-plan.md",
    readme: "README.md",
}

#[test]
fn every_page_of_the_guide_is_tested() {
    let entries = std::fs::read_dir(root().join("docs/guide")).expect("there is a guide");
    let mut pages: Vec<String> = entries
        .map(|entry| format!("docs/guide/{}", entry.expect("a readable folder").file_name().to_string_lossy()))
        .collect();
    pages.push("README.md".into());
    pages.sort_by_key(|page| page == "README.md");
    pages[..PAGES.len() - 1].sort();
    assert_eq!(pages, PAGES);
}

#[test]
fn every_metric_is_in_the_guide() {
    let page = std::fs::read_to_string(root().join("docs/guide/06-metrics.md")).expect("the page of metrics");
    for (word, ..) in [TRAFFIC, COMPONENT, CACHE, DATABASE, CONSUMERS, EDGE].into_iter().flatten() {
        assert!(page.contains(&format!("| `{word}`")), "the metric `{word}` is not in the guide");
    }
}

#[test]
fn blocks_are_found() {
    let found = blocks("a\n```ron x.ron\nb\n```\n```sh\nc\nd\n```\n");
    let told: Vec<(String, usize, usize)> = found.iter().map(|b| (b.words.join(" "), b.line, b.lines.len())).collect();
    assert_eq!(told, [("ron x.ron".into(), 2, 1), ("sh".into(), 5, 2)]);
}

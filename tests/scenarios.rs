//! Every scenario file is checked without errors, its experiments can be built, and what its comments claim is true.
//!
//! A file says in comments what theory predicts of it:
//!
//! ```text
//! // test: run.duration=60s, run.replications=3                    settings for this test, to keep it short
//! // claim: baseline: users.p99 < 300ms                            of the file as it is
//! // claim: variant "no cache": db.utilization > 80%               of a variant
//! // claim: set users.rate=9: users.mean > 800ms                   of the file with a value replaced
//! // claim: baseline, 3m to 4m: users.goodput < 50/s               of a window of time
//! ```
//!
//! A claim is judged as an SLO is: the whole interval has to be on the right side.

use archsim_experiment::check::{Checked, check};
use archsim_experiment::language::{Document, Path, Severity, Source, Style, get_text, render};
use archsim_experiment::report::{Report, Verdict};
use archsim_experiment::run::{Nobody, run};
use archsim_experiment::scenario::{Experiment, sections};
use archsim_experiment::sweep::grid;
use archsim_experiment::vary;
use std::path::PathBuf;

/// Paths and the text of their values.
type Settings = Vec<(String, String)>;

/// One line `// claim:`.
#[derive(Debug, PartialEq)]
struct Claim {
    of: Of,
    during: Option<(String, String)>,
    check: String,
}

/// What a claim is about.
#[derive(Clone, Debug, PartialEq)]
enum Of {
    Baseline,
    Variant(String),
    Set(String, String),
}

impl Claim {
    fn parse(line: &str) -> Option<Claim> {
        let (of, check) = line.split_once(": ")?;
        let (of, during) = match of.rsplit_once(", ").and_then(|(of, window)| Some((of, window.split_once(" to ")?))) {
            Some((of, (from, to))) if from.starts_with(|c: char| c.is_ascii_digit()) => {
                (of, Some((from.into(), to.into())))
            }
            _ => (of, None),
        };
        let of = match of.split_once(' ') {
            None if of == "baseline" => Of::Baseline,
            Some(("variant", name)) => Of::Variant(name.strip_prefix('"')?.strip_suffix('"')?.into()),
            Some(("set", setting)) => {
                setting.split_once('=').map(|(path, value)| Of::Set(path.into(), value.into()))?
            }
            _ => return None,
        };
        Some(Claim { of, during, check: check.trim().into() })
    }

    /// As an entry of `slos`.
    fn slo(&self) -> String {
        let during = self.during.as_ref().map_or(String::new(), |(from, to)| format!(", during: ({from:?}, {to:?})"));
        format!("(check: {:?}{during}, name: \"claim\")", self.check)
    }
}

/// The folder of the scenarios.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// The names of the scenario files, without the ending.
pub(crate) fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("there are scenarios");
    let files = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "ron"));
    let mut names: Vec<String> = files.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    names
}

fn source(name: &str) -> Source {
    let file = format!("{name}.ron");
    let text = std::fs::read_to_string(folder().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    Source::new(file, text)
}

/// The comment lines of a file that begin with a word.
fn marked<'a>(source: &'a Source, mark: &str) -> Vec<&'a str> {
    source.text().lines().filter_map(|line| line.strip_prefix("// ")?.strip_prefix(mark)?.strip_prefix(": ")).collect()
}

/// What `// test:` says.
fn shortened(source: &Source) -> Settings {
    let settings = marked(source, "test").into_iter().flat_map(|line| line.split(", "));
    settings.filter_map(|setting| setting.split_once('=')).map(|(path, value)| (path.into(), value.into())).collect()
}

/// The text of a scenario file, short enough for a test.
pub(crate) fn short_text(name: &str) -> String {
    let source = source(name);
    set(&source, &shortened(&source)).text().to_owned()
}

fn set(source: &Source, settings: &[(String, String)]) -> Source {
    vary::set_all(source, settings).unwrap_or_else(|findings| panic!("{}", render(&findings, source, Style::Plain)))
}

fn checked(source: &Source) -> Checked {
    check(source, &|name| std::fs::read_to_string(folder().join(name)).map_err(|error| error.to_string()))
}

fn report(source: &Source) -> Report {
    let Checked { model, findings } = checked(source);
    let model = model.unwrap_or_else(|| panic!("{}", render(&findings, source, Style::Plain)));
    run(&model, &Nobody).expect("nobody cancels")
}

/// The file with claims in front of its SLOs.
fn with_claims(source: &Source, claims: &[&Claim]) -> Source {
    let document = Document::parse(source.clone()).unwrap_or_else(|_| panic!("{} is RON", source.name()));
    let existing = get_text(&document, &Path::parse("slos").expect("a path"), &sections()).expect("a section");
    let rest = existing.and_then(|(list, _)| list.strip_prefix('[')).unwrap_or("]").to_owned();
    let list: Vec<String> = claims.iter().map(|claim| claim.slo()).collect();
    set(source, &[("slos".into(), format!("[{}, {rest}", list.join(", ")))])
}

/// The settings of what a claim is about.
fn settings(of: &Of, source: &Source) -> Settings {
    match of {
        Of::Baseline => vec![],
        Of::Set(path, value) => vec![(path.clone(), value.clone())],
        Of::Variant(name) => {
            let variants = checked(source).model.expect("a checked file").variants;
            let found = variants.into_iter().find(|(variant, _)| variant == name);
            found.unwrap_or_else(|| panic!("{} has no variant {name:?}", source.name())).1
        }
    }
}

/// The claims about one thing, in one run of it; what is wrong with them.
fn judge(source: &Source, of: &Of, claims: &[&Claim]) -> Vec<String> {
    let report = report(&with_claims(&set(source, &settings(of, source)), claims));
    let missed = report.slos.iter().zip(claims).filter(|(slo, _)| slo.verdict != Verdict::Pass);
    let wrong = missed.map(|(slo, claim)| {
        let measured = slo.measured;
        format!(
            "{claim:?} is {}: {:?} ({:?} .. {:?}), {}",
            slo.verdict.name(),
            measured.value,
            measured.low,
            measured.high,
            measured.status.name()
        )
    });
    wrong.collect()
}

/// All that a file claims.
fn claims_hold(name: &str) {
    let source = source(name);
    let lines = marked(&source, "claim");
    let claims: Vec<Claim> =
        lines.iter().map(|line| Claim::parse(line).unwrap_or_else(|| panic!("{name}: not a claim: {line}"))).collect();
    assert!(claims.iter().any(|claim| claim.of == Of::Baseline), "{name} claims nothing about itself");
    let short = set(&source, &shortened(&source));
    let mut subjects: Vec<&Of> = vec![];
    for claim in &claims {
        if !subjects.contains(&&claim.of) {
            subjects.push(&claim.of);
        }
    }
    let wrong: Vec<String> = subjects
        .into_iter()
        .flat_map(|of| judge(&short, of, &claims.iter().filter(|claim| claim.of == *of).collect::<Vec<_>>()))
        .collect();
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

/// One test for each file, so that the name of the test says which one is wrong.
macro_rules! claims_of {
    ($($test:ident: $name:literal,)*) => {
        $( #[test] fn $test() { claims_hold($name); } )*
        /// The files with a test.
        const TESTED: &[&str] = &[$($name),*];
    };
}

claims_of! {
    balancers: "balancers",
    cache_size: "cache-size",
    capacity_plan: "capacity-plan",
    fan_out: "fan-out",
    many_servers: "many-servers",
    one_server: "one-server",
    order_queue: "order-queue",
    read_replicas: "read-replicas",
    retry_storm: "retry-storm",
    spike: "spike",
    starter: "starter",
    variability: "variability",
    web_shop: "web-shop",
}

#[test]
fn every_file_is_tested() {
    assert_eq!(names(), TESTED);
}

#[test]
fn every_file_asks_a_question_and_can_answer_it() {
    for name in names() {
        let source = source(&name);
        let Checked { model, findings } = checked(&source);
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        assert_eq!(errors, 0, "{}", render(&findings, &source, Style::Plain));
        let model = model.expect("without errors there is a model");
        let head: Vec<&str> = source.text().lines().take_while(|line| line.starts_with("//")).collect();
        assert!(head.iter().any(|line| line.starts_with("// Question: ")), "{name} asks no question");
        assert!(
            head.iter().any(|line| line.starts_with("// What to look at: ")),
            "{name} does not say what to look at"
        );
        assert!(!model.slos.is_empty(), "{name} has no SLO");
        assert!(!model.variants.is_empty() || !model.experiments.is_empty(), "{name} has no what-if");
    }
}

#[test]
fn every_sweep_can_be_built() {
    for name in names() {
        let source = source(&name);
        let model = checked(&source).model.expect("a checked file");
        for (title, experiment) in &model.experiments {
            let Experiment::Sweep(_) = experiment else { continue };
            let values = |(path, text): (String, String)| {
                (path, vary::values(&text).unwrap_or_else(|error| panic!("{name}, {title}: {error}")))
            };
            let axes: Vec<(String, Vec<String>)> = experiment.vary().into_iter().map(values).collect();
            let variants: Vec<(String, Settings)> = experiment
                .variants()
                .into_iter()
                .map(|variant| {
                    let found = model.variants.iter().find(|(name, _)| *name == variant);
                    (variant.clone(), found.map(|(_, settings)| settings.clone()).unwrap_or_default())
                })
                .collect();
            let built = grid(&source, &|_| Err("no files".into()), &axes, &variants);
            let built = built.unwrap_or_else(|(text, findings)| {
                panic!("{name}, {title}:\n{}", render(&findings, &text, Style::Plain))
            });
            assert!(built.points.len() > 1, "{name}, {title} has one point only");
            for metric in experiment.measure() {
                assert!(
                    built.points.iter().all(|(_, model)| model.catalogue.find(&metric).is_ok()),
                    "{name}, {title}: {metric}"
                );
            }
        }
    }
}

/// Little's law, L = lambda W (Little 1961), for every component of every file that has a steady state: the number inside is
/// integrated over time, rate and sojourn come from counting attempts, so they agree only if nobody is forgotten.
#[test]
fn little_holds_in_every_component() {
    for name in names() {
        let short = Source::new(name.clone(), short_text(&name));
        if checked(&short).model.is_none_or(|model| model.terminating) {
            continue;
        }
        let report = report(&short);
        for (component, _, _) in &report.components {
            let value = |metric: &str| report.get(&format!("{component}.{metric}")).and_then(|estimate| estimate.value);
            let (Some(inside), Some(rate), Some(sojourn)) =
                (value("in_flight"), value("arrivals"), value("sojourn.mean"))
            else {
                continue;
            };
            assert!(
                (inside - rate * sojourn).abs() < 0.02 * inside + 0.01,
                "{name}, {component}: {inside} inside, {rate} x {sojourn}"
            );
        }
    }
}

#[test]
fn claims_are_read() {
    let claim = |line: &str| Claim::parse(line).map(|claim| (claim.of, claim.during, claim.check));
    let during = Some(("3m".to_owned(), "4m".to_owned()));
    assert_eq!(claim("baseline: users.p99 < 1s"), Some((Of::Baseline, None, "users.p99 < 1s".into())));
    assert_eq!(claim("set a.b=4, 3m to 4m: x > 1"), Some((Of::Set("a.b".into(), "4".into()), during, "x > 1".into())));
    assert_eq!(claim("variant \"a, b\": x > 1"), Some((Of::Variant("a, b".into()), None, "x > 1".into())));
    assert_eq!(claim("something: x > 1"), None);
}

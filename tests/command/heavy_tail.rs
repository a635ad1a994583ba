//! What every command does with a mean that has no interval, or no value at all.

use super::Folder;

/// A queue behind work without a fourth moment: its mean wait exists and has no interval, its percentiles have theirs.
const HEAVY: &str = r#"Scenario(
    name: "Heavy",
    run: (duration: "400s", warmup: "2s", replications: 2, seed: 3),
    traffic: { "users": Open(to: "web", rate: "20/s") },
    components: { "web": Service(on: { "get": [Compute(Pareto("10ms", 2.5))] }) },
    slos: ["users.mean < 1s", "users.p50 < 1s"],
    variants: { "slow": { "web.on.get": [Compute(Pareto("12ms", 2.5))] } },
)
"#;
const WARNING: &str = "`users.mean < 1s` stays undecided: users.mean has no interval under its heavy tail";

fn heavy(name: &str) -> Folder {
    Folder::new(&format!("heavy-{name}")).with("heavy.ron", HEAVY)
}

#[test]
fn a_run_is_undecided_and_says_that_no_run_would_tell() {
    let folder = heavy("run");
    let outcome = folder.run(&["run", "heavy.ron"]);
    outcome.fails(0, &[WARNING]);
    assert!(outcome.out.contains("1 SLO undecided: no run would tell, under a heavy tail"), "{outcome:?}");
    folder.run(&["run", "heavy.ron", "--strict", "--quiet"]).fails(1, &[]);
    let github = folder.run(&["run", "heavy.ron", "--format", "github"]).out;
    assert!(github.contains("::users.mean < 1s: undecided, however long the run: measured"), "{github}");
}

#[test]
fn precision_does_not_run_for_it_and_says_so() {
    let precise = HEAVY.replace("duration: \"400s\", warmup: \"2s\"", "precision: (mean: \"1%\", p50: \"5%\")");
    let folder = Folder::new("heavy-precision").with("heavy.ron", &precise);
    let outcome = folder.run(&["run", "heavy.ron", "--json"]);
    outcome.fails(0, &[WARNING]);
    let document = outcome.json();
    // The first look is enough for p50; the budget is 50 million requests.
    assert!(document["manifest"]["timing"]["requests"].as_u64().expect("a number") < 1_000_000, "{document}");
    assert_eq!(document["slos"][0]["verdict"], "undecided");
    let shown = folder.run(&["run", "heavy.ron"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("the run was not extended for `users.mean`: no length of run makes an interval"), "{shown}");
    folder.run(&["run", "heavy.ron", "--strict", "--quiet"]).fails(1, &[]);
}

#[test]
fn compare_gives_a_difference_without_an_interval_and_finds_nothing() {
    let outcome =
        heavy("compare").run(&["compare", "heavy.ron", "--measure", "users.mean", "--measure", "users.p50", "--json"]);
    outcome.fails(0, &[WARNING]);
    let differences = &outcome.json()["comparison"]["differences"];
    let (mean, p50) = (&differences[0], &differences[1]);
    assert_eq!((mean["metric"].as_str(), p50["metric"].as_str()), (Some("users.mean"), Some("users.p50")));
    assert_eq!((mean["found"].as_str(), mean["difference"]["status"].as_str()), (Some("unknown"), Some("heavy_tail")));
    assert!(mean["difference"]["value"].is_f64() && mean["difference"]["low"].is_null(), "{mean}");
    assert_eq!(p50["found"], "higher");
    let table = heavy("compare-table").run(&["compare", "heavy.ron", "--measure", "users.mean"]).out;
    assert!(table.contains("heavy tail") && !table.contains("no difference detected"), "{table}");
}

#[test]
fn saturate_refuses_it_before_anything_runs() {
    let refused = "error[heavy-tail]: `users.mean < 1s` cannot be decided: users.mean has no valid interval";
    let raise = ["saturate", "heavy.ron", "--raise", "users.rate", "--until"];
    let outcome = heavy("saturate").run(&[&raise[..], &["users.mean < 1s"]].concat());
    outcome.fails(2, &[refused, "give the Pareto law a `max`"]);
    assert_eq!(outcome.out, "");
}

#[test]
fn saturate_stops_at_the_load_that_leaves_too_few_servers() {
    // Of four servers three are to spare at 10/s (0.225 s of work each second): the mean needs a moment of order 1 + 3/3, which is there.
    // Where one is left it needs the fourth.
    let four = HEAVY.replace("get\": [Compute(Pareto(\"10ms\", 2.5))]", "get\": [Compute(Pareto(\"10ms\", 2.6))]");
    let folder = Folder::new("heavy-spare").with("heavy.ron", &four.replace("Service(on", "Service(cpu: 4, on"));
    let raise = ["saturate", "heavy.ron", "--raise", "users.rate", "--from", "10", "--until", "users.mean < 30ms"];
    let outcome = folder.run(&raise);
    outcome.fails(2, &["at users.rate = \"", "has no valid interval under its heavy tail", "or search below it: --to"]);
}

#[test]
fn plan_refuses_it_and_decides_by_percentiles() {
    let folder = heavy("plan");
    let vary = ["plan", "heavy.ron", "--vary", "web.replicas=1..=2", "--keep"];
    let refused = "error[heavy-tail]: `users.mean < 1s` cannot be decided: users.mean has no valid interval";
    folder.run(&[&vary[..], &["users.mean < 1s"]].concat()).fails(2, &[refused]);
    let outcome = folder.run(&[&vary[..], &["users.p50 < 1s"]].concat());
    assert!(outcome.out.contains("pass"), "{outcome:?}");
    let smallest = ["plan", "heavy.ron", "--vary", "web.replicas=1..=2", "--minimize", "users.mean", "--keep"];
    let refused = "`users.mean` cannot be decided: users.mean has no valid interval under its heavy tail";
    folder.run(&[&smallest[..], &["users.p50 < 1s"]].concat()).fails(2, &[refused]);
}

#[test]
fn the_points_of_a_sweep_are_undecided() {
    let folder = heavy("sweep");
    let sweep = ["sweep", "heavy.ron", "--vary", "users.rate=10,20"];
    let outcome = folder.run(&sweep);
    outcome.fails(0, &[WARNING]);
    assert_eq!(outcome.out.matches("(heavy tail)").count(), 2, "{outcome:?}");
    let points = &folder.run(&[&sweep[..], &["--json"]].concat()).json()["points"];
    let of = |point: usize, metric: &str| points[point]["summary"][metric]["status"].clone();
    assert_eq!([of(0, "users.mean"), of(1, "users.mean"), of(1, "users.p50")], ["heavy_tail", "heavy_tail", "ok"]);
    folder.run(&[&sweep[..], &["--strict"]].concat()).fails(1, &[]);
}

#[test]
fn behind_work_without_a_variance_percentiles_have_no_interval_either() {
    let folder = Folder::new("heavy-percentile").with("heavy.ron", &HEAVY.replace("2.5", "1.8"));
    let document = folder.run(&["run", "heavy.ron", "--json"]).json();
    assert_eq!(document["summary"]["users.p50"]["status"], "heavy_tail");
    assert!(document["summary"]["users.p50"]["value"].is_f64() && document["summary"]["users.p50"]["low"].is_null());
    assert_eq!(document["slos"][1]["verdict"], "undecided");
}

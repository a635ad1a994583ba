//! `archsim saturate`.

use super::{Folder, TINY};

/// The small scenario with one server: M/M/1 at 100/s, whose p99 is ln(100) / (100 - rate).
fn one_server() -> String {
    TINY.replace("replicas: 2", "replicas: 1").replace("users.p99 < 1s", "users.p99 < 200ms")
}

#[test]
fn the_highest_rate_is_found_with_its_interval() {
    let folder = Folder::new("saturate-found").with("tiny.ron", &one_server());
    let outcome = folder.run(&["saturate", "tiny.ron", "--raise", "users.rate", "--precision", "3%"]);
    outcome.is_fine();
    assert!(outcome.out.starts_with("Tiny: raise users.rate as long as users.p99 < 200ms   seed 3\n"), "{outcome:?}");
    assert!(outcome.out.contains("Bound  `web` is full at 100/s"), "{outcome:?}");
    assert!(outcome.out.contains("above it `users.p99 < 200ms` fails"), "{outcome:?}");
    let answer: serde_json::Value =
        serde_json::from_str(&folder.read("archsim-out/tiny/saturate/summary.json")).expect("JSON");
    let end = |name: &str| answer["answer"][name].as_f64().expect("a number");
    // 100 - ln(100) / 0.2 s = 76.97/s. One interval in twenty misses; hardly one that is twice as wide.
    assert!((end("value") - 76.97).abs() < end("high") - end("low"), "{answer}");
    assert!(end("high") - end("low") < 0.08 * 77.0, "{answer}");
    assert!(folder.read("archsim-out/tiny/saturate/probes.csv").starts_with("set:users.rate,holds,"));
    assert!(folder.read("archsim-out/tiny/saturate/plots/saturate.svg").contains("users.p99 &lt; 200ms up to 7"));
    let goodput = folder.read("archsim-out/tiny/saturate/plots/goodput.svg");
    for words in ["Holds up to 7", "all answered", "goodput, once tipped", "web full 100/s"] {
        assert!(goodput.contains(words), "{words} is not in {goodput}");
    }
    // What is drawn on the way back is in the files, and little is lost of what is offered there.
    let tried = answer["back"]["tried"].as_array().expect("the loads that were tried");
    assert!(!tried.is_empty());
    for one in tried {
        let number = |value: &serde_json::Value| value.as_f64().expect("a number");
        let (load, goodput) = (number(&one["load"]), number(&one["goodput"]["value"]));
        assert!((goodput / load - 1.0).abs() < 0.1, "{one}");
    }
    let intervals = folder.read("archsim-out/tiny/saturate/intervals.csv");
    assert!(intervals.starts_with("set:users.rate,way,metric,unit,value,low,high,level,status\n"), "{intervals}");
    assert!(intervals.contains(",tipped,users.goodput,1/s,"), "{intervals}");
}

#[test]
fn the_experiment_of_the_file_is_run() {
    let folder = Folder::new("saturate-named").with("tiny.ron", &one_server());
    let outcome = folder.run(&["saturate", "tiny.ron", "tip", "--set", "users.rate=40", "--precision", "5%", "--json"]);
    outcome.is_fine();
    let document = outcome.json();
    assert_eq!(document["search"]["raise"], "users.rate");
    assert_eq!(document["search"]["answer"]["holds"], "up_to");
    assert_eq!(document["search"]["bound"]["component"], "web");
}

#[test]
fn without_objectives_the_steady_state_ends() {
    let text = one_server().replace("slos: [\"users.p99 < 200ms\"],", "");
    let folder = Folder::new("saturate-steady").with("tiny.ron", &text);
    let outcome = folder.run(&["saturate", "tiny.ron", "--raise", "users.rate", "--precision", "5%", "--json"]);
    outcome.is_fine();
    let answer = &outcome.json()["search"]["answer"];
    let end = |name: &str| answer[name].as_f64().expect("a number");
    assert!(end("low") < 101.0 && 99.0 < end("high"), "{answer}");
}

#[test]
fn whole_numbers_stay_whole() {
    let text = TINY.replace("\"tip\": Saturate(raise: \"users.rate\", from: 10, to: 500),", "");
    let text = text
        .replace("Open(to: \"web\", rate: \"50/s\")", "Closed(to: \"web\", users: 10, think: \"1s\")")
        .replace("users.p99", "users.p50");
    let folder = Folder::new("saturate-whole").with("tiny.ron", &text);
    let arguments =
        ["saturate", "tiny.ron", "--raise", "users.users", "--until", "users.mean < 60ms", "--precision", "5%"];
    let outcome = folder.run(&arguments);
    outcome.is_fine();
    assert!(outcome.out.contains("The way back was not tried: only the rate of an open source"), "{outcome:?}");
    for line in folder.read("archsim-out/tiny/saturate/probes.csv").lines().skip(1) {
        let value: f64 = line.split(',').next().and_then(|text| text.parse().ok()).expect("a number");
        assert_eq!(value, value.round(), "{line}");
    }
}

#[test]
fn the_ends_of_the_search_are_answers_too() {
    let folder = Folder::new("saturate-ends").with("tiny.ron", &one_server());
    let search = |from: &str, to: &str| {
        folder.run(&["saturate", "tiny.ron", "--raise", "users.rate", "--from", from, "--to", to, "-q"])
    };
    let (everywhere, nowhere) = (search("5", "20/s"), search("90/s", "95/s"));
    everywhere.is_fine();
    assert_eq!(everywhere.out, "Holds up to users.rate = 20.0/s, the highest value of the search (--to).\n");
    nowhere.fails(1, &[]);
    assert!(nowhere.out.starts_with("Does not even hold at users.rate = 90.0/s"), "{nowhere:?}");
    let rising =
        ["saturate", "tiny.ron", "--raise", "users.rate", "--to", "20/s", "--until", "users.goodput > 50/s", "-q"];
    folder.run(&rising).fails(1, &[]);
    let words = "`users.goodput > 50/s` asks for more than a low load offers";
    assert!(folder.run(&rising).out.replace('\n', " ").contains(words));
}

#[test]
fn what_cannot_be_raised_is_said() {
    let folder = Folder::tiny("saturate-wrong");
    let wrong = |arguments: &[&str], words: &[&str]| {
        folder.run(&[&["saturate", "tiny.ron"], arguments].concat()).fails(2, words);
    };
    wrong(&["--raise", "users.to"], &["only a setting that is a positive number can be raised"]);
    wrong(&["--raise", "users.rat"], &["did you mean `rate`?"]);
    wrong(&["--raise", "users.rate", "--from", "50", "--to", "20"], &["from 50 down to 20"]);
    wrong(&["--raise", "users.rate", "--to", "many"], &["`many` is not a positive number"]);
    wrong(&["--raise", "users.rate", "--until", "users.p99 < 1"], &["`1` is not a duration"]);
    wrong(&["typ"], &["has no `Saturate` experiment `typ`"]);
    wrong(&["--raise", "users.rate", "--precision", "50%"], &["between 0.1% and 20%"]);
}

#[test]
fn a_retry_storm_recovers_only_below_capacity_by_attempts() {
    // 200 attempts a second, 4 attempts a request once all time out: at 50 requests a second it comes back for certain, and a little above
    // it by chance, while nearly all time out.
    let text = r#"Scenario(
        name: "Storm",
        run: (duration: "100s", replications: 2, seed: 1),
        traffic: { "users": Open(to: "web", rate: "50/s") },
        components: {
            "web": Service(cpu: 100, on: { "get": [Call("back")] }),
            "back": Service(cpu: 2, concurrency: 2, queue: 100, on: { "get": [Compute(Exp("10ms"))] }),
        },
        edges: { "web -> back": (timeout: "200ms", retry: (max: 3)) },
    )"#;
    let folder = Folder::new("saturate-storm").with("storm.ron", text);
    let search = ["saturate", "storm.ron", "--raise", "users.rate", "--until", "users.p99 < 60ms", "--precision", "5%"];
    let outcome = folder.run(&[&search[..], &["--json"]].concat());
    outcome.is_fine();
    let back = &outcome.json()["search"]["back"];
    assert_eq!(back["recovers"], "below", "{back}");
    let end = |name: &str| back[name].as_f64().expect("a number");
    assert!(48.0 < end("low") && end("high") < 75.0, "{back}");
    // Without retries nothing holds the overload up.
    let outcome = folder.run(&[&search[..], &["--set", "web -> back.retry.max=0"]].concat());
    outcome.is_fine();
    assert!(outcome.out.contains("no hysteresis found"), "{outcome:?}");
}

/// One server at half its load whose callers retry: once it is late, four times the calls keep it so.
const STORM: &str = r#"Scenario(
    name: "Storm",
    run: (replications: 4, seed: 42),
    traffic: { "users": Open(to: "gateway", rate: "100/s") },
    components: {
        "gateway": Service(cpu: 4, on: { "home": [Call("pricing")] }),
        "pricing": Service(on: { "list": [Compute(Exp("5ms"))] }),
    },
    edges: { "gateway -> pricing": (timeout: "100ms", retry: (max: 3)) },
    slos: ["users.errors < 5%"],
)
"#;

#[test]
fn where_chance_tips_it_into_collapse_there_is_a_band_and_no_limit() {
    let folder = Folder::new("saturate-band").with("storm.ron", STORM);
    let outcome = folder.run(&["saturate", "storm.ron", "--raise", "users.rate"]);
    outcome.fails(0, &[]);
    let shown = outcome.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        shown.contains("at the least: there no run collapsed. Vulnerable: chance tips it into collapse from "),
        "{shown}"
    );
    assert!(shown.contains("Longer ones tip at lower loads: this is no limit."), "{shown}");
    let found: serde_json::Value =
        serde_json::from_str(&folder.read("archsim-out/storm/saturate/summary.json")).expect("JSON");
    let at = |pointer: &str| found.pointer(pointer).and_then(|value| value.as_f64()).expect("a number");
    // The plan alone would let 200/s through; a quarter of that is the least that four attempts each need.
    assert!(50.0 < at("/answer/value") && at("/answer/value") <= at("/band/safe"), "{found}");
    assert!(at("/band/safe") < at("/band/first") && at("/band/first") < at("/band/all"), "{found}");
    assert!(at("/band/all") < 200.0, "{found}");
    assert_eq!(found["answer"]["precise"], false);
    // What a search without a band has spent on one value alone.
    assert!(at("/requests") < 5e6, "{found}");
}

#[test]
fn overload_that_only_fails_more_and_more_has_no_band() {
    let once = STORM.replace(", retry: (max: 3)", "");
    let folder = Folder::new("saturate-no-band").with("once.ron", &once);
    let outcome = folder.run(&["saturate", "once.ron", "--raise", "users.rate", "--precision", "5%", "--json"]);
    outcome.is_fine();
    assert_eq!(outcome.json()["search"]["band"], serde_json::Value::Null);
    assert_eq!(outcome.json()["search"]["answer"]["holds"], "up_to");
}

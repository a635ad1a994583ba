//! Shards of a sweep, and what becomes of them.

use super::resume::{are_alike, files_below};
use super::{Folder, Outcome};

/// A grid of 10 points.
const GRID: [&str; 6] = [
    "sweep",
    "tiny.ron",
    "--vary",
    "users.rate=20,30,40,50,60",
    "--vary",
    "web.on.get.Compute.time=[\"9ms\", Exp(\"10ms\")]",
];

fn grid(folder: &Folder, rest: &[&str]) -> Outcome {
    folder.run(&[&GRID[..], rest].concat())
}

#[test]
fn merged_shards_are_the_sweep() {
    let folder = Folder::tiny("shard-merge");
    let one = grid(&folder, &["--out", "one"]);
    one.is_fine();
    for shard in ["2/4", "4/4", "1/4", "3/4"] {
        let outcome = grid(&folder, &["--shard", shard, "--out", "shared", "--threads", "1"]);
        outcome.is_fine();
        assert!(outcome.out.contains("archsim merge shared"), "{outcome:?}");
        grid(&folder, &["--shard", shard, "--out", &shard.replace('/', "-of-")]).is_fine();
    }
    assert!(!folder.0.join("shared/summary.json").exists());
    let merged = folder.run(&["merge", "shared", "--out", "merged"]);
    merged.is_fine();
    let table = |outcome: &Outcome| outcome.out.lines().take_while(|line| !line.starts_with("Speed")).count();
    let lines = |outcome: &Outcome| outcome.out.lines().take(table(&one)).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&merged), lines(&one));
    are_alike(&folder.0.join("one"), &folder.0.join("merged"));
    folder.run(&["merge", "1-of-4", "2-of-4", "3-of-4", "4-of-4", "shared", "--out", "again"]).is_fine();
    folder.run(&["merge", "4-of-4", "1-of-4", "2-of-4", "3-of-4", "--out", "again"]).is_fine();
    are_alike(&folder.0.join("one"), &folder.0.join("again"));
    let (json, merged) =
        (grid(&folder, &["--out", "one", "--json", "-q"]).json(), folder.run(&["merge", "shared", "--json"]).json());
    assert_eq!((&json["points"], &json["measure"]), (&merged["points"], &merged["measure"]));
}

#[test]
fn exit_codes_are_those_of_the_sweep() {
    let folder = Folder::tiny("shard-codes");
    let fails = ["sweep", "tiny.ron", "--slo", "users.goodput > 1000/s", "--out", "fails"];
    folder.run(&[&fails[..], &["--shard", "1/2"]].concat()).is_fine();
    folder.run(&[&fails[..], &["--shard", "2/2"]].concat()).is_fine();
    folder.run(&["merge", "fails"]).fails(1, &[]);
    folder.run(&["merge", "fails", "--exit-zero"]).is_fine();
}

#[test]
fn gaps_are_listed_with_the_shard_that_has_to_run_again() {
    let folder = Folder::tiny("shard-gaps");
    grid(&folder, &["--shard", "1/3", "--out", "s"]).is_fine();
    grid(&folder, &["--shard", "3/3", "--out", "s"]).is_fine();
    let outcome = folder.run(&["merge", "s"]);
    outcome
        .fails(2, &["3 of 10 points are missing", "\n  5   users.rate = 40, ", "shard 2/3", "run again: --shard 2/3;"]);
    assert!(!folder.0.join("s/summary.json").exists());
    std::fs::write(folder.0.join("s/points/0001.json"), "{}").expect("it can be written");
    grid(&folder, &["--shard", "2/3", "--out", "s"]).is_fine();
    folder.run(&["merge", "s"]).fails(2, &["1 of 10 points are missing", "shard 1/3   damaged"]);
    grid(&folder, &["--shard", "1/3", "--out", "s"])
        .fails(0, &["3 of 4 points were there", "damaged and run again: 1"]);
    folder.run(&["merge", "s"]).is_fine();
    folder.run(&["merge", "nowhere"]).fails(2, &["there is no sweep.json", "--shard"]);
}

#[test]
fn what_does_not_belong_together_is_not_merged() {
    let folder = Folder::tiny("shard-mixed");
    grid(&folder, &["--shard", "1/2", "--out", "a"]).is_fine();
    grid(&folder, &["--shard", "2/2", "--out", "b", "--seed", "9"]).is_fine();
    let refused = |arguments: &[&str], words: &[&str]| {
        folder.run(&[&["merge"], arguments].concat()).fails(2, words);
    };
    refused(&["a", "b"], &["`a` and `b` are not of one sweep", "the scenario or a change to it"]);
    grid(&folder, &["--shard", "2/2", "--out", "c"]).is_fine();
    refused(&["a", "c"], &["say with --out where the results go"]);
    // A point of another sweep, put among those of this one.
    std::fs::copy(folder.0.join("b/points/0002.json"), folder.0.join("a/points/0002.json")).expect("it was there");
    refused(&["a", "c", "--out", "m"], &["a/points/0002.json` is a point of another sweep"]);
    std::fs::remove_file(folder.0.join("a/points/0002.json")).expect("it was there");
    // The same point with another result, and a digest that fits.
    let text = folder.read("c/points/0002.json");
    std::fs::write(folder.0.join("a/points/0002.json"), format!(" {text}")).expect("it can be written");
    refused(&["a", "c", "--out", "m"], &["point 2 was found twice, and not alike", "c/points/0002.json"]);
    std::fs::remove_file(folder.0.join("a/points/0002.json")).expect("it was there");
    folder.run(&["merge", "a", "c", "--out", "m"]).is_fine();
    for name in ["a", "c"] {
        let path = format!("{name}/sweep.json");
        let text = folder.read(&path).replace("\"sources\": \"", "\"sources\": \"0");
        std::fs::write(folder.0.join(path), text).expect("it can be written");
    }
    refused(&["a", "c", "--out", "m"], &["`a` was made by archsim", "and this is archsim"]);
}

#[test]
fn a_merge_needs_nothing_but_the_folders() {
    let folder = Folder::tiny("shard-alone").with("times.csv", &"0.004\n0.006\n0.011\n".repeat(20));
    let text = folder.read("tiny.ron").replace("Exp(\"10ms\")", "Empirical(\"times.csv\")");
    std::fs::write(folder.0.join("tiny.ron"), text).expect("it can be written");
    folder.run(&["sweep", "tiny.ron", "--out", "one"]).is_fine();
    folder.run(&["sweep", "tiny.ron", "--out", "s", "--shard", "1/2"]).is_fine();
    folder.run(&["sweep", "tiny.ron", "--out", "s", "--shard", "2/2"]).is_fine();
    std::fs::remove_file(folder.0.join("tiny.ron")).expect("it was there");
    std::fs::remove_file(folder.0.join("times.csv")).expect("it was there");
    folder.run(&["merge", "s", "--out", "m"]).is_fine();
    are_alike(&folder.0.join("one"), &folder.0.join("m"));
}

#[test]
fn arrays_of_jobs_say_which_shard_it_is() {
    let folder = Folder::tiny("shard-auto");
    let auto = |shard: &str, variables: &[(&str, &str)]| {
        let mut command = folder.command(&[&GRID[..], &["--shard", shard, "--out", "s"]].concat());
        for name in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"] {
            command.env_remove(name);
        }
        let output = command.envs(variables.iter().copied()).output().expect("the program starts");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let slurm = |id| [("SLURM_ARRAY_TASK_ID", id), ("SLURM_ARRAY_TASK_MIN", "5"), ("SLURM_ARRAY_TASK_COUNT", "5")];
    assert_eq!(auto("auto", &slurm("6")), (Some(0), String::new()));
    assert_eq!(files_below(&folder.0.join("s/points")).into_keys().collect::<Vec<_>>(), ["0002.json", "0007.json"]);
    assert_eq!(auto("auto/5", &[("JOB_COMPLETION_INDEX", "4")]), (Some(0), String::new()));
    assert!(folder.0.join("s/points/0010.json").exists());
    let (code, said) = auto("auto", &[]);
    assert!(code == Some(2) && said.contains("this is no job of an array"), "{said}");
    let (code, said) = auto("auto", &[("JOB_COMPLETION_INDEX", "4")]);
    assert!(code == Some(2) && said.contains("say how many parts there are: auto/16"), "{said}");
    grid(&folder, &["--shard", "5/4"]).fails(2, &["5 is none of the parts 1 to 4"]);
    grid(&folder, &["--shard", "1/4", "--fresh"]).fails(2, &["cannot be used with"]);
}

#[test]
fn a_shard_without_points_is_no_mistake() {
    let folder = Folder::tiny("shard-empty");
    let outcome = folder.run(&["sweep", "tiny.ron", "--shard", "5/5", "--json"]);
    outcome.is_fine();
    let shard = outcome.json()["shard"].clone();
    assert_eq!((shard["points"].as_u64(), shard["number"].as_u64(), shard["of"].as_u64()), (Some(0), Some(5), Some(5)));
}

/// Shards begin at the same time: one that makes room for itself would throw away what another has just finished.
#[test]
fn a_shard_never_replaces_a_sweep() {
    let folder = Folder::tiny("shard-replaces");
    let sweep = |rate: &str, rest: &[&str]| folder.run(&[&["sweep", "tiny.ron", "--vary", rate], rest].concat());
    sweep("users.rate=20,30", &[]).is_fine();
    let points = files_below(&folder.0.join("archsim-out/tiny/ad-hoc/points"));
    let refused = sweep("users.rate=20,40", &["--shard", "1/2"]);
    refused.fails(2, &["points of another sweep", "--out names another folder", "not with --shard"]);
    assert_eq!(points, files_below(&folder.0.join("archsim-out/tiny/ad-hoc/points")));
}

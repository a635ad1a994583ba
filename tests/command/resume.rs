//! A sweep that is stopped goes on where it was.

use super::{Folder, Outcome};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// A grid of 8 points.
const GRID: [&str; 4] = ["sweep", "tiny.ron", "--vary", "users.rate=20,30,40,50,60,70,80,90"];

fn grid(folder: &Folder, rest: &[&str]) -> Outcome {
    folder.run(&[&GRID[..], rest].concat())
}

/// All files below a folder, by path from it, but one: `manifest.json` says when, where and by which command, and may differ.
pub(super) fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(below) = folders.pop() {
        for entry in std::fs::read_dir(&below).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(folder).expect("it is below").to_string_lossy().into_owned();
            match path.is_dir() {
                true => folders.push(path),
                false if name == "manifest.json" => {}
                false => drop(found.insert(name, std::fs::read(&path).unwrap_or_default())),
            }
        }
    }
    found
}

#[track_caller]
pub(super) fn are_alike(one: &Path, two: &Path) {
    let (one, two) = (files_below(one), files_below(two));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    let differing: Vec<&String> = one.keys().filter(|name| one[*name] != two[*name]).collect();
    assert!(differing.is_empty(), "{differing:?} differ");
}

/// The finished points in a folder, each with its bytes.
fn kept(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let all = files_below(&folder.join("points"));
    all.into_iter().filter(|(name, _)| !name.starts_with('.')).collect()
}

/// What identifies a file: one that is written again is another file.
#[cfg(unix)]
fn identities(folder: &Path) -> BTreeMap<String, u64> {
    use std::os::unix::fs::MetadataExt;
    let of = |name: String| {
        let inode = std::fs::metadata(folder.join("points").join(&name)).expect("the point is there").ino();
        (name, inode)
    };
    kept(folder).into_keys().map(of).collect()
}

/// Killed 20 times at random instants, the sweep is continued each time; the files are those of a sweep that nobody disturbed, and no
/// point is lost or written twice. Where a sweep comes to its end before it is killed another one is begun.
#[cfg(unix)]
#[test]
fn a_sweep_that_is_killed_again_and_again_ends_with_the_same_bytes() {
    let folder = Folder::tiny("resume-killed");
    let begun = std::time::Instant::now();
    grid(&folder, &["--out", "undisturbed", "--threads", "2"]).is_fine();
    let long = begun.elapsed().as_micros() as u64;
    let (mut draw, mut killed, mut sweeps, mut interrupted) = (0x9E37_79B9_7F4A_7C15u64, 0, 0, 0);
    while killed < 20 {
        let out = format!("killed-{sweeps}");
        let path = folder.0.join(&out);
        let before = identities(&path);
        let arguments = [&GRID[..], &["--out", &out, "--threads", "2"]].concat();
        let mut command = folder.command(&arguments);
        let mut child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn();
        let child = child.as_mut().expect("the program starts");
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros((draw >> 33) % long));
        let finished = child.try_wait().expect("a child can be waited for").is_some();
        // It may have ended in between.
        let _ = child.kill();
        child.wait().expect("a child can be waited for");
        let after = identities(&path);
        for (name, inode) in &before {
            assert_eq!(after.get(name), Some(inode), "{name} was lost or run again");
        }
        killed += u32::from(!finished);
        interrupted += u32::from(!finished && !after.is_empty() && after.len() < 8);
        if finished {
            are_alike(&folder.0.join("undisturbed"), &path);
            sweeps += 1;
        }
    }
    assert!(interrupted > 0, "no sweep was killed between its first and its last point");
    let out = format!("killed-{sweeps}");
    assert_eq!(grid(&folder, &["--out", &out]).code, Some(0));
    are_alike(&folder.0.join("undisturbed"), &folder.0.join(out));
}

/// Ctrl-C shows what is finished, says how to go on, and keeps it.
#[cfg(unix)]
#[test]
fn an_interrupted_sweep_shows_what_it_has_and_goes_on() {
    let folder = Folder::tiny("resume-interrupted");
    // Far more than can be simulated before the signal arrives, after a first point that takes no time.
    let long =
        ["sweep", "tiny.ron", "--vary", "run.duration=[\"5s\", \"1000000s\"]", "--threads", "1", "--out", "here"];
    let mut command = folder.command(&long);
    let pipes = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = pipes.spawn().expect("the program starts");
    while !folder.0.join("here/points/0001.json").exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let told = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(told.is_ok_and(|status| status.success()));
    let output = child.wait_with_output().expect("a child can be waited for");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(130), "{out}{err}");
    assert!(err.contains("interrupted: 1 of 2 points are finished; the same command goes on from there"), "{err}");
    assert!(
        out.contains("1 of 2 points") && folder.read("here/manifest.json").contains("\"interrupted\": true"),
        "{out}"
    );
    assert_eq!(kept(&folder.0.join("here")).into_keys().collect::<Vec<_>>(), ["0001.json"]);
}

#[test]
fn points_that_are_lost_or_damaged_are_run_again() {
    let folder = Folder::tiny("resume-damaged");
    grid(&folder, &["--out", "whole"]).is_fine();
    grid(&folder, &["--out", "other"]).is_fine();
    let point = |number: u32| folder.0.join(format!("other/points/{number:04}.json"));
    std::fs::remove_file(point(1)).expect("it was there");
    let text = std::fs::read_to_string(point(2)).expect("a point");
    std::fs::write(point(2), &text[..text.len() / 2]).expect("it can be written");
    std::fs::write(point(3), text).expect("it can be written");
    let text = std::fs::read_to_string(point(4)).expect("a point");
    std::fs::write(point(4), text.replacen("\"ok\"", "\"no_data\"", 1)).expect("it can be written");
    std::fs::write(folder.0.join("other/points/.0001.json.7-0-1f.part"), "half of a").expect("it can be written");
    let outcome = grid(&folder, &["--out", "other"]);
    outcome.fails(0, &["4 of 8 points were there, 4 points to run; damaged and run again: 3"]);
    are_alike(&folder.0.join("whole"), &folder.0.join("other"));
    grid(&folder, &["--out", "other"]).fails(0, &["8 of 8 points were there, nothing is left to run"]);
    assert_eq!(grid(&folder, &["--out", "other", "--fresh"]).err, "");
    are_alike(&folder.0.join("whole"), &folder.0.join("other"));
}

#[test]
fn another_sweep_does_not_get_into_the_folder() {
    let folder = Folder::tiny("resume-other");
    folder.run(&["sweep", "tiny.ron", "--out", "here"]).is_fine();
    let points = files_below(&folder.0.join("here/points"));
    let refused = |rest: &[&str], words: &[&str]| {
        folder.run(&[&["sweep", "tiny.ron", "--out", "here"], rest].concat()).fails(2, words);
        assert_eq!(points, files_below(&folder.0.join("here/points")));
    };
    refused(&["--seed", "4"], &["`here` has points of another sweep", "the scenario or a change to it", "--fresh"]);
    refused(&["size", "--measure", "users.p50"], &["differs in: what is measured"]);
    refused(&["--vary", "web.replicas=1..=4"], &["what is varied"]);
    folder.run(&["sweep", "tiny.ron", "--out", "here", "--seed", "4", "--fresh"]).is_fine();
    let text = folder.read("here/sweep.json");
    std::fs::write(folder.0.join("here/sweep.json"), text.replace("\"archsim\": \"", "\"archsim\": \"9.")).expect("ok");
    folder.run(&["sweep", "tiny.ron", "--out", "here", "--seed", "4"]).fails(2, &["the version of archsim"]);
    std::fs::write(folder.0.join("here/sweep.json"), "{").expect("it can be written");
    folder.run(&["sweep", "tiny.ron", "--out", "here"]).fails(2, &["here/sweep.json", "--fresh"]);
    folder.run(&["sweep", "tiny.ron", "--out", "here", "--fresh"]).is_fine();
    assert_eq!(points, files_below(&folder.0.join("here/points")));
}

/// The scenario's own folder holds the last sweep, as it does the last run; points of one that was stopped are not thrown away unasked.
#[test]
fn the_folder_of_the_scenario_is_for_the_last_sweep() {
    let folder = Folder::tiny("resume-own");
    folder.run(&["sweep", "tiny.ron", "--vary", "users.rate=20,30"]).is_fine();
    folder.run(&["sweep", "tiny.ron", "--vary", "users.rate=20,40"]).is_fine();
    std::fs::remove_file(folder.0.join("archsim-out/tiny/ad-hoc/points/0002.json")).expect("it was there");
    let outcome = folder.run(&["sweep", "tiny.ron", "--vary", "users.rate=20,50"]);
    outcome.fails(2, &["points of another sweep", "--fresh throws its points away"]);
    folder.run(&["sweep", "tiny.ron", "--vary", "users.rate=20,40"]).fails(0, &["1 of 2 points were there"]);
}

#[test]
fn a_point_that_cannot_be_kept_ends_the_sweep_and_the_others_stay() {
    let folder = Folder::tiny("resume-unwritable");
    std::fs::create_dir_all(folder.0.join("here/points/0002.json/x")).expect("it can be made");
    let arguments = ["sweep", "tiny.ron", "--out", "here", "--threads", "1"];
    folder.run(&arguments).fails(3, &["cannot write `here/points/0002.json`", "1 of 3 points are kept", "goes on"]);
    std::fs::remove_dir_all(folder.0.join("here/points/0002.json")).expect("it was there");
    folder.run(&arguments).fails(0, &["1 of 3 points were there"]);
    folder.run(&["sweep", "tiny.ron", "--out", "undisturbed"]).is_fine();
    are_alike(&folder.0.join("undisturbed"), &folder.0.join("here"));
}

/// A file that may not grow fails as on a full disk: the write ends early with an error.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_is_said_before_more_is_simulated() {
    let folder = Folder::tiny("resume-full");
    let program = env!("CARGO_BIN_EXE_archsim");
    let line = format!("trap '' XFSZ; ulimit -f 8; exec {program} sweep tiny.ron --out here");
    let mut shell = std::process::Command::new("sh");
    let output = shell.args(["-c", &line]).current_dir(&folder.0).output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("cannot write `here/points/") && said.contains("0 of 3 points are kept"), "{said}");
    assert!(files_below(&folder.0.join("here/points")).is_empty(), "half a file is left");
    folder.run(&["sweep", "tiny.ron", "--out", "here"]).is_fine();
    let blocked = Folder::tiny("resume-blocked").with("blocked", "");
    blocked.run(&["sweep", "tiny.ron", "--out", "blocked"]).fails(3, &["cannot write `blocked", "--out"]);
}

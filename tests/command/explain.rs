//! `archsim explain`.

use super::{Folder, TINY};

#[test]
fn a_value_is_shown_with_its_line_and_its_meaning() {
    let folder = Folder::tiny("explain-line");
    let outcome = folder.run(&["explain", "tiny.ron", "web.replicas"]);
    outcome.is_fine();
    let expected = "web.replicas = 2\n  tiny.ron:5:44\n     5 |     components: { \"web\": Service(replicas: 2,";
    assert!(outcome.out.starts_with(expected), "{outcome:?}");
    assert!(outcome.out.contains("replicas  "), "{outcome:?}");
    let outcome = folder.run(&["explain", "tiny.ron", "run.duration"]);
    assert!(outcome.out.contains("\n  duration  "), "{outcome:?}");
    let outcome = folder.run(&["explain", "tiny.ron", "web.on.get[0].Compute.time"]);
    assert!(outcome.out.starts_with("web.on.get[0].Compute.time = Exp(\"10ms\")\n"), "{outcome:?}");
}

#[test]
fn defaults_presets_and_the_command_line_say_that_they_are_it() {
    let text = TINY.replace("components: { ", "components: { \"redis\": Cache(preset: \"redis\"), ");
    let folder = Folder::new("explain-origin").with("tiny.ron", &text);
    let said = |arguments: &[&str]| folder.run(&[&["explain", "tiny.ron"], arguments].concat()).out;
    let default = said(&["web.cpu"]);
    assert!(default.starts_with("web.cpu = (default)\n  the file does not give it\n\n  cpu  "), "{default}");
    let preset = said(&["redis.workers"]);
    assert!(preset.starts_with("redis.workers = 1\n  from the preset `redis`:\n  // One thread"), "{preset}");
    let set = said(&["web.replicas", "--set", "web.replicas=5"]);
    assert!(set.starts_with("web.replicas = 5\n  set by the command line; the file has 2:\n  tiny.ron:5:"), "{set}");
}

#[test]
fn codes_are_explained_and_what_is_misspelt_is_guessed() {
    let folder = Folder::tiny("explain-code");
    let outcome = folder.run(&["explain", "timeout-inversion"]);
    outcome.is_fine();
    assert!(outcome.out.contains("When  ") && outcome.out.contains("What to do"), "{outcome:?}");
    folder.run(&["explain", "overlaod"]).fails(2, &["did you mean `overload`?"]);
    folder.run(&["explain", "tiny.ron"]).fails(2, &["say which value of tiny.ron"]);
    folder.run(&["explain", "tiny.ron", "web.replicsa"]).fails(2, &["did you mean `replicas`?"]);
    folder.run(&["explain", "tiny.ron", "wbe.replicas"]).fails(2, &["wbe", "web"]);
}

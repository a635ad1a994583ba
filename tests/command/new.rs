//! `archsim new` and `archsim completions`.

use super::Folder;

#[test]
fn the_starter_is_written_once_and_can_run() {
    let folder = Folder::new("new-starter");
    let outcome = folder.run(&["new"]);
    outcome.is_fine();
    assert!(outcome.out.starts_with("starter.ron is written: how many servers"), "{outcome:?}");
    let outcome = folder.run(&["check", "starter.ron", "--deny", "warnings"]);
    outcome.is_fine();
    assert!(outcome.out.contains("All checks passed") || outcome.out.contains("It can run"), "{outcome:?}");
    folder.run(&["new"]).fails(2, &["`starter.ron` exists already", "--force"]);
    folder.run(&["new", "--force", "-q"]).is_fine();
    folder.run(&["fmt", "--check", "starter.ron"]).is_fine();
}

#[test]
fn templates_are_listed_and_found() {
    let folder = Folder::new("new-list");
    let outcome = folder.run(&["new", "--list"]);
    outcome.is_fine();
    assert!(outcome.out.contains("\nretry-storm  ") && outcome.out.lines().count() > 10, "{outcome:?}");
    let outcome = folder.run(&["new", "web-shop", "--output", "-"]);
    outcome.is_fine();
    assert!(outcome.out.contains("Three-tier web shop"), "{outcome:?}");
    folder.run(&["new", "web-shpo"]).fails(2, &["web-shop"]);
    folder.run(&["new", "spike", "--output", "none/there.ron", "-q"]).is_fine();
}

#[test]
fn shells_get_completions() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish"] {
        let outcome = folder.run(&["completions", shell]);
        outcome.is_fine();
        assert!(outcome.out.contains("saturate") && outcome.out.contains("replications"), "{shell}");
    }
}

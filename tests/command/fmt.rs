//! `archsim fmt`.

use super::{Folder, TINY};

#[test]
fn a_file_is_laid_out_in_place_and_then_stays() {
    let folder = Folder::new("fmt-place").with("a.ron", "(name:\"a\", // why\n  slos:[])");
    assert_eq!(
        (folder.run(&["fmt", "--check", "a.ron"]).code, folder.read("a.ron").as_str()),
        (Some(1), "(name:\"a\", // why\n  slos:[])")
    );
    folder.run(&["fmt", "a.ron"]).is_fine();
    assert_eq!(folder.read("a.ron"), "(name: \"a\", // why\n    slos: [])\n");
    folder.run(&["fmt", "--check", "a.ron"]).is_fine();
}

#[test]
fn what_cannot_be_read_is_named_and_the_others_are_laid_out() {
    let folder = Folder::new("fmt-broken").with("bad.ron", "(name: ").with("a.ron", "(name:\"a\")");
    folder.run(&["fmt", "bad.ron", "a.ron"]).fails(2, &["bad.ron:1:"]);
    assert_eq!((folder.read("bad.ron").as_str(), folder.read("a.ron").as_str()), ("(name: ", "(name: \"a\")\n"));
}

#[test]
fn the_layout_of_the_small_scenario_is_its_own() {
    let folder = Folder::new("fmt-tiny").with("tiny.ron", TINY);
    folder.run(&["fmt", "--check", "tiny.ron"]).is_fine();
}

//! `archsim check`.

use super::Folder;

/// A file with a mistake of language on line 3 and an unknown target on line 4.
const BROKEN: &str = r#"Scenario(
    name: "Broken",
    components: { "web": Service(replica: 2, on: { "get": [Compute("1ms")] }) },
    traffic: { "users": Open(to: "wbe", rate: "1/s") },
)
"#;

#[test]
fn a_good_file_passes_with_its_load_table() {
    let outcome = Folder::tiny("check-good").run(&["check", "tiny.ron"]);
    outcome.is_fine();
    assert!(
        outcome.out.starts_with("tiny.ron  Tiny\n  1 component, 1 edge, 1 traffic source (50/s), 1 SLO,"),
        "{outcome:?}"
    );
    assert!(
        outcome.out.contains("  web         1.00     50/s      0.5 of 2 cores   25%    #####..............."),
        "{outcome:?}"
    );
    assert!(outcome.out.contains("First to saturate: web, at about 200/s of users."), "{outcome:?}");
    let bound = "Bounds, if nothing fails: users.mean >= 10 ms = D, the time without any queue.";
    assert!(outcome.out.contains(bound), "{outcome:?}");
}

#[test]
fn a_broken_file_is_refused_with_places() {
    let folder = Folder::new("check-broken").with("broken.ron", BROKEN);
    let outcome = folder.run(&["check", "broken.ron"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.out.contains("broken.ron:3:34") && outcome.out.contains("did you mean `replicas`?"), "{outcome:?}");
    let short = folder.run(&["check", "--format", "short", "broken.ron"]);
    assert!(short.out.starts_with("broken.ron:3:34: error[parse]: unknown field `replica`"), "{short:?}");
    folder.run(&["run", "broken.ron"]).fails(2, &["broken.ron:3:34"]);
}

#[test]
fn json_lists_findings_with_lines_and_columns() {
    let folder = Folder::tiny("check-json").with("broken.ron", BROKEN);
    let outcome = folder.run(&["check", "--json", "tiny.ron", "broken.ron"]);
    assert_eq!(outcome.code, Some(2));
    let document = outcome.json();
    assert_eq!(document["ok"], false);
    assert_eq!(document["files"][0]["load"][0]["component"], "web");
    let finding = &document["files"][1]["findings"][0];
    assert_eq!((&finding["line"], &finding["column"], &finding["severity"]), (&3.into(), &34.into(), &"error".into()));
}

#[test]
fn files_that_cannot_be_read_are_wrong_and_do_not_hide_the_others() {
    let folder = Folder::tiny("check-missing");
    let outcome = folder.run(&["check", "tiy.ron", "tiny.ron"]);
    outcome.fails(2, &["cannot read `tiy.ron`", "did you mean `tiny.ron`?"]);
    assert!(outcome.out.contains("First to saturate"), "{outcome:?}");
    folder.run(&["check", "."]).fails(2, &["`.` is a folder", "./tiny.ron"]);
}

#[test]
fn quiet_says_nothing_about_good_files_and_names_the_others() {
    let good = BROKEN.replace("replica:", "replicas:").replace("wbe", "web");
    let folder = Folder::new("check-quiet").with("broken.ron", BROKEN).with("good.ron", &good);
    let outcome = folder.run(&["check", "-q", "good.ron", "broken.ron", "good.ron"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.out.starts_with("error[parse]") && outcome.out.ends_with("broken.ron: 2 errors.\n"), "{outcome:?}");
    assert_eq!(folder.run(&["check", "-q", "good.ron"]).out, "");
}

#[test]
fn warnings_can_be_denied() {
    let folder = Folder::new("check-deny").with("full.ron", &super::TINY.replace("50/s", "500/s"));
    let outcome = folder.run(&["check", "full.ron"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.contains("250%") && outcome.out.contains("warning[overload]"), "{outcome:?}");
    assert_eq!(folder.run(&["check", "--deny", "warnings", "full.ron"]).code, Some(2));
}

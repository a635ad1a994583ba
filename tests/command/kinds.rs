//! `archsim kinds`.

use super::Folder;

#[test]
fn the_overview_names_everything() {
    let outcome = Folder::new("kinds-all").run(&["kinds"]);
    outcome.is_fine();
    let words =
        ["LoadBalancer", "Compute", "Ramp", "Zipf", "LogNormal", "timeout", "LeastOutstanding", "Crash", "warmup"];
    words
        .iter()
        .for_each(|word| assert!(outcome.out.contains(&format!("  {word} ")) || outcome.out.contains(word), "{word}"));
    assert!(outcome.out.lines().all(|line| line.chars().count() <= 100), "{outcome:?}");
}

#[test]
fn every_kind_and_step_has_a_page_with_its_fields() {
    let folder = Folder::new("kinds-pages");
    let pages = [
        ("Service", "replicas"),
        ("Cache", "ttl"),
        ("Cached", "miss"),
        ("Erlang", "k "),
        ("retry", "budget"),
        ("Slow", "for "),
        ("steps", "Publish"),
        ("run", "seed"),
        ("PowerOfTwo", "choices"),
    ];
    for (word, field) in pages {
        let outcome = folder.run(&["kinds", word]);
        outcome.is_fine();
        assert!(outcome.out.contains(&format!("\n  {field}")), "{outcome:?}");
    }
    assert!(folder.run(&["kinds", "Compute"]).out.contains("(whole number, optional)"));
}

#[test]
fn presets_are_listed_and_printed() {
    let folder = Folder::new("kinds-presets");
    assert!(folder.run(&["kinds", "preset"]).out.contains("\n  redis "));
    let redis = folder.run(&["kinds", "preset", "redis"]);
    redis.is_fine();
    assert!(redis.out.contains("Cache(") && redis.out.contains("eviction: Lru"), "{redis:?}");
    folder.run(&["kinds", "preset", "rediss"]).fails(2, &["did you mean `redis`?"]);
    folder.run(&["kinds", "Srvice"]).fails(2, &["did you mean `Service`?"]);
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let folder = Folder::tiny("kinds-pipe");
    for arguments in [&["kinds"][..], &["run", "tiny.ron"], &["check", "tiny.ron"], &["--help"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = folder.command(arguments).stdout(writer).output().expect("the program starts");
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{arguments:?}");
    }
    assert!(folder.read("archsim-out/tiny/summary.json").contains("users.p99"));
}

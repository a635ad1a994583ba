//! `archsim trace`.

use super::Folder;

#[test]
fn the_slowest_requests_are_shown_call_by_call() {
    let folder = Folder::tiny("trace-table");
    let outcome = folder.run(&["trace", "tiny.ron", "--slowest", "2"]);
    outcome.is_fine();
    assert!(outcome.out.starts_with("The slowest 2 requests: seed 3, replication 1\n\n1. users, "), "{outcome:?}");
    assert!(outcome.out.contains("\n2. users, ") && !outcome.out.contains("\n3. "), "{outcome:?}");
    assert!(outcome.out.contains("  user ") && outcome.out.contains("web"), "{outcome:?}");
    assert_eq!(outcome.out, folder.run(&["trace", "tiny.ron", "--slowest", "2"]).out);
}

#[test]
fn json_has_every_call() {
    let outcome = Folder::tiny("trace-json").run(&["trace", "tiny.ron", "--json"]);
    outcome.is_fine();
    let document = outcome.json();
    let requests = document["requests"].as_array().expect("requests");
    assert_eq!((requests.len(), &document["seed"]), (5, &3.into()));
    assert_eq!(requests[0]["legs"][1]["component"], "web");
}

#[test]
fn what_does_not_exist_is_said() {
    let folder = Folder::tiny("trace-wrong");
    folder.run(&["trace", "tiny.ron", "--endpoint", "user"]).fails(2, &["`user`", "did you mean `users`?"]);
    folder.run(&["trace", "tiny.ron", "--failed"]).fails(2, &["no request of that sort ended"]);
    folder.run(&["trace", "tiny.ron", "--slowest", "0"]).fails(2, &["between 1 and 100000"]);
}

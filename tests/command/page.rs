//! `report.html`: complete in itself, and drawn again from stored results.

use super::Folder;

/// The commands that write a page, and the folder they write it to.
const COMMANDS: [(&str, &[&str]); 4] = [
    ("run", &["run", "tiny.ron"]),
    ("sweep", &["sweep", "tiny.ron", "size"]),
    ("compare", &["compare", "tiny.ron"]),
    ("saturate", &["saturate", "tiny.ron", "tip", "--precision", "10%"]),
];

#[test]
fn every_page_is_complete_in_itself_and_can_be_drawn_again() {
    let folder = Folder::tiny("page-all");
    for (name, arguments) in COMMANDS {
        let outcome = folder.run(&[arguments, &["--out", name]].concat());
        outcome.is_fine();
        let last = outcome.out.lines().last().unwrap_or_default();
        assert_eq!(last, format!("Report  {name}/report.html"), "{outcome:?}");
        let page = folder.read(&format!("{name}/report.html"));
        is_alone(&page);
        is_well_formed(&page);
        assert!(page.contains("<h1>Tiny</h1>") && page.contains("<svg"), "{name}");
        let charts: Vec<String> = charts(&folder, name);
        let drawn: Vec<String> = charts.iter().map(|chart| folder.read(chart)).collect();
        for file in charts.iter().map(String::as_str).chain([format!("{name}/report.html").as_str()]) {
            std::fs::remove_file(folder.0.join(file)).expect("it is there");
        }
        folder.run(&["report", name, "--png"]).is_fine();
        for chart in &charts {
            let picture = std::fs::read(folder.0.join(chart.replace(".svg", ".png"))).expect("it was drawn");
            assert!(picture.starts_with(b"\x89PNG") && picture.len() > 5_000, "{chart}");
        }
        assert!(folder.read(&format!("{name}/report.html")) == page, "{name}: the page differs");
        assert!(charts.iter().map(|chart| folder.read(chart)).eq(drawn), "{name}: a chart differs");
    }
}

/// `archsim report results --open` where these are the programs.
#[cfg(target_os = "linux")]
fn opened(folder: &Folder, programs: &str) -> std::process::Output {
    let mut command = folder.command(&["report", "results", "--open"]);
    command.env("PATH", folder.path().join(programs)).output().expect("the program starts")
}

#[test]
#[cfg(target_os = "linux")]
fn a_page_is_opened_in_the_default_browser() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::tiny("page-open");
    folder.run(&["run", "tiny.ron", "-q", "--out", "results"]).is_fine();
    for (programs, script) in [("good", "#!/bin/sh\necho \"$1\" > asked\n"), ("bad", "#!/bin/sh\nexit 3\n")] {
        let path = folder.path().join(programs).join("xdg-open");
        std::fs::create_dir(folder.path().join(programs)).expect("a folder");
        std::fs::write(&path, script).expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it can be run");
    }
    assert!(opened(&folder, "good").status.success());
    assert_eq!(folder.read("asked"), "results/report.html\n");
    for (programs, why) in
        [("bad", "`xdg-open` found no browser (exit status: 3)"), ("none", "`xdg-open`: No such file")]
    {
        let output = opened(&folder, programs);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(&format!("cannot open `results/report.html`: {why}")), "{said}");
    }
}

fn charts(folder: &Folder, name: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder.0.join(name).join("plots")).expect("there are charts");
    let mut names: Vec<String> = entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert!(!names.is_empty(), "{name} has no charts");
    names.into_iter().map(|chart| format!("{name}/plots/{chart}")).collect()
}

/// No reference to anything outside of the file, and small enough for a mail.
fn is_alone(page: &str) {
    assert!(page.len() < 2_000_000, "{}", page.len());
    let names_only = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for outside in ["http:", "https:", "//cdn", "@import", "<link", "<img", "src=", "url("] {
        assert!(!names_only.contains(outside), "{outside}");
    }
    assert!(page.contains("content=\"default-src 'none';"));
}

/// Tags are closed in order, attributes quoted, ampersands escaped; what is inside script and style is their own.
fn is_well_formed(page: &str) {
    const VOID: [&str; 2] = ["meta", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let raw = open.last().is_some_and(|name| matches!(*name, "script" | "style"));
        if raw && !rest[start..].starts_with("</") {
            rest = &rest[start + 1..];
            continue;
        }
        let end = start + rest[start..].find('>').expect("every tag ends");
        let tag = &rest[start + 1..end];
        let name = tag.split([' ', '/']).find(|word| !word.is_empty()).expect("every tag has a name");
        assert!(!tag.contains('<') && tag.matches('"').count().is_multiple_of(2), "{tag}");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
        rest = &rest[end + 1..];
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn names_from_the_file_are_text_on_the_page() {
    let text = super::TINY.replace("\"Tiny\"", "\"<script>alert('a & b')</script>\"");
    let folder = Folder::new("page-escape").with("tiny.ron", &text);
    folder.run(&["run", "tiny.ron", "--out", "o", "-q"]).is_fine();
    let page = folder.read("o/report.html");
    assert!(page.contains("&lt;script&gt;alert('a &amp; b')&lt;/script&gt;") && !page.contains("<script>alert"));
}

#[test]
fn a_folder_without_results_is_refused() {
    let folder = Folder::tiny("page-none").with("report.json", "{ \"form\": 1, \"archsim\": ");
    folder.run(&["report", "nowhere"]).fails(2, &["cannot read `nowhere/report.json`", "name the folder that"]);
    folder
        .run(&["report", "."])
        .fails(2, &["`./report.json` is damaged", "run the command of its manifest.json again"]);
    let other = folder.with("report.json", "{ \"form\": 99, \"archsim\": \"9.9.9\" }");
    other.run(&["report", "."]).fails(2, &["written by another version, archsim 9.9.9"]);
}

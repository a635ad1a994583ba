//! The pages in a real browser: nothing is requested from the network, no script fails, and what is shown is what was found.

use crate::command::plan::priced;
use crate::command::{Folder, TINY};
use serde_json::Value;
use std::process::Command;

/// What a browser made of a page.
struct Opened {
    /// The document after its scripts have run.
    document: String,
    /// What was said on the console, and by the browser.
    log: String,
    /// Everything that the page asked for over the network.
    requested: Vec<String>,
}

/// Opens a file of a folder in headless Chromium.
fn open(folder: &Folder, page: &str) -> Opened {
    let network = folder.path().join("network.json");
    let options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-logging=stderr",
        "--dump-dom",
    ];
    let output = Command::new("chromium")
        .args(options)
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("--log-net-log={}", network.display()))
        .arg(format!("file://{}", folder.path().join(page).display()))
        .output()
        .expect("chromium starts");
    let logged = std::fs::read_to_string(&network).expect("chromium writes its network log");
    let outside = logged.split("\"initiator\":\"").skip(1).filter_map(|request| {
        let initiator = request.split('"').next()?;
        let url = request.split_once("\"url\":\"")?.1.split('"').next()?;
        // Chromium has questions of its own, about updates and the time of day; no page is their origin.
        (initiator != "not an origin" && !url.starts_with("file:")).then_some(url)
    });
    Opened {
        document: String::from_utf8_lossy(&output.stdout).into_owned(),
        log: String::from_utf8_lossy(&output.stderr).into_owned(),
        requested: outside.map(str::to_owned).collect(),
    }
}

/// The lines in which a page complains.
fn complaints(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains(":CONSOLE") || line.contains("Uncaught")).collect()
}

/// A number on the page: metric, point, value and what is written.
struct Shown {
    metric: String,
    point: Option<usize>,
    value: f64,
    text: String,
}

fn shown(document: &str) -> Vec<Shown> {
    let one = |rest: &str| {
        let (tag, after) = rest.split_once('>')?;
        let attribute = |name: &str| Some(tag.split_once(&format!("{name}=\""))?.1.split('"').next()?.to_owned());
        Some(Shown {
            metric: tag.split('"').next()?.replace("&gt;", ">").replace("&amp;", "&"),
            point: attribute("data-point").and_then(|point| point.parse().ok()),
            value: attribute("data-value")?.parse().ok()?,
            text: after.split('<').next()?.replace("&lt;", "<"),
        })
    };
    document.split(" data-metric=\"").skip(1).filter_map(one).collect()
}

/// The number of a metric in `summary.json`.
fn stored(summary: &Value, shown: &Shown) -> Option<f64> {
    if shown.metric.starts_with('/') {
        return summary.pointer(&shown.metric)?.as_f64();
    }
    let summary = match shown.point {
        Some(point) => summary.get(point)?.get("summary")?,
        None => summary,
    };
    summary.get(&shown.metric)?.get("value")?.as_f64()
}

/// What is written as a number in its base unit; none where it is a bound or a dash.
fn written(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 15] = [
        (" min", 60.0),
        (" ms", 1e-3),
        (" us", 1e-6),
        (" ns", 1e-9),
        (" kB", 1e3),
        (" s", 1.0),
        (" h", 3600.0),
        (" d", 86_400.0),
        (" B", 1.0),
        ("k/s", 1e3),
        ("M/s", 1e6),
        ("/s", 1.0),
        ("%", 0.01),
        ("x", 1.0),
        ("", 1.0),
    ];
    let (digits, size) = UNITS.iter().find_map(|(unit, size)| Some((text.strip_suffix(unit)?, size)))?;
    Some(digits.replace(',', "").parse::<f64>().ok()? * size)
}

/// Opens the page of a command and holds it to the results beside it.
fn check(name: &str, arguments: &[&str], fewest: usize) {
    check_text(name, TINY, arguments, fewest);
}

fn check_text(name: &str, text: &str, arguments: &[&str], fewest: usize) {
    let folder = Folder::new(&format!("browser-{name}")).with("tiny.ron", text);
    folder.run(&[arguments, &["--out", "o", "-q"]].concat()).is_fine();
    let page = open(&folder, "o/report.html");
    assert_eq!(page.requested, Vec::<String>::new(), "{name}");
    assert_eq!(complaints(&page.log), Vec::<&str>::new(), "{name}");
    assert!(page.document.contains("data-ready=\"yes\""), "{name}: the script did not come to its end");
    let summary: Value = serde_json::from_str(&folder.read("o/summary.json")).expect("it is JSON");
    let shown = shown(&page.document);
    let mut read = 0;
    for number in &shown {
        let stored = stored(&summary, number);
        assert_eq!(stored, Some(number.value), "{name}: {} at {:?}", number.metric, number.point);
        if let Some(written) = written(&number.text) {
            read += 1;
            let near = (written - number.value).abs() <= 0.01 * number.value.abs() + 1e-12;
            assert!(near, "{name}: {} is {} and is shown as {}", number.metric, number.value, number.text);
        }
    }
    assert!(read >= fewest, "{name}: only {read} of {} numbers were read", shown.len());
}

#[test]
#[ignore = "needs chromium: run by .ci/run"]
fn browser_shows_the_page_of_a_run() {
    check("run", &["run", "tiny.ron"], 8);
}

#[test]
#[ignore = "needs chromium: run by .ci/run"]
fn browser_shows_the_page_of_a_sweep() {
    check("sweep", &["sweep", "tiny.ron", "size"], 6);
}

#[test]
#[ignore = "needs chromium: run by .ci/run"]
fn browser_shows_the_page_of_a_comparison() {
    check("compare", &["compare", "tiny.ron"], 2);
}

#[test]
#[ignore = "needs chromium: run by .ci/run"]
fn browser_shows_the_page_of_a_search() {
    check("saturate", &["saturate", "tiny.ron", "tip", "--precision", "10%"], 8);
}

#[test]
#[ignore = "needs chromium: run by .ci/run"]
fn browser_shows_the_page_of_a_plan() {
    check_text("plan", &priced(), &["plan", "tiny.ron"], 8);
}

#[test]
#[ignore = "needs chromium: run by .ci/run"]
fn browser_requests_and_failures_would_be_seen() {
    let page = "<img src=\"http://127.0.0.1:9/x.png\"><script>undefined.x</script>";
    let folder = Folder::new("browser-control").with("bad.html", page);
    let opened = open(&folder, "bad.html");
    assert!(opened.requested.iter().any(|url| url.contains("127.0.0.1:9")), "{:?}", opened.requested);
    assert!(!complaints(&opened.log).is_empty(), "{}", opened.log);
}

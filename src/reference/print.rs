//! The pages of the reference as text.

use super::form::{describe, is_missing, name};
use super::{CHAPTERS, Chapter, Found, Page, kind};
use crate::console::{Ink, Paint};
use crate::table::wrap;
use archsim_experiment::metric;
use archsim_experiment::models::kind::REGISTER;
use archsim_experiment::models::preset::{PRESETS, Preset};
use archsim_experiment::models::spec::Entry;
use unicode_width::UnicodeWidthStr;

/// The widest column of names.
const WIDEST_NAME: usize = 27;

/// A line of a list: a name and what it means.
type Item = (String, String);

/// All chapters in short: each word with its first sentence.
pub(crate) fn overview(width: usize, paint: Paint) -> String {
    let chapters = CHAPTERS.iter().map(|c| {
        let hint = paint.text(Ink::Dim, &format!("archsim kinds {}", c.word));
        format!("{}  {hint}\n{}", paint.text(Ink::Bold, c.title), list(&items(c, true), width, paint))
    });
    let footer = "A word shows its page: archsim kinds Service, archsim kinds LogNormal, archsim kinds preset redis.\n";
    chapters.collect::<Vec<_>>().join("\n") + "\n" + footer
}

/// The page of a word.
pub(crate) fn page(found: &Found, width: usize, paint: Paint) -> String {
    match found {
        Found::Chapter(chapter) => self::chapter(chapter, width, paint),
        Found::Page(page) => title(page.name, "", paint) + &body(page, true, width, paint),
        Found::Alternative(page, entry) => alternative(page, entry, width, paint),
    }
}

fn chapter(chapter: &Chapter, width: usize, paint: Paint) -> String {
    let mut text = title(chapter.title, "", paint);
    let pages: Vec<&Page> = chapter.types.iter().filter_map(|(module, rust)| Page::of(module, rust)).collect();
    if pages.is_empty() {
        return text + "\n" + &list(&items(chapter, false), width, paint);
    }
    for page in &pages {
        if pages.len() > 1 {
            text += &format!("\n{}\n", paint.text(Ink::Bold, super::bare(page.name)));
        }
        text += &body(page, pages.len() == 1, width, paint);
    }
    text
}

fn alternative(page: &Page, entry: &Entry, width: usize, paint: Paint) -> String {
    let mut text = title(entry.name, page.name, paint) + &prose(&sentence(entry.doc), width);
    if let Some(arguments) = page.arguments(entry) {
        text += &format!("\n{}\n", paint.text(Ink::Dim, "  Values in this order, or by name:"));
        text += &list(&fields(arguments), width, paint);
    }
    text
}

/// The description of a type and its fields or alternatives.
fn body(page: &Page, described: bool, width: usize, paint: Paint) -> String {
    let text = if described { prose(&sentence(page.doc), width) + "\n" } else { String::new() };
    let items = if page.is_choice() { alternatives(page, false) } else { fields(page) };
    text + &list(&items, width, paint)
}

/// The lines of a chapter; in short only the first sentence of each.
fn items(chapter: &Chapter, short: bool) -> Vec<Item> {
    match chapter.word {
        "kinds" => kinds(short),
        "metrics" => metrics(),
        "presets" => {
            PRESETS.iter().map(|(name, kind, text)| (name.to_string(), format!("{kind}. {}", heading(text)))).collect()
        }
        "policies" if short => policies(chapter),
        _ => {
            let pages = chapter.types.iter().filter_map(|(module, rust)| Page::of(module, rust));
            pages
                .flat_map(|page| if page.is_choice() { alternatives(page, short) } else { brief_fields(page) })
                .collect()
        }
    }
}

/// The policies by what they decide.
fn policies(chapter: &Chapter) -> Vec<Item> {
    let pages = chapter.types.iter().filter_map(|(module, rust)| Page::of(module, rust));
    let names = |page: &Page| {
        let names = page.entries.iter().filter(|entry| !is_missing(entry)).map(|entry| entry.name);
        names.collect::<Vec<_>>().join(", ")
    };
    pages.map(|page| (super::bare(page.name).to_owned(), names(page))).collect()
}

fn kinds(short: bool) -> Vec<Item> {
    let text = |doc: &[&str]| if short { brief_of(doc) } else { sentence(doc) };
    let pages = REGISTER.iter().filter_map(|(name, doc, _)| kind(name).map(|_| (name, doc)));
    pages.map(|(name, doc)| (name.to_string(), text(doc))).collect()
}

fn alternatives(page: &Page, short: bool) -> Vec<Item> {
    let text = |entry: &Entry| if short { brief_of(entry.doc) } else { sentence(entry.doc) };
    let readable = page.entries.iter().filter(|entry| !(short && is_missing(entry)));
    readable.map(|entry| (entry.name.to_owned(), text(entry))).collect()
}

fn brief_fields(page: &Page) -> Vec<Item> {
    let readable = page.entries.iter().filter(|entry| !is_missing(entry));
    readable.map(|entry| (name(entry.name).to_owned(), brief_of(entry.doc))).collect()
}

/// One field with its form.
pub(super) fn field(page: &Page, entry: &Entry, width: usize, paint: Paint) -> String {
    list(&[described(page, entry)], width, paint)
}

fn described(page: &Page, entry: &Entry) -> Item {
    let text = sentence(entry.doc);
    let form = if is_missing(entry) { String::new() } else { format!(" ({})", describe(page.module, entry.form)) };
    (name(entry.name).to_owned(), text + &form)
}

/// Fields with their form; those of a later version come last.
fn fields(page: &Page) -> Vec<Item> {
    let (missing, readable): (Vec<&Entry>, Vec<&Entry>) = page.entries.iter().partition(|entry| is_missing(entry));
    readable.into_iter().chain(missing).map(|entry| described(page, entry)).collect()
}

/// The vocabulary of metrics, by what they are about.
fn metrics() -> Vec<Item> {
    let subjects = [
        ("SOURCE", metric::TRAFFIC),
        ("SOURCE", metric::TRAFFIC_ON_REQUEST),
        ("SOURCE", metric::DISTURBED),
        ("COMPONENT", metric::COMPONENT),
        ("CACHE", metric::CACHE),
        ("DATABASE", metric::DATABASE),
        ("CONSUMERS", metric::CONSUMERS),
        ("COMPONENT", metric::ON_REQUEST),
        ("A -> B", metric::EDGE),
        ("A -> B", metric::EDGE_ON_REQUEST),
    ];
    let words = subjects.iter().flat_map(|(subject, words)| {
        words.iter().map(move |(word, unit, _, doc)| (format!("{subject}.{word}"), format!("{doc} [{unit}]")))
    });
    let times = [
        ("SOURCE.p99", "latency by percentile: p50, p90, p95, p99, p999, mean, max; failures included [s]"),
        ("SOURCE.ok.p99", "the same over the requests that were answered ok [s]"),
        ("SOURCE.ENDPOINT.p99", "the same of one endpoint; every metric of a source exists for its endpoints [s]"),
        ("COMPONENT.waiting.p99", "time in the queue; likewise service.p99 and sojourn.p99 [s]"),
        ("SOURCE.waiting.p99", "time in all queues together, of the requests answered ok [s]"),
        ("COMPONENT.slowdown.mean", "sojourn time as a multiple of the work alone; likewise slowdown.p99 [1]"),
        ("DATABASE.behind.above_2", "share of the reads that missed more than 2 newer writes [1]"),
        ("COMPONENT.batch.above_19", "share of the batches with more than 19 requests [1]"),
        (
            "COMPONENT[0].sojourn.p99",
            "of one instance, from 0; likewise waiting, service, utilization, throughput, share [s]",
        ),
        ("CONSUMERS.age.p99", "age of a message when it has been handled [s]"),
        ("A -> B.pool_wait.p99", "time for a connection [s]"),
        ("BROKER.TOPIC.rate", "messages appended, per second [1/s]"),
        ("cost", "money per hour of everything [money/h]"),
    ];
    words.chain(times.map(|(word, doc)| (word.to_owned(), doc.to_owned()))).collect()
}

/// The list of presets.
pub(crate) fn presets(width: usize, paint: Paint) -> String {
    let chapter = CHAPTERS.iter().find(|chapter| chapter.word == "presets");
    let hint = "\nA preset fills the fields that a component does not give. Its text, with the source of each number:\n\
                archsim kinds preset NAME\n";
    chapter.map_or(String::new(), |found| self::chapter(found, width, paint)) + hint
}

/// A preset as it is written.
pub(crate) fn preset((name, kind, text): &Preset, paint: Paint) -> String {
    title(name, &format!("a preset of {kind}"), paint) + "\n" + text.trim_end() + "\n"
}

/// What a preset says of itself in its first line.
fn heading(text: &str) -> String {
    text.lines().next().and_then(|line| line.strip_prefix("// ")).unwrap_or_default().to_owned()
}

fn title(name: &str, remark: &str, paint: Paint) -> String {
    let remark = if remark.is_empty() { String::new() } else { format!("  {}", paint.text(Ink::Dim, remark)) };
    format!("{}{remark}\n", paint.text(Ink::Bold, name))
}

fn prose(text: &str, width: usize) -> String {
    wrap(text, width - 2).iter().map(|line| format!("  {line}\n")).collect()
}

/// Names on the left, what they mean on the right.
fn list(items: &[Item], width: usize, paint: Paint) -> String {
    let column = items.iter().map(|(name, _)| name.width()).max().unwrap_or(0).min(WIDEST_NAME);
    let mut text = String::new();
    for (name, meaning) in items {
        let margin = " ".repeat(column + 4);
        let lines = wrap(meaning, (width - column - 4).max(20));
        let blanks = column.saturating_sub(name.width());
        // A name too long for the column has a line of its own.
        let after = if name.width() > column { format!("\n{margin}") } else { " ".repeat(blanks + 2) };
        text += &format!("  {}{after}{}\n", paint.text(Ink::Good, name), lines.join(&format!("\n{margin}")));
    }
    text
}

/// A doc comment in one line.
fn sentence(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

fn brief_of(doc: &[&str]) -> String {
    brief(&sentence(doc))
}

/// The first sentence with its example.
fn brief(text: &str) -> String {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        quoted ^= c == '`';
        if !quoted && text[at..].starts_with(". ") {
            let rest = &text[at + 2..];
            let example = rest.strip_prefix('`').and_then(|rest| rest.find('`')).map_or(0, |end| end + 2);
            return text[..=at].to_owned() + if example > 0 { " " } else { "" } + &rest[..example];
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_keeps_its_example() {
        assert_eq!(brief("Exponential: `Exp(\"5ms\")`. Memoryless."), "Exponential: `Exp(\"5ms\")`.");
        assert_eq!(brief("A loop. `Repeat(x. y)`, `Repeat(z)`."), "A loop. `Repeat(x. y)`");
        assert_eq!(brief("The oldest."), "The oldest.");
    }

    #[test]
    fn long_names_have_a_line_of_their_own() {
        let items = [("x".repeat(30), "meaning".to_owned()), ("y".to_owned(), "other".to_owned())];
        let expected = format!("  {}\n{}meaning\n  y{}other\n", "x".repeat(30), " ".repeat(31), " ".repeat(28));
        assert_eq!(list(&items, 80, Paint::OFF), expected);
    }
}

//! Any text may be checked: it may be refused, it may not panic, and messages point into it.

use super::{check, check_alone};
use archsim_language::{Source, Style, render, short};

const SCENARIOS: [&str; 5] = [
    include_str!("../../../scenarios/web-shop.ron"),
    include_str!("../../../scenarios/order-queue.ron"),
    include_str!("../../../scenarios/retry-storm.ron"),
    include_str!("../../../tests/broken/not-yet-pipeline.ron"),
    include_str!("../../../tests/broken/not-yet-mesh.ron"),
];

/// Numbers that look random (Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8, 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// How many texts to try: `ARCHSIM_FUZZ` thousand, or a share of one thousand that tests have time for.
fn cases(usual: usize) -> usize {
    let asked = std::env::var("ARCHSIM_FUZZ").ok().and_then(|thousands| thousands.parse::<usize>().ok());
    asked.map_or(usual, |thousands| thousands * 1000)
}

/// Every fourth text is checked with its variants.
fn exercise(text: &str, case: usize) {
    let source = Source::new("a.ron", text);
    let files = |name: &str| Err(format!("`{name}` is not there"));
    let checked = if case.is_multiple_of(4) { check(&source, &files) } else { check_alone(&source, &files) };
    let errors = checked.findings.iter().any(|finding| finding.severity == archsim_language::Severity::Error);
    assert_eq!(checked.model.is_none(), errors);
    for finding in &checked.findings {
        assert!(text.get(finding.span.clone()).is_some(), "{finding:?}\n{text}");
        assert!(short(finding, &source).starts_with("a.ron:"));
    }
    render(&checked.findings, &source, Style::Plain);
}

#[test]
fn changed_bytes_do_not_panic() {
    let mut numbers = Numbers(1);
    for case in 0..cases(1500) {
        let mut bytes = SCENARIOS[case % 5].as_bytes().to_vec();
        for _ in 0..=numbers.below(3) {
            let (at, byte) = (numbers.below(bytes.len()), b"()[]{},:\"'\\/*#.= \n0123456789abc"[numbers.below(31)]);
            match numbers.below(3) {
                0 => bytes.insert(at, byte),
                1 => drop(bytes.remove(at)),
                _ => bytes[at] = byte,
            }
        }
        if let Ok(text) = std::str::from_utf8(&bytes) {
            exercise(text, case);
        }
    }
}

/// A text as words, numbers, quoted texts and single other characters.
fn tokens(text: &str) -> Vec<&str> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = match first {
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        tokens.push(&rest[..end]);
        rest = &rest[end..];
    }
    tokens
}

/// Exchanges tokens of the same sort, so that most results are still RON.
#[test]
fn exchanged_tokens_do_not_panic() {
    const VALUES: [&str; 16] = [
        "0",
        "1",
        "-1",
        "4294967295",
        "1000000",
        "0.5",
        "1e300",
        "None",
        "\"\"",
        "\"0s\"",
        "\"200y\"",
        "\"*\"",
        "\"db\"",
        "\"a -> b\"",
        "\"catalog.product\"",
        "[]",
    ];
    let sort = |token: &str| {
        (
            token.starts_with('"'),
            token.starts_with(char::is_alphabetic),
            token.starts_with(|c: char| c.is_ascii_digit()),
        )
    };
    let mut numbers = Numbers(2);
    for case in 0..cases(500) {
        let text = SCENARIOS[case % 5];
        let mut changed = tokens(text);
        let original = changed.clone();
        for _ in 0..=numbers.below(2) {
            let at = numbers.below(changed.len());
            let same: Vec<&str> = original.iter().copied().filter(|token| sort(token) == sort(original[at])).collect();
            let plain = sort(original[at]) == (false, false, false);
            changed[at] = match numbers.below(3) {
                0 if !plain => VALUES[numbers.below(VALUES.len())],
                _ => same[numbers.below(same.len())],
            };
        }
        exercise(&changed.concat(), case);
    }
}

//! "Did you mean ...?"

use strsim::damerau_levenshtein;

/// Names longer than this are never compared: the comparison takes time in proportion to the product of the lengths.
const LONGEST: usize = 64;

/// The candidate nearest to `word`, if one is near enough to be what was meant: at most a third of the characters
/// changed (at least one, at most three), or one begins with the other. Upper and lower case are alike; among equally
/// near ones the first wins.
///
/// Distance: Damerau, CACM 7(3), 1964, in the unrestricted form, from the crate `strsim`.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = fold(word);
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let measured = candidates.into_iter().filter(|c| c.len() <= LONGEST).map(|c| (distance(&wanted, &fold(c)), c));
    measured.filter_map(|(distance, c)| Some((distance?, c))).min_by_key(|(distance, _)| *distance).map(|(_, c)| c)
}

fn fold(word: &str) -> String {
    word.to_lowercase()
}

/// Steps from one to the other, twice over so that a common beginning can stand between two counts; `None` if too far.
fn distance(wanted: &str, candidate: &str) -> Option<usize> {
    let allowed = (wanted.chars().count().max(candidate.chars().count()) / 3).clamp(1, 3);
    let steps = damerau_levenshtein(wanted, candidate);
    let (short, long) = if wanted.len() < candidate.len() { (wanted, candidate) } else { (candidate, wanted) };
    if steps <= allowed {
        Some(2 * steps)
    } else {
        (short.len() >= 4 && long.starts_with(short)).then_some(2 * allowed + 1)
    }
}

/// Names in backquotes, separated by commas; after twelve of them an ellipsis.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let ellipsis = if quoted.len() > SHOWN { ", ..." } else { "" };
    format!("{}{ellipsis}", quoted[..quoted.len().min(SHOWN)].join(", "))
}

/// The advice under an unknown name: the nearest one, if any, and what there is.
pub(crate) fn advice(word: &str, candidates: &[&str], kind: &str) -> String {
    let all =
        format!("{kind}: {}", if candidates.is_empty() { "none".into() } else { listed(candidates.iter().copied()) });
    match nearest(word, candidates.iter().copied()) {
        Some(name) => format!("did you mean `{name}`? ({all})"),
        None => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let fields = ["preset", "replicas", "cpu", "concurrency"];
        assert_eq!(nearest("replica", fields), Some("replicas"));
        assert_eq!(nearest("CPU", fields), Some("cpu"));
        assert_eq!(nearest("conc", fields), Some("concurrency"));
        assert_eq!(nearest("replcias", fields), Some("replicas"));
        assert_eq!(nearest("catalog -> bd", ["catalog -> db", "web -> db"]), Some("catalog -> db"));
    }

    #[test]
    fn does_not_guess_wildly() {
        assert_eq!(nearest("timeout", ["replicas", "cpu"]), None);
        assert_eq!(nearest("", ["a"]), None);
        assert_eq!(nearest("db", ["web"]), None);
        assert_eq!(nearest(&"x".repeat(100_000), ["x"]), None);
    }

    #[test]
    fn prefers_fewer_changes_to_a_common_beginning() {
        assert_eq!(nearest("Least", ["LeastOutstanding", "Beast"]), Some("Beast"));
        assert_eq!(nearest("Leastconn", ["RoundRobin", "Random", "LeastOutstanding"]), None);
    }

    #[test]
    fn advice_names_everything_there_is() {
        assert_eq!(advice("b", &["a"], "fields"), "did you mean `a`? (fields: `a`)");
        assert_eq!(advice("zzzz", &["a", "b"], "one of"), "one of: `a`, `b`");
        let many: Vec<&str> = vec!["n"; 13];
        assert!(advice("zzzz", &many, "one of").ends_with("`n`, ..."));
    }
}

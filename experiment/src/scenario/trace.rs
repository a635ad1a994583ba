//! `Replay("keys.csv")`: the lines of a file, numbers or words, take the place of its name.

use archsim_language::Kind;
use archsim_models::spec::Span;

/// More lines than this are refused: they are held in memory.
const MOST_LINES: usize = 5_000_000;

/// One value a line: a number, or else a text. The first line is a heading if it is neither a number nor a duration and the second is.
pub(super) fn lines(name: &str, text: &str) -> Result<Vec<Kind>, String> {
    let mut values: Vec<Kind> =
        text.lines().map(|line| line.trim().trim_matches('"')).filter(|line| !line.is_empty()).map(value).collect();
    if values.len() > 1 && !is_quantity(&values[0]) && is_quantity(&values[1]) {
        values.remove(0);
    }
    match values.len() {
        0 => Err(format!("`{name}` has no values (write one a line)")),
        n if n > MOST_LINES => Err(format!("`{name}` has {n} lines; at most {MOST_LINES} are read")),
        _ => Ok(values),
    }
}

fn value(line: &str) -> Kind {
    let float = || line.parse::<f64>().ok().filter(|number| number.is_finite());
    match line.parse::<i128>() {
        Ok(number) => Kind::Integer(number),
        Err(_) => float().map_or_else(|| Kind::Text(line.to_owned()), Kind::Float),
    }
}

fn is_quantity(value: &Kind) -> bool {
    match value {
        Kind::Text(text) => Span::parse(text).is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_numbers_and_a_heading_is_left_out() {
        assert_eq!(lines("a", "key\n7\n\n0.5\n"), Ok(vec![Kind::Integer(7), Kind::Float(0.5)]));
        assert_eq!(lines("a", "user:1\nuser:2"), Ok(vec![Kind::Text("user:1".into()), Kind::Text("user:2".into())]));
        assert_eq!(lines("a", "time\n5ms"), Ok(vec![Kind::Text("5ms".into())]));
        assert_eq!(lines("a", "\n"), Err("`a` has no values (write one a line)".into()));
    }
}

//! Fitting text into space without a font: widths are estimated, a little too wide on purpose.

/// Width of `text` in pixels at `size` pixels, as DejaVu Sans (a wide face) would set it.
pub(super) fn width(text: &str, size: f64) -> f64 {
    size * text.chars().map(character_width).sum::<f64>()
}

/// Width of one character in ems.
fn character_width(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '|' | '\'' | '.' | ',' | ':' | ';' | ' ' | 'I' => 0.33,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' | '!' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '<' | '>' | '=' | '+' => 0.92,
        'A'..='Z' | '0'..='9' => 0.7,
        _ if character.is_ascii() => 0.62,
        _ if character < '\u{2e80}' => 0.7,
        _ => 1.05,
    }
}

/// `text` without characters that XML forbids, cut to `room` pixels with an ellipsis where it is too long.
pub(super) fn fit(text: &str, size: f64, room: f64) -> String {
    let text = clean(text);
    if width(&text, size) <= room {
        return text;
    }
    let mut kept = String::new();
    let mut used = width("…", size);
    for character in text.chars() {
        used += size * character_width(character);
        if used > room {
            break;
        }
        kept.push(character);
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// `text` on at most `lines` lines of `room` pixels, broken between words; the last one may end in an ellipsis.
pub(super) fn wrap(text: &str, size: f64, room: f64, lines: usize) -> Vec<String> {
    let text = clean(text);
    let mut done: Vec<String> = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while words.peek().is_some() && done.len() + 1 < lines {
        let mut line = words.next().unwrap_or_default().to_string();
        while let Some(word) = words.next_if(|word| width(&format!("{line} {word}"), size) <= room) {
            line = format!("{line} {word}");
        }
        done.push(fit(&line, size, room));
    }
    let rest: Vec<&str> = words.collect();
    if !rest.is_empty() {
        done.push(fit(&rest.join(" "), size, room));
    }
    done
}

/// `text` with line breaks as spaces and without characters outside XML 1.0's `Char` production (section 2.2).
pub(super) fn clean(text: &str) -> String {
    let spaced = text.chars().map(|character| if character.is_whitespace() { ' ' } else { character });
    spaced.filter(|character| !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}')).collect()
}

/// `text` cleaned and escaped for use between XML tags or in an attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in clean(text).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_is_kept_and_long_text_ends_in_an_ellipsis() {
        assert_eq!(fit("db", 10.0, 100.0), "db");
        let cut = fit("a component with a very long name", 10.0, 60.0);
        assert!(cut.ends_with('…') && width(&cut, 10.0) <= 60.0, "{cut}");
    }

    #[test]
    fn forbidden_characters_disappear() {
        assert_eq!(clean("a\u{0}b\u{fffe}\nc"), "ab c");
    }

    #[test]
    fn escapes() {
        assert_eq!(escape("<a & \"b\">"), "&lt;a &amp; &quot;b&quot;&gt;");
    }

    #[test]
    fn wraps_between_words_and_keeps_them_all_where_there_is_room() {
        let lines = wrap("one two three four", 10.0, 60.0, 4);
        assert_eq!(lines.join(" "), "one two three four");
        assert!(lines.len() > 1);
        let cut = wrap("one two three four", 10.0, 60.0, 1);
        assert_eq!(cut.len(), 1);
        assert!(cut[0].ends_with('…'));
    }

    #[test]
    fn wraps_nothing_into_nothing() {
        assert_eq!(wrap("  ", 10.0, 60.0, 2), Vec::<String>::new());
    }
}

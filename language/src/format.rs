//! The layout of a text: indentation, blanks and trailing commas, while line breaks, comments and values stay as they are.

use crate::diagnostic::Diagnostic;
use crate::parse::parse;
use crate::source::Source;

/// Blanks of a level of indentation.
const INDENT: usize = 4;

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece<'a> {
    /// `(`, `[` or `{`.
    Open(&'a str),
    /// `)`, `]` or `}`.
    Close(&'a str),
    Comma,
    Colon,
    /// A value, a name, an attribute: whatever stands between the others.
    Word(&'a str),
    /// With its slashes; a block comment may have several lines.
    Comment(&'a str),
}

/// A piece with what stands before it.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    piece: Piece<'a>,
    /// Line breaks between the piece before and this one.
    breaks: usize,
    /// Blanks directly before it.
    blanks: usize,
}

/// Lays out a text: four blanks for each level, one blank after commas and at least one after colons, a comma after the last of several
/// lines, at most one empty line in a row. Line breaks, comments, values and the blanks that align them stay.
///
/// # Errors
/// What is wrong with the text, as [`parse`] says it: what cannot be read is not touched.
pub fn format(source: &Source) -> Result<String, Vec<Diagnostic>> {
    let before = parse(source)?;
    let text = lay_out(&tokens(source.text()));
    let same = parse(&Source::new(source.name(), &text)).is_ok_and(|after| after.means_the_same(&before));
    // A layout that changed the meaning would be our mistake: then the text stays as it is.
    Ok(if same { text } else { source.text().to_owned() })
}

/// Cuts a text that can be read into its pieces.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut tokens = vec![];
    let (mut at, mut breaks, mut blanks) = (0, 0, 0);
    while let Some(next) = text[at..].chars().next() {
        if next.is_whitespace() {
            at += next.len_utf8();
            (breaks, blanks) = if next == '\n' { (breaks + 1, 0) } else { (breaks, blanks + 1) };
            continue;
        }
        let length = length(&text[at..]);
        let word = &text[at..at + length];
        let piece = match next {
            '(' | '[' | '{' => Piece::Open(word),
            ')' | ']' | '}' => Piece::Close(word),
            ',' => Piece::Comma,
            ':' => Piece::Colon,
            '/' if word.starts_with("//") => Piece::Comment(word.trim_end()),
            '/' => Piece::Comment(word),
            _ => Piece::Word(word),
        };
        tokens.push(Token { piece, breaks, blanks });
        at += length;
        (breaks, blanks) = (0, 0);
    }
    tokens
}

/// Bytes of the piece at the start of a text.
fn length(text: &str) -> usize {
    let all = text.len();
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(all);
    }
    if text.starts_with("/*") {
        return block_comment(text);
    }
    if text.starts_with("#!") {
        return text.find(']').map_or(all, |end| end + 1);
    }
    if let Some(raw) = raw_text(text) {
        return raw;
    }
    let first = text.chars().next().map_or(0, char::len_utf8);
    match &text[..first] {
        "(" | ")" | "[" | "]" | "{" | "}" | "," | ":" => 1,
        "\"" => quoted(text, '"'),
        "'" => quoted(text, '\''),
        _ => {
            let ends = |c: char| c.is_whitespace() || "()[]{},:\"'".contains(c);
            let end = text[first..].find(ends).map_or(all, |end| first + end);
            text[..end].find("//").or(text[..end].find("/*")).unwrap_or(end)
        }
    }
}

fn block_comment(text: &str) -> usize {
    let (mut at, mut open) = (0, 0);
    loop {
        let rest = &text[at..];
        match rest {
            _ if rest.starts_with("/*") => (at, open) = (at + 2, open + 1),
            _ if rest.starts_with("*/") => (at, open) = (at + 2, open - 1),
            _ => match rest.chars().next() {
                Some(next) => at += next.len_utf8(),
                None => return at,
            },
        }
        if open == 0 {
            return at;
        }
    }
}

/// Bytes of `r"..."` or `r#"..."#`.
fn raw_text(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let inner = rest[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", &rest[..hashes]);
    let start = text.len() - inner.len();
    Some(inner.find(&end).map_or(text.len(), |at| start + at + end.len()))
}

/// Bytes of text in quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, next) in text.char_indices().skip(1) {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if next == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Puts the pieces together again.
fn lay_out(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    // For each open bracket the indentation of the line that it stands on.
    let mut open: Vec<usize> = vec![];
    let mut indent = 0;
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| tokens[before]);
        let closes = matches!(token.piece, Piece::Close(_));
        if token.breaks > 0 && before.is_some() {
            if closes {
                end_list(&mut text, &tokens[..index]);
            }
            let after_open = matches!(before.map(|before| before.piece), Some(Piece::Open(_)));
            let empty = token.breaks > 1 && !after_open && !closes;
            text.push_str(if empty { "\n\n" } else { "\n" });
            indent =
                if closes { open.last().copied().unwrap_or(0) } else { open.last().map_or(0, |line| line + INDENT) };
            text.push_str(&" ".repeat(indent));
        } else if let Some(before) = before {
            text.push_str(&" ".repeat(between(&before.piece, token)));
        }
        match token.piece {
            Piece::Open(_) => open.push(indent),
            Piece::Close(_) => drop(open.pop()),
            _ => {}
        }
        text.push_str(match token.piece {
            Piece::Open(word) | Piece::Close(word) | Piece::Word(word) | Piece::Comment(word) => word,
            Piece::Comma => ",",
            Piece::Colon => ":",
        });
    }
    text.push('\n');
    text
}

/// A comma after the last of several lines, before the comments that follow it.
fn end_list(text: &mut String, tokens: &[Token<'_>]) {
    let comment = |token: &&Token<'_>| matches!(token.piece, Piece::Comment(_));
    let behind = tokens.iter().rev().take_while(comment).count();
    let last = tokens.len().checked_sub(behind + 1).map(|last| tokens[last].piece);
    if behind == 0 && matches!(last, Some(Piece::Close(_) | Piece::Word(_))) {
        text.push(',');
    }
}

/// Blanks between two pieces on one line.
fn between(before: &Piece<'_>, token: &Token<'_>) -> usize {
    let aligned = token.blanks.max(1);
    match (before, &token.piece) {
        (_, Piece::Comment(_)) => aligned,
        (Piece::Comment(_), _) => 1,
        (_, Piece::Comma | Piece::Colon) => 0,
        (Piece::Open("{"), Piece::Close(_)) => 0,
        (Piece::Open("{"), _) | (_, Piece::Close("}")) => 1,
        (Piece::Open(_), _) | (_, Piece::Close(_)) => 0,
        (Piece::Colon, _) | (Piece::Comma, _) => aligned,
        (_, Piece::Open("(")) => token.blanks.min(1),
        _ => token.blanks.min(1),
    }
}

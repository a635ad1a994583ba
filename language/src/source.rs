//! The text of a file and the way from byte offsets to lines and columns.

use crate::diagnostic::Diagnostic;
use std::sync::Arc;

/// The largest input that is read: 16 MiB. A scenario is a few kilobytes; anything larger is the wrong file.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// A text and the name it is known by in messages. Cloning is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
}

impl Source {
    /// A source from text that is already known to be UTF-8.
    pub fn new(name: impl AsRef<str>, text: impl AsRef<str>) -> Self {
        Source { name: name.as_ref().into(), text: text.as_ref().into() }
    }

    /// A source from the bytes of a file.
    ///
    /// # Errors
    /// When there are more than [`MAX_BYTES`] bytes, or they are not UTF-8; the message tells the byte and the line.
    #[expect(clippy::result_large_err, reason = "called once a file; boxing would burden every caller")]
    pub fn from_bytes(name: impl AsRef<str>, bytes: &[u8]) -> Result<Self, Diagnostic> {
        if bytes.len() > MAX_BYTES {
            return Err(too_large(bytes.len()));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Source::new(name, text)),
            Err(error) => Err(not_utf8(bytes, error.valid_up_to())),
        }
    }

    /// The name, usually a file name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset, both from 1; columns count characters. An offset beyond the end counts as the end.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..floor_boundary(&self.text, offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (1 + before.matches('\n').count(), 1 + before[line_start..].chars().count())
    }
}

/// The last character boundary at or before `offset`.
pub(crate) fn floor_boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The refusal of a text of `length` bytes.
pub(crate) fn too_large(length: usize) -> Diagnostic {
    let limit = MAX_BYTES / (1024 * 1024);
    Diagnostic::error("parse", format!("the file has {length} bytes; a scenario has at most {limit} MiB"), 0..0)
}

fn not_utf8(bytes: &[u8], at: usize) -> Diagnostic {
    let line = 1 + bytes[..at].iter().filter(|&&byte| byte == b'\n').count();
    let message = format!("the file is not UTF-8 text: byte {at}, on line {line}, cannot be read");
    Diagnostic::error("parse", message, at..at + 1).with_help("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_from_one() {
        let source = Source::new("a.ron", "ab\nc\u{e9}d\n");
        let places: Vec<_> = [0, 2, 3, 4, 6, 7, 8, 99].iter().map(|&at| source.line_column(at)).collect();
        assert_eq!(places, [(1, 1), (1, 3), (2, 1), (2, 2), (2, 3), (2, 4), (3, 1), (3, 1)]);
    }

    #[test]
    fn an_offset_inside_a_character_counts_as_its_start() {
        assert_eq!(Source::new("a", "\u{e9}x").line_column(1), (1, 1));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused_with_their_place() {
        let error = Source::from_bytes("a", b"ok\nab\xff").unwrap_err();
        assert_eq!(error.message, "the file is not UTF-8 text: byte 5, on line 2, cannot be read");
        assert_eq!(error.span, 5..6);
    }

    #[test]
    fn a_huge_file_is_refused() {
        let error = Source::from_bytes("a", &vec![b' '; MAX_BYTES + 1]).unwrap_err();
        assert_eq!(error.message, "the file has 16777217 bytes; a scenario has at most 16 MiB");
        assert!(Source::from_bytes("a", &vec![b' '; MAX_BYTES]).is_ok());
    }
}

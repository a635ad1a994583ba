//! Tables of plain padding: what reads best in a terminal, a log and an e-mail.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod journey;
pub(crate) mod ledger;
pub(crate) mod plan;
pub(crate) mod run;
pub(crate) mod sample;
pub(crate) mod saturate;
pub(crate) mod sweep;
pub(crate) mod theory;
pub(crate) mod time;

use crate::console::{Ink, Paint};
use unicode_width::UnicodeWidthStr;

/// Blanks between columns.
const GAP: usize = 3;

/// A piece of text in a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    ink: Ink,
}

impl Cell {
    /// Text of a meaning.
    pub(crate) fn new(ink: Ink, text: impl Into<String>) -> Cell {
        Cell { text: text.into(), ink }
    }

    /// Ordinary text.
    pub(crate) fn plain(text: impl Into<String>) -> Cell {
        Cell::new(Ink::Plain, text)
    }

    /// Less important text.
    pub(crate) fn dim(text: impl Into<String>) -> Cell {
        Cell::new(Ink::Dim, text)
    }
}

/// A line of a table.
#[derive(Clone, Debug)]
enum Line {
    Cells(Vec<Cell>),
    /// A remark across all columns.
    Remark(Cell),
}

/// Rows under a heading; every column as wide as its widest cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    indent: usize,
    lines: Vec<Line>,
}

impl Table {
    /// A table with a line of column names. The first of them stands at the margin, the rows are indented.
    pub(crate) fn headed(indent: usize, names: &[&str]) -> Table {
        let cells = names.iter().map(|name| Cell::new(Ink::Bold, *name)).collect();
        Table { indent, lines: vec![Line::Cells(cells)] }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.lines.push(Line::Cells(cells));
    }

    /// Adds a remark under the last row.
    pub(crate) fn remark(&mut self, ink: Ink, text: impl Into<String>) {
        self.lines.push(Line::Remark(Cell::new(ink, text)));
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.len() <= 1
    }

    /// The table as lines of text.
    pub(crate) fn render(&self, paint: Paint) -> String {
        let widths = self.widths();
        let mut text = String::new();
        for (number, line) in self.lines.iter().enumerate() {
            let heading = number == 0;
            let indent = if heading { 0 } else { self.indent };
            match line {
                Line::Remark(cell) => text += &(" ".repeat(self.indent + 4) + &paint.text(cell.ink, &cell.text)),
                Line::Cells(cells) => {
                    text += &" ".repeat(indent);
                    text += &self.padded(cells, &widths, if heading { self.indent } else { 0 }, paint);
                }
            }
            text.push('\n');
        }
        text
    }

    fn padded(&self, cells: &[Cell], widths: &[usize], extra: usize, paint: Paint) -> String {
        let used = cells.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
        let mut line = String::new();
        for (column, cell) in cells[..used].iter().enumerate() {
            line += &paint.text(cell.ink, &cell.text);
            if column + 1 < used {
                let room = widths[column] + if column == 0 { extra } else { 0 };
                line += &" ".repeat(room.saturating_sub(cell.text.width()) + GAP);
            }
        }
        line
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for (number, line) in self.lines.iter().enumerate() {
            let Line::Cells(cells) = line else { continue };
            widths.resize(widths.len().max(cells.len()), 0);
            for (column, cell) in cells.iter().enumerate() {
                let outdent = if number == 0 && column == 0 { self.indent } else { 0 };
                widths[column] = widths[column].max(cell.text.width().saturating_sub(outdent));
            }
        }
        widths
    }
}

/// Breaks prose into lines of at most `width` columns, as far as its words allow.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Prose behind a margin of blanks on every line but the first.
pub(crate) fn hang(text: &str, margin: usize, width: usize) -> String {
    wrap(text, width.saturating_sub(margin).max(20)).join(&format!("\n{}", " ".repeat(margin)))
}

/// A word with its number: "1 SLO", "4 SLOs".
pub(crate) fn plural(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_have_no_blanks_at_the_end() {
        let mut table = Table::headed(2, &["component", "busy"]);
        table.row(vec![Cell::plain("db"), Cell::plain("44%")]);
        table.remark(Ink::Dim, "asks both shards");
        table.row(vec![Cell::plain("a long catalog"), Cell::default()]);
        assert_eq!(
            table.render(Paint::OFF),
            "component          busy\n  db               44%\n      asks both shards\n  a long catalog\n"
        );
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let mut table = Table::headed(0, &["\u{5e97}", "x"]);
        table.row(vec![Cell::plain("ab"), Cell::plain("y")]);
        assert_eq!(table.render(Paint::OFF), "\u{5e97}   x\nab   y\n");
    }

    #[test]
    fn prose_is_wrapped_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(hang("one two three four five six", 4, 24), "one two three four\n    five six");
    }
}

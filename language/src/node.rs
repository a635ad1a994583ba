//! The tree of a text: values that know where they stand.

use std::ops::Range;

/// A value and the byte range of the text it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Byte range, without blanks and comments around it.
    pub span: Range<usize>,
    /// What stands there.
    pub kind: Kind,
}

/// An identifier and its byte range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The identifier, without a leading `r#`.
    pub text: String,
    /// Byte range.
    pub span: Range<usize>,
}

/// A named field of a struct.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The name before the colon.
    pub name: Name,
    /// The value after it.
    pub value: Node,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `()`.
    Unit,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// A finite number with a point or an exponent.
    Float(f64),
    /// `'x'`.
    Char(char),
    /// Text, with escapes resolved.
    Text(String),
    /// `[a, b]`.
    List(Vec<Node>),
    /// `{ "a": b }`, in the order of the text, keys all different.
    Map(Vec<(Node, Node)>),
    /// `(a, b)`, `Exp("5ms")`, `Nothing()`: values by position.
    Tuple {
        /// The word in front of the bracket.
        name: Option<Name>,
        /// The values.
        items: Vec<Node>,
    },
    /// `(a: 1)`, `Call(to: "db")`: values by name, names all different.
    Struct {
        /// The word in front of the bracket.
        name: Option<Name>,
        /// The fields, at least one.
        fields: Vec<Field>,
    },
    /// A bare identifier, including `None`.
    Word(String),
    /// `1..=8`, `1..8`, `1..`, `..8`; the ends are numbers.
    Range {
        /// The first number.
        from: Option<Box<Node>>,
        /// The last number.
        to: Option<Box<Node>>,
        /// Whether `to` belongs to the range (`..=`).
        inclusive: bool,
    },
}

impl Node {
    /// Whether another tree has the same values in the same order, wherever they stand.
    pub fn means_the_same(&self, other: &Node) -> bool {
        let all = |a: &[Node], b: &[Node]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.means_the_same(b));
        let word =
            |a: &Option<Name>, b: &Option<Name>| a.as_ref().map(|name| &name.text) == b.as_ref().map(|name| &name.text);
        let end = |a: &Option<Box<Node>>, b: &Option<Box<Node>>| match (a, b) {
            (Some(a), Some(b)) => a.means_the_same(b),
            (a, b) => a.is_none() && b.is_none(),
        };
        match (&self.kind, &other.kind) {
            (Kind::List(a), Kind::List(b)) => all(a, b),
            (Kind::Map(a), Kind::Map(b)) => {
                let same =
                    |((k, v), (l, w)): (&(Node, Node), &(Node, Node))| k.means_the_same(l) && v.means_the_same(w);
                a.len() == b.len() && a.iter().zip(b).all(same)
            }
            (Kind::Tuple { name: n, items: a }, Kind::Tuple { name: m, items: b }) => word(n, m) && all(a, b),
            (Kind::Struct { name: n, fields: a }, Kind::Struct { name: m, fields: b }) => {
                let same = |(a, b): (&Field, &Field)| a.name.text == b.name.text && a.value.means_the_same(&b.value);
                word(n, m) && a.len() == b.len() && a.iter().zip(b).all(same)
            }
            (Kind::Range { from: a, to: b, inclusive: c }, Kind::Range { from: d, to: e, inclusive: f }) => {
                c == f && end(a, d) && end(b, e)
            }
            (a, b) => a == b,
        }
    }

    /// The kind of the value in a reader's words, for "expected ..., found ...".
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Unit => "`()`".into(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Integer(value) => value.to_string(),
            Kind::Float(value) => format!("{value:?}"),
            Kind::Char(_) => "a character".into(),
            Kind::Text(_) => "text".into(),
            Kind::List(_) => "a list".into(),
            Kind::Map(_) => "a map".into(),
            Kind::Tuple { name: Some(name), .. } | Kind::Struct { name: Some(name), .. } => {
                format!("`{}(..)`", name.text)
            }
            Kind::Tuple { .. } => "a tuple".into(),
            Kind::Struct { .. } => "named fields".into(),
            Kind::Word(word) => format!("the word `{word}`"),
            Kind::Range { .. } => "a range".into(),
        }
    }

    /// The word in front of the bracket, or the bare word itself.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Tuple { name, .. } | Kind::Struct { name, .. } => name.as_ref().map(|name| name.text.as_str()),
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The byte range where the value opens: its name, or its bracket, or all of a value without either.
    pub fn opening(&self) -> Range<usize> {
        match &self.kind {
            Kind::Tuple { name: Some(name), .. } | Kind::Struct { name: Some(name), .. } => name.span.clone(),
            Kind::Tuple { .. } | Kind::Struct { .. } | Kind::Unit | Kind::List(_) | Kind::Map(_) => {
                self.span.start..self.span.start + 1
            }
            _ => self.span.clone(),
        }
    }

    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }

    /// The named fields; none if it is not a struct.
    pub fn fields(&self) -> &[Field] {
        if let Kind::Struct { fields, .. } = &self.kind { fields } else { &[] }
    }

    /// The value of a named field.
    pub fn field(&self, name: &str) -> Option<&Node> {
        self.fields().iter().find(|field| field.name.text == name).map(|field| &field.value)
    }

    /// The entries of a map; none if it is not a map.
    pub fn entries(&self) -> &[(Node, Node)] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The value under a text key of a map.
    pub fn entry(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(name, _)| name.as_text() == Some(key)).map(|(_, value)| value)
    }

    /// The values of a list or a tuple; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) | Kind::Tuple { items, .. } => items,
            _ => &[],
        }
    }
}

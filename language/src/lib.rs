//! The scenario language: RON text read with positions.
//!
//! The text becomes a tree of [`Node`]s that know their byte range ([`parse`]); the tree is read by anything that knows
//! only serde ([`Document::read_all`]), all problems at once, each at its place; [`Path`]s find values in the text and
//! replace them without touching anything else; [`render`] prints problems the way compilers do.
//!
//! # The grammar
//!
//! It is that of RON, as the crate `ron` 0.12 reads it with `implicit_some`, `unwrap_newtypes` and
//! `unwrap_variant_newtypes`. A property test holds the two together. On purpose, this reader differs:
//!
//! * a map key or a field given twice is an error (keys with brackets are compared as they are written);
//! * `inf`, `NaN` and numbers too large for a 64-bit float are errors;
//! * literals that only Rust programs need (`b'x'`, `b"..."`, `1u8`, `1.0f32`) are errors;
//! * whole numbers beyond 128 signed bits are read as floats, or are an error in another base than ten;
//! * brackets nest at most [`MAX_DEPTH`] deep, a file has at most [`MAX_BYTES`];
//! * a byte order mark at the start of the file is skipped;
//! * the letters of identifiers are those of `char::is_alphabetic`.
//!
//! # Reading with serde
//!
//! An enum variant takes its arguments by name, `Call(to: "db", key: "user")`, or by position in the order of the fields,
//! `Call("db")`; a derived newtype variant around a struct, `Call(CallArgs)`, reads both. An `Option` is given plainly or
//! switched off with `None`. A range `1..=8` reads as the variant `Range` with the fields `from`, `to` and `inclusive`.
//! Types that know only serde ask for positions with [`AT`] and for the text itself with [`RAW`].

mod access;
mod arguments;
mod attribute;
mod deserialize;
mod diagnostic;
mod document;
mod error;
mod format;
mod lexer;
mod literal;
mod node;
mod parse;
mod path;
mod render;
mod repeated;
mod resolve;
mod source;
mod splice;
mod suggest;

pub use deserialize::{AT, RAW};
pub use diagnostic::{Diagnostic, Severity};
pub use document::Document;
pub use error::Error;
pub use format::format;
pub use node::{Field, Kind, Name, Node};
pub use parse::{MAX_DEPTH, parse};
pub use path::{Path, Segment};
pub use render::{Style, render, short};
pub use resolve::Sections;
pub use source::{MAX_BYTES, Source};
pub use splice::{find, get_text, set};
pub use suggest::nearest;

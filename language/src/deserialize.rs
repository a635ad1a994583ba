//! A node as a serde `Deserializer`.

use crate::access::{Entries, Fields, Items, Placed};
use crate::arguments::Variant;
use crate::error::{Error, choice_in_words, noun};
use crate::node::{Field, Kind, Name, Node};
use crate::suggest::nearest;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, Visitor};
use std::ops::Range;

/// The name by which a type that knows only serde asks for a value with its place: `deserialize_newtype_struct(AT, v)`
/// calls `v.visit_seq` with `[start: u64, end: u64, value]`, where start and end are byte offsets. It works for values,
/// map keys and the arguments of variants. (Other deserializers call `visit_newtype_struct`.)
pub const AT: &str = "$at";

/// The name by which a type asks for the text of a value: `deserialize_newtype_struct(RAW, v)` calls `v.visit_seq` with
/// `[start: u64, end: u64, text]`. It needs a [`Document`](crate::Document); a lone [`Node`] does not have its text.
pub const RAW: &str = "$raw";

static YES: Node = Node { span: 0..0, kind: Kind::Bool(true) };
static NO: Node = Node { span: 0..0, kind: Kind::Bool(false) };

/// A node about to be read, with what messages and [`RAW`] need to know about its surroundings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'de> {
    pub(crate) node: &'de Node,
    /// The whole text, if known.
    pub(crate) text: Option<&'de str>,
    /// The field or key under which it stands.
    pub(crate) label: Option<&'de str>,
}

/// A name with its place and its value, on the way into a struct.
pub(crate) type Given<'de> = (&'de str, Range<usize>, &'de Node);

impl<'de> Reader<'de> {
    pub(crate) fn new(node: &'de Node, text: Option<&'de str>) -> Self {
        Reader { node, text, label: None }
    }

    /// The same surroundings for another node.
    pub(crate) fn to(self, node: &'de Node) -> Self {
        Reader { node, ..self }
    }

    pub(crate) fn labelled(self, label: Option<&'de str>) -> Self {
        Reader { label: label.or(self.label), ..self }
    }

    /// Reads with a seed; an error without a place gets this one.
    pub(crate) fn read<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self).map_err(|error| error.within(self.node))
    }

    fn refuse<T>(self, expected: &str) -> Result<T, Error> {
        Err(Error::unexpected(expected, self.node))
    }

    fn integer(self, low: i128, high: i128) -> Result<i128, Error> {
        match self.node.kind {
            Kind::Integer(value) if (low..=high).contains(&value) => Ok(value),
            Kind::Integer(value) if low == 0 && value < 0 => self.refuse("a whole number of at least 0"),
            Kind::Integer(_) => self.refuse(&format!("a whole number from {low} to {high}")),
            _ => self.refuse("a whole number"),
        }
    }

    fn number(self) -> Result<f64, Error> {
        match self.node.kind {
            Kind::Integer(value) => Ok(value as f64),
            Kind::Float(value) => Ok(value),
            _ => self.refuse("a number"),
        }
    }

    /// A list of values, all of which must be wanted.
    pub(crate) fn visit_items<V: Visitor<'de>>(self, nodes: &'de [Node], visitor: V) -> Result<V::Value, Error> {
        let mut items = Items { reader: self, nodes: nodes.iter() };
        let value = visitor.visit_seq(&mut items)?;
        match items.nodes.next() {
            None => Ok(value),
            Some(extra) => Err(Error::at(format!("one value too many: found {}", nodes.len()), extra.span.clone())),
        }
    }

    /// Named values into a struct that is called `label` in messages.
    pub(crate) fn visit_fields<V: Visitor<'de>>(
        self,
        given: Vec<Given<'de>>,
        label: Option<&str>,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let fields = Fields { reader: self, given: given.into_iter(), value: None };
        visitor.visit_map(fields).map_err(|error| error.in_struct(label, self.node.opening()))
    }

    /// The arguments of `1..=8`.
    fn visit_range<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_fields(self.range_fields(), Some("Range"), visitor)
    }

    /// The fields `from`, `to` and `inclusive` of a range; nothing for any other node.
    pub(crate) fn range_fields(self) -> Vec<Given<'de>> {
        let Kind::Range { from, to, inclusive } = &self.node.kind else { return Vec::new() };
        let end = |name, node: &'de Option<Box<Node>>| node.as_deref().map(|node| (name, node.span.clone(), node));
        let inclusive = ("inclusive", self.node.span.clone(), if *inclusive { &YES } else { &NO });
        end("from", from).into_iter().chain(end("to", to)).chain([inclusive]).collect()
    }

    /// Refuses a name in front of the brackets that is not the name of what is expected here.
    fn check_name(self, found: &Option<Name>, expected: &str) -> Result<(), Error> {
        match found {
            Some(found) if found.text != expected => {
                let message = match noun(expected).is_none() && is_identifier(expected) {
                    true => format!("expected `{expected}(..)` or `(..)`, found `{}(..)`", found.text),
                    false => format!("expected `(..)`, found `{}(..)`", found.text),
                };
                Err(Error::at(message, found.span.clone()))
            }
            _ => Ok(()),
        }
    }

    /// What a struct is called in messages: the word in front of it, or the field it stands under, or its serde name.
    fn struct_label(self, written: Option<&'de str>, name: &'static str) -> Option<&'de str> {
        written.or(self.label).or(if name.is_empty() { None } else { Some(noun(name).unwrap_or(name)) })
    }

    /// A value together with its place.
    pub(crate) fn visit_placed<V: Visitor<'de>, D>(span: Range<usize>, value: D, visitor: V) -> Result<V::Value, Error>
    where
        D: de::Deserializer<'de, Error = Error>,
    {
        visitor.visit_seq(Placed { ends: [span.end as u64, span.start as u64], left: 2, value: Some(value) })
    }

    /// The text of a byte range together with its place.
    pub(crate) fn visit_raw<V: Visitor<'de>>(self, span: Range<usize>, visitor: V) -> Result<V::Value, Error> {
        match self.text.and_then(|text| text.get(span.clone())) {
            Some(text) => Self::visit_placed(span, BorrowedStrDeserializer::new(text), visitor),
            None => Err(Error::at("the text of this value is not known", span)),
        }
    }
}

fn is_identifier(name: &str) -> bool {
    name.chars().all(crate::lexer::continues_identifier)
}

/// The fields of a struct as named values.
pub(crate) fn given(fields: &[Field]) -> Vec<Given<'_>> {
    fields.iter().map(|field| (field.name.text.as_str(), field.name.span.clone(), &field.value)).collect()
}

macro_rules! integers {
    ($($method:ident $visit:ident $form:ident),*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let high = i128::try_from($form::MAX).unwrap_or(i128::MAX);
            let value = self.integer($form::MIN as i128, high)?;
            visitor.$visit(value as $form)
        }
    )* };
}

impl<'de> de::Deserializer<'de> for Reader<'de> {
    type Error = Error;

    integers!(
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64, deserialize_u128 visit_u128 u128, deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128
    );

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.kind {
            Kind::Unit => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Integer(value) => match (u64::try_from(*value), i64::try_from(*value)) {
                (Ok(value), _) => visitor.visit_u64(value),
                (_, Ok(value)) => visitor.visit_i64(value),
                _ => visitor.visit_i128(*value),
            },
            Kind::Float(value) => visitor.visit_f64(*value),
            Kind::Char(value) => visitor.visit_char(*value),
            Kind::Text(text) => visitor.visit_borrowed_str(text),
            Kind::List(items) | Kind::Tuple { name: None, items } => self.visit_items(items, visitor),
            Kind::Map(_) => self.deserialize_map(visitor),
            Kind::Struct { name: None, fields } => self.visit_fields(given(fields), self.label, visitor),
            // An unknown word in here is not one of the alternatives of what is around it.
            Kind::Word(_) | Kind::Tuple { .. } | Kind::Struct { .. } | Kind::Range { .. } => {
                visitor.visit_enum(Variant::new(self)).map_err(|error| error.in_enum(""))
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Kind::Bool(value) = self.node.kind else { return self.refuse("`true` or `false`") };
        visitor.visit_bool(value)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f32(self.number()? as f32)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.number()?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Kind::Char(value) = self.node.kind else { return self.refuse("a character in single quotes") };
        visitor.visit_char(value)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Kind::Text(text) = &self.node.kind else { return self.refuse("text") };
        visitor.visit_borrowed_str(text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        self.refuse("bytes, which cannot be written")
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.kind {
            Kind::Word(word) if word == "None" => visitor.visit_none(),
            Kind::Tuple { name: Some(name), items } if name.text == "Some" && items.len() == 1 => {
                visitor.visit_some(self.to(&items[0])).map_err(|error| error.within(&items[0]))
            }
            Kind::Struct { name: Some(name), .. } if name.text == "Some" => {
                visitor.visit_some(Variant::new(self).into_arguments())
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.node.kind == Kind::Unit { visitor.visit_unit() } else { self.refuse("`()`") }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        match &self.node.kind {
            Kind::Unit => visitor.visit_unit(),
            Kind::Word(word) if word == name => visitor.visit_unit(),
            _ => self.refuse(&format!("`{name}`")),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        match &self.node.kind {
            _ if name == AT => Self::visit_placed(self.node.span.clone(), self, visitor),
            _ if name == RAW => self.visit_raw(self.node.span.clone(), visitor),
            Kind::Tuple { name: Some(found), items } if found.text == name && items.len() == 1 => {
                visitor.visit_newtype_struct(self.to(&items[0])).map_err(|error| error.within(&items[0]))
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Kind::List(items) = &self.node.kind else { return self.refuse("a list") };
        self.visit_items(items, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        let items = match &self.node.kind {
            Kind::Tuple { name: None, items } => items.as_slice(),
            Kind::Unit => &[],
            _ => return self.refuse(&tuple_in_words(length)),
        };
        match items.len() == length {
            true => self.visit_items(items, visitor),
            false => {
                let message = format!("expected {}, found {} values", tuple_in_words(length), items.len());
                Err(Error::at(message, self.node.span.clone()))
            }
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.node.kind {
            Kind::Tuple { name: found @ Some(_), items } if items.len() == length => {
                self.check_name(found, name)?;
                self.visit_items(items, visitor)
            }
            _ => self.deserialize_tuple(length, visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Kind::Map(entries) = &self.node.kind else { return self.refuse("a map `{ \"name\": value }`") };
        visitor.visit_map(Entries { reader: self, entries: entries.iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (written, found) = match &self.node.kind {
            Kind::Struct { name, fields } => (name, given(fields)),
            Kind::Tuple { name, items } if items.is_empty() => (name, Vec::new()),
            Kind::Unit => (&None, Vec::new()),
            Kind::Range { .. } => return self.visit_range(visitor),
            _ => {
                let example = fields.first().unwrap_or(&"");
                return self.refuse(&format!("fields in brackets, `({example}: ..)`"));
            }
        };
        self.check_name(written, name)?;
        let label = self.struct_label(written.as_ref().map(|name| name.text.as_str()), name);
        self.visit_fields(found, label, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.node.kind {
            Kind::Word(_)
            | Kind::Tuple { name: Some(_), .. }
            | Kind::Struct { name: Some(_), .. }
            | Kind::Range { .. } => visitor.visit_enum(Variant::new(self)).map_err(|error| error.in_enum(name)),
            kind => {
                let error = Error::unexpected(&choice_in_words(name, variants), self.node);
                let meant = if let Kind::Text(text) = kind { nearest(text, variants.iter().copied()) } else { None };
                Err(meant
                    .into_iter()
                    .fold(error, |error, word| error.with_help(format!("write it without quotes: {word}"))))
            }
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

pub(crate) fn tuple_in_words(length: usize) -> String {
    match length {
        2 => "a pair `(a, b)`".into(),
        _ => format!("{length} values in brackets"),
    }
}

macro_rules! forward {
    ($($method:ident ( $($argument:ident : $form:ty),* ) )*) => { $(
        fn $method<V: Visitor<'de>>(self, $($argument: $form,)* visitor: V) -> Result<V::Value, Error> {
            Reader::new(self, None).$method($($argument,)* visitor).map_err(|error| error.within(self))
        }
    )* };
}

impl<'de> de::Deserializer<'de> for &'de Node {
    type Error = Error;

    forward! {
        deserialize_any() deserialize_bool() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64()
        deserialize_u128() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit() deserialize_seq()
        deserialize_map() deserialize_identifier() deserialize_ignored_any()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }
}

//! What a node hands to serde's visitors: items, entries, fields, and values with their places.

use crate::deserialize::{AT, Given, RAW, Reader};
use crate::error::Error;
use crate::node::Node;
use serde::de::value::{BorrowedStrDeserializer, U64Deserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};
use std::ops::Range;

/// Lists and tuples.
pub(crate) struct Items<'de> {
    pub(crate) reader: Reader<'de>,
    pub(crate) nodes: std::slice::Iter<'de, Node>,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Error;
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        self.nodes.next().map(|node| self.reader.to(node).read(seed)).transpose()
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.nodes.len())
    }
}

/// Maps.
pub(crate) struct Entries<'de> {
    pub(crate) reader: Reader<'de>,
    pub(crate) entries: std::slice::Iter<'de, (Node, Node)>,
    pub(crate) value: Option<(Option<&'de str>, &'de Node)>,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Error;
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((key.as_text(), value));
        self.reader.to(key).read(seed).map(Some)
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let (label, node) =
            self.value.take().ok_or_else(|| de::Error::custom("a value was asked for before its key"))?;
        self.reader.to(node).labelled(label).read(seed)
    }
}

/// Structs.
pub(crate) struct Fields<'de> {
    pub(crate) reader: Reader<'de>,
    pub(crate) given: std::vec::IntoIter<Given<'de>>,
    pub(crate) value: Option<(&'de str, &'de Node)>,
}

impl<'de> de::MapAccess<'de> for Fields<'de> {
    type Error = Error;
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some((text, span, value)) = self.given.next() else { return Ok(None) };
        self.value = Some((text, value));
        seed.deserialize(Word { text, span: span.clone() }).map(Some).map_err(|error| error.around(span))
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let (name, node) =
            self.value.take().ok_or_else(|| de::Error::custom("a value was asked for before its name"))?;
        self.reader.to(node).labelled(Some(name)).read(seed)
    }
}

/// An identifier: the name of a field or of a variant.
#[derive(Clone)]
pub(crate) struct Word<'de> {
    pub(crate) text: &'de str,
    pub(crate) span: Range<usize>,
}

impl<'de> de::Deserializer<'de> for Word<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.text)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        match name {
            AT => Reader::visit_placed(self.span.clone(), self, visitor),
            RAW => Reader::visit_placed(self.span, BorrowedStrDeserializer::new(self.text), visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.text.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        bool u8 u16 u32 u64 u128 i8 i16 i32 i64 i128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Start, end, value.
pub(crate) struct Placed<D> {
    /// The end, then the start: taken from the back.
    pub(crate) ends: [u64; 2],
    pub(crate) left: usize,
    pub(crate) value: Option<D>,
}

impl<'de, D: de::Deserializer<'de, Error = Error>> de::SeqAccess<'de> for Placed<D> {
    type Error = Error;
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        if self.left > 0 {
            self.left -= 1;
            return seed.deserialize(U64Deserializer::new(self.ends[self.left])).map(Some);
        }
        self.value.take().map(|value| seed.deserialize(value)).transpose()
    }
}

//! Enum variants and their arguments, by name or by position.

use crate::access::Word;
use crate::deserialize::{AT, Given, RAW, Reader, given, tuple_in_words};
use crate::error::Error;
use crate::node::{Kind, Node};
use crate::suggest::listed;
use serde::de::{self, DeserializeSeed, Visitor};
use std::ops::Range;

/// A word with or without arguments, or a range, as a serde enum.
#[derive(Clone, Debug)]
pub(crate) struct Variant<'de> {
    name: &'de str,
    span: Range<usize>,
    reader: Reader<'de>,
}

impl<'de> Variant<'de> {
    /// The variant that a node writes; a range is the variant `Range`.
    pub(crate) fn new(reader: Reader<'de>) -> Self {
        Variant { name: reader.node.name().unwrap_or("Range"), span: reader.node.opening(), reader }
    }

    /// What stands in its brackets.
    pub(crate) fn into_arguments(self) -> Arguments<'de> {
        Arguments { name: self.name, reader: self.reader }
    }
}

impl<'de> de::EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Arguments<'de>;
    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Arguments<'de>), Error> {
        let word = Word { text: self.name, span: self.span.clone() };
        let value = seed.deserialize(word).map_err(|error| error.around(self.span.clone()))?;
        Ok((value, self.into_arguments()))
    }
}

/// The arguments of a variant. As a value they are what their reader makes of them: a struct takes them by name or by
/// position, a tuple takes them in order, and anything else takes the only one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arguments<'de> {
    name: &'de str,
    reader: Reader<'de>,
}

impl<'de> Arguments<'de> {
    fn node(self) -> &'de Node {
        self.reader.node
    }

    /// The arguments by position; none where they have names.
    fn items(self) -> &'de [Node] {
        self.node().items()
    }

    /// The only argument by position.
    fn only(self) -> Result<Reader<'de>, Error> {
        if let [item] = self.items() {
            return Ok(self.reader.to(item));
        }
        let message = match &self.node().kind {
            Kind::Struct { .. } => format!("`{}` takes a value without a name", self.name),
            Kind::Word(_) => format!("`{0}` needs a value: {0}(..)", self.name),
            _ => format!("`{}` takes one value, found {}", self.name, self.items().len()),
        };
        Err(Error::at(message, self.node().span.clone()))
    }

    /// The arguments with the names they are given, or with the first of the names they can have.
    fn named(self, fields: &'static [&'static str]) -> Result<Vec<Given<'de>>, Error> {
        let items = self.items();
        match &self.node().kind {
            Kind::Struct { fields, .. } => Ok(given(fields)),
            Kind::Range { .. } => Ok(self.reader.range_fields()),
            _ => match items.get(fields.len()) {
                Some(extra) => Err(Error::at(self.too_many(fields), extra.span.clone())),
                None => Ok(fields.iter().zip(items).map(|(name, item)| (*name, item.span.clone(), item)).collect()),
            },
        }
    }

    fn too_many(self, fields: &[&str]) -> String {
        let names = if fields.is_empty() { "none".into() } else { listed(fields.iter().copied()) };
        format!("`{}` takes {} values ({names}), found {}", self.name, fields.len(), self.items().len())
    }

    fn visit_struct<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let result = self.reader.visit_fields(self.named(fields)?, Some(self.name), visitor);
        result.map_err(|error| self.explain_position(error, fields))
    }

    /// Tells which field a value of a wrong type stands for, where its position alone says so.
    fn explain_position(self, error: Error, fields: &[&str]) -> Error {
        let place = error.span();
        let at = self.items().iter().position(|item| error.is_type() && Some(&item.span) == place.as_ref());
        match at.and_then(|at| fields.get(at)) {
            Some(field) => {
                let names = listed(fields.iter().copied());
                error.with_help(format!("it stands for `{field}` of `{}` (fields: {names})", self.name))
            }
            None => error,
        }
    }

    fn visit_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        let items = match self.items() {
            [Node { kind: Kind::Tuple { name: None, items }, .. }] if length != 1 => items,
            items => items,
        };
        if items.len() == length {
            return self.reader.visit_items(items, visitor);
        }
        let message = format!("`{}` takes {}, found {}", self.name, tuple_in_words(length), items.len());
        Err(Error::at(message, self.node().span.clone()))
    }
}

impl<'de> de::VariantAccess<'de> for Arguments<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if let Kind::Word(_) = self.node().kind {
            return Ok(());
        }
        Err(Error::at(format!("`{}` takes no values", self.name), self.node().span.clone()))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self).map_err(|error| error.within(self.node()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.visit_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.visit_struct(fields, visitor)
    }
}

macro_rules! only {
    ($($method:ident ( $($argument:ident : $form:ty),* ) )*) => { $(
        fn $method<V: Visitor<'de>>(self, $($argument: $form,)* visitor: V) -> Result<V::Value, Error> {
            let only = self.only()?;
            only.$method($($argument,)* visitor).map_err(|error| error.within(only.node))
        }
    )* };
}

impl<'de> de::Deserializer<'de> for Arguments<'de> {
    type Error = Error;

    only! {
        deserialize_bool() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128() deserialize_f32()
        deserialize_f64() deserialize_char() deserialize_str() deserialize_string() deserialize_bytes()
        deserialize_byte_buf() deserialize_seq() deserialize_map() deserialize_identifier()
        deserialize_unit_struct(name: &'static str)
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match (&self.node().kind, self.items()) {
            (Kind::Struct { fields, .. }, _) => self.reader.visit_fields(given(fields), Some(self.name), visitor),
            (Kind::Range { .. }, _) => self.reader.visit_fields(self.reader.range_fields(), Some(self.name), visitor),
            (_, [_, _, ..]) => self.reader.visit_items(self.items(), visitor),
            _ => {
                let only = self.only()?;
                only.deserialize_any(visitor).map_err(|error| error.within(only.node))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.only() {
            Ok(only) if matches!(only.node.name(), Some("None" | "Some")) => only.deserialize_option(visitor),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.items() {
            [] => visitor.visit_unit(),
            _ => self.only()?.deserialize_unit(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        let span = self.only().map_or(self.node(), |only| only.node).span.clone();
        match name {
            AT => Reader::visit_placed(span, self, visitor),
            RAW => self.reader.visit_raw(span, visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.visit_tuple(length, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.visit_tuple(length, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.visit_struct(fields, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

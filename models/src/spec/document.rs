//! Specs that carry their own documentation: the reference printed by `archsim kinds` is the doc comments of the code.

/// One documented field of a spec, or one documented alternative of an enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name as written in a scenario.
    pub name: &'static str,
    /// The Rust type, from which the reference derives "optional" and the form of the value.
    pub form: &'static str,
    /// The doc comment, line by line.
    pub doc: &'static [&'static str],
}

/// Anything that can print its own reference page.
pub trait Documented {
    /// The name as written in a scenario.
    const NAME: &'static str;
    /// The doc comment of the whole.
    const DOC: &'static [&'static str];
    /// Its fields or alternatives, in the order of the source.
    const ENTRIES: &'static [Entry];
}

/// Declares a struct that is read from a scenario: unknown fields are refused, an `Option` may be left out, and the
/// doc comments are kept for the reference.
#[macro_export]
macro_rules! spec {
    ($(#[doc = $doc:literal])* $name:ident as $word:literal { $( $(#[doc = $field_doc:literal])* $field:ident : $form:ty, )* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(deny_unknown_fields, rename = $word)]
        pub struct $name { $( $(#[doc = $field_doc])* pub $field: $form, )* }
        impl $crate::spec::document::Documented for $name {
            const NAME: &'static str = $word;
            const DOC: &'static [&'static str] = &[$($doc),*];
            const ENTRIES: &'static [$crate::spec::document::Entry] = &[$(
                $crate::spec::document::Entry { name: stringify!($field), form: stringify!($form), doc: &[$($field_doc),*] },
            )*];
        }
    };
}

/// Declares an enumeration that is read from a scenario, with its doc comments kept for the reference. An alternative
/// is a word (`Fifo`) or a word with arguments (`Exp(ExpArgs)`).
#[macro_export]
macro_rules! choice {
    ($(#[doc = $doc:literal])* $name:ident as $word:literal { $( $(#[doc = $entry_doc:literal])* $variant:ident $(($args:ty))? , )* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(rename = $word)]
        pub enum $name { $( $(#[doc = $entry_doc])* $variant $(($args))?, )* }
        impl $crate::spec::document::Documented for $name {
            const NAME: &'static str = $word;
            const DOC: &'static [&'static str] = &[$($doc),*];
            const ENTRIES: &'static [$crate::spec::document::Entry] = &[$(
                $crate::spec::document::Entry {
                    name: stringify!($variant), form: concat!($(stringify!($args))?), doc: &[$($entry_doc),*],
                },
            )*];
        }
    };
}

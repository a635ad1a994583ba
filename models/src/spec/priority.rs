//! Values by priority: `{ 0: 3, 1: 1 }`.

use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

/// A value for each of some priorities, in ascending order of the priority.
#[derive(Clone, Debug, PartialEq)]
pub struct ByPriority<T>(pub Vec<(u8, T)>);

impl<T: Copy> ByPriority<T> {
    /// The value of a priority.
    pub fn get(&self, priority: u8) -> Option<T> {
        self.0.iter().find(|(of, _)| *of == priority).map(|(_, value)| *value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByPriority<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Map<T> {
            type Value = ByPriority<T>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map from priorities: { 0: 3, 1: 1 }")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<ByPriority<T>, A::Error> {
                let mut values = Vec::new();
                while let Some((priority, value)) = map.next_entry::<u8, T>()? {
                    if values.iter().any(|(other, _)| *other == priority) {
                        return Err(de::Error::custom(format!("priority {priority} is given twice")));
                    }
                    values.push((priority, value));
                }
                values.sort_by_key(|(priority, _)| *priority);
                Ok(ByPriority(values))
            }
        }
        deserializer.deserialize_map(Map(std::marker::PhantomData))
    }
}

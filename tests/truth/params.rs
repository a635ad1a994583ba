//! The parameters of a model; what is missing or strange becomes a sentence, never a panic.

use crate::law::Law;
use serde_json::Value;

/// The parameters of a model.
pub(crate) struct Params<'a>(pub &'a Value);

/// A value, or what the model needs and the harness does not have.
pub(crate) type Maybe<T> = Result<T, String>;

impl Params<'_> {
    pub(crate) fn number(&self, key: &str) -> Maybe<f64> {
        self.0[key].as_f64().ok_or_else(|| format!("the parameter `{key}`"))
    }
    pub(crate) fn number_or(&self, key: &str, otherwise: f64) -> f64 {
        self.0[key].as_f64().unwrap_or(otherwise)
    }
    pub(crate) fn count(&self, key: &str) -> Maybe<u32> {
        let number = self.number(key)?;
        ((0.0..=1e6).contains(&number) && number.fract() == 0.0)
            .then_some(number as u32)
            .ok_or_else(|| format!("a whole number as `{key}`"))
    }
    pub(crate) fn count_or(&self, key: &str, otherwise: u32) -> u32 {
        self.count(key).unwrap_or(otherwise)
    }
    pub(crate) fn numbers(&self, key: &str) -> Maybe<Vec<f64>> {
        let list = self.0[key].as_array().map(|list| list.iter().filter_map(Value::as_f64).collect());
        list.ok_or_else(|| format!("the list `{key}`"))
    }
    pub(crate) fn has(&self, key: &str) -> bool {
        !self.0[key].is_null()
    }
    pub(crate) fn text(&self, key: &str) -> Maybe<&str> {
        self.0[key].as_str().ok_or_else(|| format!("the parameter `{key}`"))
    }
    /// A law; a bare number always takes the same time.
    pub(crate) fn law(&self, key: &str) -> Maybe<Law> {
        law(&self.0[key]).ok_or_else(|| format!("the parameter `{key}`"))?
    }
    pub(crate) fn law_or(&self, key: &str, otherwise: Law) -> Maybe<Law> {
        if self.has(key) { self.law(key) } else { Ok(otherwise) }
    }
    pub(crate) fn laws(&self, key: &str) -> Maybe<Vec<Law>> {
        let list = self.0[key].as_array().ok_or_else(|| format!("the list `{key}`"))?;
        list.iter().map(|value| law(value).unwrap_or_else(|| Err(format!("a law in `{key}`")))).collect()
    }
}

fn law(value: &Value) -> Option<Maybe<Law>> {
    value.as_f64().map(|x| Ok(Law::Constant(x))).or_else(|| value.as_str().map(Law::parse))
}

//! A document: what YAML and JSON have in common, with the order of keys kept.

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;

/// A document or a part of one. Maps keep the order in which they were written.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A negative integer.
    Signed(i64),
    /// An integer that is not negative.
    Unsigned(u64),
    /// A number with a fraction or exponent.
    Float(f64),
    /// Text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// Keys and values, in the order written.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Reads YAML 1.2 (of which JSON is a part). Repeated keys are an error; `yes` and `no` are text.
    ///
    /// # Errors
    /// The parser's message, with line, column and the place shown.
    pub fn from_yaml(text: &str) -> Result<Self, String> {
        let options = serde_saphyr::options! { strict_booleans: true };
        serde_saphyr::from_str_with_options(text, options).map_err(|e| e.to_string())
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// The parser's message, with line and column.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }

    /// The value as JSON on one line.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("writing to memory does not fail and every key is text")
    }

    /// The value as indented JSON, with a line end.
    #[must_use]
    pub fn to_json_pretty(&self) -> Vec<u8> {
        let mut out =
            serde_json::to_vec_pretty(self).expect("writing to memory does not fail and every key is text");
        out.push(b'\n');
        out
    }

    /// The value under `key`, when this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text, when this is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, when this is a list.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, when this is a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Equality that does not look at the order of keys.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Array(a), Self::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len() && a.iter().all(|(k, v)| other.get(k).is_some_and(|o| v.same(o)))
            }
            _ => self == other,
        }
    }

    /// A copy with every text replaced by what `f` makes of it; keys too.
    pub(crate) fn map_text(&self, f: &dyn Fn(&str) -> String) -> Self {
        match self {
            Self::String(text) => Self::String(f(text)),
            Self::Array(items) => Self::Array(items.iter().map(|v| v.map_text(f)).collect()),
            Self::Map(entries) => Self::Map(entries.iter().map(|(k, v)| (f(k), v.map_text(f))).collect()),
            other => other.clone(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(v) => serializer.serialize_bool(*v),
            Self::Signed(v) => serializer.serialize_i64(*v),
            Self::Unsigned(v) => serializer.serialize_u64(*v),
            Self::Float(v) => serializer.serialize_f64(*v),
            Self::String(v) => serializer.serialize_str(v),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(u64::try_from(v).map_or(Value::Signed(v), Value::Unsigned))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(Value::Unsigned(v))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(Value::Float(v))
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry::<String, Value>()? {
            entries.push(entry);
        }
        Ok(Value::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    fn json(yaml: &str) -> String {
        let value = Value::from_yaml(yaml).expect("the text is YAML");
        String::from_utf8(value.to_json()).expect("JSON is text")
    }

    #[test]
    fn yaml_scalars_become_the_json_an_author_expects() {
        let cases = [
            ("b: 2\na: 1", r#"{"b":2,"a":1}"#),
            ("[404, \"404\", -1, 1.5, 2.0, true, null]", r#"[404,"404",-1,1.5,2.0,true,null]"#),
            ("[yes, no, on, off]", r#"["yes","no","on","off"]"#),
            ("[2.1.0, 2026-01-01]", r#"["2.1.0","2026-01-01"]"#),
            (r"'^\w+\.php$'", r#""^\\w+\\.php$""#),
            (r#""\0\u00e9""#, r#""\u0000é""#),
            ("5: five\ntrue: yes", r#"{"5":"five","true":"yes"}"#),
            ("a: &x [1]\nb: *x", r#"{"a":[1],"b":[1]}"#),
            ("text: >\n  one\n  two\n", r#"{"text":"one two\n"}"#),
        ];
        for (yaml, want) in cases {
            assert_eq!(json(yaml), want, "{yaml}");
        }
    }

    #[test]
    fn what_is_not_yaml_is_refused_with_its_place() {
        for yaml in ["a: 1\na: 2", "a: [", "a: 1\n b: 2", "--- 1\n--- 2"] {
            let error = Value::from_yaml(yaml).expect_err(yaml);
            assert!(error.contains("line "), "{error}");
        }
        assert!(Value::from_yaml(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn equality_can_look_past_the_order_of_keys() {
        let a = Value::from_json(br#"{"a":[1,{"x":1,"y":2}],"b":2}"#).expect("JSON");
        let b = Value::from_json(br#"{"b":2,"a":[1,{"y":2,"x":1}]}"#).expect("JSON");
        let c = Value::from_json(br#"{"b":2,"a":[1,{"y":2,"x":3}]}"#).expect("JSON");
        assert!(a.same(&b) && a != b && !a.same(&c));
    }
}

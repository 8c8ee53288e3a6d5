//! YAML to values.

use bartizan_reference::Value;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Reads YAML 1.2. Repeated keys are an error; `yes` and `no` are text.
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! { strict_booleans: true };
    let read: Yaml = serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())?;
    Ok(read.0)
}

struct Yaml(Value);

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Yaml)
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
        Yaml::deserialize(deserializer).map(|yaml| yaml.0)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(u64::try_from(value).map_or(Value::Signed(value), Value::Unsigned))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Yaml(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, Yaml(value))) = map.next_entry::<String, Yaml>()? {
            entries.push((key.into_bytes(), value));
        }
        Ok(Value::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn scalars_are_what_an_author_expects() {
        let cases = [
            ("[404, \"404\", -1, 1.5, 2.0, true, null]", r#"[404,"404",-1,1.5,2.0,true,null]"#),
            ("[yes, 2.1.0, 'a\\b', \"\\0\"]", r#"["yes","2.1.0","a\\b","\u0000"]"#),
            ("{ 5: x, a: [] }", r#"{"5":"x","a":[]}"#),
        ];
        for (yaml, json) in cases {
            assert_eq!(read(yaml).map(|value| value.to_json()).as_deref(), Ok(json), "{yaml}");
        }
        for yaml in ["a: 1\na: 2", "a: ["] {
            assert!(read(yaml).is_err(), "{yaml}");
        }
    }
}

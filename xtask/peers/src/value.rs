//! Values as cases hold them: every kind and storage form of the ABI, with a JSON notation that loses
//! nothing.
//!
//! Plain JSON stands for itself. What JSON cannot say is a map with one key that starts with `$`:
//! `{"$invalid":true}`, `{"$signed":5}`, `{"$float":"NaN"}`, `{"$hex":"ff"}`, `{"$literal":…}` and
//! `{"$heap":…}` around a string, `{"$map":[[key,value],…]}` for maps with such keys or with repeated ones.

use serde_json::{Map as JsonMap, Value as Json, json};

/// How a string is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Inside the object up to 14 bytes, else on the heap, as libraries store it.
    Natural,
    /// On the heap, however short.
    Heap,
    /// A pointer to memory that nobody frees.
    Literal,
}

/// Bytes, and how they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The bytes, in any encoding or none.
    pub bytes: Vec<u8>,
    /// How they are stored.
    pub form: Form,
}

/// A value of any kind that the ABI has.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing: what an item of a container is until it is set.
    Invalid,
    /// JSON's null.
    Null,
    /// True or false.
    Bool(bool),
    /// 64 bits with a sign.
    Signed(i64),
    /// 64 bits without one.
    Unsigned(u64),
    /// A double.
    Float(f64),
    /// Bytes.
    String(Text),
    /// Values in order.
    Array(Vec<Value>),
    /// Pairs in order; keys may repeat.
    Map(Vec<(Text, Value)>),
}

/// By bits for floats, and without regard to how strings are stored.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Invalid, Value::Invalid) | (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Signed(a), Value::Signed(b)) => a == b,
            (Value::Unsigned(a), Value::Unsigned(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::String(a), Value::String(b)) => a.bytes == b.bytes,
            (Value::Array(a), Value::Array(b)) => a == b,
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0.bytes == b.0.bytes && a.1 == b.1)
            }
            _ => false,
        }
    }
}

impl Text {
    /// Stored as libraries store it.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Text { bytes: bytes.as_ref().to_vec(), form: Form::Natural }
    }
}

impl<T: AsRef<[u8]>> From<T> for Text {
    fn from(bytes: T) -> Self {
        Text::new(bytes)
    }
}

/// A string.
pub fn text(bytes: impl AsRef<[u8]>) -> Value {
    Value::String(Text::new(bytes))
}

/// A map.
pub fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (Text::new(key), value)).collect())
}

/// An array of strings.
pub fn texts<T: AsRef<[u8]>>(items: impl IntoIterator<Item = T>) -> Value {
    Value::Array(items.into_iter().map(text).collect())
}

impl Value {
    /// The bytes of a string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::String(text) => Some(&text.bytes),
            _ => None,
        }
    }

    /// The text, with a mark for each byte that is not UTF-8.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(self.as_bytes().unwrap_or_default()).into_owned()
    }

    /// The items of an array; none of anything else.
    pub fn items(&self) -> &[Value] {
        match self {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The pairs of a map; none of anything else.
    pub fn entries(&self) -> &[(Text, Value)] {
        match self {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The first value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries().iter().find(|(k, _)| k.bytes == key.as_bytes()).map(|(_, v)| v)
    }

    /// Adds an entry to a map.
    pub fn put(&mut self, key: impl Into<Text>, value: Value) {
        if let Value::Map(entries) = self {
            entries.push((key.into(), value));
        }
    }

    /// Calls back for the value and everything in it.
    pub fn visit(&self, see: &mut impl FnMut(&Value)) {
        see(self);
        match self {
            Value::Array(items) => items.iter().for_each(|item| item.visit(see)),
            Value::Map(entries) => entries.iter().for_each(|(_, value)| value.visit(see)),
            _ => {}
        }
    }

    /// In the notation above.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Invalid => json!({"$invalid": true}),
            Value::Null => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Signed(value) if *value < 0 => json!(value),
            Value::Signed(value) => json!({"$signed": value}),
            Value::Unsigned(value) => json!(value),
            Value::Float(value) => json!({"$float": format!("{value:?}")}),
            Value::String(text) => text.to_json(),
            Value::Array(items) => items.iter().map(Value::to_json).collect(),
            Value::Map(entries) => map_to_json(entries),
        }
    }

    /// Out of the notation above.
    ///
    /// # Errors
    /// The notation is not followed.
    pub fn from_json(json: &Json) -> Result<Value, String> {
        read(json, true)
    }

    /// JSON that knows nothing of the notation.
    ///
    /// # Errors
    /// A number does not fit.
    pub fn from_plain(json: &Json) -> Result<Value, String> {
        read(json, false)
    }
}

fn read(json: &Json, notation: bool) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(value), _) => Value::Unsigned(value),
            (None, Some(value)) => Value::Signed(value),
            _ => Value::Float(number.as_f64().ok_or("a number out of range")?),
        },
        Json::String(value) => text(value),
        Json::Array(items) => {
            Value::Array(items.iter().map(|item| read(item, notation)).collect::<Result<_, _>>()?)
        }
        Json::Object(object) => match object.iter().next() {
            Some((key, inner)) if notation && key.starts_with('$') => tagged(key, inner, json)?,
            _ => Value::Map(
                object
                    .iter()
                    .map(|(key, value)| Ok((Text::new(key), read(value, notation)?)))
                    .collect::<Result<_, String>>()?,
            ),
        },
    })
}

fn tagged(key: &str, inner: &Json, whole: &Json) -> Result<Value, String> {
    let unknown = || format!("unknown notation {key} of {inner}");
    Ok(match key {
        "$invalid" => Value::Invalid,
        "$signed" => Value::Signed(inner.as_i64().ok_or_else(unknown)?),
        "$float" => Value::Float(inner.as_str().and_then(|t| t.parse().ok()).ok_or_else(unknown)?),
        "$map" => {
            let pair = |pair: &Json| match pair.as_array().map(Vec::as_slice) {
                Some([key, value]) => Ok((Text::from_json(key)?, Value::from_json(value)?)),
                _ => Err(unknown()),
            };
            let pairs = inner.as_array().ok_or_else(unknown)?;
            Value::Map(pairs.iter().map(pair).collect::<Result<_, String>>()?)
        }
        _ => Value::String(Text::from_json(whole)?),
    })
}

impl Text {
    fn to_json(&self) -> Json {
        let bare = match std::str::from_utf8(&self.bytes) {
            Ok(text) => json!(text),
            Err(_) => json!({"$hex": self.bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()}),
        };
        match self.form {
            Form::Natural => bare,
            Form::Heap => json!({"$heap": bare}),
            Form::Literal => json!({"$literal": bare}),
        }
    }

    fn from_json(json: &Json) -> Result<Text, String> {
        if let Some(text) = json.as_str() {
            return Ok(Text::new(text));
        }
        let (key, inner) =
            json.as_object().and_then(|o| o.iter().next()).ok_or_else(|| format!("not a string: {json}"))?;
        let form = match key.as_str() {
            "$hex" => {
                let digits = inner.as_str().ok_or("$hex needs a string")?;
                let byte = |at| u8::from_str_radix(digits.get(at..at + 2).unwrap_or("?"), 16);
                let bytes = (0..digits.len()).step_by(2).map(byte).collect::<Result<Vec<_>, _>>();
                return Ok(Text::new(bytes.map_err(|e| e.to_string())?));
            }
            "$heap" => Form::Heap,
            "$literal" => Form::Literal,
            _ => return Err(format!("unknown notation {key}")),
        };
        Ok(Text { form, ..Text::from_json(inner)? })
    }
}

fn map_to_json(entries: &[(Text, Value)]) -> Json {
    let mut plain = JsonMap::new();
    for (key, value) in entries {
        let name = std::str::from_utf8(&key.bytes)
            .ok()
            .filter(|k| key.form == Form::Natural && !k.starts_with('$') && !plain.contains_key(*k));
        let Some(name) = name else {
            let pairs: Vec<_> = entries.iter().map(|(k, v)| json!([k.to_json(), v.to_json()])).collect();
            return json!({"$map": pairs});
        };
        plain.insert(name.to_owned(), value.to_json());
    }
    Json::Object(plain)
}

#[cfg(test)]
mod tests {
    use super::{Form, Text, Value, map, text};

    #[test]
    fn the_notation_loses_nothing() {
        let literal = |bytes: &[u8]| Text { bytes: bytes.to_vec(), form: Form::Literal };
        let value = Value::Map(vec![
            (Text::new("a"), Value::Array(vec![Value::Invalid, Value::Null, Value::Bool(true)])),
            (
                Text::new("a"),
                Value::Array(vec![Value::Signed(5), Value::Signed(-5), Value::Unsigned(u64::MAX)]),
            ),
            (literal(b"\xff"), Value::Array(vec![Value::Float(1.0), Value::Float(0.1), Value::Float(-0.0)])),
            (Text::new("$x"), Value::String(Text { bytes: b"s".to_vec(), form: Form::Heap })),
            (Text::new("m"), map([("k", text("v")), ("", text(b"\x00\xc3"))])),
        ]);
        let json = value.to_json();
        let back = Value::from_json(&json).expect("our own notation");
        assert_eq!(back, value);
        assert_eq!(back.to_json(), json, "forms are kept too");
    }
}

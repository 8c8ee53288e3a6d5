//! Values as JSON that every language reads alike.
//!
//! What JSON readers take differently, or not at all, is spelt as a map of one `$` key:
//! `{"$float": "1.0"}` a float, `{"$integer": "18446744073709551615"}` an integer beyond 2^53,
//! `{"$hex": "ff00"}` bytes that are not UTF-8, `{"$invalid": true}` an object that was never set,
//! `{"$pairs": [[key, value], …]}` a map with repeated keys, or keys that are not UTF-8, or one key that
//! begins with `$`. Suites may also say `{$repeat: [text, count, last]}` for a long text and
//! `{$items: [item, count, last]}` for a long list, which the bundle has at length.

use crate::value::Value;

/// The largest integer that every reader of JSON keeps.
const EXACT: u64 = 1 << 53;

/// Spells out what YAML cannot say, on this level: suites are read by this program only, whose numbers are
/// exact.
#[must_use]
pub fn encode_for_yaml(value: &Value) -> Value {
    match value {
        Value::Float(float) if float.is_finite() => value.clone(),
        Value::Unsigned(_) | Value::Signed(_) | Value::Array(_) => value.clone(),
        Value::Map(entries) if !needs_pairs(entries) => value.clone(),
        Value::Invalid => Value::map([("$invalid", Value::Bool(true))]),
        value => encode(value),
    }
}

/// Spells out what JSON does not say the same to everyone.
#[must_use]
pub fn encode(value: &Value) -> Value {
    match value {
        Value::Float(float) => Value::map([("$float", Value::from(&*float_text(*float)))]),
        Value::Unsigned(number) if *number > EXACT => {
            Value::map([("$integer", Value::from(&*number.to_string()))])
        }
        Value::Signed(number) if number.unsigned_abs() > EXACT => {
            Value::map([("$integer", Value::from(&*number.to_string()))])
        }
        Value::Invalid => Value::map([("$invalid", Value::Bool(true))]),
        Value::Bytes(bytes) if str::from_utf8(bytes).is_err() => {
            Value::map([("$hex", Value::from(&*hex(bytes)))])
        }
        Value::Array(items) => Value::Array(items.iter().map(encode).collect()),
        Value::Map(entries) if needs_pairs(entries) => {
            let pair = |(key, value): &(Vec<u8>, Value)| {
                Value::Array(vec![encode(&Value::bytes(key)), encode(value)])
            };
            Value::map([("$pairs", Value::Array(entries.iter().map(pair).collect()))])
        }
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (key.clone(), encode(value))).collect())
        }
        value => value.clone(),
    }
}

/// Reads the spelling.
///
/// # Errors
/// What is no spelling.
pub fn decode(value: &Value) -> Result<Value, String> {
    Ok(match value {
        Value::Array(items) => Value::Array(items.iter().map(decode).collect::<Result<_, _>>()?),
        Value::Map(entries) => match entries.as_slice() {
            [(key, spelt)] if key.starts_with(b"$") => special(key, spelt)?,
            entries => {
                let entry = |(key, value): &(Vec<u8>, Value)| Ok::<_, String>((key.clone(), decode(value)?));
                Value::Map(entries.iter().map(entry).collect::<Result<_, _>>()?)
            }
        },
        value => value.clone(),
    })
}

fn special(key: &[u8], spelt: &Value) -> Result<Value, String> {
    let text = || spelt.as_bytes().and_then(|text| str::from_utf8(text).ok());
    let read = match key {
        b"$float" => text().and_then(|text| text.parse().ok()).map(Value::Float),
        b"$integer" => text().and_then(|text| {
            text.parse().map(Value::Unsigned).or_else(|_| text.parse().map(Value::Signed)).ok()
        }),
        b"$hex" => text().and_then(unhex).map(Value::Bytes),
        b"$pairs" => spelt.as_array().and_then(|pairs| {
            let pair = |pair: &Value| match decode(pair).ok()? {
                Value::Array(pair) => match <[Value; 2]>::try_from(pair).ok()? {
                    [Value::Bytes(key), value] => Some((key, value)),
                    _ => None,
                },
                _ => None,
            };
            pairs.iter().map(pair).collect::<Option<_>>().map(Value::Map)
        }),
        b"$invalid" => Some(Value::Invalid),
        b"$repeat" => repeated(spelt).and_then(|(item, count, last)| {
            Some(Value::Bytes([item.as_bytes()?.repeat(count), last.as_bytes()?.to_vec()].concat()))
        }),
        b"$items" => {
            repeated(spelt).map(|(item, count, last)| Value::Array([vec![item; count], vec![last]].concat()))
        }
        _ => None,
    };
    read.ok_or_else(|| {
        format!("{} is no spelling of a value: {}", String::from_utf8_lossy(key), spelt.to_json())
    })
}

/// `[item, count, last]`
fn repeated(spelt: &Value) -> Option<(Value, usize, Value)> {
    let Ok(Value::Array(parts)) = decode(spelt) else { return None };
    let [item, Value::Unsigned(count), last] = <[Value; 3]>::try_from(parts).ok()? else { return None };
    Some((item, usize::try_from(count).ok()?, last))
}

fn needs_pairs(entries: &[(Vec<u8>, Value)]) -> bool {
    let repeats =
        |(at, (key, _)): (usize, &(Vec<u8>, Value))| entries[..at].iter().any(|(other, _)| other == key);
    let is_text = |(key, _): &(Vec<u8>, Value)| str::from_utf8(key).is_ok();
    entries.iter().enumerate().any(repeats)
        || !entries.iter().all(is_text)
        || matches!(entries, [(key, _)] if key.starts_with(b"$"))
}

/// Text that reads back as the same float, and shows that it is one.
fn float_text(float: f64) -> String {
    format!("{float:?}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use crate::value::Value;

    #[test]
    fn what_json_does_not_keep_is_spelt_out() {
        let cases = [
            (Value::Float(1.0), r#"{"$float":"1.0"}"#),
            (Value::Float(f64::NEG_INFINITY), r#"{"$float":"-inf"}"#),
            (Value::Unsigned(5), "5"),
            (Value::Unsigned(u64::MAX), r#"{"$integer":"18446744073709551615"}"#),
            (Value::Signed(i64::MIN), r#"{"$integer":"-9223372036854775808"}"#),
            (Value::bytes(b"\xff\0"), r#"{"$hex":"ff00"}"#),
            (Value::from("é"), r#""é""#),
            (Value::map([("a", Value::Null), ("a", Value::Null)]), r#"{"$pairs":[["a",null],["a",null]]}"#),
            (Value::map([("$hex", Value::from("ff"))]), r#"{"$pairs":[["$hex","ff"]]}"#),
            (Value::map([("$hex", Value::Null), ("b", Value::Null)]), r#"{"$hex":null,"b":null}"#),
        ];
        for (value, text) in cases {
            let encoded = encode(&value);
            assert_eq!(encoded.to_json(), text);
            assert_eq!(decode(&encoded).as_ref(), Ok(&value));
        }
        for text in [r#"{"$hex":"f"}"#, r#"{"$float":1}"#, r#"{"$what":1}"#, r#"{"$pairs":[["a"]]}"#] {
            let value = bartizan_object::json::parse(text.as_bytes(), bartizan_object::AllocRef::global());
            assert!(decode(&Value::from(&*value.expect("JSON"))).is_err(), "{text}");
        }
    }
}

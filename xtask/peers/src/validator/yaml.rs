//! The YAML of test files, with scalars as yaml-cpp converts them.

use crate::value::{Text, Value, text};
use granit_parser::{Event, Parser, ScalarStyle};

/// The document of a file.
pub(crate) fn parse(source: &str) -> Result<Value, String> {
    // Containers that are open, and for a map the key whose value comes next.
    let mut open: Vec<(Value, Option<Text>)> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(source) {
        let (event, _) = event.map_err(|e| format!("not YAML: {e}"))?;
        let awaits_key = matches!(open.last(), Some((Value::Map(_), None)));
        let done = match event {
            Event::Scalar(scalar, ..) if awaits_key => {
                if let Some((_, key)) = open.last_mut() {
                    *key = Some(Text::new(scalar.as_bytes()));
                }
                continue;
            }
            Event::Scalar(scalar, ScalarStyle::Plain, ..) => plain(&scalar),
            Event::Scalar(scalar, ..) => text(scalar.as_bytes()),
            Event::SequenceStart(..) => {
                open.push((Value::Array(Vec::new()), None));
                continue;
            }
            Event::MappingStart(..) => {
                open.push((Value::Map(Vec::new()), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().ok_or("an end without a start")?.0,
            Event::Alias(_) => return Err("aliases are not expected".to_owned()),
            _ => continue,
        };
        match open.last_mut() {
            None => root = Some(done),
            Some((Value::Array(items), _)) => items.push(done),
            Some((map, key)) => map.put(key.take().ok_or("a key that is no scalar")?, done),
        }
    }
    root.ok_or_else(|| "an empty document".to_owned())
}

/// A scalar without quotes: the first of null, unsigned, signed, float and bool that it can be.
fn plain(scalar: &str) -> Value {
    if matches!(scalar, "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    if let Some(number) = unsigned(scalar.strip_prefix('+').unwrap_or(scalar)) {
        return Value::Unsigned(number);
    }
    let negative = scalar.strip_prefix('-').and_then(unsigned);
    if let Some(number) = negative.and_then(|number| 0i64.checked_sub_unsigned(number)) {
        return Value::Signed(number);
    }
    let looks_numeric = scalar.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    if let Ok(number) = scalar.parse::<f64>()
        && looks_numeric
    {
        return Value::Float(number);
    }
    match scalar.trim_start_matches('.').to_ascii_lowercase().as_str() {
        "inf" if scalar.starts_with('.') => return Value::Float(f64::INFINITY),
        "nan" if scalar.starts_with('.') => return Value::Float(f64::NAN),
        _ => {}
    }
    let cased = |word: &str| {
        let capital = word[..1].to_ascii_uppercase() + &word[1..];
        scalar == word || scalar == capital || scalar == word.to_ascii_uppercase()
    };
    for (yes, no) in [("y", "n"), ("yes", "no"), ("true", "false"), ("on", "off")] {
        if cased(yes) || cased(no) {
            return Value::Bool(cased(yes));
        }
    }
    text(scalar.as_bytes())
}

/// With C's prefixes for octal and hexadecimal.
fn unsigned(digits: &str) -> Option<u64> {
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok();
    }
    match digits.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => u64::from_str_radix(octal, 8).ok(),
        _ => digits.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::json;

    #[test]
    fn scalars_become_what_yaml_cpp_makes_of_them() {
        let source = "a: [1, -2, 010, 0x1F, 1.5, \"5\", '5', true, No, ~, 1.2.3.4, .inf, -0.5e3, +7, .a]\n1: {k: \"\\0x\"}\nb:\n";
        let value = parse(source).expect("YAML");
        let list = json!([1, -2, 8, 31, {"$float": "1.5"}, "5", "5", true, false, null, "1.2.3.4",
                          {"$float": "inf"}, {"$float": "-500.0"}, 7, ".a"]);
        assert_eq!(value.to_json(), json!({"a": list, "1": {"k": "\0x"}, "b": null}));
    }
}

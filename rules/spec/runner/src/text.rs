//! Values as JSON with the bytes of their strings as they are, which the engine's own writer replaces where
//! they are not UTF-8.

use bartizan_reference::Value;

pub(crate) fn json(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Bytes(bytes) => string(bytes, out),
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Value::Map(entries) => {
            out.push(b'{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                string(key, out);
                out.push(b':');
                write(value, out);
            }
            out.push(b'}');
        }
        scalar => out.extend_from_slice(scalar.to_json().as_bytes()),
    }
}

fn string(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            byte => out.push(*byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::json;
    use bartizan_reference::Value;

    #[test]
    fn bytes_stay_as_they_are() {
        let value = Value::map([("a\"", Value::Array(vec![Value::bytes(b"\xff\n\\"), Value::Float(1.0)]))]);
        assert_eq!(json(&value), b"{\"a\\\"\":[\"\xff\\u000a\\\\\",1.0]}");
    }
}

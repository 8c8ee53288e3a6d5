//! Documents between JavaScript and the engine.

use js_sys::{JSON, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// The bytes of a document: text and bytes as they are, any other value as JSON.
pub(crate) fn bytes_of(document: &JsValue) -> Result<Vec<u8>, JsValue> {
    if let Some(text) = document.as_string() {
        return Ok(text.into_bytes());
    }
    if let Some(bytes) = document.dyn_ref::<Uint8Array>() {
        return Ok(bytes.to_vec());
    }
    let text = JSON::stringify(document)?;
    let Some(text) = text.as_string() else {
        return Err(js_sys::TypeError::new("the document is not a value that JSON has").into());
    };
    let mut bytes = text.into_bytes();
    replace_lone_surrogates(&mut bytes);
    Ok(bytes)
}

/// JavaScript's text may hold halves of surrogate pairs, which JSON writes as escapes and the engine
/// refuses. Such a half must not keep a request from being looked at, so it becomes U+FFFD.
fn replace_lone_surrogates(json: &mut [u8]) {
    let mut at = 0;
    while at + 5 < json.len() {
        if json[at] != b'\\' {
            at += 1;
        } else if let [b'u', b'd', b'8'..=b'f', _, _] = json[at + 1..at + 6] {
            // A whole pair is written as itself, so an escape from this range is a half.
            json[at + 2..at + 6].copy_from_slice(b"fffd");
            at += 6;
        } else {
            at += 2;
        }
    }
}

/// The value of a JSON document that the engine wrote.
pub(crate) fn value_of(json: &[u8]) -> Result<JsValue, JsValue> {
    JSON::parse(&String::from_utf8_lossy(json))
}

#[cfg(test)]
mod tests {
    use super::replace_lone_surrogates;

    #[test]
    fn halves_of_pairs_are_replaced_and_nothing_else() {
        let cases = [
            (r#"["\ud800"]"#, r#"["\ufffd"]"#),
            (r#"["\udfffx\udc00"]"#, r#"["\ufffdx\ufffd"]"#),
            (r#"["\\ud800"]"#, r#"["\\ud800"]"#),
            (r#"["\\\ud83d"]"#, r#"["\\\ufffd"]"#),
            (r#"["\u0000\n\ud7ff"]"#, r#"["\u0000\n\ud7ff"]"#),
            ("\"\\ud8", "\"\\ud8"),
        ];
        for (json, want) in cases {
            let mut bytes = json.as_bytes().to_vec();
            replace_lone_surrogates(&mut bytes);
            assert_eq!(bytes, want.as_bytes(), "{json}");
        }
    }
}

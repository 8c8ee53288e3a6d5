//! `jwt_decode`: what a bearer token says of itself.

use crate::value::Value;
use bartizan_object::{AllocRef, json};
use bartizan_text::transform::Transformer;

/// `None` for what is no token.
pub(super) fn decode(value: &Value) -> Option<Value> {
    let value = match value {
        Value::Array(items) => items.first()?,
        value => value,
    };
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r');
    let token = value.as_bytes()?.strip_prefix(b"Bearer")?;
    let token = &token[token.iter().take_while(is_blank).count()..];
    let dots: Vec<usize> = (0..token.len()).filter(|at| token[*at] == b'.').collect();
    let [first, second, ..] = dots[..] else { return None };
    let signature = &token[second + 1..];
    Some(Value::map([
        ("header", part(&token[..first])),
        ("payload", part(&token[first + 1..second])),
        ("signature", Value::map([("available", Value::Bool(!signature.is_empty()))])),
    ]))
}

/// The JSON in a part, or invalid.
fn part(text: &[u8]) -> Value {
    let mut decoded = Vec::new();
    if text.is_empty() || !Transformer::Base64UrlDecode.apply(text, &mut decoded) {
        return Value::Invalid;
    }
    json::parse(&decoded, AllocRef::global()).map_or(Value::Invalid, |value| Value::from(&*value))
}

//! `uri_parse`: the parts of a URI.

use crate::value::Value;
use bartizan_text::net::{HostSyntax, Uri};

/// `None` for what is no URI.
pub(super) fn parse(text: &[u8]) -> Option<Value> {
    let uri = Uri::parse(text, HostSyntax::HexGroups)?;
    let authority = uri.authority.as_ref();
    let part = |range: Option<&std::ops::Range<usize>>| Value::bytes(uri.slice_or_empty(range));
    Some(Value::map([
        ("scheme", part(Some(&uri.scheme))),
        ("userinfo", part(authority.map(|authority| &authority.userinfo))),
        ("host", Value::bytes(uri.host())),
        ("port", Value::Unsigned(authority.map_or(0, |authority| authority.port.into()))),
        ("path", part(uri.path.as_ref())),
        ("query", query(uri.slice_or_empty(uri.query.as_ref()))),
        ("fragment", part(uri.fragment.as_ref())),
    ]))
}

/// Parameters by name: a flag is true, and those of one name make a list.
fn query(text: &[u8]) -> Value {
    let mut map: Vec<(Vec<u8>, Value)> = Vec::new();
    let mut listed: Vec<Vec<u8>> = Vec::new();
    for parameter in text.split(|byte| *byte == b'&') {
        let mut parts = parameter.splitn(2, |byte| *byte == b'=');
        let name = parts.next().unwrap_or_default();
        let value = parts.next().map_or(Value::Bool(true), Value::bytes);
        if name.is_empty() {
            continue;
        }
        let name = name.strip_suffix(b"[]").unwrap_or(name);
        match map.iter_mut().find(|(known, _)| known == name) {
            None => map.push((name.to_vec(), value)),
            Some((_, Value::Array(values))) if listed.iter().any(|known| known == name) => values.push(value),
            Some((_, first)) => {
                *first = Value::Array(vec![first.clone(), value]);
                listed.push(name.to_vec());
            }
        }
    }
    Value::Map(map)
}

//! Fingerprints: fields joined by `-`.

use crate::value::Value;
use sha2::{Digest, Sha256};

/// Fields by name; what was made once stays.
pub(crate) type Fields = std::collections::BTreeMap<&'static str, Vec<u8>>;

const BROWSER: [&str; 10] = [
    "referer",
    "connection",
    "accept-encoding",
    "content-encoding",
    "cache-control",
    "te",
    "accept-charset",
    "content-type",
    "accept",
    "accept-language",
];

/// In which proxies tell the client's address, the most telling first.
const ORIGIN: [&str; 10] = [
    "x-forwarded-for",
    "x-real-ip",
    "true-client-ip",
    "x-client-ip",
    "x-forwarded",
    "forwarded-for",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
];

type Arguments<'a> = [Option<&'a Value>];
type Entry = (Vec<u8>, Value);

pub(crate) fn endpoint(fields: &mut Fields, arguments: &Arguments<'_>) -> Value {
    let text = |at: usize| arguments[at].and_then(Value::as_bytes).unwrap_or_default();
    let map = |at: usize| arguments[at].and_then(Value::as_map);
    fields.entry("method").or_insert_with(|| text(0).to_ascii_lowercase());
    let path = text(1).split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    fields.entry("path").or_insert_with(|| hash(&path.to_ascii_lowercase()).into());
    for (name, at) in [("query", 2), ("body", 3)] {
        if let Some(map) = map(at) {
            fields.entry(name).or_insert_with(|| keys(map).into());
        }
    }
    join("http", fields, ["method", "path", "query", "body"])
}

pub(crate) fn session(fields: &mut Fields, arguments: &Arguments<'_>) -> Value {
    if let Some(cookies) = arguments[0].and_then(Value::as_map) {
        fields.entry("cookie names").or_insert_with(|| keys(cookies).into());
        fields.entry("cookie values").or_insert_with(|| values(cookies).into());
    }
    for (name, at) in [("session", 1), ("user", 2)] {
        if let Some(text) = arguments[at].and_then(Value::as_bytes) {
            fields.entry(name).or_insert_with(|| hash(&text.to_ascii_lowercase()).into());
        }
    }
    join("ssn", fields, ["user", "cookie names", "cookie values", "session"])
}

pub(crate) fn header(headers: &Value) -> Value {
    let headers = normalised(headers);
    let agent = headers.iter().rev().find(|(name, _)| name == b"user-agent");
    let agent = agent.map_or(String::new(), |(_, value)| hash(&text_of(value).to_ascii_lowercase()));
    let known = |name: &[u8]| {
        let listed = BROWSER.iter().chain(&ORIGIN).any(|known| known.as_bytes() == name);
        listed || name == b"user-agent" || name.starts_with(b"x-datadog")
    };
    let mut others: Vec<&[u8]> =
        headers.iter().map(|(name, _)| name.as_slice()).filter(|name| !known(name)).collect();
    others.sort_unstable();
    let names = hash_of_list(&others);
    Value::from(&*format!("hdr-{}-{agent}-{}-{names}", bits(&BROWSER, &headers), others.len()))
}

pub(crate) fn network(headers: &Value) -> Value {
    let headers = normalised(headers);
    let texts = ORIGIN.iter().flat_map(|origin| {
        headers.iter().filter(|(name, _)| name == origin.as_bytes()).map(|(_, value)| text_of(value))
    });
    let chosen = texts.into_iter().find(|text| !text.is_empty());
    let addresses = chosen.map_or(0, |text| text.split(|byte| *byte == b',').count());
    Value::from(&*format!("net-{addresses}-{}", bits(&ORIGIN, &headers)))
}

fn join(name: &str, fields: &Fields, order: [&str; 4]) -> Value {
    let field = |field: &str| fields.get(field).cloned().unwrap_or_default();
    Value::Bytes([vec![name.into()], order.map(field).to_vec()].concat().join(&b'-'))
}

/// The hash of a text; nothing for nothing.
fn hash(text: &[u8]) -> String {
    if text.is_empty() { String::new() } else { digits(text) }
}

/// The first eight digits of the SHA-256.
fn digits(text: &[u8]) -> String {
    Sha256::digest(text).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Header names in lower case with `-` for `_`.
fn normalised(headers: &Value) -> Vec<Entry> {
    let letter = |byte: &u8| if *byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    let entries = headers.as_map().unwrap_or_default().iter();
    entries.map(|(name, value)| (name.iter().map(letter).collect(), value.clone())).collect()
}

fn bits(names: &[&str], headers: &[Entry]) -> String {
    let has = |name: &&str| headers.iter().any(|(known, _)| known == name.as_bytes());
    names.iter().map(|name| if has(name) { '1' } else { '0' }).collect()
}

/// The hash of keys, which come letter case aside and with bytes above 0x7f first.
fn keys(map: &[Entry]) -> String {
    hash_of_list(
        &sorted(map).into_iter().map(|(key, _)| escaped(&key.to_ascii_lowercase())).collect::<Vec<_>>(),
    )
}

/// The hash of values in the order of their keys.
fn values(map: &[Entry]) -> String {
    hash_of_list(&sorted(map).into_iter().map(|(_, value)| escaped(text_of(value))).collect::<Vec<_>>())
}

/// Nothing for no item; a list whose text is empty has a hash all the same.
fn hash_of_list(items: &[impl AsRef<[u8]>]) -> String {
    let items: Vec<&[u8]> = items.iter().map(AsRef::as_ref).collect();
    if items.is_empty() { String::new() } else { digits(&items.join(&b',')) }
}

fn sorted(map: &[Entry]) -> Vec<&Entry> {
    let mut entries: Vec<&Entry> = map.iter().collect();
    entries
        .sort_by_key(|(key, _)| key.iter().map(|byte| byte.to_ascii_lowercase() as i8).collect::<Vec<i8>>());
    entries
}

fn escaped(text: &[u8]) -> Vec<u8> {
    text.split(|byte| *byte == b',').collect::<Vec<_>>().join(&b"\\,"[..])
}

/// A string, or the only item of an array when that is one.
fn text_of(value: &Value) -> &[u8] {
    match value {
        Value::Array(items) if items.len() == 1 => items[0].as_bytes().unwrap_or_default(),
        value => value.as_bytes().unwrap_or_default(),
    }
}

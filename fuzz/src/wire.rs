//! Any document, JSON or MessagePack: an error or an answer, the same twice and in both formats; and what was read is
//! written so that it reads the same.

use crate::value::RULES;
use bartizan_object::{AllocRef, Object, Owned, ReadError, View, json, msgpack, parse_document};
use bartizan_wire::{Builder, Format, Instance, Request};
use std::sync::LazyLock;

static INSTANCE: LazyLock<Instance> = LazyLock::new(|| {
    let mut builder = Builder::new();
    for (at, rules) in RULES.iter().enumerate() {
        assert!(builder.update(&[at as u8], rules.to_json().as_bytes(), Format::MessagePack).accepted);
    }
    builder.build().expect("rules are enabled")
});

pub(crate) fn run(data: &[u8]) {
    let (choice, data) = crate::choice(data);
    let answers = [Format::Json, Format::Json, Format::MessagePack].map(|format| {
        let request = Request { batches: choice & 1 != 0, entropy: 7, format, ..Request::default() };
        let (mut context, mut out) = (INSTANCE.context(), Vec::new());
        let result = context.eval(data, request, &mut out);
        let _ = context.subcontext().eval(&data[..data.len() / 2], request, &mut Vec::new());
        assert!(matches!(result, Ok(true)) || out.is_empty(), "a document without a match");
        let mut document = Vec::new();
        if !out.is_empty() {
            let parsed = parse_document(&out, AllocRef::global()).expect("a result is a document");
            json::write(&parsed, &mut document);
        }
        let text = String::from_utf8(document).expect("JSON is UTF-8");
        // The time that it took is the only thing that may differ.
        let (before, after) = text.split_once("\"duration\":").unwrap_or((&text, ""));
        (result, before.to_owned(), after.trim_start_matches(|digit: char| digit.is_ascii_digit()).to_owned())
    });
    assert_eq!(answers[0], answers[1], "the same request, the same answer");
    if choice & 2 == 0 && std::str::from_utf8(data).is_ok() {
        assert_eq!(answers[0], answers[2], "the same in MessagePack");
    }
    if let Ok(object) = parse_document(data, AllocRef::global()) {
        // Floats are read from JSON as libddwaf does it, which is off by a few units in the last place.
        if !has_float(&object) {
            settles(&object, json::write, |text| {
                json::parse_with_depth(text, json::MAX_DEPTH, AllocRef::global())
            });
        }
        settles(&object, msgpack::write, |bytes| msgpack::parse(bytes, AllocRef::global()));
    }
}

/// Recursive, as documents are not deep.
fn has_float(object: &Object) -> bool {
    match object.view() {
        View::Float(_) => true,
        View::Array(items) => items.iter().any(has_float),
        View::Map(entries) => entries.iter().any(|entry| has_float(&entry.value)),
        _ => false,
    }
}

/// Written and read, a document no longer changes.
fn settles(object: &Object, write: fn(&Object, &mut Vec<u8>), read: fn(&[u8]) -> Result<Owned, ReadError>) {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    write(object, &mut first);
    write(&read(&first).expect("what was written can be read"), &mut second);
    assert_eq!(first.escape_ascii().to_string(), second.escape_ascii().to_string());
}

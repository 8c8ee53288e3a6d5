//! `extract_schema`: types and keys without content.

use crate::condition::Asker;
use crate::memory::Owner;
use crate::operator::{Surroundings, check};
use crate::value::Value;
use bartizan_lang::ruleset::{Matcher, Processor, Scanner};
use std::sync::Arc;

/// Containers on this level are shown as if nothing were in them.
const DEPTH: usize = 18;
const ITEMS: usize = 10;
const ENTRIES: usize = 255;

impl Asker<'_> {
    pub(super) fn schema(&self, owner: Owner, processor: &Processor, value: &Value) -> Value {
        schema(value, b"", DEPTH, &processor.scanners, &self.around(owner))
    }
}

fn schema(
    value: &Value,
    key: &[u8],
    levels: usize,
    scanners: &[Arc<Scanner>],
    around: &Surroundings<'_>,
) -> Value {
    let kind = |number: u64| Value::Array(vec![Value::Unsigned(number)]);
    let below = |child: &Value, key: &[u8]| schema(child, key, levels - 1, scanners, around);
    match value {
        Value::Invalid => kind(0),
        Value::Null => kind(1),
        Value::Bool(_) => kind(2),
        Value::Signed(_) | Value::Unsigned(_) => kind(4),
        Value::Float(_) => kind(16),
        Value::Bytes(text) => {
            let tags = scanners
                .iter()
                .find(|scanner| accepts(scanner, key, text, around))
                .map(|scanner| &scanner.tags);
            match tags.map(Vec::as_slice) {
                None | Some([]) => kind(8),
                Some(tags) => {
                    let tags = tags.iter().map(|(name, value)| (name.to_vec(), Value::bytes(value)));
                    Value::Array(vec![Value::Unsigned(8), Value::Map(tags.collect())])
                }
            }
        }
        Value::Array(items) => {
            let mut distinct: Vec<Value> = Vec::new();
            for item in items.iter().take(if levels > 1 { ITEMS } else { 0 }) {
                let item = below(item, key);
                if !distinct.iter().any(|known| canonical(known) == canonical(&item)) {
                    distinct.push(item);
                }
            }
            let mut about = vec![("len".into(), Value::Unsigned(items.len() as u64))];
            if items.len() > ITEMS {
                about.push(("truncated".into(), Value::Bool(true)));
            }
            Value::Array(vec![Value::Array(distinct), Value::Map(about)])
        }
        Value::Map(entries) => {
            let mut distinct: Vec<(Vec<u8>, Value)> = Vec::new();
            for (key, value) in entries.iter().take(if levels > 1 { ENTRIES } else { 0 }) {
                if !key.is_empty() && !distinct.iter().any(|(known, _)| known == key) {
                    distinct.push((key.clone(), below(value, key)));
                }
            }
            let mut schema = vec![Value::Map(distinct)];
            if entries.len() > ENTRIES {
                schema.push(Value::map([("truncated", Value::Bool(true))]));
            }
            Value::Array(schema)
        }
    }
}

/// A schema as text in which order does not show.
fn canonical(schema: &Value) -> String {
    match schema {
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(canonical).collect();
            // The first item says what it is; where that is a list of schemas, its order is chance.
            if matches!(items.first(), Some(first) if first.starts_with('[')) {
                items.sort_unstable();
            }
            format!("[{}]", items.join(","))
        }
        Value::Map(entries) => {
            let mut entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{key:?}:{}", canonical(value))).collect();
            entries.sort_unstable();
            format!("{{{}}}", entries.join(","))
        }
        scalar => format!("{scalar:?}"),
    }
}

/// Whether a scanner takes a string for what it looks for. At the root there is no key.
fn accepts(scanner: &Scanner, key: &[u8], text: &[u8], around: &Surroundings<'_>) -> bool {
    let passes = |matcher: &Option<Matcher>, text: &[u8]| {
        matcher.as_ref().is_none_or(|matcher| check(matcher, around, &Value::bytes(text)).is_some())
    };
    (scanner.key.is_none() || !key.is_empty()) && passes(&scanner.key, key) && passes(&scanner.value, text)
}

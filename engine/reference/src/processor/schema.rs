//! `extract_schema`: types and keys without content.

use crate::condition::Asker;
use crate::memory::Owner;
use crate::operator::{Surroundings, check};
use crate::value::Value;
use bartizan_lang::ruleset::{Matcher, Processor, Scanner};
use bartizan_text::table;
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
            let distinct = in_table(distinct, items.len().min(ITEMS), place);
            Value::Array(vec![Value::Array(distinct), Value::Map(about)])
        }
        Value::Map(entries) => {
            let mut distinct: Vec<(Vec<u8>, Value)> = Vec::new();
            for (key, value) in entries.iter().take(if levels > 1 { ENTRIES } else { 0 }) {
                if !key.is_empty() && !distinct.iter().any(|(known, _)| known == key) {
                    distinct.push((key.clone(), below(value, key)));
                }
            }
            let distinct = in_table(distinct, entries.len().min(ENTRIES), |(key, _)| table::hash(key));
            let mut schema = vec![Value::Map(distinct)];
            if entries.len() > ENTRIES {
                schema.push(Value::map([("truncated", Value::Bool(true))]));
            }
            Value::Array(schema)
        }
    }
}

/// What stands in one of libddwaf's tables after one thing upon the other came into it. Things of one bucket
/// stand together; each comes before those of its bucket, or before all.
fn in_table<T>(things: Vec<T>, room: usize, hash: impl Fn(&T) -> u64) -> Vec<T> {
    let is_prime = |n: &u64| (2..*n).all(|d| !n.is_multiple_of(d));
    let buckets = match room as u64 {
        0 | 1 => 2,
        room if room.is_power_of_two() => room,
        room => (room..).find(is_prime).expect("primes have no end"),
    };
    let mut table: Vec<T> = Vec::new();
    for thing in things {
        let bucket = hash(&thing) % buckets;
        let place = table.iter().position(|other| hash(other) % buckets == bucket).unwrap_or(0);
        table.insert(place, thing);
    }
    table
}

/// What tables of schemas hash by, from the schema as it is shown.
fn place(schema: &Value) -> u64 {
    let Value::Array(parts) = schema else { return 0 };
    let is_truncated = |about: Option<&Value>| match about {
        Some(Value::Map(about)) => u64::from(about.iter().any(|(key, _)| key == b"truncated")),
        _ => 0,
    };
    match parts.as_slice() {
        [Value::Unsigned(0)] => 0x9e37_79b9,
        [Value::Unsigned(kind)] => *kind,
        [Value::Unsigned(kind), Value::Map(tags)] => tags.iter().fold(*kind, |place, (name, value)| {
            let Value::Bytes(value) = value else { return place };
            place ^ table::hash(name) ^ table::hash(value)
        }),
        [Value::Array(items), Value::Map(about)] => {
            let len = match about.as_slice() {
                [(_, Value::Unsigned(len)), ..] => *len,
                _ => 0,
            };
            items.iter().fold(len ^ is_truncated(parts.last()), |sum, item| sum ^ place(item))
        }
        [Value::Map(entries), about @ ..] => entries
            .iter()
            .fold(is_truncated(about.first()), |sum, (key, child)| sum ^ table::hash(key) ^ place(child)),
        _ => 0,
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

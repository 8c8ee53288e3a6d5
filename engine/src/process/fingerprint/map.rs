//! Fields of fingerprints that are made of maps.

use super::Field;
use super::hash::Hasher;
use alloc::vec::Vec;
use bartizan_object::{Entry, Object, View};

/// The hash of a map's keys; an empty map has none.
pub(super) fn keys(map: &[Entry]) -> Field {
    if map.is_empty() {
        return Field::Empty;
    }
    let mut hasher = Hasher::new();
    for (at, entry) in sorted(map).enumerate() {
        if at > 0 {
            hasher.add(b",");
        }
        add_escaped(&mut hasher, key_of(entry), Hasher::add_lowercase);
    }
    hasher.finish()
}

/// The hashes of a map's keys and, in the order of the keys, of its values; an empty map has none.
pub(super) fn keys_and_values(map: &[Entry]) -> (Field, Field) {
    if map.is_empty() {
        return (Field::Empty, Field::Empty);
    }
    let (mut keys, mut values) = (Hasher::new(), Hasher::new());
    for (at, entry) in sorted(map).enumerate() {
        if at > 0 {
            keys.add(b",");
            values.add(b",");
        }
        add_escaped(&mut keys, key_of(entry), Hasher::add_lowercase);
        add_escaped(&mut values, string_of(&entry.value), Hasher::add);
    }
    (keys.finish(), values.finish())
}

/// A string, or the only item of an array when that is one; otherwise the empty string.
pub(super) fn string_of(value: &Object) -> &[u8] {
    match value.view() {
        View::String(bytes) => bytes,
        View::Array([only]) => only.as_bytes().unwrap_or_default(),
        _ => &[],
    }
}

pub(super) fn key_of(entry: &Entry) -> &[u8] {
    entry.key.as_bytes().unwrap_or_default()
}

/// Adds a text with a backslash before each comma.
fn add_escaped(hasher: &mut Hasher, text: &[u8], add: impl Fn(&mut Hasher, &[u8])) {
    for (at, part) in text.split(|byte| *byte == b',').enumerate() {
        if at > 0 {
            hasher.add(b"\\,");
        }
        add(hasher, part);
    }
}

/// The entries by key, letter case aside, bytes above 0x7f first; equal ones in their own order.
fn sorted(map: &[Entry]) -> impl ExactSizeIterator<Item = &Entry> {
    let rank = |byte: &u8| byte.to_ascii_lowercase() ^ 0x80;
    let mut order: Vec<(u64, u32)> =
        map.iter().zip(0..).map(|(entry, index)| (leading(key_of(entry), rank), index)).collect();
    order.sort_unstable_by(|(a, a_index), (b, b_index)| {
        a.cmp(b).then_with(|| {
            let key = |index: &u32| key_of(&map[*index as usize]).iter().map(rank);
            key(a_index).cmp(key(b_index)).then(a_index.cmp(b_index))
        })
    });
    order.into_iter().map(|(_, index)| &map[index as usize])
}

/// The ranks of the first eight bytes as one number: where two differ, they order as the texts do.
pub(super) fn leading(text: &[u8], rank: impl Fn(&u8) -> u8) -> u64 {
    let mut bytes = [0; 8];
    for (place, byte) in bytes.iter_mut().zip(text) {
        *place = rank(byte);
    }
    u64::from_be_bytes(bytes)
}

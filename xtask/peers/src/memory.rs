//! Values as the 16 bytes of the ABI, written and read by hand: neither library's own code takes part.

use crate::value::{Form, Text, Value};
use std::ptr;
use std::slice;

/// `ddwaf_object`.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct Raw(pub [u8; 16]);

/// `ddwaf_object_kv`.
#[derive(Clone, Copy)]
#[repr(C)]
struct RawEntry {
    key: Raw,
    value: Raw,
}

/// The kind of an object that holds nothing.
pub const INVALID: u8 = 0x00;
const NULL: u8 = 0x01;
const BOOL: u8 = 0x02;
const SIGNED: u8 = 0x04;
const UNSIGNED: u8 = 0x06;
const FLOAT: u8 = 0x08;
const STRING: u8 = 0x10;
const LITERAL: u8 = 0x12;
const SMALL: u8 = 0x14;
const ARRAY: u8 = 0x20;
const MAP: u8 = 0x40;
const LARGE: u8 = 0x80;

impl Raw {
    /// Padding is noise, so that whoever reads it is found out.
    pub fn of_kind(kind: u8) -> Self {
        let mut raw = Raw([0xaa; 16]);
        raw.0[0] = kind;
        raw
    }

    fn number(kind: u8, bits: u64) -> Self {
        let mut raw = Raw::of_kind(kind);
        raw.0[8..].copy_from_slice(&bits.to_le_bytes());
        raw
    }

    fn pointing<T>(kind: u8, len: usize, large: bool, to: *const T) -> Self {
        let mut raw = Raw::number(kind, to as u64);
        let len = len as u64;
        if large {
            let head = u64::from(kind | LARGE) | len << 8 | len << 36;
            raw.0[..8].copy_from_slice(&head.to_le_bytes());
        } else if kind & (ARRAY | MAP) != 0 {
            raw.0[2..4].copy_from_slice(&(len as u16).to_le_bytes());
            raw.0[4..6].copy_from_slice(&(len as u16).to_le_bytes());
        } else {
            raw.0[4..8].copy_from_slice(&(len as u32).to_le_bytes());
        }
        raw
    }

    fn bits(&self) -> u64 {
        u64::from_le_bytes(*self.0.last_chunk().expect("16 bytes"))
    }
}

/// Owns what objects point to. Nothing in it moves or goes before the arena does.
#[derive(Default)]
pub struct Arena {
    bytes: Vec<Box<[u8]>>,
    objects: Vec<Box<[Raw]>>,
    entries: Vec<Box<[RawEntry]>>,
    large: bool,
}

impl Arena {
    /// With `large`, containers get the form for more than 65,535 items.
    pub fn new(large: bool) -> Self {
        Arena { large, ..Arena::default() }
    }

    /// An object that points into this arena.
    pub fn place(&mut self, value: &Value) -> Raw {
        match value {
            Value::Invalid => Raw::of_kind(INVALID),
            Value::Null => Raw::of_kind(NULL),
            Value::Bool(value) => {
                let mut raw = Raw::of_kind(BOOL);
                raw.0[1] = u8::from(*value);
                raw
            }
            Value::Signed(value) => Raw::number(SIGNED, value.cast_unsigned()),
            Value::Unsigned(value) => Raw::number(UNSIGNED, *value),
            Value::Float(value) => Raw::number(FLOAT, value.to_bits()),
            Value::String(text) => self.string(text),
            Value::Array(items) => {
                let items: Box<[Raw]> = items.iter().map(|item| self.place(item)).collect();
                let raw = Raw::pointing(ARRAY, items.len(), self.large, items.as_ptr());
                self.objects.push(items);
                raw
            }
            Value::Map(entries) => {
                let entries: Box<[RawEntry]> = entries
                    .iter()
                    .map(|(key, value)| RawEntry { key: self.string(key), value: self.place(value) })
                    .collect();
                let raw = Raw::pointing(MAP, entries.len(), self.large, entries.as_ptr());
                self.entries.push(entries);
                raw
            }
        }
    }

    fn string(&mut self, text: &Text) -> Raw {
        let len = text.bytes.len();
        if text.form == Form::Natural && len <= 14 {
            let mut raw = Raw::of_kind(SMALL);
            raw.0[1] = len as u8;
            raw.0[2..2 + len].copy_from_slice(&text.bytes);
            return raw;
        }
        // One byte more, so that the pointer of an empty string is one, and what follows is not zero.
        let mut bytes = text.bytes.clone();
        bytes.push(b'X');
        let kind = if text.form == Form::Literal { LITERAL } else { STRING };
        let raw = Raw::pointing(kind, len, false, bytes.as_ptr());
        self.bytes.push(bytes.into());
        // `into` may have moved the bytes.
        let start = self.bytes.last().expect("pushed above").as_ptr();
        Raw::pointing(raw.0[0], len, false, start)
    }
}

/// Reads a value that a library wrote.
///
/// # Safety
/// The object and all that it points to are valid, as a library of this ABI leaves them.
pub unsafe fn read(raw: &Raw) -> Result<Value, String> {
    let start = ptr::with_exposed_provenance::<u8>(raw.bits() as usize);
    let wide = u64::from_le_bytes(*raw.0.first_chunk().expect("16 bytes"));
    let string = |bytes: &[u8], form| Value::String(Text { bytes: bytes.to_vec(), form });
    let len = match raw.0[0] {
        STRING | LITERAL => (wide >> 32) as usize,
        kind if kind & LARGE != 0 => ((wide >> 8) & 0x0fff_ffff) as usize,
        _ => usize::from(u16::from_le_bytes([raw.0[2], raw.0[3]])),
    };
    Ok(match raw.0[0] {
        INVALID => Value::Invalid,
        NULL => Value::Null,
        BOOL => Value::Bool(raw.0[1] != 0),
        SIGNED => Value::Signed(raw.bits().cast_signed()),
        UNSIGNED => Value::Unsigned(raw.bits()),
        FLOAT => Value::Float(f64::from_bits(raw.bits())),
        SMALL => string(&raw.0[2..2 + usize::from(raw.0[1]).min(14)], Form::Natural),
        STRING | LITERAL if len == 0 => string(b"", Form::Natural),
        // SAFETY: the caller vouches for pointer and length.
        STRING | LITERAL => string(unsafe { slice::from_raw_parts(start, len) }, Form::Natural),
        kind if kind & !LARGE == ARRAY => {
            // SAFETY: as above.
            let items = unsafe { items::<Raw>(start, len) };
            // SAFETY: what valid objects hold is valid.
            Value::Array(items.iter().map(|item| unsafe { read(item) }).collect::<Result<_, _>>()?)
        }
        kind if kind & !LARGE == MAP => {
            // SAFETY: as above.
            let entries = unsafe { items::<RawEntry>(start, len) };
            let entry = |entry: &RawEntry| {
                // SAFETY: what valid objects hold is valid.
                let (key, value) = unsafe { (read(&entry.key)?, read(&entry.value)?) };
                match key {
                    Value::String(key) => Ok((key, value)),
                    other => Err(format!("a key that is no string: {other:?}")),
                }
            };
            Value::Map(entries.iter().map(entry).collect::<Result<_, String>>()?)
        }
        kind => return Err(format!("an object of the unknown kind {kind:#04x}")),
    })
}

/// # Safety
/// Unless `len` is zero, so many items are at `start`.
unsafe fn items<'a, T>(start: *const u8, len: usize) -> &'a [T] {
    if len == 0 {
        return &[];
    }
    // SAFETY: the caller's.
    unsafe { slice::from_raw_parts(start.cast(), len) }
}

#[cfg(test)]
mod tests {
    use super::{Arena, read};
    use crate::value::{Form, Text, Value, map, text};

    #[test]
    fn what_is_placed_is_read_back() {
        let string = |bytes: &str, form| Value::String(Text { bytes: bytes.into(), form });
        let value = Value::Array(vec![
            Value::Invalid,
            Value::Null,
            Value::Bool(true),
            Value::Signed(-1),
            Value::Unsigned(u64::MAX),
            Value::Float(-0.5),
            text("fourteen bytes"),
            text("fifteen bytes .."),
            string("", Form::Heap),
            string("short", Form::Literal),
            Value::Array(Vec::new()),
            map([("", Value::Null), ("a longer key than fits", text("x"))]),
        ]);
        for large in [false, true] {
            let mut arena = Arena::new(large);
            let raw = arena.place(&value);
            // SAFETY: the arena lives.
            assert_eq!(unsafe { read(&raw) }, Ok(value.clone()));
        }
    }
}

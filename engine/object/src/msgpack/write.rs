//! Object → bytes.

use crate::walk::{Step, Walk};
use crate::{Object, View};
use alloc::vec::Vec;

/// Appends the object as MessagePack, each value in its shortest form.
///
/// Integers lose their signedness where they are not negative, floats shrink to 32 bits where nothing is
/// lost. Strings and keys that are UTF-8 become `str`, others `bin`; invalid objects become nil. Nothing
/// recurses, and the same object always gives the same bytes.
pub fn write(object: &Object, out: &mut Vec<u8>) {
    for step in Walk::new(object) {
        match step {
            Step::Key(key) => write_string(key, out),
            Step::Value(value) => write_value(value.view(), out),
            Step::EndArray | Step::EndMap => {}
        }
    }
}

fn write_value(value: View<'_>, out: &mut Vec<u8>) {
    match value {
        View::Invalid | View::Null => out.push(0xc0),
        View::Bool(value) => out.push(0xc2 | u8::from(value)),
        View::Signed(value) => write_signed(value, out),
        View::Unsigned(value) => write_unsigned(value, out),
        View::Float(value) => write_float(value, out),
        View::String(bytes) => write_string(bytes, out),
        View::Array(items) => match items.len() {
            len @ ..16 => out.push(0x90 | len as u8),
            len => write_len(len, [None, Some(0xdc), Some(0xdd)], out),
        },
        View::Map(entries) => match entries.len() {
            len @ ..16 => out.push(0x80 | len as u8),
            len => write_len(len, [None, Some(0xde), Some(0xdf)], out),
        },
    }
}

fn write_signed(value: i64, out: &mut Vec<u8>) {
    if let Ok(value) = u64::try_from(value) {
        write_unsigned(value, out);
    } else if value >= -32 {
        out.push(value as u8);
    } else if let Ok(value) = i8::try_from(value) {
        head(0xd0, &value.to_be_bytes(), out);
    } else if let Ok(value) = i16::try_from(value) {
        head(0xd1, &value.to_be_bytes(), out);
    } else if let Ok(value) = i32::try_from(value) {
        head(0xd2, &value.to_be_bytes(), out);
    } else {
        head(0xd3, &value.to_be_bytes(), out);
    }
}

fn write_unsigned(value: u64, out: &mut Vec<u8>) {
    if value < 0x80 {
        out.push(value as u8);
    } else if let Ok(value) = u8::try_from(value) {
        head(0xcc, &value.to_be_bytes(), out);
    } else if let Ok(value) = u16::try_from(value) {
        head(0xcd, &value.to_be_bytes(), out);
    } else if let Ok(value) = u32::try_from(value) {
        head(0xce, &value.to_be_bytes(), out);
    } else {
        head(0xcf, &value.to_be_bytes(), out);
    }
}

fn write_float(value: f64, out: &mut Vec<u8>) {
    let short = value as f32;
    // Not a number is never equal, and keeps its bits: narrowing it may differ from machine to machine.
    if f64::from(short) == value {
        head(0xca, &short.to_be_bytes(), out);
    } else {
        head(0xcb, &value.to_be_bytes(), out);
    }
}

fn write_string(bytes: &[u8], out: &mut Vec<u8>) {
    match (core::str::from_utf8(bytes).is_ok(), bytes.len()) {
        (true, len @ ..32) => out.push(0xa0 | len as u8),
        (true, len) => write_len(len, [Some(0xd9), Some(0xda), Some(0xdb)], out),
        (false, len) => write_len(len, [Some(0xc4), Some(0xc5), Some(0xc6)], out),
    }
    out.extend_from_slice(bytes);
}

/// Writes a length with 1, 2 or 4 bytes after the first byte for that width, where there is one.
fn write_len(len: usize, first: [Option<u8>; 3], out: &mut Vec<u8>) {
    match (first, u8::try_from(len), u16::try_from(len)) {
        ([Some(first), ..], Ok(len), _) => head(first, &len.to_be_bytes(), out),
        ([_, Some(first), _], _, Ok(len)) => head(first, &len.to_be_bytes(), out),
        // An object's sizes have at most 32 bits.
        ([.., first], ..) => head(first.unwrap_or_default(), &(len as u32).to_be_bytes(), out),
    }
}

fn head(first: u8, rest: &[u8], out: &mut Vec<u8>) {
    out.push(first);
    out.extend_from_slice(rest);
}

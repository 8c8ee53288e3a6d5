//! Object → text.

use crate::walk::{Step, Walk};
use crate::{Object, View};
use alloc::vec::Vec;
use core::fmt;

/// Appends the object as compact JSON.
///
/// Bytes that are not UTF-8 become U+FFFD, one per maximal invalid part; floats take the shortest form
/// that reads back as the same value with a correctly rounding reader (always with a fraction or an
/// exponent); NaN, infinities and invalid objects become `null`. Nothing recurses, and the same object
/// always gives the same text.
///
/// ```
/// use bartizan_object::{AllocRef, json};
/// let value = json::parse(br#" { "a" : [ 1.50, -2 ] } "#, AllocRef::global()).unwrap();
/// let mut text = Vec::new();
/// json::write(&value, &mut text);
/// assert_eq!(text, br#"{"a":[1.5,-2]}"#);
/// ```
pub fn write(object: &Object, out: &mut Vec<u8>) {
    let mut comma = false;
    for step in Walk::new(object) {
        if comma && !matches!(step, Step::EndArray | Step::EndMap) {
            out.push(b',');
        }
        comma = true;
        match step {
            Step::Key(key) => {
                write_string(key, out);
                out.push(b':');
                comma = false;
            }
            Step::Value(value) => match value.view() {
                View::Array(_) => {
                    out.push(b'[');
                    comma = false;
                }
                View::Map(_) => {
                    out.push(b'{');
                    comma = false;
                }
                scalar => write_scalar(scalar, out),
            },
            Step::EndArray => out.push(b']'),
            Step::EndMap => out.push(b'}'),
        }
    }
}

fn write_scalar(scalar: View<'_>, out: &mut Vec<u8>) {
    match scalar {
        View::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        View::Signed(value) => append(out, format_args!("{value}")),
        View::Unsigned(value) => append(out, format_args!("{value}")),
        // The debug form is shortest, and has an exponent instead of hundreds of zeros.
        View::Float(value) if value.is_finite() => append(out, format_args!("{value:?}")),
        View::String(bytes) => write_string(bytes, out),
        _ => out.extend_from_slice(b"null"),
    }
}

/// Appends `bytes` in quotes.
fn write_string(bytes: &[u8], out: &mut Vec<u8>) {
    const REPLACEMENT: &str = "\u{fffd}";
    out.push(b'"');
    if core::str::from_utf8(bytes).is_ok() {
        // The usual case, checked in one sweep.
        write_escaped(bytes, out);
    } else {
        for chunk in bytes.utf8_chunks() {
            write_escaped(chunk.valid().as_bytes(), out);
            if !chunk.invalid().is_empty() {
                out.extend_from_slice(REPLACEMENT.as_bytes());
            }
        }
    }
    out.push(b'"');
}

fn write_escaped(mut text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    loop {
        let (plain, rest) = text.split_at(super::read::plain_len(text));
        out.extend_from_slice(plain);
        let Some((&byte, rest)) = rest.split_first() else { return };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
        }
        text = rest;
    }
}

/// Appends formatted text. Memory is all that could fail, and `Vec` does not report that.
fn append(out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    struct Bytes<'a>(&'a mut Vec<u8>);
    impl fmt::Write for Bytes<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
    let written = fmt::Write::write_fmt(&mut Bytes(out), text);
    debug_assert!(written.is_ok());
}

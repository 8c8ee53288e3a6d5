//! `js_decode`: backslash escapes of script string literals.

use super::{find::find, hex, utf8};
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::of(b"\\");

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let mut rest = input;
    let mut changed = false;
    while let Some(offset) = find(rest, |byte| byte == b'\\') {
        output.extend_from_slice(&rest[..offset]);
        rest = &rest[offset..];
        let Some(&kind) = rest.get(1) else { break };
        changed = true;
        rest = &rest[2..];
        match kind {
            // The marks of malformed escapes vanish, their digits stay.
            b'x' => {
                if let Some(byte) = hex::number::<2>(rest) {
                    output.push(byte as u8);
                    rest = &rest[2..];
                }
            }
            b'u' => {
                if let Some(unit) = hex::number::<4>(rest) {
                    rest = unit_escape(unit, &rest[4..], output);
                }
            }
            _ => output.push(control(kind)),
        }
    }
    output.extend_from_slice(rest);
    changed
}

/// Writes the UTF-16 unit of an escape, joined with the one after it when the two are a
/// pair; returns what is left to read.
fn unit_escape<'a>(unit: u32, rest: &'a [u8], output: &mut Vec<u8>) -> &'a [u8] {
    if !(0xd800..=0xdbff).contains(&unit) {
        // A lone low surrogate is written as it is.
        utf8::push_raw(unit, output);
        return rest;
    }
    match rest.strip_prefix(b"\\u").and_then(hex::number::<4>) {
        Some(low @ 0xdc00..=0xdfff) => {
            utf8::push_raw(0x1_0000 + (unit - 0xd800) * 0x400 + (low - 0xdc00), output);
            &rest[6..]
        }
        // The next escape is read on its own, and this one is lost.
        Some(_) => rest,
        None => {
            output.extend_from_slice(utf8::REPLACEMENT);
            rest
        }
    }
}

const fn control(letter: u8) -> u8 {
    match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn escapes() {
        check(
            Transformer::JsDecode,
            &[
                (b"plain / text", None),
                (b"only at the end \\", None),
                (b"\\a\\b\\f\\n\\r\\t\\v\\q\\\\\\\"\\", Some(b"\x07\x08\x0c\n\r\t\x0bq\\\"\\")),
                (b"\\x41\\xe9\\x4\\xzz\\x", Some(b"A\xe94zz")),
                (b"\\u0041\\u00E9\\u20ac\\u0000\\u{41}\\u12", Some("Aé€\0{41}12".as_bytes())),
                (b"\\ud83d\\ude00!", Some("😀!".as_bytes())),
                (b"\\udc00.", Some(b"\xed\xb0\x80.")),
                (b"\\ud800.\\ud800\\n\\ud800", Some("\u{fffd}.\u{fffd}\n\u{fffd}".as_bytes())),
                (b"\\ud800\\u0041\\ud800\\ud800\\udc00", Some("A\u{10000}".as_bytes())),
                (b"\\ud800\\u12", Some("\u{fffd}12".as_bytes())),
                (b"\\101", Some(b"101")),
            ],
        );
    }
}

//! JSON as `ddwaf_object_from_json` reads it: valid, odd and broken.

use crate::case::Step;
use crate::draft::{Draft, noise};
use crate::random::Random;
use crate::value::{Text, Value};

const PIECES: [&str; 30] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\"",
    "\"\\u0041\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "1",
    "-1",
    "1.0",
    "1e3",
    "1E400",
    "-0",
    "00",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "0.1e-7",
    "true",
    "false",
    "null",
    " ",
    "\n",
    "NaN",
    "/* c */",
];

/// Writes JSON with liberties in blanks and escapes.
fn write(random: &mut Random, value: &Value, out: &mut Vec<u8>) {
    let blank = |random: &mut Random, out: &mut Vec<u8>| {
        if random.chance(5) {
            out.extend_from_slice(random.choose(&[&b" "[..], b"\n", b"\t\r"]));
        }
    };
    blank(random, out);
    match value {
        Value::Invalid | Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::Signed(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::Unsigned(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::Float(value) => out.extend_from_slice(format!("{value:?}").as_bytes()),
        Value::String(text) => string(random, &text.bytes, out),
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(random, item, out);
            }
            out.push(b']');
        }
        Value::Map(entries) => {
            out.push(b'{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                blank(random, out);
                string(random, &key.bytes, out);
                blank(random, out);
                out.push(b':');
                write(random, value, out);
            }
            out.push(b'}');
        }
    }
    blank(random, out);
}

fn string(random: &mut Random, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0..0x20 if !random.chance(3) => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            b'/' if random.chance(20) => out.extend_from_slice(b"\\/"),
            b'a'..=b'z' if random.chance(3) => out.extend_from_slice(format!("\\u{byte:04X}").as_bytes()),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

pub(crate) fn generate(draft: &mut Draft<'_>) {
    for _ in 0..draft.random.between(1, 6) {
        let mut text = Vec::new();
        if draft.chance(15) {
            for _ in 0..draft.random.between(0, 12) {
                text.extend_from_slice(draft.random.pick(&PIECES).as_bytes());
            }
        } else {
            let mut value = noise(draft.random, 4);
            if draft.chance(10) {
                for _ in 0..draft.random.between(15, 25) {
                    value = if draft.chance(50) {
                        Value::Array(vec![value, Value::Null])
                    } else {
                        Value::Map(vec![(Text::new("k"), value)])
                    };
                }
            }
            write(draft.random, &value, &mut text);
        }
        if draft.chance(25) && !text.is_empty() {
            let at = draft.random.below(text.len());
            match draft.random.below(4) {
                0 => text.truncate(at),
                1 => text[at] = draft.random.next() as u8,
                2 => {
                    text.remove(at);
                }
                _ => {
                    let piece = draft.random.pick(&PIECES).as_bytes();
                    text = [&text[..at], piece, &text[at..]].concat();
                }
            }
        }
        draft.steps.push(Step::Json { text: Text::new(text) });
    }
}

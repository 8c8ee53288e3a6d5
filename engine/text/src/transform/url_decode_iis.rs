//! `url_decode_iis`: `%XX`, `%uXXXX` and `+`, until nothing is left to decode.
//!
//! Decoding again and again rewrites strings whose forms never overlap (an escape starts
//! with `%` and holds no other), so the order of the steps cannot change the outcome. One
//! pass is therefore enough: whenever the output ends with an escape, it is decoded there.
//! Every such step shortens the output, so the time is linear.

use super::{find::find, hex, url_decode, utf8};
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = url_decode::TRIGGERS;

/// At most this many bytes complete an escape whose `%` is written.
const REACH: usize = 5;

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let Some(mut at) = first_change(input) else { return false };
    output.extend_from_slice(&input[..at]);
    // How many of the next bytes may complete an escape that the output ends with.
    let mut watched = REACH;
    while let Some(&byte) = input.get(at) {
        if let Some((escaped, len)) = escape(&input[at..]) {
            at += len;
            escaped.push(output);
            decode_end(output);
            watched = REACH;
        } else if byte == b'%' {
            at += 1;
            output.push(byte);
            watched = REACH;
        } else if byte == b'+' {
            at += 1;
            output.push(b' ');
            watched = watched.saturating_sub(1);
        } else if watched > 0 {
            at += 1;
            output.push(byte);
            watched = if decode_end(output) { REACH } else { watched - 1 };
        } else {
            let rest = &input[at..];
            let plain = find(rest, |byte| byte == b'%' || byte == b'+').unwrap_or(rest.len());
            output.extend_from_slice(&rest[..plain]);
            at += plain;
        }
    }
    true
}

fn first_change(input: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += find(&input[at..], |byte| byte == b'%' || byte == b'+')?;
        if input[at] == b'+' || escape(&input[at..]).is_some() {
            return Some(at);
        }
        at += 1;
    }
}

/// What an escape stands for.
enum Escaped {
    Byte(u8),
    Point(u32),
}

impl Escaped {
    fn push(self, output: &mut Vec<u8>) {
        match self {
            Self::Byte(b'+') => output.push(b' '),
            Self::Byte(byte) => output.push(byte),
            Self::Point(point) if point <= 0x7f => Self::Byte(point as u8).push(output),
            Self::Point(point) => utf8::push(point, output),
        }
    }
}

/// The escape at the start of `input` and its length.
fn escape(input: &[u8]) -> Option<(Escaped, usize)> {
    match input {
        [b'%', b'u' | b'U', rest @ ..] => hex::number::<4>(rest).map(|point| (Escaped::Point(point), 6)),
        [b'%', rest @ ..] => hex::number::<2>(rest).map(|byte| (Escaped::Byte(byte as u8), 3)),
        _ => None,
    }
}

/// Decodes the escape that the output ends with, then the one this completes, and so on.
fn decode_end(output: &mut Vec<u8>) -> bool {
    let mut decoded = false;
    while let Some((start, escaped)) = last_escape(output) {
        output.truncate(start);
        escaped.push(output);
        decoded = true;
    }
    decoded
}

fn last_escape(output: &[u8]) -> Option<(usize, Escaped)> {
    if !output.last()?.is_ascii_hexdigit() {
        return None;
    }
    [3, 6].into_iter().find_map(|len| {
        let start = output.len().checked_sub(len)?;
        let (escaped, found) = escape(&output[start..])?;
        (found == len).then_some((start, escaped))
    })
}

#[cfg(test)]
mod tests {
    use crate::transform::{
        Transformer,
        tests::{check, sample},
    };
    use alloc::vec::Vec;

    #[test]
    fn escapes() {
        check(
            Transformer::UrlDecodeIis,
            &[
                (b"100% %4 %u004 %zz %", None),
                (b"a+b%20c", Some(b"a b c")),
                (b"%u0041%U00e9%u20ac%uD800%u0000", Some("Aé€\u{fffd}\0".as_bytes())),
                (b"%2541", Some(b"A")),
                (b"%252525252541", Some(b"A")),
                (b"%%34%31%2b", Some(b"A ")),
                (b"%%344%31", Some(b"D1")),
                (b"%%u0034%U00331", Some(b"C1")),
                (b"%u00%34%31", Some(b"A")),
                (b"x%%75004%31y", Some(b"xAy")),
                (b"%u%30%30%34%u%30%30%33%311z+", Some(b"A1z ")),
            ],
        );
    }

    /// One left-to-right pass, as simple as it can be.
    fn pass(input: &[u8]) -> Vec<u8> {
        let mut output = Vec::new();
        let mut rest = input;
        while let [byte, after @ ..] = rest {
            if let Some((escaped, len)) = super::escape(rest) {
                match escaped {
                    super::Escaped::Byte(byte) => output.push(byte),
                    super::Escaped::Point(point) if point <= 0x7f => output.push(point as u8),
                    super::Escaped::Point(point) => crate::transform::utf8::push(point, &mut output),
                }
                rest = &rest[len..];
            } else {
                output.push(if *byte == b'+' { b' ' } else { *byte });
                rest = after;
            }
        }
        output
    }

    #[test]
    fn agrees_with_passes_repeated_until_nothing_changes() {
        let pieces: [&[u8]; 14] =
            [b"%", b"u", b"0", b"00", b"2", b"5", b"25", b"75", b"%30", b"%u0035", b"%25", b"4", b"+", b"z"];
        for seed in 0..20_000 {
            let value = sample(&pieces, seed);
            let mut stable = pass(&value);
            loop {
                let next = pass(&stable);
                if next == stable {
                    break;
                }
                stable = next;
            }
            let expected = (stable != value).then_some(&stable[..]);
            check(Transformer::UrlDecodeIis, &[(&value, expected)]);
        }
    }

    /// A million levels: a decoder that starts over for each would not come back.
    #[test]
    fn deep_nesting_is_linear() {
        let mut nested = Vec::from(*b"%");
        nested.extend(b"25".iter().cycle().take(2_000_000));
        nested.extend(b"41");
        check(Transformer::UrlDecodeIis, &[(&nested, Some(b"A"))]);
    }
}

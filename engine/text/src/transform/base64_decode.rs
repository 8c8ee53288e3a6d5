//! `base64_decode`: values that are base64 as a whole, padded or not.

use super::find::find;
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = LETTERS_AND_PADDING.union(&ByteSet::of(b"+/"));

/// The part of the alphabet that both variants share, and the padding.
pub(super) const LETTERS_AND_PADDING: ByteSet = ByteSet::range(b'A', b'Z')
    .union(&ByteSet::range(b'a', b'z'))
    .union(&ByteSet::range(b'0', b'9'))
    .with(b'=');

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    decode::<b'+', b'/'>(input, output)
}

/// Decodes with `C62` and `C63` as the last two characters of the alphabet.
///
/// The length need not be a multiple of four: values are often cut. There may be as much
/// padding as completes the last group, one whole group when it is complete, or less.
pub(super) fn decode<const C62: u8, const C63: u8>(input: &[u8], output: &mut Vec<u8>) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == C62 || byte == C63;
    let len = find(input, |byte| !is_digit(byte)).unwrap_or(input.len());
    let (digits, padding) = input.split_at(len);
    if !padding.is_empty() && (len % 4 == 1 || padding.len() > 4 - len % 4) {
        return false;
    }
    if input.is_empty() || padding.iter().any(|&byte| byte != b'=') {
        return false;
    }
    let value = |byte: u8| -> u32 {
        u32::from(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            _ if byte == C62 => 62,
            _ => 63,
        })
    };
    let (groups, rest) = digits.as_chunks::<4>();
    output.reserve(groups.len() * 3 + 3);
    for &[a, b, c, d] in groups {
        let [_, bytes @ ..] = (value(a) << 18 | value(b) << 12 | value(c) << 6 | value(d)).to_be_bytes();
        output.extend_from_slice(&bytes);
    }
    if !rest.is_empty() {
        let bits = rest.iter().fold(0, |bits, &byte| bits << 6 | value(byte));
        let [_, bytes @ ..] = (bits << (6 * (4 - rest.len()))).to_be_bytes();
        // Bytes that the last group only begins are written too, unless they are zero.
        let mut keep = rest.len();
        while keep > 1 && bytes[keep - 1] == 0 {
            keep -= 1;
        }
        output.extend_from_slice(&bytes[..keep]);
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn groups_and_padding() {
        check(
            Transformer::Base64Decode,
            &[
                (b"YWJj", Some(b"abc")),
                (b"+/+/", Some(b"\xfb\xff\xbf")),
                (b"YWJj====", Some(b"abc")),
                (b"YQ==", Some(b"a")),
                (b"YQ=", Some(b"a")),
                (b"Y", Some(b"`")),
                (b"YWJ", Some(b"ab@")),
                (b"AAA=", Some(b"\0")),
                (b"AAB", Some(b"\0\0@")),
                (b"AB", Some(b"\0\x10")),
                (b"=", Some(b"")),
                (b"====", Some(b"")),
                (b"Y=", None),
                (b"YWI==", None),
                (b"YWJj=====", None),
                (b"YW Jj", None),
                (b"YWJj\n", None),
                (b"YQ=a", None),
                (b"YW-_", None),
            ],
        );
    }
}

//! `css_decode`: backslash escapes of style sheets.

use super::{find::find, hex, utf8};
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::of(b"\\");

const MOST_DIGITS: usize = 6;

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let mut at = 0;
    while let Some(offset) = find(&input[at..], |byte| byte == b'\\') {
        output.extend_from_slice(&input[at..at + offset]);
        at += offset + 1;
        let digits = input[at..].iter().take(MOST_DIGITS).map_while(|&byte| hex::digit(byte));
        let (count, point) = digits.fold((0, 0), |(count, point), digit| (count + 1, point << 4 | digit));
        if count > 0 {
            at += count;
            push(point, at - output.len(), output);
            // One blank belongs to the escape.
            if matches!(input.get(at), Some(b' ' | b'\t'..=b'\r')) {
                at += 1;
            }
        } else if let Some(&byte) = input.get(at) {
            at += 1;
            if byte != b'\n' {
                output.push(byte);
            }
        }
    }
    if at == 0 {
        return false;
    }
    output.extend_from_slice(&input[at..]);
    true
}

/// U+FFFD, which stands for numbers that are no characters, is longer than the shortest
/// escapes. It is left out when the text so far has not saved the `room` for it: the
/// output never outgrows the input that was read.
fn push(point: u32, room: usize, output: &mut Vec<u8>) {
    let start = output.len();
    utf8::push(point, output);
    if output.len() - start > room {
        output.truncate(start);
    }
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn escapes() {
        check(
            Transformer::CssDecode,
            &[
                (b"plain / text", None),
                (b"\\61\\62  c\\000063\td", Some(b"ab ccd")),
                (b"\\0000611", Some(b"a1")),
                (b"a\\\nb\\zc\\", Some(b"abzc")),
                (b"\\0z", Some(b"z")),
                (b"\\00", Some("\u{fffd}".as_bytes())),
                (b"\\z\\0", Some("z\u{fffd}".as_bytes())),
                (b"\\d800.\\110000.\\ffffff", Some("\u{fffd}.\u{fffd}.\u{fffd}".as_bytes())),
                (b"\\e9\\10FFFF", Some("é\u{10ffff}".as_bytes())),
            ],
        );
    }
}

//! `unicode_normalize`: plain letters for accented, styled, wide and hidden ones.
//!
//! Each character is decomposed (compatibility forms too), loses its marks and what has no
//! visible form, and keeps its case. Which character becomes what is a matter of the table.

mod table;

use super::{find::find, utf8};
use crate::ByteSet;
use alloc::vec::Vec;

/// The bytes that start a sequence whose character may change. E4 to E9 start Chinese
/// characters, EE private ones; all of them stay, as do the letters of C9 and DA.
pub(super) const TRIGGERS: ByteSet = ByteSet::range(0xc2, 0xc8)
    .union(&ByteSet::range(0xca, 0xd9))
    .union(&ByteSet::range(0xdb, 0xe3))
    .union(&ByteSet::range(0xea, 0xed))
    .union(&ByteSet::range(0xef, 0xf7));

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    if !changes(input) {
        return false;
    }
    // From the start: bytes that form no character vanish wherever they are, and NUL becomes U+FFFD.
    let mut rest = input;
    while !rest.is_empty() {
        let plain = find(rest, |byte| byte == 0 || byte >= 0x80).unwrap_or(rest.len());
        output.extend_from_slice(&rest[..plain]);
        rest = &rest[plain..];
        let Some((point, len)) = utf8::read(rest) else {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        };
        rest = &rest[len..];
        if point < 0x80 {
            utf8::push(point, output);
        } else {
            table::push(point, output);
        }
    }
    true
}

/// Whether there is a character that does not stay as it is.
fn changes(input: &[u8]) -> bool {
    let mut at = 0;
    while let Some(offset) = find(&input[at..], |byte| byte >= 0x80) {
        at += offset;
        while let Some(&byte) = input.get(at)
            && byte >= 0x80
        {
            match utf8::read(&input[at..]) {
                Some((point, _)) if point >= 0x80 && table::changes(point) => return true,
                Some((_, len)) => at += len,
                None => at += 1,
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{TRIGGERS, changes};
    use crate::{
        ByteSet,
        transform::{Transformer, tests::check},
    };

    #[test]
    fn characters() {
        let cases = [
            ("plain text, 日本語, Ωмир “x” 👩\u{200d}👩 \u{e000}", None),
            ("Éé Ñ Ç", Some("Ee N C")),
            ("ﬁ ½ ① ß ẞ Ⅷ", Some("fi 1/2 1 ss SS viii")),
            ("ı İ 𝐀 ｱ Ａ", Some("i I a ア A")),
            ("한글", Some("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}")),
            ("a\u{300}\u{200b}\u{ad}b\u{a0}c", Some("ab c")),
            ("\u{e0001}\u{e0041}\u{e007f}\u{e0100}", Some("\u{1}A\u{7f}")),
            ("\u{378}", Some("")),
            ("\u{10ffff}\u{10fffd}", Some("\u{10fffd}")),
        ];
        for (input, expected) in cases {
            check(Transformer::UnicodeNormalize, &[(input.as_bytes(), expected.map(str::as_bytes))]);
        }
    }

    #[test]
    fn odd_bytes_matter_only_where_something_else_changes() {
        check(
            Transformer::UnicodeNormalize,
            &[
                (b"\xff\x80a\xc3", None),
                (b"\xff\x80a\xc3\xc3\x89\xe2\x82", Some(b"aE")),
                (b"\xed\xa0\x80\0\xc1\x81", None),
                (b"\xed\xa0\x80\0\xc1\x81\xc3\x89", Some("\u{fffd}\u{fffd}AE".as_bytes())),
                (b"\xe0\x83\x89", Some(b"E")),
                (b"\xf7\xbf\xbf\xbf", Some(b"")),
            ],
        );
    }

    /// Goes through every sequence of two and three bytes, and a sample of those of four.
    #[test]
    fn triggers_are_the_leads_of_what_changes() {
        let mut leads = ByteSet::EMPTY;
        let tail = |bits: u32| 0x80 | (bits & 0x3f) as u8;
        for point in 0..0x800 {
            let bytes = [0xc0 | (point >> 6) as u8, tail(point)];
            if changes(&bytes) {
                leads.insert(bytes[0]);
            }
        }
        for point in 0..0x1_0000 {
            let bytes = [0xe0 | (point >> 12) as u8, tail(point >> 6), tail(point)];
            if changes(&bytes) {
                leads.insert(bytes[0]);
            }
        }
        for point in (0..0x20_0000).step_by(7) {
            let bytes = [0xf0 | (point >> 18) as u8, tail(point >> 12), tail(point >> 6), tail(point)];
            if changes(&bytes) {
                leads.insert(bytes[0]);
            }
        }
        assert_eq!(leads, TRIGGERS);
    }
}

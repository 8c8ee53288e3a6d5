//! Code points as the dialect sees them: any value up to U+10FFFF, surrogates included.

/// The largest code point.
pub(super) const MAX: u32 = 0x10_FFFF;
/// The surrogates: encodable here, though no `char`.
pub(super) const SURROGATES: (u32, u32) = (0xD800, 0xDFFF);

/// Takes the first code point off `text`: its value and the number of its bytes.
///
/// `None` at the end of the text, and for bytes that are no encoded code point. Surrogates
/// decode like their neighbours; overlong forms and values above [`MAX`] do not.
pub(super) fn decode(text: &[u8]) -> Option<(u32, usize)> {
    let first = *text.first()?;
    let (length, smallest, head) = match first {
        0..=0x7F => return Some((u32::from(first), 1)),
        0xC0..=0xDF => (2, 0x80, u32::from(first & 0x1F)),
        0xE0..=0xEF => (3, 0x800, u32::from(first & 0x0F)),
        0xF0..=0xF7 => (4, 0x1_0000, u32::from(first & 0x07)),
        _ => return None,
    };
    let mut rune = head;
    for &byte in text.get(1..length)? {
        if byte & 0xC0 != 0x80 {
            return None;
        }
        rune = rune << 6 | u32::from(byte & 0x3F);
    }
    (smallest..=MAX).contains(&rune).then_some((rune, length))
}

/// Whether `text` is a sequence of encoded code points.
pub(super) fn is_valid(mut text: &[u8]) -> bool {
    while !text.is_empty() {
        let Some((_, length)) = decode(text) else { return false };
        text = &text[length..];
    }
    true
}

/// Number of bytes that encode `rune`.
pub(super) const fn encoded_len(rune: u32) -> usize {
    match rune {
        0..=0x7F => 1,
        0x80..=0x7FF => 2,
        0x800..=0xFFFF => 3,
        _ => 4,
    }
}

/// The bytes that encode `rune`, of which the first [`encoded_len`] count.
pub(super) const fn encode(rune: u32) -> [u8; 4] {
    const fn tail(rune: u32, shift: u32) -> u8 {
        0x80 | (rune >> shift & 0x3F) as u8
    }
    match encoded_len(rune) {
        1 => [rune as u8, 0, 0, 0],
        2 => [0xC0 | (rune >> 6) as u8, tail(rune, 0), 0, 0],
        3 => [0xE0 | (rune >> 12) as u8, tail(rune, 6), tail(rune, 0), 0],
        _ => [0xF0 | (rune >> 18) as u8, tail(rune, 12), tail(rune, 6), tail(rune, 0)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_point_survives_a_round_trip() {
        for rune in 0..=MAX {
            let bytes = encode(rune);
            let length = encoded_len(rune);
            assert_eq!(decode(&bytes[..length]), Some((rune, length)), "{rune:x}");
            assert_eq!(decode(&bytes[..length - 1]), None, "{rune:x} cut short");
        }
    }

    #[test]
    fn what_is_no_code_point_does_not_decode() {
        let broken: [&[u8]; 10] = [
            b"",
            b"\x80",
            b"\xC1\xBF",
            b"\xC3\x28",
            b"\xE0\x9F\xBF",
            b"\xE2\x82",
            b"\xF0\x8F\xBF\xBF",
            b"\xF4\x90\x80\x80",
            b"\xF8\x88\x80\x80\x80",
            b"\xFF",
        ];
        for text in broken {
            assert_eq!(decode(text), None, "{text:x?}");
        }
        assert!(is_valid("aé€😀".as_bytes()) && is_valid(b"\xED\xA0\x80") && !is_valid(b"a\xFF"));
    }
}

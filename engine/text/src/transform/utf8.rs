//! UTF-8 as the transformers read and write it: looser than the standard.

use alloc::vec::Vec;

/// The character that stands for what cannot be represented, U+FFFD.
pub(super) const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// The last code point.
pub(super) const LAST: u32 = 0x10_ffff;

/// The encoding of `point`, surrogates included, and its length; nothing beyond the last code point.
pub(super) const fn encode(point: u32) -> ([u8; 4], usize) {
    const fn tail(bits: u32) -> u8 {
        0x80 | (bits & 0x3f) as u8
    }
    match point {
        0..=0x7f => ([point as u8, 0, 0, 0], 1),
        0x80..=0x7ff => ([0xc0 | (point >> 6) as u8, tail(point), 0, 0], 2),
        0x800..=0xffff => ([0xe0 | (point >> 12) as u8, tail(point >> 6), tail(point), 0], 3),
        0x1_0000..=LAST => {
            ([0xf0 | (point >> 18) as u8, tail(point >> 12), tail(point >> 6), tail(point)], 4)
        }
        _ => ([0; 4], 0),
    }
}

/// Appends the encoding of `point`, surrogates included; nothing beyond the last code point.
pub(super) fn push_raw(point: u32, output: &mut Vec<u8>) {
    let (bytes, len) = encode(point);
    output.extend_from_slice(&bytes[..len]);
}

/// Appends `point`, or U+FFFD for NUL, surrogates and what lies beyond the last code point.
pub(super) fn push(point: u32, output: &mut Vec<u8>) {
    match point {
        0 | 0xd800..=0xdfff => output.extend_from_slice(REPLACEMENT),
        _ if point > LAST => output.extend_from_slice(REPLACEMENT),
        _ => push_raw(point, output),
    }
}

/// Reads one sequence at the start of `input`: its code point and length.
///
/// Only the form counts (lead byte, then enough continuation bytes), so overlong
/// encodings, surrogates and numbers up to 0x1FFFFF are read as they are written.
#[inline]
pub(super) fn read(input: &[u8]) -> Option<(u32, usize)> {
    let lead = u32::from(*input.first()?);
    let tail = |at: usize| match input.get(at) {
        Some(&byte @ 0x80..=0xbf) => Some(u32::from(byte & 0x3f)),
        _ => None,
    };
    match lead {
        0..=0x7f => Some((lead, 1)),
        0xc0..=0xdf => Some(((lead & 0x1f) << 6 | tail(1)?, 2)),
        0xe0..=0xef => Some(((lead & 0x0f) << 12 | tail(1)? << 6 | tail(2)?, 3)),
        0xf0..=0xf7 => Some(((lead & 0x07) << 18 | tail(1)? << 12 | tail(2)? << 6 | tail(3)?, 4)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{push, push_raw, read};
    use alloc::vec::Vec;

    #[test]
    fn agrees_with_the_standard_on_characters() {
        for point in (0..=0x11_0000).step_by(13).chain([0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x1_0000]) {
            let (mut ours, mut raw) = (Vec::new(), Vec::new());
            push(point, &mut ours);
            push_raw(point, &mut raw);
            let mut room = [0; 4];
            let character = char::from_u32(point).filter(|_| point != 0).unwrap_or('\u{fffd}');
            assert_eq!(ours, character.encode_utf8(&mut room).as_bytes(), "{point:x}");
            if point <= 0x10_ffff {
                assert_eq!(read(&raw), Some((point, raw.len())), "{point:x}");
            }
        }
    }

    #[test]
    fn reads_by_form_alone() {
        assert_eq!(read(b"\xc1\x81z"), Some((0x41, 2)), "overlong");
        assert_eq!(read(b"\xed\xa0\x80"), Some((0xd800, 3)), "surrogate");
        assert_eq!(read(b"\xf7\xbf\xbf\xbf"), Some((0x1f_ffff, 4)), "beyond the last");
        for bytes in [&b""[..], b"\x80", b"\xf8\x80\x80\x80\x80", b"\xe4\xb8", b"\xe4\xb8z", b"\xc3\xc3"] {
            assert_eq!(read(bytes), None, "{bytes:x?}");
        }
    }
}

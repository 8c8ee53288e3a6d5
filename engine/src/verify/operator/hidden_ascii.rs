//! `hidden_ascii_match`: ASCII smuggled in as tag characters (U+E0000 to U+E007F).

use super::Highlight;
use alloc::vec::Vec;
use bartizan_text::ByteSet;
use bartizan_text::transform::Transformer;

/// The first byte of every tag character.
pub(super) const NECESSARY: ByteSet = ByteSet::of(&[0xf3]);

pub(super) fn check(value: &[u8]) -> Option<Highlight> {
    // U+E0000 to U+E007F are F3 A0 80 80 to F3 A0 81 BF.
    value
        .windows(4)
        .find(|window| matches!(window, [0xf3, 0xa0, 0x80 | 0x81, last] if (0x80..=0xbf).contains(last)))?;
    let mut normalised = Vec::new();
    if Transformer::UnicodeNormalize.apply(value, &mut normalised) {
        Some(Highlight::Text(normalised))
    } else {
        Some(Highlight::Whole)
    }
}

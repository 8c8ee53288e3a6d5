//! Lengths of quoted texts; the quote is the first byte. Without an end they reach to the end of the text.

use memchr::{memchr, memchr2};

/// Up to the next quote.
pub(super) fn plain(text: &[u8]) -> usize {
    memchr(text[0], &text[1..]).map_or(text.len(), |inside| inside + 2)
}

/// Two quotes stand for one.
pub(super) fn doubling(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|rest| memchr(text[0], rest)) {
        at += found + 1;
        if text.get(at) != Some(&text[0]) {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// Two quotes stand for one, and a backslash guards the byte behind it.
pub(super) fn escaping(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(text[0], b'\\', rest)) {
        at += found + 1;
        if text[at - 1] == text[0] && text.get(at) != Some(&text[0]) {
            return at;
        }
        at += 1;
    }
    text.len()
}

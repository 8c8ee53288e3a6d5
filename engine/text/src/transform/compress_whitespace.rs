//! `compress_whitespace`: one space for a run of spaces; other blanks are left alone.

use super::find::find_pair;
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::of(b" ");

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let double = |before: u8, byte: u8| before == b' ' && byte == b' ';
    let Some(first) = find_pair(input, double) else { return false };
    output.extend_from_slice(&input[..=first]);
    let pairs = input[first..].iter().zip(&input[first + 1..]);
    output.extend(pairs.filter(|&(&before, &byte)| !double(before, byte)).map(|(_, byte)| byte));
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn runs_of_spaces() {
        check(
            Transformer::CompressWhitespace,
            &[
                (b" a b\t\tc\n\n ", None),
                (b"a  b   c", Some(b"a b c")),
                (b"    ", Some(b" ")),
                (b" \t  x ", Some(b" \t x ")),
            ],
        );
    }
}

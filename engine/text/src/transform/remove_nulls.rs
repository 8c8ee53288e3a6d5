//! `remove_nulls`: deletes NUL bytes.

use super::find::find;
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::of(b"\0");

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let Some(first) = find(input, |byte| byte == 0) else { return false };
    output.extend_from_slice(&input[..first]);
    output.extend(input[first..].iter().filter(|&&byte| byte != 0));
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn nulls() {
        check(
            Transformer::RemoveNulls,
            &[(b"a b", None), (b"a\0\0b\0", Some(b"ab")), (b"\0", Some(b"")), (b"\0x", Some(b"x"))],
        );
    }
}

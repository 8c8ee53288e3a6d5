//! `lowercase`: ASCII letters only.

use super::find::find;
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::range(b'A', b'Z');

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let Some(first) = find(input, |byte| byte.is_ascii_uppercase()) else { return false };
    output.extend_from_slice(input);
    output[first..].make_ascii_lowercase();
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn letters() {
        check(
            Transformer::Lowercase,
            &[
                (b"already lower 09 @[`{", None),
                (b"AZ@[aZ", Some(b"az@[az")),
                ("ÉA".as_bytes(), Some("Éa".as_bytes())),
            ],
        );
    }
}

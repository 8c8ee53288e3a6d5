//! `base64url_decode`: as `base64_decode`, with `-` and `_` for the last two digits.

use super::base64_decode::{LETTERS_AND_PADDING, decode};
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = LETTERS_AND_PADDING.union(&ByteSet::of(b"-_"));

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    decode::<b'-', b'_'>(input, output)
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn alphabet() {
        check(
            Transformer::Base64UrlDecode,
            &[(b"-_-_", Some(b"\xfb\xff\xbf")), (b"YQ==", Some(b"a")), (b"+/+/", None), (b"a.b", None)],
        );
    }
}

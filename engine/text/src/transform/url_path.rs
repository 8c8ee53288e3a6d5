//! `url_path`: what precedes the query and the fragment.

use super::find::find;
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::of(b"?#");

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let Some(end) = end(input) else { return false };
    output.extend_from_slice(&input[..end]);
    true
}

/// Where the path ends, unless it is all there is.
pub(super) fn end(input: &[u8]) -> Option<usize> {
    find(input, |byte| byte == b'?' || byte == b'#')
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn paths() {
        check(
            Transformer::UrlPath,
            &[(b"/a/b;c", None), (b"/a?b?c#d", Some(b"/a")), (b"/a#b?c", Some(b"/a")), (b"?x", Some(b""))],
        );
    }
}

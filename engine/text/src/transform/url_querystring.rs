//! `url_querystring`: what stands between the first question mark and the fragment.

use super::{find::find, url_path};
use crate::ByteSet;
use alloc::vec::Vec;

/// Every value changes: one without a query becomes empty.
pub(super) const TRIGGERS: ByteSet = ByteSet::ALL;

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    if let Some(end) = url_path::end(input)
        && let [b'?', query @ ..] = &input[end..]
    {
        let len = find(query, |byte| byte == b'#').unwrap_or(query.len());
        output.extend_from_slice(&query[..len]);
    }
    !input.is_empty()
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn queries() {
        check(
            Transformer::UrlQuerystring,
            &[
                (b"/a?b?c#d?e", Some(b"b?c")),
                (b"/a?b", Some(b"b")),
                (b"/a#b?c", Some(b"")),
                (b"/a", Some(b"")),
                (b"?", Some(b"")),
            ],
        );
    }
}

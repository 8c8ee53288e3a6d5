//! `url_basename`: what follows the last slash of the path, without query and fragment.

use super::{find::find, url_path};
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = url_path::TRIGGERS.with(b'/');

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let mut name = &input[..url_path::end(input).unwrap_or(input.len())];
    while let Some(slash) = find(name, |byte| byte == b'/') {
        name = &name[slash + 1..];
    }
    output.extend_from_slice(name);
    name.len() != input.len()
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn names() {
        check(
            Transformer::UrlBasename,
            &[
                (b"name.php", None),
                (b"/a/b/name.php?x=/y", Some(b"name.php")),
                (b"name#/f", Some(b"name")),
                (b"/name", Some(b"name")),
                (b"/", Some(b"")),
                (b"a/", Some(b"")),
                (b"?x", Some(b"")),
            ],
        );
    }
}

//! `normalize_path_win`: backslashes count as slashes and become them; then as `normalize_path`.

use super::{find::find, normalize_path::normalize};
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::of(b".\\");

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let slash = |byte: u8| if byte == b'\\' { b'/' } else { byte };
    if normalize(input, output, slash) {
        return true;
    }
    if find(input, |byte| byte == b'\\').is_none() {
        return false;
    }
    output.clear();
    output.extend(input.iter().map(|&byte| slash(byte)));
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn backslashes() {
        check(
            Transformer::NormalizePathWin,
            &[
                (b"c:/x", None),
                (b"c:\\x", Some(b"c:/x")),
                (b"c:\\x\\..\\y/.\\z", Some(b"c:/y/z")),
                (b"\\a\\.", Some(b"/a/.")),
                (b"..\\..\\etc", Some(b"/etc")),
                (b"/a/../b", Some(b"/b")),
            ],
        );
    }
}

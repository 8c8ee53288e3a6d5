//! `url_decode`: `%XX` and `+`, once.

use super::{find::find, hex};
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::of(b"%+");

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let mut changed = false;
    // input[copied..at] is read and kept, but not yet written.
    let (mut copied, mut at) = (0, 0);
    while let Some(offset) = find(&input[at..], |byte| byte == b'%' || byte == b'+') {
        at += offset;
        let (byte, len) = match input[at] {
            b'+' => (b' ', 1),
            _ => match hex::number::<2>(&input[at + 1..]) {
                Some(value) => (value as u8, 3),
                None => {
                    at += 1;
                    continue;
                }
            },
        };
        output.extend_from_slice(&input[copied..at]);
        output.push(byte);
        changed = true;
        at += len;
        copied = at;
    }
    if changed {
        output.extend_from_slice(&input[copied..]);
    }
    changed
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn escapes() {
        check(
            Transformer::UrlDecode,
            &[
                (b"100% %4 %u0041 %zz %", None),
                (b"a+b%20c", Some(b"a b c")),
                (b"%2541%", Some(b"%41%")),
                (b"%%41%00%Ff%4", Some(b"%A\0\xff%4")),
            ],
        );
    }
}

//! `base64_encode`: the standard alphabet, padded.

use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::ALL;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let (groups, rest) = input.as_chunks::<3>();
    output.reserve((groups.len() + 1) * 4);
    for &group in groups {
        output.extend_from_slice(&digits(group));
    }
    match *rest {
        [a] => {
            let [first, second, ..] = digits([a, 0, 0]);
            output.extend_from_slice(&[first, second, b'=', b'=']);
        }
        [a, b] => {
            let [first, second, third, _] = digits([a, b, 0]);
            output.extend_from_slice(&[first, second, third, b'=']);
        }
        _ => {}
    }
    !input.is_empty()
}

fn digits([a, b, c]: [u8; 3]) -> [u8; 4] {
    let bits = u32::from_be_bytes([0, a, b, c]);
    [18, 12, 6, 0].map(|shift| ALPHABET[(bits >> shift & 0x3f) as usize])
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn groups_and_padding() {
        check(
            Transformer::Base64Encode,
            &[
                (b"f", Some(b"Zg==")),
                (b"fo", Some(b"Zm8=")),
                (b"foo", Some(b"Zm9v")),
                (b"foob", Some(b"Zm9vYg==")),
                (b"\xfb\xff\xfe", Some(b"+//+")),
                (b"\0", Some(b"AA==")),
            ],
        );
    }
}

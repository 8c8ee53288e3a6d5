//! `shell_unescape`: undoes what hides a command from sight.
//!
//! Quotes, backslashes and carets go; `,` and `;` count as blanks; of a run of blanks one
//! space stays, or nothing before `/` and `(`; letters become small.

use super::find::{find, find_pair};
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const CASELESS_TRIGGERS: ByteSet = ByteSet::of(b"\\\"'^,; \t\n\x0b\x0c\r");
pub(super) const TRIGGERS: ByteSet = CASELESS_TRIGGERS.union(&ByteSet::range(b'A', b'Z'));

// Written without short circuits, so that the searches stay free of branches.

const fn vanishes(byte: u8) -> bool {
    (byte == b'\\') | (byte == b'"') | (byte == b'\'') | (byte == b'^')
}

const fn is_space(byte: u8) -> bool {
    (byte == b' ') | (byte.wrapping_sub(b'\t') < 5)
}

const fn is_separator(byte: u8) -> bool {
    (byte == b',') | (byte == b';')
}

/// Whether a blank before this byte is dropped.
const fn absorbs(byte: u8) -> bool {
    is_space(byte) | is_separator(byte) | (byte == b'(') | (byte == b'/')
}

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    // A separator at the very end is no reason to touch the value, nor are single blanks of
    // any kind; what stands before the first reason is copied as it is.
    let single = find(input, |byte| vanishes(byte) | byte.is_ascii_uppercase());
    let head = &input[..single.unwrap_or(input.len())];
    let pair = find_pair(&input[..input.len().min(head.len() + 1)], |byte, next| {
        is_separator(byte) | (is_space(byte) & absorbs(next))
    });
    let Some(first) = pair.or(single) else { return false };

    output.extend_from_slice(&input[..first]);
    // From the first change on; what lies between two changes is copied at once.
    let mut copied = first;
    let copy = |output: &mut Vec<u8>, from: usize, to: usize| {
        let start = output.len();
        output.extend_from_slice(&input[from..to]);
        output[start..].make_ascii_lowercase();
    };
    let mut at = first;
    while let Some(&byte) = input.get(at) {
        let kind = KINDS[usize::from(byte)];
        if kind != PLAIN {
            let is_absorbed = input.get(at + 1).is_some_and(|&next| absorbs(next));
            if kind != SPACE || is_absorbed {
                copy(output, copied, at);
                if kind != VANISHES && !is_absorbed {
                    output.push(b' ');
                }
                copied = at + 1;
            }
        }
        at += 1;
    }
    copy(output, copied, input.len());
    true
}

const PLAIN: u8 = 0;
const VANISHES: u8 = 1;
const SPACE: u8 = 2;
/// A blank that becomes a space.
const BLANK: u8 = 3;

static KINDS: [u8; 256] = {
    let mut kinds = [PLAIN; 256];
    let mut byte = 0;
    while byte < 256 {
        let this = byte as u8;
        if vanishes(this) {
            kinds[byte] = VANISHES;
        } else if this == b' ' {
            kinds[byte] = SPACE;
        } else if is_space(this) || is_separator(this) {
            kinds[byte] = BLANK;
        }
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn commands() {
        check(
            Transformer::ShellUnescape,
            &[
                (b"cat\tfile | wc -l\n", None),
                (b"a;", None),
                (b"c\\a't' /e\"t\"c/p^asswd", Some(b"cat/etc/passwd")),
                (b"a;b,c;", Some(b"a b c ")),
                (b"a \t\r\n;, b", Some(b"a b")),
                (b"echo (x", Some(b"echo(x")),
                (b"a ;/b", Some(b"a/b")),
                (b"LS\tX", Some(b"ls x")),
                (b"a\tb  c\td", Some(b"a\tb c d")),
                (b"a \"/b", Some(b"a /b")),
                ("É;é".as_bytes(), Some("É é".as_bytes())),
            ],
        );
    }
}

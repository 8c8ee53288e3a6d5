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
    let mut rest = input[first..].iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if vanishes(byte) {
            continue;
        }
        if !is_space(byte) && !is_separator(byte) {
            output.push(byte.to_ascii_lowercase());
        } else if !rest.peek().is_some_and(|&next| absorbs(next)) {
            output.push(b' ');
        }
    }
    true
}

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

//! Percent encoding, query strings and forms.

use crate::multimap::{Bytes, Multimap};
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// Decodes `%XX` and, with `plus`, `+`. What is no escape stays as it is.
pub(crate) fn decode(input: &[u8], plus: bool) -> Bytes<'_> {
    let special = |byte: &u8| *byte == b'%' || plus && *byte == b'+';
    let Some(first) = input.iter().position(special) else { return Cow::Borrowed(input) };
    let mut out = Vec::with_capacity(input.len());
    out.extend_from_slice(&input[..first]);
    let mut at = first;
    while let Some(&byte) = input.get(at) {
        at += 1;
        match byte {
            b'+' if plus => out.push(b' '),
            b'%' => match (digit(input.get(at)), digit(input.get(at + 1))) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    at += 2;
                }
                _ => out.push(b'%'),
            },
            _ => out.push(byte),
        }
    }
    Cow::Owned(out)
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    char::from(*byte?).to_digit(16).map(|digit| digit as u8)
}

/// The pairs of a query string or a form, at most `limit` of them. Also says whether that was all.
pub(crate) fn pairs(input: &[u8], limit: usize) -> (Multimap<'_>, bool) {
    let mut map = Multimap::default();
    let mut room = limit;
    for pair in input.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if room == 0 {
            return (map, false);
        }
        room -= 1;
        let (name, value) = split(pair, b'=');
        map.push(decode(name, true), decode(value, true));
    }
    (map, true)
}

/// What stands before and after the first `separator`; nothing after when there is none.
pub(crate) fn split(text: &[u8], separator: u8) -> (&[u8], &[u8]) {
    match memchr::memchr(separator, text) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}

/// Path and query of a request target: in origin form, in absolute form, or neither (`*`).
pub(crate) fn path_and_query(target: &[u8]) -> (&[u8], &[u8]) {
    let before_fragment = split(target, b'#').0;
    let (mut path, query) = split(before_fragment, b'?');
    if !path.starts_with(b"/")
        && let Some(at) = memchr::memmem::find(path, b"://")
    {
        let rest = &path[at + 3..];
        path = memchr::memchr(b'/', rest).map_or(b"/", |slash| &rest[slash..]);
    }
    (path, query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_once() {
        for (input, plus, output) in [
            ("a+b%20c", true, "a b c"),
            ("a+b%20c", false, "a+b c"),
            ("%2541%", true, "%41%"),
            ("%4%zz%41", true, "%4%zzA"),
            ("", true, ""),
        ] {
            assert_eq!(&*decode(input.as_bytes(), plus), output.as_bytes(), "{input}");
        }
    }

    #[test]
    fn pairs_have_limits() {
        let (map, all) = pairs(b"a=1&&b&a=2%263", 9);
        assert!(all);
        assert_eq!((map.get(b"a"), map.get(b"b")), (Some(&b"1"[..]), Some(&b""[..])));
        assert!(!pairs(b"a&b&c", 2).1);
    }

    #[test]
    fn targets_of_all_forms() {
        for (target, path, query) in [
            ("/a?b=/c#d?e", "/a", "b=/c"),
            ("http://host.example/a/b?c", "/a/b", "c"),
            ("http://host.example", "/", ""),
            ("*", "*", ""),
            ("//x/y", "//x/y", ""),
            ("", "", ""),
        ] {
            assert_eq!(path_and_query(target.as_bytes()), (path.as_bytes(), query.as_bytes()), "{target}");
        }
    }
}

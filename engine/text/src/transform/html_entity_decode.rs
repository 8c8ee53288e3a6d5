//! `html_entity_decode`: numeric references and five named ones.

use super::{find::find, hex, utf8};
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::of(b"&");

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    // `&#0` is as long as the U+FFFD it becomes; where nothing else was decoded,
    // the value counts as untouched.
    decode(input, output) && output.len() != input.len()
}

/// Whether anything was decoded.
pub(super) fn decode(input: &[u8], output: &mut Vec<u8>) -> bool {
    // input[copied..at] is read and kept, but not yet written.
    let (mut copied, mut at) = (0, 0);
    while let Some(offset) = find(&input[at..], |byte| byte == b'&') {
        at += offset;
        let Some((reference, len)) = reference(&input[at + 1..]) else {
            at += 1;
            continue;
        };
        output.extend_from_slice(&input[copied..at]);
        match reference {
            Reference::Byte(byte) => output.push(byte),
            Reference::Point(point) => utf8::push(point, output),
        }
        at += 1 + len;
        copied = at;
    }
    if copied == 0 {
        return false;
    }
    output.extend_from_slice(&input[copied..]);
    true
}

enum Reference {
    Byte(u8),
    Point(u32),
}

/// The reference that `rest`, the text after an ampersand, starts with; and its length there.
fn reference(rest: &[u8]) -> Option<(Reference, usize)> {
    match rest {
        [b'#', b'x' | b'X', digits @ ..] => numeric(digits, 2, 16),
        [b'#', digits @ ..] => numeric(digits, 1, 10),
        _ => named(rest),
    }
}

fn named(rest: &[u8]) -> Option<(Reference, usize)> {
    // Setting one bit folds the case of letters; it also lets 0x1b pass for the semicolon.
    let fold = |byte: u8| byte | 0x20;
    let (name, byte): (&[u8], u8) = match fold(*rest.first()?) {
        b'l' => (b"lt;", b'<'),
        b'g' => (b"gt;", b'>'),
        b'a' => (b"amp;", b'&'),
        b'q' => (b"quot;", b'"'),
        // The no-break space of Latin-1.
        b'n' => (b"nbsp;", 0xa0),
        _ => return None,
    };
    let given = rest.get(..name.len())?.iter().map(|&byte| fold(byte));
    given.eq(name.iter().copied()).then_some((Reference::Byte(byte), name.len()))
}

/// Any number of digits after `prefix` bytes, and the semicolon if there is one.
fn numeric(rest: &[u8], prefix: usize, radix: u32) -> Option<(Reference, usize)> {
    let mut point = 0;
    let mut count = 0;
    for digit in rest.iter().map_while(|&byte| hex::digit(byte).filter(|&digit| digit < radix)) {
        // Once out of range the number stays there.
        if point <= utf8::LAST {
            point = point * radix + digit;
        }
        count += 1;
    }
    if count == 0 {
        return None;
    }
    let semicolon = usize::from(rest.get(count) == Some(&b';'));
    Some((Reference::Point(point), prefix + count + semicolon))
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn references() {
        check(
            Transformer::HtmlEntityDecode,
            &[
                (b"a & b && &lt &apos; &; &# &#x &#xg; &#a &", None),
                (b"&#0", None),
                (b"x&#0&#0y", None),
                (b"&#0&lt;", Some("\u{fffd}<".as_bytes())),
                (b"&lt;&GT;&Amp;&quot;&nbsp;", Some(b"<>&\"\xa0")),
                (b"&lt\x1b", Some(b"<")),
                (b"&amp;lt;", Some(b"&lt;")),
                (b"&#65;&#x41&#X4a;;&#0066", Some(b"AAJ;B")),
                (b"&#6", Some(b"\x06")),
                (b"&#0;&#xd800;&#x110000;", Some("\u{fffd}\u{fffd}\u{fffd}".as_bytes())),
                (b"&#99999999999999999999z", Some("\u{fffd}z".as_bytes())),
                (b"&#x100000000000041;", Some("\u{fffd}".as_bytes())),
                (b"&#8364;&#x10fffF;", Some("€\u{10ffff}".as_bytes())),
                (b"&&#38;#39;", Some(b"&&#39;")),
            ],
        );
    }
}

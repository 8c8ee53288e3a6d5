//! Links that execute their text.

/// What such links start with.
const SCHEMES: [&[u8]; 4] = [b"DATA", b"VIEW-SOURCE", b"JAVA", b"VBSCRIPT"];

/// The longest of them.
const SCHEME_MAX: usize = 11;

/// Whether a browser would execute or show as source what `link` says.
pub(super) fn is_executable(link: &[u8]) -> bool {
    // Blanks, control bytes and all that is not ASCII may stand before a link.
    let start = link.iter().position(|b| matches!(b, b'!'..=b'~')).unwrap_or(link.len());
    let mut text = &link[start..];
    let mut read = [0; SCHEME_MAX];
    let mut len = 0;
    let mut leading = true;
    while !text.is_empty() && len < SCHEME_MAX {
        let (character, size) = first_character(text);
        text = &text[size..];
        if leading && character <= 32 {
            continue;
        }
        leading = false;
        if character != 0 && character != 10 {
            // Bits above the eighth get lost, after the change of case.
            read[len] = match u8::try_from(character) {
                Ok(byte) => byte.to_ascii_uppercase(),
                Err(_) => character as u8,
            };
            len += 1;
        }
    }
    SCHEMES.iter().any(|scheme| read[..len].starts_with(scheme))
}

/// The first character of `text`, which is not empty, and how many bytes it takes.
///
/// A numeric reference is the character it refers to; one that is malformed or too large is an
/// ampersand, as are named ones.
fn first_character(text: &[u8]) -> (u32, usize) {
    /// No character has a greater code, though the greatest is 0x10ffff.
    const CODE_MAX: u32 = 0x10_00ff;
    let (radix, start) = match text {
        [b'&', b'#', b'x' | b'X', ..] => (16, 3),
        [b'&', b'#', ..] => (10, 2),
        [byte, ..] => return (u32::from(*byte), 1),
        [] => return (0, 0),
    };
    let mut code = None;
    let mut at = start;
    while let Some(digit) = text.get(at).and_then(|&byte| char::from(byte).to_digit(radix)) {
        let next = code.unwrap_or(0) * radix + digit;
        if next > CODE_MAX {
            return (u32::from(b'&'), 1);
        }
        code = Some(next);
        at += 1;
    }
    match code {
        None => (u32::from(b'&'), 1),
        Some(code) => (code, if text.get(at) == Some(&b';') { at + 1 } else { at }),
    }
}

#[cfg(test)]
mod tests {
    use super::{first_character, is_executable};

    #[test]
    fn schemes() {
        for (link, executes) in [
            ("javascript:alert(1)", true),
            ("JaVa", true),
            ("data:text/html,x", true),
            ("view-source:x", true),
            ("vbscript:x", true),
            ("http://x/?javascript:", false),
            ("jav", false),
            ("", false),
            (" \t\u{a0}\u{2003}java", true),
            ("j\0a\nva", true),
            ("j\tava", false),
            ("&#106;&#x61;va", true),
            ("&#106&#x61&#118a", true),
            ("&#1;&#32;java", true),
            ("&#1;\u{e9}java", false),
            ("java&#1;script", true),
            ("&colon;java", false),
            ("&#x16A;ava", false),
            ("&#x14A;ava", true),
            ("&#x16a;ava", false),
        ] {
            assert_eq!(is_executable(link.as_bytes()), executes, "{link:?}");
        }
    }

    #[test]
    fn character_references() {
        for (text, character, size) in [
            ("a;", 97, 1),
            ("&a", 38, 1),
            ("&", 38, 1),
            ("&#", 38, 1),
            ("&#x", 38, 1),
            ("&#;", 38, 1),
            ("&#a", 38, 1),
            ("&#xg", 38, 1),
            ("&#65", 65, 4),
            ("&#65;", 65, 5),
            ("&#65x", 65, 4),
            ("&#x41", 65, 5),
            ("&#X4a;", 74, 6),
            ("&#x1000ff;", 0x1000ff, 10),
            ("&#x100100;", 38, 1),
            ("&#99999999999999999999", 38, 1),
            ("&#0000000000000000000065;", 65, 25),
        ] {
            assert_eq!(first_character(text.as_bytes()), (character, size), "{text}");
        }
    }
}

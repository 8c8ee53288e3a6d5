//! Names of tags and attributes, in which NUL bytes do not count.

use super::handlers::HANDLERS;
use super::trusted_frame;

/// What an attribute does with its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Attribute {
    /// Nothing dangerous.
    Harmless,
    /// It is dangerous with any value.
    Banned,
    /// It loads or follows the value.
    Link,
    /// The value is a style.
    Style,
    /// The value names an attribute.
    Naming,
}

/// The longest name of interest is shorter.
const NAME_MAX: usize = 32;

/// A name in upper case without NULs.
struct Name {
    bytes: [u8; NAME_MAX],
    len: usize,
}

impl Name {
    /// `None` if `raw` is too long to be of interest.
    fn of(raw: &[u8]) -> Option<Self> {
        let mut name = Self { bytes: [0; NAME_MAX], len: 0 };
        for &byte in raw {
            if byte != 0 {
                *name.bytes.get_mut(name.len)? = byte.to_ascii_uppercase();
                name.len += 1;
            }
        }
        Some(name)
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Whether a tag with this name can execute or load something. `onward` is the value from the name on.
pub(super) fn is_banned_tag(raw: &[u8], onward: &[u8]) -> bool {
    if raw.len() < 3 {
        return false;
    }
    match Name::of(raw).as_ref().map(Name::as_bytes) {
        Some(
            b"APPLET" | b"BASE" | b"COMMENT" | b"EMBED" | b"FRAME" | b"FRAMESET" | b"HANDLER" | b"IMPORT"
            | b"ISINDEX" | b"LINK" | b"LISTENER" | b"META" | b"NOSCRIPT" | b"OBJECT" | b"SCRIPT" | b"STYLE"
            | b"VMLFRAME",
        ) => true,
        Some(b"IFRAME") => !trusted_frame::is_trusted(onward),
        _ => false,
    }
}

/// What the attribute with this name does.
pub(super) fn attribute(raw: &[u8]) -> Attribute {
    if raw.len() < 2 {
        return Attribute::Harmless;
    }
    let Some(name) = Name::of(raw) else { return Attribute::Harmless };
    match name.as_bytes() {
        // The first two bytes must be there without a NUL.
        [b'O', b'N', handler @ ..] if raw[0] != 0 && raw[1] != 0 => {
            if HANDLERS.binary_search(&handler).is_ok() { Attribute::Banned } else { Attribute::Harmless }
        }
        b"DATAFORMATAS" | b"DATASRC" => Attribute::Banned,
        b"ACTION" | b"BACKGROUND" | b"BY" | b"DYNSRC" | b"FOLDER" | b"FORMACTION" | b"FROM" | b"HANDLER"
        | b"HREF" | b"LOWSRC" | b"POSTER" | b"SRC" | b"TO" | b"VALUES" | b"XLINK:HREF" => Attribute::Link,
        b"FILTER" | b"STYLE" => Attribute::Style,
        b"ATTRIBUTENAME" => Attribute::Naming,
        _ => Attribute::Harmless,
    }
}

#[cfg(test)]
mod tests {
    use super::{Attribute, attribute, is_banned_tag};

    #[test]
    fn tags() {
        for (name, banned) in [
            ("script", true),
            ("ScRiPt", true),
            ("s\0cri\0pt\0", true),
            ("\0\0base", true),
            ("iframe", true),
            ("scripts", false),
            ("scrip", false),
            ("svg", false),
            ("b", false),
            ("", false),
        ] {
            assert_eq!(is_banned_tag(name.as_bytes(), b""), banned, "{name:?}");
        }
        assert!(!is_banned_tag(b"iframe", b"iframe src=\"https://www.youtube.com/embed\">"));
        assert!(!is_banned_tag(&[b'a'; 1000], b""));
    }

    #[test]
    fn attributes() {
        for (name, does) in [
            ("onclick", Attribute::Banned),
            ("ON\0\0End", Attribute::Banned),
            ("o\0nclick", Attribute::Harmless),
            ("\0onclick", Attribute::Harmless),
            ("onclic", Attribute::Harmless),
            ("onclicks", Attribute::Harmless),
            ("on", Attribute::Harmless),
            ("eventhandler", Attribute::Harmless),
            ("DataSrc", Attribute::Banned),
            ("href", Attribute::Link),
            ("xlink:href", Attribute::Link),
            ("h\0r\0ef", Attribute::Link),
            ("by", Attribute::Link),
            ("b", Attribute::Harmless),
            ("style", Attribute::Style),
            ("attributeName", Attribute::Naming),
            ("class", Attribute::Harmless),
        ] {
            assert_eq!(attribute(name.as_bytes()), does, "{name:?}");
        }
    }
}

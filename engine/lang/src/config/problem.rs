//! What can be wrong with a piece of configuration, and how diagnostics say it.

use crate::vocab::Text;
use alloc::vec::Vec;
use bartizan_object::{Kind, Object};

/// Why an element (or a section, or a whole configuration) was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// A key that must be there is not.
    MissingKey(&'static str),
    /// The value of a key has the wrong type.
    InvalidType { key: Text, expected: &'static str, obtained: &'static str },
    /// A value that is not reached by a key of its own has the wrong type.
    BadCast { expected: &'static str, obtained: &'static str },
    /// An item of a container is unusable.
    Malformed(&'static str),
    /// Something that needs a fixed sentence only.
    Plain(&'static str),
    /// The element was understood and is of no use. It is listed by its id even if that is empty.
    Useless(&'static str),
    /// A fixed sentence, then text of the configuration.
    About(&'static str, Text),
    /// The type of data is not one of ours. Known only once the rest was found in place, so such data is
    /// listed by its id even if that is empty.
    UnknownData(Text),
    /// The name is not one of ours; a newer engine may know it. Reported as a warning.
    Unknown(Named, Text),
    /// The rule wants a newer version of an operator. Such elements are skipped, not failed.
    OperatorVersion,
}

/// What a name that we do not know would have named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Operator,
    Transformer,
    Generator,
}

impl Problem {
    /// A value of the wrong type; whoever reads it under a key adds the key.
    pub(super) fn bad_cast(expected: &'static str, obtained: &Object) -> Self {
        Self::BadCast { expected, obtained: kind_name(obtained) }
    }

    /// The same problem, now that the key is known.
    pub(super) fn under(self, key: &[u8]) -> Self {
        match self {
            Self::BadCast { expected, obtained } => {
                Self::InvalidType { key: Text::from(key), expected, obtained }
            }
            other => other,
        }
    }

    /// Whether it is listed among the warnings.
    pub(super) const fn is_warning(&self) -> bool {
        matches!(self, Self::Unknown(..))
    }

    /// Whether the element is listed by its id even if that is empty, not by its position.
    pub(super) const fn keeps_id(&self) -> bool {
        matches!(self, Self::Useless(_) | Self::UnknownData(_))
    }

    /// The sentence that diagnostics carry. A NUL in quoted text ends it, as in libddwaf, except for
    /// unknown data.
    pub(super) fn message(&self) -> Text {
        if let Self::UnknownData(name) = self {
            return join(&[b"unknown type: '", name, b"'"]);
        }
        let sentence = self.sentence();
        match sentence.iter().position(|byte| *byte == 0) {
            Some(end) => Text::from(&sentence[..end]),
            None => sentence,
        }
    }

    fn sentence(&self) -> Text {
        match self {
            Self::MissingKey(key) => join(&[b"missing key '", key.as_bytes(), b"'"]),
            Self::InvalidType { key, expected, obtained } => join(&[
                b"invalid type '",
                obtained.as_bytes(),
                b"' for key '",
                key,
                b"', expected '",
                expected.as_bytes(),
                b"'",
            ]),
            Self::BadCast { expected, obtained } => join(&[
                b"bad cast, expected '",
                expected.as_bytes(),
                b"', obtained '",
                obtained.as_bytes(),
                b"'",
            ]),
            Self::Malformed(what) => join(&[b"malformed object, ", what.as_bytes()]),
            Self::Plain(sentence) | Self::Useless(sentence) => Text::from(*sentence),
            Self::About(sentence, text) => join(&[sentence.as_bytes(), text]),
            Self::UnknownData(name) => name.clone(),
            Self::Unknown(named, name) => {
                let noun: &[u8] = match named {
                    Named::Operator => b"operator",
                    Named::Transformer => b"transformer",
                    Named::Generator => b"generator",
                };
                join(&[b"unknown ", noun, b": '", name, b"'"])
            }
            Self::OperatorVersion => Text::from("unsupported operator version"),
        }
    }
}

/// Texts one after the other.
pub(super) fn join(parts: &[&[u8]]) -> Text {
    Text::from(parts.concat().as_slice())
}

/// `name` between quotes after `sentence`.
pub(super) fn quoted(sentence: &'static str, name: &[u8]) -> Problem {
    let mut text = Vec::with_capacity(name.len() + 1);
    text.extend_from_slice(name);
    text.push(b'\'');
    Problem::About(sentence, Text::from(text.as_slice()))
}

/// How messages call the type of a value.
pub(super) fn kind_name(object: &Object) -> &'static str {
    match object.kind() {
        Kind::Map => "map",
        Kind::Array => "array",
        Kind::String => "string",
        Kind::Bool => "bool",
        Kind::Unsigned => "unsigned",
        Kind::Signed => "signed",
        Kind::Float => "float",
        Kind::Null => "null",
        Kind::Invalid => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_the_known_sentences() {
        let cast = Problem::bad_cast("map", &Object::unsigned(1));
        let cases = [
            (Problem::MissingKey("id"), "missing key 'id'"),
            (cast.clone(), "bad cast, expected 'map', obtained 'unsigned'"),
            (cast.under(b"tags"), "invalid type 'unsigned' for key 'tags', expected 'map'"),
            (Problem::Malformed("x").under(b"k"), "malformed object, x"),
            (Problem::Plain("duplicate rule"), "duplicate rule"),
            (quoted("unknown checksum algorithm: '", b"q"), "unknown checksum algorithm: 'q'"),
            (Problem::UnknownData("a\0b".into()), "unknown type: 'a\0b'"),
            (Problem::Unknown(Named::Operator, "a\0b".into()), "unknown operator: 'a"),
            (Problem::Unknown(Named::Generator, "g".into()), "unknown generator: 'g'"),
        ];
        for (problem, message) in cases {
            assert_eq!(problem.message(), Text::from(message));
        }
    }
}

//! Why a document could not be read, and where.

use crate::AllocError;
use core::fmt;

/// What stopped a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The document stops inside a value.
    UnexpectedEnd,
    /// No value starts here.
    ExpectedValue,
    /// JSON: a map's pair must start with a string.
    ExpectedKey,
    /// JSON: a key must be followed by a colon.
    ExpectedColon,
    /// JSON: an item of an array must be followed by a comma or the closing bracket.
    ExpectedCommaOrBracket,
    /// JSON: a pair of a map must be followed by a comma or the closing brace.
    ExpectedCommaOrBrace,
    /// JSON: not a number as JSON writes it.
    InvalidNumber,
    /// JSON: the number is beyond what a float can hold.
    NumberTooBig,
    /// JSON: an unknown escape in a string.
    InvalidEscape,
    /// JSON: half of a UTF-16 surrogate pair.
    LoneSurrogate,
    /// JSON: a character below U+0020 must be escaped in a string.
    ControlCharacter,
    /// MessagePack: a byte that starts no value.
    ReservedByte,
    /// MessagePack: a map's key is an array, a map or an extension.
    UnsupportedKey,
    /// Something follows the document.
    TrailingData,
    /// The allocator refused, or a string or container is larger than an object can hold.
    OutOfMemory,
}

impl ReadErrorKind {
    /// The meaning in a few words, for people.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::UnexpectedEnd => "the document ends too early",
            Self::ExpectedValue => "expected a value",
            Self::ExpectedKey => "expected a key in double quotes",
            Self::ExpectedColon => "expected ':' after the key",
            Self::ExpectedCommaOrBracket => "expected ',' or ']'",
            Self::ExpectedCommaOrBrace => "expected ',' or '}'",
            Self::InvalidNumber => "not a valid number",
            Self::NumberTooBig => "the number is too big",
            Self::InvalidEscape => "unknown escape in a string",
            Self::LoneSurrogate => "half of a surrogate pair",
            Self::ControlCharacter => "control character in a string",
            Self::ReservedByte => "no value starts with this byte",
            Self::UnsupportedKey => "a map key must be a string or a scalar",
            Self::TrailingData => "unexpected text after the document",
            Self::OutOfMemory => "out of memory",
        }
    }
}

/// Why and where a JSON or MessagePack document was refused.
///
/// ```
/// use bartizan_object::{AllocRef, json};
/// let text = b"{\n  \"a\": tru\n}";
/// let error = json::parse_with_depth(text, 20, AllocRef::global()).unwrap_err();
/// assert_eq!(error.to_string(), "expected a value at byte 9");
/// assert_eq!(error.explain(text).to_string(), "expected a value at line 2, column 8");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// What was wrong.
    pub kind: ReadErrorKind,
    /// The byte at which it was noticed, counted from 0; the document's length when it ended too early.
    pub offset: usize,
}

impl ReadError {
    /// Line and column of the offset in `text`, both counted from 1. Columns count characters: the
    /// bytes that do not continue a UTF-8 sequence.
    #[must_use]
    pub fn line_and_column(&self, text: &[u8]) -> (usize, usize) {
        let before = &text[..self.offset.min(text.len())];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let line = before[..line_start].iter().filter(|&&byte| byte == b'\n').count() + 1;
        let column = before[line_start..].iter().filter(|&&byte| byte & 0xc0 != 0x80).count() + 1;
        (line, column)
    }

    /// As the error itself, with line and column of the text it came from.
    #[must_use]
    pub fn explain<'a>(&'a self, text: &'a [u8]) -> impl fmt::Display + 'a {
        struct Explained(ReadErrorKind, (usize, usize));
        impl fmt::Display for Explained {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (line, column) = self.1;
                write!(f, "{} at line {line}, column {column}", self.0.message())
            }
        }
        Explained(self.kind, self.line_and_column(text))
    }

    /// For results of the allocator at `offset`.
    pub(crate) fn out_of_memory(offset: usize) -> impl FnOnce(AllocError) -> Self {
        move |AllocError| Self { kind: ReadErrorKind::OutOfMemory, offset }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind.message(), self.offset)
    }
}

impl core::error::Error for ReadError {}

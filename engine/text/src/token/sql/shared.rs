//! What the dialects read alike.

use memchr::{memchr, memmem};

use super::{Kind, Tokens, number, quoted};

/// What stands at the current position.
pub(super) struct Step {
    /// The token's kind; none for bytes that give no token.
    pub(super) kind: Option<Kind>,
    /// Length of the token.
    pub(super) len: usize,
    /// How far to move on.
    pub(super) advance: usize,
}

impl Step {
    pub(super) const fn token(kind: Kind, len: usize) -> Self {
        Self { kind: Some(kind), len, advance: len }
    }

    /// A token as long as its quoted part, with a prefix before that.
    pub(super) const fn prefixed(kind: Kind, prefix: usize, len: usize) -> Self {
        Self { kind: Some(kind), len, advance: prefix + len }
    }

    pub(super) const fn skip(advance: usize) -> Self {
        Self { kind: None, len: 0, advance }
    }
}

/// Bytes that all dialects read alike; none for the others.
pub(super) fn step(tokens: &Tokens<'_>) -> Option<Step> {
    let rest = tokens.rest();
    Some(match rest[0] {
        b'(' | b')' | b' ' | b'\t'..=b'\r' => Step::skip(1),
        b'.' => Step::token(Kind::Dot, 1),
        b',' => Step::token(Kind::Comma, 1),
        b';' => Step::token(Kind::StatementEnd, 1),
        b'=' | b'%' => Step::token(Kind::BinaryOperator, 1),
        b'+' => sign(tokens),
        b'|' if rest.get(1) == Some(&b'|') => Step::token(Kind::BinaryOperator, 2),
        b'|' => Step::token(Kind::BitwiseOperator, 1),
        b'/' => slash(rest),
        _ => return None,
    })
}

/// Whether a word begins with this byte in every dialect.
pub(super) const fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte > 0x7f
}

/// A `+` or `-`: part of a number, unless one stands before it.
pub(super) fn sign(tokens: &Tokens<'_>) -> Step {
    match number::len(tokens.rest()) {
        Some(len) if !tokens.after_number => Step::token(Kind::Number, len),
        _ => Step::token(Kind::BinaryOperator, 1),
    }
}

/// A number, where one is required.
pub(super) fn number(rest: &[u8]) -> Step {
    match number::len(rest) {
        Some(len) => Step::token(Kind::Number, len),
        // From any but the last of these digits no number begins either.
        None => Step::skip(rest.iter().take_while(|byte| byte.is_ascii_digit()).count().max(2) - 1),
    }
}

/// `/* … */`, or a division, which swallows the byte behind it.
pub(super) fn slash(rest: &[u8]) -> Step {
    if rest.get(1) != Some(&b'*') {
        return Step { kind: Some(Kind::BinaryOperator), len: 1, advance: 2 };
    }
    let end = rest.get(2..).and_then(|inside| memmem::find(inside, b"*/"));
    Step::token(Kind::BlockComment, end.map_or(rest.len(), |inside| inside + 4))
}

/// A comment up to the end of the line, which is not part of it.
pub(super) fn line_comment(rest: &[u8]) -> Step {
    let len = memchr(b'\n', rest).unwrap_or(rest.len());
    Step { kind: Some(Kind::LineComment), len, advance: len + 1 }
}

/// `->` or `->>`.
pub(super) fn arrow(rest: &[u8]) -> Step {
    Step::token(Kind::BinaryOperator, if rest.get(2) == Some(&b'>') { 3 } else { 2 })
}

/// `B'…'` or `X'…'`, if that stands here.
pub(super) fn bit_string(rest: &[u8]) -> Option<Step> {
    match rest {
        [b'b' | b'B' | b'x' | b'X', quoted @ ..] if quoted.first() == Some(&b'\'') => {
            Some(Step::prefixed(Kind::Number, 1, quoted::plain(quoted)))
        }
        _ => None,
    }
}

//! Operators of more than one byte, the colon, the backslash.

use super::{Class, Scanner, Token};

impl<'a> Scanner<'a> {
    /// An operator of up to three bytes; a colon before others is a mark, not an operator.
    pub(super) fn long_operator(&mut self) -> Token<'a> {
        let (class, len) = match self.rest(0) {
            [b'<', b'=', b'>', ..] => (Class::Operator, 3),
            [b'&', b'&', ..] | [b'|', b'|', ..] => (Class::Logic, 2),
            [b'!', b'!' | b'<' | b'=' | b'>', ..]
            | [b'&' | b'*', b'=', ..]
            | [b':', b':' | b'=', ..]
            | [b'<', b'<' | b'=' | b'>' | b'@', ..]
            | [b'>', b'=' | b'>', ..]
            | [b'|', b'/' | b'=', ..] => (Class::Operator, 2),
            [b':', _, ..] => (Class::Colon, 1),
            _ => (Class::Operator, 1),
        };
        self.before_word(class, len)
    }

    /// `\N` is MySQL's NULL; other backslashes mean little.
    pub(super) fn backslash(&mut self) -> Token<'a> {
        match self.peek(1) {
            Some(b'N') => self.token(Class::Number, 2),
            _ => self.token(Class::Backslash, 1),
        }
    }
}

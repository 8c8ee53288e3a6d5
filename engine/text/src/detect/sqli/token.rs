//! One token of the SQL reading of a value.

use super::class::Class;

/// How much of a token's text later stages may look at.
///
/// The bound decides answers: two words longer than this together never merge into a phrase,
/// a word longer than this is no keyword.
pub(super) const TEXT_MAX: usize = 31;

/// A token: its class and the first [`TEXT_MAX`] bytes of its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) class: Class,
    pub(super) text: &'a [u8],
    /// What opened a string, 0 if the opening quote stands before the value.
    pub(super) open: u8,
    /// What closed a string, 0 if nothing did.
    pub(super) close: u8,
}

impl<'a> Token<'a> {
    /// A token without quotes.
    pub(super) fn new(class: Class, text: &'a [u8]) -> Self {
        Self { class, text: &text[..text.len().min(TEXT_MAX)], open: 0, close: 0 }
    }

    pub(super) fn is(&self, class: Class) -> bool {
        self.class == class
    }

    pub(super) fn is_any(&self, classes: &[Class]) -> bool {
        classes.contains(&self.class)
    }

    /// Whether the text is `word`, without regard to case.
    #[inline(never)] // or else a copy for each word
    pub(super) fn says(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word.as_bytes())
    }

    /// Whether the token is a sign or negation that may stand before an operand.
    pub(super) fn is_unary(&self) -> bool {
        self.is(Class::Operator)
            && match self.text {
                [sign] => matches!(sign, b'+' | b'-' | b'!' | b'~'),
                b"!!" => true,
                word => word.eq_ignore_ascii_case(b"NOT"),
            }
    }

    /// Whether the token is one of the five arithmetic operators.
    pub(super) fn is_arithmetic(&self) -> bool {
        self.is(Class::Operator) && matches!(self.text, [b'*' | b'/' | b'-' | b'+' | b'%'])
    }
}

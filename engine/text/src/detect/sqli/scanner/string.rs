//! Quoted text in its many spellings.

use super::{Class, Scanner, Token, find_pair, span};
use crate::detect::sqli::keyword;

impl<'a> Scanner<'a> {
    /// The string that was open where the value starts.
    pub(super) fn rest_of_string(&mut self, quote: u8) -> Token<'a> {
        let token = self.string(quote, 0);
        Token { open: 0, ..token }
    }

    /// A string whose text starts `ahead` bytes from here and that `quote` ends.
    pub(super) fn string(&mut self, quote: u8, ahead: usize) -> Token<'a> {
        let text = self.rest(ahead);
        let end = end_of_string(text, quote);
        self.word_may_start = true;
        self.at += ahead + end.map_or(text.len(), |end| end + 1);
        Token {
            open: quote,
            close: if end.is_some() { quote } else { 0 },
            ..Token::new(Class::String, &text[..end.unwrap_or(text.len())])
        }
    }

    /// Text in backticks is a name, unless it names a function.
    pub(super) fn ticked(&mut self) -> Token<'a> {
        let token = self.string(b'`', 1);
        let class = match keyword::class_of(token.text) {
            Some(Class::Function) => Class::Function,
            _ => Class::Bareword,
        };
        Token { class, ..token }
    }

    /// Text in brackets is a name, on Microsoft's server.
    pub(super) fn bracketed(&mut self) -> Token<'a> {
        let rest = self.rest(0);
        let len = rest.iter().position(|&b| b == b']').map_or(rest.len(), |end| end + 1);
        self.token(Class::Bareword, len)
    }

    /// `b'01'` and `x'0f'` are numbers, if complete.
    pub(super) fn digit_string(&mut self, digit: impl Fn(u8) -> bool) -> Option<Token<'a>> {
        if self.peek(1) == Some(b'\'') {
            let len = span(self.rest(2), digit);
            if self.peek(2 + len) == Some(b'\'') {
                return Some(self.token(Class::Number, len + 3));
            }
        }
        self.word()
    }

    /// A string with one letter before its quote.
    pub(super) fn prefixed_string(&mut self) -> Option<Token<'a>> {
        match self.rest(1) {
            [b'\'', _, ..] => Some(self.string(b'\'', 2)),
            _ => self.word(),
        }
    }

    /// `n'...'` or `nq'[...]'`.
    pub(super) fn national_string(&mut self) -> Option<Token<'a>> {
        match self.rest(1) {
            [b'\'', _, ..] => Some(self.string(b'\'', 2)),
            _ => self.q_string(1),
        }
    }

    /// `u&'...'`, whose quotes are unlike others.
    pub(super) fn unicode_string(&mut self) -> Option<Token<'a>> {
        let [b'&', b'\'', ..] = self.rest(1) else { return self.word() };
        let token = self.string(b'\'', 3);
        Some(Token { open: b'u', close: if token.close == 0 { 0 } else { b'u' }, ..token })
    }

    /// Oracle's `q'[...]'`, `ahead` bytes from here: the byte after the quote chooses the end.
    pub(super) fn q_string(&mut self, ahead: usize) -> Option<Token<'a>> {
        let [b'q' | b'Q', b'\'', delimiter @ b'!'..=0x7f, text @ ..] = self.rest(ahead) else {
            return self.word();
        };
        let closing = match delimiter {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            &other => other,
        };
        let end = find_pair(text, [closing, b'\'']);
        self.at += ahead + 3;
        Some(self.delimited(b'q', text, end, 2))
    }

    /// A string from here to `end`, where a delimiter of `delimiter_len` bytes ends it; or to the
    /// end of the value. `mark` tells how it was quoted.
    pub(super) fn delimited(
        &mut self,
        mark: u8,
        text: &'a [u8],
        end: Option<usize>,
        delimiter_len: usize,
    ) -> Token<'a> {
        let len = end.unwrap_or(text.len());
        let token = self.token(Class::String, len);
        if end.is_some() {
            self.at += delimiter_len;
        }
        Token { open: mark, close: if end.is_some() { mark } else { 0 }, ..token }
    }
}

/// Where the `quote` stands that ends `text`: the first that is neither doubled nor behind an odd
/// number of backslashes.
fn end_of_string(text: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if byte == b'\\' {
            at += 2;
        } else if byte != quote {
            at += 1;
        } else if text.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::end_of_string;

    #[test]
    fn a_string_ends_at_a_quote_that_is_not_escaped() {
        for (text, end) in [
            ("a'b", Some(1)),
            ("a''b'", Some(4)),
            ("a'''b'", Some(3)),
            (r"a\'b'", Some(4)),
            (r"a\\'b'", Some(3)),
            (r"\\\'", None),
            (r"\", None),
            ("''", None),
            ("", None),
            ("'", Some(0)),
            (r"\'''", None),
            (r"\''", Some(2)),
        ] {
            assert_eq!(end_of_string(text.as_bytes(), b'\''), end, "{text}");
        }
    }
}

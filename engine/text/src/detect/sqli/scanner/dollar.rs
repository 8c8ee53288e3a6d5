//! Money, and PostgreSQL's dollar quotes.

use super::{Class, Scanner, Token, find_pair, span};

impl<'a> Scanner<'a> {
    /// `$1,000.00`, `$$text$$`, `$tag$text$tag$`, or a lone dollar sign.
    pub(super) fn dollar(&mut self) -> Option<Token<'a>> {
        let rest = self.rest(1);
        match span(rest, |b| b.is_ascii_digit() || b == b'.' || b == b',') {
            0 => {}
            1 if rest[0] == b'.' => return self.word(),
            len => return Some(self.token(Class::Number, 1 + len)),
        }
        Some(match rest {
            [] => self.token(Class::Bareword, 1),
            [b'$', text @ ..] => {
                self.at += 2;
                self.delimited(b'$', text, find_pair(text, *b"$$"), 2)
            }
            _ => {
                let tag = span(rest, |b| b.is_ascii_alphabetic());
                match rest.get(tag) {
                    Some(b'$') => self.tagged(tag + 2),
                    _ if tag == 0 => self.token(Class::Bareword, 1),
                    _ => self.before_word(Class::Bareword, 1),
                }
            }
        })
    }

    /// A string between two equal delimiters, of which the first stands here.
    ///
    /// The second is looked for in the value without its first `delimiter_len` and last `at` bytes,
    /// and if the first thing found there is not behind the opening delimiter, it counts as
    /// missing. So, behind a start that is longer than the delimiter, every such string is open.
    fn tagged(&mut self, delimiter_len: usize) -> Token<'a> {
        let opening = self.at;
        let (delimiter, text) = self.rest(0).split_at(delimiter_len);
        self.at += delimiter_len;
        let end = if opening < delimiter_len {
            let searched = &self.input[delimiter_len..self.input.len() - opening];
            searched.windows(delimiter_len).position(|window| window == delimiter)
        } else {
            None
        };
        self.delimited(b'$', text, end.and_then(|end| end.checked_sub(opening)), delimiter_len)
    }
}

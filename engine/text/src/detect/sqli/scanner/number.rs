//! Numbers, and what begins like one.

use super::{Class, Scanner, Token, span};

impl<'a> Scanner<'a> {
    /// Whatever starts with a digit or a dot.
    pub(super) fn number(&mut self) -> Token<'a> {
        let rest = self.rest(0);
        if let [b'0', radix, digits @ ..] = rest {
            let len = match radix {
                b'x' | b'X' => Some(span(digits, |b| b.is_ascii_hexdigit())),
                b'b' | b'B' => Some(span(digits, |b| matches!(b, b'0' | b'1'))),
                _ => None,
            };
            match len {
                Some(0) => return self.token(Class::Bareword, 2),
                Some(len) => return self.token(Class::Number, 2 + len),
                None => {}
            }
        }

        let mut len = digits(rest, 0);
        if rest.get(len) == Some(&b'.') {
            len = digits(rest, len + 1);
            if len == 1 {
                return self.token(Class::Dot, 1);
            }
        }
        let mut class = Class::Number;
        if let Some(b'e' | b'E') = rest.get(len) {
            len += if let Some(b'+' | b'-') = rest.get(len + 1) { 2 } else { 1 };
            let exponent = len;
            len = digits(rest, len);
            if len == exponent {
                class = Class::Bareword;
            }
        }
        // Oracle's suffixes, if nothing of a word follows; but 1fUNION is cut behind the f.
        if let Some(b'd' | b'D' | b'f' | b'F') = rest.get(len)
            && let None | Some(0 | b'\t'..=b'\r' | b' ' | 0xa0 | b';' | b'u' | b'U') = rest.get(len + 1)
        {
            len += 1;
        }
        self.token(class, len)
    }
}

/// Where the decimal digits end that start at `at`.
fn digits(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|b| !b.is_ascii_digit()).map_or(text.len(), |len| at + len)
}

//! Words and variables.

use super::{Class, Scanner, Token};
use crate::detect::sqli::{keyword, token::TEXT_MAX};

/// Bits of [`ROLES`].
const ENDS_WORD: u8 = 1;
const ENDS_VARIABLE: u8 = 2;
/// Behind a keyword it ends the word.
const ENDS_KEYWORD: u8 = 4;

/// What a byte means within a word and a variable's name.
static ROLES: [u8; 256] = roles();

const fn roles() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            0 | b'\t'..=b'\r' | b' ' | b'"' => ENDS_WORD | ENDS_VARIABLE,
            b'!' | b'#' | b'%' | b'&' | b'(' | b')' | b'*' | b'+' | b',' | b'-' | b'/' | b'\'' => {
                ENDS_WORD | ENDS_VARIABLE
            }
            b':' | b';' | b'<' | b'=' | b'>' | b'?' | b'@' | b'\\' | b'^' | b'|' | b'~' => {
                ENDS_WORD | ENDS_VARIABLE
            }
            b'[' | b']' | b'{' | b'}' | 0xa0 => ENDS_WORD,
            b'`' => ENDS_VARIABLE | ENDS_KEYWORD,
            b'.' => ENDS_KEYWORD,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// How many leading bytes of `text` have no role in `roles`.
fn span_without(text: &[u8], roles: u8) -> usize {
    text.iter().position(|&b| ROLES[b as usize] & roles != 0).unwrap_or(text.len())
}

impl<'a> Scanner<'a> {
    /// A word, classed by the keyword list. One in a place where none may start breaks the scan.
    pub(super) fn word(&mut self) -> Option<Token<'a>> {
        if !self.word_may_start {
            self.broken = true;
            return None;
        }
        let rest = self.rest(0);
        let head = &rest[..rest.len().min(TEXT_MAX)];
        // A keyword ends at a dot or backtick: SELECT.1, SELECT`a`. The rest of the word is not
        // looked at before this is settled, as it may be long and cut again and again.
        let mut len = 0;
        loop {
            len += span_without(&head[len..], ENDS_WORD | ENDS_KEYWORD);
            if head.get(len).is_none_or(|&b| ROLES[b as usize] & ENDS_WORD != 0) {
                break;
            }
            match keyword::class_of(&head[..len]) {
                None | Some(Class::Bareword) => len += 1,
                Some(class) => return Some(self.token(class, len)),
            }
        }
        if len == TEXT_MAX {
            len += span_without(&rest[len..], ENDS_WORD);
        }
        let class = if len <= TEXT_MAX { keyword::class_of(&rest[..len]) } else { None };
        Some(self.token(class.unwrap_or(Class::Bareword), len))
    }

    /// `@name`, `@@name`, also quoted.
    pub(super) fn variable(&mut self) -> Token<'a> {
        self.at += if self.peek(1) == Some(b'@') { 2 } else { 1 };
        match self.peek(0) {
            Some(b'`') => Token { class: Class::Variable, ..self.ticked() },
            Some(quote @ (b'\'' | b'"')) => Token { class: Class::Variable, ..self.string(quote, 1) },
            _ => {
                let len = span_without(self.rest(0), ENDS_VARIABLE);
                self.token(Class::Variable, len)
            }
        }
    }
}

//! SQL injection into a known statement: does a parameter change its structure?

mod order_by;

use alloc::vec::Vec;
use core::{cell::OnceCell, ops::Range};

use super::occurrences::Finder;
use crate::token::sql::{Dialect, Kind, Token, Tokens};

/// Parameters below this length are not looked at.
const MIN_LEN: usize = 3;
/// From so many tokens on a parameter is structure rather than value.
const MANY_TOKENS: usize = 4;

/// What a parameter does to a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Harmless,
    /// It injects where it stands in this range of the statement.
    Injection(Range<usize>),
    /// The parameter stands in the statement, but the statement cannot be read: nor will any other parameter match.
    Unreadable,
}

/// A statement to check parameters against.
///
/// It is cut into tokens when the first parameter is found in it, once.
///
/// ```
/// use bartizan_text::{detect::sql_injection::{Statement, Verdict}, token::sql::Dialect};
/// let statement = Statement::new(b"SELECT * FROM t WHERE id = 1 OR 1 = 1", Dialect::Generic);
/// assert_eq!(statement.check(b"1 OR 1 = 1"), Verdict::Injection(27..37));
/// assert_eq!(statement.stripped(), b"SELECT * FROM t WHERE id = ? OR ? = ?");
/// ```
#[derive(Debug)]
pub struct Statement<'a> {
    text: &'a [u8],
    dialect: Dialect,
    finder: Finder,
    reading: OnceCell<Option<Reading>>,
}

#[derive(Debug)]
struct Reading {
    /// At least one.
    tokens: Vec<Token>,
    /// Index of the first `WHERE`.
    where_index: Option<usize>,
}

impl<'a> Statement<'a> {
    /// The statement with this text.
    #[must_use]
    pub const fn new(text: &'a [u8], dialect: Dialect) -> Self {
        Self { text, dialect, finder: Finder::new(), reading: OnceCell::new() }
    }

    /// Looks at each place where `param` stands in the statement, in order.
    #[must_use]
    pub fn check(&self, param: &[u8]) -> Verdict {
        if param.len() < MIN_LEN {
            return Verdict::Harmless;
        }
        // Index of the first telling token at or behind the last place looked at.
        let mut telling = 0;
        for start in self.finder.find(self.text, param) {
            let Some(Reading { tokens, where_index }) = self.reading() else { return Verdict::Unreadable };
            let end = start + param.len();
            let first = tokens.partition_point(|token| token.end() <= start);
            let behind = first + tokens[first..].partition_point(|token| (token.start as usize) < end);
            let injected = &tokens[first..behind];
            let harmful = if injected.len() < MANY_TOKENS {
                let behind_where = where_index.is_some_and(|index| index < first);
                (behind_where && self.is_tautology(injected)) || self.cuts_with_comment(injected, end)
            } else {
                telling = first.max(telling);
                while tokens.get(telling).is_some_and(|token| is_list_part(token.kind)) {
                    telling += 1;
                }
                telling < behind && !self.is_benign_order(&tokens[..first], injected)
            };
            if harmful {
                return Verdict::Injection(start..end);
            }
        }
        Verdict::Harmless
    }

    /// The statement with `?` in place of each literal, as it is reported. Unchanged if it cannot be read.
    ///
    /// What follows a literal with a prefix (`E'…'`) begins too early, as the token's length
    /// leaves the prefix out.
    #[must_use]
    pub fn stripped(&self) -> Vec<u8> {
        let mut stripped = Vec::with_capacity(self.text.len());
        let mut at = 0;
        let tokens = self.reading().map_or(&[][..], |reading| &reading.tokens);
        for literal in tokens.iter().filter(|token| token.kind.is_literal()) {
            stripped.extend_from_slice(&self.text[at..literal.start as usize]);
            stripped.push(b'?');
            at = literal.end();
        }
        stripped.extend_from_slice(&self.text[at..]);
        stripped
    }

    fn reading(&self) -> Option<&Reading> {
        let read = || {
            // A token and what separates it from the next take four bytes, more or less.
            let mut tokens = Vec::with_capacity(self.text.len() / 4 + 1);
            for token in Tokens::new(self.text, self.dialect) {
                tokens.push(token.ok()?);
            }
            let is_where = |token: &Token| {
                token.kind == Kind::Keyword && token.text(self.text).eq_ignore_ascii_case(b"where")
            };
            let where_index = tokens.iter().position(is_where);
            (!tokens.is_empty()).then_some(Reading { tokens, where_index })
        };
        self.reading.get_or_init(read).as_ref()
    }

    /// Three tokens that are likely true: `OR 1`, `1 = 1` and their kin.
    fn is_tautology(&self, injected: &[Token]) -> bool {
        let [left, middle, right] = injected else { return false };
        let operator = middle.text(self.text);
        if middle.kind != Kind::BinaryOperator {
            return operator.eq_ignore_ascii_case(b"or") || operator.eq_ignore_ascii_case(b"xor");
        }
        let named = |token: &Token| matches!(token.kind, Kind::Keyword | Kind::Identifier);
        // Values of two kinds may be equal, a name hardly is by chance.
        left.kind == right.kind || !operator.contains(&b'=') || !(named(left) || named(right))
    }

    /// Something, and then a comment up to the end of the line.
    fn cuts_with_comment(&self, injected: &[Token], end: usize) -> bool {
        let Some(index) = injected.iter().position(|token| token.kind == Kind::LineComment) else {
            return false;
        };
        let comment = &injected[index];
        // Of a final `--` both dashes must have been injected.
        let is_whole = index + 1 < injected.len()
            || !comment.text(self.text).starts_with(b"--")
            || end - comment.start as usize >= 2;
        index > 0 && is_whole
    }

    /// A list of columns right behind `ORDER BY`.
    fn is_benign_order(&self, before: &[Token], injected: &[Token]) -> bool {
        let [.., order, by] = before else { return false };
        order.text(self.text).eq_ignore_ascii_case(b"order")
            && by.text(self.text).eq_ignore_ascii_case(b"by")
            && order_by::is_list(self.text, injected)
    }
}

/// Whether a token may stand in a list of values; only others tell of an injection.
const fn is_list_part(kind: Kind) -> bool {
    matches!(kind, Kind::Comma | Kind::Number | Kind::SingleQuoted | Kind::DoubleQuoted | Kind::DollarQuoted)
}

#[cfg(test)]
mod tests;

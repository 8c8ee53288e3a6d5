//! SQL statements, in four dialects.

mod generic;
mod mysql;
mod number;
mod postgresql;
mod quoted;
mod shared;
mod sqlite;
mod word;

use shared::Step;

/// A token of a statement.
///
/// Of a PostgreSQL string with a prefix (`E'…'`, `U&'…'`) and of bit strings (`B'…'`, `X'…'`) the range starts
/// at the prefix but is only as long as the quoted part, as in libddwaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What the token is.
    pub kind: Kind,
    /// Offset of its first byte.
    pub start: u32,
    /// Length in bytes, at least 1.
    pub len: u32,
}

impl Token {
    /// Offset behind the last byte.
    #[must_use]
    pub const fn end(&self) -> usize {
        self.start as usize + self.len as usize
    }

    /// The token's bytes within the statement it came from.
    #[must_use]
    pub fn text<'a>(&self, statement: &'a [u8]) -> &'a [u8] {
        &statement[self.start as usize..self.end()]
    }
}

/// What an SQL token is. Parentheses give no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of the few words that structure a query; PostgreSQL's `::` too.
    Keyword,
    /// A name, quoted or not, a variable or a numbered parameter.
    Identifier,
    /// A number or bit string.
    Number,
    /// `'…'`, where it is a string.
    SingleQuoted,
    /// `"…"`, where it is a string.
    DoubleQuoted,
    /// `` `…` ``, where it is a string.
    BackQuoted,
    /// `$tag$…$tag$`.
    DollarQuoted,
    /// `*`
    Asterisk,
    /// A comment up to the end of the line.
    LineComment,
    /// `/* … */`
    BlockComment,
    /// `,`
    Comma,
    /// `?`, where it stands for a parameter.
    QuestionMark,
    /// `:`
    Colon,
    /// `.`
    Dot,
    /// `;`
    StatementEnd,
    /// An operator, a word (`AND`) or a sign.
    BinaryOperator,
    /// An operator on bits.
    BitwiseOperator,
    /// `[`
    ArrayOpen,
    /// `]`
    ArrayClose,
    /// `{`
    BraceOpen,
    /// `}`
    BraceClose,
}

impl Kind {
    /// Whether the token is a value written out.
    #[must_use]
    pub const fn is_literal(self) -> bool {
        matches!(
            self,
            Self::Number | Self::SingleQuoted | Self::DoubleQuoted | Self::BackQuoted | Self::DollarQuoted
        )
    }
}

/// The kind of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Everything without a tokenizer of its own.
    #[default]
    Generic,
    /// MySQL and its kin.
    MySql,
    /// PostgreSQL.
    PostgreSql,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// The dialect of a database by its name, in any case.
    ///
    /// ```
    /// use bartizan_text::token::sql::Dialect;
    /// assert_eq!(Dialect::from_database(b"MySQL2"), Dialect::MySql);
    /// assert_eq!(Dialect::from_database(b"oracle"), Dialect::Generic);
    /// ```
    #[must_use]
    pub fn from_database(name: &[u8]) -> Self {
        const NAMES: [(&str, Dialect); 5] = [
            ("mysql", Dialect::MySql),
            ("mysql2", Dialect::MySql),
            ("postgresql", Dialect::PostgreSql),
            ("pgsql", Dialect::PostgreSql),
            ("sqlite", Dialect::Sqlite),
        ];
        let named = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
        named.map_or(Self::Generic, |&(_, dialect)| dialect)
    }
}

/// A byte that no token of the dialect begins with; the statement cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignByte {
    /// Where it stands.
    pub offset: usize,
}

/// The tokens of a statement, in ascending order and disjoint.
///
/// Ends behind the first error.
///
/// ```
/// use bartizan_text::token::sql::{Dialect, Kind, Tokens};
/// let kinds: Result<Vec<Kind>, _> =
///     Tokens::new(b"SELECT (a)", Dialect::Generic).map(|token| token.map(|token| token.kind)).collect();
/// assert_eq!(kinds, Ok(vec![Kind::Keyword, Kind::Identifier]));
/// ```
#[derive(Debug)]
pub struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
    dialect: Dialect,
    /// A sign behind a number is an operator.
    after_number: bool,
    /// No word ends between here and this offset; saves looking again from each byte.
    barren_until: usize,
}

impl<'a> Tokens<'a> {
    /// Of a text longer than 4 GiB only the beginning is read.
    #[must_use]
    pub fn new(text: &'a [u8], dialect: Dialect) -> Self {
        let text = &text[..text.len().min(u32::MAX as usize)];
        Self { text, at: 0, dialect, after_number: false, barren_until: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }
}

impl Iterator for Tokens<'_> {
    type Item = Result<Token, ForeignByte>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.text.len() {
            let start = self.at;
            let step = match self.dialect {
                Dialect::Generic => generic::step(self),
                Dialect::MySql => mysql::step(self),
                Dialect::PostgreSql => postgresql::step(self),
                Dialect::Sqlite => sqlite::step(self),
            };
            let Some(Step { kind, len, advance }) = step else {
                self.at = self.text.len();
                return Some(Err(ForeignByte { offset: start }));
            };
            self.at = self.text.len().min(start + advance);
            if let Some(kind) = kind {
                self.after_number = kind == Kind::Number;
                let len = len.min(self.text.len() - start);
                return Some(Ok(Token { kind, start: start as u32, len: len as u32 }));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;

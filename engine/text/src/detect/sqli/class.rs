//! What a token is, as far as fingerprints care.

/// The class of a token. Its discriminant is the letter it has in a fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Class {
    /// A word that takes part in a statement but starts none: FROM, WHERE, INTO.
    Keyword = b'k',
    /// UNION, EXCEPT, INTERSECT.
    Union = b'U',
    /// What may follow an expression: GROUP BY, ORDER BY, LIMIT, HAVING.
    Group = b'B',
    /// What an expression follows: SELECT, INSERT, CASE.
    Expression = b'E',
    /// A type or character set introducer: INT, _UTF8.
    SqlType = b't',
    Function = b'f',
    Bareword = b'n',
    Number = b'1',
    Variable = b'v',
    String = b's',
    Operator = b'o',
    /// AND, OR, XOR, `&&`, `||`.
    Logic = b'&',
    Comment = b'c',
    Collate = b'A',
    /// A word that can start a statement of its own: EXEC, DROP, BEGIN.
    Statement = b'T',
    LeftParen = b'(',
    RightParen = b')',
    LeftBrace = b'{',
    RightBrace = b'}',
    Dot = b'.',
    Comma = b',',
    Colon = b':',
    Semicolon = b';',
    Backslash = b'\\',
    Unknown = b'?',
    /// Never innocent, whatever stands around it: MySQL's conditional comment, a nested comment.
    Evil = b'X',
}

impl Class {
    /// The class a keyword list names by `letter`.
    pub(super) const fn of_keyword(letter: u8) -> Option<Self> {
        Some(match letter {
            b'k' => Self::Keyword,
            b'U' => Self::Union,
            b'B' => Self::Group,
            b'E' => Self::Expression,
            b't' => Self::SqlType,
            b'f' => Self::Function,
            b'n' => Self::Bareword,
            b'1' => Self::Number,
            b'v' => Self::Variable,
            b'o' => Self::Operator,
            b'&' => Self::Logic,
            b'A' => Self::Collate,
            b'T' => Self::Statement,
            _ => return None,
        })
    }

    /// The letter that stands for the class in a fingerprint.
    pub(super) const fn letter(self) -> u8 {
        self as u8
    }
}

//! SQLite.

use memchr::memchr;

use super::{
    Kind, Tokens, quoted,
    shared::{self, Step},
    word::{self, Vocabulary},
};

static VOCABULARY: Vocabulary = Vocabulary::new(
    &[
        "SELECT",
        "DISTINCT",
        "ALL",
        "FROM",
        "WHERE",
        "GROUP",
        "HAVING",
        "WINDOW",
        "VALUES",
        "OFFSET",
        "LIMIT",
        "ORDER",
        "BY",
        "ASC",
        "DESC",
        "UNION",
        "INTERSECT",
        "EXCEPT",
        "NULL",
        "AS",
    ],
    &[
        "OR", "AND", "IN", "BETWEEN", "LIKE", "GLOB", "ESCAPE", "COLLATE", "REGEXP", "MATCH", "NOTNULL",
        "ISNULL", "NOT", "IS",
    ],
);

pub(super) fn step(tokens: &mut Tokens<'_>) -> Option<Step> {
    let rest = tokens.rest();
    let next = rest.get(1).copied();
    let binary = |len| Step::token(Kind::BinaryOperator, len);
    Some(match rest[0] {
        byte if shared::begins_word(byte) => word::step(tokens, &VOCABULARY),
        b'$' => word::parameter_len(rest).map_or(Step::skip(1), |len| Step::token(Kind::Identifier, len)),
        b'0'..=b'9' => shared::number(rest),
        b'"' | b'`' => Step::token(Kind::Identifier, quoted::doubling(rest)),
        b'\'' => Step::token(Kind::SingleQuoted, quoted::doubling(rest)),
        // The bracket that closes the name is left over, and foreign.
        b'[' => Step::token(Kind::Identifier, memchr(b']', rest).unwrap_or(rest.len())),
        b'?' => Step::token(Kind::QuestionMark, 1),
        b'*' => Step::token(Kind::Asterisk, 1),
        b'-' if next == Some(b'-') => shared::line_comment(rest),
        b'-' if next == Some(b'>') => shared::arrow(rest),
        b'-' => shared::sign(tokens),
        b'!' if next == Some(b'=') => binary(2),
        b'<' if rest.starts_with(b"<=>") => binary(3),
        b'<' if matches!(next, Some(b'=' | b'<' | b'>')) => binary(2),
        b'>' if matches!(next, Some(b'=' | b'>')) => binary(2),
        b'<' | b'>' => binary(1),
        b'&' | b'~' => Step::token(Kind::BitwiseOperator, 1),
        b':' => Step::token(Kind::Colon, 1),
        _ => return shared::step(tokens),
    })
}

//! SQL of databases without a dialect of their own here.

use super::{
    Kind, Tokens, quoted,
    shared::{self, Step},
    word::{self, Vocabulary},
};

static VOCABULARY: Vocabulary = Vocabulary::new(
    &[
        "SELECT", "FROM", "WHERE", "GROUP", "OFFSET", "LIMIT", "DISTINCT", "HAVING", "ORDER", "ASC", "DESC",
        "UNION", "NULL", "ALL", "ANY", "BY", "AS",
    ],
    &["OR", "AND", "BETWEEN", "LIKE", "IN", "MOD", "IS", "NOT"],
);

pub(super) fn step(tokens: &mut Tokens<'_>) -> Option<Step> {
    let rest = tokens.rest();
    let next = rest.get(1).copied();
    let binary = |len| Step::token(Kind::BinaryOperator, len);
    Some(match rest[0] {
        byte if shared::begins_word(byte) => word::step(tokens, &VOCABULARY),
        b'0'..=b'9' => shared::number(rest),
        b'"' => Step::token(Kind::Identifier, quoted::escaping(rest)),
        b'\'' => Step::token(Kind::SingleQuoted, quoted::escaping(rest)),
        b'`' => Step::token(Kind::BackQuoted, quoted::escaping(rest)),
        b'?' => Step::token(Kind::QuestionMark, 1),
        b'*' => Step::token(Kind::Asterisk, 1),
        b'-' if next == Some(b'-') => shared::line_comment(rest),
        b'-' => shared::sign(tokens),
        b'#' => shared::line_comment(rest),
        b'!' | b'>' | b'<' if next == Some(b'=') => binary(2),
        b'<' if next == Some(b'>') => binary(2),
        b'!' | b'>' | b'<' => binary(1),
        b'&' | b'^' | b'~' => Step::token(Kind::BitwiseOperator, 1),
        b':' => Step::token(Kind::Colon, 1),
        _ => return shared::step(tokens),
    })
}

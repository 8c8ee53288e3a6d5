//! PostgreSQL.

use memchr::memmem;

use super::{
    Kind, Tokens, quoted,
    shared::{self, Step},
    word::{self, Vocabulary},
};

static VOCABULARY: Vocabulary = Vocabulary::new(
    &[
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP",
        "OFFSET",
        "LIMIT",
        "HAVING",
        "ORDER",
        "PARTITION",
        "BY",
        "ASC",
        "DESC",
        "NULL",
    ],
    &["OR", "XOR", "AND", "IN", "BETWEEN", "LIKE", "REGEXP", "SOUNDS", "NOT", "IS", "MOD", "DIV"],
);

pub(super) fn step(tokens: &mut Tokens<'_>) -> Option<Step> {
    let rest = tokens.rest();
    let next = rest.get(1).copied();
    let binary = |len| Step::token(Kind::BinaryOperator, len);
    Some(match rest[0] {
        byte if shared::begins_word(byte) => match prefixed_string(rest) {
            Some(step) => step,
            None => word::step(tokens, &VOCABULARY),
        },
        b'0'..=b'9' => shared::number(rest),
        b'"' => Step::token(Kind::Identifier, quoted::doubling(rest)),
        b'\'' => Step::token(Kind::SingleQuoted, quoted::doubling(rest)),
        b'$' => dollar(rest),
        b'?' => binary(if matches!(next, Some(b'|' | b'&')) { 2 } else { 1 }),
        b'#' if rest.starts_with(b"#>>") => binary(3),
        b'#' if matches!(next, Some(b'>' | b'-')) => binary(2),
        b'#' | b'&' | b'^' | b'~' => Step::token(Kind::BitwiseOperator, 1),
        b'*' => Step::token(Kind::Asterisk, 1),
        b'-' if next == Some(b'-') => shared::line_comment(rest),
        b'-' if next == Some(b'>') => shared::arrow(rest),
        b'-' => shared::sign(tokens),
        b'@' if matches!(next, Some(b'@' | b'>')) => binary(2),
        b'@' => Step::skip(1),
        b'!' if next == Some(b'=') => binary(2),
        b'<' if rest.starts_with(b"<=>") => binary(3),
        b'<' if matches!(next, Some(b'=' | b'@' | b'<' | b'>')) => binary(2),
        b'>' if matches!(next, Some(b'=' | b'>')) => binary(2),
        b'!' | b'<' | b'>' => binary(1),
        b':' if next == Some(b'=') => binary(2),
        b':' if next == Some(b':') => Step::token(Kind::Keyword, 2),
        b':' => Step::token(Kind::Colon, 1),
        b'[' => Step::token(Kind::ArrayOpen, 1),
        b']' => Step::token(Kind::ArrayClose, 1),
        _ => return shared::step(tokens),
    })
}

/// `U&'…'`, `U&"…"`, `E'…'`, `B'…'` or `X'…'`.
fn prefixed_string(rest: &[u8]) -> Option<Step> {
    match rest {
        [b'u' | b'U', b'&', b'\'', ..] => {
            Some(Step::prefixed(Kind::SingleQuoted, 2, quoted::doubling(&rest[2..])))
        }
        [b'u' | b'U', b'&', b'"', ..] => {
            Some(Step::prefixed(Kind::Identifier, 2, quoted::doubling(&rest[2..])))
        }
        [b'e' | b'E', b'\'', ..] => Some(Step::prefixed(Kind::SingleQuoted, 1, quoted::escaping(&rest[1..]))),
        _ => shared::bit_string(rest),
    }
}

/// `$tag$…$tag$` or `$1`.
fn dollar(rest: &[u8]) -> Step {
    let begins_tag = rest.get(1).is_some_and(|&byte| shared::begins_word(byte) || byte == b'$');
    if !begins_tag {
        return word::parameter_len(rest).map_or(Step::skip(1), |len| Step::token(Kind::Identifier, len));
    }
    let in_tag = |byte: &&u8| shared::begins_word(**byte) || byte.is_ascii_digit();
    let tag = 1 + rest[1..].iter().take_while(in_tag).count();
    if rest.get(tag) != Some(&b'$') {
        // Neither this nor the byte that ended it is looked at.
        return Step::skip(tag + 1);
    }
    let (tag, body) = rest.split_at(tag + 1);
    let end = memmem::find(body, tag).map_or(rest.len(), |found| found + 2 * tag.len());
    Step::token(Kind::DollarQuoted, end)
}

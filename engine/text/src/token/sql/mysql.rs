//! MySQL.

use super::{
    Kind, Tokens, number, quoted,
    shared::{self, Step},
    word::{self, Vocabulary},
};

static VOCABULARY: Vocabulary = Vocabulary::new(
    &[
        "SELECT",
        "ALL",
        "DISTINCT",
        "DISTINCTROW",
        "HIGH_PRIORITY",
        "STRAIGHT_JOIN",
        "SQL_SMALL_RESULT",
        "SQL_BIG_RESULT",
        "SQL_BUFFER_RESULT",
        "SQL_NO_CACHE",
        "SQL_CALC_FOUND_ROWS",
        "FROM",
        "PARTITION",
        "WHERE",
        "GROUP",
        "WITH",
        "ROLLUP",
        "UNION",
        "INTERSECT",
        "EXCEPT",
        "HAVING",
        "WINDOW",
        "ORDER",
        "CASE",
        "NULL",
        "BY",
        "ASC",
        "DESC",
        "LIMIT",
        "OFFSET",
        "AS",
    ],
    &[
        "MOD", "AND", "BETWEEN", "BINARY", "DIV", "LAST_DAY", "REGEXP", "XOR", "OR", "RLIKE", "SOUNDS",
        "LIKE", "NOT", "IN", "IS",
    ],
);

pub(super) fn step(tokens: &mut Tokens<'_>) -> Option<Step> {
    let rest = tokens.rest();
    let next = rest.get(1).copied();
    let binary = |len| Step::token(Kind::BinaryOperator, len);
    let bitwise = |len| Step::token(Kind::BitwiseOperator, len);
    Some(match rest[0] {
        byte if shared::begins_word(byte) => match shared::bit_string(rest) {
            Some(step) => step,
            None => word::step(tokens, &VOCABULARY),
        },
        b'0'..=b'9' => number_or_name(tokens),
        b'"' => Step::token(Kind::DoubleQuoted, quoted::escaping(rest)),
        b'\'' => Step::token(Kind::SingleQuoted, quoted::escaping(rest)),
        b'`' => Step::token(Kind::Identifier, quoted::escaping(rest)),
        b'?' => Step::token(Kind::QuestionMark, 1),
        // Comments with an exclamation mark hold code: only their marks are passed over.
        b'/' if rest.starts_with(b"/*!") => Step::skip(3),
        b'*' if next == Some(b'/') => Step::skip(2),
        b'*' => Step::token(Kind::Asterisk, 1),
        b'-' if next == Some(b'-') && matches!(rest.get(2), None | Some(0 | b' ' | b'\t'..=b'\r')) => {
            shared::line_comment(rest)
        }
        b'-' if next == Some(b'>') => shared::arrow(rest),
        b'-' => shared::sign(tokens),
        b'#' => shared::line_comment(rest),
        b'@' => variable_len(rest).map_or(Step::skip(1), |len| Step::token(Kind::Identifier, len)),
        b'!' if next == Some(b'=') => binary(2),
        b'<' if rest.starts_with(b"<=>") => binary(3),
        b'<' if next == Some(b'<') => bitwise(2),
        b'>' if next == Some(b'>') => bitwise(2),
        b'<' if matches!(next, Some(b'=' | b'>')) => binary(2),
        b'>' if next == Some(b'=') => binary(2),
        b'!' | b'<' | b'>' => binary(1),
        b'&' | b'^' | b'~' if next == Some(b'&') => binary(2),
        b'&' | b'^' | b'~' => bitwise(1),
        b':' if next == Some(b'=') => binary(2),
        b':' => Step::token(Kind::Colon, 1),
        b'{' => Step::token(Kind::BraceOpen, 1),
        b'}' => Step::token(Kind::BraceClose, 1),
        _ => return shared::step(tokens),
    })
}

/// What begins with a digit: a number, or else a name with something other than digits in it.
fn number_or_name(tokens: &mut Tokens<'_>) -> Step {
    let rest = tokens.rest();
    if let Some(len) = number::len(rest) {
        return Step::token(Kind::Number, len);
    }
    let letter = rest.iter().position(|&byte| !byte.is_ascii_digit() && byte != b'$').unwrap_or(rest.len());
    match word::name(tokens, |end| end > letter) {
        Some(len) => Step::token(Kind::Identifier, len),
        None => Step::skip(1),
    }
}

/// `@name`, `@@name`, with quoted names and further names behind dots.
fn variable_len(rest: &[u8]) -> Option<usize> {
    let parts = if rest.get(1) == Some(&b'@') { 2 } else { 1 };
    let mut at = parts + variable_part_len(&rest[parts..]).filter(|&len| len > 0)?;
    loop {
        // A colon is let through before a dot and before a back-quoted name.
        let dot = if rest.get(at) == Some(&b':') { at + 1 } else { at };
        if rest.get(dot) != Some(&b'.') {
            return Some(at);
        }
        at = dot + 1;
        at += variable_part_len(&rest[at..]).unwrap_or(0);
    }
}

/// Length of one name of a variable, which may be empty unless quoted; none for a bad quoted name.
fn variable_part_len(text: &[u8]) -> Option<usize> {
    match text {
        [b':', b'`', ..] => Some(1 + quoted_name_len(&text[1..])?),
        [b'`' | b'\'' | b'"', ..] => quoted_name_len(text),
        _ => Some(
            text.iter()
                .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'_'))
                .count(),
        ),
    }
}

/// Length of a quoted name; it must be UTF-8 (loosely), and end. A backslash guards any character but a line feed.
fn quoted_name_len(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            byte if *byte == text[0] => return Some(at + 1),
            b'\\' if text.get(at + 1) == Some(&b'\n') => return None,
            b'\\' => at += 1 + character_len(text.get(at + 1..)?)?,
            _ => at += character_len(&text[at..])?,
        }
    }
}

/// Length of a UTF-8 character; overlong forms and code points above the last are let through where the lead byte allows.
fn character_len(text: &[u8]) -> Option<usize> {
    const fn continues(byte: u8) -> bool {
        byte & 0xc0 == 0x80
    }
    match *text {
        [0..=0x7f, ..] => Some(1),
        [0xc2..=0xdf, a, ..] if continues(a) => Some(2),
        [0xe0..=0xef, a, b, ..] if continues(a) && continues(b) => Some(3),
        [0xf0..=0xf4, a, b, c, ..] if continues(a) && continues(b) && continues(c) => Some(4),
        _ => None,
    }
}

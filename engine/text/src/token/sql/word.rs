//! Words: keywords, operators in letters, names.
//!
//! A word ends where a letter, digit or underscore of ASCII meets anything else, before
//! white space, or at the end of the text. So a name that contains `$` or letters beyond ASCII is cut back
//! to the last such place, and is none at all without one.

use super::{Kind, Tokens, shared::Step};

/// The special words of a dialect, in capitals; of two that begin alike the longer one comes first.
pub(super) struct Vocabulary {
    keywords: &'static [&'static str],
    operators: &'static [&'static str],
    /// For each first letter (its lowest five bits) the lengths there are, as bits.
    lengths: [u32; 32],
}

impl Vocabulary {
    pub(super) const fn new(keywords: &'static [&'static str], operators: &'static [&'static str]) -> Self {
        let mut lengths = [0; 32];
        let mut index = 0;
        while index < keywords.len() + operators.len() {
            let word =
                if index < keywords.len() { keywords[index] } else { operators[index - keywords.len()] };
            lengths[(word.as_bytes()[0] & 31) as usize] |= 1 << word.len();
            index += 1;
        }
        Self { keywords, operators, lengths }
    }

    /// Whether a word of this length and first letter may be among them.
    const fn may_hold(&self, first: u8, len: usize) -> bool {
        len < 32 && self.lengths[(first & 31) as usize] >> len & 1 == 1
    }
}

/// The word at the current position; skips the byte there if there is none.
pub(super) fn step(tokens: &mut Tokens<'_>, vocabulary: &Vocabulary) -> Step {
    if tokens.at < tokens.barren_until {
        return Step::skip(1);
    }
    let rest = tokens.rest();
    let run = rest.iter().take_while(|&&byte| is_word(byte)).count();
    let special = match rest[run..] {
        // Letters that fold to K and S.
        [0xe2, 0x84, 0xaa, ..] | [0xc5, 0xbf, ..] => {
            special(vocabulary, |known| folded_len(rest, known).filter(|&len| ends_word(rest, len)))
        }
        _ if run > 0 && vocabulary.may_hold(rest[0], run) => {
            special(vocabulary, |known| rest[..run].eq_ignore_ascii_case(known.as_bytes()).then_some(run))
        }
        _ => None,
    };
    if let Some((kind, len)) = special {
        return Step::token(kind, len);
    }
    let is_plain = run > 0 && rest.get(run).is_none_or(|&next| next.is_ascii() && next != b'$');
    match if is_plain { Some(run) } else { name(tokens, |_| true) } {
        Some(len) => Step::token(Kind::Identifier, len),
        None => Step::skip(1),
    }
}

/// Length of the longest name at the current position that is `acceptable` up to its end.
pub(super) fn name(tokens: &mut Tokens<'_>, acceptable: impl Fn(usize) -> bool) -> Option<usize> {
    let rest = tokens.rest();
    let mut at = 0;
    let mut end = None;
    while let Some(len) = character(&rest[at..]) {
        at += len;
        if ends_word(rest, at) && acceptable(at) {
            end = Some(at);
        }
    }
    tokens.barren_until = tokens.at + at;
    end
}

/// The first special word that `fits`, with the length that it has there.
fn special(vocabulary: &Vocabulary, fits: impl Fn(&str) -> Option<usize>) -> Option<(Kind, usize)> {
    let find = |words: &[&str], kind| words.iter().find_map(|known| fits(known)).map(|len| (kind, len));
    find(vocabulary.keywords, Kind::Keyword).or_else(|| find(vocabulary.operators, Kind::BinaryOperator))
}

/// Length of `known` at the beginning of the text in any case, where KELVIN SIGN is a K and LONG S an S.
fn folded_len(text: &[u8], known: &str) -> Option<usize> {
    known.bytes().try_fold(0, |at, letter| {
        let len = match (letter, text.get(at..)?) {
            (_, [byte, ..]) if byte.to_ascii_uppercase() == letter => 1,
            (b'K', [0xe2, 0x84, 0xaa, ..]) => 3,
            (b'S', [0xc5, 0xbf, ..]) => 2,
            _ => return None,
        };
        Some(at + len)
    })
}

/// Length of the name character at the beginning: ASCII or UTF-8 of two or three bytes, surrogates included.
fn character(text: &[u8]) -> Option<usize> {
    match text {
        [byte, ..] if is_word(*byte) || *byte == b'$' => Some(1),
        [0xc2..=0xdf, 0x80..=0xbf, ..] => Some(2),
        [0xe0, 0xa0..=0xbf, 0x80..=0xbf, ..] | [0xe1..=0xef, 0x80..=0xbf, 0x80..=0xbf, ..] => Some(3),
        _ => None,
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a word may end at `end`, which is not the beginning.
fn ends_word(text: &[u8], end: usize) -> bool {
    match text.get(end) {
        None => true,
        Some(&next) => {
            matches!(next, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ') || is_word(text[end - 1]) != is_word(next)
        }
    }
}

/// A `$` and digits up to the end of a word.
pub(super) fn parameter_len(text: &[u8]) -> Option<usize> {
    let digits = text[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0 && ends_word(text, 1 + digits)).then_some(1 + digits)
}

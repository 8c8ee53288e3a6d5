//! From one reading of a value to a verdict.

use super::class::Class;
use super::fingerprint::Fingerprint;
use super::fold::fold;
use super::scanner::{Dialect, Scanner};
use super::token::Token;

/// What one reading of a value tells.
pub(super) struct Verdict {
    /// The fingerprint, if it is an injection's.
    pub(super) fingerprint: Option<Fingerprint>,
    /// Whether the other dialect may tell something else.
    pub(super) dialect_matters: bool,
}

/// Reads `value` in `dialect`, inside the string that the quote `inside` opened before it, if any.
pub(super) fn judge(value: &[u8], dialect: Dialect, inside: Option<u8>) -> Verdict {
    let mut scanner = Scanner::new(value, dialect, inside);
    let fingerprint = fingerprint(value, &mut scanner);
    Verdict { fingerprint, dialect_matters: scanner.dialect_matters() }
}

fn fingerprint(value: &[u8], scanner: &mut Scanner<'_>) -> Option<Fingerprint> {
    let mut folded = fold(scanner)?;
    // PHP programs use an open backtick as a comment.
    if let Some(last) = folded.last_of_many_mut()
        && last.is(Class::Bareword)
        && (last.open, last.close, last.text.len()) == (b'`', 0, 0)
    {
        last.class = Class::Comment;
    }
    let tokens = folded.tokens();
    if tokens.iter().any(|token| token.is(Class::Evil)) {
        return Some(Fingerprint::EVIL);
    }
    let fingerprint = Fingerprint::of(tokens);
    (fingerprint.is_listed() && !is_innocent(value, tokens, scanner.count())).then_some(fingerprint)
}

/// Whether tokens with a listed fingerprint are too common in prose to mean an injection.
/// `read` tells how many tokens they were folded from.
fn is_innocent(value: &[u8], tokens: &[Token<'_>], read: usize) -> bool {
    use Class::{Comment, Keyword, Logic, Number, String, Union, Variable};
    match *tokens {
        [_, b] if b.is(Union) => read == 2,
        // Microsoft's server logs no statement that mentions sp_password.
        [_, b] if b.is(Comment) => {
            let audible = !value.windows(11).any(|window| window == b"sp_password");
            audible && (b.text[0] == b'#' || b.text[0] == b'-' && b.text.len() > 2)
        }
        [a, b, c] => match (a.class, b.class, c.class) {
            // The end of one string and the start of another, with an AND between them.
            (String, Logic, String) => a.open != 0 || c.close != 0 || a.close != c.open,
            (Number, Logic, Number | Variable | String) => read == 3,
            // INTO OUTFILE, INTO DUMPFILE.
            (_, Keyword, _) => !(b.text.len() > 4 && b.text[..4].eq_ignore_ascii_case(b"INTO")),
            _ => false,
        },
        _ => false,
    }
}

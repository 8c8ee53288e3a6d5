//! SQL injection: the answers of libinjection as libddwaf 2.1.0 has it.
//!
//! A value is cut into tokens (`scanner`) and these are folded (`fold`) to at most five,
//! whose classes make a fingerprint. About 8,000 fingerprints are known to come from injections
//! (`fingerprint`); some short ones also come from prose and need a second look (`verdict`).
//! This is done for the value as it stands and as the rest of a string that a quote before it
//! opened, and again in MySQL's reading where that may differ.

mod class;
mod fingerprint;
mod fold;
mod keyword;
mod scanner;
mod token;
mod verdict;

pub use fingerprint::Fingerprint;

use crate::ByteSet;
use scanner::Dialect::{Ansi, MySql};

/// The bytes of which at least one is in every value that [`is_sqli`] finds.
///
/// The others are those that make no more than one word, behind which only numbers, names in
/// brackets, operators and marks can follow, or after a comma another word: no listed fingerprint
/// has such a shape. Letters, digits, `_`, bytes of UTF-8 and `. , / + % ? ^ ~ [ ]` are among them.
pub const TRIGGERS: ByteSet = ByteSet::range(0, b' ').union(&ByteSet::of(b"!\"#$&'()*-:;<=>@\\`{|}\x7f\xa0"));

/// The fingerprint of `value`, if it looks like an SQL injection; an empty value never does.
///
/// Takes linear time and no memory.
///
/// ```
/// use bartizan_text::detect::sqli::is_sqli;
/// assert_eq!(is_sqli(b"1 UNION SELECT password FROM users").expect("an injection").as_str(), "1UEnk");
/// assert!(is_sqli(b"the union selected a new leader").is_none());
/// ```
#[must_use]
pub fn is_sqli(value: &[u8]) -> Option<Fingerprint> {
    let has = |quote: u8| value.contains(&quote);
    either_dialect(value, None)
        .or_else(|| if has(b'\'') { either_dialect(value, Some(b'\'')) } else { None })
        .or_else(|| if has(b'"') { verdict::judge(value, MySql, Some(b'"')).fingerprint } else { None })
        .or_else(|| if has(b'`') { verdict::judge(value, MySql, Some(b'`')).fingerprint } else { None })
}

fn either_dialect(value: &[u8], inside: Option<u8>) -> Option<Fingerprint> {
    let verdict = verdict::judge(value, Ansi, inside);
    match verdict.fingerprint {
        None if verdict.dialect_matters => verdict::judge(value, MySql, inside).fingerprint,
        found => found,
    }
}

#[cfg(test)]
mod tests;

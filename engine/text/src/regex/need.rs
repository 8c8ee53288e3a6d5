//! What must be there: from a regex to things of which every match holds at least one, letter case aside.
//!
//! The contract is *no false negatives*: a value that meets none of the needs holds no match. Which of the
//! possible sets of needs is returned is a matter of speed only: the one that ordinary traffic meets least
//! often.

use super::literal::{Literal, RARITY, bytes_commonness, commonness};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

/// Shortest literal that is looked for as such.
pub const MIN_LITERAL: usize = 3;
/// Most bytes in one need.
const MAX_BYTES: usize = 4;

/// One thing that a value may be needed to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// This literal, of at least [`MIN_LITERAL`] bytes.
    Literal(Literal),
    /// Each of these bytes, wherever.
    Bytes(Bytes),
}

/// Things of which every match holds at least one.
pub type Needs = Vec<Need>;

/// Up to four different folded ASCII bytes, sorted.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes {
    bytes: [u8; MAX_BYTES],
    len: u8,
}

impl Bytes {
    /// The rarest members of a set of ASCII bytes.
    pub(super) fn rarest(mut set: u128) -> Self {
        let mut rarest = Self::default();
        let mut len = 0;
        while set != 0 {
            let byte = set.trailing_zeros() as u8;
            set &= set - 1;
            // Kept from rare to common until the end.
            let rank = |byte: u8| RARITY[usize::from(byte)];
            let mut at = len;
            while at > 0 && rank(rarest.bytes[at - 1]) > rank(byte) {
                let commoner = rarest.bytes[at - 1];
                if let Some(place) = rarest.bytes.get_mut(at) {
                    *place = commoner;
                }
                at -= 1;
            }
            if let Some(place) = rarest.bytes.get_mut(at) {
                *place = byte;
                len = (len + 1).min(MAX_BYTES);
            }
        }
        rarest.bytes[..len].sort_unstable();
        rarest.len = len as u8;
        rarest
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&alloc::string::String::from_utf8_lossy(self), f)
    }
}

impl Need {
    /// The need of a literal, which may be short.
    #[must_use]
    pub fn of(literal: &Literal) -> Self {
        if literal.len() >= MIN_LITERAL {
            Self::Literal(*literal)
        } else {
            Self::Bytes(Bytes::rarest(ascii(literal)))
        }
    }

    /// The rarest few of some ASCII bytes, folded, without repetition.
    #[must_use]
    pub fn rarest_bytes(bytes: &mut dyn Iterator<Item = u8>) -> Bytes {
        Bytes::rarest(bytes.filter(u8::is_ascii).fold(0, |set, byte| set | 1 << byte.to_ascii_lowercase()))
    }

    /// How often, roughly, a value of ordinary traffic meets it.
    pub(super) fn commonness(&self) -> f32 {
        match self {
            Self::Literal(literal) => commonness(literal),
            Self::Bytes(bytes) => bytes_commonness(bytes),
        }
    }
}

/// The ASCII bytes of a text, as bits.
pub(super) fn ascii(bytes: &[u8]) -> u128 {
    bytes.iter().filter(|byte| byte.is_ascii()).fold(0, |set, byte| set | 1 << byte)
}

#[cfg(test)]
mod tests {
    use super::Need;
    use crate::regex::{Options, needs};
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    /// Literals as they are, bytes in brackets, sorted.
    fn of(pattern: &str) -> Option<String> {
        let needs = needs(pattern.as_bytes(), Options { case_sensitive: false }).expect("a valid pattern");
        let mut texts: Vec<String> = needs?
            .iter()
            .map(|need| match need {
                Need::Literal(literal) => String::from_utf8_lossy(literal).into_owned(),
                Need::Bytes(bytes) => format!("[{}]", String::from_utf8_lossy(bytes)),
            })
            .collect();
        texts.sort();
        Some(texts.join(" "))
    }

    #[test]
    fn the_rarest_of_what_is_needed() {
        let cases = [
            ("UNION", Some("union")),
            ("sle[ae]p", Some("sleap sleep")),
            ("ask", Some("ask")),
            (r"\b(?:union\s+select|sleep\()", Some("sleep( union")),
            ("union|.*", None),
            ("union|", None),
            ("(?:abc)*", None),
            ("x(?:abc)?qqz", Some("xabcqqz xqqz")),
            (r"[a-z]+qzq[a-z]+", Some("qzq")),
            ("(?:ab){2,}", Some("abab")),
            (r"^\(\s*\)\s+\{", Some("[(){]")),
            (r"(?:^|[\\/])\.{2,3}[\\/]", Some(r"../ ..\")),
            ("a.*z.*q", Some("[aqz]")),
        ];
        for (pattern, wanted) in cases {
            let found = of(pattern);
            if wanted.is_some_and(|wanted| wanted.contains("..")) {
                // Which of the equivalent sets is a matter of taste; short dots alone would be useless.
                assert!(found.is_some_and(|found| !found.contains('[')), "{pattern}");
                continue;
            }
            assert_eq!(found.as_deref(), wanted, "{pattern}");
        }
    }

    #[test]
    fn sets_too_large_to_multiply_meet_at_the_seam() {
        let many = |first: char| (0..20).map(|n| format!("{first}{n:02}x")).collect::<Vec<_>>().join("|");
        let found = of(&format!("(?:{})(?:{})", many('q'), many('z'))).expect("needs");
        assert!(!found.contains('['), "{found}");
    }
}

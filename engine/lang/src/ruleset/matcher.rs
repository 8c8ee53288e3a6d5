//! Operators on one value.

use super::Pattern;
use crate::vocab::{Scalar, Text};
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_text::net::IpSet;
use bartizan_text::regex::literal::Literal;
use bartizan_text::regex::need::{Need, Needs};

/// What one value is held against.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// `match_regex`
    Regex(Regex),
    /// `match_regex_with_checksum`
    RegexWithChecksum(Regex, Checksum),
    /// `phrase_match`
    Phrases(Arc<Phrases>),
    /// `exact_match` with a list
    Exact(Arc<ExactSet>),
    /// `ip_match` with a list
    Ip(Arc<IpSet>),
    /// `exact_match` or `ip_match` with `data`: the id names the data, whose own type decides.
    Data(Text),
    /// `equals`; the second field is the delta, used for floats only.
    Equals(Scalar, f64),
    /// `greater_than`
    GreaterThan(Number),
    /// `lower_than`
    LowerThan(Number),
    /// `is_sqli`
    IsSqli,
    /// `is_xss`
    IsXss,
    /// `hidden_ascii_match`
    HiddenAscii,
}

/// A regex of the dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regex {
    /// What it looks for.
    pub pattern: Arc<Pattern>,
    /// Shortest value, in bytes after transformation, that is looked at.
    pub min_length: usize,
}

/// A check on the digits of a regex match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the name is the configuration's")]
pub enum Checksum {
    Luhn,
}

/// The phrases of `phrase_match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrases {
    /// Non-empty phrases in order of declaration; case counts.
    pub list: Vec<Text>,
    /// Whether a phrase must stand between boundaries.
    pub word_boundary: bool,
    /// What every match needs.
    pub needs: Needs,
}

impl Phrases {
    /// Phrases and what matches of them need.
    #[must_use]
    pub fn new(list: Vec<Text>, word_boundary: bool) -> Self {
        let needs = list.iter().map(|phrase| Need::of(&Literal::of(phrase))).collect();
        Self { list, word_boundary, needs }
    }
}

/// A bound of `greater_than` and `lower_than`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are the whole meaning")]
pub enum Number {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
}

/// Strings with expiry.
#[derive(Clone, Debug, Default)]
pub struct ExactSet(Vec<(Text, u64)>);

impl ExactSet {
    /// A set of (value, expiration in seconds since the epoch, 0 = never); of repeated values the one
    /// that expires last stays.
    #[must_use]
    pub fn new(mut values: Vec<(Text, u64)>) -> Self {
        let last = |expiration: u64| expiration.wrapping_sub(1);
        values.sort_by(|(a, a_expiration), (b, b_expiration)| {
            a.cmp(b).then(last(*b_expiration).cmp(&last(*a_expiration)))
        });
        values.dedup_by(|(a, _), (b, _)| a == b);
        Self(values)
    }

    /// Whether `value` is in the set and not expired at `now_s` (seconds since the epoch).
    #[must_use]
    pub fn contains(&self, value: &[u8], now_s: u64) -> bool {
        self.0
            .binary_search_by(|(text, _)| (**text).cmp(value))
            .is_ok_and(|at| self.0[at].1 == 0 || self.0[at].1 >= now_s)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The merged content of one `rules_data` or `exclusion_data` id.
#[derive(Clone, Debug)]
pub enum Data {
    /// Type `ip_with_expiration`
    Ip(Arc<IpSet>),
    /// Type `data_with_expiration`
    Exact(Arc<ExactSet>),
}

#[cfg(test)]
mod tests {
    use super::ExactSet;
    use alloc::vec;

    #[test]
    fn the_longest_expiration_of_a_repeated_value_stays() {
        let set = ExactSet::new(vec![("a".into(), 10), ("a".into(), 0), ("b".into(), 5), ("b".into(), 7)]);
        assert!(set.contains(b"a", u64::MAX));
        assert!(set.contains(b"b", 7) && !set.contains(b"b", 8));
        assert!(!set.contains(b"c", 0));
    }
}

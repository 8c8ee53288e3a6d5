//! Operators: one value against what a condition asks for.
//!
//! An [`Operator`] is a matcher of the ruleset made ready to run: references resolved, automata built
//! when first needed. It also says what must be true of a value before it is worth asking
//! ([`Operator::necessity`]), which is all that the plan knows of it.

mod equals;
mod exact;
mod hidden_ascii;
mod inject;
mod ip;
mod number;
mod phrase;
mod regex;
mod shared;

pub(crate) use phrase::LazyPhrases;
pub(crate) use regex::{LazyRegex, PathRegex};
pub(crate) use shared::Shared;

use crate::state::Scratch;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_lang::ruleset::{Checksum, Data, ExactSet, Matcher, Number};
use bartizan_lang::vocab::{Scalar, Text};
use bartizan_object::{Kind, View};
use bartizan_text::ByteSet;
use bartizan_text::net::IpSet;
use bartizan_text::regex::need::Needs;

/// A matcher, ready to run.
#[derive(Clone)]
pub(crate) enum Operator {
    Regex {
        regex: Arc<LazyRegex>,
        min_length: usize,
    },
    RegexWithChecksum {
        regex: Arc<LazyRegex>,
        min_length: usize,
        checksum: Checksum,
    },
    Phrases(Arc<LazyPhrases>),
    Exact(Arc<ExactSet>),
    Ip(Arc<IpSet>),
    /// Data that no configuration provides: neither the operator nor its negation matches.
    Absent,
    Equals {
        value: Scalar,
        delta: f64,
    },
    GreaterThan(Number),
    LowerThan(Number),
    IsSqli,
    IsXss,
    HiddenAscii,
}

/// What an operator found in a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Highlight {
    /// One empty highlight.
    Empty,
    /// The whole value.
    Whole,
    /// A part of the value.
    Range(usize, usize),
    /// Text of its own.
    Text(Vec<u8>),
}

/// What must be true of a string before an operator can match it.
pub(crate) enum Necessity<'a> {
    /// One of these is met: what a regex or a list of phrases needs.
    Needs(Needed, &'a Needs),
    /// One of these bytes occurs.
    Bytes(ByteSet),
    /// Nothing is known.
    Nothing,
}

/// What has needs.
#[derive(Clone)]
pub(crate) enum Needed {
    Regex(Arc<LazyRegex>),
    Phrases(Arc<LazyPhrases>),
}

impl Needed {
    pub(crate) fn needs(&self) -> Option<&Needs> {
        match self {
            Self::Regex(regex) => regex.pattern().needs(),
            Self::Phrases(phrases) => Some(phrases.needs()),
        }
    }

    /// Where it is. As long as it is there, nothing else is.
    pub(crate) fn place(&self) -> usize {
        match self {
            Self::Regex(regex) => Arc::as_ptr(regex) as usize,
            Self::Phrases(phrases) => Arc::as_ptr(phrases) as usize,
        }
    }
}

impl Operator {
    /// Makes a matcher ready.
    pub(crate) fn new(matcher: &Matcher, data: &BTreeMap<Text, Data>, shared: &mut Shared) -> Self {
        match matcher {
            Matcher::Regex(spec) => Self::Regex { regex: shared.regex(spec), min_length: spec.min_length },
            Matcher::RegexWithChecksum(spec, checksum) => Self::RegexWithChecksum {
                regex: shared.regex(spec),
                min_length: spec.min_length,
                checksum: *checksum,
            },
            Matcher::Phrases(phrases) => Self::Phrases(shared.phrases(phrases)),
            Matcher::Exact(set) => Self::Exact(set.clone()),
            Matcher::Ip(set) => Self::Ip(set.clone()),
            Matcher::Data(id) => match data.get(id) {
                Some(Data::Exact(set)) => Self::Exact(set.clone()),
                Some(Data::Ip(set)) => Self::Ip(set.clone()),
                None => Self::Absent,
            },
            Matcher::Equals(value, delta) => Self::Equals { value: value.clone(), delta: *delta },
            Matcher::GreaterThan(bound) => Self::GreaterThan(*bound),
            Matcher::LowerThan(bound) => Self::LowerThan(*bound),
            Matcher::IsSqli => Self::IsSqli,
            Matcher::IsXss => Self::IsXss,
            Matcher::HiddenAscii => Self::HiddenAscii,
        }
    }

    /// Whether values of this kind are looked at; others neither match nor count for a negation.
    pub(crate) fn supports(&self, kind: Kind) -> bool {
        match self {
            Self::Equals { value, .. } => match value {
                Scalar::Bool(_) => kind == Kind::Bool,
                Scalar::Signed(_) | Scalar::Unsigned(_) => matches!(kind, Kind::Signed | Kind::Unsigned),
                Scalar::Float(_) => kind == Kind::Float,
                Scalar::String(_) => kind == Kind::String,
            },
            Self::GreaterThan(_) | Self::LowerThan(_) => {
                matches!(kind, Kind::Signed | Kind::Unsigned | Kind::Float)
            }
            Self::Absent => false,
            _ => kind == Kind::String,
        }
    }

    /// Whether strings are looked at.
    pub(crate) fn takes_strings(&self) -> bool {
        self.supports(Kind::String)
    }

    /// The shortest string, in bytes, that can match.
    pub(crate) fn min_length(&self) -> usize {
        match self {
            Self::Regex { min_length, .. } | Self::RegexWithChecksum { min_length, .. } => {
                (*min_length).max(1)
            }
            Self::Equals { value: Scalar::String(text), .. } => text.len(),
            _ => 1,
        }
    }

    /// What a string must hold to be worth looking at.
    pub(crate) fn necessity(&self) -> Necessity<'_> {
        match self {
            Self::Regex { regex, .. } | Self::RegexWithChecksum { regex, .. } => {
                match regex.pattern().needs() {
                    Some(needs) => Necessity::Needs(Needed::Regex(regex.clone()), needs),
                    None => Necessity::Nothing,
                }
            }
            Self::Phrases(phrases) => Necessity::Needs(Needed::Phrases(phrases.clone()), phrases.needs()),
            Self::IsSqli => Necessity::Bytes(bartizan_text::detect::sqli::TRIGGERS),
            Self::IsXss => Necessity::Bytes(bartizan_text::detect::xss::TRIGGERS),
            Self::HiddenAscii => Necessity::Bytes(hidden_ascii::NECESSARY),
            _ => Necessity::Nothing,
        }
    }

    /// Holds a value against the operator. `now_s` is in seconds since the epoch.
    pub(crate) fn check(&self, value: View<'_>, now_s: u64, scratch: &mut Scratch) -> Option<Highlight> {
        match self {
            Self::Equals { value: wanted, delta } => equals::check(wanted, *delta, value),
            Self::GreaterThan(bound) => number::check(value, *bound, core::cmp::Ordering::Greater),
            Self::LowerThan(bound) => number::check(value, *bound, core::cmp::Ordering::Less),
            Self::Absent => None,
            _ => match value {
                View::String(bytes) if !bytes.is_empty() => self.check_bytes(bytes, now_s, scratch),
                _ => None,
            },
        }
    }

    /// Whether a string certainly does not match, for operators that are cheaper to hold a value against than
    /// to come back to it.
    pub(crate) fn rules_out(&self, value: &[u8], scratch: &mut Scratch) -> bool {
        match self {
            Self::Regex { regex, .. } | Self::RegexWithChecksum { regex, .. } => {
                !regex.is_match(value, scratch)
            }
            Self::IsSqli => inject::sqli(value).is_none(),
            Self::IsXss => inject::xss(value).is_none(),
            Self::HiddenAscii => hidden_ascii::check(value).is_none(),
            _ => false,
        }
    }

    fn check_bytes(&self, value: &[u8], now_s: u64, scratch: &mut Scratch) -> Option<Highlight> {
        match self {
            Self::Regex { regex, min_length } => regex::check(regex, *min_length, value, scratch),
            Self::RegexWithChecksum { regex, min_length, checksum } => {
                regex::check_with(regex, *min_length, *checksum, value, scratch)
            }
            Self::Phrases(phrases) => phrases.check(value),
            Self::Exact(set) => exact::check(set, value, now_s),
            Self::Ip(set) => ip::check(set, value, now_s),
            Self::IsSqli => inject::sqli(value),
            Self::IsXss => inject::xss(value),
            Self::HiddenAscii => hidden_ascii::check(value),
            Self::Absent | Self::Equals { .. } | Self::GreaterThan(_) | Self::LowerThan(_) => None,
        }
    }
}

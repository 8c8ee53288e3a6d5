//! Redaction of reported values.

use super::Regex;

/// How values are redacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueRedaction {
    /// Not at all.
    Off,
    /// The built-in patterns: only the secret part of a value is replaced.
    Default,
    /// The whole value, when this matches anywhere.
    Whole(Regex),
}

/// How keys and values of events are redacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obfuscator {
    /// A value under a key that matches is replaced; `None` switches that off.
    pub key: Option<Regex>,
    /// By the value itself.
    pub value: ValueRedaction,
}

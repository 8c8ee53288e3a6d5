//! Scalar values of the configuration.

use super::Text;

/// A scalar as the configuration gave it; number kinds are kept apart.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are the whole meaning")]
pub enum Scalar {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    String(Text),
}

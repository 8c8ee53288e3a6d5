//! The one error type: what happened, where, and what to do about it.

use std::fmt;

/// A task that could not be done.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    place: String,
    remedy: String,
}

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(what: impl Into<String>, place: impl Into<String>, remedy: impl Into<String>) -> Self {
        Failure { what: what.into(), place: place.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  where:   {}\n  to mend: {}", self.what, self.place, self.remedy)
    }
}

//! What every host does, once: requests become addresses, verdicts become answers, users and business
//! events become tags, rules arrive while serving.
//!
//! A language package gathers bytes, calls, and reads a document when the code says that there is one. It
//! decides nothing of its own. There is no clock, no randomness and no I/O here: a [`Moment`] comes in with
//! each call.
//!
//! - [`Host`]: settings, and which addresses were ever sent; one per process.
//! - [`Request`]: one request, from its first line to its response.
//! - [`Rules`]: the rules in force, and what is offered in their place.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that unwraps nothing has failed"))]

extern crate alloc;

mod address;
mod answer;
mod body;
mod check;
mod client_ip;
mod document;
mod event;
mod graphql;
mod head;
mod host;
mod json_body;
mod multimap;
mod multipart;
mod request;
mod response;
mod rules;
mod settings;
mod sha256;
mod url;

pub use body::Inspected;
pub use host::Host;
pub use request::{Code, Moment, Request, limit_time};
pub use rules::{Offer, Rules};

use alloc::string::String;
use core::fmt;

/// Why a call did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A document cannot be read, or is not what the call needs; with the reason.
    Malformed(String),
    /// Memory was refused.
    Internal,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(reason) => f.write_str(reason),
            Self::Internal => f.write_str("internal error"),
        }
    }
}

impl core::error::Error for Error {}

impl From<bartizan_object::AllocError> for Error {
    fn from(_: bartizan_object::AllocError) -> Self {
        Self::Internal
    }
}

impl From<bartizan_engine::EvalError> for Error {
    fn from(error: bartizan_engine::EvalError) -> Self {
        match error {
            bartizan_engine::EvalError::NotAMap => Self::Malformed(alloc::format!("{error}")),
            bartizan_engine::EvalError::Alloc => Self::Internal,
        }
    }
}

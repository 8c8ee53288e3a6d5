//! The rule language.
//!
//! [`vocab`] holds its words; [`config`] parses configuration objects into documents and diagnostics;
//! [`compile`] merges documents, applies overrides and resolves references into a [`Ruleset`]:
//! the nouns that the engine plans and the reference twin interprets.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod bundle;
pub mod compile;
pub mod config;
mod content;
pub mod ruleset;
pub mod vocab;

pub use content::{Content, Update};
pub use ruleset::Ruleset;

//! The machine: what evaluates rules against the addresses of a request.
//!
//! ```text
//!  config ─parse─▶ documents ─compile─▶ ruleset ─plan─▶ plan          Builder → Instance, once
//!  addresses ─▶ store ─▶ process ─▶ exclude ─▶ scan ─▶ verify ─▶ process ─▶ report     Context, per request
//! ```
//!
//! Everything is chosen when an [`Instance`] is built; a [`Context`] only follows the plan. The crate has
//! no clock, randomness, I/O or threads: a [`Call`] brings what it needs.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod exclude;
mod plan;
mod process;
mod report;
mod run;
mod scan;
mod state;
mod verify;

pub use bartizan_lang::bundle::{Error as BundleError, is_bundle};
pub use run::{Builder, Call, Context, EvalError, Instance, Outcome, Update};
pub use state::Clock;

/// Compiles a configuration into a bundle, which loads faster. `None` when the configuration is refused; the
/// update says what became of each element.
///
/// ```
/// use bartizan_engine::{Builder, bundle};
/// use bartizan_object::{AllocRef, json};
/// let config = json::parse(
///     br#"{"rules":[{"id":"1","name":"canary","tags":{"type":"scanner"},"conditions":[
///         {"operator":"match_regex","parameters":{"regex":"^probe","inputs":[{"address":"agent"}]}}]}]}"#,
///     AllocRef::global(),
/// ).unwrap();
/// let (_, bundle) = bundle(&config);
/// let mut builder = Builder::new();
/// assert!(builder.load(b"rules", &bundle.unwrap()).unwrap().accepted);
/// assert!(builder.build().is_some());
/// ```
#[must_use]
pub fn bundle(config: &bartizan_object::Object) -> (Update, Option<alloc::vec::Vec<u8>>) {
    bartizan_lang::Content::bundle(config)
}

/// The example of the README, so that it stays one that runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

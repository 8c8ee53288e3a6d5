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

pub use run::{Builder, Call, Context, EvalError, Instance, Outcome, Update};
pub use state::Clock;

/// The example of the README, so that it stays one that runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

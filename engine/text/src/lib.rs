//! Bytes in, bytes or a finding out.
//!
//! This crate holds everything that works on text without knowing what a rule is:
//! [`transform`] (decoders and normalisers), [`token`] (SQL dialects, shell),
//! [`detect`] (injection detectors), [`net`] (URIs, IP sets), [`regex`] (the RE2 dialect), [`table`] (hashes and
//! order of libddwaf's tables).
//!
//! `no_std` + `alloc`; no clock, no randomness, no I/O; never panics on any bytes.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod byte_set;
pub mod detect;
pub mod net;
pub mod phrase;
pub mod regex;
pub mod table;
pub mod token;
pub mod transform;

pub use byte_set::ByteSet;

//! Detectors: is this text, or this text inside that one, an injection?
//!
//! [`sqli`] and [`xss`] judge one text. The others judge parameters against a resource that the
//! application is about to use: [`lfi`], [`ssrf`], [`shi`], [`cmdi`], [`sql_injection`]. There the resource is made ready
//! once, which costs little, and then asked about each parameter: address by address, every key and value
//! below an address in document order, until one injects. That one is reported, as its own
//! highlight. Two detectors can end an address early ([`ssrf::Verdict::Whole`], [`sql_injection::Verdict::Unreadable`]),
//! and one has something to report at the end of an address ([`ssrf::Verdict::Suspicious`]).

pub mod cmdi;
pub mod lfi;
mod occurrences;
mod platform;
pub mod shi;
pub mod sql_injection;
pub mod sqli;
pub mod ssrf;
pub mod xss;

pub use platform::Platform;

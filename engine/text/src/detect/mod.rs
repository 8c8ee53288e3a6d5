//! Detectors: is this text, or this text inside that one, an injection?

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

//! Detectors: is this text, or this text inside that one, an injection?

pub mod sqli;

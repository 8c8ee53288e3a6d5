//! Redaction of what events show.

use crate::plan::{PlannedObfuscator, PlannedRedaction};
use crate::state::Scratch;
use crate::verify::{Argument, KeyPathItem};
use alloc::vec::Vec;

/// What is left of a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Redaction {
    /// All of it.
    None,
    /// Nothing.
    Whole,
    /// This.
    Partial(Vec<u8>),
}

/// Redacts a value under a sensitive key, or a sensitive value; nothing without an obfuscator.
pub(super) fn redact(
    obfuscator: Option<&PlannedObfuscator>,
    argument: &Argument,
    scratch: &mut Scratch,
) -> Redaction {
    let Some(obfuscator) = obfuscator else { return Redaction::None };
    if let Some(regex) = &obfuscator.key {
        for item in &argument.key_path {
            if let KeyPathItem::Key(key) = item
                && regex.find(key, 0, scratch).is_some()
            {
                return Redaction::Whole;
            }
        }
    }
    match &obfuscator.value {
        PlannedRedaction::Off | PlannedRedaction::Default => Redaction::None,
        PlannedRedaction::Whole(regex) => match regex.find(&argument.value, 0, scratch) {
            Some(_) => Redaction::Whole,
            None => Redaction::None,
        },
    }
}

//! JSON in and out.
//!
//! The reader accepts exactly what `ddwaf_object_from_json` of libddwaf 2.1.0 accepts and yields the same
//! values (measured):
//! - integers become unsigned, negative ones (and `-0`) signed; with a fraction, an exponent or beyond 64
//!   bits they become floats. Floats are rounded as libddwaf rounds them, which is correct up to 15
//!   digits and may be off in the last bits beyond (see `number.rs`); one beyond the range is an error;
//! - repeated keys are kept, in order;
//! - comments, trailing commas, `NaN`, byte order marks, control characters in strings, unpaired
//!   surrogates and text after the document are errors; bytes that are not UTF-8 and `\u0000` are kept;
//! - a NUL byte after the root value ends the document, whatever follows;
//! - containers below the depth limit are checked, but left empty.
//!
//! Time is linear in the text and memory proportional to it, whatever the text; nothing recurses.

mod number;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use crate::{ReadError as Error, ReadErrorKind as ErrorKind};
pub use read::{MAX_DEPTH, parse, parse_with_depth};
pub use write::write;

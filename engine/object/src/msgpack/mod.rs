//! MessagePack in and out.
//!
//! How the format's types become objects:
//! - nil, booleans and floats as they are; integers ≥ 0 become unsigned, others signed, whatever their width;
//! - `str` and `bin` become strings; no bytes are refused;
//! - map keys may be `str`, `bin` or scalars, which become their JSON text; containers and extensions as
//!   keys are errors;
//! - extensions (timestamps too) become invalid objects, which the engine passes over, so that one date in
//!   a request does not hide its neighbours;
//! - containers below the depth limit are checked, but left empty, as JSON's are.
//!
//! Lengths are believed only as far as the remaining bytes could hold them. Time and memory are linear in
//! the input; nothing recurses.
//!
//! Reader and writer are our own: they are one table over the first byte each, which a library of the
//! format's primitives would not spare us.

mod read;
mod write;

#[cfg(test)]
mod tests;

pub use crate::{ReadError as Error, ReadErrorKind as ErrorKind};
pub use read::{MAX_DEPTH, parse, parse_with_depth};
pub use write::write;

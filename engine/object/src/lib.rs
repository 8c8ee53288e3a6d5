//! Values: the 16-byte tagged union of the ddwaf 2.x ABI and everything that touches its memory.
//!
//! An [`Object`] is laid out byte for byte as C clients write it. The engine sees it only through
//! [`View`] (safe, read-only) and builds new ones through [`Owned`] and [`Slot`] (safe, one allocator
//! per tree). JSON and MessagePack come in and go out here too, so that no other crate of the engine
//! needs `unsafe`.
//!
//! ```
//! use bartizan_object::{AllocRef, Owned, View};
//! let value = bartizan_object::json::parse(br#"{"ids":[1,-2]}"#, AllocRef::global()).unwrap();
//! let View::Map(map) = value.view() else { unreachable!() };
//! assert_eq!(map[0].key.as_bytes(), Some(&b"ids"[..]));
//! ```
#![no_std]

extern crate alloc;

mod allocator;
mod clone;
mod destroy;
mod grow;
mod object;
mod owned;
mod pending;
mod read_error;
mod slot;
mod walk;
mod wire;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub mod json;
pub mod msgpack;

pub use allocator::{AllocError, AllocRef, Allocator, Global};
pub use grow::{MAX_CAPACITY, MAX_COMPACT_CAPACITY};
pub use object::{Entry, Kind, MAX_SMALL_LEN, Object, View};
pub use owned::{Input, Owned};
pub use read_error::{ReadError, ReadErrorKind};
pub use slot::{ArrayWriter, MapWriter, Slot};
pub use wire::parse_document;

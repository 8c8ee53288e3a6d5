//! The wire: documents in, documents out.
//!
//! [`Builder`], [`Instance`] and [`Context`] take and give JSON or MessagePack bytes; they are what every
//! language package drives. [`Host`], [`HostRequest`] and [`Rules`] do the rest of what every host does.
//! [`exports`] puts the same over raw pointers, as the `bartizan_*` functions of
//! the C ABI and of the wasm module.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod clock;
pub mod exports;
mod host;
mod session;

pub use bartizan_engine::Clock;
pub use bartizan_host::{Code, Inspected, Offer};
pub use host::{Host, HostRequest, Rules};
pub use session::{Builder, Context, Error, Format, Instance, Request, Update};

/// The version of the functions' meaning; it changes when a host would have to.
pub const ABI: u32 = 1;

/// Our own version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

//! The C ABI of libddwaf 2.1.0, and beside it the `bartizan_*` functions of the wire.
//!
//! `include/ddwaf.h` is the documentation for C; here stands what C cannot see. Every function is one
//! [`guard`](guard::guard)ed body: a panic becomes the function's error value and, on a context, marks
//! that context dead. Handles are boxes that the caller owns until it calls the matching `_destroy`.
//!
//! Safety, for all functions: pointers are null where that is allowed, or as the header says: live
//! handles of the right kind, objects that are well formed, bytes that cover their length.

// One promise for all functions, stated above once instead of ninety times below.
#![allow(clippy::missing_safety_doc, reason = "the promise is the header's and the same for all")]

mod allocator;
mod builder;
mod context;
mod guard;
mod instance;
mod keep;
mod log;
mod object;
mod object_read;

pub use allocator::*;
pub use bartizan_wire::exports as wire;
pub use builder::*;
pub use context::*;
pub use instance::*;
pub use keep::*;
pub use log::*;
pub use object::*;
pub use object_read::*;

/// The version that clients compare: that of the behaviour, not our own.
const VERSION: &std::ffi::CStr = c"2.1.0";

/// `ddwaf_get_version`
#[unsafe(no_mangle)]
pub extern "C" fn ddwaf_get_version() -> *const std::ffi::c_char {
    VERSION.as_ptr()
}

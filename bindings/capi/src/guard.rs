//! Keeping panics inside.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body`; a panic becomes `error`.
pub(crate) fn guard<T>(error: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(error)
}

/// # Safety
/// `data` covers `len` bytes for as long as the slice is used, or `len` is 0.
pub(crate) unsafe fn bytes<'a>(data: *const std::ffi::c_char, len: usize) -> Option<&'a [u8]> {
    if len == 0 {
        return Some(&[]);
    }
    if data.is_null() || isize::try_from(len).is_err() {
        return None;
    }
    // SAFETY: the caller's promise; null was ruled out.
    Some(unsafe { std::slice::from_raw_parts(data.cast(), len) })
}

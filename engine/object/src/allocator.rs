//! Where object memory comes from.

use alloc::alloc::{Layout, alloc, dealloc};
use core::fmt;
use core::ptr::NonNull;

/// The allocator refused, or a size went beyond what an object can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocError;

impl fmt::Display for AllocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("object memory could not be allocated")
    }
}

impl core::error::Error for AllocError {}

/// A source of memory with sized frees, as user callbacks of the C ABI expect it.
///
/// # Safety
/// `allocate` returns null or memory valid for `size` bytes at `align` that stays valid until it is
/// given back to `deallocate` of the same allocator with the same numbers.
pub unsafe trait Allocator {
    /// Returns null on failure. `size` is never 0; `align` is 1 or 8.
    fn allocate(&self, size: usize, align: usize) -> *mut u8;

    /// Gives memory back. `size` is what the object says, and 0 is possible where foreign code handed over
    /// an empty string or container with a pointer of its own.
    ///
    /// # Safety
    /// `ptr` came from `allocate(size, align)` of this allocator and was not given back yet.
    unsafe fn deallocate(&self, ptr: *mut u8, size: usize, align: usize);
}

/// Rust's global allocator (`malloc` in the native library).
pub struct Global;

// SAFETY: `alloc` and `dealloc` fulfil the contract; a layout that does not exist yields null.
unsafe impl Allocator for Global {
    fn allocate(&self, size: usize, align: usize) -> *mut u8 {
        match Layout::from_size_align(size, align) {
            // SAFETY: callers never ask for zero bytes (trait contract), checked again here.
            Ok(layout) if size > 0 => unsafe { alloc(layout) },
            _ => core::ptr::null_mut(),
        }
    }

    unsafe fn deallocate(&self, ptr: *mut u8, size: usize, align: usize) {
        if let Ok(layout) = Layout::from_size_align(size, align)
            && size > 0
            && !ptr.is_null()
        {
            // SAFETY: the caller promises that `ptr` came from `allocate` with these numbers.
            unsafe { dealloc(ptr, layout) }
        }
    }
}

static GLOBAL: Global = Global;

/// A handle on an allocator. Whoever makes one from a pointer promises that the allocator outlives
/// every object made with it.
#[derive(Clone, Copy)]
pub struct AllocRef(NonNull<dyn Allocator>);

// SAFETY: the handle is only a pointer; the C ABI's contract (one thread at a time per context and
// its allocator, unless the allocator is synchronised) is stated where handles are made.
unsafe impl Send for AllocRef {}
// SAFETY: as above; sharing the handle does not call the allocator.
unsafe impl Sync for AllocRef {}

impl AllocRef {
    /// The process-wide default.
    #[must_use]
    pub fn global() -> Self {
        Self(NonNull::from(&GLOBAL as &dyn Allocator))
    }

    /// A handle on any allocator.
    ///
    /// # Safety
    /// `allocator` outlives the handle, its copies and every object made with them, and may be used
    /// from each thread on which those are used.
    #[must_use]
    pub unsafe fn from_raw(allocator: NonNull<dyn Allocator>) -> Self {
        Self(allocator)
    }

    pub(crate) fn allocate(self, size: usize, align: usize) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: alive by the contract of `from_raw`.
        NonNull::new(unsafe { self.0.as_ref() }.allocate(size, align)).ok_or(AllocError)
    }

    /// # Safety
    /// As [`Allocator::deallocate`].
    pub(crate) unsafe fn deallocate(self, ptr: *mut u8, size: usize, align: usize) {
        // SAFETY: alive by the contract of `from_raw`; the rest is the caller's promise.
        unsafe { self.0.as_ref().deallocate(ptr, size, align) }
    }

    /// Whether two handles are one allocator.
    #[must_use]
    pub fn is(self, other: Self) -> bool {
        core::ptr::addr_eq(self.0.as_ptr(), other.0.as_ptr())
    }
}

impl fmt::Debug for AllocRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AllocRef").field(&self.0.cast::<u8>()).finish()
    }
}

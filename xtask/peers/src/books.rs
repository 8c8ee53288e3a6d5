//! An allocator of the caller's that counts what is out.

use crate::library::{Handle, Library};
use std::alloc::{Layout, alloc, dealloc};
use std::cell::Cell;

/// The allocator, of a library's making, and its count.
pub(crate) struct Books<'l> {
    library: &'l Library,
    pub(crate) handle: Handle,
    /// Blocks that were not given back; in a box, as the library holds its address.
    out: Box<Cell<i64>>,
}

impl<'l> Books<'l> {
    pub(crate) fn new(library: &'l Library) -> Self {
        let out = Box::new(Cell::new(0));
        let count = (&raw const *out).cast_mut().cast();
        // SAFETY: the functions take what they are registered with; the count outlives the allocator.
        let handle = unsafe { (library.user_allocator)(Some(take), Some(give_back), count, None) };
        Self { library, handle, out }
    }

    /// How many blocks are out.
    pub(crate) fn out(&self) -> i64 {
        self.out.get()
    }
}

impl Drop for Books<'_> {
    fn drop(&mut self) {
        // SAFETY: whoever had memory of it is gone.
        unsafe { (self.library.allocator_destroy)(self.handle) }
    }
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size.max(1), align.max(1)).expect("libraries ask for sizes that there are")
}

unsafe extern "C" fn take(count: Handle, size: usize, align: usize) -> Handle {
    // SAFETY: the count that the function was registered with; the size is at least one.
    unsafe {
        let count = &*count.cast::<Cell<i64>>();
        count.set(count.get() + 1);
        alloc(layout(size, align)).cast()
    }
}

unsafe extern "C" fn give_back(count: Handle, block: Handle, size: usize, align: usize) {
    // SAFETY: the count that the function was registered with; libraries give back what they took, with its size.
    unsafe {
        let count = &*count.cast::<Cell<i64>>();
        count.set(count.get() - 1);
        dealloc(block.cast(), layout(size, align));
    }
}

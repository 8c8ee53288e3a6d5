//! Memory that is given back all at once.

use std::alloc::{Layout, alloc, dealloc};
use std::collections::HashMap;
use std::ptr::null_mut;

const FIRST_CHUNK: usize = 1 << 10;
const LAST_CHUNK: usize = 1 << 20;

/// Hands out memory from growing chunks and frees nothing before it is dropped.
#[derive(Default)]
pub(super) struct Bump {
    chunks: Vec<(*mut u8, Layout)>,
    next: usize,
    end: usize,
}

impl Bump {
    pub(super) fn allocate(&mut self, size: usize, align: usize) -> *mut u8 {
        // Each address is handed out once, also those of nothing.
        let size = size.max(1);
        if let Some(place) = self.place(size, align) {
            return place;
        }
        let wanted = FIRST_CHUNK << self.chunks.len().min(10);
        let Some(needed) = size.checked_add(align) else { return null_mut() };
        let Ok(layout) = Layout::from_size_align(wanted.min(LAST_CHUNK).max(needed), 16) else {
            return null_mut();
        };
        // SAFETY: the layout has a size of at least one chunk.
        let chunk = unsafe { alloc(layout) };
        if chunk.is_null() {
            return null_mut();
        }
        self.chunks.push((chunk, layout));
        self.next = 0;
        self.end = layout.size();
        self.place(size, align).unwrap_or(null_mut())
    }

    /// Room in the current chunk.
    fn place(&mut self, size: usize, align: usize) -> Option<*mut u8> {
        let (chunk, _) = self.chunks.last()?;
        let base = *chunk as usize;
        let start = base.checked_add(self.next)?.checked_next_multiple_of(align)? - base;
        let end = start.checked_add(size)?;
        if end > self.end {
            return None;
        }
        self.next = end;
        // SAFETY: `start` is inside the chunk, which has `self.end` bytes.
        Some(unsafe { chunk.add(start) })
    }
}

impl Drop for Bump {
    fn drop(&mut self) {
        for (chunk, layout) in self.chunks.drain(..) {
            // SAFETY: each chunk came from `alloc` with this layout.
            unsafe { dealloc(chunk, layout) }
        }
    }
}

/// Sizes up to this are pooled in classes of powers of two.
const LARGEST_POOLED: usize = 4096;
const SMALLEST_POOLED: usize = 16;
const CLASSES: usize = (LARGEST_POOLED / SMALLEST_POOLED).trailing_zeros() as usize + 1;

/// Keeps freed memory for the next of its size; gives everything back when it is dropped.
#[derive(Default)]
pub(super) struct Pool {
    bump: Bump,
    free: [Vec<*mut u8>; CLASSES],
    large: HashMap<usize, Layout>,
}

// SAFETY: the pool owns all memory that its pointers lead to.
unsafe impl Send for Pool {}

fn class(size: usize, align: usize) -> Option<usize> {
    let size = size.max(align).max(SMALLEST_POOLED);
    (size <= LARGEST_POOLED).then(|| (size.next_power_of_two() / SMALLEST_POOLED).trailing_zeros() as usize)
}

impl Pool {
    pub(super) fn allocate(&mut self, size: usize, align: usize) -> *mut u8 {
        if let Some(class) = class(size, align) {
            let size = SMALLEST_POOLED << class;
            return self.free[class].pop().unwrap_or_else(|| self.bump.allocate(size, size.min(4096)));
        }
        let Ok(layout) = Layout::from_size_align(size, align) else { return null_mut() };
        // SAFETY: sizes that are not pooled are not 0.
        let memory = unsafe { alloc(layout) };
        if !memory.is_null() {
            self.large.insert(memory as usize, layout);
        }
        memory
    }

    /// # Safety
    /// `ptr` came from [`Pool::allocate`] with the same numbers and was not given back yet.
    pub(super) unsafe fn deallocate(&mut self, ptr: *mut u8, size: usize, align: usize) {
        if let Some(class) = class(size, align) {
            self.free[class].push(ptr);
        } else if let Some(layout) = self.large.remove(&(ptr as usize)) {
            // SAFETY: it came from `alloc` with this layout.
            unsafe { dealloc(ptr, layout) }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for (memory, layout) in self.large.drain() {
            // SAFETY: each came from `alloc` with this layout and was not given back.
            unsafe { dealloc(memory as *mut u8, layout) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bump, Pool};

    #[test]
    fn bump_aligns_and_grows() {
        let mut bump = Bump::default();
        for size in [1, 3000, 7, 1 << 21] {
            let place = bump.allocate(size, 64);
            assert!(!place.is_null() && (place as usize).is_multiple_of(64));
        }
        assert!(bump.allocate(usize::MAX, 8).is_null());
    }

    #[test]
    fn a_pool_hands_out_freed_memory_again() {
        let mut pool = Pool::default();
        let first = pool.allocate(40, 8);
        // SAFETY: allocated above with these numbers.
        unsafe { pool.deallocate(first, 40, 8) };
        assert_eq!(pool.allocate(50, 8), first);
        let large = pool.allocate(100_000, 8);
        assert!(!large.is_null());
    }
}

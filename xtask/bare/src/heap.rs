//! Memory for a machine that has none to hand out: an arena that only grows.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

const SIZE: usize = 1 << 20;

struct Arena {
    bytes: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: a byte is handed out at most once, by the counter, so no two threads get the same.
unsafe impl Sync for Arena {}

// SAFETY: blocks lie inside the arena, are aligned, and never overlap.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.bytes.get().cast::<u8>();
        let take = |used: usize| {
            let at = (start.addr() + used).next_multiple_of(layout.align()) - start.addr();
            at.checked_add(layout.size()).filter(|end| *end <= SIZE)
        };
        match self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) {
            Ok(used) => {
                let at = (start.addr() + used).next_multiple_of(layout.align()) - start.addr();
                start.wrapping_add(at)
            }
            Err(_) => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ARENA: Arena = Arena { bytes: UnsafeCell::new([0; SIZE]), used: AtomicUsize::new(0) };

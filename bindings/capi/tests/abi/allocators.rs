//! Allocators.

use crate::fixture::*;
use bartizan_capi::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn each_kind_hands_out_aligned_memory_and_makes_objects() {
    for init in [
        ddwaf_get_default_allocator,
        ddwaf_synchronized_pool_allocator_init,
        ddwaf_unsynchronized_pool_allocator_init,
        ddwaf_monotonic_allocator_init,
    ] {
        let alloc = init();
        unsafe {
            let mut taken = Vec::new();
            for round in 0..3 {
                for (size, align) in [
                    (0, 1),
                    (0, 8),
                    (1, 1),
                    (16, 8),
                    (100, 16),
                    (5000, 64),
                    (1 << 20, 8),
                    (1 << 20, 4096),
                    (10, 4096),
                ] {
                    let memory = ddwaf_allocator_alloc(alloc, size, align).cast::<u8>();
                    assert!(!memory.is_null() && memory.addr().is_multiple_of(align), "{size} {align}");
                    memory.write_bytes(round, size);
                    taken.push((memory, size, align, round));
                }
                if round == 1 {
                    for (memory, size, align, _) in taken.drain(..5) {
                        ddwaf_allocator_free(alloc, memory.cast(), size, align);
                    }
                }
            }
            for (memory, size, align, round) in taken {
                let bytes = std::slice::from_raw_parts(memory, size);
                assert!(bytes.iter().all(|byte| *byte == round), "{size} {align} was handed out twice");
                ddwaf_allocator_free(alloc, memory.cast(), size, align);
            }
            assert!(ddwaf_allocator_alloc(alloc, usize::MAX, 8).is_null());
            for align in [0, 3, 24] {
                assert!(ddwaf_allocator_alloc(alloc, 8, align).is_null(), "{align}");
            }
            ddwaf_allocator_free(alloc, null_mut(), 8, 8);

            let mut object = from_json(r#"{"a":["a string of some length",{"b":[1,2,3]}]}"#, alloc);
            assert_eq!(text(&object), r#"{"a":["a string of some length",{"b":[1,2,3]}]}"#);
            let mut copy = fresh();
            ddwaf_object_clone(&object, &mut copy, alloc);
            ddwaf_object_destroy(&mut object, alloc);
            // What is not freed goes with the allocator; for the default there is no such thing.
            if std::ptr::eq(alloc, default()) {
                ddwaf_object_destroy(&mut copy, alloc);
            }
            ddwaf_allocator_destroy(alloc);
        }
    }
    unsafe {
        assert!(ddwaf_allocator_alloc(null_mut(), 8, 8).is_null());
        ddwaf_allocator_free(null_mut(), null_mut(), 8, 8);
        ddwaf_allocator_destroy(null_mut());
        let memory = ddwaf_allocator_alloc(default(), 8, 8);
        assert!(!memory.is_null(), "the default is never destroyed");
        ddwaf_allocator_free(default(), memory, 8, 8);
    }
}

#[test]
fn the_default_takes_memory_of_malloc() {
    // As a C program would call malloc: the standard library's system allocator does just that.
    for len in [0usize, 1, 14, 100] {
        for _ in 0..100 {
            let mut object = fresh();
            unsafe {
                let memory = System.alloc(Layout::from_size_align(len.max(1), 1).expect("small"));
                ddwaf_object_set_string_nocopy(&mut object, memory.cast(), len as u32);
                ddwaf_object_destroy(&mut object, default());
            }
        }
    }
}

static FREED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C-unwind" fn no_memory(_: *mut c_void, _: usize, _: usize) -> *mut c_void {
    null_mut()
}

/// Notes what it was called with, one decimal digit each.
unsafe extern "C-unwind" fn note(data: *mut c_void, memory: *mut c_void, size: usize, align: usize) {
    let digits = data.addr() * 1000 + memory.addr() * 100 + size * 10 + align;
    FREED.store(digits, Ordering::Relaxed);
}

unsafe extern "C-unwind" fn gone(data: *mut c_void) {
    FREED.fetch_add(data.addr() * 10_000, Ordering::Relaxed);
}

#[test]
fn user_allocators_are_called_with_what_they_were_given() {
    let data = std::ptr::without_provenance_mut(7);
    unsafe {
        for (alloc, free) in [(None, None), (Some(no_memory as AllocFn), None), (None, Some(note as FreeFn))]
        {
            assert!(ddwaf_user_allocator_init(alloc, free, data, None).is_null());
        }
        let alloc = ddwaf_user_allocator_init(Some(no_memory), Some(note), data, Some(gone));
        assert!(ddwaf_allocator_alloc(alloc, 8, 8).is_null());
        ddwaf_allocator_free(alloc, std::ptr::without_provenance_mut(3), 0, 2);
        assert_eq!(FREED.load(Ordering::Relaxed), 7302);
        ddwaf_allocator_free(alloc, null_mut(), 5, 1);
        assert_eq!(FREED.load(Ordering::Relaxed), 7051, "null is passed on");
        ddwaf_allocator_destroy(alloc);
        assert_eq!(FREED.load(Ordering::Relaxed), 77_051);
        ddwaf_allocator_destroy(ddwaf_user_allocator_init(Some(no_memory), Some(note), data, None));
        assert_eq!(FREED.load(Ordering::Relaxed), 77_051);
    }
}

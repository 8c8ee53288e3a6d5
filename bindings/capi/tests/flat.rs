//! Memory stays flat: as much is allocated after many requests as after a few.

// The functions' promises are the header's, and kept.
#![allow(clippy::undocumented_unsafe_blocks, reason = "a test calls unsafe functions throughout")]

use bartizan_capi::*;
use bartizan_object::Object;
use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicIsize, Ordering};

/// Counts what is alive, for the whole process.
struct Counting;

static LIVE: AtomicIsize = AtomicIsize::new(0);
static BYTES: AtomicIsize = AtomicIsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
        BYTES.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

unsafe extern "C-unwind" fn allocate(_: *mut c_void, size: usize, align: usize) -> *mut c_void {
    unsafe { std::alloc::alloc(Layout::from_size_align(size, align).expect("sound")) }.cast()
}

unsafe extern "C-unwind" fn free(_: *mut c_void, memory: *mut c_void, size: usize, align: usize) {
    unsafe { std::alloc::dealloc(memory.cast(), Layout::from_size_align(size, align).expect("sound")) }
}

const RULES: &str = r#"{"version":"2.2","rules":[
    {"id":"a","name":"a","tags":{"type":"a"},"on_match":["block"],"conditions":[{"operator":"match_regex",
        "parameters":{"regex":"(?:union|select).{0,20}from","inputs":[{"address":"query"}]},"transformers":["lowercase"]}]},
    {"id":"b","name":"b","tags":{"type":"b"},"conditions":[{"operator":"phrase_match",
        "parameters":{"list":["sqlmap","nikto"],"inputs":[{"address":"agent"}]}}]}]}"#;

fn json(text: &str, alloc: *mut AllocatorHandle) -> Object {
    let mut object = Object::invalid();
    let length = text.len() as u32;
    assert!(unsafe { ddwaf_object_from_json(&mut object, text.as_ptr().cast(), length, alloc) }, "{text}");
    object
}

#[test]
fn two_hundred_thousand_contexts_leave_nothing() {
    const CONTEXTS: usize = 200_000;
    const WARM: usize = 1_000;
    unsafe {
        let alloc = ddwaf_user_allocator_init(Some(allocate), Some(free), null_mut(), None);
        let mut config = json(RULES, alloc);
        let instance = ddwaf_init(&config, null_mut());
        ddwaf_object_destroy(&mut config, alloc);
        let documents = [
            r#"{"query":{"q":["1 UNION SELECT secret FROM users"]},"agent":"a browser of some kind"}"#,
            r#"{"query":{"q":["nothing to see here"]},"agent":"sqlmap/1.7 (https://sqlmap.example)"}"#,
            r#"{"query":{},"agent":"a browser of some kind"}"#,
        ];
        let mut matches = 0;
        let mut baseline = (0, 0);
        for number in 0..CONTEXTS {
            if number == WARM {
                baseline = (LIVE.load(Ordering::Relaxed), BYTES.load(Ordering::Relaxed));
            }
            let context = ddwaf_context_init(instance, alloc);
            let mut data = json(documents[number % 3], alloc);
            let mut result = Object::invalid();
            let code = ddwaf_context_eval(context, &mut data, alloc, &mut result, u64::MAX);
            matches += code;
            ddwaf_object_destroy(&mut result, alloc);
            if number % 10 == 0 {
                let child = ddwaf_subcontext_init(context);
                let mut data = json(documents[(number + 1) % 3], alloc);
                ddwaf_subcontext_eval(child, &mut data, alloc, null_mut(), u64::MAX);
                ddwaf_subcontext_destroy(child);
            }
            ddwaf_context_destroy(context);
        }
        let end = (LIVE.load(Ordering::Relaxed), BYTES.load(Ordering::Relaxed));
        assert_eq!(matches as usize, CONTEXTS.div_ceil(3) + (CONTEXTS + 1) / 3);
        assert_eq!(end, baseline, "live allocations and bytes after {WARM} contexts and after {CONTEXTS}");
        ddwaf_destroy(instance);
        ddwaf_allocator_destroy(alloc);
    }
}

//! The `bartizan_*` functions of the C library: one buffer in, one buffer out.

use crate::{Door, ENTROPY, NOW_S, Outcome, Rules, function};
use bartizan_object::{Owned, json};
use libloading::Library as Shared;
use std::ffi::c_void;
use std::ptr;
use std::slice;

/// Where the functions leave a document of theirs.
#[repr(C)]
struct Buffer {
    data: *const u8,
    len: usize,
}

impl Buffer {
    const EMPTY: Buffer = Buffer { data: ptr::null(), len: 0 };
}

type New = unsafe extern "C" fn() -> *mut c_void;
type Make = unsafe extern "C" fn(*mut c_void) -> *mut c_void;
type Free = unsafe extern "C" fn(*mut c_void);
type Update = unsafe extern "C" fn(*mut c_void, *const u8, usize, *const u8, usize, u32, *mut Buffer) -> i32;
type Eval = unsafe extern "C" fn(*mut c_void, *const u8, usize, u64, u64, u64, u32, *mut Buffer) -> i32;

pub(crate) struct Library {
    instance: *mut c_void,
    instance_free: Free,
    context_new: Make,
    context_eval: Eval,
    context_free: Free,
    /// Last, so that the code is still there while the fields above are dropped.
    _shared: Shared,
}

impl Library {
    pub(crate) fn open(path: &str, rules: &[Rules]) -> Outcome<Self> {
        // SAFETY: the caller names a library of ours; loading it runs only its initialisers.
        let shared = unsafe { Shared::new(path) }.map_err(|e| format!("cannot load {path}: {e}"))?;
        let builder_new = function::<New>(&shared, "bartizan_builder_new")?;
        let update = function::<Update>(&shared, "bartizan_builder_update")?;
        let build = function::<Make>(&shared, "bartizan_builder_build")?;
        let builder_free = function::<Free>(&shared, "bartizan_builder_free")?;
        // SAFETY: the builder lives until it is freed below.
        let builder = unsafe { builder_new() };
        let load = |rules: &Rules| {
            let mut diagnostics = Buffer::EMPTY;
            let (path, text) = (rules.path.as_bytes(), &rules.text);
            let (p, t) = (path.as_ptr(), text.as_ptr());
            // SAFETY: the builder is live; both slices are valid during the call.
            let code = unsafe { update(builder, p, path.len(), t, text.len(), 0, &raw mut diagnostics) };
            if code == 1 { Ok(()) } else { Err(format!("{} is refused", rules.path)) }
        };
        let loaded = rules.iter().try_for_each(load);
        // SAFETY: the builder is live, and not used after it is freed.
        let instance = unsafe {
            let instance = build(builder);
            builder_free(builder);
            instance
        };
        loaded?;
        if instance.is_null() {
            return Err(format!("{path} takes none of the rules"));
        }
        Ok(Library {
            instance,
            instance_free: function(&shared, "bartizan_instance_free")?,
            context_new: function(&shared, "bartizan_context_new")?,
            context_eval: function(&shared, "bartizan_context_eval")?,
            context_free: function(&shared, "bartizan_context_free")?,
            _shared: shared,
        })
    }
}

impl Door for Library {
    type Run = Vec<u8>;

    fn prepare(&self, run: Owned) -> Vec<u8> {
        let mut text = Vec::new();
        json::write(&run, &mut text);
        text
    }

    fn evaluate(&self, runs: &[Vec<u8>]) -> Outcome<Vec<Option<Vec<u8>>>> {
        // SAFETY: the instance is live.
        let context = unsafe { (self.context_new)(self.instance) };
        let found = runs.iter().map(|run| self.run(context, run)).collect();
        // SAFETY: made above, and not used again.
        unsafe { (self.context_free)(context) };
        found
    }
}

impl Library {
    fn run(&self, context: *mut c_void, data: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let mut buffer = Buffer::EMPTY;
        let (start, len) = (data.as_ptr(), data.len());
        // SAFETY: the context is live; the data is valid during the call.
        match unsafe {
            (self.context_eval)(context, start, len, NOW_S, ENTROPY, u64::MAX, 0, &raw mut buffer)
        } {
            0 => Ok(None),
            // SAFETY: the document is valid until the next call on the context.
            1 => Ok(Some(unsafe { slice::from_raw_parts(buffer.data, buffer.len) }.to_vec())),
            error => Err(format!("bartizan_context_eval gave {error}")),
        }
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: every context is gone; the instance is not used again.
        unsafe { (self.instance_free)(self.instance) }
    }
}

//! The `bartizan_*` functions of our C library: what a wasm module does too, so that the two can be held against each other.

use crate::Outcome;
use libloading::{Library as Shared, Symbol};
use std::ffi::c_void;
use std::ptr;

type Handle = *mut c_void;
type Update = unsafe extern "C" fn(Handle, *const u8, usize, *const u8, usize, u32, *mut [usize; 2]) -> i32;
type Eval = unsafe extern "C" fn(Handle, *const u8, usize, u64, u64, u64, u32, *mut [usize; 2]) -> i32;
type From = unsafe extern "C" fn(Handle) -> Handle;
type Free = unsafe extern "C" fn(Handle);

/// A library with the rules loaded.
pub(crate) struct Wire {
    instance: Handle,
    instance_free: Free,
    context_new: From,
    context_eval: Eval,
    context_free: Free,
    /// Last, so that the code outlives the rest.
    _shared: Shared,
}

impl Wire {
    pub(crate) fn open(path: &str, rules: &str) -> Outcome<Self> {
        // SAFETY: the caller names a library of ours; loading it runs only its initialisers.
        let shared = unsafe { Shared::new(path) }.map_err(|e| format!("cannot load {path}: {e}"))?;
        let builder_new = function::<unsafe extern "C" fn() -> Handle>(&shared, "bartizan_builder_new")?;
        let update = function::<Update>(&shared, "bartizan_builder_update")?;
        let build = function::<From>(&shared, "bartizan_builder_build")?;
        let builder_free = function::<Free>(&shared, "bartizan_builder_free")?;
        let mut document = [0; 2];
        // SAFETY: the builder lives until it is freed; path and rules are valid during the call.
        let (taken, instance) = unsafe {
            let builder = builder_new();
            let (text, len) = (rules.as_ptr(), rules.len());
            let taken = update(builder, b"rules".as_ptr(), 5, text, len, 0, &raw mut document);
            let instance = build(builder);
            builder_free(builder);
            (taken, instance)
        };
        if taken != 1 || instance.is_null() {
            return Err(format!("{path} refuses the rules"));
        }
        Ok(Wire {
            instance,
            instance_free: function(&shared, "bartizan_instance_free")?,
            context_new: function(&shared, "bartizan_context_new")?,
            context_eval: function(&shared, "bartizan_context_eval")?,
            context_free: function(&shared, "bartizan_context_free")?,
            _shared: shared,
        })
    }

    /// One request, whose documents are copied first, as a wasm host has to.
    pub(crate) fn play(&self, calls: &[Vec<u8>], room: &mut Vec<u8>) -> Outcome {
        // SAFETY: the instance is live.
        let context = unsafe { (self.context_new)(self.instance) };
        let mut worst = 0;
        for document in calls {
            room.clear();
            room.extend_from_slice(document);
            let mut answer = [ptr::null::<u8>() as usize; 2];
            // SAFETY: the context is live; the document is valid during the call.
            let code = unsafe {
                let (data, len) = (room.as_ptr(), room.len());
                (self.context_eval)(context, data, len, 1_800_000_000, 1, u64::MAX, 0, &raw mut answer)
            };
            worst = code.min(worst);
        }
        // SAFETY: made above, and not used again.
        unsafe { (self.context_free)(context) };
        if worst < 0 { Err(format!("an evaluation failed with {worst}")) } else { Ok(()) }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // SAFETY: every context is gone; the instance is not used again.
        unsafe { (self.instance_free)(self.instance) }
    }
}

fn function<F: Copy>(library: &Shared, name: &str) -> Outcome<F> {
    // SAFETY: the types above are those that bartizan.h declares for these names.
    let symbol: Symbol<'_, F> = unsafe { library.get(name) }.map_err(|e| format!("no {name}: {e}"))?;
    Ok(*symbol)
}

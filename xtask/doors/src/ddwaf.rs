//! The functions of libddwaf 2.x, as any library exports them: ours or the genuine one.

use crate::{Door, Outcome, function, parse};
use bartizan_object::{Object, Owned, json};
use libloading::Library as Shared;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;

/// In microseconds; long enough that no verdict depends on the machine.
const TIMEOUT_US: u64 = 60_000_000;

type Init = unsafe extern "C" fn(*const Object, *mut Object) -> *mut c_void;
type Destroy = unsafe extern "C" fn(*mut c_void);
type DefaultAllocator = unsafe extern "C" fn() -> *mut c_void;
type ObjectDestroy = unsafe extern "C" fn(*mut Object, *mut c_void);
type ContextInit = unsafe extern "C" fn(*mut c_void, *mut c_void) -> *mut c_void;
type ContextEval = unsafe extern "C" fn(*mut c_void, *const Object, *mut c_void, *mut Object, u64) -> i32;

pub(crate) struct Library {
    handle: *mut c_void,
    allocator: *mut c_void,
    destroy: Destroy,
    object_destroy: ObjectDestroy,
    context_init: ContextInit,
    context_destroy: Destroy,
    context_eval: ContextEval,
    /// Last, so that the code is still there while the fields above are dropped.
    _shared: Shared,
}

impl Library {
    pub(crate) fn open(path: &str, rules: &[u8]) -> Outcome<Self> {
        // SAFETY: the caller names a library of the ddwaf 2.x ABI; loading it runs only its initialisers.
        let shared = unsafe { Shared::new(path) }.map_err(|e| format!("cannot load {path}: {e}"))?;
        let allocator = function::<DefaultAllocator>(&shared, "ddwaf_get_default_allocator")?;
        let init = function::<Init>(&shared, "ddwaf_init")?;
        let object_destroy = function::<ObjectDestroy>(&shared, "ddwaf_object_destroy")?;
        let rules = parse(rules).map_err(|e| format!("the rules: {e}"))?;
        // SAFETY: takes nothing, gives the process-wide allocator.
        let allocator = unsafe { allocator() };
        let root: &Object = &rules;
        // SAFETY: the tree is only read during the call; diagnostics are optional.
        let handle = unsafe { init(root, ptr::null_mut()) };
        if handle.is_null() {
            return Err(format!("{path} takes none of the rules"));
        }
        Ok(Library {
            handle,
            allocator,
            destroy: function(&shared, "ddwaf_destroy")?,
            object_destroy,
            context_init: function(&shared, "ddwaf_context_init")?,
            context_destroy: function(&shared, "ddwaf_context_destroy")?,
            context_eval: function(&shared, "ddwaf_context_eval")?,
            _shared: shared,
        })
    }
}

impl Door for Library {
    type Run = Owned;

    fn prepare(&self, run: Owned) -> Owned {
        run
    }

    fn evaluate(&self, runs: &[Owned]) -> Outcome<Vec<Option<Vec<u8>>>> {
        // SAFETY: handle and allocator are live.
        let context = unsafe { (self.context_init)(self.handle, self.allocator) };
        let found = runs.iter().map(|run| self.run(context, run)).collect();
        // SAFETY: made above, and not used again.
        unsafe { (self.context_destroy)(context) };
        found
    }
}

impl Library {
    fn run(&self, context: *mut c_void, data: &Object) -> Outcome<Option<Vec<u8>>> {
        let mut result = MaybeUninit::<Object>::uninit();
        // SAFETY: the context is live; the data is lent and outlives it.
        let code =
            unsafe { (self.context_eval)(context, data, ptr::null_mut(), result.as_mut_ptr(), TIMEOUT_US) };
        if !matches!(code, 0 | 1) {
            return Err(format!("ddwaf_context_eval gave {code}"));
        }
        let text = (code == 1).then(|| {
            let mut out = Vec::new();
            // SAFETY: the result is written whenever the code is 0 or 1.
            json::write(unsafe { result.assume_init_ref() }, &mut out);
            out
        });
        // SAFETY: as above; the allocator is the one that the context was made with.
        unsafe { (self.object_destroy)(result.as_mut_ptr(), self.allocator) };
        Ok(text)
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: every context is gone; the handle is not used again.
        unsafe { (self.destroy)(self.handle) }
    }
}

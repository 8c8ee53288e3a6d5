//! The functions of libddwaf 2.x, as any library exports them: ours or the genuine one.

use crate::{Door, Outcome, Rules, function, parse};
use bartizan_object::{Object, Owned, json};
use libloading::Library as Shared;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;

/// In microseconds; long enough that no verdict depends on the machine.
const TIMEOUT_US: u64 = 60_000_000;

type Make = unsafe extern "C" fn() -> *mut c_void;
type AddConfig = unsafe extern "C" fn(*mut c_void, *const u8, u32, *const Object, *mut Object) -> bool;
type Build = unsafe extern "C" fn(*mut c_void) -> *mut c_void;
type Destroy = unsafe extern "C" fn(*mut c_void);
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
    pub(crate) fn open(path: &str, rules: &[Rules]) -> Outcome<Self> {
        // SAFETY: the caller names a library of the ddwaf 2.x ABI; loading it runs only its initialisers.
        let shared = unsafe { Shared::new(path) }.map_err(|e| format!("cannot load {path}: {e}"))?;
        let builder_init = function::<Make>(&shared, "ddwaf_builder_init")?;
        let add = function::<AddConfig>(&shared, "ddwaf_builder_add_or_update_config")?;
        let build = function::<Build>(&shared, "ddwaf_builder_build_instance")?;
        let builder_destroy = function::<Destroy>(&shared, "ddwaf_builder_destroy")?;
        let allocator = function::<Make>(&shared, "ddwaf_get_default_allocator")?;
        // SAFETY: takes nothing, gives the process-wide allocator.
        let allocator = unsafe { allocator() };
        // SAFETY: the builder lives until it is destroyed below.
        let builder = unsafe { builder_init() };
        let load = |rules: &Rules| {
            let text = parse(&rules.text).map_err(|e| format!("{}: {e}", rules.path))?;
            let (config, path): (&Object, _) = (&text, rules.path.as_bytes());
            let len = u32::try_from(path.len()).map_err(|e| e.to_string())?;
            // SAFETY: the tree and the path are only read, during the call; diagnostics are optional.
            let taken = unsafe { add(builder, path.as_ptr(), len, config, ptr::null_mut()) };
            if taken { Ok(()) } else { Err(format!("{} is refused", rules.path)) }
        };
        let loaded = rules.iter().try_for_each(load);
        // SAFETY: the builder is live, and not used after it is destroyed.
        let handle = unsafe {
            let handle = build(builder);
            builder_destroy(builder);
            handle
        };
        loaded?;
        if handle.is_null() {
            return Err(format!("{path} takes none of the rules"));
        }
        Ok(Library {
            handle,
            allocator,
            destroy: function(&shared, "ddwaf_destroy")?,
            object_destroy: function(&shared, "ddwaf_object_destroy")?,
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

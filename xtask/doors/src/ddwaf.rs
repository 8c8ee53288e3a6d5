//! The functions of libddwaf 2.x, as any library exports them: ours or the genuine one.

use crate::{Door, Outcome, function};
use bartizan_object::{AllocRef, Object, Owned, json};
use libloading::Library as Shared;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;

/// Deeper than any document of the demo; a reader's limit must not decide what is compared.
const DEPTH: usize = 512;

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

fn parse(text: &[u8]) -> Outcome<Owned> {
    json::parse_with_depth(text, DEPTH, AllocRef::global()).map_err(|e| format!("not JSON: {e:?}"))
}

impl Door for Library {
    type Request = Owned;

    fn prepare(&self, json: &[u8]) -> Outcome<Owned> {
        parse(json)
    }

    fn evaluate(&self, request: &Owned) -> Outcome<Option<Vec<u8>>> {
        let data: &Object = request;
        let mut result = MaybeUninit::<Object>::uninit();
        // SAFETY: handle and allocator are live; the data is lent and outlives the context, which is
        // destroyed below; the result is written exactly when the code says so.
        unsafe {
            let context = (self.context_init)(self.handle, self.allocator);
            let code = (self.context_eval)(context, data, ptr::null_mut(), result.as_mut_ptr(), TIMEOUT_US);
            let found = match code {
                0 | 1 => {
                    let mut text = None;
                    if code == 1 {
                        let mut out = Vec::new();
                        json::write(result.assume_init_ref(), &mut out);
                        text = Some(out);
                    }
                    (self.object_destroy)(result.as_mut_ptr(), self.allocator);
                    Ok(text)
                }
                error => Err(format!("ddwaf_context_eval gave {error}")),
            };
            (self.context_destroy)(context);
            found
        }
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: every context is gone; the handle is not used again.
        unsafe { (self.destroy)(self.handle) }
    }
}

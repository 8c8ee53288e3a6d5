//! Instances.

use crate::allocator::hand_over;
use crate::guard::guard;
use crate::log::{WARN, log, log_diagnostics};
use bartizan_engine::{Builder, Instance};
use bartizan_object::Object;
use std::ffi::{CString, c_char};
use std::ptr::{null, null_mut};

/// Why there is no instance.
pub(crate) const NOTHING_RUNS: &str =
    "nothing in the configuration would ever run: no enabled rule, no postprocessor";

/// What a `ddwaf_handle` points to.
pub struct InstanceHandle {
    pub(crate) instance: Instance,
    addresses: Names,
    actions: Names,
}

/// Names as C wants them: an array of NUL-terminated strings.
struct Names {
    _owned: Vec<CString>,
    pointers: Vec<*const c_char>,
}

// SAFETY: the pointers lead to strings that the same value owns and never changes.
unsafe impl Send for Names {}
// SAFETY: as above.
unsafe impl Sync for Names {}

impl Names {
    fn new<'a>(names: impl Iterator<Item = &'a [u8]>) -> Self {
        // A name that holds a NUL ends there for C.
        let until_nul = |name: &'a [u8]| name.split(|byte| *byte == 0).next().unwrap_or_default();
        let owned: Vec<CString> = names.filter_map(|name| CString::new(until_nul(name)).ok()).collect();
        let pointers = owned.iter().map(|name| name.as_ptr()).collect();
        Self { _owned: owned, pointers }
    }

    /// # Safety
    /// `size` is null or writable.
    unsafe fn lend(&self, size: *mut u32) -> *const *const c_char {
        // SAFETY: the caller's promise.
        unsafe { set_size(size, self.pointers.len() as u32) };
        if self.pointers.is_empty() { null() } else { self.pointers.as_ptr() }
    }
}

/// # Safety
/// `size` is null or writable.
unsafe fn set_size(size: *mut u32, value: u32) {
    if !size.is_null() {
        // SAFETY: the caller's promise.
        unsafe { size.write(value) }
    }
}

pub(crate) fn into_handle(instance: Option<Instance>) -> *mut InstanceHandle {
    let Some(instance) = instance else { return null_mut() };
    let addresses = Names::new(instance.addresses().iter().map(|name| &**name));
    let actions = Names::new(instance.actions().iter().map(|name| &**name));
    Box::into_raw(Box::new(InstanceHandle { instance, addresses, actions }))
}

/// `ddwaf_init`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_init(ruleset: *const Object, diagnostics: *mut Object) -> *mut InstanceHandle {
    guard(null_mut(), || {
        // SAFETY: a well-formed object or null.
        let Some(config) = (unsafe { ruleset.as_ref() }) else { return null_mut() };
        let mut builder = Builder::new();
        let update = builder.update(b"default", config);
        log_diagnostics(c"ddwaf_init", b"default", update.accepted, &update.diagnostics);
        // SAFETY: writable or null, and what it held is the caller's to free.
        unsafe { hand_over(&update.diagnostics, diagnostics) };
        let instance = if update.accepted { builder.build() } else { None };
        if instance.is_none() {
            log(WARN, c"ddwaf_init", || NOTHING_RUNS.to_owned());
        }
        into_handle(instance)
    })
}

/// `ddwaf_destroy`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_destroy(handle: *mut InstanceHandle) {
    guard((), || {
        if !handle.is_null() {
            // SAFETY: a live handle, not used again; contexts keep what they need.
            drop(unsafe { Box::from_raw(handle) });
        }
    })
}

/// `ddwaf_known_addresses`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_known_addresses(
    handle: *const InstanceHandle,
    size: *mut u32,
) -> *const *const c_char {
    // SAFETY: a live handle or null; a writable size or null.
    unsafe {
        match handle.as_ref() {
            Some(handle) => handle.addresses.lend(size),
            None => {
                set_size(size, 0);
                null()
            }
        }
    }
}

/// `ddwaf_known_actions`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_known_actions(
    handle: *const InstanceHandle,
    size: *mut u32,
) -> *const *const c_char {
    // SAFETY: a live handle or null; a writable size or null.
    unsafe {
        match handle.as_ref() {
            Some(handle) => handle.actions.lend(size),
            None => {
                set_size(size, 0);
                null()
            }
        }
    }
}

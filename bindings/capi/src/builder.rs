//! Builders.

use crate::allocator::{default_ref, hand_over};
use crate::guard::{bytes, guard};
use crate::instance::{InstanceHandle, NOTHING_RUNS, into_handle};
use crate::log::{WARN, log, log_diagnostics};
use bartizan_engine::Builder;
use bartizan_object::{Object, Owned};
use std::ffi::c_char;
use std::ptr::null_mut;

/// What a `ddwaf_builder` points to.
pub struct BuilderHandle(Builder);

/// `ddwaf_builder_init`
#[unsafe(no_mangle)]
pub extern "C" fn ddwaf_builder_init() -> *mut BuilderHandle {
    guard(null_mut(), || Box::into_raw(Box::new(BuilderHandle(Builder::new()))))
}

/// `ddwaf_builder_add_or_update_config`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_builder_add_or_update_config(
    builder: *mut BuilderHandle,
    path: *const c_char,
    path_len: u32,
    config: *const Object,
    diagnostics: *mut Object,
) -> bool {
    guard(false, || {
        // SAFETY: live, well formed and covered, or null.
        let (builder, path, config) =
            unsafe { (builder.as_mut(), bytes(path, path_len as usize), config.as_ref()) };
        let (Some(builder), Some(path), Some(config)) = (builder, path, config) else { return false };
        if path.is_empty() {
            return false;
        }
        let update = builder.0.update(path, config);
        log_diagnostics(c"ddwaf_builder_add_or_update_config", path, update.accepted, &update.diagnostics);
        // SAFETY: writable or null, and what it held is the caller's to free.
        unsafe { hand_over(&update.diagnostics, diagnostics) };
        update.accepted
    })
}

/// `ddwaf_builder_remove_config`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_builder_remove_config(
    builder: *mut BuilderHandle,
    path: *const c_char,
    path_len: u32,
) -> bool {
    guard(false, || {
        // SAFETY: live and covered, or null.
        match unsafe { (builder.as_mut(), bytes(path, path_len as usize)) } {
            (Some(builder), Some(path)) if !path.is_empty() => builder.0.remove(path),
            _ => false,
        }
    })
}

/// `ddwaf_builder_build_instance`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_builder_build_instance(builder: *mut BuilderHandle) -> *mut InstanceHandle {
    guard(null_mut(), || {
        // SAFETY: a live handle or null.
        let Some(builder) = (unsafe { builder.as_mut() }) else { return null_mut() };
        let instance = builder.0.build();
        if instance.is_none() {
            log(WARN, c"ddwaf_builder_build_instance", || NOTHING_RUNS.to_owned());
        }
        into_handle(instance)
    })
}

/// `ddwaf_builder_get_config_paths`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_builder_get_config_paths(
    builder: *mut BuilderHandle,
    paths: *mut Object,
    filter: *const c_char,
    filter_len: u32,
) -> u32 {
    guard(0, || {
        // SAFETY: a live handle or null; the filter may be null, which means none.
        let (builder, filter) = unsafe { (builder.as_ref(), bytes(filter, filter_len as usize)) };
        let Some(builder) = builder else { return 0 };
        let found = builder.0.paths_matching(filter.unwrap_or_default());
        if !paths.is_null() {
            let mut list = Owned::new(default_ref());
            let written = list
                .slot()
                .array(found.len())
                .and_then(|mut array| found.iter().try_for_each(|path| array.push()?.string(path)));
            if written.is_err() {
                return 0;
            }
            // SAFETY: writable, and what it held is the caller's to free.
            unsafe { paths.write(list.into_object()) };
        }
        found.len() as u32
    })
}

/// `ddwaf_builder_destroy`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_builder_destroy(builder: *mut BuilderHandle) {
    guard((), || {
        if !builder.is_null() {
            // SAFETY: a live handle, not used again.
            drop(unsafe { Box::from_raw(builder) });
        }
    })
}

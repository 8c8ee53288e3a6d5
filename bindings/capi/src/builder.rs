//! Builders.

use crate::guard::{bytes, guard};
use crate::instance::{InstanceHandle, into_handle};
use crate::log::{WARN, log};
use bartizan_engine::Builder;
use bartizan_object::{AllocRef, Object, Owned};
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
        if !update.accepted {
            let path = String::from_utf8_lossy(path);
            let message =
                format!("configuration {path} was refused; what the path had before stays in force");
            log(WARN, c"ddwaf_builder_add_or_update_config", line!(), &message);
        }
        if !diagnostics.is_null() {
            // SAFETY: writable, and what it held is the caller's to free.
            unsafe { diagnostics.write(update.diagnostics.into_object()) };
        }
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
        into_handle(unsafe { builder.as_mut() }.and_then(|builder| builder.0.build()))
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
            let mut list = Owned::new(AllocRef::global());
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

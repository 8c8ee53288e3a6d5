//! The `bartizan_*` functions.
//!
//! Handles are boxes that the host owns until it calls the `_free` function. Byte arguments may be null
//! when their length is 0. No function lets a panic out: it returns its error value instead.

use crate::clock;
use crate::session::{Builder, Context, Error, Format, Instance, Request};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::ffi::c_char;
use core::ptr;

/// Bytes that the engine owns and lends.
#[repr(C)]
pub struct Buffer {
    data: *const u8,
    len: usize,
}

/// A builder and the last document it gave.
pub struct BuilderHandle {
    builder: Builder,
    document: Vec<u8>,
}

/// A context and the last document it gave.
pub struct ContextHandle {
    context: Context,
    document: Vec<u8>,
    /// Why the last evaluation failed; empty when it did not.
    error: Cow<'static, str>,
    /// A panic inside leaves the state unknown: such a context answers with an error from then on.
    poisoned: bool,
}

const MATCHED: i32 = 1;
const INVALID_ARGUMENT: i32 = -1;
const MALFORMED: i32 = -2;
const INTERNAL: i32 = -3;

const MESSAGE_PACK: u32 = 1;
const BATCHES: u32 = 2;

fn format(flags: u32) -> Format {
    if flags & MESSAGE_PACK != 0 { Format::MessagePack } else { Format::Json }
}

/// Runs `body`; a panic becomes `error`.
#[cfg(feature = "std")]
fn guard<T>(error: T, body: impl FnOnce() -> T) -> T {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or(error)
}

/// Without unwinding a panic is a trap, and the host makes a new module instance.
#[cfg(not(feature = "std"))]
fn guard<T>(_error: T, body: impl FnOnce() -> T) -> T {
    body()
}

/// # Safety
/// `data` covers `len` bytes for the duration of the call, or `len` is 0.
unsafe fn bytes<'a>(data: *const u8, len: usize) -> Option<&'a [u8]> {
    if len == 0 {
        return Some(&[]);
    }
    if data.is_null() || isize::try_from(len).is_err() {
        return None;
    }
    // SAFETY: the caller's promise; null was ruled out.
    Some(unsafe { core::slice::from_raw_parts(data, len) })
}

/// # Safety
/// `out` is null or can be written.
unsafe fn lend(out: *mut Buffer, document: &[u8]) {
    if !out.is_null() {
        // SAFETY: the caller's promise; null was ruled out.
        unsafe { out.write(Buffer { data: document.as_ptr(), len: document.len() }) }
    }
}

/// The version of these functions' meaning.
#[unsafe(no_mangle)]
pub extern "C" fn bartizan_abi() -> u32 {
    crate::ABI
}

/// Our own version, NUL-terminated.
#[unsafe(no_mangle)]
pub extern "C" fn bartizan_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Memory for input; null when there is none to be had.
#[unsafe(no_mangle)]
pub extern "C" fn bartizan_alloc(len: usize) -> *mut u8 {
    let Ok(layout) = alloc::alloc::Layout::from_size_align(len.max(1), 8) else { return ptr::null_mut() };
    // SAFETY: the size is at least 1.
    unsafe { alloc::alloc::alloc(layout) }
}

/// Gives memory back.
///
/// # Safety
/// `data` came from [`bartizan_alloc`] with the same `len`, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_free(data: *mut u8, len: usize) {
    if let Ok(layout) = alloc::alloc::Layout::from_size_align(len.max(1), 8)
        && !data.is_null()
    {
        // SAFETY: the caller's promise.
        unsafe { alloc::alloc::dealloc(data, layout) }
    }
}

/// A builder without configuration.
#[unsafe(no_mangle)]
pub extern "C" fn bartizan_builder_new() -> *mut BuilderHandle {
    guard(ptr::null_mut(), || {
        Box::into_raw(Box::new(BuilderHandle { builder: Builder::new(), document: Vec::new() }))
    })
}

/// Adds or replaces the configuration of a path: 1 taken over, 0 refused, negative on error. `out` gets
/// the diagnostics document, valid until the next call on the builder.
///
/// # Safety
/// `builder` is a live handle or null; the byte arguments cover their lengths; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_builder_update(
    builder: *mut BuilderHandle,
    path: *const u8,
    path_len: usize,
    config: *const u8,
    config_len: usize,
    flags: u32,
    out: *mut Buffer,
) -> i32 {
    guard(INTERNAL, || {
        // SAFETY: the caller's promise, for handle and bytes alike.
        let (handle, path, config) =
            unsafe { (builder.as_mut(), bytes(path, path_len), bytes(config, config_len)) };
        let (Some(handle), Some(path), Some(config)) = (handle, path, config) else {
            return INVALID_ARGUMENT;
        };
        if path.is_empty() {
            return INVALID_ARGUMENT;
        }
        let update = handle.builder.update(path, config, format(flags));
        handle.document = update.diagnostics;
        // SAFETY: the caller's promise.
        unsafe { lend(out, &handle.document) };
        i32::from(update.accepted)
    })
}

/// Removes a path: 1 removed, 0 not known, negative on error.
///
/// # Safety
/// As [`bartizan_builder_update`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_builder_remove(
    builder: *mut BuilderHandle,
    path: *const u8,
    path_len: usize,
) -> i32 {
    guard(INTERNAL, || {
        // SAFETY: the caller's promise.
        match unsafe { (builder.as_mut(), bytes(path, path_len)) } {
            (Some(handle), Some(path)) => i32::from(handle.builder.remove(path)),
            _ => INVALID_ARGUMENT,
        }
    })
}

/// The paths in order of first addition, as a JSON array of strings that is valid until the next call on the
/// builder.
///
/// # Safety
/// `builder` is a live handle or null; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_builder_paths(builder: *mut BuilderHandle, out: *mut Buffer) -> i32 {
    guard(INTERNAL, || {
        // SAFETY: the caller's promise.
        let Some(handle) = (unsafe { builder.as_mut() }) else { return INVALID_ARGUMENT };
        handle.document = handle.builder.paths();
        // SAFETY: the caller's promise.
        unsafe { lend(out, &handle.document) };
        1
    })
}

/// An instance of the configuration as it stands; null when nothing in it would ever run.
///
/// # Safety
/// `builder` is a live handle or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_builder_build(builder: *mut BuilderHandle) -> *mut Instance {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        let instance = unsafe { builder.as_mut() }.and_then(|handle| handle.builder.build());
        instance.map_or(ptr::null_mut(), |instance| Box::into_raw(Box::new(instance)))
    })
}

/// Frees a builder; its instances live on.
///
/// # Safety
/// `builder` is a live handle, not used again, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_builder_free(builder: *mut BuilderHandle) {
    // SAFETY: the caller's promise.
    unsafe { free(builder) }
}

/// The addresses that rules look at, as a JSON array of strings that lives as long as the instance.
///
/// # Safety
/// `instance` is a live handle or null; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_instance_addresses(instance: *const Instance, out: *mut Buffer) -> i32 {
    // SAFETY: the caller's promise.
    match unsafe { instance.as_ref() } {
        Some(instance) => {
            // SAFETY: the caller's promise.
            unsafe { lend(out, instance.addresses()) };
            1
        }
        None => INVALID_ARGUMENT,
    }
}

/// The action types that can be put out, as a JSON array of strings that lives as long as the instance.
///
/// # Safety
/// As [`bartizan_instance_addresses`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_instance_actions(instance: *const Instance, out: *mut Buffer) -> i32 {
    // SAFETY: the caller's promise.
    match unsafe { instance.as_ref() } {
        Some(instance) => {
            // SAFETY: the caller's promise.
            unsafe { lend(out, instance.actions()) };
            1
        }
        None => INVALID_ARGUMENT,
    }
}

/// Frees an instance; its contexts live on.
///
/// # Safety
/// `instance` is a live handle, not used again, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_instance_free(instance: *mut Instance) {
    // SAFETY: the caller's promise.
    unsafe { free(instance) }
}

/// A context for one request.
///
/// # Safety
/// `instance` is a live handle or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_context_new(instance: *const Instance) -> *mut ContextHandle {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        context(unsafe { instance.as_ref() }.map(Instance::context))
    })
}

/// A context that starts as a copy of another; nothing flows back.
///
/// # Safety
/// `parent` is a live handle or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_subcontext_new(parent: *const ContextHandle) -> *mut ContextHandle {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        let parent = unsafe { parent.as_ref() }.filter(|handle| !handle.poisoned);
        context(parent.map(|handle| handle.context.subcontext()))
    })
}

fn context(context: Option<Context>) -> *mut ContextHandle {
    match context {
        Some(context) => {
            let handle =
                ContextHandle { context, document: Vec::new(), error: Cow::Borrowed(""), poisoned: false };
            Box::into_raw(Box::new(handle))
        }
        None => ptr::null_mut(),
    }
}

/// Evaluates a document of addresses: 1 something matched and `out` has the result document, valid until
/// the next call on the context; 0 nothing matched; negative on error (-1 argument, -2 document, -3
/// internal).
///
/// # Safety
/// `context` is a live handle or null; `data` covers `len` bytes; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_context_eval(
    context: *mut ContextHandle,
    data: *const u8,
    len: usize,
    now_s: u64,
    entropy: u64,
    budget: u64,
    flags: u32,
    out: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promise, for handle and bytes alike.
    let (Some(handle), data) = (unsafe { (context.as_mut(), bytes(data, len)) }) else {
        return INVALID_ARGUMENT;
    };
    let Some(data) = data else {
        handle.error = Cow::Borrowed("request data is a null pointer or longer than memory");
        return INVALID_ARGUMENT;
    };
    let request = Request {
        now_s: or_else(now_s, clock::now_s),
        entropy: or_else(entropy, clock::entropy),
        budget,
        batches: flags & BATCHES != 0,
        format: format(flags),
        ..Request::default()
    };
    let code = handle.answer(|context, document| context.eval(data, request, document));
    if code == MATCHED {
        // SAFETY: the caller's promise.
        unsafe { lend(out, &handle.document) };
    }
    code
}

impl ContextHandle {
    /// Runs an evaluation, unless the context is dead, and kills it when that panics.
    fn answer(&mut self, eval: impl FnOnce(&mut Context, &mut Vec<u8>) -> Result<bool, Error>) -> i32 {
        // Cleared at the end: a panic on the way leaves it set.
        if core::mem::replace(&mut self.poisoned, true) {
            self.error = Cow::Borrowed("the context failed before, and its state is unknown; make another");
            return INTERNAL;
        }
        self.error = Cow::Borrowed("internal error");
        guard(INTERNAL, || {
            let outcome = eval(&mut self.context, &mut self.document);
            self.poisoned = false;
            self.error = match &outcome {
                Ok(_) => Cow::Borrowed(""),
                Err(error) => Cow::Owned(error.to_string()),
            };
            match outcome {
                Ok(true) => MATCHED,
                Ok(false) => 0,
                Err(Error::Malformed(_)) => MALFORMED,
                Err(Error::Internal) => INTERNAL,
            }
        })
    }
}

/// Limits the time of later evaluations of this context, in microseconds; 0 lifts the limit. Where there is no
/// clock, as in wasm, it becomes a budget. 1, or negative on error.
///
/// # Safety
/// `context` is a live handle or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_context_set_timeout(context: *mut ContextHandle, timeout_us: u64) -> i32 {
    // SAFETY: the caller's promise.
    match unsafe { context.as_mut() } {
        Some(handle) => {
            handle.context.set_timeout(timeout_us);
            1
        }
        None => INVALID_ARGUMENT,
    }
}

/// Why the last evaluation of this context was negative: 1, and `out` has a sentence in UTF-8 that is valid
/// until the next call on the context; 0 when it was not.
///
/// # Safety
/// `context` is a live handle or null; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_context_error(context: *const ContextHandle, out: *mut Buffer) -> i32 {
    // SAFETY: the caller's promise.
    match unsafe { context.as_ref() } {
        None => INVALID_ARGUMENT,
        Some(handle) if handle.error.is_empty() => 0,
        Some(handle) => {
            // SAFETY: the caller's promise.
            unsafe { lend(out, handle.error.as_bytes()) };
            1
        }
    }
}

/// Frees a context.
///
/// # Safety
/// `context` is a live handle, not used again, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_context_free(context: *mut ContextHandle) {
    // SAFETY: the caller's promise.
    unsafe { free(context) }
}

/// # Safety
/// `handle` came from `Box::into_raw` and is not used again, or is null.
unsafe fn free<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: the caller's promise; null was ruled out.
        guard((), || drop(unsafe { Box::from_raw(handle) }));
    }
}

/// What the host gave, or, where there is an operating system to ask, its own when the host gave 0.
fn or_else(given: u64, own: fn() -> u64) -> u64 {
    if given == 0 { own() } else { given }
}

mod host;

pub use host::*;

#[cfg(test)]
mod tests;

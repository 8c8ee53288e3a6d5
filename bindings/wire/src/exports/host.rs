//! The functions of hosts, requests and rules.

use super::{Buffer, INTERNAL, INVALID_ARGUMENT, MALFORMED, bytes, free, guard, lend};
use crate::host::{Host, HostRequest, Rules};
use crate::session::{Error, Instance};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use bartizan_host::{Code, Inspected, Offer};
use core::ptr;

/// A host and the last document of a check.
pub struct HostHandle {
    host: Host,
    document: Vec<u8>,
}

/// A request and the last document it gave.
pub struct RequestHandle {
    request: HostRequest,
    document: Vec<u8>,
    /// Why the last call failed; empty when it did not.
    error: Cow<'static, str>,
    /// A panic inside leaves the state unknown: such a request answers with an error from then on.
    poisoned: bool,
}

/// Rules and the last document they gave.
pub struct RulesHandle {
    rules: Rules,
    document: Vec<u8>,
}

const SUBCONTEXT: u32 = 4;
const ALWAYS: u32 = 1;

/// A host with the settings of a document; null when that cannot be read.
///
/// # Safety
/// `settings` covers `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_host_new(settings: *const u8, len: usize) -> *mut HostHandle {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        match unsafe { bytes(settings, len) }.map(Host::new) {
            Some(Ok(host)) => Box::into_raw(Box::new(HostHandle { host, document: Vec::new() })),
            _ => ptr::null_mut(),
        }
    })
}

/// The settings in force, as JSON that lives as long as the host.
///
/// # Safety
/// `host` is a live handle or null; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_host_settings(host: *const HostHandle, out: *mut Buffer) -> i32 {
    // SAFETY: the caller's promise.
    match unsafe { host.as_ref() } {
        Some(handle) => {
            // SAFETY: the caller's promise.
            unsafe { lend(out, handle.host.settings()) };
            1
        }
        None => INVALID_ARGUMENT,
    }
}

/// Whether the rules find a canary and let a browser pass: 1 yes, 0 no. `out` gets `{"ok":…,"problems":[…]}`,
/// valid until the next check or diagnosis of the host.
///
/// # Safety
/// The handles are live or null, and no other thread checks or diagnoses; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_host_self_check(
    host: *mut HostHandle,
    instance: *const Instance,
    now_s: u64,
    out: *mut Buffer,
) -> i32 {
    guard(INTERNAL, || {
        // SAFETY: the caller's promise.
        let (Some(handle), Some(instance)) = (unsafe { (host.as_mut(), instance.as_ref()) }) else {
            return INVALID_ARGUMENT;
        };
        match handle.host.self_check(instance, now_s, &mut handle.document) {
            Ok(fine) => {
                // SAFETY: the caller's promise.
                unsafe { lend(out, &handle.document) };
                i32::from(fine)
            }
            Err(_) => INTERNAL,
        }
    })
}

/// Which addresses the rules look at, and which of them were never sent.
///
/// # Safety
/// As [`bartizan_host_self_check`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_host_doctor(
    host: *mut HostHandle,
    instance: *const Instance,
    out: *mut Buffer,
) -> i32 {
    guard(INTERNAL, || {
        // SAFETY: the caller's promise.
        let (Some(handle), Some(instance)) = (unsafe { (host.as_mut(), instance.as_ref()) }) else {
            return INVALID_ARGUMENT;
        };
        handle.host.doctor(instance, &mut handle.document);
        // SAFETY: the caller's promise.
        unsafe { lend(out, &handle.document) };
        1
    })
}

/// Frees a host; its requests live on.
///
/// # Safety
/// `host` is a live handle, not used again, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_host_free(host: *mut HostHandle) {
    // SAFETY: the caller's promise.
    unsafe { free(host) }
}

/// One request; null when a handle is.
///
/// # Safety
/// The handles are live or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_request_new(
    host: *const HostHandle,
    instance: *const Instance,
    now_s: u64,
    entropy: u64,
) -> *mut RequestHandle {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller's promise. The document beside the host may be written to by another thread, so
        // that only the host itself is looked at.
        let host = (!host.is_null()).then(|| unsafe { &(*host).host });
        // SAFETY: the caller's promise.
        let (Some(host), Some(instance)) = (host, unsafe { instance.as_ref() }) else {
            return ptr::null_mut();
        };
        let request = host.request(instance, now_s, entropy);
        let handle =
            RequestHandle { request, document: Vec::new(), error: Cow::Borrowed(""), poisoned: false };
        Box::into_raw(Box::new(handle))
    })
}

impl RequestHandle {
    /// Makes a call, unless the request is dead, and kills it when that panics.
    fn answer(&mut self, call: impl FnOnce(&mut HostRequest, &mut Vec<u8>) -> Result<i32, Error>) -> i32 {
        // Cleared at the end: a panic on the way leaves it set.
        if core::mem::replace(&mut self.poisoned, true) {
            self.error = Cow::Borrowed("the request failed before, and its state is unknown");
            return INTERNAL;
        }
        self.error = Cow::Borrowed("internal error");
        guard(INTERNAL, || {
            let given = call(&mut self.request, &mut self.document);
            self.poisoned = false;
            self.error = match &given {
                Ok(_) => Cow::Borrowed(""),
                Err(error) => Cow::Owned(error.to_string()),
            };
            match given {
                Ok(code) => code,
                Err(Error::Malformed(_)) => MALFORMED,
                Err(Error::Internal) => INTERNAL,
            }
        })
    }
}

fn number(code: Code) -> i32 {
    match code {
        Code::Nothing => 0,
        Code::Report => 1,
        Code::Block => 2,
    }
}

/// The code of a call that looks at a body, with what was looked at.
fn with_share((code, inspected): (Code, Inspected)) -> i32 {
    let share = match inspected {
        Inspected::None => 1,
        Inspected::Partial => 2,
        Inspected::Full => 3,
    };
    number(code) | share << 4
}

/// # Safety
/// `request` is a live handle or null; `data` covers `len` bytes; `out` is null or writable.
unsafe fn on_request(
    request: *mut RequestHandle,
    data: *const u8,
    len: usize,
    out: *mut Buffer,
    call: impl FnOnce(&mut HostRequest, &[u8], &mut Vec<u8>) -> Result<i32, Error>,
) -> i32 {
    // SAFETY: the caller's promise, for handle and bytes alike.
    let (Some(handle), data) = (unsafe { (request.as_mut(), bytes(data, len)) }) else {
        return INVALID_ARGUMENT;
    };
    let Some(data) = data else {
        handle.error = Cow::Borrowed("the data is a null pointer or longer than memory");
        return INVALID_ARGUMENT;
    };
    let code = handle.answer(|request, document| call(request, data, document));
    if code > 0 && code & 3 != 0 {
        // SAFETY: the caller's promise.
        unsafe { lend(out, &handle.document) };
    }
    code
}

/// Evaluates first line, headers and peer: 0 nothing to tell; 1 `out` has an answer document, valid until the
/// next call on the request; 2 the same, and the request is to be answered with the response in it; negative
/// on error.
///
/// # Safety
/// `request` is a live handle or null; `data` covers `len` bytes; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_request_start(
    request: *mut RequestHandle,
    data: *const u8,
    len: usize,
    out: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { on_request(request, data, len, out, |request, data, out| request.start(data, out).map(number)) }
}

/// Evaluates the body, or the beginning of it when `complete` is 0. The code is as that of
/// [`bartizan_request_start`], with what was looked at in bits 4 and 5: 1 nothing, 2 a part, 3 all.
///
/// # Safety
/// As [`bartizan_request_start`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_request_body(
    request: *mut RequestHandle,
    data: *const u8,
    len: usize,
    complete: u32,
    out: *mut Buffer,
) -> i32 {
    let complete = complete != 0;
    // SAFETY: the caller's promise.
    unsafe {
        on_request(request, data, len, out, |request, data, out| {
            request.body(data, complete, out).map(with_share)
        })
    }
}

/// Evaluates what the application says about a user or its business.
///
/// # Safety
/// As [`bartizan_request_start`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_request_event(
    request: *mut RequestHandle,
    data: *const u8,
    len: usize,
    out: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { on_request(request, data, len, out, |request, data, out| request.event(data, out).map(number)) }
}

/// Evaluates addresses as they are; with flag 4 nothing of them is remembered.
///
/// # Safety
/// As [`bartizan_request_start`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_request_eval(
    request: *mut RequestHandle,
    data: *const u8,
    len: usize,
    flags: u32,
    out: *mut Buffer,
) -> i32 {
    let subcontext = flags & SUBCONTEXT != 0;
    // SAFETY: the caller's promise.
    unsafe {
        on_request(request, data, len, out, |request, data, out| {
            request.eval(data, subcontext, out).map(number)
        })
    }
}

/// Evaluates status and headers of the response.
///
/// # Safety
/// As [`bartizan_request_start`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_request_response(
    request: *mut RequestHandle,
    data: *const u8,
    len: usize,
    out: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        on_request(request, data, len, out, |request, data, out| request.response(data, out).map(number))
    }
}

/// Evaluates the body of the response, or its beginning, where it is JSON. The code is as that of
/// [`bartizan_request_body`].
///
/// # Safety
/// As [`bartizan_request_start`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_request_response_body(
    request: *mut RequestHandle,
    data: *const u8,
    len: usize,
    complete: u32,
    out: *mut Buffer,
) -> i32 {
    let complete = complete != 0;
    // SAFETY: the caller's promise.
    unsafe {
        on_request(request, data, len, out, |request, data, out| {
            request.response_body(data, complete, out).map(with_share)
        })
    }
}

/// What the request came to: 1 `out` has a document for a log, valid until the next call on the request; 0
/// nothing. With flag 1 there is a document always.
///
/// # Safety
/// `request` is a live handle or null; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_request_finish(
    request: *mut RequestHandle,
    flags: u32,
    out: *mut Buffer,
) -> i32 {
    let always = flags & ALWAYS != 0;
    // SAFETY: the caller's promise; no bytes come in.
    unsafe {
        on_request(request, ptr::null(), 0, out, |request, _, out| Ok(number(request.finish(always, out))))
    }
}

/// Why the last call on this request was negative: 1, and `out` has a sentence in UTF-8 that is valid until
/// the next call on the request; 0 when it was not.
///
/// # Safety
/// `request` is a live handle or null; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_request_error(request: *const RequestHandle, out: *mut Buffer) -> i32 {
    // SAFETY: the caller's promise.
    match unsafe { request.as_ref() } {
        None => INVALID_ARGUMENT,
        Some(handle) if handle.error.is_empty() => 0,
        Some(handle) => {
            // SAFETY: the caller's promise.
            unsafe { lend(out, handle.error.as_bytes()) };
            1
        }
    }
}

/// Frees a request.
///
/// # Safety
/// `request` is a live handle, not used again, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_request_free(request: *mut RequestHandle) {
    // SAFETY: the caller's promise.
    unsafe { free(request) }
}

/// No rules.
#[unsafe(no_mangle)]
pub extern "C" fn bartizan_rules_new() -> *mut RulesHandle {
    guard(ptr::null_mut(), || {
        Box::into_raw(Box::new(RulesHandle { rules: Rules::new(), document: Vec::new() }))
    })
}

/// # Safety
/// `rules` is a live handle or null; `data` covers `len` bytes; `out` is null or writable.
unsafe fn on_rules(
    rules: *mut RulesHandle,
    data: *const u8,
    len: usize,
    out: *mut Buffer,
    call: impl FnOnce(&mut Rules, &[u8], &mut Vec<u8>) -> Result<Offer, Error>,
) -> i32 {
    guard(INTERNAL, || {
        // SAFETY: the caller's promise, for handle and bytes alike.
        let (Some(handle), Some(data)) = (unsafe { (rules.as_mut(), bytes(data, len)) }) else {
            return INVALID_ARGUMENT;
        };
        let offer = match call(&mut handle.rules, data, &mut handle.document) {
            Ok(offer) => offer,
            Err(Error::Malformed(_)) => return MALFORMED,
            Err(Error::Internal) => return INTERNAL,
        };
        // SAFETY: the caller's promise.
        unsafe { lend(out, &handle.document) };
        match offer {
            Offer::Refused => 0,
            Offer::Unchanged => 1,
            Offer::Changed => 2,
        }
    })
}

/// Takes an offer document: 2 it is in force, 1 it was already, 0 it was refused. `out` has what became of it,
/// valid until the next call on the rules.
///
/// # Safety
/// `rules` is a live handle or null; `data` covers `len` bytes; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_rules_offer(
    rules: *mut RulesHandle,
    data: *const u8,
    len: usize,
    out: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { on_rules(rules, data, len, out, Rules::offer) }
}

/// Takes what [`bartizan_rules_save`] gave: 2 it is in force, 0 it was refused.
///
/// # Safety
/// As [`bartizan_rules_offer`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_rules_restore(
    rules: *mut RulesHandle,
    data: *const u8,
    len: usize,
    out: *mut Buffer,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { on_rules(rules, data, len, out, Rules::restore) }
}

/// What is in force, to be kept on disk: 1 `out` has it, valid until the next call on the rules; 0 nothing is.
///
/// # Safety
/// `rules` is a live handle or null; `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_rules_save(rules: *mut RulesHandle, out: *mut Buffer) -> i32 {
    guard(INTERNAL, || {
        // SAFETY: the caller's promise.
        let Some(handle) = (unsafe { rules.as_mut() }) else { return INVALID_ARGUMENT };
        if !handle.rules.save(&mut handle.document) {
            return 0;
        }
        // SAFETY: the caller's promise.
        unsafe { lend(out, &handle.document) };
        1
    })
}

/// The instance in force, another handle each time; null when there is none.
///
/// # Safety
/// `rules` is a live handle or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_rules_instance(rules: *const RulesHandle) -> *mut Instance {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        let instance = unsafe { rules.as_ref() }.and_then(|handle| handle.rules.instance());
        instance.map_or(ptr::null_mut(), |instance| Box::into_raw(Box::new(instance)))
    })
}

/// Frees rules; their instances live on.
///
/// # Safety
/// `rules` is a live handle, not used again, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_rules_free(rules: *mut RulesHandle) {
    // SAFETY: the caller's promise.
    unsafe { free(rules) }
}

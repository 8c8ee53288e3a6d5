//! Log messages to the host.

use bartizan_object::{Object, View};
use std::ffi::{CStr, CString, c_char};
use std::fmt::Write;
use std::sync::RwLock;

/// `ddwaf_log_cb`: level, function, file, line, message, length of the message.
pub type LogCallback =
    unsafe extern "C-unwind" fn(i32, *const c_char, *const c_char, u32, *const c_char, u64);

/// Levels of messages.
pub(crate) const DEBUG: i32 = 1;
pub(crate) const INFO: i32 = 2;
pub(crate) const WARN: i32 = 3;
pub(crate) const ERROR: i32 = 4;
const OFF: i32 = 5;

static CALLBACK: RwLock<Option<(LogCallback, i32)>> = RwLock::new(None);

/// `ddwaf_set_log_cb`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_set_log_cb(callback: Option<LogCallback>, min_level: i32) -> bool {
    crate::guard::guard(true, || {
        let Ok(mut place) = CALLBACK.write() else { return true };
        *place = callback.map(|callback| (callback, min_level));
        drop(place);
        log(INFO, c"ddwaf_set_log_cb", || "log messages go to this callback".to_owned());
        true
    })
}

/// The callback, if it wants messages of this level.
fn wanted(level: i32) -> Option<LogCallback> {
    let (callback, min_level) = (*CALLBACK.read().ok()?)?;
    ((0..OFF).contains(&min_level) && level >= min_level).then_some(callback)
}

/// Sends a message, which is only made when somebody wants it.
#[track_caller]
pub(crate) fn log(level: i32, function: &CStr, message: impl FnOnce() -> String) {
    let Some(callback) = wanted(level) else { return };
    let line = std::panic::Location::caller().line();
    let Ok(text) = CString::new(message().replace('\0', " ")) else { return };
    let len = text.as_bytes().len() as u64;
    crate::guard::guard((), || {
        // SAFETY: the host's function, called as the header says; all strings are NUL-terminated.
        unsafe { callback(level, function.as_ptr(), c"bartizan".as_ptr(), line, text.as_ptr(), len) }
    });
}

/// Sends what diagnostics say: problems as warnings, sums for debugging.
pub(crate) fn log_diagnostics(function: &CStr, path: &[u8], accepted: bool, diagnostics: &Object) {
    let (Some(sections), true) = (diagnostics.as_map(), wanted(WARN).is_some()) else { return };
    let path = String::from_utf8_lossy(path);
    for section in sections {
        let name = text(&section.key);
        match section.value.view() {
            View::String(_) if name == "error" => {
                log(WARN, function, || format!("{path}: {}", text(&section.value)));
            }
            View::Map(_) => log_section(function, &format!("{path}: {name}"), &section.value),
            _ => {}
        }
    }
    if !accepted {
        log(WARN, function, || format!("{path} was refused; what the path had before stays in force"));
    }
}

fn log_section(function: &CStr, place: &str, section: &Object) {
    if let Some(error) = section.get(b"error") {
        return log(WARN, function, || format!("{place}: {}", text(error)));
    }
    for kind in [&b"errors"[..], b"warnings"] {
        for problem in section.get(kind).and_then(Object::as_map).unwrap_or_default() {
            log(WARN, function, || format!("{place}: {}: {}", text(&problem.key), ids(&problem.value)));
        }
    }
    let count = |kind: &[u8]| section.get(kind).and_then(Object::as_array).map_or(0, <[Object]>::len);
    log(DEBUG, function, || {
        format!(
            "{place}: {} loaded, {} failed, {} skipped",
            count(b"loaded"),
            count(b"failed"),
            count(b"skipped")
        )
    });
}

fn text(object: &Object) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(object.as_bytes().unwrap_or_default())
}

/// The first few ids; a configuration of thousands has no place in a message.
fn ids(list: &Object) -> String {
    const SHOWN: usize = 8;
    let list = list.as_array().unwrap_or_default();
    let mut shown = list.iter().take(SHOWN).map(text).collect::<Vec<_>>().join(", ");
    if list.len() > SHOWN {
        // Writing to a string does not fail.
        let _ = write!(shown, " and {} more", list.len() - SHOWN);
    }
    shown
}

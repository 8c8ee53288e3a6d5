//! Log messages to the host.

use std::ffi::{CStr, CString, c_char};
use std::sync::RwLock;

/// `ddwaf_log_cb`: level, function, file, line, message, length of the message.
pub type LogCallback = unsafe extern "C" fn(i32, *const c_char, *const c_char, u32, *const c_char, u64);

/// Levels of messages.
pub(crate) const WARN: i32 = 3;
const INFO: i32 = 2;
const OFF: i32 = 5;

static CALLBACK: RwLock<Option<(LogCallback, i32)>> = RwLock::new(None);

/// `ddwaf_set_log_cb`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_set_log_cb(callback: Option<LogCallback>, min_level: i32) -> bool {
    crate::guard::guard(true, || {
        let Ok(mut place) = CALLBACK.write() else { return true };
        *place = callback.map(|callback| (callback, min_level));
        drop(place);
        log(INFO, c"ddwaf_set_log_cb", line!(), "log messages go to this callback");
        true
    })
}

/// Sends a message, when somebody wants it.
pub(crate) fn log(level: i32, function: &CStr, line: u32, message: &str) {
    let Ok(place) = CALLBACK.read() else { return };
    let Some((callback, min_level)) = *place else { return };
    drop(place);
    if level < min_level || min_level >= OFF {
        return;
    }
    let Ok(text) = CString::new(message.replace('\0', " ")) else { return };
    let len = text.as_bytes().len() as u64;
    // SAFETY: the host's function, called as the header says; all strings are NUL-terminated.
    unsafe { callback(level, function.as_ptr(), c"bartizan".as_ptr(), line, text.as_ptr(), len) }
}

//! Log messages.

use crate::fixture::*;
use bartizan_capi::*;
use std::ffi::{CStr, c_char};
use std::ptr::null_mut;
use std::sync::Mutex;

/// The callback is one for the whole process, and other tests cause messages too: only ours are kept.
static HEARD: Mutex<Vec<(i32, String)>> = Mutex::new(Vec::new());

unsafe extern "C-unwind" fn hear(
    level: i32,
    function: *const c_char,
    file: *const c_char,
    line: u32,
    message: *const c_char,
    message_len: u64,
) {
    let (function, file, message) =
        unsafe { (CStr::from_ptr(function), CStr::from_ptr(file), CStr::from_ptr(message)) };
    assert_eq!(message.count_bytes() as u64, message_len);
    assert!(!function.is_empty() && !file.is_empty() && line > 0);
    let message = message.to_string_lossy().into_owned();
    if message.contains("log-test") || message.contains("this callback") {
        HEARD.lock().expect("no panic under the lock").push((level, message));
    }
}

unsafe extern "C-unwind" fn burst(
    _: i32,
    _: *const c_char,
    _: *const c_char,
    _: u32,
    _: *const c_char,
    _: u64,
) {
    panic!("the callback panics, as it should");
}

#[test]
fn messages_come_from_their_level_on() {
    let heard = || std::mem::take(&mut *HEARD.lock().expect("no panic under the lock"));
    let config = r#"{"rules":[{"id":"log\u0000-test"},{"id":"log-test-2"}],"actions":7}"#;
    unsafe {
        let mut config = from_json(config, default());
        for (level, greeted, count) in
            [(0, 1, 4), (1, 1, 4), (2, 1, 3), (3, 0, 3), (4, 0, 0), (5, 0, 0), (-1, 0, 0), (6, 0, 0)]
        {
            assert!(ddwaf_set_log_cb(Some(hear), level));
            let greeting = heard();
            assert!(greeting.len() == greeted && greeting.iter().all(|(level, _)| *level == 2), "{level}");
            let builder = ddwaf_builder_init();
            let refused =
                ddwaf_builder_add_or_update_config(builder, chars("log-test"), 8, &config, null_mut());
            assert!(!refused);
            ddwaf_builder_destroy(builder);
            let heard = heard();
            assert_eq!(heard.len(), count, "{level}: {heard:?}");
            if level == 0 {
                assert_eq!(
                    heard,
                    [
                        (3, "log-test: actions: bad cast, expected 'array', obtained 'unsigned'".into()),
                        (3, "log-test: rules: missing key 'conditions': log -test, log-test-2".into()),
                        (1, "log-test: rules: 0 loaded, 2 failed, 0 skipped".into()),
                        (3, "log-test was refused; what the path had before stays in force".into()),
                    ]
                );
            }
        }

        // A callback that panics takes nothing down with it.
        assert!(ddwaf_set_log_cb(Some(burst), 0));
        let builder = ddwaf_builder_init();
        assert!(!ddwaf_builder_add_or_update_config(builder, chars("log-test"), 8, &config, null_mut()));
        ddwaf_builder_destroy(builder);

        assert!(ddwaf_set_log_cb(None, 0));
        let builder = ddwaf_builder_init();
        assert!(!ddwaf_builder_add_or_update_config(builder, chars("log-test"), 8, &config, null_mut()));
        ddwaf_builder_destroy(builder);
        assert_eq!(heard(), []);
        ddwaf_object_destroy(&mut config, default());
    }
}

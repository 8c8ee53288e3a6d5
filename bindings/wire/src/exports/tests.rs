//! Every function from outside: what it gives, and what it says to arguments that it should not get.

use super::*;
use alloc::string::String;
use core::ptr::{null, null_mut};

const RULES: &[u8] = br#"{"version":"2.2","rules":[
    {"id":"probe","name":"p","tags":{"type":"scan","category":"c"},"on_match":["block"],"conditions":[
        {"operator":"match_regex","parameters":{"regex":"^probe","inputs":[{"address":"agent"}]}}]},
    {"id":"late","name":"l","tags":{"type":"late","category":"c"},"conditions":[
        {"operator":"ip_match","parameters":{"data":"ips","inputs":[{"address":"ip"}]}}]}],
    "rules_data":[{"id":"ips","type":"ip_with_expiration","data":[{"value":"10.0.0.1","expiration":1000}]}]}"#;

/// What `out` is before a call, to see whether it was written.
const UNTOUCHED: Buffer = Buffer { data: null(), len: usize::MAX };

fn text(buffer: &Buffer) -> Option<String> {
    // SAFETY: written by a function that lends, and its owner was not called since.
    (buffer.len != usize::MAX)
        .then(|| unsafe { core::slice::from_raw_parts(buffer.data, buffer.len) })
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

fn update(builder: *mut BuilderHandle, path: &[u8], config: &[u8], flags: u32) -> (i32, Option<String>) {
    let mut out = UNTOUCHED;
    // SAFETY: slices cover their length, and the handle is live or null.
    let code = unsafe {
        bartizan_builder_update(
            builder,
            path.as_ptr(),
            path.len(),
            config.as_ptr(),
            config.len(),
            flags,
            &mut out,
        )
    };
    (code, text(&out))
}

/// Time 500, no randomness, no limit.
fn eval(context: *mut ContextHandle, data: &[u8], flags: u32) -> (i32, Option<String>) {
    let mut out = UNTOUCHED;
    // SAFETY: as above.
    let code = unsafe {
        bartizan_context_eval(context, data.as_ptr(), data.len(), 500, 1, u64::MAX, flags, &mut out)
    };
    (code, text(&out))
}

fn error(context: *const ContextHandle) -> (i32, Option<String>) {
    let mut out = UNTOUCHED;
    // SAFETY: as above.
    let code = unsafe { bartizan_context_error(context, &mut out) };
    (code, text(&out))
}

fn instance() -> *mut Instance {
    let builder = bartizan_builder_new();
    assert_eq!(update(builder, b"rules", RULES, 0).0, 1);
    // SAFETY: a live handle; the instance outlives it.
    unsafe {
        let instance = bartizan_builder_build(builder);
        bartizan_builder_free(builder);
        assert!(!instance.is_null());
        instance
    }
}

#[test]
fn versions() {
    assert_eq!(bartizan_abi(), 1);
    // SAFETY: NUL-terminated, as promised.
    let version = unsafe { core::ffi::CStr::from_ptr(bartizan_version()) };
    assert_eq!(version.to_bytes(), crate::VERSION.as_bytes());
}

#[test]
fn memory_is_aligned_writable_and_taken_back() {
    for len in [0, 1, 7, 100_000] {
        let memory = bartizan_alloc(len);
        assert!(!memory.is_null() && memory.addr().is_multiple_of(8), "{len}");
        // SAFETY: allocated with this length.
        unsafe {
            memory.write_bytes(0xA5, len);
            bartizan_free(memory, len);
        }
    }
    assert!(bartizan_alloc(usize::MAX).is_null());
    // SAFETY: null is taken.
    unsafe { bartizan_free(null_mut(), 5) };
}

#[test]
fn a_builder_reports_refuses_and_lists() {
    let builder = bartizan_builder_new();
    let (code, diagnostics) = update(builder, b"a/1", RULES, 0);
    let diagnostics = diagnostics.unwrap_or_default();
    assert_eq!(code, 1);
    assert!(diagnostics.contains(r#""loaded":["probe","late"]"#), "{diagnostics}");

    // MessagePack in and out: {"rules": 5} is refused, and the former content stays.
    let (code, diagnostics) = update(builder, b"a/1", b"\x81\xa5rules\x05", MESSAGE_PACK);
    assert_eq!(code, 0);
    assert!(
        diagnostics.is_some_and(|d| d.starts_with('\u{fffd}') && d.contains("bad cast, expected 'array'"))
    );

    for broken in [&b"{"[..], b"", b"\xc1", b"{}{}", b"[1,]"] {
        let (code, diagnostics) = update(builder, b"b/2", broken, 0);
        let diagnostics = diagnostics.unwrap_or_default();
        assert_eq!(code, 0, "{broken:?}");
        assert!(
            diagnostics.starts_with(r#"{"error":"configuration document cannot be read: "#),
            "{diagnostics}"
        );
    }
    assert_eq!(update(builder, b"c \"3\"", b"{}", 0), (1, Some("{}".into())));

    let mut out = UNTOUCHED;
    // SAFETY: live handles, null where that is refused, and slices that cover their length.
    unsafe {
        assert_eq!(bartizan_builder_paths(builder, &mut out), 1);
        assert_eq!(text(&out).as_deref(), Some(r#"["a/1","c \"3\""]"#));
        assert_eq!(bartizan_builder_paths(builder, null_mut()), 1);

        for (path, code) in [(&b"no"[..], 0), (b"", 0), (b"c \"3\"", 1), (b"c \"3\"", 0), (b"a/1", 1)] {
            assert_eq!(bartizan_builder_remove(builder, path.as_ptr(), path.len()), code, "{path:?}");
        }
        assert!(bartizan_builder_build(builder).is_null(), "nothing is left that would run");
        assert_eq!(bartizan_builder_paths(builder, &mut out), 1);
        assert_eq!(text(&out).as_deref(), Some("[]"));
        bartizan_builder_free(builder);
    }
}

#[test]
fn wrong_arguments_are_refused_and_nothing_is_written() {
    let builder = bartizan_builder_new();
    assert_eq!(update(null_mut(), b"p", RULES, 0), (-1, None));
    assert_eq!(update(builder, b"", RULES, 0), (-1, None));
    let mut out = UNTOUCHED;
    // SAFETY: null and impossible lengths are what these functions must refuse.
    unsafe {
        let (path, len) = (b"p".as_ptr(), RULES.len());
        assert_eq!(bartizan_builder_update(builder, null(), 1, RULES.as_ptr(), len, 0, &mut out), -1);
        assert_eq!(bartizan_builder_update(builder, path, 1, null(), len, 0, &mut out), -1);
        assert_eq!(bartizan_builder_update(builder, path, usize::MAX, RULES.as_ptr(), len, 0, &mut out), -1);
        assert_eq!(bartizan_builder_remove(null_mut(), path, 1), -1);
        assert_eq!(bartizan_builder_remove(builder, null(), 1), -1);
        assert_eq!(bartizan_builder_paths(null_mut(), &mut out), -1);
        assert!(bartizan_builder_build(null_mut()).is_null());
        assert!(bartizan_builder_build(builder).is_null());
        assert_eq!(bartizan_instance_addresses(null(), &mut out), -1);
        assert_eq!(bartizan_instance_actions(null(), &mut out), -1);
        assert!(bartizan_context_new(null()).is_null());
        assert!(bartizan_subcontext_new(null()).is_null());
        assert_eq!(text(&out), None);
        bartizan_builder_free(builder);
        bartizan_builder_free(null_mut());
        bartizan_instance_free(null_mut());
        bartizan_context_free(null_mut());
    }
    assert_eq!(eval(null_mut(), b"{}", 0), (-1, None));
    assert_eq!(error(null()), (-1, None));
}

#[test]
fn an_instance_knows_its_names_and_may_go_before_its_contexts() {
    let instance = instance();
    let (mut addresses, mut actions) = (UNTOUCHED, UNTOUCHED);
    // SAFETY: live handles.
    unsafe {
        assert_eq!(bartizan_instance_addresses(instance, &mut addresses), 1);
        assert_eq!(bartizan_instance_actions(instance, &mut actions), 1);
        assert_eq!(bartizan_instance_actions(instance, null_mut()), 1);
        assert_eq!(text(&addresses).as_deref(), Some(r#"["agent","ip"]"#));
        assert_eq!(text(&actions).as_deref(), Some(r#"["block_request"]"#));
        let context = bartizan_context_new(instance);
        bartizan_instance_free(instance);
        assert_eq!(eval(context, br#"{"agent":"probe/1"}"#, 0).0, 1);
        bartizan_context_free(context);
    }
}

#[test]
fn evaluation_from_document_to_document() {
    let instance = instance();
    // SAFETY: a live handle.
    let context = unsafe { bartizan_context_new(instance) };
    assert_eq!(eval(context, br#"{"agent":"browser"}"#, 0), (0, None));
    let (code, result) = eval(context, br#"{"agent":"probe/1"}"#, 0);
    let result = result.unwrap_or_default();
    assert_eq!(code, 1);
    for part in [r#""id":"probe""#, r#""block_request":{"#, r#""keep":true"#, r#""timeout":false"#] {
        assert!(result.contains(part), "{part} in {result}");
    }
    #[cfg(feature = "std")]
    assert!(!result.contains(r#""duration":0,"#), "{result}");
    assert_eq!(eval(context, br#"{"agent":"probe/2"}"#, 0), (0, None), "once for each context");
    // SAFETY: a live handle, not used again.
    unsafe { bartizan_context_free(context) };

    // MessagePack in, MessagePack out; an array of batches.
    // SAFETY: as above.
    let context = unsafe { bartizan_context_new(instance) };
    let (code, result) = eval(context, b"\x92\x80\x81\xa5agent\xa5probe", MESSAGE_PACK | BATCHES);
    assert_eq!(code, 1);
    assert!(result.is_some_and(|r| r.starts_with('\u{fffd}') && r.contains("probe")));
    // SAFETY: as above.
    unsafe { bartizan_context_free(context) };

    // Without budget nothing that can wait is evaluated; a result that matches nothing is not written.
    // SAFETY: as above.
    unsafe {
        let context = bartizan_context_new(instance);
        let (mut out, data) = (UNTOUCHED, br#"{"agent":"probe"}"#);
        let (start, len) = (data.as_ptr(), data.len());
        assert_eq!(bartizan_context_eval(context, start, len, 500, 1, 0, 0, &mut out), 0);
        assert_eq!(text(&out), None);
        // With it, what was not looked at before is looked at; nobody wants the result.
        assert_eq!(bartizan_context_eval(context, start, len, 500, 1, u64::MAX, 0, null_mut()), 1);
        bartizan_context_free(context);
        bartizan_instance_free(instance);
    }
}

#[test]
fn the_time_is_the_caller_s_or_else_the_clock_s() {
    let instance = instance();
    // Expires at 1000 s after the epoch, which by any clock has passed.
    for (now_s, code) in [(999, 1), (1001, 0), (0, i32::from(!cfg!(feature = "std")))] {
        let data = br#"{"ip":"10.0.0.1"}"#;
        // SAFETY: live handles.
        unsafe {
            let context = bartizan_context_new(instance);
            let got =
                bartizan_context_eval(context, data.as_ptr(), data.len(), now_s, 0, u64::MAX, 0, null_mut());
            assert_eq!(got, code, "{now_s}");
            bartizan_context_free(context);
        }
    }
    // SAFETY: as above.
    unsafe { bartizan_instance_free(instance) };
}

#[test]
fn subcontexts_start_where_the_parent_is_and_outlive_it() {
    let instance = instance();
    // SAFETY: live handles.
    unsafe {
        let parent = bartizan_context_new(instance);
        let before = bartizan_subcontext_new(parent);
        assert_eq!(eval(parent, br#"{"agent":"probe"}"#, 0).0, 1);
        let after = bartizan_subcontext_new(parent);
        bartizan_context_free(parent);
        bartizan_instance_free(instance);
        assert_eq!(eval(before, br#"{"agent":"probe"}"#, 0).0, 1);
        assert_eq!(eval(after, br#"{"agent":"probe"}"#, 0).0, 0);
        bartizan_context_free(before);
        bartizan_context_free(after);
    }
}

#[test]
fn a_negative_answer_has_a_reason() {
    let instance = instance();
    // SAFETY: a live handle.
    let context = unsafe { bartizan_context_new(instance) };
    assert_eq!(error(context), (0, None));
    for (data, flags, reason) in [
        (&b"{"[..], 0, "request data cannot be read: the document ends too early at byte 1"),
        (b"", 0, "request data cannot be read: the document ends too early at byte 0"),
        (b"[]", 0, "request data is not a map from address to value"),
        (b"\x05", 0, "request data is not a map from address to value"),
        (b"{}", BATCHES, "request data is not a map from address to value"),
        (b"[{},1]", BATCHES, "request data is not a map from address to value"),
    ] {
        assert_eq!(eval(context, data, flags), (-2, None), "{data:?}");
        assert_eq!(error(context), (1, Some(reason.into())), "{data:?}");
    }
    // SAFETY: null is what it must refuse.
    let code = unsafe { bartizan_context_eval(context, null(), 1, 0, 0, u64::MAX, 0, null_mut()) };
    assert_eq!(code, -1);
    assert_eq!(error(context), (1, Some("request data is a null pointer or longer than memory".into())));
    // The context is none the worse for it, and the reason goes away.
    assert_eq!(eval(context, br#"{"agent":"probe"}"#, 0).0, 1);
    assert_eq!(error(context), (0, None));
    // SAFETY: live handles, not used again.
    unsafe {
        bartizan_context_free(context);
        bartizan_instance_free(instance);
    }
}

#[test]
#[cfg(feature = "std")]
fn a_context_that_panicked_is_dead_and_the_others_live() {
    let instance = instance();
    // SAFETY: live handles.
    unsafe {
        let (dead, alive) = (bartizan_context_new(instance), bartizan_context_new(instance));
        assert_eq!((*dead).answer(|_, _| panic!("not to be seen outside")), -3);
        assert_eq!(error(dead), (1, Some("internal error".into())));
        assert_eq!(eval(dead, br#"{"agent":"probe"}"#, 0), (-3, None));
        let reason = "the context failed before, and its state is unknown; make another";
        assert_eq!(error(dead), (1, Some(reason.into())));
        assert!(bartizan_subcontext_new(dead).is_null());
        assert_eq!(eval(alive, br#"{"agent":"probe"}"#, 0).0, 1);
        bartizan_context_free(dead);
        bartizan_context_free(alive);
        bartizan_instance_free(instance);
    }
}

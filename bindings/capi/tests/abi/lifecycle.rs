//! Builders, instances, contexts and subcontexts: codes, orders, and what outlives what.

use crate::fixture::*;
use crate::ledger::Ledger;
use bartizan_capi::*;
use bartizan_object::Object;
use std::ffi::CStr;
use std::ptr::{null, null_mut};

#[test]
fn the_version_is_that_of_the_behaviour() {
    assert_eq!(unsafe { CStr::from_ptr(ddwaf_get_version()) }, c"2.1.0");
}

#[test]
fn init_reports_and_refuses() {
    const NONE: &str = r#"{"loaded":[],"failed":[],"skipped":[],"errors":{},"warnings":{}}"#;
    for (config, runs, want) in [
        (
            CONFIG,
            true,
            r#"{"rules":{"loaded":["a","b","c","d"],"failed":[],"skipped":[],"errors":{},"warnings":{}},"ruleset_version":"1.0.0"}"#,
        ),
        ("{}", false, "{}"),
        (r#"{"rules":[]}"#, false, &format!(r#"{{"rules":{NONE}}}"#)),
        ("[]", false, r#"{"error":"invalid configuration type, expected 'map', obtained 'array'"}"#),
        (r#"{"version":"9.1","rules":[]}"#, false, r#"{"error":"unsupported schema version: 9.x"}"#),
        (
            r#"{"rules":[{"id":"x"}]}"#,
            false,
            r#"{"rules":{"loaded":[],"failed":["x"],"skipped":[],"errors":{"missing key 'conditions'":["x"]},"warnings":{}}}"#,
        ),
    ] {
        unsafe {
            let mut config = from_json(config, default());
            let before = text(&config);
            let mut diagnostics = fresh();
            let handle = ddwaf_init(&config, &mut diagnostics);
            assert_eq!((!handle.is_null(), text(&diagnostics).as_str()), (runs, want));
            assert_eq!(text(&config), before, "only read");
            ddwaf_object_destroy(&mut diagnostics, default());
            ddwaf_destroy(handle);
            let handle = ddwaf_init(&config, null_mut());
            assert_eq!(!handle.is_null(), runs);
            ddwaf_destroy(handle);
            ddwaf_object_destroy(&mut config, default());
        }
    }
    let mut diagnostics = fresh();
    unsafe {
        assert!(ddwaf_init(null(), &mut diagnostics).is_null() && is_untouched(&diagnostics));
        ddwaf_destroy(null_mut());
    }
}

#[test]
fn known_names_live_as_long_as_the_instance() {
    unsafe {
        let handle = instance(CONFIG);
        let mut size = 77;
        let addresses = ddwaf_known_addresses(handle, &mut size);
        assert_eq!(names(addresses, size), ["a", "b", "c", "d"]);
        assert_eq!(ddwaf_known_addresses(handle, null_mut()), addresses);
        assert_eq!(names(ddwaf_known_actions(handle, &mut size), size), ["block_request"]);
        ddwaf_destroy(handle);

        let rule = r#"{"rules":[{"id":"x","name":"x","tags":{"type":"x"},"conditions":[{"operator":"exists","parameters":{"inputs":[{"address":"e"}]}}]}]}"#;
        let handle = instance(rule);
        assert_eq!(names(ddwaf_known_actions(handle, &mut size), size), [""; 0]);
        ddwaf_destroy(handle);

        for function in [ddwaf_known_addresses, ddwaf_known_actions] {
            size = 77;
            assert!(function(null(), &mut size).is_null() && size == 0);
            assert!(function(null(), null_mut()).is_null());
        }
    }
}

/// What is under paths that a filter lets through; `None` where nothing was written.
unsafe fn paths(builder: *mut BuilderHandle, filter: &[u8]) -> (u32, Option<String>) {
    let mut paths = fresh();
    let filter_len = filter.len() as u32;
    unsafe {
        let count = ddwaf_builder_get_config_paths(builder, &mut paths, chars(filter), filter_len);
        assert_eq!(ddwaf_builder_get_config_paths(builder, null_mut(), chars(filter), filter_len), count);
        let list = (!is_untouched(&paths)).then(|| text(&paths));
        if list.is_some() {
            ddwaf_object_destroy(&mut paths, default());
        }
        (count, list)
    }
}

unsafe fn update(builder: *mut BuilderHandle, path: &[u8], config: &str) -> bool {
    let mut config = from_json(config, default());
    let mut diagnostics = fresh();
    unsafe {
        let accepted = ddwaf_builder_add_or_update_config(
            builder,
            chars(path),
            path.len() as u32,
            &config,
            &mut diagnostics,
        );
        assert!(!is_untouched(&diagnostics));
        ddwaf_object_destroy(&mut diagnostics, default());
        ddwaf_object_destroy(&mut config, default());
        accepted
    }
}

#[test]
fn builders_take_replace_list_and_remove() {
    unsafe {
        let builder = ddwaf_builder_init();
        assert!(ddwaf_builder_build_instance(builder).is_null());
        assert!(update(builder, b"rules/one", CONFIG));
        assert!(update(builder, b"other", "{}"));
        assert!(update(builder, b"\xff\0", "{}"));
        assert!(!update(builder, b"third", r#"{"rules":5}"#), "refused");
        assert!(!update(builder, b"rules/one", r#"{"rules":[{"id":1}]}"#), "refused, and the former stays");
        for (filter, count, list) in [
            (&b""[..], 3, Some(r#"["rules/one","other","��"]"#)),
            (b"one", 1, Some(r#"["rules/one"]"#)),
            (b"^o", 1, Some(r#"["other"]"#)),
            (b"R", 0, Some("[]")),
            (b"o|r", 2, Some(r#"["rules/one","other"]"#)),
            (b"(", 0, Some("[]")),
        ] {
            let (got, shown) = paths(builder, filter);
            assert_eq!(got, count, "{filter:?}");
            if filter.is_empty() {
                assert!(shown.is_some_and(|s| s.starts_with(r#"["rules/one","other","#)));
            } else {
                assert_eq!(shown.as_deref(), list, "{filter:?}");
            }
        }
        assert_eq!(ddwaf_builder_get_config_paths(builder, null_mut(), null(), 5), 3, "no filter at all");

        let first = ddwaf_builder_build_instance(builder);
        assert!(update(
            builder,
            b"rules/one",
            r#"{"actions":[{"id":"x","type":"block_request","parameters":{}}]}"#
        ));
        assert!(ddwaf_builder_build_instance(builder).is_null());
        for (path, removed) in [(&b"no"[..], false), (b"other", true), (b"other", false), (b"\xff\0", true)] {
            assert_eq!(ddwaf_builder_remove_config(builder, chars(path), path.len() as u32), removed);
        }
        ddwaf_builder_destroy(builder);

        let context = ddwaf_context_init(first, default());
        ddwaf_destroy(first);
        assert_eq!(eval(context, r#"{"a":"evil"}"#), (MATCH, vec!["a".into()]), "it survived its builder");
        ddwaf_context_destroy(context);
    }
}

#[test]
fn builders_refuse_what_is_missing() {
    let mut config = from_json(CONFIG, default());
    let mut untouched = fresh();
    let out = &raw mut untouched;
    unsafe {
        let builder = ddwaf_builder_init();
        let p = chars("p");
        assert!(!ddwaf_builder_add_or_update_config(null_mut(), p, 1, &config, out));
        assert!(!ddwaf_builder_add_or_update_config(builder, null(), 1, &config, out));
        assert!(!ddwaf_builder_add_or_update_config(builder, p, 0, &config, out));
        assert!(!ddwaf_builder_add_or_update_config(builder, p, 1, null(), out));
        assert!(!ddwaf_builder_remove_config(null_mut(), p, 1));
        assert!(!ddwaf_builder_remove_config(builder, null(), 1));
        assert!(!ddwaf_builder_remove_config(builder, p, 0));
        assert_eq!(ddwaf_builder_get_config_paths(null_mut(), out, null(), 0), 0);
        assert!(ddwaf_builder_build_instance(null_mut()).is_null());
        assert!(is_untouched(&*out));
        assert_eq!(paths(builder, b""), (0, Some("[]".into())));
        ddwaf_builder_destroy(builder);
        ddwaf_builder_destroy(null_mut());
        ddwaf_object_destroy(&mut config, default());
    }
}

#[test]
fn codes_of_evaluation() {
    let handle = instance(CONFIG);
    let ledger = Ledger::new();
    for (data, single, batches) in [
        (r#"{"a":"evil"}"#, MATCH, ERR_INVALID_OBJECT),
        (r#"{"a":"good"}"#, OK, ERR_INVALID_OBJECT),
        ("{}", OK, ERR_INVALID_OBJECT),
        ("[]", ERR_INVALID_OBJECT, OK),
        ("[{}]", ERR_INVALID_OBJECT, OK),
        (r#"[{},{"a":"evil"}]"#, ERR_INVALID_OBJECT, MATCH),
        (r#"[{"a":"evil"},"a string that is owned"]"#, ERR_INVALID_OBJECT, ERR_INVALID_OBJECT),
        (r#""a string that is owned""#, ERR_INVALID_OBJECT, ERR_INVALID_OBJECT),
        ("null", ERR_INVALID_OBJECT, ERR_INVALID_OBJECT),
        ("7", ERR_INVALID_OBJECT, ERR_INVALID_OBJECT),
    ] {
        for (function, want) in [
            (ddwaf_context_eval as Eval, single),
            (ddwaf_context_multieval, batches),
            (ddwaf_subcontext_eval, single),
            (ddwaf_subcontext_multieval, batches),
        ] {
            unsafe {
                let context = ddwaf_context_init(handle, ledger.handle());
                let (code, _) = eval_as(function, context, data, ledger.handle(), ledger.handle());
                assert_eq!(code, want, "{data}");
                // Nobody wants the result.
                let mut object = from_json(data, ledger.handle());
                let code = function(context, &mut object, ledger.handle(), null_mut(), LONG);
                assert_eq!(code, if want == MATCH { OK } else { want }, "{data}: each rule once");
                ddwaf_context_destroy(context);
            }
            ledger.assert_settled();
        }
    }
    unsafe { ddwaf_destroy(handle) };
}

#[test]
fn missing_arguments_are_refused_and_the_data_stays_the_caller_s() {
    let handle = instance(CONFIG);
    let ledger = Ledger::new();
    let mut data = from_json(r#"{"a":"an evil string that is owned"}"#, ledger.handle());
    let (live, mut untouched) = (ledger.live(), fresh());
    let out = &raw mut untouched;
    unsafe {
        for (instance, output) in
            [(null(), default()), (handle.cast_const(), null_mut()), (null(), null_mut())]
        {
            assert!(ddwaf_context_init(instance, output).is_null());
        }
        assert!(ddwaf_subcontext_init(null()).is_null());
        let context = ddwaf_context_init(handle, default());
        for function in [
            ddwaf_context_eval as Eval,
            ddwaf_context_multieval,
            ddwaf_subcontext_eval,
            ddwaf_subcontext_multieval,
        ] {
            assert_eq!(function(null_mut(), &mut data, ledger.handle(), out, LONG), ERR_INVALID_ARGUMENT);
            assert_eq!(function(context, null_mut(), ledger.handle(), out, LONG), ERR_INVALID_ARGUMENT);
            assert_eq!(function(null_mut(), null_mut(), null_mut(), null_mut(), 0), ERR_INVALID_ARGUMENT);
        }
        assert!(is_untouched(&*out) && ledger.live() == live);
        ddwaf_context_destroy(context);
        ddwaf_context_destroy(null_mut());
        ddwaf_subcontext_destroy(null_mut());
        ddwaf_destroy(handle);
        ddwaf_object_destroy(&mut data, ledger.handle());
    }
    ledger.assert_settled();
}

#[test]
fn results_have_seven_members_in_order() {
    let handle = instance(CONFIG);
    unsafe {
        let context = ddwaf_context_init(handle, default());
        let mut data = from_json(r#"{"b":{"key":["x","so evil"]}}"#, default());
        let mut result = fresh();
        assert_eq!(ddwaf_context_eval(context, &mut data, default(), &mut result, LONG), MATCH);
        let keys: Vec<_> = result.as_map().expect("a map").iter().filter_map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["events", "actions", "duration", "timeout", "attributes", "keep", "evaluated"]);
        let member = |name: &[u8]| ddwaf_object_find(&result, chars(name), name.len());
        assert!(ddwaf_object_get_unsigned(member(b"duration")) > 0);
        assert!(ddwaf_object_is_bool(member(b"timeout")) && !ddwaf_object_get_bool(member(b"timeout")));
        assert!(ddwaf_object_get_bool(member(b"keep")));
        assert_eq!(ddwaf_object_get_unsigned(member(b"evaluated")), 1);
        let block = ddwaf_object_at_value(member(b"actions"), 0);
        let status = ddwaf_object_find(block, chars("status_code"), 11);
        assert_eq!(ddwaf_object_get_unsigned(status), 403);
        let event = &*ddwaf_object_at_value(member(b"events"), 0);
        let id =
            |object: &Object| object.get(b"security_response_id").and_then(Object::as_str).map(str::to_owned);
        assert!(id(event).is_some_and(|id| id.len() == 36));
        assert_eq!(id(event), id(&*block));
        assert!(text(event).contains(r#""key_path":["key",1],"highlight":["evil"]"#), "{}", text(event));
        ddwaf_object_destroy(&mut result, default());
        ddwaf_context_destroy(context);
        ddwaf_destroy(handle);
    }
}

#[test]
fn batches_go_on_until_one_blocks() {
    let handle = instance(CONFIG);
    unsafe {
        for (data, reported, evaluated) in [
            (r#"[{"a":"evil"},{"c":{"x":1}}]"#, &["a", "c"][..], 2),
            (r#"[{"b":"evil"},{"a":"evil"}]"#, &["b"], 1),
            (r#"[{"a":"good"},{"a":"evil"},{"a":"evil too"}]"#, &["a"], 3),
            ("[]", &[], 0),
        ] {
            let context = ddwaf_context_init(handle, default());
            let (_, result) = eval_as(ddwaf_context_multieval, context, data, default(), default());
            let result = result.expect("no error");
            assert_eq!(ids(&result), reported);
            assert!(result.ends_with(&format!(r#""evaluated":{evaluated}}}"#)), "{result}");
            ddwaf_context_destroy(context);
        }
        ddwaf_destroy(handle);
    }
}

#[test]
fn time_runs_out_but_not_for_access_lists() {
    let handle = instance(CONFIG);
    unsafe {
        let context = ddwaf_context_init(handle, default());
        for (data, code, reported, evaluated) in [
            (r#"{"a":"evil"}"#, OK, &[][..], r#""timeout":true,"attributes":{},"keep":false,"evaluated":0}"#),
            // A rule that blocks ends the batch there and then.
            (r#"{"a":"evil too","d":"10.1.2.3"}"#, MATCH, &["d"], r#""keep":true,"evaluated":1}"#),
        ] {
            let mut data = from_json(data, default());
            let mut result = fresh();
            assert_eq!(ddwaf_context_eval(context, &mut data, default(), &mut result, 0), code);
            let shown = text(&result);
            assert_eq!(ids(&shown), reported);
            assert!(shown.ends_with(evaluated), "{shown}");
            ddwaf_object_destroy(&mut result, default());
        }
        // Microseconds that no signed count of nanoseconds can hold are as good as for ever.
        let mut data = from_json(r#"{"a":"evil again"}"#, default());
        assert_eq!(ddwaf_context_eval(context, &mut data, default(), null_mut(), u64::MAX), MATCH);
        ddwaf_context_destroy(context);
        ddwaf_destroy(handle);
    }
}

#[test]
fn subcontexts_are_snapshots_that_may_outlive_all() {
    let one = |id: &str| (MATCH, vec![id.to_owned()]);
    let none = (OK, Vec::new());
    let ledger = Ledger::new();
    let alloc = ledger.handle();
    let run = |context, data: &str| {
        let (code, result) = eval_as(ddwaf_subcontext_eval, context, data, alloc, default());
        (code, ids(&result.unwrap_or_default()))
    };
    unsafe {
        let handle = instance(CONFIG);
        let parent = ddwaf_context_init(handle, default());
        ddwaf_destroy(handle);
        assert_eq!(run(parent, r#"{"a":"evil, and long enough to be owned"}"#), one("a"));
        let (first, second) = (ddwaf_subcontext_init(parent), ddwaf_subcontext_init(parent));
        assert_eq!(run(first, r#"{"c":{"x":"a string that is owned"}}"#), one("c"));
        assert_eq!(run(first, r#"{"c":{"x":2}}"#), none);
        assert_eq!(
            run(second, r#"{"a":"evil","c":{"x":1}}"#),
            one("c"),
            "a matched before, c in the other only"
        );
        assert_eq!(run(parent, r#"{"c":{"x":3}}"#), one("c"));
        let third = ddwaf_subcontext_init(parent);
        assert_eq!(run(third, r#"{"c":{"x":4}}"#), none);

        let before = ledger.live();
        ddwaf_context_destroy(parent);
        assert!(ledger.live() > 0, "subcontexts still need what the parent knew");
        assert_eq!(run(third, r#"{"b":"evil"}"#), one("b"));
        ddwaf_subcontext_destroy(third);
        ddwaf_subcontext_destroy(first);
        assert!(ledger.live() < before);
        assert_eq!(run(second, r#"{"b":"evil"}"#), one("b"));
        ddwaf_subcontext_destroy(second);
    }
    ledger.assert_settled();
}

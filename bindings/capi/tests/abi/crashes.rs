//! What brings libddwaf down, or makes it tell nonsense, as calls that are answered.

use crate::fixture::*;
use crate::ledger::Ledger;
use bartizan_capi::*;
use bartizan_object::Object;
use std::ptr::null_mut;

/// The answer of an instance of a configuration to data, and what was said of the configuration.
fn answer(config: &str, data: &str) -> (String, Vec<String>) {
    let ledger = Ledger::new();
    unsafe {
        let mut config = from_json(config, default());
        let mut diagnostics = fresh();
        let handle = ddwaf_init(&config, &mut diagnostics);
        ddwaf_object_destroy(&mut config, default());
        let said = text(&diagnostics);
        ddwaf_object_destroy(&mut diagnostics, default());
        let mut found = Vec::new();
        if !handle.is_null() {
            let context = ddwaf_context_init(handle, ledger.handle());
            let (_, result) = eval_as(ddwaf_context_eval, context, data, ledger.handle(), ledger.handle());
            found = ids(&result.expect("no error"));
            ddwaf_context_destroy(context);
            ddwaf_destroy(handle);
        }
        ledger.assert_settled();
        (said, found)
    }
}

fn rule(id: &str, condition: &str) -> String {
    format!(r#"{{"id": "{id}", "name": "n", "tags": {{"type": "{id}"}}, "conditions": [{condition}]}}"#)
}

/// Loading a data set without entries ends libddwaf when the instance is built.
#[test]
fn data_without_entries() {
    let full = r#", {"id": "d", "type": "data_with_expiration", "data": [{"value": "x"}]}"#;
    for kind in ["data_with_expiration", "ip_with_expiration"] {
        for (more, wanted) in [("", vec!["other"]), (full, vec!["named", "other"])] {
            let more = if kind.starts_with("ip") { "" } else { more };
            let wanted = if more.is_empty() { vec!["other"] } else { wanted };
            let data = format!(r#"[{{"id": "d", "type": "{kind}", "data": []}}{more}]"#);
            let operator = if kind.starts_with("ip") { "ip_match" } else { "exact_match" };
            let named = format!(
                r#"{{"operator": "{operator}", "parameters": {{"inputs": [{{"address": "a"}}], "data": "d"}}}}"#
            );
            let other = r#"{"operator": "exists", "parameters": {"inputs": [{"address": "a"}]}}"#;
            let rules = [rule("named", &named), rule("other", other)].join(",");
            let (said, found) = answer(
                &format!(r#"{{"version": "2.2", "rules": [{rules}], "rules_data": {data}}}"#),
                r#"{"a": "x"}"#,
            );
            assert_eq!(found, wanted, "{said}");
            assert!(said.contains(r#""rules_data":{"loaded":["d""#), "{said}");

            // The same for exclusions: nobody is excluded.
            let filter = format!(
                r#"{{"id": "f", "rules_target": [{{"rule_id": "other"}}], "conditions": [{named}]}}"#
            );
            let exclusion = format!(r#""exclusions": [{filter}], "exclusion_data": {data}"#);
            let (said, found) = answer(
                &format!(r#"{{"version": "2.2", "rules": [{}], {exclusion}}}"#, rule("other", other)),
                r#"{"a": "x"}"#,
            );
            assert_eq!(found.is_empty(), !more.is_empty(), "{said}");
            assert!(said.contains(r#""exclusion_data":{"loaded":["d""#), "{said}");
        }
    }
}

/// Shipped versions of libddwaf end at a float that is given as text.
#[test]
fn floats_as_text() {
    let condition = |operator: &str, more: &str| {
        format!(
            r#"{{"operator": "{operator}", "parameters": {{"inputs": [{{"address": "a"}}], "type": "float", {more}}}}}"#
        )
    };
    for (operator, more, matches) in [
        ("equals", r#""value": "2.5""#, true),
        ("equals", r#""value": 2.0, "delta": "0.75""#, true),
        ("greater_than", r#""value": "2.4e0""#, true),
        ("lower_than", r#""value": "2.4""#, false),
    ] {
        let config = format!(r#"{{"version": "2.2", "rules": [{}]}}"#, rule("r", &condition(operator, more)));
        let (said, found) = answer(&config, r#"{"a": 2.5}"#);
        assert_eq!(!found.is_empty(), matches, "{operator} {more}: {said}");
        assert!(said.contains(r#""loaded":["r"]"#), "{said}");
    }
    for value in ["two", "", "2.5x", "0x", "1e999999999", "nan("] {
        let more = format!(r#""value": "{value}""#);
        let config =
            format!(r#"{{"version": "2.2", "rules": [{}]}}"#, rule("r", &condition("equals", &more)));
        let (said, _) = answer(&config, r#"{"a": 2.5}"#);
        assert!(said.contains(r#"["r"]"#), "{value}: {said}");
    }
}

/// In libddwaf short messages dangle once there are more than eight, and come twice.
#[test]
fn many_messages() {
    let exists = r#"{"operator": "exists", "parameters": {"inputs": [{"address": "a"}]}}"#;
    let mut rules = vec![rule("r", exists), rule("r", exists)];
    for at in 0..20 {
        // The message names the count, so each has its own.
        let count = 1100 + at;
        let pattern = format!(
            r#"{{"operator": "match_regex", "parameters": {{"inputs": [{{"address": "a"}}], "regex": "x{{{count}}}"}}}}"#
        );
        rules.push(rule(&format!("p{at}"), &pattern));
        rules.push(rule("r", exists));
        let empty = r#"{"operator": "exists", "parameters": {"inputs": [{"address": ""}]}}"#;
        rules.push(rule(&format!("e{at}"), empty));
    }
    let (said, _) = answer(&format!(r#"{{"version": "2.2", "rules": [{}]}}"#, rules.join(",")), "{}");
    for (message, times) in [("duplicate rule", 21), ("empty address", 20)] {
        assert_eq!(said.matches(&format!(r#""{message}":"#)).count(), 1, "{said}");
        let list = said.split(&format!(r#""{message}":["#)).nth(1).and_then(|rest| rest.split(']').next());
        assert_eq!(list.map(|list| list.split(',').count()), Some(times), "{said}");
    }
    assert_eq!(said.matches("invalid regular expression: {11").count(), 20, "{said}");
}

/// libddwaf fails inside when a detector or fingerprint wraps an empty text that lies nowhere.
#[test]
fn empty_texts_nowhere() {
    let argument = |name: &str, address: &str| format!(r#""{name}": [{{"address": "{address}"}}]"#);
    let detector = |operator: &str| {
        let parameters =
            [argument("resource", "a"), argument("params", "b"), argument("db_type", "c")].join(",");
        rule(operator, &format!(r#"{{"operator": "{operator}", "parameters": {{{parameters}}}}}"#))
    };
    let detectors = ["lfi_detector", "ssrf_detector", "sqli_detector", "shi_detector", "cmdi_detector"];
    let rules: Vec<String> = detectors.iter().map(|operator| detector(operator)).collect();
    let processor = |id: &str, generator: &str, arguments: &[&str]| {
        let arguments: Vec<String> = arguments
            .iter()
            .zip(["a", "b", "c", "d"])
            .map(|(name, address)| argument(name, address))
            .collect();
        format!(
            r#"{{"id": "{id}", "generator": "{generator}", "evaluate": false, "output": true,
                 "parameters": {{"mappings": [{{{}, "output": "{id}"}}]}}}}"#,
            arguments.join(",")
        )
    };
    let processors = [
        processor("p1", "http_endpoint_fingerprint", &["method", "uri_raw", "query", "body"]),
        processor("p2", "session_fingerprint", &["cookies", "session_id", "user_id"]),
        processor("p3", "uri_parse", &["inputs"]),
        processor("p4", "jwt_decode", &["inputs"]),
        processor("p5", "extract_schema", &["inputs"]),
    ];
    let config = format!(
        r#"{{"version": "2.2", "rules": [{}], "processors": [{}]}}"#,
        rules.join(","),
        processors.join(",")
    );
    let handle = instance(&config);
    // Of every kind of string the empty one whose pointer is null.
    for head in [0x10u64, 0x12] {
        let nowhere = || -> Object { unsafe { std::mem::transmute([head, 0]) } };
        for is_listed in [false, true] {
            let ledger = Ledger::new();
            let alloc = ledger.handle();
            unsafe {
                let mut data = fresh();
                ddwaf_object_set_map(&mut data, 4, alloc);
                for address in ["a", "b", "c", "d"] {
                    let slot = ddwaf_object_insert_key(&mut data, chars(address), 1, alloc);
                    if is_listed {
                        ddwaf_object_set_array(slot, 1, alloc);
                        ddwaf_object_insert(slot, alloc).write(nowhere());
                    } else {
                        slot.write(nowhere());
                    }
                }
                let context = ddwaf_context_init(handle, alloc);
                let mut result = fresh();
                let code = ddwaf_context_eval(context, &mut data, alloc, &mut result, LONG);
                assert!(code == OK || code == MATCH, "{code}");
                ddwaf_object_destroy(&mut result, alloc);
                ddwaf_context_destroy(context);
            }
            ledger.assert_settled();
        }
    }
    unsafe { ddwaf_destroy(handle) };
}

/// libddwaf loses the former content, keeps ids of what it refused, and later removes what is another's.
#[test]
fn updates_that_fail() {
    let exists = |address: &str| {
        format!(r#"{{"operator": "exists", "parameters": {{"inputs": [{{"address": "{address}"}}]}}}}"#)
    };
    let rules = |rules: &[String]| format!(r#"{{"version": "2.2", "rules": [{}]}}"#, rules.join(","));
    let good = rules(&[rule("kept", &exists("a"))]);
    unsafe {
        let builder = ddwaf_builder_init();
        let update = |path: &str, config: &str| {
            let mut config = from_json(config, default());
            let len = path.len() as u32;
            let taken = ddwaf_builder_add_or_update_config(builder, chars(path), len, &config, null_mut());
            ddwaf_object_destroy(&mut config, default());
            taken
        };
        assert!(update("p", &good));
        for refused in [
            r#"{"version": "9.0"}"#,
            r#"{"version": 2}"#,
            r#"{"version": "2.2", "metadata": 5}"#,
            "[]",
            r#"{"version": "2.2", "rules": [{"id": "kept"}]}"#,
            r#"{"version": "2.2", "actions": [{"id": "x", "type": "x", "parameters": {}}, 5]}"#,
        ] {
            assert!(!update("p", refused), "{refused}");
            let handle = ddwaf_builder_build_instance(builder);
            assert!(!handle.is_null(), "{refused}: the former content is in force");
            ddwaf_destroy(handle);
        }
        // What was refused owns nothing: another path may, and keeps it.
        assert!(!update("q", &format!(r#"{{"version": "9.0", "rules": [{}]}}"#, rule("late", &exists("b")))));
        assert!(update("r", &rules(&[rule("late", &exists("b"))])));
        ddwaf_builder_remove_config(builder, chars("q"), 1);
        assert!(ddwaf_builder_remove_config(builder, chars("p"), 1));
        let handle = ddwaf_builder_build_instance(builder);
        let mut size = 0;
        assert_eq!(names(ddwaf_known_addresses(handle, &mut size), size), ["b"]);
        ddwaf_destroy(handle);
        ddwaf_builder_destroy(builder);
    }
}

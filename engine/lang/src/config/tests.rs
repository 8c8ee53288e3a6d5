//! Whole configurations and what their diagnostics say.

use super::{Documents, Interner, parse};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bartizan_object::{AllocRef, Owned, json};

pub(crate) fn object(text: &str) -> Owned {
    json::parse(text.as_bytes(), AllocRef::global()).unwrap_or_else(|| panic!("not JSON: {text}"))
}

/// Whether the configuration is accepted, and the diagnostics as JSON.
fn diagnose_beside(text: &str, others: &[&Documents]) -> (bool, String) {
    let parsed = parse(&object(text), &mut Interner::default(), others);
    let mut out = Vec::new();
    json::write(&parsed.diagnostics.to_object(), &mut out);
    (parsed.accepted, String::from_utf8(out).expect("diagnostics in UTF-8"))
}

fn diagnose(text: &str) -> (bool, String) {
    diagnose_beside(text, &[])
}

/// One section as it is written; lists and messages as JSON.
fn section(loaded: &str, failed: &str, skipped: &str, errors: &str, warnings: &str) -> String {
    format!(
        r#"{{"loaded":{loaded},"failed":{failed},"skipped":{skipped},"errors":{errors},"warnings":{warnings}}}"#
    )
}

/// Holds the only element of a section against the outcome: `+id` loaded, `~id` skipped, `!id message`
/// an error, `?id message` a warning.
fn check(name: &str, element: &str, outcome: &str) {
    let (kind, rest) = outcome.split_at(1);
    let (id, message) = rest.split_once(' ').unwrap_or((rest, ""));
    let ids = format!(r#"["{id}"]"#);
    let messages = format!(r#"{{"{message}":{ids}}}"#);
    let expected = match kind {
        "+" => section(&ids, "[]", "[]", "{}", "{}"),
        "~" => section("[]", "[]", &ids, "{}", "{}"),
        "!" => section("[]", &ids, "[]", &messages, "{}"),
        "?" => section("[]", &ids, "[]", "{}", &messages),
        _ => panic!("unknown outcome {outcome}"),
    };
    let (accepted, diagnostics) = diagnose(&format!(r#"{{"{name}":[{element}]}}"#));
    assert_eq!(diagnostics, format!(r#"{{"{name}":{expected}}}"#), "{name} {element}");
    assert_eq!(accepted, matches!(kind, "+" | "~"), "{name} {element}");
}

/// Checks elements in which `$` stands for what the first column says.
fn check_each(name: &str, template: &str, cases: &[(&str, &str)]) {
    for (part, outcome) in cases {
        check(name, &template.replace('$', part), outcome);
    }
}

const CONDITION: &str = r#"{"operator":"exists","parameters":{"inputs":[{"address":"a"}]}}"#;

/// A rule called `r` with `rest` behind its id; `conditions` in it are added unless it has some.
fn rule_with(rest: &str) -> String {
    let conditions =
        if rest.contains("conditions") { String::new() } else { format!(r#","conditions":[{CONDITION}]"#) };
    let name = if rest.contains(r#""name""#) { "" } else { r#","name":"n""# };
    let tags = if rest.contains(r#""tags""#) { "" } else { r#","tags":{"type":"t"}"# };
    format!(r#"{{"id":"r"{rest}{conditions}{name}{tags}}}"#)
}

#[test]
fn the_frame_decides_before_the_sections() {
    let empty_rules = format!(r#"{{"rules":{}}}"#, section("[]", "[]", "[]", "{}", "{}"));
    for (config, accepted, diagnostics) in [
        ("{}", true, "{}"),
        (r#"{"unknown":1}"#, true, "{}"),
        (r#"{"rules":[]}"#, true, empty_rules.as_str()),
        (r#"{"rules":[],"rules":5}"#, true, empty_rules.as_str()),
        (r#"{"rules":{}}"#, false, r#"{"rules":{"error":"bad cast, expected 'array', obtained 'map'"}}"#),
        ("[]", false, r#"{"error":"invalid configuration type, expected 'map', obtained 'array'"}"#),
        (r#"{"version":"1.0"}"#, false, r#"{"error":"unsupported schema version: 1.x"}"#),
        (r#"{"version":"2.9"}"#, true, "{}"),
        (r#"{"version":"2"}"#, false, "{}"),
        (r#"{"version":2.1}"#, false, "{}"),
        (r#"{"":1}"#, false, "{}"),
        (r#"{"metadata":[]}"#, false, "{}"),
        (r#"{"metadata":{"rules_version":1}}"#, false, "{}"),
        (r#"{"metadata":{"rules_version":""}}"#, true, "{}"),
        (r#"{"metadata":{"rules_version":"1.2"}}"#, true, r#"{"ruleset_version":"1.2"}"#),
        (r#"{"metadata":{"rules_version":"1.2"},"version":"x"}"#, false, r#"{"ruleset_version":"1.2"}"#),
    ] {
        assert_eq!(diagnose(config), (accepted, diagnostics.into()), "{config}");
    }
}

#[test]
fn sections_are_sorted_and_messages_gather_ids() {
    let config = format!(
        r#"{{"metadata":{{"rules_version":"7"}},"scanners":[],"rules":[{},{{"id":5}},5,{{}},{{"id":"","name":"n"}},{{"id":true}},{}],"actions":[]}}"#,
        rule_with(""),
        rule_with("")
    );
    let rules = section(
        r#"["r"]"#,
        r#"["5","index:2","index:3","index:4","true","r"]"#,
        "[]",
        r#"{"missing key 'conditions'":["5","index:4","true"],"bad cast, expected 'map', obtained 'unsigned'":["index:2"],"missing key 'id'":["index:3"],"duplicate rule":["r"]}"#,
        "{}",
    );
    let empty = section("[]", "[]", "[]", "{}", "{}");
    let expected =
        format!(r#"{{"actions":{empty},"rules":{rules},"scanners":{empty},"ruleset_version":"7"}}"#);
    assert_eq!(diagnose(&config), (true, expected));
}

#[test]
fn an_element_that_is_no_map_ends_some_sections() {
    for name in ["actions", "rules_override", "processor_overrides", "exclusions", "processors", "scanners"] {
        let expected = format!(r#"{{"{name}":{{"error":"bad cast, expected 'map', obtained 'null'"}}}}"#);
        assert_eq!(diagnose(&format!(r#"{{"{name}":[null]}}"#)), (false, expected));
        let expected = format!(r#"{{"{name}":{{"error":"malformed object, invalid key on map entry"}}}}"#);
        assert_eq!(diagnose(&format!(r#"{{"{name}":[{{"":1}}]}}"#)), (false, expected));
    }
    for name in ["rules", "rules_compat", "custom_rules", "rules_data", "exclusion_data"] {
        check(name, "null", "!index:0 bad cast, expected 'map', obtained 'null'");
    }
}

#[test]
fn a_configuration_with_something_loaded_is_accepted() {
    let action = r#"{"id":"a","type":"t","parameters":{}}"#;
    for (config, accepted) in [
        (format!(r#"{{"actions":[{action}],"rules":5}}"#), true),
        (format!(r#"{{"actions":[{action}],"rules":[{{}}]}}"#), true),
        (format!(r#"{{"actions":[{action},5]}}"#), false),
        (r#"{"actions":[],"rules":[{}]}"#.into(), false),
        (r#"{"actions":[],"rules":5}"#.into(), false),
    ] {
        assert_eq!(diagnose(&config).0, accepted, "{config}");
    }
}

#[test]
fn ids_are_unique_over_sections_and_paths() {
    let config = format!(
        r#"{{"rules":[{rule}],"rules_compat":[{rule}],"custom_rules":[{rule}]}}"#,
        rule = rule_with("")
    );
    let parsed = parse(&object(&config), &mut Interner::default(), &[]);
    assert_eq!(parsed.documents.rules.len(), 1);
    let duplicate = |what: &str, id: &str| {
        section("[]", &format!("[{id}]"), "[]", &format!(r#"{{"duplicate {what}":[{id}]}}"#), "{}")
    };
    let (accepted, diagnostics) =
        diagnose_beside(&format!(r#"{{"custom_rules":[{}]}}"#, rule_with("")), &[&parsed.documents]);
    assert_eq!(
        (accepted, diagnostics),
        (false, format!(r#"{{"custom_rules":{}}}"#, duplicate("rule", r#""r""#)))
    );
    // The empty id stays itself where it is a duplicate; ids that failed are free.
    let config = r#"{"actions":[{"id":"","type":"t","parameters":{}},{"id":"b"},{"id":""},{"id":"b","type":"t","parameters":{}}]}"#;
    let actions = section(
        r#"["","b"]"#,
        r#"["b",""]"#,
        "[]",
        r#"{"missing key 'type'":["b"],"duplicate action":[""]}"#,
        "{}",
    );
    assert_eq!(diagnose(config), (true, format!(r#"{{"actions":{actions}}}"#)));
}

#[test]
fn versions_gate_rules_filters_processors_and_scanners() {
    let cases = [
        (r#""min_version":"2.1.0","max_version":"2.1.0""#, "+r"),
        (r#""min_version":"2.1.1""#, "~r"),
        (r#""max_version":"2.0.999""#, "~r"),
        (r#""max_version":"2.1.0-rc1""#, "+r"),
        (r#""min_version":"2.1""#, "!r invalid version syntax"),
        (r#""max_version":"2.1.x","min_version":"9.0.0""#, "!r invalid patch version: x"),
        (r#""min_version":2"#, "!r invalid type 'unsigned' for key 'min_version', expected 'string'"),
    ];
    check_each("rules", &rule_with(",$"), &cases);
    check_each("exclusions", r#"{"id":"r","rules_target":[{}],$}"#, &cases);
    let mappings = r#""parameters":{"mappings":[{"inputs":[{"address":"a"}],"output":"o"}]}"#;
    check_each("processors", &format!(r#"{{"id":"r","generator":"uri_parse",{mappings},$}}"#), &cases);
    check_each("scanners", r#"{"id":"r","tags":{},"key":{"operator":"is_xss","parameters":{}},$}"#, &cases);
    check("actions", r#"{"id":"r","type":"t","parameters":{},"min_version":"x"}"#, "+r");
}

#[test]
fn rules() {
    let cases = [
        ("", "+r"),
        (r#","name":5"#, "+r"),
        (r#","name":null"#, "!r invalid type 'null' for key 'name', expected 'string'"),
        (r#","tags":{"category":"c"}"#, "!r missing key 'type'"),
        (r#","tags":{"type":1.5}"#, "+r"),
        (r#","tags":{"type":[]}"#, "!r invalid type 'array' for key 'type', expected 'string'"),
        (r#","tags":{"type":"a","type":[]}"#, "+r"),
        (r#","tags":[]"#, "!r invalid type 'array' for key 'tags', expected 'map'"),
        (r#","conditions":[]"#, "!r rule has no valid conditions"),
        (r#","conditions":{}"#, "!r invalid type 'map' for key 'conditions', expected 'array'"),
        (r#","conditions":[[]]"#, "!r bad cast, expected 'map', obtained 'array'"),
        (r#","enabled":"FALSE""#, "+r"),
        (r#","enabled":1"#, "!r invalid type 'unsigned' for key 'enabled', expected 'bool'"),
        (r#","on_match":["a",5]"#, "+r"),
        (r#","on_match":[null]"#, "!r invalid type 'null' for key 'on_match', expected 'string'"),
        (r#","transformers":["lowercase","keys_only","urlDecodeUni"]"#, "+r"),
        (r#","transformers":["Lowercase"]"#, "?r unknown transformer: 'Lowercase'"),
        (r#","transformers":[1]"#, "!r bad cast, expected 'string_view', obtained 'unsigned'"),
        (r#","output":{"event":false}"#, "!r rule generates no events or attributes"),
        (r#","output":{"event":false,"attributes":{"a":{"value":-1}}}"#, "+r"),
        (r#","output":{"attributes":{"a":{"value":[]}}}"#, "!r invalid type for 'value', expected scalar"),
        (r#","output":{"attributes":{"a":{"address":"x","key_path":["y",-1,null]}}}"#, "+r"),
        (r#","output":{"attributes":{"a":{}}}"#, "!r missing key 'address'"),
        (r#","output":{"attributes":{"a":5}}"#, "!r bad cast, expected 'map', obtained 'unsigned'"),
        (
            r#","output":{"attributes":{"a":{"address":5}}}"#,
            "!r invalid type 'unsigned' for key 'address', expected 'string_view'",
        ),
        (r#","output":{"keep":"no"}"#, "!r invalid type 'string' for key 'keep', expected 'bool'"),
    ];
    for (rest, outcome) in cases {
        for name in ["rules", "rules_compat", "custom_rules"] {
            check(name, &rule_with(rest), outcome);
        }
    }
    let eleven = r#","transformers":["lowercase"$]"#.replace('$', &r#","lowercase""#.repeat(10));
    check("rules", &rule_with(&eleven), "!r number of transformers beyond allowed limit");
    check("rules", r#"{"id":"","name":"n"}"#, "!index:0 missing key 'conditions'");
}

#[test]
fn inputs() {
    let template =
        rule_with(r#","conditions":[{"operator":"match_regex","parameters":{"regex":"x","inputs":$}}]"#);
    check_each(
        "rules",
        &template,
        &[
            (r#"[{"address":"a"},{"address":5,"key_path":["k",0,-1,true,1.5]}]"#, "+r"),
            ("[]", "!r empty non-optional argument"),
            ("5", "!r invalid type 'unsigned' for key 'inputs', expected 'array'"),
            ("[5]", "!r bad cast, expected 'map', obtained 'unsigned'"),
            ("[{}]", "!r missing key 'address'"),
            (r#"[{"address":""}]"#, "!r empty address"),
            (r#"[{"address":"a","key_path":["k",""]}]"#, "!r empty key_path"),
            (
                r#"[{"address":"a","key_path":"k"}]"#,
                "!r invalid type 'string' for key 'key_path', expected 'array'",
            ),
            (
                r#"[{"address":"a","key_path":[18446744073709551615]}]"#,
                "!r invalid type 'unsigned' for key 'key_path', expected 'signed'",
            ),
            (r#"[{"address":"a","transformers":5}]"#, "!r bad cast, expected 'array', obtained 'unsigned'"),
            (r#"[{"address":"a","transformers":["x\u0000y"]}]"#, "?r unknown transformer: 'x"),
        ],
    );
}

#[test]
fn operators() {
    let template = rule_with(r#","conditions":[{"operator":$}]"#);
    let inputs = r#""inputs":[{"address":"a"}]"#;
    let two = r#""inputs":[{"address":"a"},{"address":"b"}]"#;
    let cases = [
        (r#"5,"parameters":{}"#, "!r invalid type 'unsigned' for key 'operator', expected 'string_view'"),
        (r#""exists""#, "!r missing key 'parameters'"),
        (r#""exists","parameters":{}"#, "!r missing key 'inputs'"),
        (r#""exists@v9","parameters":{2}"#, "+r"),
        (r#""!exists","parameters":{1}"#, "+r"),
        (r#""!exists","parameters":{2}"#, "!r multiple targets for non-variadic argument"),
        (r#""other@v2","parameters":{1}"#, "?r unknown operator: 'other'"),
        (r#""!other","parameters":{1}"#, "?r unknown operator: 'other'"),
        (r#""!is_sqli","parameters":{1}"#, "?r unknown operator: 'is_sqli'"),
        (r#""!lfi_detector","parameters":{1}"#, "?r unknown operator: 'lfi_detector'"),
        (r#""match_regex@2","parameters":{1}"#, "?r unknown operator: 'match_regex@2'"),
        (r#""is_sqli","parameters":{2}"#, "+r"),
        (r#""is_xss","parameters":{1}"#, "+r"),
        (r#""hidden_ascii_match","parameters":{1}"#, "+r"),
        (r#""match_regex","parameters":{1}"#, "!r missing key 'regex'"),
        (r#""match_regex@vx","parameters":{1,"regex":5}"#, "+r"),
        (r#""match_regex","parameters":{1,"regex":"("}"#, "!r invalid regular expression: ("),
        (r#""!match_regex","parameters":{2,"regex":"x"}"#, "!r multiple targets for non-variadic argument"),
        (
            r#""match_regex","parameters":{1,"regex":"x","options":{"min_length":"3","case_sensitive":"true"}}"#,
            "+r",
        ),
        (
            r#""match_regex","parameters":{1,"regex":"(","options":{"min_length":-1}}"#,
            "!r min_length is a negative number",
        ),
        (
            r#""match_regex","parameters":{1,"regex":"x","options":{"min_length":1.5}}"#,
            "!r invalid type 'float' for key 'min_length', expected 'signed'",
        ),
        (r#""match_regex_with_checksum","parameters":{1,"regex":"x"}"#, "!r missing key 'checksum'"),
        (
            r#""match_regex_with_checksum","parameters":{1,"regex":"(","checksum":"crc"}"#,
            "!r unknown checksum algorithm: 'crc'",
        ),
        (r#""!match_regex_with_checksum","parameters":{1,"regex":"x","checksum":"luhn"}"#, "+r"),
        (r#""phrase_match","parameters":{1,"list":[]}"#, "+r"),
        (
            r#""phrase_match","parameters":{1,"list":["a",""]}"#,
            "!r phrase_match list item not a string or empty",
        ),
        (r#""phrase_match","parameters":{1,"list":[5]}"#, "!r phrase_match list item not a string or empty"),
        (
            r#""phrase_match","parameters":{1,"list":["a"],"options":{"enforce_word_boundary":5}}"#,
            "!r invalid type 'unsigned' for key 'enforce_word_boundary', expected 'bool'",
        ),
        (r#""exact_match","parameters":{1,"list":["a",5]}"#, "+r"),
        (
            r#""exact_match","parameters":{1,"list":[[]],"data":"d"}"#,
            "!r bad cast, expected 'string', obtained 'array'",
        ),
        (r#""exact_match","parameters":{1}"#, "!r missing key 'data'"),
        (r#""!ip_match","parameters":{1,"data":"d"}"#, "+r"),
        (r#""ip_match","parameters":{1,"list":["::/0","nonsense"]}"#, "+r"),
        (
            r#""ip_match","parameters":{1,"list":[5]}"#,
            "!r malformed object, item in array not a string, can't cast to string_view vector",
        ),
        (r#""equals","parameters":{1}"#, "!r missing key 'type'"),
        (r#""equals","parameters":{1,"type":"int"}"#, "!r invalid type for matcher equals int"),
        (r#""equals","parameters":{1,"type":"signed","value":"-5"}"#, "+r"),
        (
            r#""equals","parameters":{1,"type":"unsigned","value":"-5"}"#,
            "!r invalid type 'string' for key 'value', expected 'unsigned'",
        ),
        (
            r#""equals","parameters":{1,"type":"float","value":1}"#,
            "!r invalid type 'unsigned' for key 'value', expected 'double'",
        ),
        (r#""!equals","parameters":{1,"type":"float","value":"1e3","delta":0.5}"#, "+r"),
        (r#""greater_than","parameters":{2,"type":"unsigned","value":5.0}"#, "+r"),
        (
            r#""lower_than","parameters":{1,"type":"string","value":"x"}"#,
            "!r invalid type for matcher lower_than string",
        ),
        (r#""greater_equal","parameters":{1,"type":"signed","value":5}"#, "+r"),
        (r#""greater_equal","parameters":{1,"type":"x"}"#, "!r invalid type for matcher lower_than x"),
        (r#""lower_equal","parameters":{1,"type":"x"}"#, "!r invalid type for matcher greater_than x"),
        (
            r#""lower_equal","parameters":{2,"type":"signed","value":5}"#,
            "!r multiple targets for non-variadic argument",
        ),
        (r#""!lower_equal","parameters":{1}"#, "?r unknown operator: 'lower_equal'"),
    ];
    for (part, outcome) in cases {
        let part = part.replace("{1", &format!("{{{inputs}")).replace("{2", &format!("{{{two}"));
        check("rules", &template.replace('$', &part), outcome);
    }
}

#[test]
fn detectors() {
    let template = rule_with(r#","conditions":[{"operator":"$,"params":[{"address":"p"}]}}]"#);
    let cases = [
        (r#"lfi_detector@v2","parameters":{1"#, "+r"),
        (r#"lfi_detector@v3","parameters":{1"#, "~r"),
        (r#"lfi_detector@v99999999999","parameters":{1"#, "+r"),
        (r#"ssrf_detector@v3","parameters":{1"#, "+r"),
        (r#"ssrf_detector@v4","parameters":{1"#, "~r"),
        (r#"sqli_detector@v4","parameters":{1"#, "~r"),
        (r#"sqli_detector","parameters":{1"#, "!r missing key 'db_type'"),
        (r#"sqli_detector","parameters":{1,"db_type":[{"address":"d"}]"#, "+r"),
        (r#"shi_detector@v2","parameters":{1"#, "~r"),
        (r#"cmdi_detector@v1","parameters":{1"#, "+r"),
        (r#"cmdi_detector","parameters":{"x":1"#, "!r missing key 'resource'"),
        (r#"shi_detector","parameters":{"resource":[]"#, "!r empty non-optional argument"),
        (
            r#"shi_detector","parameters":{"resource":[{"address":"a"},{"address":"b"}]"#,
            "!r multiple targets for non-variadic argument",
        ),
        (
            r#"ssrf_detector","parameters":{1,"options":{"path-inspection":1}"#,
            "!r invalid type 'unsigned' for key 'path-inspection', expected 'bool'",
        ),
        (
            r#"ssrf_detector","parameters":{1,"policy":{"allowed-schemes":[5],"forbidden-domains":[],"forbidden-ips":["x"]}"#,
            "+r",
        ),
        (
            r#"ssrf_detector","parameters":{1,"policy":{"forbidden-ips":[5]}"#,
            "!r malformed object, item in array not a string, can't cast to string_view vector",
        ),
        (
            r#"ssrf_detector","parameters":{1,"policy":{"forbidden-domains":"x"}"#,
            "!r bad cast, expected 'array', obtained 'string'",
        ),
    ];
    for (part, outcome) in cases {
        let part = part.replace("{1", r#"{"resource":[{"address":"s"}]"#);
        check("rules", &template.replace('$', &part), outcome);
    }
}

#[test]
fn data() {
    let cases = [
        (r#"{"id":5,"type":"ip_with_expiration","data":[]}"#, "+5"),
        (r#"{"id":"d","type":"data_with_expiration","data":[{"value":1.5,"expiration":"7"}]}"#, "+d"),
        (r#"{"id":"d","type":"other","data":5}"#, "!d unknown type: 'other'"),
        (r#"{"id":"","type":"other","data":5}"#, "! unknown type: 'other'"),
        (r#"{"id":"d","type":"other"}"#, "!d missing key 'data'"),
        (r#"{"id":"d","type":5}"#, "!d invalid type 'unsigned' for key 'type', expected 'string_view'"),
        (
            r#"{"id":"","type":"ip_with_expiration","data":5}"#,
            "!index:0 bad cast, expected 'array', obtained 'unsigned'",
        ),
        (
            r#"{"id":"d","type":"ip_with_expiration","data":["x"]}"#,
            "!d bad cast, expected 'map', obtained 'string'",
        ),
        (r#"{"id":"d","type":"ip_with_expiration","data":[{}]}"#, "!d missing key 'value'"),
        (
            r#"{"id":"d","type":"ip_with_expiration","data":[{"value":"x","expiration":-1}]}"#,
            "!d invalid type 'signed' for key 'expiration', expected 'unsigned'",
        ),
    ];
    for (element, outcome) in cases {
        check("rules_data", element, outcome);
        check("exclusion_data", element, outcome);
    }
}

#[test]
fn overrides_are_known_by_position() {
    for (element, outcome) in [
        (r#"{"id":"r","enabled":false}"#, "+index:0"),
        (r#"{"id":"r","rules_target":[],"on_match":[]}"#, "+index:0"),
        (r#"{"enabled":false}"#, "!index:0 missing key 'id'"),
        (r#"{"id":"r"}"#, "!index:0 rule override without side-effects"),
        (r#"{"rules_target":[{}]}"#, "!index:0 rule override without side-effects"),
        (r#"{"rules_target":[{}],"enabled":true}"#, "!index:0 rule override with no targets"),
        (r#"{"rules_target":[{},{"id":"","rule_id":"r"}],"enabled":true}"#, "+index:0"),
        (
            r#"{"rules_target":[{"id":"r"},{}],"enabled":true}"#,
            "!index:0 rule override targets rules and tags",
        ),
        (
            r#"{"rules_target":[{"id":"r"},{"tags":{"a":"b"}}],"enabled":true}"#,
            "!index:0 rule override targets rules and tags",
        ),
        (r#"{"id":"r","enabled":"x"}"#, "!index:0 bad cast, expected 'bool', obtained 'string'"),
        (r#"{"id":"r","on_match":"x"}"#, "!index:0 bad cast, expected 'array', obtained 'string'"),
        (r#"{"id":"r","tags":{"a":1,"a":[]}}"#, "!index:0 bad cast, expected 'string', obtained 'array'"),
        (
            r#"{"rules_target":[{"tags":{"a":[]}}],"enabled":true}"#,
            "!index:0 bad cast, expected 'string', obtained 'array'",
        ),
        (r#"{"rules_target":[5],"enabled":true}"#, "!index:0 bad cast, expected 'map', obtained 'unsigned'"),
    ] {
        check("rules_override", element, outcome);
    }
    for (element, outcome) in [
        (
            r#"{"target":[{"id":"p"},{}],"scanners":{"include":[{"tags":{"a":"b"}}],"exclude":[{"id":"s"}]}}"#,
            "+index:0",
        ),
        (r#"{"target":[],"scanners":{}}"#, "!index:0 processor override without targets"),
        (r#"{"scanners":{}}"#, "!index:0 missing key 'target'"),
        (r#"{"target":[{"id":"p"}]}"#, "!index:0 missing key 'scanners'"),
        (
            r#"{"target":[{"tags":{"a":"b"}}],"scanners":{}}"#,
            "!index:0 processor override with target by tags not supported",
        ),
    ] {
        check("processor_overrides", element, outcome);
    }
}

#[test]
fn exclusions() {
    for (rest, outcome) in [
        ("", "!f empty exclusion filter"),
        (r#","rules_target":[]"#, "!f empty exclusion filter"),
        (r#","rules_target":[{}]"#, "+f"),
        (r#","rules_target":[{"id":"r"}],"on_match":"block""#, "+f"),
        (r#","rules_target":[{"id":"r"}],"on_match":"""#, "!f empty on_match value"),
        (r#","on_match":5"#, "!f invalid type 'unsigned' for key 'on_match', expected 'string_view'"),
        (r#","conditions":[$]"#, "+f"),
        (r#","conditions":[{"operator":"shi_detector@v2","parameters":{}}]"#, "~f"),
        (r#","inputs":[]"#, "!f empty exclusion filter"),
        (r#","inputs":[],"conditions":[$]"#, "+f"),
        (r#","inputs":[{"address":"","key_path":["","*"]}],"on_match":"""#, "+f"),
        (r#","inputs":[{}]"#, "!f missing key 'address'"),
        (
            r#","inputs":[{"address":"a","key_path":[0]}]"#,
            "!f malformed object, item in array not a string, can't cast to string_view vector",
        ),
    ] {
        check("exclusions", &format!(r#"{{"id":"f"{rest}}}"#).replace('$', CONDITION), outcome);
    }
}

#[test]
fn processors() {
    let mappings = r#""parameters":{"mappings":[{"inputs":[{"address":"a"}],"output":"o"}]}"#;
    for (rest, outcome) in [
        ("", "!p missing key 'generator'"),
        (r#","generator":"x""#, "?p unknown generator: 'x'"),
        (r#","generator":"jwt_decode""#, "!p missing key 'parameters'"),
        (r#","generator":"jwt_decode","parameters":{}"#, "!p missing key 'mappings'"),
        (r#","generator":"jwt_decode","parameters":{"mappings":[]}"#, "!p empty mappings"),
        (r#","generator":"jwt_decode","parameters":{"mappings":[{}]}"#, "!p missing key 'inputs'"),
        (
            r#","generator":"jwt_decode","parameters":{"mappings":[{"inputs":[]}]}"#,
            "!p empty processor input mapping",
        ),
        (
            r#","generator":"jwt_decode","parameters":{"mappings":[{"inputs":[{"address":"a"}]}]}"#,
            "!p missing key 'output'",
        ),
        (
            r#","generator":"jwt_decode","parameters":{"mappings":[{"inputs":[{"address":"a","key_path":[""]}]}]}"#,
            "!p empty key_path",
        ),
        (
            r#","generator":"http_endpoint_fingerprint","parameters":{"mappings":[{"method":[{"address":"m"}],"uri_raw":[{"address":"u"}],"output":"o"}]}"#,
            "!p missing key 'query'",
        ),
        (r#","generator":"extract_schema",$"#, "+p"),
        (r#","generator":"extract_schema",$,"evaluate":false,"output":true"#, "+p"),
        (
            r#","generator":"extract_schema",$,"evaluate":false"#,
            "!p processor not used for evaluation or output",
        ),
        (r#","generator":"extract_schema",$,"conditions":[{}]"#, "!p missing key 'operator'"),
    ] {
        check("processors", &format!(r#"{{"id":"p"{rest}}}"#).replace('$', mappings), outcome);
    }
}

#[test]
fn scanners() {
    for (rest, outcome) in [
        ("", "!s missing key 'tags'"),
        (r#","tags":{}"#, "!s scanner has no key or value matcher"),
        (r#","tags":{"t":[]}"#, "!s invalid type 'array' for key 't', expected 'string'"),
        (r#","tags":{},"key":5"#, "!s bad cast, expected 'map', obtained 'unsigned'"),
        (r#","tags":{},"key":{}"#, "!s missing key 'operator'"),
        (r#","tags":{},"value":{"operator":"is_xss"}"#, "!s missing key 'parameters'"),
        (r#","tags":{},"value":{"operator":"!equals","parameters":{}}"#, "?s unknown operator: '!equals'"),
        (
            r#","tags":{},"value":{"operator":"greater_equal","parameters":{}}"#,
            "?s unknown operator: 'greater_equal'",
        ),
        (
            r#","tags":{},"value":{"operator":"lfi_detector","parameters":{}}"#,
            "?s unknown operator: 'lfi_detector'",
        ),
        (
            r#","tags":{},"key":{"operator":"ip_match","parameters":{"data":"d"}}"#,
            "!s dynamic data on scanner condition",
        ),
        (
            r#","tags":{},"key":{"operator":"ip_match","parameters":{"data":""}}"#,
            "!s scanner has no key or value matcher",
        ),
        (r#","tags":{},"key":{"operator":"equals","parameters":{"type":"string","value":"x"}}"#, "+s"),
    ] {
        check("scanners", &format!(r#"{{"id":"s"{rest}}}"#), outcome);
    }
}

#[test]
fn the_obfuscator_has_a_section_of_its_own() {
    let empty = format!(r#"{{"obfuscator":{}}}"#, section("[]", "[]", "[]", "{}", "{}"));
    for config in [r#"{"obfuscator":{}}"#, r#"{"obfuscator":{"key_regex":"(","value_regex":""}}"#] {
        assert_eq!(diagnose(config), (true, empty.clone()), "{config}");
    }
    let error = |message: &str| (false, format!(r#"{{"obfuscator":{{"error":"{message}"}}}}"#));
    assert_eq!(diagnose(r#"{"obfuscator":[]}"#), error("bad cast, expected 'map', obtained 'array'"));
    assert_eq!(
        diagnose(r#"{"obfuscator":{"key_regex":5}}"#),
        error("invalid type 'unsigned' for key 'key_regex', expected 'string_view'")
    );
    let other = parse(&object(r#"{"obfuscator":{}}"#), &mut Interner::default(), &[]);
    assert_eq!(
        diagnose_beside(r#"{"obfuscator":{}}"#, &[&other.documents]),
        error("duplicate obfuscator configuration")
    );
}

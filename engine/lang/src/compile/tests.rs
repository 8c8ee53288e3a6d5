//! Contents and the rulesets they compile into.

use crate::config::tests::object;
use crate::ruleset::{
    ActionKind, AttributeValue, Condition, Data, DataSource, Detector, FilterMode, GlobItem, Matcher, Module,
    Number, RuleSelection, Ruleset, Verdict,
};
use crate::vocab::{PathItem, Scalar, Text};
use crate::{Content, Update};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bartizan_object::json;

const CONDITIONS: &str = r#""conditions":[{"operator":"exists","parameters":{"inputs":[{"address":"a"}]}}]"#;

/// A rule that is true when `a` is there.
fn rule(id: &str, tags: &str, rest: &str) -> String {
    format!(r#"{{"id":"{id}","name":"n","tags":{{{tags}}},{CONDITIONS}{rest}}}"#)
}

fn update(content: &mut Content, path: &str, config: &str) -> Update {
    content.update(path.as_bytes(), &object(config))
}

fn content(configs: &[&str]) -> Content {
    let mut content = Content::new();
    for (position, config) in configs.iter().enumerate() {
        assert!(update(&mut content, &position.to_string(), config).accepted, "{config}");
    }
    content
}

fn compile(configs: &[&str]) -> Ruleset {
    content(configs).compile().expect("something to run")
}

fn rule_ids(ruleset: &Ruleset) -> Vec<String> {
    ruleset.rules.iter().map(|active| active.rule.id.to_string()).collect()
}

#[test]
fn a_refused_update_changes_nothing() {
    let mut content = content(&[&format!(r#"{{"rules":[{}]}}"#, rule("r", r#""type":"t""#, ""))]);
    for config in [
        "[]",
        r#"{"version":"1.0"}"#,
        r#"{"rules":[{"id":"s"}]}"#,
        r#"{"actions":[{"id":"x","type":"t","parameters":{}},5]}"#,
        r#"{"exclusions":[{"id":"f","inputs":[{"address":"leak"}]},5]}"#,
    ] {
        for path in ["0", "new"] {
            assert!(!update(&mut content, path, config).accepted, "{config}");
        }
    }
    let ruleset = content.compile().expect("the rule is still there");
    assert_eq!(rule_ids(&ruleset), ["r"]);
    assert!(ruleset.addresses.find(b"leak").is_none());
    assert_eq!(content.paths().map(ToString::to_string).collect::<Vec<_>>(), ["0"]);
    assert!(update(&mut content, "new", r#"{"actions":[{"id":"x","type":"t","parameters":{}}]}"#).accepted);
}

#[test]
fn an_update_does_not_collide_with_what_it_replaces() {
    let config = format!(r#"{{"rules":[{}],"obfuscator":{{}}}}"#, rule("r", r#""type":"t""#, ""));
    let mut content = content(&[&config]);
    assert!(update(&mut content, "0", &config).accepted);
    assert!(!update(&mut content, "1", &config).accepted);
    assert!(content.remove(b"0"));
    assert!(!content.remove(b"0"));
    assert!(content.compile().is_none());
    assert!(update(&mut content, "1", &config).accepted);
}

#[test]
fn paths_keep_their_place_when_they_are_updated() {
    let config = |id: &str| format!(r#"{{"rules":[{}]}}"#, rule(id, r#""type":"t""#, ""));
    let mut content = content(&[&config("a"), &config("b")]);
    assert!(update(&mut content, "0", &config("c")).accepted);
    assert_eq!(rule_ids(&content.compile().expect("two rules")), ["c", "b"]);
    assert!(content.remove(b"0"));
    assert!(update(&mut content, "0", &config("a")).accepted);
    assert_eq!(rule_ids(&content.compile().expect("two rules")), ["b", "a"]);
}

#[test]
fn diagnostics_come_with_every_update() {
    let update = update(&mut Content::new(), "p", r#"{"actions":[{}]}"#);
    let mut text = Vec::new();
    json::write(&update.diagnostics, &mut text);
    let expected = br#"{"actions":{"loaded":[],"failed":["index:0"],"skipped":[],"errors":{"missing key 'id'":["index:0"]},"warnings":{}}}"#;
    assert_eq!(text, expected);
}

#[test]
fn something_must_run() {
    let processor = |rest: &str| {
        format!(
            r#"{{"processors":[{{"id":"p","generator":"jwt_decode","parameters":{{"mappings":[{{"inputs":[{{"address":"a"}}],"output":"o"}}]}},"output":true{rest}}}]}}"#
        )
    };
    let disabled = format!(r#"{{"rules":[{}]}}"#, rule("r", r#""type":"t""#, r#","enabled":false"#));
    for (config, runs) in [
        ("{}", false),
        (&processor(""), false),
        (&processor(r#","evaluate":false"#), true),
        (&disabled, false),
    ] {
        assert_eq!(content(&[config]).compile().is_some(), runs, "{config}");
    }
}

#[test]
fn rules_stand_in_evaluation_order() {
    let block = r#","on_match":["block"]"#;
    let ruleset = compile(&[&format!(
        r#"{{"rules":[{}],"custom_rules":[{}]}}"#,
        [
            rule("waf-b", r#""type":"b""#, ""),
            rule("waf-a", r#""type":"a","module":"unknown""#, ""),
            rule("waf-a2", r#""type":"a""#, ""),
            rule("waf-block", r#""type":"z""#, block),
            rule("rasp", r#""type":"x","module":"rasp""#, ""),
            rule("acl", r#""type":"x","module":"custom-acl""#, ""),
            rule("net", r#""type":"x","module":"network-acl""#, ""),
        ]
        .join(","),
        [
            rule("u-waf", r#""type":"z""#, ""),
            rule("u-rasp", r#""type":"a","module":"rasp""#, ""),
            rule("u-acl", r#""type":"x","module":"custom-acl""#, ""),
            rule("u-acl-block", r#""type":"x","module":"custom-acl""#, block),
            rule("u-off", r#""type":"x""#, r#","enabled":false"#),
        ]
        .join(","),
    )]);
    let expected = [
        "net",
        "u-acl-block",
        "u-acl",
        "acl",
        "rasp",
        "u-rasp",
        "waf-block",
        "u-waf",
        "waf-a",
        "waf-a2",
        "waf-b",
    ];
    assert_eq!(rule_ids(&ruleset), expected);
}

#[test]
fn verdicts_follow_the_definitions_of_actions() {
    let cases = [
        (r#"["block"]"#, "", Verdict::Block),
        (r#"["undefined","stack_trace","monitor"]"#, "", Verdict::Monitor),
        (r#"["block"]"#, r#"{"id":"block","type":"log","parameters":{}}"#, Verdict::Monitor),
        (
            r#"["go"]"#,
            r#"{"id":"go","type":"redirect_request","parameters":{"location":"/x"}}"#,
            Verdict::Block,
        ),
    ];
    for (on_match, actions, verdict) in cases {
        let rule = rule("r", r#""type":"t""#, &format!(r#","on_match":{on_match}"#));
        let ruleset = compile(&[&format!(r#"{{"actions":[{actions}],"rules":[{rule}]}}"#)]);
        assert_eq!(ruleset.rules[0].verdict, verdict, "{on_match} {actions}");
    }
}

#[test]
fn overrides_change_base_rules_only() {
    let rules = format!(
        r#"{{"rules":[{},{}],"custom_rules":[{}]}}"#,
        rule("a", r#""type":"t","k":"1""#, r#","on_match":["own"]"#),
        rule("b", r#""type":"t","k":"2""#, r#","enabled":false"#),
        rule("u", r#""type":"t","k":"1""#, ""),
    );
    let overrides = r#"{"rules_override":[
        {"rules_target":[{"tags":{"type":"t"}}],"on_match":["tags"],"tags":{"k":"no","new":"tags","module":"rasp"}},
        {"rules_target":[{"rule_id":"a"},{"rule_id":"u"}],"on_match":["first"],"tags":{"new":"id"}},
        {"rules_target":[{"rule_id":"a"}],"on_match":["second"],"enabled":true},
        {"id":"b","enabled":true}]}"#;
    let ruleset = compile(&[&rules, overrides]);
    let show = |id: &str| {
        let active =
            ruleset.rules.iter().find(|active| *active.rule.id == *id.as_bytes()).expect("an active rule");
        (active.module, format!("{:?}", active.on_match), format!("{:?}", active.tags))
    };
    assert_eq!(
        show("a"),
        (
            Module::Rasp,
            r#"["first"]"#.into(),
            r#"[("type", "t"), ("k", "1"), ("new", "id"), ("module", "rasp")]"#.into()
        )
    );
    assert_eq!(
        show("b"),
        (
            Module::Rasp,
            r#"["tags"]"#.into(),
            r#"[("type", "t"), ("k", "2"), ("new", "tags"), ("module", "rasp")]"#.into()
        )
    );
    assert_eq!(show("u"), (Module::Waf, "[]".into(), r#"[("type", "t"), ("k", "1")]"#.into()));
    // The documents are as they were: without the overrides everything is back.
    let mut content = content(&[&rules, overrides]);
    assert!(content.remove(b"1"));
    assert_eq!(rule_ids(&content.compile().expect("rules")), ["u", "a"]);
}

#[test]
fn filters_select_rules_by_id_and_by_final_tags() {
    let config = format!(
        r#"{{"rules":[{},{},{}],"rules_override":[{{"id":"c","tags":{{"added":"1"}}}}],"exclusions":[
            {{"id":"1","rules_target":[{{"id":"b"}},{{"rule_id":"off"}},{{"tags":{{"added":"1"}}}}],"on_match":"block"}},
            {{"id":"2","rules_target":[{{}}],"on_match":"monitor"}},
            {{"id":"3",{CONDITIONS}}},
            {{"id":"4","inputs":[{{"address":"a","key_path":["*","k"]}}],"rules_target":[{{"tags":{{"type":"z"}}}}]}}]}}"#,
        rule("b", r#""type":"z""#, ""),
        rule("c", r#""type":"a""#, ""),
        rule("off", r#""type":"z""#, r#","enabled":false"#),
    );
    let ruleset = compile(&[&config]);
    assert_eq!(rule_ids(&ruleset), ["c", "b"]);
    let some = |positions: &[u32]| RuleSelection::Some(positions.into());
    let filters: Vec<_> = ruleset.rule_filters.iter().map(|filter| (&filter.rules, &filter.mode)).collect();
    assert_eq!(
        filters,
        [
            (&RuleSelection::All, &FilterMode::Custom("block".into())),
            (&some(&[]), &FilterMode::Monitor),
            (&RuleSelection::All, &FilterMode::Bypass),
        ]
    );
    let [filter] = ruleset.input_filters.as_slice() else { panic!("one input filter") };
    assert_eq!(filter.rules, some(&[1]));
    assert_eq!(filter.inputs[0].key_path, [GlobItem::Any, GlobItem::Key("k".into())]);
}

#[test]
fn processor_overrides_weigh_ids_over_tags_and_exclusions_over_inclusions() {
    let scanner = |id: &str, tag: &str| {
        format!(r#"{{"id":"{id}","tags":{{"t":"{tag}"}},"key":{{"operator":"is_xss","parameters":{{}}}}}}"#)
    };
    let processors = |generator: &str| {
        format!(
            r#"{{"scanners":[{},{},{},{}],"processors":[{{"id":"p","generator":"{generator}","evaluate":false,"output":true,
            "parameters":{{"mappings":[{{"inputs":[{{"address":"a"}}],"output":"o"}}],"scanners":[{{"tags":{{"t":"x"}}}},{{"id":"4"}}]}}}}]}}"#,
            scanner("1", "x"),
            scanner("2", "x"),
            scanner("3", "y"),
            scanner("4", "y"),
        )
    };
    let overriding = |scanners: &str| {
        format!(r#"{{"processor_overrides":[{{"target":[{{"id":"p"}}],"scanners":{{{scanners}}}}}]}}"#)
    };
    for (scanners, expected) in [
        ("", &["1", "2", "4"][..]),
        (r#""exclude":[{"tags":{"t":"x"}}]"#, &["4"]),
        (r#""exclude":[{"tags":{"t":"x"}}],"include":[{"id":"2"}]"#, &["2", "4"]),
        (r#""exclude":[{"id":"1"},{"id":"4"}],"include":[{"id":"1"},{"id":"3"}]"#, &["2", "3"]),
        (r#""exclude":[{"tags":{"t":"y"}}]"#, &["1", "2", "4"]),
    ] {
        let ruleset = compile(&[&processors("extract_schema"), &overriding(scanners)]);
        let [processor] = ruleset.postprocessors.as_slice() else { panic!("one postprocessor") };
        let ids: Vec<_> = processor.scanners.iter().map(|scanner| scanner.id.to_string()).collect();
        assert_eq!(ids, expected, "{scanners}");
    }
    assert!(compile(&[&processors("jwt_decode")]).postprocessors[0].scanners.is_empty());
}

#[test]
fn actions_are_normalised() {
    let cases = [
        ("block_request", "{}", r#"block_request [status_code 403, type "auto", grpc_status_code 10]"#),
        (
            "block_request",
            r#"{"grpc_status_code":1.0,"x":true,"type":5,"stack_id":"s","security_response_id":1,"status_code":"404"}"#,
            r#"block_request [grpc_status_code 1, x true, type 5, status_code 404]"#,
        ),
        (
            "block_request",
            r#"{"status_code":1000,"grpc_status_code":-1}"#,
            r#"block_request [status_code 403, type "auto", grpc_status_code 10]"#,
        ),
        (
            "block_request",
            r#"{"status_code":404.5,"grpc_status_code":true,"type":""}"#,
            r#"block_request [type "", status_code 403, grpc_status_code 10]"#,
        ),
        (
            "redirect_request",
            r#"{"status_code":"302","location":"https://h"}"#,
            r#"redirect_request [status_code 302, location "https://h"]"#,
        ),
        (
            "redirect_request",
            r#"{"status_code":404,"location":"//h"}"#,
            r#"redirect_request [location "//h", status_code 303]"#,
        ),
        ("redirect_request", r#"{"location":"/p"}"#, r#"redirect_request [location "/p", status_code 303]"#),
        (
            "redirect_request",
            r#"{"location":"ftp://h","x":1}"#,
            r#"block_request [status_code 403, type "auto", grpc_status_code 10]"#,
        ),
        (
            "redirect_request",
            r#"{"location":"http:p"}"#,
            r#"block_request [status_code 403, type "auto", grpc_status_code 10]"#,
        ),
        (
            "redirect_request",
            r#"{"location":""}"#,
            r#"block_request [status_code 403, type "auto", grpc_status_code 10]"#,
        ),
        ("redirect_request", "{}", r#"block_request [status_code 403, type "auto", grpc_status_code 10]"#),
        ("custom", r#"{"":null,"a":1}"#, ""),
        ("custom", r#"{"":-1,"a":1.5,"a":2,"stack_id":"s"}"#, r#"custom [ -1, a 1.5]"#),
    ];
    for (kind, parameters, expected) in cases {
        let action = format!(r#"{{"id":"x","type":"{kind}","parameters":{parameters}}}"#);
        let mut content = Content::new();
        let config = format!(r#"{{"actions":[{action}],"rules":[{}]}}"#, rule("r", r#""type":"t""#, ""));
        update(&mut content, "p", &config);
        let ruleset = content.compile().expect("a rule");
        assert_eq!(ruleset.actions.len(), if expected.is_empty() { 4 } else { 5 });
        let Some(action) = ruleset.actions.get(&b"x"[..]) else { continue };
        let show = |(key, value): &(Text, Scalar)| match value {
            Scalar::String(text) => format!("{key} {text:?}"),
            other => format!("{key} {}", other.to_text()),
        };
        let parameters: Vec<_> = action.parameters.iter().map(show).collect();
        assert_eq!(format!("{} [{}]", action.type_name, parameters.join(", ")), expected);
        assert_eq!(action.kind, ActionKind::from_type(&action.type_name));
    }
}

#[test]
fn data_is_merged_over_paths() {
    let config = |kind: &str, value: &str| {
        format!(
            r#"{{"rules_data":[{{"id":"d","type":"{kind}_with_expiration","data":[{{"value":"{value}"}}]}}]}}"#
        )
    };
    let rules = format!(r#"{{"rules":[{}]}}"#, rule("r", r#""type":"t""#, ""));
    let mut content = content(&[&rules, &config("data", "1.1.1.1"), &config("ip", "2.2.2.2")]);
    let contains = |content: &Content, value: &[u8]| match content
        .compile()
        .expect("a rule")
        .rules_data
        .get(&b"d"[..])
    {
        Some(Data::Exact(set)) => Some(set.contains(value, 0)),
        Some(Data::Ip(set)) => Some(set.lookup(bartizan_text::net::parse_ip(value).expect("an address"), 0)),
        None => None,
    };
    assert_eq!((contains(&content, b"1.1.1.1"), contains(&content, b"2.2.2.2")), (Some(true), Some(true)));
    let shared = content.compile().expect("a rule");
    assert!(
        update(&mut content, "1", r#"{"rules_data":[{"id":"e","type":"ip_with_expiration","data":[]}]}"#)
            .accepted
    );
    assert_eq!((contains(&content, b"1.1.1.1"), contains(&content, b"2.2.2.2")), (Some(false), Some(true)));
    // An id keeps the kind it had first, and is empty rather than gone.
    assert!(matches!(content.compile().expect("a rule").rules_data.get(&b"d"[..]), Some(Data::Exact(_))));
    assert!(matches!(shared.rules_data.get(&b"d"[..]), Some(Data::Exact(_))));
    assert!(content.remove(b"2"));
    assert_eq!(contains(&content, b"2.2.2.2"), Some(false));
    assert!(content.compile().expect("a rule").exclusion_data.is_empty());
}

#[test]
fn conditions_carry_what_was_configured() {
    let config = r#"{"rules":[{"id":"r","name":"n","tags":{"type":"t"},"transformers":["keys_only","lowercase"],"conditions":[
        {"operator":"match_regex@v2","parameters":{"regex":"x","options":{"min_length":2},"inputs":[
            {"address":"a","key_path":["k",-1]},{"address":"b","transformers":["urlDecode"]},{"address":"c"}]}},
        {"operator":"greater_equal","parameters":{"type":"signed","value":5,"inputs":[{"address":"a"}]}},
        {"operator":"!ip_match","parameters":{"data":"d","inputs":[{"address":"a"}]}},
        {"operator":"ssrf_detector","parameters":{"resource":[{"address":"u"}],"params":[{"address":"a"}],
            "options":{"path-inspection":true}}}],
        "output":{"attributes":{"x":{"value":7,"address":"ignored"},"y":{"address":"z","key_path":["",0]}}}}]}"#;
    let ruleset = compile(&[config]);
    let rule = &ruleset.rules[0].rule;
    let [scalar, alias, negated, detector] = rule.conditions.as_slice() else { panic!("four conditions") };
    let Condition::Scalar { operator, matcher: Matcher::Regex(regex), inputs } = scalar else {
        panic!("not a regex: {scalar:?}")
    };
    assert_eq!(
        (operator, regex.min_length, regex.pattern.case_sensitive),
        (&Text::from("match_regex"), 2, false)
    );
    let shape: Vec<_> = inputs.iter().map(|input| (input.transformers.len(), input.source)).collect();
    // The third input looks where the second one does.
    assert_eq!(shape, [(1, DataSource::Keys), (1, DataSource::Values), (1, DataSource::Values)]);
    assert_eq!(inputs[0].key_path, [PathItem::Key("k".into()), PathItem::Index(-1)]);
    assert_eq!(inputs[1].transformers[0].name(), "url_decode");
    assert!(matches!(
        alias,
        Condition::Negated { operator, matcher: Matcher::LowerThan(Number::Signed(5)), input }
            if **operator == *b"greater_equal" && input.source == DataSource::Keys
    ));
    assert!(matches!(negated, Condition::Negated { matcher: Matcher::Data(id), .. } if **id == *b"d"));
    let Condition::Detector { detector: Detector::Ssrf(options), .. } = detector else {
        panic!("{detector:?}")
    };
    assert!(options.inspection.path_inspection && options.inspection.authority_inspection);
    let [x, y] = rule.output.attributes.as_slice() else { panic!("two attributes") };
    assert_eq!(x.value, AttributeValue::Static(Scalar::Unsigned(7)));
    assert!(matches!(&y.value, AttributeValue::Address { key_path, .. } if key_path.len() == 2));
}

#[test]
fn known_addresses_and_actions_are_those_in_use() {
    let config = format!(
        r#"{{"actions":[{{"id":"log","type":"log","parameters":{{}}}}],
        "rules":[{{"id":"r","name":"n","tags":{{"type":"t"}},"on_match":["block","log","undefined"],
            "conditions":[{{"operator":"sqli_detector","parameters":{{"resource":[{{"address":"sql"}}],"params":[{{"address":"body"}}],"db_type":[{{"address":"db"}}]}}}}],
            "output":{{"attributes":{{"x":{{"address":"attribute"}}}}}}}},
            {off}],
        "exclusions":[{{"id":"1",{CONDITIONS},"on_match":"stack_trace"}},{{"id":"2","inputs":[{{"address":"hidden"}},{{"address":"body"}}]}}],
        "processors":[{{"id":"p","generator":"jwt_decode","parameters":{{"mappings":[{{"inputs":[{{"address":"header"}}],"output":"unread"}}]}}}}]}}"#,
        off = rule("off", r#""type":"t""#, r#","enabled":false,"on_match":["extract_schema"]"#)
    );
    let ruleset = compile(&[&config]);
    let names: Vec<_> =
        ruleset.known_addresses().into_iter().map(|id| ruleset.addresses.name(id).to_string()).collect();
    assert_eq!(names, ["attribute", "db", "body", "sql", "hidden", "a", "header"]);
    let actions: Vec<_> = ruleset.known_actions().iter().map(ToString::to_string).collect();
    assert_eq!(actions, ["block_request", "log", "generate_stack"]);
}

#[test]
fn known_addresses_of_a_rule_come_from_the_last_to_the_first() {
    let rule = |id: &str, addresses: &[&str]| {
        let inputs: Vec<_> = addresses.iter().map(|a| format!(r#"{{"address":"{a}"}}"#)).collect();
        format!(
            r#"{{"id":"{id}","name":"n","tags":{{"type":"t"}},"conditions":[
            {{"operator":"match_regex","parameters":{{"inputs":[{}],"regex":"x"}}}}]}}"#,
            inputs.join(",")
        )
    };
    for (rules, want) in [
        (alloc::vec![rule("1", &["a", "b", "c", "d"])], alloc::vec!["d", "c", "b", "a"]),
        (alloc::vec![rule("1", &["a", "b", "a"])], alloc::vec!["b", "a"]),
        (alloc::vec![rule("1", &["a"]), rule("2", &["b"]), rule("3", &["c"])], alloc::vec!["a", "b", "c"]),
        (alloc::vec![rule("1", &["a", "b"]), rule("2", &["b", "c"])], alloc::vec!["a", "c", "b"]),
    ] {
        let ruleset = compile(&[&format!(r#"{{"rules":[{}]}}"#, rules.join(","))]);
        let names: Vec<_> =
            ruleset.known_addresses().into_iter().map(|id| ruleset.addresses.name(id).to_string()).collect();
        assert_eq!(names, want);
    }
}

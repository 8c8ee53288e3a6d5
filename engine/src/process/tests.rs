//! Processors as a request meets them: a configuration, calls, and the attributes that come out.

use crate::{Builder, Call, Context, Instance};
use alloc::format;
use alloc::string::String;
use bartizan_object::{AllocRef, Input, Owned, json};

fn object(text: &str) -> Owned {
    json::parse(text.as_bytes(), AllocRef::global()).expect("the test's own JSON")
}

/// An instance of these processors and one rule, which matches when `attack` is there.
fn instance(processors: &str, scanners: &str) -> Instance {
    let config = format!(
        r#"{{"rules":[{{"id":"r","name":"r","tags":{{"type":"t"}},"output":{{"attributes":
            {{"o":{{"value":"rule"}}}}}},"conditions":[{{"operator":"exists",
            "parameters":{{"inputs":[{{"address":"attack"}}]}}}}]}}],
            "processors":[{processors}],"scanners":[{scanners}]}}"#
    );
    let mut builder = Builder::new();
    assert!(builder.update(b"test", &object(&config)).accepted);
    builder.build().expect("there is a rule")
}

/// A processor with one mapping to `o`, without conditions, that puts out an attribute after the rules.
fn processor(generator: &str, arguments: &str, more: &str) -> String {
    format!(
        r#"{{"id":"{generator}","generator":"{generator}","evaluate":false,"output":true,
            "parameters":{{"mappings":[{{{arguments},"output":"o"}}],"scanners":[{{"tags":{{}}}},{{"id":"s"}}]}}{more}}}"#
    )
}

fn inputs(address: &str) -> String {
    format!(r#""inputs":[{{"address":"{address}"}}]"#)
}

/// The attributes of one call, quotes left out.
fn attributes(context: &mut Context, data: &str) -> String {
    let mut outcome = context.eval(Input::from(object(data)), &Call::default()).expect("a map");
    let result = outcome.to_object(AllocRef::global()).expect("memory");
    format!("{:?}", result.get(b"attributes").expect("always there")).replace('"', "")
}

#[test]
fn schemas() {
    let instance = instance(&processor("extract_schema", &inputs("a"), ""), "");
    let many = |count: usize| {
        let entries: alloc::vec::Vec<_> = (0..count).map(|i| format!(r#""{i}":1"#)).collect();
        format!("{{{}}}", entries.join(","))
    };
    let nested = |levels: usize, open: &str, close: &str| open.repeat(levels) + &close.repeat(levels);
    let cases = [
        (r#"[null,true,1,-1,1.5,"s",{},[]]"#.into(), "[[[[],{len:0}],[{}],[8],[16],[4],[2],[1]],{len:8}]"),
        (r#"{"b":1,"":2,"a":[],"b":"s"}"#.into(), "[{a:[[],{len:0}],b:[4]}]"),
        // Order does not tell schemas apart; keys, lengths and items do. Shown is the order of tables.
        (
            r#"[{"a":1,"b":"s"},{"b":"","a":-1},{"a":"","b":""},[1,""],["",1],[1,1],["",""],[1]]"#.into(),
            "[[[[[4]],{len:1}],[[[8]],{len:2}],[[[4]],{len:2}],[[[8],[4]],{len:2}],[{b:[8],a:[8]}],\
             [{b:[8],a:[4]}]],{len:8}]",
        ),
        (
            r#"[{"k":[{"x":1},{"y":1}]},{"k":[{"y":2},{"x":2}]},{"k":[{"x":1},{"x":1}]}]"#.into(),
            "[[[{k:[[[{x:[4]}]],{len:2}]}],[{k:[[[{y:[4]}],[{x:[4]}]],{len:2}]}]],{len:3}]",
        ),
        ("[1,1,1,1,1,1,1,1,1,1]".into(), "[[[4]],{len:10}]"),
        (r#"[1,1,1,1,1,1,1,1,1,1,""]"#.into(), "[[[4]],{len:11,truncated:true}]"),
        // The eighteenth level is there, but nothing is in it.
        (nested(17, "[", "]"), &(nested(16, "[[", "],{len:1}]").replacen("],", "[[],{len:0}]],", 1))),
        (nested(20, "[", "]"), &(nested(17, "[[", "],{len:1}]").replacen("],", "[[],{len:1}]],", 1))),
        (
            nested(20, r#"{"k":"#, "}").replace(":}", ":{}}"),
            &(nested(17, "[{k:", "}]").replacen("k:}", "k:[{}]}", 1)),
        ),
    ];
    for (value, wanted) in cases {
        let got = attributes(&mut instance.context(), &format!(r#"{{"a":{value}}}"#));
        assert_eq!(got, format!("{{o:{wanted}}}"), "{value}");
    }
    let got = attributes(&mut instance.context(), &format!(r#"{{"a":[{},{}]}}"#, many(255), many(256)));
    assert_eq!(got.matches(",{truncated:true}").count(), 1);
    assert_eq!((got.matches("254:[4]").count(), got.matches("255:[4]").count()), (2, 0));
}

#[test]
fn the_first_scanner_that_accepts_key_and_value_gives_its_tags() {
    let scanner = |id: &str, tags: &str, key: &str, value: &str| {
        let side = |name: &str, regex: &str| match regex {
            "" => String::new(),
            _ => format!(r#","{name}":{{"operator":"match_regex","parameters":{{"regex":"{regex}"}}}}"#),
        };
        format!(r#"{{"id":"{id}","tags":{{{tags}}}{}{}}}"#, side("key", key), side("value", value))
    };
    let scanners = [
        scanner("s", r#""t":"mail","c":"pii""#, "mail|user", "@"),
        scanner("s2", r#""c":"pii","t":"mail""#, "", "^x@"),
        scanner("s3", "", "plain", ""),
        scanner("s4", r#""t":"last""#, "", "@"),
    ]
    .join(",");
    let config = processor("extract_schema", &inputs("a"), "");
    let all = config.replace(r#"{"tags":{}}"#, r#"{"id":"s2"},{"id":"s3"},{"id":"s4"}"#);
    let instance = instance(&all, &scanners);
    let cases = [
        (r#"{"email":"a@b"}"#, "[{email:[8,{t:mail,c:pii}]}]"),
        (r#"{"k":{"user":[["a@b"],"x"]}}"#, "[{k:[{user:[[[8],[[[8,{t:mail,c:pii}]],{len:1}]],{len:2}]}]}]"),
        (r#"{"plain":"a@b","k":"a@b","mail":1}"#, "[{mail:[4],k:[8,{t:last}],plain:[8]}]"),
        // Letters outside of ASCII may fold into it.
        (r#"{"uſer":"a@b"}"#, "[{uſer:[8,{t:mail,c:pii}]}]"),
        // Equal tags make equal schemas; at the root there is no key.
        (r#"{"mail":["a@b","x@y"]}"#, "[{mail:[[[8,{t:mail,c:pii}]],{len:2}]}]"),
        (r#""a@b""#, "[8,{t:last}]"),
    ];
    for (value, wanted) in cases {
        let got = attributes(&mut instance.context(), &format!(r#"{{"a":{value}}}"#));
        assert_eq!(got, format!("{{o:{wanted}}}"), "{value}");
    }
}

#[test]
fn conditions_once_true_stay_true() {
    let condition = |operator: &str, parameters: &str, input: &str| {
        format!(r#"{{"operator":"{operator}","parameters":{{{parameters}"inputs":[{input}]}}}}"#)
    };
    let go = |value: &str| format!(r#"{{"address":"go"{value}}}"#);
    // Each with data that does not do and data that does.
    let cases = [
        (condition("exists", "", &go(r#","key_path":["k"]"#)), r#"{"go":{"j":1}}"#, r#"{"go":{"k":null}}"#),
        (condition("!exists", "", &go(r#","key_path":["k"]"#)), r#"{"x":1}"#, r#"{"go":1}"#),
        (
            condition("equals", r#""type":"boolean","value":true,"#, &go(r#","key_path":["k"]"#)),
            r#"{"go":{"k":"true"}}"#,
            r#"{"go":{"k":[false,true]}}"#,
        ),
        (
            condition(
                "match_regex",
                r#""regex":"^ab$","options":{"case_sensitive":true},"#,
                &go(r#","transformers":["keys_only","lowercase"]"#),
            ),
            r#"{"go":{"abc":"ab"}}"#,
            r#"{"go":[{"x":{"AB":1}}]}"#,
        ),
        (condition("!match_regex", r#""regex":"x","#, &go("")), r#"{"go":["y","x"]}"#, r#"{"go":["y",1]}"#),
        (condition("!match_regex", r#""regex":"x","#, &go("")), r#"{"go":[1]}"#, r#"{"go":"y"}"#),
        (
            condition("!match_regex", r#""regex":"x","#, &go(r#","transformers":["keys_only"]"#)),
            r#"{"go":[{"y":1}]}"#,
            r#"{"go":{"y":1}}"#,
        ),
        (
            String::from(
                r#"{"operator":"lfi_detector","parameters":{"resource":[{"address":"go"}],
                "params":[{"address":"p"}]}}"#,
            ),
            r#"{"go":"/x/y","p":"../../etc"}"#,
            r#"{"go":"/x/../../etc","p":"../../etc"}"#,
        ),
    ];
    let uri = r#"{"uri":"a:"}"#;
    for (condition, not, does) in cases {
        let more = format!(r#","conditions":[{condition}]"#);
        let instance = instance(&processor("uri_parse", &inputs("uri"), &more), "");
        let mut late = instance.context();
        assert_eq!(attributes(&mut late, not), "{}", "{condition}");
        assert_eq!(attributes(&mut late, uri), "{}", "{condition}");
        let mut early = instance.context();
        assert_eq!(attributes(&mut early, does), "{}", "{condition}");
        assert_eq!(attributes(&mut early, not), "{}", "{condition}");
        assert!(attributes(&mut early, uri).starts_with("{o:"), "{condition}");
        assert!(attributes(&mut late, does).starts_with("{o:"), "{condition}");
    }
    // Data that is named in a processor is never there.
    let absent = condition("exact_match", r#""data":"absent","#, &go(""));
    let more = format!(r#","conditions":[{absent}]"#);
    let never = instance(&processor("uri_parse", &inputs("uri"), &more), "");
    assert_eq!(attributes(&mut never.context(), r#"{"uri":"a:","go":"x"}"#), "{}");
}

#[test]
fn outputs_are_made_once() {
    let network = processor("http_network_fingerprint", r#""headers":[{"address":"h"}]"#, "");
    let instance = instance(&network, "");
    let mut context = instance.context();
    assert_eq!(attributes(&mut context, r#"{"h":"not a map"}"#), "{}");
    let mut before = context.subcontext();
    assert_eq!(attributes(&mut context, r#"{"h":{},"attack":1}"#), "{o:net-0-0000000000}");
    assert_eq!(attributes(&mut context, r#"{"h":{"x-real-ip":"1"}}"#), "{}");
    assert_eq!(attributes(&mut context.subcontext(), r#"{"h":{"x-real-ip":"1"}}"#), "{}");
    assert_eq!(attributes(&mut before, r#"{"h":{"x-real-ip":"1"}}"#), "{o:net-1-0100000000}");
    assert_eq!(attributes(&mut instance.context(), r#"{"h":{},"o":"given"}"#), "{}");
    // A token that is not there is not looked for again either.
    let token = processor("jwt_decode", r#""inputs":[{"address":"h","key_path":["a",0]}]"#, "");
    let instance = self::instance(&token, "");
    let header = r#"{"h":{"a":["Bearer e30.e30."]}}"#;
    assert!(attributes(&mut instance.context(), header).starts_with("{o:{header:{},"));
    let mut context = instance.context();
    assert_eq!(attributes(&mut context, r#"{"h":{}}"#), "{}");
    assert_eq!(attributes(&mut context, header), "{}");
}

#[test]
fn optional_arguments_are_waited_for() {
    let endpoint = r#""method":[{"address":"m"}],"uri_raw":[{"address":"u"}],"query":[{"address":"q"}],
        "body":[{"address":"b"}]"#;
    let instance = instance(&processor("http_endpoint_fingerprint", endpoint, ""), "");
    let mut context = instance.context();
    assert_eq!(attributes(&mut context, r#"{"m":"GET","q":{}}"#), "{}");
    assert_eq!(attributes(&mut context, r#"{"u":"/","o":"given"}"#), "{o:http-get-8a5edab2--}");
    assert_eq!(attributes(&mut context, r#"{"b":"text"}"#), "{}");
    assert_eq!(attributes(&mut context, r#"{"b":{"k":1},"m":"PUT"}"#), "{o:http-get-8a5edab2--8254c329}");
    assert_eq!(attributes(&mut context, r#"{"b":{"j":1}}"#), "{}");
}

#[test]
fn what_is_evaluated_is_an_address_and_what_is_output_wins() {
    let network = processor("http_network_fingerprint", r#""headers":[{"address":"h"}]"#, "");
    let header = processor("http_header_fingerprint", r#""headers":[{"address":"h"}]"#, "")
        .replace(r#""output":"o""#, r#""output":"attack""#)
        .replace(r#""evaluate":false,"output":true"#, r#""evaluate":true"#);
    let instance = instance(&format!("{network},{header}"), "");
    // The header fingerprint triggers the rule, whose attribute gives way to the network's.
    assert_eq!(attributes(&mut instance.context(), r#"{"h":{}}"#), "{o:net-0-0000000000}");
    assert_eq!(attributes(&mut instance.context(), r#"{"attack":1}"#), "{o:rule}");
}

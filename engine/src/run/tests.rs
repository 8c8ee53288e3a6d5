//! What a context reports, call by call. The cases are where libddwaf surprises; each was measured.

use super::{Builder, Call};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bartizan_object::{AllocRef, Input, Object, Owned, json};

/// A rule that is true when its address holds the word.
fn rule(id: &str, kind: &str, address: &str, rest: &str) -> String {
    format!(
        r#"{{"id":"{id}","name":"n","tags":{{"type":"{kind}"}},"conditions":[{{"operator":"exact_match",
           "parameters":{{"list":["x"],"inputs":[{{"address":"{address}"}}]}}}}]{rest}}}"#
    )
}

fn parse(text: &str) -> Owned {
    json::parse(text.as_bytes(), AllocRef::global()).expect("JSON")
}

/// Calls of one context, `!` before the data of those without time. For each the ids of its events, then
/// how many batches were evaluated, and `timeout` if there was one.
fn calls(config: &str, data: &[&str]) -> Vec<String> {
    let mut builder = Builder::new();
    assert!(builder.update(b"p", &parse(config)).accepted, "{config}");
    let mut context = builder.build().expect("something to run").context();
    let mut said = Vec::new();
    for text in data {
        let (budget, text) = match text.strip_prefix('!') {
            Some(text) => (0, text),
            None => (u64::MAX, *text),
        };
        let call = Call { budget, ..Call::default() };
        let mut outcome = context.eval(Input::from(parse(text)), &call).expect("a map");
        let result = outcome.to_object(AllocRef::global()).expect("memory");
        let mut words: Vec<String> = Vec::new();
        for event in result.get(b"events").and_then(Object::as_array).into_iter().flatten() {
            let id = event.get(b"rule").and_then(|rule| rule.get(b"id")).and_then(Object::as_bytes);
            words.push(String::from_utf8_lossy(id.unwrap_or_default()).into_owned());
        }
        words.push(format!("{:?}", result.get(b"evaluated").expect("always there")));
        if outcome.timed_out() {
            words.push("timeout".to_string());
        }
        said.push(words.join(" "));
    }
    said
}

#[test]
fn rules_without_a_type_form_a_collection_that_must_not_be_the_first() {
    let typed = rule("t", "t", "a", "");
    let untyped = format!("{},{}", rule("u", "", "b", ""), rule("v", "", "c", ""));
    let data = [r#"{"a":"x","b":"x"}"#, r#"{"c":"x"}"#];
    // Rules of users come first, so here the type stands before the rules without one.
    let config = format!(r#"{{"custom_rules":[{typed}],"rules":[{untyped}]}}"#);
    assert_eq!(calls(&config, &data), ["t u 1", "1"]);
    let config = format!(r#"{{"rules":[{typed}],"custom_rules":[{untyped}]}}"#);
    assert_eq!(calls(&config, &data), ["t 1", "1"]);
    // Where no rule has a type there are no collections.
    assert_eq!(calls(&format!(r#"{{"rules":[{untyped}]}}"#), &data), ["u 1", "v 1"]);
}

#[test]
fn time_is_missed_where_there_is_something_to_ask() {
    let config = format!(r#"{{"rules":[{}]}}"#, rule("t", "t", "a", ""));
    let (hit, miss) = (r#"{"a":"x"}"#, r#"!{"a":"x"}"#);
    assert_eq!(calls(&config, &[miss, hit, miss]), ["0 timeout", "t 1", "1 timeout"]);
    assert_eq!(calls(&config, &["!{}"]), ["1 timeout"]);
    let config = format!(
        r#"{{"rules":[{}]}}"#,
        rule("t", "t", "a", "").replace("\"type\"", "\"module\":\"rasp\",\"type\"")
    );
    assert_eq!(calls(&config, &[hit, miss]), ["t 1", "0 timeout"]);
}

#[test]
fn an_empty_name_is_no_address() {
    let config = r#"{"processors":[{"id":"p","generator":"session_fingerprint","evaluate":false,"output":true,
        "parameters":{"mappings":[{"cookies":[{"address":""}],"session_id":[{"address":""}],
        "user_id":[{"address":"u"}],"output":"o"}]}}]}"#;
    let attributes = |data: &str| {
        let mut builder = Builder::new();
        assert!(builder.update(b"p", &parse(config)).accepted);
        let mut context = builder.build().expect("a processor").context();
        context.eval(Input::from(parse(data)), &Call::default()).expect("a map").is_match()
    };
    assert!(!attributes(r#"{"":"x"}"#));
    assert!(attributes(r#"{"u":"x"}"#));
}

#[test]
fn input_filters_by_address_and_by_path() {
    let event = |path: &str, inputs: &str, data: &str| {
        let rule =
            rule("r", "t", "a", "").replace(r#"{"address":"a"}"#, &format!(r#"{{"address":"a"{path}}}"#));
        let config = format!(r#"{{"rules":[{rule}],"exclusions":[{{"id":"f","inputs":[{inputs}]}}]}}"#);
        calls(&config, &[data]) == ["r 1"]
    };
    let all = r#"{"address":"a"}"#;
    let below = |path: &str| format!(r#"{{"address":"a","key_path":[{path}]}}"#);
    assert!(!event("", all, r#"{"a":{"k":"x"}}"#));
    // With a path, the address alone says nothing, in either order.
    assert!(event("", &format!("{all},{}", below("\"z\"")), r#"{"a":{"k":"x"}}"#));
    assert!(event("", &format!("{},{all}", below("\"z\"")), r#"{"a":{"k":"x"}}"#));
    assert!(!event("", &format!("{},{all}", below("\"k\"")), r#"{"a":{"k":"x"}}"#));
    // Repeated keys are all followed.
    assert!(!event("", &below("\"k\""), r#"{"a":{"k":"y","k":"x"}}"#));
    // What one path hides another does not search.
    let inputs = format!("{},{}", below("\"*\",\"k\""), below("\"*\""));
    assert!(event(r#","key_path":[0]"#, &inputs, r#"{"a":[{"k":"x"}]}"#));
    // What a rule's path takes from an array is not hidden by itself, but with what is around it.
    let at = |path: &str| format!(r#","key_path":[{path}]"#);
    assert!(event(&at("1"), &below("\"*\""), r#"{"a":["y","x"]}"#));
    assert!(event(&at("-1,\"k\""), &below("\"*\""), r#"{"a":[{"k":"x"}]}"#));
    assert!(!event(&at("\"k\""), &below("\"*\""), r#"{"a":{"k":"x"}}"#));
    assert!(!event(&at("\"k\",0"), &below("\"k\""), r#"{"a":{"k":["x"]}}"#));
    assert!(event(&at("\"k\",0"), &below("\"k\",\"*\""), r#"{"a":{"k":["x"]}}"#));
    assert!(!event("", &below("\"*\""), r#"{"a":["y","x"]}"#));
}

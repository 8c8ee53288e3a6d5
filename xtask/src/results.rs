//! What came out of a door, and what there is to compare in it. A line is `{"id":…,"results":[…]}`: for each
//! run of a request the result document, or `null` where nothing matched.

use serde_json::Value;
use std::collections::BTreeSet;

/// Names whose values differ from run to run by their nature.
const VOLATILE: [&str; 3] = ["\"duration\":", "\"stack_id\":", "\"security_response_id\":"];

/// A result as it was written, with ids and durations blanked and not a byte else changed.
pub(crate) fn blanked(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((at, name)) = VOLATILE.iter().filter_map(|n| Some((rest.find(n)?, *n))).min() {
        let value = at + name.len();
        out.push_str(&rest[..value]);
        rest = &rest[value..];
        let scalar = rest.find([',', '}']).unwrap_or(rest.len());
        out.push('_');
        rest = &rest[scalar..];
    }
    out.push_str(rest);
    out
}

/// Events and whether the request is to be blocked.
pub(crate) fn verdict(line: &str) -> (usize, bool) {
    let (mut events, mut blocked) = (0, false);
    for result in documents(line) {
        events += list(&result["events"]).count();
        blocked |= ["block_request", "redirect_request"].iter().any(|a| result["actions"].get(a).is_some());
    }
    (events, blocked)
}

/// Each match of a result as rule id, address, key path and highlight: what two engines must agree on.
pub(crate) fn matches(line: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for event in events(line) {
        let id = &event["rule"]["id"];
        for (at, condition) in list(&event["rule_matches"]).enumerate() {
            for parameter in list(&condition["parameters"]) {
                let what = match parameter.get("address") {
                    Some(address) => format!("{address} {}", parameter["key_path"]),
                    // A detector's parameters stand under their roles.
                    None => parameter
                        .as_object()
                        .into_iter()
                        .flatten()
                        .filter(|(_, v)| v.is_object())
                        .map(|(role, v)| format!("{role}: {} {}", v["address"], v["key_path"]))
                        .collect::<Vec<_>>()
                        .join(", "),
                };
                found.insert(format!("{id} condition {at}: {what} {}", parameter["highlight"]));
            }
        }
    }
    found
}

/// The types of the rules that matched: what stays fixed when any of several rules of a type may be named.
pub(crate) fn types(line: &str) -> BTreeSet<String> {
    events(line).map(|event| event["rule"]["tags"]["type"].to_string()).collect()
}

fn documents(line: &str) -> Vec<Value> {
    let mut line: Value = serde_json::from_str(line).unwrap_or(Value::Null);
    line.get_mut("results").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default()
}

fn events(line: &str) -> impl Iterator<Item = Value> {
    let take = |mut result: Value| {
        result.get_mut("events").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default()
    };
    documents(line).into_iter().flat_map(take)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The rules with a type of its own for each, so that every match is reported.
pub(crate) fn typed(rules: &str) -> serde_json::Result<String> {
    let mut document: Value = serde_json::from_str(rules)?;
    for section in ["rules", "rules_compat", "custom_rules"] {
        for rule in document.get_mut(section).and_then(Value::as_array_mut).into_iter().flatten() {
            let own = Value::from(format!("type-of-{}", rule["id"].as_str().unwrap_or("?")));
            if let Some(tags) = rule.get_mut("tags").and_then(Value::as_object_mut) {
                tags.insert("type".to_owned(), own);
            }
        }
    }
    serde_json::to_string(&document)
}

#[cfg(test)]
mod tests {
    use super::{blanked, matches, typed, types, verdict};

    const RESULT: &str = r#"{"id":"1","results":[null,{"events":[{"rule":{"id":"r1","tags":{"type":"xss"}},"rule_matches":[{"operator":"match_regex","parameters":[{"address":"a","key_path":["k",0],"value":"v","highlight":["h"]}]}],"security_response_id":"0f-1"}],"actions":{"block_request":{"security_response_id":"0f-1"}},"duration":523,"timeout":false}]}"#;

    #[test]
    fn only_ids_and_durations_are_blanked() {
        let other = RESULT.replace("0f-1", "77-9").replace("523", "4");
        assert_eq!(blanked(RESULT), blanked(&other));
        assert_ne!(blanked(RESULT), blanked(&other.replace("\"v\"", "\"w\"")));
        assert_ne!(blanked(RESULT), blanked(&other.replace("\"a\",", "\"a\", ")));
        assert_eq!(blanked("null"), "null");
        assert_eq!(blanked("{\"duration\":1}"), "{\"duration\":_}");
    }

    #[test]
    fn results_are_read() {
        assert_eq!(verdict(RESULT), (1, true));
        assert_eq!(verdict("{\"id\":\"1\",\"results\":[null]}"), (0, false));
        assert_eq!(
            matches(RESULT).into_iter().collect::<Vec<_>>(),
            [r#""r1" condition 0: "a" ["k",0] ["h"]"#]
        );
        assert_eq!(types(RESULT).into_iter().collect::<Vec<_>>(), [r#""xss""#]);
    }

    #[test]
    fn every_rule_gets_its_type() {
        let rules = r#"{"version":"2.2","rules":[{"id":"a","tags":{"type":"x","c":"d"}},{"id":"b","tags":{"type":"x"}}],"custom_rules":[{"id":"c","tags":{}}]}"#;
        let want = r#"{"version":"2.2","rules":[{"id":"a","tags":{"type":"type-of-a","c":"d"}},{"id":"b","tags":{"type":"type-of-b"}}],"custom_rules":[{"id":"c","tags":{"type":"type-of-c"}}]}"#;
        assert_eq!(typed(rules).expect("valid"), want);
    }
}

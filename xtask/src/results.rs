//! What came out of a door, and what there is to compare in it. A line stands for a run of a request: the
//! result document, or `null` where nothing matched.

use serde_json::Value;
use std::collections::BTreeSet;

/// Names whose values differ from run to run by their nature.
const VOLATILE: [&str; 3] = ["\"duration\":", "\"stack_id\":", "\"security_response_id\":"];

/// A result as it was written, with ids and durations blanked and not a byte else lost.
pub(crate) fn blanked(line: &[u8]) -> String {
    let exact = std::str::from_utf8(line).map_or_else(|_| line.escape_ascii().to_string(), str::to_owned);
    let mut out = String::with_capacity(exact.len());
    let mut rest = exact.as_str();
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
pub(crate) fn verdict(line: &[u8]) -> (usize, bool) {
    let result = document(line);
    let blocked = ["block_request", "redirect_request"].iter().any(|a| result["actions"].get(a).is_some());
    (list(&result["events"]).count(), blocked)
}

/// Each match of a result as rule id, address, key path and highlight: what two engines must agree on.
pub(crate) fn matches(line: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for event in list(&document(line)["events"]) {
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
pub(crate) fn types(line: &[u8]) -> BTreeSet<String> {
    list(&document(line)["events"]).map(|event| event["rule"]["tags"]["type"].to_string()).collect()
}

fn document(line: &[u8]) -> Value {
    serde_json::from_str(&String::from_utf8_lossy(line)).unwrap_or(Value::Null)
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

    const RESULT: &str = r#"{"events":[{"rule":{"id":"r1","tags":{"type":"xss"}},"rule_matches":[{"operator":"match_regex","parameters":[{"address":"a","key_path":["k",0],"value":"v","highlight":["h"]}]}],"security_response_id":"0f-1"}],"actions":{"block_request":{"security_response_id":"0f-1"}},"duration":523,"timeout":false}"#;

    #[test]
    fn only_ids_and_durations_are_blanked() {
        let result = blanked(RESULT.as_bytes());
        let other = RESULT.replace("0f-1", "77-9").replace("523", "4");
        assert_eq!(result, blanked(other.as_bytes()));
        assert_ne!(result, blanked(other.replace("\"v\"", "\"w\"").as_bytes()));
        assert_ne!(result, blanked(other.replace("\"a\",", "\"a\", ").as_bytes()));
        assert_eq!(blanked(b"null"), "null");
        assert_eq!(blanked(b"{\"duration\":1}"), "{\"duration\":_}");
        assert_ne!(blanked(b"\xff"), blanked(b"\xfe"));
    }

    #[test]
    fn results_are_read() {
        let result = RESULT.as_bytes();
        assert_eq!(verdict(result), (1, true));
        assert_eq!(verdict(b"null"), (0, false));
        assert_eq!(
            matches(result).into_iter().collect::<Vec<_>>(),
            [r#""r1" condition 0: "a" ["k",0] ["h"]"#]
        );
        assert_eq!(types(result).into_iter().collect::<Vec<_>>(), [r#""xss""#]);
    }

    #[test]
    fn every_rule_gets_its_type() {
        let rules = r#"{"version":"2.2","rules":[{"id":"a","tags":{"type":"x","c":"d"}},{"id":"b","tags":{"type":"x"}}],"custom_rules":[{"id":"c","tags":{}}]}"#;
        let want = r#"{"version":"2.2","rules":[{"id":"a","tags":{"type":"type-of-a","c":"d"}},{"id":"b","tags":{"type":"type-of-b"}}],"custom_rules":[{"id":"c","tags":{"type":"type-of-c"}}]}"#;
        assert_eq!(typed(rules).expect("valid"), want);
    }
}

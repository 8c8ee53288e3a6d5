//! What two libraries gave, held against each other part by part.
//!
//! An answer falls into named parts (`code`, `event r1`, `attribute x`, `rules/failed`, …), so that what
//! has no order is compared as a set, and a difference says where it is.

use crate::case::{Case, Step};
use crate::value::{Text, Value, text, texts};
use std::collections::{BTreeMap, BTreeSet};

/// A part of a step's answer that is not the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) step: usize,
    pub(crate) part: String,
    pub(crate) theirs: Option<Value>,
    pub(crate) ours: Option<Value>,
}

/// All differences between two plays of a case.
pub(crate) fn differences(case: &Case, theirs: &[Value], ours: &[Value]) -> Vec<Difference> {
    let mut found = Vec::new();
    for (step, (kind, (theirs, ours))) in case.steps.iter().zip(theirs.iter().zip(ours)).enumerate() {
        if theirs == ours {
            continue;
        }
        let (mut theirs, mut ours) = (parts(kind, theirs), parts(kind, ours));
        let names: BTreeSet<String> = theirs.keys().chain(ours.keys()).cloned().collect();
        for part in names {
            let (theirs, ours) = (theirs.remove(&part), ours.remove(&part));
            if theirs != ours {
                found.push(Difference { step, part, theirs, ours });
            }
        }
    }
    found
}

type Parts = BTreeMap<String, Value>;

fn parts(step: &Step, answer: &Value) -> Parts {
    let mut parts = Parts::new();
    for (key, value) in answer.entries() {
        let key = String::from_utf8_lossy(&key.bytes);
        match &*key {
            "addresses" | "actions" | "paths" => {
                parts.insert(key.into_owned(), sorted(value));
            }
            "diagnostics" => diagnostics(value, &mut parts),
            "result" => result(value, &mut parts),
            _ => {
                parts.insert(key.into_owned(), value.clone());
            }
        }
    }
    // Only what was taken says in which order its sections stand.
    debug_assert!(!matches!(step, Step::Open { .. }) || parts.is_empty());
    parts
}

fn sorted(list: &Value) -> Value {
    let mut items = list.items().to_vec();
    items.sort_by_key(order);
    Value::Array(items)
}

/// Any total order.
fn order(value: &Value) -> String {
    value.to_json().to_string()
}

/// Inserts under the first free of `name`, `name #2`, ….
fn insert(parts: &mut Parts, name: String, value: Value) {
    let mut key = name.clone();
    let mut count = 1;
    while parts.contains_key(&key) {
        count += 1;
        key = format!("{name} #{count}");
    }
    parts.insert(key, value);
}

fn diagnostics(value: &Value, parts: &mut Parts) {
    let names: Vec<_> = value.entries().iter().map(|(key, _)| &key.bytes).collect();
    if matches!(value, Value::Map(_)) {
        parts.insert("sections".into(), texts(names));
    } else {
        parts.insert("diagnostics".into(), value.clone());
    }
    for (name, section) in value.entries() {
        let name = String::from_utf8_lossy(&name.bytes).into_owned();
        let Value::Map(members) = section else {
            insert(parts, name, section.clone());
            continue;
        };
        insert(parts, format!("{name}/members"), texts(members.iter().map(|(key, _)| &key.bytes)));
        for (member, value) in members {
            let member = format!("{name}/{}", String::from_utf8_lossy(&member.bytes));
            match value {
                Value::Map(messages) => {
                    for (message, ids) in messages {
                        let part = format!("{member}/{}", String::from_utf8_lossy(&message.bytes));
                        insert(parts, part, ids.clone());
                    }
                }
                _ => insert(parts, member, value.clone()),
            }
        }
    }
}

fn result(value: &Value, parts: &mut Parts) {
    let mut value = value.clone();
    name_ids(&mut value);
    parts.insert("keys".into(), texts(value.entries().iter().map(|(key, _)| &key.bytes)));
    for (key, value) in value.entries() {
        match &*String::from_utf8_lossy(&key.bytes) {
            "events" => {
                let mut events = value.items().to_vec();
                events.iter_mut().for_each(sort_tags);
                events.sort_by_key(order);
                for event in events {
                    insert(parts, format!("event {}", rule_of(&event)), event);
                }
            }
            "actions" => {
                let mut entries = value.entries().to_vec();
                entries.sort_by_key(|(key, value)| (key.bytes.clone(), order(value)));
                for (key, value) in entries {
                    insert(
                        parts,
                        format!("action {}", String::from_utf8_lossy(&key.bytes)),
                        sort_keys(&value),
                    );
                }
            }
            "attributes" => {
                for (key, value) in value.entries() {
                    let name = format!("attribute {}", String::from_utf8_lossy(&key.bytes));
                    insert(parts, name, sort_schema(value));
                }
            }
            "duration" => {
                parts.insert("duration".into(), Value::Bool(matches!(value, Value::Unsigned(_))));
            }
            other => insert(parts, other.to_owned(), value.clone()),
        }
    }
}

/// Tags have no order.
fn sort_tags(event: &mut Value) {
    let entry = |value: &mut Value, key: &str| match value {
        Value::Map(entries) => entries.iter_mut().position(|(k, _)| k.bytes == key.as_bytes()),
        _ => None,
    };
    let Some(rule) = entry(event, "rule") else { return };
    let Value::Map(event) = event else { return };
    let rule = &mut event[rule].1;
    let Some(tags) = entry(rule, "tags") else { return };
    let Value::Map(rule) = rule else { return };
    rule[tags].1 = sort_keys(&rule[tags].1);
}

/// The id of an event's rule.
pub(crate) fn rule_of(event: &Value) -> String {
    event.get("rule").and_then(|rule| rule.get("id")).map(Value::shown).unwrap_or_default()
}

/// Puts names in the place of generated ids: the same for the same id.
fn name_ids(result: &mut Value) {
    let mut seen: BTreeMap<&str, Vec<Vec<u8>>> = BTreeMap::new();
    rename(result, &mut seen);
}

fn rename(value: &mut Value, seen: &mut BTreeMap<&'static str, Vec<Vec<u8>>>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, seen)),
        Value::Map(entries) => {
            for (key, value) in entries {
                let kind = match key.bytes.as_slice() {
                    b"security_response_id" => "response",
                    b"stack_id" => "stack",
                    _ => {
                        rename(value, seen);
                        continue;
                    }
                };
                let Some(id) = value.as_bytes().filter(|id| is_id(id)) else { continue };
                let known = seen.entry(kind).or_default();
                let at = known.iter().position(|k| k == id).unwrap_or_else(|| {
                    known.push(id.to_vec());
                    known.len() - 1
                });
                *value = text(format!("<{kind} id {}>", at + 1));
            }
        }
        _ => {}
    }
}

/// `xxxxxxxx-xxxx-4xxx-1bxx-xxxxxxxxxxxx`, as both libraries make them.
pub(crate) fn is_id(id: &[u8]) -> bool {
    id.len() == 36
        && id.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            14 => *byte == b'4',
            19 => *byte == b'1',
            20 => *byte == b'b',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

fn sort_keys(value: &Value) -> Value {
    let Value::Map(entries) = value else { return value.clone() };
    let mut entries = entries.clone();
    entries.sort_by(|a, b| a.0.bytes.cmp(&b.0.bytes));
    Value::Map(entries)
}

/// Brings maps and the lists of item types in schemas, `[[…], {"len": …}]`, into one order.
fn sort_schema(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sort_schema).collect();
            if let [Value::Array(types), Value::Map(_)] = items.as_mut_slice() {
                types.sort_by_key(order);
            }
            Value::Array(items)
        }
        Value::Map(entries) => {
            let mut entries: Vec<(Text, Value)> =
                entries.iter().map(|(key, value)| (key.clone(), sort_schema(value))).collect();
            entries.sort_by(|a, b| a.0.bytes.cmp(&b.0.bytes));
            Value::Map(entries)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::differences;
    use crate::case::{Case, Manner, Step};
    use crate::value::{Value, map, text, texts};

    fn parts(theirs: Value, ours: Value) -> Vec<String> {
        let data = Value::Null;
        let step =
            Step::Eval { context: 0, id: 0, data, batches: false, manner: Manner::Lent, timeout_us: 0 };
        let case = Case { feature: String::new(), steps: vec![step] };
        differences(&case, &[theirs], &[ours]).into_iter().map(|d| d.part).collect()
    }

    fn result(events: [&str; 2], ids: [u8; 2]) -> Value {
        let id = |n: u8| text(format!("0000000{n}-0000-4000-1b00-000000000000"));
        let event = |rule: &str, n| map([("rule", map([("id", text(rule))])), ("stack_id", id(n))]);
        let events = Value::Array(vec![event(events[0], ids[0]), event(events[1], ids[0])]);
        let actions = map([("generate_stack", map([("stack_id", id(ids[1]))]))]);
        map([("result", map([("events", events), ("actions", actions)]))])
    }

    #[test]
    fn order_and_fresh_ids_do_not_count_but_which_ids_are_equal_does() {
        assert_eq!(parts(result(["a", "b"], [1, 1]), result(["b", "a"], [2, 2])), [""; 0]);
        assert_eq!(parts(result(["a", "b"], [1, 1]), result(["a", "b"], [1, 2])), ["action generate_stack"]);
        assert_eq!(parts(result(["a", "b"], [1, 1]), result(["a", "a"], [1, 1])), ["event a #2", "event b"]);
    }

    #[test]
    fn diagnostics_differ_by_member() {
        let of = |loaded: &[&str], failed: &[&str]| {
            let errors = map([("missing key 'id'", texts(failed))]);
            map([("diagnostics", map([("rules", map([("loaded", texts(loaded)), ("errors", errors)]))]))])
        };
        assert_eq!(parts(of(&["a"], &["b"]), of(&["a"], &["c"])), ["rules/errors/missing key 'id'"]);
        assert_eq!(parts(of(&["a"], &["b"]), of(&["a", "b"], &["b"])), ["rules/loaded"]);
    }
}

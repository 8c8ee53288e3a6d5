//! Results, long and short.
//!
//! A result in a suite leaves out what can be told from the ruleset and what is as usual: `rule` is the id of
//! a rule whose name, tags and actions are as configured, `matches` are the matches with their single
//! parameter's members beside the operator, what is empty is left out, and so are `evaluated` when it is 1,
//! `keep` when it is whether there are events, and `timeout` when it is false. `ids` names the ids that an
//! event bears. `ok` is a result without anything, and any other word the code of a refusal.

use crate::run::{Manner, plain};
use bartizan_reference::{RESPONSE_ID, STACK_ID, Value};

type Entries = Vec<(Vec<u8>, Value)>;

/// The full answer of an evaluation, from the short one.
pub(crate) fn expand(short: &Value, ruleset: &Value) -> Result<Value, String> {
    let entries = match short {
        Value::Bytes(code) if code == b"ok" => &[][..],
        Value::Bytes(_) => return Ok(Value::map([("code", short.clone())])),
        Value::Map(entries) => entries,
        other => return Err(format!("`want` is a word or a map, not {}", other.to_json())),
    };
    let known: [&[u8]; 6] = [b"events", b"actions", b"attributes", b"keep", b"evaluated", b"timeout"];
    if let Some((key, _)) = entries.iter().find(|(key, _)| !known.contains(&&**key)) {
        return Err(format!("`want` has the unknown key `{}`", String::from_utf8_lossy(key)));
    }
    let get = |key: &str| short.get(key.as_bytes()).cloned();
    let events = get("events").unwrap_or(Value::Array(Vec::new()));
    let events: Vec<Value> = match events {
        Value::Array(events) => events.iter().map(|event| long(event, ruleset)).collect::<Result<_, _>>()?,
        other => return Err(format!("`events` is a list, not {}", other.to_json())),
    };
    let actions = get("actions").unwrap_or(Value::Map(Vec::new()));
    let attributes = get("attributes").unwrap_or(Value::Map(Vec::new()));
    let is_empty = |map: &Value| map.as_map().is_some_and(<[_]>::is_empty);
    let matches = !events.is_empty() || !is_empty(&actions) || !is_empty(&attributes);
    let keep = get("keep").unwrap_or(Value::Bool(!events.is_empty()));
    let result = Value::map([
        ("events", Value::Array(events)),
        ("actions", actions),
        ("timeout", get("timeout").unwrap_or(Value::Bool(false))),
        ("attributes", attributes),
        ("keep", keep),
        ("evaluated", get("evaluated").unwrap_or(Value::Unsigned(1))),
    ]);
    Ok(Value::map([("code", Value::from(if matches { "match" } else { "ok" })), ("result", result)]))
}

/// The short answer, from the full one.
pub(crate) fn shorten(full: &Value, ruleset: &Value) -> Value {
    let Some(result) = full.get(b"result") else { return full.get(b"code").cloned().unwrap_or(Value::Null) };
    let member = |key: &str| result.get(key.as_bytes()).cloned().unwrap_or(Value::Null);
    let mut short: Entries = Vec::new();
    let events = result.get(b"events").and_then(Value::as_array).unwrap_or_default();
    if !events.is_empty() {
        let events = events.iter().map(|event| shorten_event(event, ruleset)).collect();
        short.push(("events".into(), Value::Array(events)));
    }
    for key in ["actions", "attributes"] {
        if member(key).as_map().is_some_and(|map| !map.is_empty()) {
            short.push((key.into(), member(key)));
        }
    }
    let usual = [
        ("keep", Value::Bool(!events.is_empty())),
        ("evaluated", Value::Unsigned(1)),
        ("timeout", Value::Bool(false)),
    ];
    for (key, usual) in usual {
        if member(key) != usual {
            short.push((key.into(), member(key)));
        }
    }
    if short.is_empty() { Value::from("ok") } else { Value::Map(short) }
}

/// Equal but for the order of keys.
fn same(a: &Value, b: &Value) -> bool {
    plain(a, Manner::default()) == plain(b, Manner::default())
}

fn shorten_event(event: &Value, ruleset: &Value) -> Value {
    let rule = event.get(b"rule").cloned().unwrap_or(Value::Null);
    let id = rule.get(b"id").cloned().unwrap_or(Value::Null);
    let mut short: Entries = Vec::new();
    let is_as_configured = configured(&id, ruleset).is_some_and(|configured| same(&configured, &rule));
    short.push(("rule".into(), if is_as_configured { id } else { rule }));
    let matches = event.get(b"rule_matches").and_then(Value::as_array).unwrap_or_default();
    short.push(("matches".into(), Value::Array(matches.iter().map(shorten_match).collect())));
    let ids: Vec<Value> =
        [STACK, RESPONSE].into_iter().filter(|id| event.get(id).is_some()).map(Value::bytes).collect();
    if !ids.is_empty() {
        short.push(("ids".into(), Value::Array(ids)));
    }
    Value::Map(short)
}

const STACK: &[u8] = b"stack_id";
const RESPONSE: &[u8] = b"security_response_id";

fn long(event: &Value, ruleset: &Value) -> Result<Value, String> {
    let entries = event.as_map().ok_or("an event is a map")?;
    let known: [&[u8]; 3] = [b"rule", b"matches", b"ids"];
    if let Some((key, _)) = entries.iter().find(|(key, _)| !known.contains(&&**key)) {
        return Err(format!("an event has the unknown key `{}`", String::from_utf8_lossy(key)));
    }
    let rule = match event.get(b"rule").ok_or("an event has no `rule`")? {
        id @ Value::Bytes(_) => configured(id, ruleset)
            .ok_or_else(|| format!("no rule {} is in the ruleset: write the rule out", id.to_json()))?,
        rule => rule.clone(),
    };
    let matches = event.get(b"matches").and_then(Value::as_array).unwrap_or_default();
    let matches = matches.iter().map(long_match).collect::<Result<_, _>>()?;
    let mut long: Entries = vec![("rule".into(), rule), ("rule_matches".into(), Value::Array(matches))];
    for id in event.get(b"ids").and_then(Value::as_array).unwrap_or_default() {
        match id.as_bytes() {
            Some(STACK) => long.push((STACK.into(), Value::from(STACK_ID))),
            Some(RESPONSE) => long.push((RESPONSE.into(), Value::from(RESPONSE_ID))),
            _ => return Err(format!("{} is no id of an event", id.to_json())),
        }
    }
    Ok(Value::Map(long))
}

/// A rule as an event shows it when nothing changed it.
fn configured(id: &Value, ruleset: &Value) -> Option<Value> {
    let sections = [&b"rules"[..], b"rules_compat", b"custom_rules"];
    let mut rules = sections.iter().filter_map(|section| ruleset.get(section)?.as_array()).flatten();
    let rule = rules.find(|rule| rule.get(b"id") == Some(id))?;
    Some(Value::map([
        ("id", id.clone()),
        ("name", rule.get(b"name")?.clone()),
        ("on_match", rule.get(b"on_match").cloned().unwrap_or(Value::Array(Vec::new()))),
        ("tags", rule.get(b"tags")?.clone()),
    ]))
}

const PARTS: [&str; 3] = ["resource", "params", "db_type"];
const ARGUMENT: [&str; 3] = ["address", "value", "key_path"];

fn shorten_match(found: &Value) -> Value {
    let mut short: Entries = Vec::new();
    let add = |map: Option<&Value>, keys: &[&str], short: &mut Entries| {
        for key in keys {
            match map.and_then(|map| map.get(key.as_bytes())) {
                None => {}
                Some(Value::Bytes(text)) if text.is_empty() => {}
                Some(Value::Array(items)) if items.is_empty() => {}
                Some(value) => short.push(((*key).into(), value.clone())),
            }
        }
    };
    add(Some(found), &["operator", "operator_value"], &mut short);
    let parameter = found.get(b"parameters").and_then(Value::as_array).and_then(<[_]>::first);
    add(parameter, &ARGUMENT, &mut short);
    for part in PARTS {
        if let Some(argument) = parameter.and_then(|parameter| parameter.get(part.as_bytes())) {
            let mut inner = Vec::new();
            add(Some(argument), &ARGUMENT, &mut inner);
            short.push((part.into(), Value::Map(inner)));
        }
    }
    add(parameter, &["highlight"], &mut short);
    Value::Map(short)
}

fn long_match(short: &Value) -> Result<Value, String> {
    let entries = short.as_map().ok_or("a match is a map")?;
    let known = ["operator", "operator_value", "highlight"];
    let is_known =
        |key: &[u8]| known.iter().chain(&ARGUMENT).chain(&PARTS).any(|known| known.as_bytes() == key);
    if let Some((key, _)) = entries.iter().find(|(key, _)| !is_known(key)) {
        return Err(format!("a match has the unknown key `{}`", String::from_utf8_lossy(key)));
    }
    let text = |map: &Value, key: &str| map.get(key.as_bytes()).cloned().unwrap_or(Value::from(""));
    let list = |map: &Value, key: &str| map.get(key.as_bytes()).cloned().unwrap_or(Value::Array(Vec::new()));
    let argument = |map: &Value| -> Entries {
        vec![
            ("address".into(), text(map, "address")),
            ("value".into(), text(map, "value")),
            ("key_path".into(), list(map, "key_path")),
        ]
    };
    let mut parameter: Entries = Vec::new();
    if short.get(b"resource").is_some() {
        for part in PARTS {
            parameter.extend(short.get(part.as_bytes()).map(|map| (part.into(), Value::Map(argument(map)))));
        }
    } else {
        parameter = argument(short);
    }
    parameter.push(("highlight".into(), list(short, "highlight")));
    Ok(Value::map([
        ("operator", text(short, "operator")),
        ("operator_value", text(short, "operator_value")),
        ("parameters", Value::Array(vec![Value::Map(parameter)])),
    ]))
}

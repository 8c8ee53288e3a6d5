//! Rulesets as suites write them: long or short.
//!
//! `ruleset: {…}` is a configuration as it is. `rules: […]` are rules of which only what matters is written:
//! `id`, `name` and `tags` are made up where they are missing, and a condition may be
//! `{ match_regex: { inputs: [a], regex: x } }`, where a text stands for an input of that address.
//! `condition: {…}` and `conditions: […]` are one such rule. `with: {…}` adds sections: to the rules beside it, or
//! in a case without rules of its own to the ruleset of its suite.

use crate::fields::Fields;
use bartizan_reference::Value;
use bartizan_reference::portable::decode;

/// Arguments whose items are inputs.
const ARGUMENTS: [&[u8]; 4] = [b"inputs", b"resource", b"params", b"db_type"];

/// What the keys of a suite, or of a case in a suite that has a ruleset, say of its ruleset.
pub(crate) fn ruleset(fields: &mut Fields, shared: Option<&Value>) -> Result<Option<Value>, String> {
    if let Some(ruleset) = fields.take("ruleset") {
        return decode(&ruleset).map(Some);
    }
    let rules = match (fields.list("rules")?, fields.take("condition"), fields.list("conditions")?) {
        (Some(rules), None, None) => rules,
        (None, Some(condition), None) => vec![Value::map([("conditions", Value::Array(vec![condition]))])],
        (None, None, Some(conditions)) => vec![Value::map([("conditions", Value::Array(conditions))])],
        (None, None, None) => Vec::new(),
        _ => return Err(fields.error("one of `rules`, `condition` and `conditions` is enough")),
    };
    let with = fields.map("with")?.unwrap_or_default();
    if rules.is_empty() && with.is_empty() {
        return Ok(shared.cloned());
    }
    let mut sections = match shared.filter(|_| rules.is_empty()).and_then(Value::as_map) {
        Some(shared) => shared.to_vec(),
        None => vec![("version".into(), Value::from("2.2"))],
    };
    if !rules.is_empty() {
        let rules = rules.into_iter().enumerate().map(|(at, value)| rule(at + 1, value));
        sections.push(("rules".into(), Value::Array(rules.collect::<Result<_, _>>()?)));
    }
    for (name, mut section) in with {
        if let (true, Value::Array(items)) = (has_conditions(&name), &mut section) {
            for (at, item) in items.iter_mut().enumerate() {
                *item = if name == b"custom_rules" || name == b"rules_compat" {
                    rule(at + 1, item.clone())?
                } else {
                    with_conditions(item.clone())?
                };
            }
        }
        sections.retain(|(known, _)| *known != name);
        sections.push((name, decode(&section)?));
    }
    Ok(Some(Value::Map(sections)))
}

fn has_conditions(section: &[u8]) -> bool {
    matches!(section, b"custom_rules" | b"rules_compat" | b"exclusions" | b"processors")
}

/// Writes out what a rule leaves to be guessed.
fn rule(number: usize, value: Value) -> Result<Value, String> {
    let Value::Map(entries) = with_conditions(value)? else { return Err("a rule is a map".into()) };
    let has = |key: &[u8]| entries.iter().any(|(name, _)| name == key);
    let id = match entries.iter().find(|(name, _)| name == b"id") {
        Some((_, Value::Bytes(id))) => String::from_utf8_lossy(id).into_owned(),
        _ => format!("r{number}"),
    };
    let mut rule: Vec<(Vec<u8>, Value)> = Vec::new();
    if !has(b"id") {
        rule.push(("id".into(), Value::from(&*id)));
    }
    if !has(b"name") {
        rule.push(("name".into(), Value::from(&*format!("Rule {id}"))));
    }
    if !has(b"tags") {
        rule.push(("tags".into(), Value::map([("type", Value::from(&*format!("type of {id}")))])));
    }
    rule.extend(entries);
    decode(&Value::Map(rule))
}

/// Writes out the conditions of a rule, filter or processor.
fn with_conditions(value: Value) -> Result<Value, String> {
    let Value::Map(mut entries) = value else { return Err("a map is needed".into()) };
    for (key, value) in &mut entries {
        if let (b"conditions", Value::Array(items)) = (&**key, &mut *value) {
            *items = items.iter().map(condition).collect::<Result<_, _>>()?;
        }
    }
    Ok(Value::Map(entries))
}

fn condition(value: &Value) -> Result<Value, String> {
    let entries = value.as_map().ok_or("a condition is a map")?;
    let [(operator, Value::Map(parameters))] = entries else { return Ok(value.clone()) };
    let parameter = |(name, value): &(Vec<u8>, Value)| match value {
        Value::Array(items) if ARGUMENTS.contains(&&**name) => {
            (name.clone(), Value::Array(items.iter().map(input).collect()))
        }
        value => (name.clone(), value.clone()),
    };
    Ok(Value::map([
        ("operator", Value::bytes(operator)),
        ("parameters", Value::Map(parameters.iter().map(parameter).collect())),
    ]))
}

fn input(value: &Value) -> Value {
    match value {
        Value::Bytes(_) => Value::map([("address", value.clone())]),
        value => value.clone(),
    }
}

//! What a test asks for, and whether it got that.

use super::door::Door;
use crate::compare::{is_id, rule_of};
use crate::value::Value;

/// Runs a test in a context of its own.
pub(crate) fn test<D: Door>(door: &mut D, test: &Value, ruleset: &Value) -> Result<(), String> {
    let mut context = door.context()?;
    let outcome = runs(door, &mut context, test, ruleset);
    door.close(context)?;
    outcome
}

fn runs<D: Door>(
    door: &mut D,
    context: &mut D::Context,
    test: &Value,
    ruleset: &Value,
) -> Result<(), String> {
    for (number, step) in test.get("runs").map(Value::items).unwrap_or_default().iter().enumerate() {
        let outcome = match step {
            Value::Array(runs) => {
                let mut sub = door.subcontext(context)?;
                let outcome = runs.iter().try_for_each(|step| run(door, &mut sub, step, ruleset, true));
                door.close(sub)?;
                outcome
            }
            step => run(door, context, step, ruleset, false),
        };
        outcome.map_err(|e| format!("run {}: {e}", number + 1))?;
    }
    Ok(())
}

fn run<D: Door>(
    door: &mut D,
    context: &mut D::Context,
    step: &Value,
    ruleset: &Value,
    in_subcontext: bool,
) -> Result<(), String> {
    let input = step.get("input").ok_or("a run without input")?;
    let (code, result) = door.eval(context, input)?;
    let wanted = step.get("code").map(Value::shown).unwrap_or_default();
    let code = match code {
        0 => "ok",
        1 => "match",
        _ => return Err(format!("return code {code}")),
    };
    if !wanted.is_empty() && wanted != code {
        return Err(format!("the code is {code}, not {wanted}: {}", result.to_json()));
    }
    if in_subcontext && code != "match" {
        return Ok(());
    }
    events(step, &result, ruleset)?;
    for part in ["actions", "attributes"] {
        if let Some(wanted) = step.get(part)
            && !result.get(part).is_some_and(|got| is_like(wanted, got))
        {
            let got = result.get(part).map(Value::to_json);
            return Err(format!("{part}: wanted {}, got {got:?}", wanted.to_json()));
        }
    }
    Ok(())
}

/// As many events as the list of rules is long, and in it the rule of each event.
fn events(step: &Value, result: &Value, ruleset: &Value) -> Result<(), String> {
    let rules = step.get("rules").map(Value::items).unwrap_or_default();
    let events = result.get("events").map(Value::items).unwrap_or_default();
    if rules.len() != events.len() {
        let ids: Vec<_> = events.iter().map(rule_of).collect();
        return Err(format!("events of {ids:?}, {} expected", rules.len()));
    }
    for event in events {
        let id = rule_of(event);
        let conditions = rules.iter().find_map(|rules| rules.get(&id)).ok_or(format!("an event of {id}"))?;
        let rule = definition(ruleset, &id).ok_or(format!("no rule {id} in the ruleset"))?;
        described(event, rule).map_err(|e| format!("rule {id}: {e}"))?;
        let matches = event.get("rule_matches").map(Value::items).unwrap_or_default();
        let defined = rule.get("conditions").map(Value::items).unwrap_or_default();
        if matches.len() != conditions.items().len() || matches.len() != defined.len() {
            return Err(format!("rule {id}: {} conditions matched", matches.len()));
        }
        for ((expected, got), defined) in conditions.items().iter().zip(matches).zip(defined) {
            condition(expected, got, defined).map_err(|e| format!("rule {id}: {e}"))?;
        }
    }
    Ok(())
}

fn definition<'r>(ruleset: &'r Value, id: &str) -> Option<&'r Value> {
    ["rules", "rules_compat", "custom_rules"]
        .iter()
        .flat_map(|section| ruleset.get(section).map(Value::items).unwrap_or_default())
        .find(|rule| rule.get("id").map(printed).as_deref() == Some(id))
}

/// Name, tags and actions as the ruleset defines them.
fn described(event: &Value, rule: &Value) -> Result<(), String> {
    let shown = event.get("rule").ok_or("an event without rule")?;
    let tag =
        |of: &Value, name: &str| of.get("tags").and_then(|t| t.get(name)).map(printed).unwrap_or_default();
    if shown.get("name").map(printed) != rule.get("name").map(printed) {
        return Err("another name".to_owned());
    }
    for name in ["type", "category"] {
        if tag(shown, name) != tag(rule, name) {
            return Err(format!("another {name}"));
        }
    }
    let ids = |of: &Value| -> Vec<String> {
        of.get("on_match").map(Value::items).unwrap_or_default().iter().map(printed).collect()
    };
    // A filter may have put `monitor` in.
    let (got, wanted) = (ids(shown), ids(rule));
    if got != wanted && got != ["monitor"] && !wanted.is_empty() {
        return Err(format!("on_match is {got:?}"));
    }
    Ok(())
}

/// Operator, and of each argument what the test names.
fn condition(expected: &Value, got: &Value, defined: &Value) -> Result<(), String> {
    let operator = defined.get("operator").map(Value::shown).unwrap_or_default();
    let operator = operator.split('@').next().unwrap_or_default();
    if got.get("operator").map(Value::shown).as_deref() != Some(operator) {
        return Err(format!("another operator than {operator}"));
    }
    let regex = defined.get("parameters").and_then(|p| p.get("regex")).map(printed);
    if let Some(regex) = regex
        && got.get("operator_value").map(Value::shown) != Some(regex)
    {
        return Err("another operator value".to_owned());
    }
    let parameter = got
        .get("parameters")
        .map(Value::items)
        .unwrap_or_default()
        .first()
        .ok_or("a match without parameters")?;
    let argument = |expected: &Value, got: &Value| -> Result<(), String> {
        for part in ["address", "value"] {
            if let Some(wanted) = expected.get(part)
                && got.get(part).map(printed).as_ref() != Some(&printed(wanted))
            {
                let got = got.get(part).map(Value::to_json);
                return Err(format!("{part}: wanted {}, got {got:?}", wanted.to_json()));
            }
        }
        let path = |of: &Value| -> Option<Vec<String>> {
            of.get("key_path").map(|path| path.items().iter().map(printed).collect())
        };
        if path(expected).is_some_and(|wanted| path(got) != Some(wanted)) {
            let (wanted, got) = (path(expected), path(got));
            return Err(format!("key_path: wanted {wanted:?}, got {got:?}"));
        }
        Ok(())
    };
    if expected.get("address").is_some() || expected.get("value").is_some() {
        return argument(expected, parameter);
    }
    for (name, expected) in expected.entries() {
        let name = String::from_utf8_lossy(&name.bytes);
        argument(expected, parameter.get(&name).ok_or(format!("no argument {name}"))?)?;
    }
    Ok(())
}

/// A scalar as text, as events show it.
fn printed(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Signed(value) => value.to_string(),
        Value::Unsigned(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        other => other.shown(),
    }
}

const ID: &str = "regex:^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-1b[a-f0-9]{2}-[a-f0-9]{12}$";

/// Deep equality without order of keys. The only pattern in use is that of ids.
fn is_like(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::String(pattern), got) if pattern.bytes == ID.as_bytes() => {
            got.as_bytes().is_some_and(|id| is_id(&id.to_ascii_lowercase()))
        }
        (Value::String(pattern), _) if pattern.bytes.starts_with(b"regex:") => false,
        // An empty list in YAML stands for an empty map too.
        (Value::Array(items), Value::Map(entries)) => items.is_empty() && entries.is_empty(),
        (Value::Null, Value::Map(entries)) => entries.is_empty(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_like(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, wanted)| {
                    b.iter().any(|(other, got)| other.bytes == key.bytes && is_like(wanted, got))
                })
        }
        (Value::Unsigned(a), Value::Signed(b)) | (Value::Signed(b), Value::Unsigned(a)) => {
            i64::try_from(*a) == Ok(*b)
        }
        (Value::Float(a), Value::Float(b)) => (a - b).abs() < 1e-9,
        // Where the library gives a string, a number without quotes stands for its digits.
        (wanted @ (Value::Unsigned(_) | Value::Signed(_)), Value::String(_)) => {
            printed(wanted) == got.shown()
        }
        (wanted, got) => wanted == got,
    }
}

#[cfg(test)]
mod tests {
    use super::{ID, is_like};
    use crate::value::{Value, map, text, texts};

    #[test]
    fn expectations_are_met_or_not() {
        let id = text("01234567-89ab-4def-1b23-456789abcdef");
        for (wanted, got, like) in [
            (text(ID), id.clone(), true),
            (text(ID), text("x"), false),
            (text("regex:.*"), text("x"), false),
            (map([("a", Value::Null), ("b", text("x"))]), map([("b", text("x")), ("a", Value::Null)]), true),
            (map([("a", text("x"))]), map([("a", text("x")), ("b", text("y"))]), false),
            (texts(["a", "b"]), texts(["b", "a"]), false),
            (Value::Array(Vec::new()), Value::Map(Vec::new()), true),
            (Value::Unsigned(5), Value::Signed(5), true),
            (Value::Unsigned(1), Value::Bool(true), false),
        ] {
            assert_eq!(is_like(&wanted, &got), like, "{wanted:?} {got:?}");
        }
    }
}

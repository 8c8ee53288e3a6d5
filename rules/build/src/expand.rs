//! The few shorthands of a pack: shared inputs and conditions, regexes in pieces, rules in series.

use crate::value::Value;

/// What `shared` holds: lists with names, to be used by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared {
    pub(crate) inputs: Vec<(String, Value)>,
    pub(crate) conditions: Vec<(String, Value)>,
}

fn named<'a>(entries: &'a [(String, Value)], kind: &str, name: &str) -> Result<&'a [Value], String> {
    let found = entries.iter().find(|(k, _)| k == name).and_then(|(_, v)| v.as_array());
    found.ok_or_else(|| format!("no shared {kind} named `{name}`"))
}

/// The conditions of a rule, with shared ones spliced in where a name stands.
pub(crate) fn conditions(items: Vec<Value>, shared: &Shared) -> Result<Vec<Value>, String> {
    let mut out = Vec::new();
    for item in items {
        match item {
            Value::String(name) => {
                for condition in named(&shared.conditions, "condition", &name)? {
                    out.push(one_condition(condition.clone(), shared)?);
                }
            }
            other => out.push(one_condition(other, shared)?),
        }
    }
    Ok(out)
}

fn one_condition(condition: Value, shared: &Shared) -> Result<Value, String> {
    let Value::Map(mut entries) = condition else { return Err("a condition is not a map".into()) };
    for (key, value) in &mut entries {
        match key.as_str() {
            "operator" => {}
            "parameters" => {
                let Value::Map(parameters) = value else { return Err("`parameters` is not a map".into()) };
                for (name, parameter) in parameters {
                    one_parameter(name, parameter, shared)?;
                }
            }
            other => return Err(format!("unknown key `{other}` in a condition")),
        }
    }
    Ok(Value::Map(entries))
}

fn one_parameter(name: &str, parameter: &mut Value, shared: &Shared) -> Result<(), String> {
    let expanded = match (name, &*parameter) {
        ("inputs" | "params" | "resource" | "db_type", Value::String(list)) => {
            Value::Array(named(&shared.inputs, "inputs", list)?.to_vec())
        }
        ("regex", Value::Array(pieces)) => {
            let pieces: Option<Vec<&str>> = pieces.iter().map(Value::as_str).collect();
            let pieces = pieces.ok_or("a piece of `regex` is not a text")?;
            Value::String(format!("(?:{})", pieces.join("|")))
        }
        _ => return Ok(()),
    };
    *parameter = expanded;
    Ok(())
}

/// The rules that one entry stands for: itself, or one for each value of `for_each`, whose name in
/// braces is replaced everywhere.
pub(crate) fn series(rule: Value) -> Result<Vec<Value>, String> {
    let Value::Map(mut entries) = rule else { return Err("a rule is not a map".into()) };
    let Some(at) = entries.iter().position(|(k, _)| k == "for_each") else {
        return Ok(vec![Value::Map(entries)]);
    };
    let (_, for_each) = entries.remove(at);
    let (name, values) = match for_each {
        Value::Map(mut variables) if variables.len() == 1 => variables.remove(0),
        _ => return Err("`for_each` is not a map of one name".into()),
    };
    let Value::Array(values) = values else { return Err("the values of `for_each` are not a list".into()) };
    let (rule, mark) = (Value::Map(entries), format!("{{{name}}}"));
    let one = |value: &Value| match value {
        Value::String(text) => Ok(rule.map_text(&|s: &str| s.replace(&mark, text))),
        _ => Err("a value of `for_each` is not a text".into()),
    };
    values.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{Shared, conditions, series};
    use crate::value::Value;

    fn yaml(text: &str) -> Value {
        Value::from_yaml(text).expect("the text is YAML")
    }

    #[test]
    fn names_are_replaced_by_what_they_stand_for() {
        let shared = Shared {
            inputs: vec![("text".into(), yaml("[{address: a}, {address: b}]"))],
            conditions: vec![(
                "post".into(),
                yaml("[{operator: exact_match, parameters: {inputs: text, list: [POST]}}]"),
            )],
        };
        let Value::Array(items) =
            yaml("[post, {operator: match_regex, parameters: {inputs: [{address: c}], regex: [x, 'y+']}}]")
        else {
            unreachable!("it is a list")
        };
        let out = Value::Array(conditions(items, &shared).expect("all names are known"));
        assert!(out.same(&yaml(
            "[{operator: exact_match, parameters: {inputs: [{address: a}, {address: b}], list: [POST]}},
              {operator: match_regex, parameters: {inputs: [{address: c}], regex: '(?:x|y+)'}}]"
        )));
        for (unknown, why) in [
            ("[get]", "no shared condition"),
            ("[{operator: x, parameters: {inputs: nothing}}]", "no shared inputs"),
            ("[{operator: x, params: {}}]", "unknown key"),
            ("[5]", "not a map"),
        ] {
            let Value::Array(items) = yaml(unknown) else { unreachable!("it is a list") };
            let error = conditions(items, &shared).expect_err(unknown);
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_series_replaces_its_name_in_keys_and_values() {
        let rules = series(yaml("{id: 'x-{f}', for_each: {f: [a, b]}, k: ['{f}', {'{f}': 'a{2}'}]}"))
            .expect("a series");
        assert_eq!(rules.len(), 2);
        assert!(rules[1].same(&yaml("{id: x-b, k: [b, {b: 'a{2}'}]}")));
        assert_eq!(series(yaml("{id: x}")).expect("one").len(), 1);
        assert!(series(yaml("{for_each: {a: [x], b: [y]}}")).is_err());
        assert!(series(yaml("{for_each: {a: [1]}}")).is_err());
    }
}

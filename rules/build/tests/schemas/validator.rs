//! As much of JSON Schema (2020-12) as our schemas use. A keyword that it does not know is a panic: a
//! constraint that nobody checks would be worse than none.

use regex_lite::Regex;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Keywords for people.
const ANNOTATIONS: [&str; 4] = ["$schema", "$defs", "title", "description"];

pub(crate) struct Schema {
    name: String,
    files: HashMap<String, Json>,
}

impl Schema {
    /// The schema of a name, with its neighbours, which it may refer to.
    pub(crate) fn of(dir: &Path, name: &str) -> Self {
        let mut files = HashMap::new();
        for entry in fs::read_dir(dir).expect("the schemas are there") {
            let path = entry.expect("readable").path();
            if path.extension().is_some_and(|e| e == "json") {
                let text = fs::read(&path).expect("readable");
                let file = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
                files.insert(file, serde_json::from_slice(&text).expect("a schema is JSON"));
            }
        }
        Self { name: format!("{name}.schema.json"), files }
    }

    /// The first place at which the document does not hold, if any.
    pub(crate) fn error(&self, document: &Json) -> Option<String> {
        self.check(&self.name, &self.files[&self.name], document, "").err()
    }

    fn check(&self, file: &str, schema: &Json, value: &Json, at: &str) -> Result<(), String> {
        let schema = schema.as_object().expect("a schema is a map");
        let fail = |what: &str| Err(format!("at `{at}`: {what}"));
        for (keyword, rule) in schema {
            let holds = match keyword.as_str() {
                keyword if ANNOTATIONS.contains(&keyword) => true,
                "$ref" => {
                    let (file, schema) = self.referred(file, text(rule));
                    self.check(file, schema, value, at)?;
                    true
                }
                "anyOf" | "oneOf" => {
                    let fits = |schema: &&Json| self.check(file, schema, value, at).is_ok();
                    let count = rule.as_array().expect("a list").iter().filter(fits).count();
                    count == 1 || keyword == "anyOf" && count > 1
                }
                "type" => match rule {
                    Json::Array(types) => types.iter().any(|t| is(value, text(t))),
                    one => is(value, text(one)),
                },
                "enum" => rule.as_array().expect("a list").contains(value),
                "pattern" => value.as_str().is_none_or(|v| matches(text(rule), v)),
                "minLength" => value.as_str().is_none_or(|v| v.chars().count() >= number(rule)),
                "minimum" => value.as_f64().is_none_or(|v| v >= number(rule) as f64),
                "minItems" => value.as_array().is_none_or(|v| v.len() >= number(rule)),
                "maxItems" => value.as_array().is_none_or(|v| v.len() <= number(rule)),
                "minProperties" => value.as_object().is_none_or(|v| v.len() >= number(rule)),
                "maxProperties" => value.as_object().is_none_or(|v| v.len() <= number(rule)),
                "required" => value.as_object().is_none_or(|v| has_all(v, rule)),
                "dependentRequired" => value.as_object().is_none_or(|v| {
                    let mut rules = rule.as_object().expect("a map").iter();
                    rules.all(|(key, needed)| !v.contains_key(key) || has_all(v, needed))
                }),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(file, rule, item, &format!("{at}/{index}"))?;
                    }
                    true
                }
                // These three are one: which of them a property falls under depends on the others.
                "properties" | "patternProperties" | "additionalProperties" => true,
                other => panic!("{file}: the keyword `{other}` is not known"),
            };
            if !holds {
                return fail(keyword);
            }
        }
        for (key, item) in value.as_object().into_iter().flatten() {
            let at = format!("{at}/{key}");
            let named = schema.get("properties").and_then(|p| p.get(key));
            let patterns = schema.get("patternProperties").and_then(Json::as_object).into_iter().flatten();
            let mut rules: Vec<&Json> =
                patterns.filter(|(p, _)| matches(p, key)).map(|(_, rule)| rule).collect();
            rules.extend(named);
            if rules.is_empty() {
                match schema.get("additionalProperties") {
                    Some(Json::Bool(false)) => return Err(format!("at `{at}`: additionalProperties")),
                    Some(rule @ Json::Object(_)) => rules.push(rule),
                    _ => {}
                }
            }
            for rule in rules {
                self.check(file, rule, item, &at)?;
            }
        }
        Ok(())
    }

    fn referred<'a>(&'a self, file: &'a str, reference: &'a str) -> (&'a str, &'a Json) {
        let (name, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let file = if name.is_empty() { file } else { name };
        let whole = self.files.get(file).unwrap_or_else(|| panic!("no schema {file}"));
        (file, whole.pointer(pointer).unwrap_or_else(|| panic!("{file} has no {pointer}")))
    }
}

fn text(rule: &Json) -> &str {
    rule.as_str().expect("a text")
}

fn number(rule: &Json) -> usize {
    usize::try_from(rule.as_u64().expect("a number")).expect("a small number")
}

fn matches(pattern: &str, value: &str) -> bool {
    Regex::new(pattern).expect("a pattern that every dialect has").is_match(value)
}

fn has_all(value: &Map<String, Json>, keys: &Json) -> bool {
    keys.as_array().expect("a list").iter().all(|key| value.contains_key(text(key)))
}

fn is(value: &Json, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type `{other}` is not known"),
    }
}

//! Configurations: every section, small.

use super::condition::{DATA, conditions, key_path, parameters, transformers};
use super::random::Random;
use super::{ADDRESSES, KEYS};
use crate::value::Value;

const TYPES: [&str; 3] = ["t1", "t2", "t3"];
const MODULES: [&str; 7] =
    ["network-acl", "authentication-acl", "custom-acl", "configuration", "business-logic", "rasp", "waf"];
const ACTIONS: [&str; 9] =
    ["block", "stack_trace", "extract_schema", "monitor", "redirect", "deny", "log", "note", "undefined"];

type Entries = Vec<(Vec<u8>, Value)>;

/// A configuration whose ids start with `prefix`, so that those of several paths do not meet.
pub(super) fn config(random: &mut Random, prefix: &str) -> Value {
    let mut sections: Entries = vec![("version".into(), "2.2".into())];
    let mut add = |name: &str, items: Vec<Value>| {
        if !items.is_empty() {
            sections.push((name.into(), Value::Array(items)));
        }
    };
    if random.chance(40) && prefix == "p0" {
        add("actions", actions(random));
    }
    let count = random.between(1, 6);
    // A single type puts all rules into one collection.
    let types = if random.chance(20) { 1 } else { TYPES.len() };
    let mut numbers = 0..;
    let mut rules = |random: &mut Random, count: usize| -> Vec<Value> {
        numbers
            .by_ref()
            .take(count)
            .map(|number: usize| rule(random, prefix, number, &TYPES[..types]))
            .collect()
    };
    let base = rules(random, count);
    add("rules", base);
    if random.chance(10) {
        let more = rules(random, 1);
        add("rules_compat", more);
    }
    if random.chance(30) {
        let count = random.between(1, 3);
        let own = rules(random, count);
        add("custom_rules", own);
    }
    add("rules_data", data(random));
    if random.chance(25) {
        add("rules_override", random.several(1, 2, |random| rule_override(random, prefix)));
    }
    if random.chance(45) {
        let count = random.between(1, 3);
        add("exclusions", (0..count).map(|number| exclusion(random, prefix, number)).collect());
        add("exclusion_data", data(random));
    }
    if random.chance(35) {
        let count = random.between(1, 3);
        add("processors", (0..count).map(|number| processor(random, prefix, number)).collect());
        let count = random.below(3);
        add("scanners", (0..count).map(|number| scanner(random, prefix, number)).collect());
    }
    if random.chance(12) && prefix == "p0" {
        let regexes = ["", "k", "[0-9]", "admin|ask"];
        let mut obfuscator: Entries = Vec::new();
        for side in ["key_regex", "value_regex"] {
            if random.chance(60) {
                obfuscator.push((side.into(), (*random.pick(&regexes)).into()));
            }
        }
        sections.push(("obfuscator".into(), Value::Map(obfuscator)));
    }
    Value::Map(sections)
}

fn actions(random: &mut Random) -> Vec<Value> {
    let action = |id: &str, kind: &str, parameters: Value| {
        Value::map([("id", id.into()), ("type", kind.into()), ("parameters", parameters)])
    };
    let mut actions = vec![
        action("redirect", "redirect_request", Value::map([("location", "/sorry".into())])),
        action(
            "deny",
            "block_request",
            Value::map([("status_code", Value::Unsigned(404)), ("extra", "x".into())]),
        ),
        action("log", "log_it", Value::map([("level", Value::Unsigned(3))])),
        action("note", "log_it", Value::map([])),
    ];
    if random.chance(20) {
        actions.push(action("block", "block_request", Value::map([("type", "html".into())])));
    }
    actions
}

fn rule(random: &mut Random, prefix: &str, number: usize, types: &[&str]) -> Value {
    let id = format!("{prefix}r{number}");
    let mut tags: Entries = vec![("type".into(), (*random.pick(types)).into())];
    if random.chance(4) {
        tags[0].1 = "".into();
    }
    if types.len() > 1 && random.chance(50) {
        tags.push(("module".into(), (*random.pick(&MODULES)).into()));
    }
    if random.chance(30) {
        tags.push(("category".into(), (*random.pick(&["c1", "c2"])).into()));
    }
    let mut rule: Entries = vec![
        ("id".into(), id.as_str().into()),
        ("name".into(), format!("rule {number}").as_str().into()),
        ("tags".into(), Value::Map(tags)),
        ("conditions".into(), conditions(random)),
    ];
    if random.chance(20) {
        rule.push(("transformers".into(), transformers(random)));
    }
    if random.chance(40) {
        let ids = random.several(0, 3, |random| (*random.pick(&ACTIONS)).into());
        rule.push(("on_match".into(), Value::Array(ids)));
    }
    if random.chance(8) {
        rule.push(("enabled".into(), Value::Bool(false)));
    }
    if random.chance(4) {
        rule.push(("min_version".into(), (*random.pick(&["2.1.0", "2.1.1"])).into()));
    }
    if random.chance(25) {
        rule.push(("output".into(), output(random)));
    }
    Value::Map(rule)
}

fn output(random: &mut Random) -> Value {
    let attribute = |random: &mut Random| {
        let name = (*random.pick(&["attr.one", "attr.two", "o1", "o2"])).into();
        let value = match random.below(3) {
            0 => Value::map([(
                "value",
                random.pick(&[Value::from("v"), Value::Unsigned(7), Value::Float(1.5)]).clone(),
            )]),
            _ => {
                let mut from: Entries = vec![("address".into(), (*random.pick(&ADDRESSES)).into())];
                if random.chance(50) {
                    from.push(("key_path".into(), key_path(random)));
                }
                Value::Map(from)
            }
        };
        (name, value)
    };
    let mut output: Entries = vec![("attributes".into(), Value::Map(random.several(1, 2, attribute)))];
    if random.chance(40) {
        output.push(("event".into(), Value::Bool(false)));
    }
    if random.chance(40) {
        output.push(("keep".into(), Value::Bool(false)));
    }
    Value::Map(output)
}

fn data(random: &mut Random) -> Vec<Value> {
    random.several(0, 3, |random| {
        let id = *random.pick(&DATA[..3]);
        let is_ip = id == "ips" || (id == "mixed" && random.chance(50));
        let values: &[&str] = if is_ip {
            &["1.2.3.4", "10.0.0.0/8", "10.1.0.0/16", "2001:db8::1"]
        } else {
            &["x", "admin", "blocked", "k"]
        };
        let entry = |random: &mut Random| {
            let mut entry: Entries = vec![("value".into(), (*random.pick(values)).into())];
            if random.chance(60) {
                entry.push(("expiration".into(), Value::Unsigned(*random.pick(&[0, 4, 5, 6, 10, 15]))));
            }
            Value::Map(entry)
        };
        let kind = if is_ip { "ip_with_expiration" } else { "data_with_expiration" };
        let entries = Value::Array(random.several(1, 4, entry));
        Value::map([("id", id.into()), ("type", kind.into()), ("data", entries)])
    })
}

/// References to rules, some of which lead nowhere.
fn targets(random: &mut Random, prefix: &str) -> Value {
    let by_tags = random.chance(40);
    Value::Array(random.several(1, 3, |random| {
        if by_tags {
            Value::map([("tags", Value::map([("type", (*random.pick(&TYPES)).into())]))])
        } else {
            Value::map([("rule_id", format!("{prefix}r{}", random.below(7)).as_str().into())])
        }
    }))
}

fn rule_override(random: &mut Random, prefix: &str) -> Value {
    let mut change: Entries = vec![("rules_target".into(), targets(random, prefix))];
    match random.below(3) {
        0 => change.push(("enabled".into(), Value::Bool(random.chance(50)))),
        1 => {
            let ids = random.several(0, 2, |random| (*random.pick(&ACTIONS)).into());
            change.push(("on_match".into(), Value::Array(ids)));
        }
        _ => {
            let tags = [("module", (*random.pick(&MODULES)).into()), ("team", "x".into())];
            change.push(("tags".into(), Value::map(tags)));
        }
    }
    Value::Map(change)
}

fn exclusion(random: &mut Random, prefix: &str, number: usize) -> Value {
    let mut filter: Entries = vec![("id".into(), format!("{prefix}f{number}").as_str().into())];
    if random.chance(65) {
        filter.push(("rules_target".into(), targets(random, prefix)));
    }
    if filter.len() == 1 || random.chance(30) {
        filter.push(("conditions".into(), conditions(random)));
    }
    if random.chance(50) {
        filter.push((
            "inputs".into(),
            Value::Array(random.several(1, 2, |random| {
                let address = if random.chance(80) {
                    *random.pick(&["a", "a", "b", "c", "params"])
                } else {
                    *random.pick(&ADDRESSES)
                };
                let mut input: Entries = vec![("address".into(), address.into())];
                if random.chance(80) {
                    let steps = random.several(0, 2, |random| {
                        if random.chance(30) { "*".into() } else { Value::from(*random.pick(&KEYS)) }
                    });
                    input.push(("key_path".into(), Value::Array(steps)));
                }
                Value::Map(input)
            })),
        ));
    } else if random.chance(70) {
        let mode =
            *random.pick(&["bypass", "monitor", "block", "redirect", "log", "undefined", "stack_trace"]);
        filter.push(("on_match".into(), mode.into()));
    }
    Value::Map(filter)
}

fn processor(random: &mut Random, prefix: &str, number: usize) -> Value {
    let (generator, arguments): (&str, &[(&str, &str)]) = *random.pick(&[
        ("extract_schema", &[("inputs", "a")][..]),
        ("extract_schema", &[("inputs", "params")]),
        (
            "http_endpoint_fingerprint",
            &[("method", "method"), ("uri_raw", "uri"), ("query", "a"), ("body", "b")],
        ),
        ("http_header_fingerprint", &[("headers", "headers")]),
        ("http_network_fingerprint", &[("headers", "headers")]),
        ("session_fingerprint", &[("cookies", "headers"), ("session_id", "a"), ("user_id", "b")]),
        ("jwt_decode", &[("inputs", "token")]),
        ("uri_parse", &[("inputs", "uri")]),
    ]);
    let mapping = |random: &mut Random| {
        let mut mapping: Entries = Vec::new();
        for (name, address) in arguments {
            let address = if random.chance(15) { *random.pick(&ADDRESSES) } else { *address };
            let mut input: Entries = vec![("address".into(), address.into())];
            if random.chance(10) {
                input.push(("key_path".into(), key_path(random)));
            }
            mapping.push(((*name).into(), Value::Array(vec![Value::Map(input)])));
        }
        // An output may be what rules look at, and what another processor makes.
        mapping.push(("output".into(), (*random.pick(&["o1", "o2", "a", "attr.one"])).into()));
        Value::Map(mapping)
    };
    let mut inner: Entries = vec![("mappings".into(), Value::Array(random.several(1, 2, mapping)))];
    if generator == "extract_schema" {
        let scanners = random.several(0, 2, |random| {
            if random.chance(50) {
                Value::map([("id", format!("{prefix}s{}", random.below(2)).as_str().into())])
            } else {
                Value::map([("tags", Value::map([("kind", "k1".into())]))])
            }
        });
        inner.push(("scanners".into(), Value::Array(scanners)));
    }
    let evaluate = random.chance(50);
    let mut processor: Entries = vec![
        ("id".into(), format!("{prefix}p{number}").as_str().into()),
        ("generator".into(), generator.into()),
        ("parameters".into(), Value::Map(inner)),
        ("evaluate".into(), Value::Bool(evaluate)),
        ("output".into(), Value::Bool(!evaluate || random.chance(50))),
    ];
    if random.chance(30) {
        processor.push(("conditions".into(), conditions(random)));
    }
    Value::Map(processor)
}

fn scanner(random: &mut Random, prefix: &str, number: usize) -> Value {
    let side = |random: &mut Random| {
        let operator = *random.pick(&["match_regex", "phrase_match", "match_regex_with_checksum", "equals"]);
        let parameters = parameters(random, operator);
        Value::map([("operator", operator.into()), ("parameters", Value::Map(parameters))])
    };
    let tags = Value::map([("kind", (*random.pick(&["k1", "k2"])).into())]);
    let mut scanner: Entries =
        vec![("id".into(), format!("{prefix}s{number}").as_str().into()), ("tags".into(), tags)];
    if random.chance(50) {
        scanner.push(("key".into(), side(random)));
    }
    if scanner.len() == 2 || random.chance(50) {
        scanner.push(("value".into(), side(random)));
    }
    Value::Map(scanner)
}

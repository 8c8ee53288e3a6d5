//! Configurations with something wrong in them: what is said about it, and what is left to work.

use super::ALL;
use crate::case::Step;
use crate::draft::{Draft, noise};
use crate::random::Random;
use crate::value::{Text, Value, map, text, texts};

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let (_, other) = loop {
        let pick = draft.random.choose(&ALL);
        if !matches!(pick.0, "broken" | "builder" | "regex" | "shape") {
            break pick;
        }
    };
    other(draft);
    if draft.chance(15) {
        twice(draft);
    }
    let mut configs: Vec<&mut Value> = draft
        .steps
        .iter_mut()
        .filter_map(|step| match step {
            Step::Config { value, .. } | Step::Init { value } => Some(value),
            _ => None,
        })
        .collect();
    if configs.is_empty() {
        return;
    }
    let at = draft.random.below(configs.len());
    let config = &mut configs[at];
    if draft.random.chance(3)
        && let Value::Map(sections) = config
    {
        // A second obfuscator, where there is one.
        sections.push((Text::new("obfuscator"), map([])));
    }
    for _ in 0..draft.random.choose(&[1, 1, 1, 2, 4]) {
        damage(draft.random, config);
    }
    mend(config);
}

/// Puts an item into a section a second time.
fn twice(draft: &mut Draft<'_>) {
    let random = &mut *draft.random;
    for step in &mut draft.steps {
        if let Step::Config { value: Value::Map(sections), .. } | Step::Init { value: Value::Map(sections) } =
            step
            && !sections.is_empty()
        {
            let at = random.below(sections.len());
            if let Value::Array(items) = &mut sections[at].1
                && let Some(item) = items.last().cloned()
            {
                items.push(item);
            }
            return;
        }
    }
}

/// Changes one place.
pub(crate) fn damage(random: &mut Random, value: &mut Value) {
    if random.chance(40) {
        // Any entry is as likely, however deep.
        let mut count = 0;
        value.visit(&mut |value| count += value.entries().len());
        if count > 0 {
            let mut number = random.below(count);
            spoil(random, value, &mut number);
        }
        return;
    }
    // Down to any depth, so that large items are not hit more often than their sections.
    let go_deeper = random.chance(85);
    match value {
        Value::Array(items) if go_deeper && !items.is_empty() => {
            let at = random.below(items.len());
            damage(random, &mut items[at]);
        }
        Value::Map(entries) if go_deeper && !entries.is_empty() => {
            let at = random.below(entries.len());
            match random.below(16) {
                12.. => match apt(random, &entries[at].0.bytes) {
                    Some(value) => entries[at].1 = value,
                    None => damage(random, &mut entries[at].1),
                },
                0 => {
                    entries.remove(at);
                }
                1 => {
                    let entry = (entries[at].0.clone(), noise(random, 1));
                    entries.insert(random.between(0, entries.len()), entry);
                }
                2 => entries[at].0.bytes.push(b'x'),
                3 => entries.push(extra(random)),
                _ => damage(random, &mut entries[at].1),
            }
        }
        _ => *value = replaced(random, value),
    }
}

/// Gives the entry with the number a value that is wrong for its key; false until it was met.
fn spoil(random: &mut Random, value: &mut Value, number: &mut usize) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().any(|item| spoil(random, item, number)),
        Value::Map(entries) => entries.iter_mut().any(|(key, value)| {
            if *number == 0 {
                *value = apt(random, &key.bytes).unwrap_or_else(|| replaced(random, value));
                return true;
            }
            *number -= 1;
            spoil(random, value, number)
        }),
        _ => false,
    }
}

/// A value that is wrong for its key in particular.
fn apt(random: &mut Random, key: &[u8]) -> Option<Value> {
    let target = |key: &str, value: Value| map([(key, value)]);
    let input = || map([("address", text("a"))]);
    let values: Vec<Value> = match key {
        b"inputs" | b"resource" | b"params" => {
            vec![Value::Array(Vec::new()), Value::Array(vec![input(), input()]), Value::Array(vec![map([])])]
        }
        b"address" => vec![text(""), Value::Unsigned(5)],
        b"key_path" => {
            let odd = vec![Value::Float(1.0), Value::Bool(true), Value::Null, text("k"), text("")];
            vec![Value::Array(Vec::new()), Value::Array(odd), text("k")]
        }
        b"transformers" => vec![texts(["lowercase"; 11]), texts(["no_such"]), texts(["lowercase"; 10])],
        b"min_length" => vec![Value::Signed(-1), text("3"), Value::Float(3.0), Value::Float(3.5), text("x")],
        b"case_sensitive" | b"enforce_word_boundary" | b"enabled" | b"event" | b"keep" | b"evaluate" => {
            vec![text("TRUE"), text("no"), Value::Unsigned(1), Value::Bool(false)]
        }
        b"list" => vec![
            texts([""]),
            Value::Array(vec![Value::Unsigned(5)]),
            Value::Array(Vec::new()),
            texts(["a", "a"]),
        ],
        b"type" => vec![text("x"), text(""), text("unsigned"), Value::Unsigned(5)],
        b"value" => {
            vec![text("x"), Value::Float(0.5), Value::Signed(-1), Value::Null, text("1"), text("true")]
        }
        b"delta" => vec![Value::Unsigned(1), text("0.5"), text("x")],
        b"checksum" => vec![text("x"), Value::Null],
        b"rules_target" => vec![
            Value::Array(vec![map([])]),
            Value::Array(Vec::new()),
            Value::Array(vec![target("rule_id", text("r1")), target("tags", map([("type", text("r1"))]))]),
            Value::Array(vec![target("rule_id", text(""))]),
            Value::Array(vec![target("tags", map([]))]),
        ],
        b"target" => vec![
            Value::Array(vec![target("tags", map([("group", text("g"))]))]),
            Value::Array(Vec::new()),
            Value::Array(vec![map([])]),
        ],
        b"on_match" => vec![text(""), texts([""]), Value::Array(Vec::new()), text("bypass")],
        b"mappings" | b"conditions" => vec![Value::Array(Vec::new()), Value::Array(vec![map([])])],
        b"output" => vec![map([("event", Value::Bool(false))]), map([]), text("x"), Value::Bool(false)],
        b"attributes" => vec![map([("x", map([]))]), map([("", map([("value", text("v"))]))]), map([])],
        b"operator" => vec![
            text("!is_sqli"),
            text("nope"),
            text("!nope"),
            text("match_regex@v5"),
            text("match_regex@vx"),
            text("lfi_detector@v9"),
            text("lfi_detector"),
            text("!exists"),
            text("exact_match@2"),
            text(""),
        ],
        b"regex" => {
            vec![text("("), Value::Unsigned(5), text("a{2000}"), text("(?:a{900}){900}"), Value::Float(1.5)]
        }
        b"generator" => vec![text("nope"), text("jwt_decode"), text("extract_schema")],
        b"scanners" => {
            vec![map([]), map([("include", Value::Array(vec![map([])]))]), Value::Array(vec![map([])])]
        }
        b"parameters" => vec![map([]), map([("data", text("d1"))])],
        b"id" => vec![text(""), Value::Unsigned(5), Value::Float(1.5), Value::Bool(true), Value::Null],
        b"expiration" => vec![Value::Signed(-1), text("x"), Value::Float(1.5), text("5")],
        b"tags" => vec![
            map([]),
            map([("type", Value::Unsigned(5))]),
            map([("type", Value::Null)]),
            map([("x", text("y"))]),
        ],
        b"key_regex" | b"value_regex" => vec![Value::Unsigned(5), text("(")],
        b"version" | b"min_version" | b"max_version" => {
            vec![text("2.1.0"), text("3.0"), Value::Unsigned(2), text("3"), text("1.2.3"), text("2.1.1")]
        }
        _ => return None,
    };
    Some(random.pick(&values).clone())
}

fn extra(random: &mut Random) -> (Text, Value) {
    let versions =
        ["2.1.0", "2.1.1", "1.0.0", "999.999.999", "2.1", "x", "1000.0.0", "2.1.0-rc1", "", "3.0.0-a"];
    match random.below(8) {
        0 => (Text::new("min_version"), text(random.pick(&versions))),
        1 => (Text::new("max_version"), text(random.pick(&versions))),
        2 => (Text::new("enabled"), noise(random, 0)),
        3 => (Text::new("id"), noise(random, 0)),
        4 => (Text::new("transformers"), Value::Array(vec![text("no_such")])),
        5 => (
            Text::new("version"),
            text(random.pick(&["2.2", "1.0", "3.1", "2.", "x", "2", "2.x", " 2.1", "x.1"])),
        ),
        6 => (Text::new("key_path"), Value::Array(vec![text("k"), noise(random, 0)])),
        _ => (Text::new("unknown"), noise(random, 1)),
    }
}

fn replaced(random: &mut Random, value: &Value) -> Value {
    match (random.below(10), value) {
        (0, _) => Value::Array(vec![value.clone()]),
        (1, _) => map([("k", value.clone())]),
        (2, _) => Value::Array(Vec::new()),
        (3, _) => Value::Map(Vec::new()),
        (4, Value::Bool(value)) => text(if *value { "TRUE" } else { "false" }),
        (4, Value::Unsigned(value)) => text(value.to_string()),
        (5, Value::Unsigned(value)) => Value::Float(*value as f64),
        (6, Value::Unsigned(value)) => Value::Signed(*value as i64),
        (4 | 5, Value::String(value)) => {
            let mut bytes = value.bytes.clone();
            bytes.push(random.choose(b"x!@ \0"));
            Value::String(Text::new(bytes))
        }
        (6, Value::String(_)) => text(""),
        _ => noise(random, 1),
    }
}

/// Whether building crashes the genuine library: with a list of data that is empty.
pub(crate) fn crashes(value: &Value) -> bool {
    let mut found = false;
    value.visit(&mut |value| {
        let empty = |(key, value): &(Text, Value)| {
            key.bytes == b"data" && matches!(value, Value::Array(items) if items.is_empty())
        };
        found |= value.entries().iter().any(empty);
    });
    found
}

/// Empty data crashes the genuine library when it builds.
pub(crate) fn mend(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mend),
        Value::Map(entries) => {
            for (key, value) in entries {
                match value {
                    Value::Array(items) if key.bytes == b"data" && items.is_empty() => {
                        items.push(map([("value", text("filler"))]));
                    }
                    _ => mend(value),
                }
            }
        }
        _ => {}
    }
}

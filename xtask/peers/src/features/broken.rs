//! Configurations with something wrong in them: what is said about it, and what is left to work.

use super::ALL;
use crate::case::Step;
use crate::draft::{Draft, noise};
use crate::random::Random;
use crate::value::{Text, Value, map, text};

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
    // Down to any depth, so that large items are not hit more often than their sections.
    let go_deeper = random.chance(85);
    match value {
        Value::Array(items) if go_deeper && !items.is_empty() => {
            let at = random.below(items.len());
            damage(random, &mut items[at]);
        }
        Value::Map(entries) if go_deeper && !entries.is_empty() => {
            let at = random.below(entries.len());
            match random.below(12) {
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

//! Attributes that rules set: given, taken from addresses, and waiting for addresses of later calls.

use crate::draft::{Bait, Draft, noise, path_value};
use crate::value::{Value, map, text};

const SOURCES: [&str; 3] = ["src.one", "src.two", "src.three"];

pub(crate) fn generate(draft: &mut Draft<'_>) {
    for number in 0..draft.random.between(1, 3) {
        let address = draft.address();
        let condition = draft.plain(&address, &format!("w{number}"));
        let mut rule = draft.rule(vec![condition]);
        let mut attributes = Value::Map(Vec::new());
        for at in 0..draft.random.between(1, 3) {
            // Names of one rule, and one that all rules share.
            let name = if draft.chance(15) { "shared".to_owned() } else { format!("t{number}.{at}") };
            let attribute = attribute(draft);
            attributes.put(name, attribute);
        }
        let mut output = map([("attributes", attributes)]);
        if draft.chance(50) {
            output.put("event", Value::Bool(draft.random.chance(40)));
        }
        if draft.chance(50) {
            output.put("keep", Value::Bool(draft.random.chance(50)));
        }
        rule.put("output", output);
        if draft.chance(10) {
            rule.put("on_match", Value::Array(vec![text("block")]));
        }
        let section = if draft.chance(70) { "rules" } else { "custom_rules" };
        draft.add(section, rule);
    }
    draft.build();
    draft.session();
}

fn attribute(draft: &mut Draft<'_>) -> Value {
    if draft.chance(35) {
        let value = match draft.random.below(8) {
            0 => noise(draft.random, 1),
            1 => Value::Bool(true),
            2 => Value::Unsigned(u64::MAX),
            3 => Value::Signed(-5),
            4 => Value::Float(1.5),
            _ => text("a constant"),
        };
        let mut attribute = map([("value", value)]);
        if draft.chance(10) {
            attribute.put("address", text("src.one"));
        }
        return attribute;
    }
    let address = draft.random.choose(&SOURCES);
    let mut attribute = map([("address", text(address))]);
    let path = if draft.chance(50) { draft.path() } else { Vec::new() };
    if !path.is_empty() {
        attribute.put("key_path", path_value(&path));
    }
    for _ in 0..2 {
        let mut value = noise(draft.random, 0);
        match draft.random.below(4) {
            0 => value = Value::Array(vec![value, text("second")]),
            1 => value = noise(draft.random, 2),
            _ => {}
        }
        draft.baits.push(Bait { address: address.into(), path: path.clone(), value, as_key: false });
    }
    attribute
}

//! Sequences of updates, removals and builds under several paths, evaluated in between.

use super::broken;
use crate::case::Step;
use crate::draft::Draft;
use crate::value::{Text, Value, map, text, texts};

const PATHS: [&str; 4] = ["rules/base", "asm/features", "data", "é"];
const PATTERNS: [&[u8]; 8] = [b"", b"^rules", b"/", b"DATA", b"(?i)DATA", b"(", b"x|data", b"\xff"];

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let damaged = draft.chance(12);
    for _ in 0..draft.random.between(2, 8) {
        let path = (draft.random.choose(&PATHS)).to_owned();
        match draft.random.below(10) {
            0 | 1 => draft.steps.push(Step::Remove { path }),
            2 => {
                let pattern = Text::new(draft.random.pick(&PATTERNS));
                draft.steps.push(Step::Paths { pattern });
            }
            _ => {
                let mut value = content(draft);
                if damaged && draft.chance(40) {
                    broken::damage(draft.random, &mut value);
                    broken::mend(&mut value);
                }
                draft.steps.push(Step::Config { path, value });
            }
        }
        if draft.chance(45) {
            draft.steps.push(Step::Build);
            draft.session();
        }
    }
    draft.steps.push(Step::Build);
    draft.session();
}

/// A configuration of some sections; ids are few, so that they meet those of other paths.
fn content(draft: &mut Draft<'_>) -> Value {
    for _ in 0..draft.random.between(1, 3) {
        match draft.random.below(9) {
            0..=3 => {
                let number = draft.random.below(5);
                let id = format!("r{number}");
                let conditions = if draft.chance(20) {
                    let inputs = Value::Array(vec![map([("address", text("a"))])]);
                    let parameters = map([("inputs", inputs), ("data", text("ids"))]);
                    vec![map([("operator", text("exact_match")), ("parameters", parameters)])]
                } else {
                    let address = draft.address();
                    vec![draft.plain(&address, &format!("w{number}"))]
                };
                let mut rule = draft.rule_named(&id, &id.clone(), conditions);
                if draft.chance(30) {
                    rule.put("on_match", texts(["special"]));
                }
                let section = draft.random.choose(&["rules", "rules", "custom_rules"]);
                draft.add(section, rule);
            }
            4 => {
                let kind = draft.random.choose(&["block_request", "mine", "monitor"]);
                let parameters = map([("status_code", Value::Unsigned(405))]);
                let id = draft.random.choose(&["special", "block"]);
                draft.add(
                    "actions",
                    map([("id", text(id)), ("type", text(kind)), ("parameters", parameters)]),
                );
            }
            5 => {
                let word = draft.random.choose(&["w1", "w2", "admin"]);
                let data = Value::Array(vec![map([("value", text(word))])]);
                let item = map([("id", text("ids")), ("type", text("data_with_expiration")), ("data", data)]);
                draft.add("rules_data", item);
            }
            6 => {
                let id = format!("f{}", draft.random.below(2));
                let target = map([("rule_id", text(format!("r{}", draft.random.below(5))))]);
                let mode = draft.random.choose(&["bypass", "monitor"]);
                let item = map([
                    ("id", text(id)),
                    ("rules_target", Value::Array(vec![target])),
                    ("on_match", text(mode)),
                ]);
                draft.add("exclusions", item);
            }
            7 => {
                // Each aims at a rule of its own: of several, which comes last is anybody's guess.
                let number = draft.fresh() % 5;
                let item = map([("id", text(format!("r{number}"))), ("enabled", Value::Bool(false))]);
                draft.add("rules_override", item);
            }
            _ => {
                let mappings = map([
                    ("inputs", Value::Array(vec![map([("address", text("a"))])])),
                    ("output", text("schema")),
                ]);
                let item = map([
                    ("id", text("p")),
                    ("generator", text("extract_schema")),
                    ("parameters", map([("mappings", Value::Array(vec![mappings]))])),
                    ("evaluate", Value::Bool(false)),
                    ("output", Value::Bool(true)),
                ]);
                draft.add("processors", item);
            }
        }
    }
    draft.config()
}

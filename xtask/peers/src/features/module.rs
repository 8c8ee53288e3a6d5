//! Modules and collections: who comes first, who is silenced, who stops the rest.

use crate::draft::Draft;
use crate::value::{Value, map, text, texts};

const MODULES: [&str; 8] = [
    "network-acl",
    "authentication-acl",
    "custom-acl",
    "configuration",
    "business-logic",
    "rasp",
    "waf",
    "unknown",
];

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let types: &[&str] = match draft.random.below(4) {
        0 => &["t"],
        1 => &["", "t"],
        2 => &[""],
        _ => &["t", "u", "s"],
    };
    let mut ranks = Vec::new();
    for number in 0..draft.random.between(2, 7) {
        let module = if draft.chance(50) { "waf" } else { draft.random.choose(&MODULES) };
        let in_waf = matches!(module, "waf" | "unknown");
        let kind = draft.random.choose(types);
        let blocks = draft.chance(40);
        let source = if draft.chance(60) { "rules" } else { "custom_rules" };
        // One rule of each rank: the order of equals is nobody's promise.
        let rank = (if in_waf { kind } else { module }, blocks, source, in_waf);
        if ranks.contains(&rank) {
            continue;
        }
        ranks.push(rank);
        let word = format!("w{number}");
        let address = draft.random.choose(&["a", "b", "c"]);
        let mut conditions = vec![draft.plain(address, &word)];
        if draft.chance(25) {
            let condition = draft.plain("d", "also");
            conditions.push(condition);
        }
        let id = format!("r{number}");
        let mut tags = map([("type", text(kind))]);
        if module != "waf" || draft.chance(50) {
            tags.put("module", text(module));
        }
        let mut rule = map([
            ("id", text(&id)),
            ("name", text(&id)),
            ("tags", tags),
            ("conditions", Value::Array(conditions)),
        ]);
        if blocks {
            rule.put("on_match", texts(["block"]));
        } else if draft.chance(30) {
            rule.put("on_match", texts(["stack_trace"]));
        }
        draft.add(source, rule);
    }
    if draft.chance(25) {
        let item = map([
            ("id", text("filter")),
            ("on_match", text(draft.random.pick(&["monitor", "bypass"]))),
            (
                "rules_target",
                Value::Array(vec![map([("rule_id", text(format!("r{}", draft.random.below(7))))])]),
            ),
        ]);
        draft.add("exclusions", item);
    }
    draft.build();
    draft.session();
    draft.session();
}

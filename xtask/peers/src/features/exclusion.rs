//! Rule filters and input filters, conditional or not, of every mode. Each rule has a twin that no filter
//! aims at, so that what was held back shows.

use crate::draft::{Bait, Draft, KEYS, PathItem, Taste, condition, path_value};
use crate::value::{Text, Value, map, text, texts};

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let rules = draft.random.between(1, 3);
    for number in 1..=rules {
        rule(draft, number);
    }
    if draft.chance(70) {
        actions(draft);
    }
    let mut custom = false;
    for number in 0..draft.random.between(1, 4) {
        let filter = if draft.chance(50) {
            rule_filter(draft, number, rules, &mut custom)
        } else {
            input_filter(draft, number, rules)
        };
        draft.add("exclusions", filter);
    }
    if draft.chance(30) {
        let entry = |value: &str, expiration| map([("value", text(value)), ("expiration", expiration)]);
        let data = Value::Array(vec![
            entry("admin", Value::Unsigned(0)),
            entry("root", Value::Unsigned(1)),
            entry("1.2.3.4", Value::Unsigned(u64::MAX)),
        ]);
        let kind = draft.random.choose(&["data_with_expiration", "ip_with_expiration"]);
        draft.add("exclusion_data", map([("id", text("ids")), ("type", text(kind)), ("data", data)]));
    }
    draft.build();
    draft.session();
}

fn rule(draft: &mut Draft<'_>, number: usize) {
    let taste = Taste {
        operators: &["match_regex", "exact_match", "phrase_match", "equals", "exists", "ip_match", "is_xss"],
        negated: 20,
        transformed: 10,
        with_path: 50,
        on_keys: 10,
        inputs: 2,
        data: &[],
    };
    let conditions: Vec<Value> = (0..draft.random.between(1, 2)).map(|_| condition(draft, &taste)).collect();
    let id = format!("r{number}");
    let mut rule = draft.rule_named(&id, &id.clone(), conditions.clone());
    let twin_id = format!("twin {id}");
    let twin = draft.rule_named(&twin_id, &twin_id.clone(), conditions);
    if draft.chance(40) {
        let ids = draft.random.choose(&[
            &["block"][..],
            &["stack_trace"],
            &["own"],
            &["block", "stack_trace"],
            &["redirect", "own", "undefined"],
            &["monitor"],
        ]);
        rule.put("on_match", texts(ids));
    }
    let source = draft.random.choose(&["rules", "rules", "custom_rules"]);
    draft.add(source, rule);
    draft.add(source, twin);
}

fn actions(draft: &mut Draft<'_>) {
    let action = |id: &str, kind: &str, parameters| {
        map([("id", text(id)), ("type", text(kind)), ("parameters", parameters)])
    };
    draft.add("actions", action("own", "own_type", map([("p", text("v"))])));
    draft.add("actions", action("redirect", "redirect_request", map([("location", text("/x"))])));
    draft.add("actions", action("harder", "block_request", map([("status_code", text("404"))])));
}

fn targets(draft: &mut Draft<'_>, rules: usize) -> Option<Value> {
    if draft.chance(8) {
        return None;
    }
    let target = |draft: &mut Draft<'_>| {
        let id = format!("r{}", draft.random.between(1, rules));
        match draft.random.below(6) {
            0 | 1 => map([("tags", map([("type", text(id))]))]),
            2 => map([("tags", map([("type", text(id)), ("category", text("c"))]))]),
            3 => map([("id", text(id))]),
            _ => map([("rule_id", text(id))]),
        }
    };
    Some(Value::Array((0..draft.random.between(1, 2)).map(|_| target(draft)).collect()))
}

fn conditions(draft: &mut Draft<'_>) -> Value {
    let one = |draft: &mut Draft<'_>| {
        if draft.chance(50) {
            return draft.plain("flag", "on");
        }
        let taste = Taste {
            operators: &["match_regex", "exact_match", "equals", "exists", "ip_match"],
            negated: 25,
            transformed: 10,
            with_path: 20,
            on_keys: 5,
            inputs: 2,
            data: &["ids", "nothing"],
        };
        condition(draft, &taste)
    };
    Value::Array((0..draft.random.between(1, 2)).map(|_| one(draft)).collect())
}

fn rule_filter(draft: &mut Draft<'_>, number: usize, rules: usize, custom: &mut bool) -> Value {
    let mut filter = map([("id", text(format!("f{number}")))]);
    // At most one filter with an action: of several, which one counts is anybody's guess.
    let mode = if !*custom && draft.chance(35) {
        *custom = true;
        draft.random.choose(&["block", "harder", "redirect", "own", "stack_trace", "undefined"])
    } else {
        draft.random.choose(&["bypass", "monitor", ""])
    };
    if !mode.is_empty() {
        filter.put("on_match", text(mode));
    }
    let targets = targets(draft, rules);
    if targets.is_none() || draft.chance(60) {
        let conditions = conditions(draft);
        filter.put("conditions", conditions);
    }
    if let Some(targets) = targets {
        filter.put("rules_target", targets);
    }
    filter
}

fn input_filter(draft: &mut Draft<'_>, number: usize, rules: usize) -> Value {
    let mut filter = map([("id", text(format!("f{number}")))]);
    let mut inputs = Vec::new();
    for _ in 0..draft.random.between(1, 2) {
        // Mostly where the baits are.
        let bait = if !draft.baits.is_empty() && draft.chance(80) {
            draft.random.pick(&draft.baits).clone()
        } else {
            Bait { address: draft.address(), path: Vec::new(), value: Value::Null, as_key: false }
        };
        let mut input = map([("address", text(&bait.address))]);
        if draft.chance(65) {
            let mut path: Vec<PathItem> = bait
                .path
                .into_iter()
                .map(|item| match item {
                    PathItem::Key(key) if draft.random.chance(75) => PathItem::Key(key),
                    _ => PathItem::Key(Text::new("*")),
                })
                .collect();
            if path.is_empty() || draft.chance(30) {
                let more = if draft.chance(60) { "*" } else { draft.random.pick(&KEYS) };
                path.push(PathItem::Key(Text::new(more)));
            }
            if draft.chance(15) {
                path.pop();
            }
            input.put("key_path", path_value(&path));
        }
        inputs.push(input);
    }
    filter.put("inputs", Value::Array(inputs));
    if draft.chance(45) {
        let conditions = conditions(draft);
        filter.put("conditions", conditions);
    }
    if let Some(targets) = targets(draft, rules) {
        filter.put("rules_target", targets);
    }
    filter
}

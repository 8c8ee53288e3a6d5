//! Actions of every type and their parameters, overrides of rules, and filters that put actions in.

use crate::draft::{Draft, noise};
use crate::random::Random;
use crate::value::{Text, Value, map, text, texts};

const TYPES: [&str; 7] = [
    "block_request",
    "redirect_request",
    "generate_stack",
    "generate_schema",
    "monitor",
    "custom_one",
    "custom_two",
];

const LOCATIONS: [&str; 12] = [
    "/x",
    "//host/x",
    "https://example.com/y?z=1#f",
    "http://example.com",
    "HTTP://example.com",
    "ftp://example.com",
    "x",
    "",
    "/a b",
    "https:",
    "https://",
    "javascript:alert(1)",
];

fn code(random: &mut Random) -> Value {
    let values = [
        Value::Unsigned(404),
        Value::Unsigned(1000),
        Value::Signed(200),
        Value::Signed(-1),
        Value::Float(301.0),
        Value::Float(301.5),
        Value::Bool(true),
        text("303"),
        text("307"),
        text("0302"),
        text("x"),
        text(""),
        text("-1"),
        text("1000"),
    ];
    random.pick(&values).clone()
}

fn parameters(random: &mut Random) -> Value {
    let mut parameters = Value::Map(Vec::new());
    for name in [
        "status_code",
        "grpc_status_code",
        "type",
        "location",
        "security_response_id",
        "stack_id",
        "extra",
        "",
    ] {
        if !random.chance(30) {
            continue;
        }
        let value = match name {
            "status_code" | "grpc_status_code" => code(random),
            "location" => text(random.pick(&LOCATIONS)),
            "type" => text(random.pick(&["html", "json", "auto", ""])),
            _ if random.chance(97) => loop {
                let value = noise(random, 0);
                if !matches!(value, Value::Null | Value::Invalid) {
                    break value;
                }
            },
            _ => noise(random, 1),
        };
        parameters.put(name, value);
    }
    parameters
}

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let mut ids: Vec<String> =
        ["block", "stack_trace", "extract_schema", "monitor", "undefined"].map(str::to_owned).to_vec();
    let mut taken = Vec::new();
    for number in 0..draft.random.between(1, 5) {
        let kind = draft.random.choose(&TYPES);
        // Two ids of one plain type would give one key twice.
        if taken.contains(&kind) && !matches!(kind, "block_request" | "redirect_request") && draft.chance(95)
        {
            continue;
        }
        taken.push(kind);
        let id = if draft.chance(15) {
            (draft.random.choose(&["block", "stack_trace"])).to_owned()
        } else {
            format!("a{number}")
        };
        let parameters = parameters(draft.random);
        draft.add("actions", map([("id", text(&id)), ("type", text(kind)), ("parameters", parameters)]));
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    for number in 1..=draft.random.between(1, 4) {
        let address = draft.address();
        let condition = draft.plain(&address, &format!("w{number}"));
        let id = format!("r{number}");
        let mut rule = draft.rule_named(&id, &id.clone(), vec![condition]);
        if let Some((_, tags)) = rule_tags(&mut rule) {
            tags.put("group", text(format!("g{}", number % 2)));
        }
        let on_match: Vec<String> =
            (0..draft.random.below(4)).map(|_| draft.random.pick(&ids).clone()).collect();
        if !on_match.is_empty() || draft.chance(30) {
            rule.put("on_match", texts(&on_match));
        }
        if draft.chance(15) {
            rule.put("enabled", Value::Bool(draft.random.chance(40)));
        }
        if draft.chance(25) {
            let mut output = Value::Map(Vec::new());
            if draft.chance(50) {
                output.put("keep", Value::Bool(draft.random.chance(40)));
            }
            if draft.chance(50) {
                output.put("event", Value::Bool(draft.random.chance(40)));
                output.put("attributes", map([("x", map([("value", text("y"))]))]));
            }
            rule.put("output", output);
        }
        let source = draft.random.choose(&["rules", "rules", "custom_rules"]);
        draft.add(source, rule);
    }
    overrides(draft, &ids);
    draft.build();
    draft.session();
}

fn rule_tags(rule: &mut Value) -> Option<(&mut Text, &mut Value)> {
    match rule {
        Value::Map(entries) => {
            entries.iter_mut().find(|(key, _)| key.bytes == b"tags").map(|(key, value)| (key, value))
        }
        _ => None,
    }
}

fn overrides(draft: &mut Draft<'_>, ids: &[String]) {
    // At most one per rule by id, and one per rule by tags; rules that are moved do not meet.
    let mut modules = vec!["rasp", "network-acl", "custom-acl", "waf"];
    draft.random.shuffle(&mut modules);
    for number in 1..=4 {
        if draft.chance(12) {
            let target = match draft.random.below(3) {
                0 => ("id", text(format!("r{number}"))),
                1 => ("rules_target", Value::Array(vec![map([("rule_id", text(format!("r{number}")))])])),
                _ => ("rules_target", Value::Array(vec![map([("id", text(format!("r{number}")))])])),
            };
            let item = effects(draft, target, ids, modules.pop());
            draft.add("rules_override", item);
        }
    }
    for group in ["g0", "g1"] {
        if draft.chance(12) {
            let tags = map([("tags", map([("group", text(group))]))]);
            let item = effects(draft, ("rules_target", Value::Array(vec![tags])), ids, Some("waf"));
            draft.add("rules_override", item);
        }
    }
}

fn effects(draft: &mut Draft<'_>, target: (&str, Value), ids: &[String], module: Option<&str>) -> Value {
    let mut item = map([target]);
    if draft.chance(50) {
        item.put("enabled", Value::Bool(draft.random.chance(50)));
    }
    if draft.chance(60) {
        let ids: Vec<&String> = (0..draft.random.below(3)).map(|_| draft.random.pick(ids)).collect();
        item.put("on_match", texts(ids));
    }
    if draft.chance(40) {
        let mut tags = map([("added", text("by override")), ("category", text("unchanged"))]);
        if let Some(module) = module
            && draft.chance(30)
        {
            tags.put("module", text(module));
        }
        item.put("tags", tags);
    }
    item
}

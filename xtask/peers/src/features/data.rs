//! Rule data: lists of addresses and words that come and go apart from the rules, and that expire.

use crate::case::Step;
use crate::draft::{Draft, Taste, condition};
use crate::value::{Value, map, text};

const IDS: [&str; 3] = ["d1", "d2", "absent"];
const WORDS: [&str; 8] =
    ["admin", "root", "é", "1.2.3.4", "10.0.0.0/8", "2001:db8::/32", "::/0", "not an ip"];

/// Entries in which no value is said twice.
fn entries(draft: &mut Draft<'_>) -> Value {
    let mut words = WORDS.to_vec();
    draft.random.shuffle(&mut words);
    words.truncate(draft.random.between(1, 5));
    let times = [
        Value::Unsigned(0),
        Value::Unsigned(1),
        Value::Unsigned(u64::MAX),
        Value::Unsigned(4_000_000_000),
        Value::Signed(1_000_000_000),
        Value::Float(5e9),
        text("1"),
        text("18446744073709551615"),
    ];
    let mut items = Vec::new();
    for word in words {
        let mut item = map([("value", text(word))]);
        if draft.chance(60) {
            item.put("expiration", draft.random.pick(&times).clone());
        }
        items.push(item);
    }
    Value::Array(items)
}

fn data(draft: &mut Draft<'_>, id: &str) -> Value {
    let kind = draft.random.choose(&["ip_with_expiration", "data_with_expiration"]);
    let entries = entries(draft);
    map([("id", text(id)), ("type", text(kind)), ("data", entries)])
}

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let taste = Taste {
        operators: &["ip_match", "exact_match"],
        negated: 25,
        transformed: 5,
        with_path: 10,
        on_keys: 5,
        inputs: 2,
        data: &IDS,
    };
    for _ in 0..draft.random.between(1, 3) {
        let condition = condition(draft, &taste);
        let rule = draft.rule(vec![condition]);
        draft.add("rules", rule);
    }
    let value = draft.config();
    draft.steps.push(Step::Config { path: "rules".into(), value });
    // The data of an id stands in one place at a time.
    for id in ["d1", "d2"] {
        if draft.chance(85) {
            let item = data(draft, id);
            draft.add("rules_data", item);
            let value = draft.config();
            draft.steps.push(Step::Config { path: id.into(), value });
        }
    }
    draft.steps.push(Step::Build);
    draft.session();
    for _ in 0..draft.random.below(3) {
        let id = draft.random.choose(&["d1", "d2"]);
        if draft.chance(30) {
            draft.steps.push(Step::Remove { path: id.into() });
        } else {
            let item = data(draft, id);
            draft.add("rules_data", item);
            let value = draft.config();
            draft.steps.push(Step::Config { path: id.into(), value });
        }
        draft.steps.push(Step::Build);
        draft.session();
    }
}

//! Many rules on few addresses: what is worked out for all of them together must not touch any of them.

use crate::draft::{Draft, Taste, chain, condition, laid, splice, untidy};
use crate::value::{Text, Value, texts};

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let taste = Taste { transformed: 35, with_path: 20, on_keys: 15, inputs: 2, ..Taste::default() };
    for _ in 0..draft.random.between(8, 40) {
        let count = draft.random.choose(&[1, 1, 1, 2]);
        let conditions = (0..count).map(|_| condition(draft, &taste)).collect();
        let mut rule = draft.rule(conditions);
        if draft.chance(10) {
            let chain = chain(draft);
            rule.put("transformers", texts(chain));
        }
        draft.add("rules", rule);
    }
    if draft.chance(50) {
        draft.address_data = Some(many(draft));
    }
    draft.build();
    draft.session();
}

/// An address with many values that nearly match, and perhaps one that does.
fn many(draft: &mut Draft<'_>) -> (Text, Value) {
    let bait = draft.random.pick(&draft.baits).clone();
    let count = draft.random.between(50, 150);
    let mut items = Vec::new();
    for _ in 0..count {
        let value = match &bait.value {
            Value::String(text) => {
                let bytes = splice(draft.random, &text.bytes);
                Value::String(untidy(draft.random, Text::new(bytes)))
            }
            other => other.clone(),
        };
        items.push(value);
    }
    let value = laid(draft.random, &bait);
    items.push(value);
    (Text::new(&bait.address), Value::Array(items))
}

//! Transformers and chains of them, with their results in full view: the rule matches whatever comes out.

use crate::draft::{Bait, Draft, chain, disguise, string};
use crate::value::{Text, Value, map, text, texts};

pub(crate) fn generate(draft: &mut Draft<'_>) {
    for _ in 0..draft.random.between(1, 3) {
        let address = draft.address();
        let mut chain = chain(draft);
        let on_keys = draft.chance(15);
        if on_keys {
            chain.truncate(9);
            chain.push("keys_only");
        }
        for _ in 0..3 {
            let wanted = string(draft.random);
            let bytes = disguise(draft.random, &chain, &wanted);
            let value = Value::String(Text::new(bytes));
            draft.baits.push(Bait { address: address.clone(), path: Vec::new(), value, as_key: on_keys });
        }
        let mut input = map([("address", text(&address))]);
        let of_rule = draft.chance(25);
        if !of_rule {
            input.put("transformers", texts(&chain));
        }
        // Bytes that are not UTF-8 match nothing but `\C`.
        let regex = draft.random.choose(&["(?s)^\\C+$", "\\C", "[^a]"]);
        let parameters = map([("inputs", Value::Array(vec![input])), ("regex", text(regex))]);
        let mut rule = draft.rule(vec![map([("operator", text("match_regex")), ("parameters", parameters)])]);
        if of_rule {
            rule.put("transformers", texts(&chain));
        }
        draft.add("rules", rule);
    }
    draft.build();
    draft.session();
}

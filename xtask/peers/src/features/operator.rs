//! Scalar operators and their negations, on values and keys, with key paths and transformers.

use crate::draft::{Draft, Taste, chain, condition};
use crate::value::texts;

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let taste = Taste::default();
    for _ in 0..draft.random.between(1, 4) {
        let count = draft.random.choose(&[1, 1, 1, 2, 2, 3]);
        let conditions = (0..count).map(|_| condition(draft, &taste)).collect();
        let mut rule = draft.rule(conditions);
        if draft.chance(10) {
            let chain = chain(draft);
            rule.put("transformers", texts(chain));
        }
        let section = draft.random.choose(&["rules", "rules", "rules", "custom_rules", "rules_compat"]);
        draft.add(section, rule);
    }
    draft.build();
    draft.session();
}

//! What clients may do with the functions beside evaluating: allocators of their own, results that nobody wants, threads, and
//! a callback for messages.

use super::broken;
use crate::case::{Manner, Step};
use crate::draft::{Draft, Taste, condition};

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let taste = Taste { transformed: 20, with_path: 20, ..Taste::default() };
    for _ in 0..draft.random.between(1, 4) {
        let condition = condition(draft, &taste);
        let mut rule = draft.rule(vec![condition]);
        // Rules of one type or rank report by chance.
        rule.put("on_match", crate::value::texts(Vec::<String>::new()));
        draft.add("rules", rule);
    }
    draft.build();
    let context = draft.fresh();
    draft.steps.push(Step::Open { context });
    let mut open = vec![context];
    for _ in 0..draft.random.between(1, 4) {
        if draft.chance(30) {
            let sub = draft.fresh();
            draft.steps.push(Step::Subcontext { context: sub, of: context });
            open.push(sub);
        }
        let context = draft.random.choose(&open);
        let manner = draft.random.choose(&[Manner::Counted, Manner::Counted, Manner::Blind, Manner::Lent]);
        let (id, data) = (draft.fresh(), draft.data());
        draft.steps.push(Step::Eval { context, id, data, batches: false, manner, timeout_us: 60_000_000 });
    }
    // In any order: who comes of a context may outlive it, and what was given lives as long as anyone needs it.
    while !open.is_empty() {
        let at = draft.random.below(open.len());
        draft.steps.push(Step::Close { context: open.swap_remove(at) });
    }
    if draft.chance(20) {
        let (count, data) = (draft.random.between(2, 4) as u32, draft.data());
        draft.steps.push(Step::Threads { count, data });
    }
    if draft.chance(20) {
        let level = draft.random.below(6) as u32;
        let Some(mut value) = draft.steps.iter().find_map(|step| step.value().cloned()) else { return };
        if draft.chance(50) {
            broken::damage(draft.random, &mut value);
        }
        draft.steps.push(Step::Log { level, value });
    }
}

//! Making a failing case small.

use crate::generate::{Case, Step};
use crate::value::Value;

/// Takes parts out of a case as long as it still fails, up to so many tries.
#[must_use]
pub fn shrink(case: &Case, tries: usize, fails: impl Fn(&Case) -> bool) -> Case {
    let mut case = case.clone();
    let mut left = tries;
    loop {
        let size = weight(&case);
        let mut at = 0;
        // What a smaller case offers at the same place is tried next, so that one pass goes a long way.
        while let Some(smaller) = smaller(&case, at) {
            if left == 0 {
                return case;
            }
            left -= 1;
            if weight(&smaller) < weight(&case) && fails(&smaller) {
                case = smaller;
            } else {
                at += 1;
            }
        }
        if weight(&case) == size {
            return case;
        }
    }
}

/// The smaller case number `at`; `None` beyond the last.
fn smaller(case: &Case, at: usize) -> Option<Case> {
    let count = case.steps.len();
    if at < count {
        return Some(without(case, count - 1 - at));
    }
    let mut at = at - count;
    for (step, what) in case.steps.iter().enumerate() {
        let (Step::Update { config: value, .. } | Step::Eval { data: value, .. }) = what else { continue };
        match simpler(value, &mut at) {
            None => {}
            Some(simple) => {
                let mut case = case.clone();
                match &mut case.steps[step] {
                    Step::Update { config: value, .. } | Step::Eval { data: value, .. } => *value = simple,
                    _ => {}
                }
                return Some(case);
            }
        }
    }
    None
}

/// A case without one of its steps. Contexts that were opened later move up; what belonged to a context that
/// is no more goes with it.
fn without(case: &Case, gone: usize) -> Case {
    let opens = |step: &Step| matches!(step, Step::Open | Step::Subcontext { .. });
    let number = case.steps[..gone].iter().filter(|step| opens(step)).count();
    let closed = opens(&case.steps[gone]).then_some(number);
    let mut lost: Vec<usize> = closed.into_iter().collect();
    let mut steps = Vec::new();
    let mut opened = 0;
    for (at, step) in case.steps.iter().enumerate() {
        let context = opened;
        opened += usize::from(opens(step));
        let moved =
            |context: usize, lost: &[usize]| context - lost.iter().filter(|gone| **gone < context).count();
        match step {
            _ if at == gone => {}
            Step::Subcontext { of } if lost.contains(of) => lost.push(context),
            Step::Eval { context, .. } if lost.contains(context) => {}
            Step::Subcontext { of } => steps.push(Step::Subcontext { of: moved(*of, &lost) }),
            Step::Eval { context, data, now_s, has_time } => steps.push(Step::Eval {
                context: moved(*context, &lost),
                data: data.clone(),
                now_s: *now_s,
                has_time: *has_time,
            }),
            step => steps.push(step.clone()),
        }
    }
    Case { steps }
}

/// The simpler value number `at` of this one; counts `at` down by those that it passes over.
fn simpler(value: &Value, at: &mut usize) -> Option<Value> {
    let mut take = || at.checked_sub(1).map(|left| *at = left).is_none();
    match value {
        Value::Array(items) => {
            // Halves first: long lists are rarely long for a reason.
            if items.len() > 3 && take() {
                return Some(Value::Array(items[..items.len() / 2].to_vec()));
            }
            if items.len() > 3 && take() {
                return Some(Value::Array(items[items.len() / 2..].to_vec()));
            }
            for gone in 0..items.len() {
                if take() {
                    return Some(Value::Array([&items[..gone], &items[gone + 1..]].concat()));
                }
            }
            items.iter().enumerate().find_map(|(place, item)| {
                let mut items = items.clone();
                items[place] = simpler(item, at)?;
                Some(Value::Array(items))
            })
        }
        Value::Map(entries) => {
            for gone in 0..entries.len() {
                if take() {
                    return Some(Value::Map([&entries[..gone], &entries[gone + 1..]].concat()));
                }
            }
            entries.iter().enumerate().find_map(|(place, (_, value))| {
                let mut entries = entries.clone();
                entries[place].1 = simpler(value, at)?;
                Some(Value::Map(entries))
            })
        }
        Value::Bytes(bytes) => {
            let half = bytes.len() / 2;
            let shorter = [
                &bytes[..half],
                &bytes[half..],
                &bytes[1.min(bytes.len())..],
                &bytes[..bytes.len().max(1) - 1],
            ];
            shorter.into_iter().find(|shorter| shorter.len() < bytes.len() && take()).map(Value::bytes)
        }
        _ => None,
    }
}

fn weight(case: &Case) -> usize {
    let step = |step: &Step| match step {
        Step::Update { config: value, .. } | Step::Eval { data: value, .. } => 1 + weight_of(value),
        _ => 1,
    };
    case.steps.iter().map(step).sum()
}

fn weight_of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(weight_of).sum::<usize>(),
        Value::Map(entries) => {
            1 + entries.iter().map(|(key, value)| 1 + key.len() + weight_of(value)).sum::<usize>()
        }
        Value::Bytes(bytes) => 1 + bytes.len(),
        _ => 1,
    }
}

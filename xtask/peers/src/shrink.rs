//! Smaller cases that still show a difference.

use crate::case::{Case, Step};
use crate::value::{Form, Text, Value};
use std::time::{Duration, Instant};

/// How long to try.
const PATIENCE: Duration = Duration::from_secs(20);

/// The smallest case found of which `shows` still holds.
pub(crate) fn shrink(case: &Case, mut shows: impl FnMut(&Case) -> bool) -> Case {
    let until = Instant::now() + PATIENCE;
    let mut best = case.clone();
    loop {
        let before = best.to_json().to_string().len();
        drop_steps(&mut best, until, &mut shows);
        shrink_values(&mut best, until, &mut shows);
        if best.to_json().to_string().len() >= before || Instant::now() > until {
            return best;
        }
    }
}

fn drop_steps(best: &mut Case, until: Instant, shows: &mut impl FnMut(&Case) -> bool) {
    let mut at = best.steps.len();
    while at > 0 && Instant::now() < until {
        at -= 1;
        let mut smaller = best.clone();
        smaller.steps.remove(at);
        if shows(&smaller) {
            *best = smaller;
        }
    }
}

fn shrink_values(best: &mut Case, until: Instant, shows: &mut impl FnMut(&Case) -> bool) {
    for at in 0..best.steps.len() {
        let Some(value) = best.steps[at].value() else { continue };
        let mut value = value.clone();
        let mut holds = |value: &Value| {
            if Instant::now() > until {
                return false;
            }
            let mut smaller = best.clone();
            let Some(slot) = smaller.steps[at].value_mut() else { return false };
            *slot = value.clone();
            shows(&smaller)
        };
        reduce(&mut value, &mut holds);
        if let Some(slot) = best.steps[at].value_mut() {
            *slot = value;
        }
        // What may be simpler about the step itself.
        if let Step::Eval { manner, .. } = &best.steps[at]
            && *manner != crate::case::Manner::Lent
        {
            let mut smaller = best.clone();
            if let Step::Eval { manner, .. } = &mut smaller.steps[at] {
                *manner = crate::case::Manner::Lent;
            }
            if shows(&smaller) {
                *best = smaller;
            }
        }
    }
}

/// Makes a value smaller wherever `holds` allows; the root stays what it is.
fn reduce(root: &mut Value, holds: &mut impl FnMut(&Value) -> bool) {
    // A path of child numbers per node, parents first; recomputed as the tree shrinks.
    let mut paths = vec![Vec::new()];
    while let Some(path) = paths.pop() {
        lessen(root, &path, holds);
        let count = match at(root, &path) {
            Some(Value::Array(items)) => items.len(),
            Some(Value::Map(entries)) => entries.len(),
            _ => 0,
        };
        paths.extend((0..count).map(|child| [&path[..], &[child]].concat()));
    }
}

fn at<'v>(value: &'v mut Value, path: &[usize]) -> Option<&'v mut Value> {
    let Some((step, rest)) = path.split_first() else { return Some(value) };
    match value {
        Value::Array(items) => at(items.get_mut(*step)?, rest),
        Value::Map(entries) => at(&mut entries.get_mut(*step)?.1, rest),
        _ => None,
    }
}

/// Tries smaller values in the place that the path leads to.
fn lessen(root: &mut Value, path: &[usize], holds: &mut impl FnMut(&Value) -> bool) {
    loop {
        let Some(node) = at(root, path) else { return };
        let former = node.clone();
        let mut changed = false;
        for smaller in smaller(&former, !path.is_empty()) {
            if let Some(node) = at(root, path) {
                *node = smaller;
            }
            if holds(root) {
                changed = true;
                break;
            }
        }
        if !changed {
            if let Some(node) = at(root, path) {
                *node = former;
            }
            return;
        }
    }
}

/// Values that are smaller in one way, the boldest first.
fn smaller(value: &Value, may_vanish: bool) -> Vec<Value> {
    let mut out = Vec::new();
    match value {
        Value::Array(items) => {
            for range in cuts(items.len()) {
                let mut rest = items.clone();
                rest.drain(range);
                out.push(Value::Array(rest));
            }
            if may_vanish {
                out.extend(items.iter().cloned());
            }
        }
        Value::Map(entries) => {
            for range in cuts(entries.len()) {
                let mut rest = entries.clone();
                rest.drain(range);
                out.push(Value::Map(rest));
            }
            for at in 0..entries.len() {
                for key in shorter(&entries[at].0) {
                    let mut rest = entries.clone();
                    rest[at].0 = key;
                    out.push(Value::Map(rest));
                }
            }
        }
        Value::String(text) => out.extend(shorter(text).into_iter().map(Value::String)),
        Value::Float(n) if *n != 0.0 => out.push(Value::Float(0.0)),
        Value::Unsigned(n) if *n > 1 => out.extend([Value::Unsigned(0), Value::Unsigned(1)]),
        Value::Signed(n) if *n != 0 => out.push(Value::Signed(0)),
        _ => {}
    }
    out
}

/// Parts to leave out: halves, quarters, … single ones.
fn cuts(len: usize) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut size = len;
    while size > 0 {
        ranges.extend((0..len).step_by(size).map(|at| at..(at + size).min(len)));
        size /= 2;
    }
    ranges
}

fn shorter(text: &Text) -> Vec<Text> {
    let mut out = Vec::new();
    if text.form != Form::Natural {
        out.push(Text { form: Form::Natural, ..text.clone() });
    }
    let ranges = cuts(text.bytes.len());
    // Of long strings the single bytes come last and are many: the halves have to do first.
    for range in ranges.into_iter().take(200) {
        let mut bytes = text.bytes.clone();
        bytes.drain(range);
        out.push(Text { bytes, form: text.form });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::shrink;
    use crate::case::{Case, Manner, Step};
    use crate::value::{Value, map, text, texts};

    #[test]
    fn only_what_matters_stays() {
        let eval = |data| Step::Eval {
            context: 1,
            id: 1,
            data,
            batches: false,
            manner: Manner::Given,
            timeout_us: 1,
        };
        let data = map([("a", texts(["x", "some needle here"])), ("b", Value::Unsigned(7))]);
        let case = Case { feature: String::new(), steps: vec![Step::Build, eval(Value::Null), eval(data)] };
        let small = shrink(&case, |case| case.to_json().to_string().contains("needle"));
        assert_eq!(small.steps.len(), 1);
        let Step::Eval { data, manner, .. } = &small.steps[0] else { panic!("the evaluation stays") };
        assert_eq!(*manner, Manner::Lent);
        assert_eq!(*data, map([("", text("needle"))]));
    }
}

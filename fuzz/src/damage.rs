//! Configurations with something wrong in them, at any depth.

use crate::tape::Tape;
use crate::value::{RULES, value};
use bartizan_reference::Value;
use std::sync::LazyLock;

/// Every value in the rulesets, so that what belongs in one place turns up in another.
static NODES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut nodes = Vec::new();
    let mut open: Vec<&Value> = RULES.iter().collect();
    while let Some(node) = open.pop() {
        match node {
            Value::Array(items) => open.extend(items),
            Value::Map(entries) => {
                nodes.extend(entries.iter().map(|(key, _)| Value::bytes(key)));
                open.extend(entries.iter().map(|(_, value)| value));
            }
            _ => {}
        }
        nodes.push(node.clone());
    }
    nodes
});

/// Changes one place: takes away, doubles, exchanges or puts in something.
pub(crate) fn damage(tape: &mut Tape<'_>, node: &mut Value) {
    match node {
        Value::Array(items) if !items.is_empty() => {
            let at = tape.below(items.len());
            match tape.below(16) {
                0 => drop(items.remove(at)),
                1 => items.insert(at, items[at].clone()),
                2 => items.insert(at, strange(tape)),
                3 => items.swap(0, at),
                4 => *node = strange(tape),
                _ => damage(tape, &mut items[at]),
            }
        }
        Value::Map(entries) if !entries.is_empty() => {
            let at = tape.below(entries.len());
            match tape.below(16) {
                0 => drop(entries.remove(at)),
                1 => entries.insert(at, entries[at].clone()),
                2 | 3 => {
                    let key = strange(tape).as_bytes().unwrap_or(b"id").to_vec();
                    entries.insert(at, (key, strange(tape)));
                }
                4 => entries[at].0 = strange(tape).as_bytes().unwrap_or(b"").to_vec(),
                5 => *node = strange(tape),
                _ => damage(tape, &mut entries[at].1),
            }
        }
        node => *node = strange(tape),
    }
}

fn strange(tape: &mut Tape<'_>) -> Value {
    if tape.below(3) == 0 { value(tape, 2) } else { NODES[tape.below(NODES.len())].clone() }
}

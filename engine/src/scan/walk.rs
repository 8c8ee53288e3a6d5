//! Visiting values and keys in document order, depth first, without recursion.

use alloc::vec::Vec;
use bartizan_object::{Object, View};
use core::ops::ControlFlow;

/// What a walk meets.
#[derive(Clone, Copy)]
pub(crate) enum Visit<'a> {
    /// A map key, before its value.
    Key(&'a [u8]),
    /// A scalar.
    Scalar(&'a Object),
}

/// Levels that need no heap.
const INLINE: usize = 16;

#[derive(Clone, Copy)]
struct Level<'a> {
    container: &'a Object,
    /// The item being visited.
    index: u32,
}

/// Where a walk is: the containers around the current item.
pub(crate) struct Position<'a> {
    inline: [Option<Level<'a>>; INLINE],
    depth: usize,
    spilled: Vec<Level<'a>>,
}

impl<'a> Position<'a> {
    fn new() -> Self {
        Self { inline: [None; INLINE], depth: 0, spilled: Vec::new() }
    }

    fn push(&mut self, container: &'a Object) {
        let level = Level { container, index: 0 };
        match self.inline.get_mut(self.depth) {
            Some(place) => *place = Some(level),
            None => self.spilled.push(level),
        }
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth -= 1;
        if self.depth >= INLINE {
            self.spilled.pop();
        }
    }

    fn top(&mut self) -> Option<&mut Level<'a>> {
        let last = self.depth.checked_sub(1)?;
        match self.inline.get_mut(last) {
            Some(place) => place.as_mut(),
            None => self.spilled.last_mut(),
        }
    }

    /// Item numbers from the root down to the current item.
    pub(crate) fn steps(&self) -> impl Iterator<Item = u32> {
        self.inline[..self.depth.min(INLINE)].iter().flatten().chain(&self.spilled).map(|level| level.index)
    }
}

/// Visits everything below `root`, `root` itself when it is a scalar. `hidden` says which objects are
/// invisible with all below them. Keys and scalars come to `visit` in document order until it breaks.
pub(crate) fn walk<'a, B>(
    root: &'a Object,
    hidden: impl Fn(&Object) -> bool,
    mut visit: impl FnMut(Visit<'a>, &Position<'a>) -> ControlFlow<B>,
) -> Option<B> {
    let mut position = Position::new();
    if hidden(root) {
        return None;
    }
    match root.view() {
        View::Array(_) | View::Map(_) => position.push(root),
        _ => return visit(Visit::Scalar(root), &position).break_value(),
    }
    let mut fresh = true;
    loop {
        let level = position.top()?;
        if !fresh {
            level.index += 1;
        }
        fresh = false;
        let container = level.container;
        let index = level.index as usize;
        let child = match container.view() {
            View::Array(items) => items.get(index),
            View::Map(entries) => match entries.get(index) {
                Some(entry) if !hidden(&entry.value) => {
                    let key = entry.key.as_bytes().unwrap_or_default();
                    if let ControlFlow::Break(value) = visit(Visit::Key(key), &position) {
                        return Some(value);
                    }
                    Some(&entry.value)
                }
                Some(_) => continue,
                None => None,
            },
            _ => None,
        };
        let Some(child) = child else {
            position.pop();
            if position.depth == 0 {
                return None;
            }
            continue;
        };
        if hidden(child) {
            continue;
        }
        match child.view() {
            View::Array(_) | View::Map(_) => {
                position.push(child);
                fresh = true;
            }
            _ => {
                if let ControlFlow::Break(value) = visit(Visit::Scalar(child), &position) {
                    return Some(value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Visit, walk};
    use alloc::string::String;
    use alloc::vec::Vec;
    use bartizan_object::{AllocRef, Object, json};
    use core::ops::ControlFlow;

    fn order(root: &Object) -> Vec<String> {
        let mut seen = Vec::new();
        walk(
            root,
            |_| false,
            |visit, position| {
                let steps: Vec<u32> = position.steps().collect();
                seen.push(match visit {
                    Visit::Key(key) => alloc::format!("{}: {steps:?}", String::from_utf8_lossy(key)),
                    Visit::Scalar(object) => alloc::format!("{object:?} {steps:?}"),
                });
                ControlFlow::<()>::Continue(())
            },
        );
        seen
    }

    #[test]
    fn document_order_depth_first() {
        let root = json::parse(br#"{"a":[1,{"b":2},[]],"c":3}"#, AllocRef::global()).expect("JSON");
        assert_eq!(order(&root), ["a: [0]", "1 [0, 0]", "b: [0, 1, 0]", "2 [0, 1, 0]", "c: [1]", "3 [1]"]);
        assert_eq!(order(&Object::unsigned(7)), ["7 []"]);
    }

    #[test]
    fn depth_beyond_the_inline_levels() {
        let mut text = "[".repeat(19);
        text.push('5');
        text.push_str(&"]".repeat(19));
        let root = json::parse(text.as_bytes(), AllocRef::global()).expect("JSON");
        assert_eq!(order(&root).len(), 1);
    }

    #[test]
    fn hidden_objects_hide_what_is_below() {
        let root = json::parse(br#"{"a":{"b":1},"c":2}"#, AllocRef::global()).expect("JSON");
        let hidden = root.get(b"a").expect("a").address();
        let mut keys = 0;
        walk(
            &root,
            |object| object.address() == hidden,
            |visit, _| {
                keys += usize::from(matches!(visit, Visit::Key(_)));
                ControlFlow::<()>::Continue(())
            },
        );
        assert_eq!(keys, 1);
    }
}

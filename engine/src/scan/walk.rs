//! Visiting values and keys in document order, depth first, without recursion.

use alloc::vec::Vec;
use bartizan_object::{Entry, Kind, Object};
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

/// What a container holds.
#[derive(Clone, Copy)]
enum Items<'a> {
    Array(&'a [Object]),
    Map(&'a [Entry]),
}

impl<'a> Items<'a> {
    fn of(object: &'a Object) -> Option<Self> {
        match object.kind() {
            Kind::Array => object.as_array().map(Self::Array),
            Kind::Map => object.as_map().map(Self::Map),
            _ => None,
        }
    }
}

/// Where a walk is: the items it has come to in the containers around the current one.
pub(crate) struct Position<'a> {
    items: [Items<'a>; INLINE],
    indexes: [u32; INLINE],
    /// How many containers are open.
    depth: usize,
    /// Those that found no place above.
    spilled: Vec<(Items<'a>, u32)>,
}

impl<'a> Position<'a> {
    const fn new() -> Self {
        Self { items: [Items::Array(&[]); INLINE], indexes: [0; INLINE], depth: 0, spilled: Vec::new() }
    }

    fn push(&mut self, items: Items<'a>, index: u32) {
        if self.depth < INLINE {
            self.items[self.depth] = items;
            self.indexes[self.depth] = index;
        } else {
            self.spilled.push((items, index));
        }
        self.depth += 1;
    }

    fn pop(&mut self) -> Option<(Items<'a>, u32)> {
        self.depth = self.depth.checked_sub(1)?;
        if self.depth < INLINE {
            return Some((self.items[self.depth], self.indexes[self.depth]));
        }
        self.spilled.pop()
    }

    /// Item numbers from the root down to the current item.
    pub(crate) fn steps(&self) -> impl Iterator<Item = u32> {
        let inline = self.indexes[..self.depth.min(INLINE)].iter().copied();
        inline.chain(self.spilled.iter().map(|(_, index)| *index))
    }

    /// Moves on to an item of the innermost container.
    fn set(&mut self, index: u32) {
        match self.spilled.last_mut() {
            Some((_, place)) => *place = index,
            None => {
                if let Some(place) = self.indexes.get_mut(self.depth.wrapping_sub(1)) {
                    *place = index;
                }
            }
        }
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
    let Some(mut items) = Items::of(root) else {
        return visit(Visit::Scalar(root), &position).break_value();
    };
    position.push(items, 0);
    let mut index = 0;
    loop {
        let child = match items {
            Items::Array(array) => array.get(index as usize),
            Items::Map(map) => match map.get(index as usize) {
                Some(entry) if !hidden(&entry.value) => {
                    position.set(index);
                    let key = entry.key.as_bytes().unwrap_or_default();
                    if let ControlFlow::Break(value) = visit(Visit::Key(key), &position) {
                        return Some(value);
                    }
                    Some(&entry.value)
                }
                Some(_) => {
                    index += 1;
                    continue;
                }
                None => None,
            },
        };
        let Some(child) = child else {
            // What is on top is the container that ends here; the one around it goes on.
            position.pop()?;
            let (outer, at) = position.pop()?;
            position.push(outer, at);
            (items, index) = (outer, at + 1);
            continue;
        };
        if hidden(child) {
            index += 1;
            continue;
        }
        position.set(index);
        if let Some(inner) = Items::of(child) {
            position.push(inner, 0);
            (items, index) = (inner, 0);
            continue;
        }
        if let ControlFlow::Break(value) = visit(Visit::Scalar(child), &position) {
            return Some(value);
        }
        index += 1;
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

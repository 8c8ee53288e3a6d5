//! Trees as a sequence of steps, for writers: depth costs heap, never stack.

use crate::{Entry, Object, View};
use alloc::vec::Vec;
use core::slice;

/// One step through a tree, in document order.
pub(crate) enum Step<'a> {
    /// The key of the value that comes next. What is no string counts as empty.
    Key(&'a [u8]),
    /// A value; after a container its items follow, then its end.
    Value(&'a Object),
    EndArray,
    EndMap,
}

pub(crate) struct Walk<'a> {
    /// The value to look at next, if it is already known.
    value: Option<&'a Object>,
    open: Vec<Open<'a>>,
}

enum Open<'a> {
    Array(slice::Iter<'a, Object>),
    Map(slice::Iter<'a, Entry>),
}

impl<'a> Walk<'a> {
    pub(crate) fn new(root: &'a Object) -> Self {
        Self { value: Some(root), open: Vec::new() }
    }

    fn enter(&mut self, value: &'a Object) -> Step<'a> {
        match value.view() {
            View::Array(items) => self.open.push(Open::Array(items.iter())),
            View::Map(entries) => self.open.push(Open::Map(entries.iter())),
            _ => {}
        }
        Step::Value(value)
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Step<'a>;

    #[inline]
    fn next(&mut self) -> Option<Step<'a>> {
        if let Some(value) = self.value.take() {
            return Some(self.enter(value));
        }
        match self.open.last_mut()? {
            Open::Array(items) => {
                if let Some(item) = items.next() {
                    return Some(self.enter(item));
                }
                self.open.pop();
                Some(Step::EndArray)
            }
            Open::Map(entries) => {
                if let Some(entry) = entries.next() {
                    self.value = Some(&entry.value);
                    return Some(Step::Key(entry.key.as_bytes().unwrap_or_default()));
                }
                self.open.pop();
                Some(Step::EndMap)
            }
        }
    }
}

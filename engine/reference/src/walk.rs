//! What is in a value, and what of it a rule may see.

use crate::value::Value;
use bartizan_lang::ruleset::GlobItem;
use bartizan_lang::vocab::PathItem;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Positions in containers, from the value of an address down: with the arrival, what the engine knows as
/// the memory address of an object.
pub(crate) type Steps = Vec<usize>;

/// The value of an address, and when it came.
#[derive(Clone)]
pub(crate) struct Arrived {
    /// Unique within a context.
    pub(crate) number: u64,
    pub(crate) value: Rc<Value>,
}

/// Objects that input filters hide, by arrival and steps.
pub(crate) type Hidden = BTreeSet<(u64, Steps)>;

/// A value within an address.
#[derive(Clone)]
pub(crate) struct Place<'a> {
    pub(crate) value: &'a Value,
    arrival: u64,
    steps: Steps,
}

/// How a declared path ends.
pub(crate) enum Resolved<'a> {
    Found(Place<'a>),
    Absent,
    Hidden,
}

/// A key or a scalar.
pub(crate) struct Visit<'a> {
    pub(crate) seen: Seen<'a>,
    /// From where the walk began.
    pub(crate) path: Vec<PathItem>,
}

#[derive(Clone, Copy)]
pub(crate) enum Seen<'a> {
    Key(&'a [u8]),
    Scalar(&'a Value),
}

impl<'a> Place<'a> {
    pub(crate) fn root(arrived: &'a Arrived) -> Self {
        Self { value: &arrived.value, arrival: arrived.number, steps: Vec::new() }
    }

    /// What identifies it.
    pub(crate) fn identity(&self) -> (u64, Steps) {
        (self.arrival, self.steps.clone())
    }

    pub(crate) fn is_hidden(&self, hidden: &Hidden) -> bool {
        hidden.contains(&self.identity())
    }

    /// The children of a container, with the path items that name them.
    fn children(&self) -> Vec<(PathItem, Self)> {
        let child = |index: usize, value: &'a Value| {
            let steps = self.steps.iter().copied().chain([index]).collect();
            Self { value, arrival: self.arrival, steps }
        };
        match self.value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| (PathItem::Index(index as i64), child(index, item)))
                .collect(),
            Value::Map(entries) => entries
                .iter()
                .enumerate()
                .map(|(index, (key, value))| (PathItem::Key(key.as_slice().into()), child(index, value)))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Follows a declared path: strings index maps (the first of repeated keys), integers index arrays,
    /// negative ones from the end.
    pub(crate) fn resolve(self, path: &[PathItem], hidden: &Hidden) -> Resolved<'a> {
        if self.is_hidden(hidden) {
            return Resolved::Hidden;
        }
        let Some((item, rest)) = path.split_first() else { return Resolved::Found(self) };
        let children = self.children();
        let wanted = match item {
            PathItem::Index(index) if *index < 0 => PathItem::Index(children.len() as i64 + index),
            item => item.clone(),
        };
        match children.into_iter().find(|(item, _)| *item == wanted) {
            Some((_, child)) => child.resolve(rest, hidden),
            None => Resolved::Absent,
        }
    }

    /// Where the values of a scalar condition begin. An item that the path takes from an array is seen even
    /// when it is hidden, unless something around it is.
    pub(crate) fn resolve_for_values(self, path: &[PathItem], hidden: &Hidden) -> Option<Self> {
        if self.is_hidden(hidden) {
            return None;
        }
        let mut place = self;
        for item in path {
            match place.resolve(std::slice::from_ref(item), &Hidden::new()) {
                Resolved::Found(next) if matches!(item, PathItem::Index(_)) || !next.is_hidden(hidden) => {
                    place = next;
                }
                _ => return None,
            }
        }
        Some(place)
    }

    /// Every object at one of the paths of an input filter: keys are followed to all values of that key, `*` to
    /// every child. What is found is not searched further.
    pub(crate) fn glob(&self, paths: &[Vec<GlobItem>]) -> Vec<Self> {
        if paths.iter().any(Vec::is_empty) {
            return vec![self.clone()];
        }
        let below = |(item, child): (PathItem, Self)| {
            let leads = |step: &GlobItem| match step {
                GlobItem::Any => true,
                GlobItem::Key(key) => item == PathItem::Key(key.clone()),
            };
            let rest: Vec<_> =
                paths.iter().filter(|path| leads(&path[0])).map(|path| path[1..].to_vec()).collect();
            if rest.is_empty() { Vec::new() } else { child.glob(&rest) }
        };
        self.children().into_iter().flat_map(below).collect()
    }

    /// Keys and scalars in document order, each key before its value; nothing that is hidden, but the place
    /// itself.
    pub(crate) fn visits(&self, hidden: &Hidden) -> Vec<Visit<'a>> {
        let mut visits = Vec::new();
        self.visit(hidden, &mut Vec::new(), &mut visits);
        visits
    }

    fn visit(&self, hidden: &Hidden, path: &mut Vec<PathItem>, visits: &mut Vec<Visit<'a>>) {
        if !matches!(self.value, Value::Array(_) | Value::Map(_)) {
            visits.push(Visit { seen: Seen::Scalar(self.value), path: path.clone() });
        }
        for (index, (item, child)) in self.children().into_iter().enumerate() {
            if child.is_hidden(hidden) {
                continue;
            }
            path.push(item);
            if let Value::Map(entries) = self.value {
                visits.push(Visit { seen: Seen::Key(&entries[index].0), path: path.clone() });
            }
            child.visit(hidden, path, visits);
            path.pop();
        }
    }
}

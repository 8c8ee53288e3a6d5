//! Following declared paths and remembered steps.

use bartizan_lang::vocab::PathItem;
use bartizan_object::{Entry, Object, View};

/// How a declared path ends.
pub(crate) enum Resolved<'a> {
    /// At this object.
    Found(&'a Object),
    /// Nothing is there.
    Absent,
    /// At or below something hidden.
    Hidden,
}

/// Follows a declared path: strings index maps (the first of repeated keys), integers index arrays,
/// negative ones from the end.
pub(crate) fn resolve<'a>(
    root: &'a Object,
    path: &[PathItem],
    hidden: impl Fn(&Object) -> bool,
) -> Resolved<'a> {
    let mut object = root;
    if hidden(object) {
        return Resolved::Hidden;
    }
    for item in path {
        let next = match (item, object.view()) {
            (PathItem::Key(key), View::Map(_)) => object.get(key),
            (PathItem::Index(index), View::Array(items)) => {
                let index = if *index < 0 { items.len() as i64 + index } else { *index };
                usize::try_from(index).ok().and_then(|index| items.get(index))
            }
            _ => None,
        };
        let Some(next) = next else { return Resolved::Absent };
        if hidden(next) {
            return Resolved::Hidden;
        }
        object = next;
    }
    Resolved::Found(object)
}

/// Where the values of a scalar condition begin: at the end of its declared path. An item that the path
/// takes from an array is seen even when it is hidden, unless something around it is: so does libddwaf.
pub(crate) fn resolve_for_values<'a>(
    root: &'a Object,
    path: &[PathItem],
    hidden: impl Fn(&Object) -> bool,
) -> Option<&'a Object> {
    let mut object = root;
    if hidden(object) {
        return None;
    }
    for item in path {
        match resolve(object, core::slice::from_ref(item), |_| false) {
            Resolved::Found(next) if matches!(item, PathItem::Index(_)) || !hidden(next) => object = next,
            _ => return None,
        }
    }
    Some(object)
}

/// Where remembered steps lead.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) value: &'a Object,
    /// The pair that the last step chose, when it chose one.
    pub(crate) entry: Option<&'a Entry>,
}

/// Follows remembered steps; `None` when they lead nowhere or through something hidden.
pub(crate) fn follow<'a>(
    root: &'a Object,
    steps: &[u32],
    hidden: impl Fn(&Object) -> bool,
) -> Option<Place<'a>> {
    let mut place = Place { value: root, entry: None };
    if hidden(root) {
        return None;
    }
    for step in steps {
        let step = *step as usize;
        place = match place.value.view() {
            View::Array(items) => Place { value: items.get(step)?, entry: None },
            View::Map(entries) => {
                let entry = entries.get(step)?;
                Place { value: &entry.value, entry: Some(entry) }
            }
            _ => return None,
        };
        if hidden(place.value) {
            return None;
        }
    }
    Some(place)
}

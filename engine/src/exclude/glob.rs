//! Finding the objects that an input filter's path names.

use bartizan_lang::ruleset::GlobItem;
use bartizan_object::{Entry, Object, View};

/// Calls `found` for every object at the path: keys follow all values of that key in a map, `*` any item of a
/// map or array. Recursion is bounded by the path, which comes from the configuration.
pub(super) fn find(root: &Object, path: &[GlobItem], found: &mut impl FnMut(&Object)) {
    let Some((item, rest)) = path.split_first() else {
        found(root);
        return;
    };
    match (item, root.view()) {
        (GlobItem::Key(key), View::Map(entries)) => {
            let is_named = |entry: &&Entry| entry.key.as_bytes() == Some(key);
            entries.iter().filter(is_named).for_each(|entry| find(&entry.value, rest, found));
        }
        (GlobItem::Any, View::Map(entries)) => {
            entries.iter().for_each(|entry| find(&entry.value, rest, found));
        }
        (GlobItem::Any, View::Array(items)) => items.iter().for_each(|item| find(item, rest, found)),
        _ => {}
    }
}

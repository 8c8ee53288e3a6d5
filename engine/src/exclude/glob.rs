//! Finding the objects that an input filter's paths name.

use alloc::vec::Vec;
use bartizan_lang::ruleset::GlobItem;
use bartizan_object::{Entry, Object, View};

/// Calls `found` for every object at one of the paths: keys follow all values of that key in a map, `*` any item of
/// a map or array. What is found is not searched further. Recursion is bounded by the paths, which come from the
/// configuration.
pub(super) fn find(root: &Object, paths: &[&[GlobItem]], found: &mut impl FnMut(&Object)) {
    if paths.iter().any(|path| path.is_empty()) {
        found(root);
        return;
    }
    let mut below = |child: &Object, key: Option<&[u8]>| {
        let rest: Vec<&[GlobItem]> = paths.iter().filter_map(|path| rest(path, key)).collect();
        if !rest.is_empty() {
            find(child, &rest, found);
        }
    };
    match root.view() {
        View::Map(entries) => {
            entries.iter().for_each(|Entry { key, value }| below(value, key.as_bytes()));
        }
        View::Array(items) => items.iter().for_each(|item| below(item, None)),
        _ => {}
    }
}

/// What is left of a path below a child; nothing where it leads elsewhere.
fn rest<'p>(path: &'p [GlobItem], key: Option<&[u8]>) -> Option<&'p [GlobItem]> {
    let (item, rest) = path.split_first()?;
    let leads = match item {
        GlobItem::Any => true,
        GlobItem::Key(name) => key == Some(name),
    };
    leads.then_some(rest)
}

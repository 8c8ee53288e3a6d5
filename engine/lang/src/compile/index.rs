//! Elements by id and by tags.

use crate::config::Reference;
use crate::vocab::Text;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::OnceCell;

/// Finds what references name among elements with ids and tags.
pub(super) struct Index<'a> {
    items: Vec<(&'a Text, &'a [(Text, Text)])>,
    ids: BTreeMap<&'a Text, u32>,
    /// Made at the first reference by tags, which many configurations do without.
    tags: OnceCell<BTreeMap<&'a (Text, Text), Vec<u32>>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(items: impl Iterator<Item = (&'a Text, &'a [(Text, Text)])>) -> Self {
        let items: Vec<_> = items.collect();
        let ids = (0..).zip(&items).map(|(position, (id, _))| (*id, position)).collect();
        Self { items, ids, tags: OnceCell::new() }
    }

    /// The positions of all elements that any of the references names, ascending.
    pub(super) fn select(&self, references: &[Reference]) -> Vec<u32> {
        let mut is_named = vec![false; self.items.len()];
        for reference in references {
            match reference {
                Reference::None => {}
                Reference::Id(id) => {
                    if let Some(position) = self.ids.get(id) {
                        is_named[*position as usize] = true;
                    }
                }
                Reference::Tags(tags) => self.mark_with_tags(tags, &mut is_named),
            }
        }
        (0..).zip(is_named).filter_map(|(position, is_named)| is_named.then_some(position)).collect()
    }

    /// Marks the elements that have all of `tags`.
    fn mark_with_tags(&self, tags: &[(Text, Text)], marks: &mut [bool]) {
        let index = self.tags.get_or_init(|| {
            let mut index: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for (position, (_, tags)) in (0..).zip(&self.items) {
                for tag in *tags {
                    index.entry(tag).or_default().push(position);
                }
            }
            index
        });
        let mut lists: Vec<&[u32]> =
            tags.iter().map(|tag| index.get(tag).map_or(&[][..], Vec::as_slice)).collect();
        lists.sort_unstable_by_key(|positions| positions.len());
        let Some((rarest, others)) = lists.split_first() else { return };
        for position in *rarest {
            if others.iter().all(|positions| positions.binary_search(position).is_ok()) {
                marks[*position as usize] = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_select_by_id_and_by_all_tags() {
        let tag = |key: &str, value: &str| (Text::from(key), Text::from(value));
        let items = [
            (Text::from("a"), Vec::from([tag("k", "1"), tag("l", "1")])),
            (Text::from("b"), Vec::from([tag("k", "1"), tag("l", "2")])),
            (Text::from("c"), Vec::from([tag("k", "2")])),
            (Text::from(""), Vec::new()),
        ];
        let index = Index::new(items.iter().map(|(id, tags)| (id, tags.as_slice())));
        let id = |id: &str| Reference::Id(id.into());
        let cases = [
            (Vec::from([id("c"), id("x"), id("a"), id("c")]), &[0, 2][..]),
            (Vec::from([id("")]), &[3]),
            (Vec::from([Reference::Tags(Vec::from([tag("k", "1")]))]), &[0, 1]),
            (Vec::from([Reference::Tags(Vec::from([tag("k", "1"), tag("l", "2")]))]), &[1]),
            (Vec::from([Reference::Tags(Vec::from([tag("k", "2"), tag("l", "2")]))]), &[]),
            (Vec::from([Reference::None]), &[]),
        ];
        for (references, positions) in cases {
            assert_eq!(index.select(&references), positions, "{references:?}");
        }
    }
}

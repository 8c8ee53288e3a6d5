//! Names with one or more values, in order of first appearance.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use bartizan_object::{AllocError, Slot};

pub(crate) type Bytes<'a> = Cow<'a, [u8]>;

struct Entry<'a> {
    name: Bytes<'a>,
    first: Bytes<'a>,
    more: Vec<Bytes<'a>>,
}

#[derive(Default)]
pub(crate) struct Multimap<'a> {
    entries: Vec<Entry<'a>>,
    /// Places in `entries`, in the order of their names.
    index: Vec<u32>,
}

impl<'a> Multimap<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The place in the index where a name is, or belongs.
    fn find(&self, name: &[u8]) -> Result<usize, usize> {
        self.index.binary_search_by(|at| (*self.entries[*at as usize].name).cmp(name))
    }

    pub(crate) fn push(&mut self, name: Bytes<'a>, value: Bytes<'a>) {
        match self.find(&name) {
            Ok(place) => self.entries[self.index[place] as usize].more.push(value),
            Err(place) => {
                self.index.insert(place, self.entries.len() as u32);
                self.entries.push(Entry { name, first: value, more: Vec::new() });
            }
        }
    }

    /// The first value of a name.
    pub(crate) fn get(&self, name: &[u8]) -> Option<&[u8]> {
        self.find(name).ok().map(|place| &*self.entries[self.index[place] as usize].first)
    }

    /// A map to a string where there is one value, to an array where there are more; with `lists` to an
    /// array always.
    pub(crate) fn write(&self, slot: Slot<'_>, lists: bool) -> Result<(), AllocError> {
        let mut map = slot.map(self.entries.len())?;
        for entry in &self.entries {
            let value = map.insert(&entry.name)?;
            if entry.more.is_empty() && !lists {
                value.string(&entry.first)?;
                continue;
            }
            let mut array = value.array(1 + entry.more.len())?;
            array.push()?.string(&entry.first)?;
            for more in &entry.more {
                array.push()?.string(more)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bartizan_object::{AllocRef, Owned};

    fn shown(map: &Multimap<'_>, lists: bool) -> alloc::string::String {
        let mut owned = Owned::new(AllocRef::global());
        map.write(owned.slot(), lists).unwrap();
        alloc::format!("{owned:?}")
    }

    #[test]
    fn repeated_names_are_gathered_where_they_began() {
        let mut map = Multimap::default();
        for (name, value) in [("a", "1"), ("b", "2"), ("a", "3")] {
            map.push(name.as_bytes().into(), value.as_bytes().into());
        }
        assert_eq!(shown(&map, false), r#"{"a":["1","3"],"b":"2"}"#);
        assert_eq!(shown(&map, true), r#"{"a":["1","3"],"b":["2"]}"#);
        assert_eq!((map.get(b"a"), map.get(b"c")), (Some(&b"1"[..]), None));
    }

    #[test]
    fn many_names_are_found_too() {
        let names: Vec<_> = (0..500).map(|n| alloc::format!("{}", n % 250)).collect();
        let mut map = Multimap::default();
        for name in &names {
            map.push(name.as_bytes().into(), b"v"[..].into());
        }
        assert_eq!(map.entries.len(), 250);
        assert!(map.entries.iter().all(|entry| entry.more.len() == 1));
    }
}

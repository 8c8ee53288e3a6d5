//! Addresses and their numbers.

use super::Text;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The number of an address within one builder; stable over its updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressId(pub u32);

/// Names of addresses, numbered in order of first mention.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    names: Vec<Text>,
    ids: BTreeMap<Text, AddressId>,
}

impl Addresses {
    /// The number of `name`, given out now if it is new.
    pub fn intern(&mut self, name: &[u8]) -> AddressId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = AddressId(self.names.len() as u32);
        let name = Text::from(name);
        self.names.push(name.clone());
        self.ids.insert(name, id);
        id
    }

    /// The number of a known name.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<AddressId> {
        self.ids.get(name).copied()
    }

    /// The name of a number that this table gave out.
    #[must_use]
    pub fn name(&self, id: AddressId) -> &Text {
        &self.names[id.0 as usize]
    }

    /// Forgets the names that were numbered since there were `len` of them.
    pub fn truncate(&mut self, len: usize) {
        for name in self.names.drain(len.min(self.names.len())..) {
            self.ids.remove(&name);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{AddressId, Addresses};

    #[test]
    fn truncation_forgets_the_newest_names_only() {
        let mut addresses = Addresses::default();
        let first = addresses.intern(b"a");
        addresses.intern(b"b");
        addresses.intern(b"c");
        addresses.truncate(1);
        assert_eq!((addresses.find(b"a"), addresses.find(b"b"), addresses.len()), (Some(first), None, 1));
        assert_eq!(addresses.intern(b"c"), AddressId(1));
        addresses.truncate(5);
        assert_eq!(addresses.len(), 2);
    }
}

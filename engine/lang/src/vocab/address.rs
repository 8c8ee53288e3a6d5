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

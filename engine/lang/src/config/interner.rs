//! What configurations of one builder share.

use crate::ruleset::Patterns;
use crate::vocab::{AddressId, Addresses};
use alloc::sync::Arc;

/// Where names and patterns are looked up, and put when they are new.
#[derive(Clone, Debug, Default)]
pub struct Interner {
    /// The numbers of addresses.
    pub addresses: Arc<Addresses>,
    /// The patterns that were read before.
    pub patterns: Patterns,
}

impl Interner {
    /// The number of an address. Whoever shares the table sees no new ones.
    pub(crate) fn address(&mut self, name: &[u8]) -> AddressId {
        match self.addresses.find(name) {
            Some(id) => id,
            None => Arc::make_mut(&mut self.addresses).intern(name),
        }
    }
}

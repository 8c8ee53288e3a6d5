//! Trees with an owner.

use crate::{AllocRef, Object, Slot};
use core::ops::Deref;

/// A tree and the allocator that frees it on drop.
pub struct Owned {
    object: Object,
    alloc: AllocRef,
}

impl Owned {
    /// A tree that holds nothing yet.
    #[must_use]
    pub fn new(alloc: AllocRef) -> Self {
        Self { object: Object::invalid(), alloc }
    }

    /// Takes over a tree.
    ///
    /// # Safety
    /// All memory of `object` came from `alloc`, and this becomes its only owner.
    #[must_use]
    pub unsafe fn from_object(object: Object, alloc: AllocRef) -> Self {
        Self { object, alloc }
    }

    /// The place to write the root; what was there is freed.
    pub fn slot(&mut self) -> Slot<'_> {
        // SAFETY: the tree is owned and exclusive here.
        unsafe { self.object.destroy(self.alloc) };
        // SAFETY: destroyed objects own nothing; the tree is freed with this allocator.
        unsafe { Slot::new(&mut self.object, self.alloc) }
    }

    /// Gives the tree away; whoever takes it frees it with [`Owned::allocator`].
    #[must_use]
    pub fn into_object(mut self) -> Object {
        core::mem::replace(&mut self.object, Object::invalid())
    }

    /// The allocator of the tree.
    #[must_use]
    pub fn allocator(&self) -> AllocRef {
        self.alloc
    }
}

impl Deref for Owned {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.object
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: owned, and never used again.
        unsafe { self.object.destroy(self.alloc) }
    }
}

impl core::fmt::Debug for Owned {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.object.fmt(f)
    }
}

/// Request data as a context keeps it: a tree that is either owned or lent by the caller for as long as
/// the context lives.
#[derive(Debug)]
pub struct Input {
    object: Object,
    owner: Option<AllocRef>,
}

impl Input {
    /// Data lent by foreign code.
    ///
    /// # Safety
    /// `object` and all it points to stay alive and unchanged until the `Input` is dropped; with
    /// `owner`, all its memory came from that allocator and the `Input` becomes its only owner.
    #[must_use]
    pub unsafe fn from_raw(object: Object, owner: Option<AllocRef>) -> Self {
        Self { object, owner }
    }
}

impl Input {
    /// A boolean.
    #[must_use]
    pub fn bool(value: bool) -> Self {
        Self { object: Object::bool(value), owner: None }
    }
}

impl From<Owned> for Input {
    fn from(owned: Owned) -> Self {
        let owner = Some(owned.alloc);
        Self { object: owned.into_object(), owner }
    }
}

impl Deref for Input {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.object
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        if let Some(alloc) = self.owner {
            // SAFETY: owned by the contract of `from_raw`, and never used again.
            unsafe { self.object.destroy(alloc) }
        }
    }
}

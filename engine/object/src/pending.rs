//! Values that a reader has finished and no container holds yet.

use crate::{AllocError, AllocRef, Object, Owned};
use alloc::vec::Vec;

/// A stack of finished values of one allocator; what is still on it when the reader gives up is freed.
///
/// The items of an open container are the top of the stack (key, value, key, value … for a map), so each
/// container is allocated once, at its final size.
pub(crate) struct Pending {
    values: Vec<Object>,
    alloc: AllocRef,
}

impl Pending {
    pub(crate) fn new(alloc: AllocRef) -> Self {
        Self { values: Vec::new(), alloc }
    }

    /// Number of values; the start of a container that is opened now.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Adds a value that owns nothing.
    #[inline]
    pub(crate) fn push_plain(&mut self, value: Object) -> Result<(), AllocError> {
        debug_assert!(!value.owns_memory());
        self.reserve()?;
        self.values.push(value);
        Ok(())
    }

    /// Adds a copy of `bytes`.
    #[inline]
    pub(crate) fn push_string(&mut self, bytes: &[u8]) -> Result<(), AllocError> {
        self.reserve()?;
        self.values.push(Object::string(bytes, self.alloc)?);
        Ok(())
    }

    /// Replaces the values from `start` on by an array of them.
    pub(crate) fn close_array(&mut self, start: usize) -> Result<(), AllocError> {
        self.reserve()?;
        let array = Object::array_of(&mut self.values, start, self.alloc)?;
        self.values.push(array);
        Ok(())
    }

    /// Replaces the values from `start` on, alternately keys and values, by a map of them.
    pub(crate) fn close_map(&mut self, start: usize) -> Result<(), AllocError> {
        self.reserve()?;
        let map = Object::map_of(&mut self.values, start, self.alloc)?;
        self.values.push(map);
        Ok(())
    }

    /// The last value as the root of a tree.
    pub(crate) fn into_root(mut self) -> Owned {
        let root = self.values.pop().unwrap_or(Object::invalid());
        // SAFETY: everything on the stack was made with this allocator, and the only handle just left it.
        unsafe { Owned::from_object(root, self.alloc) }
    }

    /// Room for one more value, so that a value that owns memory is never without a place.
    #[inline]
    fn reserve(&mut self) -> Result<(), AllocError> {
        if self.values.len() == self.values.capacity() {
            self.values.try_reserve(1).map_err(|_| AllocError)?;
        }
        Ok(())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        for value in &mut self.values {
            // SAFETY: made with this allocator, and the stack has the only handle.
            unsafe { value.destroy(self.alloc) }
        }
    }
}

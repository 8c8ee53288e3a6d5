//! Writing new values in place.

use crate::{AllocError, AllocRef, Object};

/// A place for one value inside a tree that is being built, with the tree's allocator.
///
/// ```
/// use bartizan_object::{AllocRef, Owned};
/// let mut result = Owned::new(AllocRef::global());
/// let mut map = result.slot().map(2)?;
/// map.insert(b"keep")?.bool(true);
/// map.insert(b"events")?.array(0)?;
/// # Ok::<(), bartizan_object::AllocError>(())
/// ```
pub struct Slot<'a> {
    object: &'a mut Object,
    alloc: AllocRef,
}

/// An array that is being filled.
pub struct ArrayWriter<'a>(Slot<'a>);

/// A map that is being filled.
pub struct MapWriter<'a>(Slot<'a>);

impl<'a> Slot<'a> {
    /// # Safety
    /// `object` owns nothing yet (it would leak), and its tree is freed with `alloc`.
    pub unsafe fn new(object: &'a mut Object, alloc: AllocRef) -> Self {
        Self { object, alloc }
    }

    /// Writes null.
    pub fn null(self) {
        *self.object = Object::null();
    }

    /// Writes a boolean.
    pub fn bool(self, value: bool) {
        *self.object = Object::bool(value);
    }

    /// Writes a signed integer.
    pub fn signed(self, value: i64) {
        *self.object = Object::signed(value);
    }

    /// Writes an unsigned integer.
    pub fn unsigned(self, value: u64) {
        *self.object = Object::unsigned(value);
    }

    /// Writes a float.
    pub fn float(self, value: f64) {
        *self.object = Object::float(value);
    }

    /// Writes a copy of `value`.
    ///
    /// # Errors
    /// The allocator refused.
    pub fn string(self, value: &[u8]) -> Result<(), AllocError> {
        *self.object = Object::string(value, self.alloc)?;
        Ok(())
    }

    /// Writes a string that lives for ever, without copying it.
    pub fn literal(self, value: &'static [u8]) {
        *self.object = Object::small(value).unwrap_or(Object::literal(value));
    }

    /// Writes a deep copy of `value`.
    ///
    /// # Errors
    /// The allocator refused.
    pub fn copy_of(self, value: &Object) -> Result<(), AllocError> {
        *self.object = value.clone_in(self.alloc)?;
        Ok(())
    }

    /// Writes an empty array with room for `capacity` items and goes on to fill it.
    ///
    /// # Errors
    /// The allocator refused.
    pub fn array(self, capacity: usize) -> Result<ArrayWriter<'a>, AllocError> {
        *self.object = Object::array(capacity, self.alloc)?;
        Ok(ArrayWriter(self))
    }

    /// Writes an empty map with room for `capacity` pairs and goes on to fill it.
    ///
    /// # Errors
    /// The allocator refused.
    pub fn map(self, capacity: usize) -> Result<MapWriter<'a>, AllocError> {
        *self.object = Object::map(capacity, self.alloc)?;
        Ok(MapWriter(self))
    }
}

impl ArrayWriter<'_> {
    /// A new last item, [`Object::invalid`] until it is written.
    ///
    /// # Errors
    /// The allocator refused.
    pub fn push(&mut self) -> Result<Slot<'_>, AllocError> {
        // SAFETY: the array was made with this allocator, and an invalid object owns nothing.
        let object = unsafe { self.0.object.push(Object::invalid(), self.0.alloc) }?;
        Ok(Slot { object, alloc: self.0.alloc })
    }

    /// Number of items so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.object.items().1
    }

    /// Whether there are no items yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl MapWriter<'_> {
    /// A new last pair with a copy of `key`; the value is [`Object::invalid`] until it is written.
    ///
    /// # Errors
    /// The allocator refused.
    pub fn insert(&mut self, key: &[u8]) -> Result<Slot<'_>, AllocError> {
        let mut key = Object::string(key, self.0.alloc)?;
        // SAFETY: map and key were made with this allocator.
        match unsafe { self.0.object.insert(key.alias(), Object::invalid(), self.0.alloc) } {
            Ok(object) => Ok(Slot { object, alloc: self.0.alloc }),
            Err(error) => {
                // SAFETY: the map did not take the key.
                unsafe { key.destroy(self.0.alloc) };
                Err(error)
            }
        }
    }

    /// As [`MapWriter::insert`] with a key that lives for ever and is not copied.
    ///
    /// # Errors
    /// The allocator refused.
    pub fn insert_literal(&mut self, key: &'static [u8]) -> Result<Slot<'_>, AllocError> {
        let key = Object::small(key).unwrap_or(Object::literal(key));
        // SAFETY: the map was made with this allocator; the key owns nothing.
        let object = unsafe { self.0.object.insert(key, Object::invalid(), self.0.alloc) }?;
        Ok(Slot { object, alloc: self.0.alloc })
    }

    /// The value of the first pair with this key, to overwrite it; its former content is freed.
    pub fn replace(&mut self, key: &[u8]) -> Option<Slot<'_>> {
        let alloc = self.0.alloc;
        let (items, len) = self.0.object.items();
        let index = self.0.object.as_map()?.iter().position(|entry| entry.key.as_bytes() == Some(key))?;
        debug_assert!(index < len);
        // SAFETY: `index` is below the map's length, and the writer has the map exclusively.
        let value = unsafe { &mut (*items.cast::<crate::Entry>().add(index)).value };
        // SAFETY: the whole tree is of this allocator, and the value is overwritten next.
        unsafe { value.destroy(alloc) };
        Some(Slot { object: value, alloc })
    }

    /// Whether a pair has this key.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        self.0.object.get(key).is_some()
    }

    /// Number of pairs so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.object.items().1
    }

    /// Whether there are no pairs yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

//! Making strings and containers, and growing containers, in one allocator.

use crate::object::{MAX_SMALL_LEN, Raw, RawContainer, RawLarge, tag};
use crate::{AllocError, AllocRef, Entry, Object};
use alloc::vec::Vec;
use core::mem::{size_of, size_of_val};
use core::ptr;

/// Most items a container of the compact form can have.
pub const MAX_COMPACT_CAPACITY: usize = u16::MAX as usize;
/// Most items any container can have.
pub const MAX_CAPACITY: usize = (1 << 28) - 1;

const FIRST_CAPACITY: usize = 8;

pub(crate) fn item_size(tag: u8) -> usize {
    if matches!(tag, tag::MAP | tag::LARGE_MAP) { size_of::<Entry>() } else { size_of::<Object>() }
}

fn container(compact_tag: u8, len: usize, capacity: usize, ptr: *mut u8) -> Object {
    let raw = if capacity <= MAX_COMPACT_CAPACITY {
        let (len, capacity) = (len as u16, capacity as u16);
        Raw {
            container: RawContainer {
                tag: compact_tag,
                _zero: 0,
                len,
                capacity,
                _zeros: [0; 2],
                _align: [],
                ptr,
            },
        }
    } else {
        let head = u64::from(compact_tag | 0x80) | (len as u64) << 8 | (capacity as u64) << 36;
        Raw { large: RawLarge { head, ptr } }
    };
    Object { raw }
}

impl Object {
    /// A string copied into `alloc`'s memory, or inline when it is short.
    ///
    /// # Errors
    /// The allocator refused, or the string has more than 2³²−1 bytes.
    pub fn string(value: &[u8], alloc: AllocRef) -> Result<Self, AllocError> {
        if let Some(small) = Self::small(value) {
            return Ok(small);
        }
        debug_assert!(value.len() > MAX_SMALL_LEN);
        let len = u32::try_from(value.len()).map_err(|_| AllocError)?;
        let memory = alloc.allocate(value.len(), 1)?;
        // SAFETY: fresh memory of exactly this size cannot overlap `value`.
        unsafe { ptr::copy_nonoverlapping(value.as_ptr(), memory.as_ptr(), value.len()) };
        // SAFETY: the memory was just filled with `len` bytes and is handed over.
        Ok(unsafe { Self::from_heap_string(memory.as_ptr(), len) })
    }

    /// A heap string that takes over `ptr`.
    ///
    /// # Safety
    /// `ptr` covers `len` bytes and, unless it is null, came from the allocator that will free the object,
    /// which will be given it back as (`len`, 1), even if `len` is 0.
    #[must_use]
    pub unsafe fn from_heap_string(ptr: *mut u8, len: u32) -> Self {
        Self::long_string(tag::STRING, ptr, len)
    }

    /// A literal string over foreign memory.
    ///
    /// # Safety
    /// `ptr` covers `len` bytes for as long as the object or a copy of it can be reached.
    #[must_use]
    pub unsafe fn from_literal(ptr: *const u8, len: u32) -> Self {
        Self::long_string(tag::LITERAL, ptr.cast_mut(), len)
    }

    /// An empty array with room for `capacity` items.
    ///
    /// # Errors
    /// The allocator refused, or `capacity` is beyond [`MAX_CAPACITY`].
    pub fn array(capacity: usize, alloc: AllocRef) -> Result<Self, AllocError> {
        Self::with_capacity(tag::ARRAY, capacity, alloc)
    }

    /// An empty map with room for `capacity` pairs.
    ///
    /// # Errors
    /// As [`Object::array`].
    pub fn map(capacity: usize, alloc: AllocRef) -> Result<Self, AllocError> {
        Self::with_capacity(tag::MAP, capacity, alloc)
    }

    fn with_capacity(compact_tag: u8, capacity: usize, alloc: AllocRef) -> Result<Self, AllocError> {
        if capacity == 0 {
            return Ok(container(compact_tag, 0, 0, ptr::null_mut()));
        }
        if capacity > MAX_CAPACITY {
            return Err(AllocError);
        }
        let bytes = capacity.checked_mul(item_size(compact_tag)).ok_or(AllocError)?;
        let memory = alloc.allocate(bytes, 8)?;
        Ok(container(compact_tag, 0, capacity, memory.as_ptr()))
    }

    /// An array of the values from `start` on, which leave `values`; its capacity is its size. On failure
    /// nothing moved.
    pub(crate) fn array_of(
        values: &mut Vec<Self>,
        start: usize,
        alloc: AllocRef,
    ) -> Result<Self, AllocError> {
        Self::container_of(tag::ARRAY, values, start, alloc)
    }

    /// As [`Object::array_of`], a map of pairs: the values are alternately keys and values.
    pub(crate) fn map_of(values: &mut Vec<Self>, start: usize, alloc: AllocRef) -> Result<Self, AllocError> {
        Self::container_of(tag::MAP, values, start, alloc)
    }

    fn container_of(
        compact_tag: u8,
        values: &mut Vec<Self>,
        start: usize,
        alloc: AllocRef,
    ) -> Result<Self, AllocError> {
        let moved = &values[start..];
        let len = moved.len() / (item_size(compact_tag) / size_of::<Self>());
        let empty = Self::with_capacity(compact_tag, len, alloc)?;
        let items = empty.items().0;
        if len > 0 {
            // SAFETY: the fresh memory has room for `len` items, which are as many bytes as the values
            // from `start` on (an entry is two objects).
            unsafe { ptr::copy_nonoverlapping(moved.as_ptr(), items.cast(), moved.len()) };
        }
        debug_assert_eq!(len * item_size(compact_tag), size_of_val(moved));
        values.truncate(start);
        Ok(container(compact_tag, len, len, items))
    }

    pub(crate) fn capacity(&self) -> usize {
        match self.tag() {
            // SAFETY: the tag says which form was written.
            tag::ARRAY | tag::MAP => unsafe { self.raw.container.capacity as usize },
            // SAFETY: as above.
            tag::LARGE_ARRAY | tag::LARGE_MAP => unsafe { (self.raw.large.head >> 36) as usize },
            _ => 0,
        }
    }

    /// Room for one more item, growing by the ABI's steps; returns the pointer to it. The length is
    /// counted up only after the caller wrote the item (`count_item`).
    unsafe fn reserve_item(&mut self, alloc: AllocRef) -> Result<*mut u8, AllocError> {
        let (items, len) = self.items();
        let capacity = self.capacity();
        let size = item_size(self.tag());
        if len < capacity {
            // SAFETY: within the allocation of `capacity` items.
            return Ok(unsafe { items.add(len * size) });
        }
        let wanted = match capacity {
            0 => FIRST_CAPACITY,
            1..=32_767 => capacity * 2,
            32_768..MAX_COMPACT_CAPACITY => MAX_COMPACT_CAPACITY,
            _ => (capacity * 2).min(MAX_CAPACITY),
        };
        if wanted <= len {
            return Err(AllocError);
        }
        let memory = alloc.allocate(wanted.checked_mul(size).ok_or(AllocError)?, 8)?.as_ptr();
        if !items.is_null() && capacity > 0 {
            // SAFETY: both cover `len` items, and fresh memory does not overlap.
            unsafe { ptr::copy_nonoverlapping(items, memory, len * size) };
            // SAFETY: the caller promises that `alloc` made this container.
            unsafe { alloc.deallocate(items, capacity * size, 8) };
        }
        *self = container(self.tag() & 0x7f, len, wanted, memory);
        // SAFETY: within the new allocation.
        Ok(unsafe { memory.add(len * size) })
    }

    fn count_item(&mut self) {
        match self.tag() {
            // SAFETY: the tag says which form was written.
            tag::ARRAY | tag::MAP => unsafe { self.raw.container.len += 1 },
            // SAFETY: as above; the size sits at bit 8 and is below its 28 bits (capacity checked).
            tag::LARGE_ARRAY | tag::LARGE_MAP => unsafe { self.raw.large.head += 1 << 8 },
            _ => {}
        }
    }

    /// Appends an item to an array and returns its place.
    ///
    /// # Errors
    /// Not an array, the allocator refused, or the array is at its limit; nothing changed then.
    ///
    /// # Safety
    /// `alloc` made this array, and makes (or may free) what `item` points to.
    pub unsafe fn push(&mut self, item: Self, alloc: AllocRef) -> Result<&mut Self, AllocError> {
        if !matches!(self.tag(), tag::ARRAY | tag::LARGE_ARRAY) {
            return Err(AllocError);
        }
        // SAFETY: the caller's promise.
        let place = unsafe { self.reserve_item(alloc) }?.cast::<Self>();
        // SAFETY: `place` is inside the allocation and holds nothing yet.
        unsafe { place.write(item) };
        self.count_item();
        // SAFETY: just written, and borrowed from `self`.
        Ok(unsafe { &mut *place })
    }

    /// Appends a pair to a map and returns the value's place. Keys are not checked for repetition.
    ///
    /// # Errors
    /// As [`Object::push`]; `key` is not freed then.
    ///
    /// # Safety
    /// As [`Object::push`], for key and value.
    pub unsafe fn insert(
        &mut self,
        key: Self,
        value: Self,
        alloc: AllocRef,
    ) -> Result<&mut Self, AllocError> {
        if !matches!(self.tag(), tag::MAP | tag::LARGE_MAP) {
            return Err(AllocError);
        }
        // SAFETY: the caller's promise.
        let place = unsafe { self.reserve_item(alloc) }?.cast::<Entry>();
        // SAFETY: `place` is inside the allocation and holds nothing yet.
        unsafe { place.write(Entry { key, value }) };
        self.count_item();
        // SAFETY: just written, and borrowed from `self`.
        Ok(unsafe { &mut (*place).value })
    }
}

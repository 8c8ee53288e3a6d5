//! Freeing whole trees without recursion and without memory: neither depth nor exhaustion can stop it.

use crate::grow::item_size;
use crate::object::tag;
use crate::{AllocRef, Object};
use core::mem::{align_of, replace, size_of};
use core::ptr;

/// A container that is being freed, from its last slot to its first. A map has two slots per pair, as its
/// memory is an array of key, value, key, value …
///
/// While an inner container is being freed, the slot it came from (number `left`) holds the place of the
/// container around this one, so that the way back needs no stack.
#[derive(Clone, Copy)]
struct Place {
    slots: *mut Object,
    /// Slots that were not looked at yet.
    left: u32,
    /// Size of the memory, in slots.
    capacity: u32,
}

const _: () =
    assert!(size_of::<Place>() <= size_of::<Object>() && align_of::<Place>() <= align_of::<Object>());

impl Place {
    /// Around the root.
    const NOWHERE: Self = Self { slots: ptr::null_mut(), left: 0, capacity: 0 };

    fn of(container: &Object) -> Self {
        let (items, len) = container.items();
        let slots_per_item = item_size(container.tag()) / size_of::<Object>();
        // Both fit: an item has at most two slots, and sizes have at most 28 bits.
        Self {
            slots: items.cast(),
            left: (len * slots_per_item) as u32,
            capacity: (container.capacity() * slots_per_item) as u32,
        }
    }
}

impl Object {
    /// Frees everything below and leaves [`Object::invalid`].
    ///
    /// # Safety
    /// `alloc` made all memory that the tree owns, and no other handle on it is used afterwards.
    pub unsafe fn destroy(&mut self, alloc: AllocRef) {
        let root = replace(self, Self::invalid());
        // SAFETY: the caller's promise.
        let Some(mut current) = (unsafe { root.release(alloc) }) else { return };
        let mut around = Place::NOWHERE;
        loop {
            while current.left > 0 {
                current.left -= 1;
                // SAFETY: below the container's size, so inside its memory, and written.
                let slot = unsafe { current.slots.add(current.left as usize) };
                // SAFETY: as above.
                if !unsafe { &*slot }.owns_memory() {
                    continue;
                }
                // SAFETY: as above; the slot is not looked at again as an object.
                let item = unsafe { slot.read() };
                // SAFETY: the item is part of the tree, and this is its only handle.
                if let Some(inner) = unsafe { item.release(alloc) } {
                    // SAFETY: the slot is ours, and a place is no larger than an object.
                    unsafe { slot.cast::<Place>().write(around) };
                    around = replace(&mut current, inner);
                }
            }
            let bytes = current.capacity as usize * size_of::<Self>();
            // SAFETY: a container owns exactly (capacity × item size, 8), by the caller's promise from
            // `alloc`; all its slots were freed.
            unsafe { alloc.deallocate(current.slots.cast(), bytes, 8) };
            if around.slots.is_null() {
                return;
            }
            // SAFETY: when `around` was left, its own surroundings were stored in the slot `left`.
            let outer = unsafe { around.slots.add(around.left as usize).cast::<Place>().read() };
            current = replace(&mut around, outer);
        }
    }

    /// Frees a string; of a container, returns the place if there is memory to free.
    ///
    /// # Safety
    /// As [`Object::destroy`].
    unsafe fn release(&self, alloc: AllocRef) -> Option<Place> {
        if self.tag() == tag::STRING {
            let (start, len) = self.long();
            if !start.is_null() {
                // SAFETY: a heap string owns exactly (len, 1), by the caller's promise from `alloc`.
                unsafe { alloc.deallocate(start, len, 1) };
            }
            return None;
        }
        let place = Place::of(self);
        (!place.slots.is_null()).then_some(place)
    }
}

//! Freeing and copying whole trees without recursion: hostile depth costs heap, never stack.

use crate::grow::item_size;
use crate::object::tag;
use crate::{AllocError, AllocRef, Entry, Object, View};
use alloc::vec::Vec;

impl Object {
    /// Frees everything below and leaves [`Object::invalid`].
    ///
    /// # Safety
    /// `alloc` made all memory that the tree owns, and no other handle on it is used afterwards.
    pub unsafe fn destroy(&mut self, alloc: AllocRef) {
        let root = core::mem::replace(self, Self::invalid());
        if !root.owns_memory() {
            return;
        }
        // Containers whose items still have to be freed: the object and the next slot to look at.
        // A map counts two slots per pair, as its memory is an array of key, value, key, value …
        let mut open: Vec<(Self, usize)> = Vec::new();
        let mut current = root;
        loop {
            if current.tag() == tag::STRING {
                // SAFETY: the tag says that the string form was written.
                let string = unsafe { current.raw.string };
                if string.len > 0 && !string.ptr.is_null() {
                    // SAFETY: a heap string owns exactly (len, 1), by the caller's promise from `alloc`.
                    unsafe { alloc.deallocate(string.ptr, string.len as usize, 1) };
                }
            } else {
                open.push((current, 0));
            }
            current = loop {
                let Some((container, next)) = open.last_mut() else { return };
                let (items, len) = container.items();
                let slots = len * item_size(container.tag()) / size_of::<Self>();
                let mut found = None;
                while *next < slots && !items.is_null() {
                    // SAFETY: below `slots`, inside the container's memory.
                    let item = unsafe { items.cast::<Self>().add(*next).read() };
                    *next += 1;
                    if item.owns_memory() {
                        found = Some(item);
                        break;
                    }
                }
                if let Some(item) = found {
                    break item;
                }
                let bytes = container.capacity() * item_size(container.tag());
                if bytes > 0 && !items.is_null() {
                    // SAFETY: a container owns exactly (capacity × item size, 8).
                    unsafe { alloc.deallocate(items, bytes, 8) };
                }
                open.pop();
            };
        }
    }

    /// A deep copy in `alloc`'s memory: short strings become inline, literal values stay literal,
    /// keys are always copied, capacities equal sizes.
    ///
    /// # Errors
    /// The allocator refused; nothing is left behind.
    pub fn clone_in(&self, alloc: AllocRef) -> Result<Self, AllocError> {
        struct Level<'a> {
            source: &'a Object,
            next: usize,
            copy: Object,
        }
        let mut open: Vec<Level<'_>> = Vec::new();
        let failed = |open: Vec<Level<'_>>| {
            for mut level in open {
                // SAFETY: every copy on the stack was made here, in `alloc`, and is owned by it alone.
                unsafe { level.copy.destroy(alloc) };
            }
            Err(AllocError)
        };
        let mut source = self;
        loop {
            let copied = match source.view() {
                View::Array(items) => Self::array(items.len(), alloc),
                View::Map(entries) => Self::map(entries.len(), alloc),
                View::String(bytes) if source.tag() != tag::LITERAL => Self::string(bytes, alloc),
                View::Invalid => Ok(Self::invalid()),
                // SAFETY: scalars and literals own nothing, so two handles are harmless.
                _ => Ok(unsafe { source.alias() }),
            };
            let mut done = match copied {
                Ok(copy) if matches!(source.view(), View::Array(_) | View::Map(_)) => {
                    open.push(Level { source, next: 0, copy });
                    None
                }
                Ok(copy) => Some(copy),
                Err(AllocError) => return failed(open),
            };
            // Attach finished values to their parents until a parent has another child to copy.
            source = loop {
                let Some(mut level) = open.pop() else {
                    return done.ok_or(AllocError);
                };
                if let Some(mut value) = done.take() {
                    let attached = match level.source.view() {
                        View::Map(entries) => {
                            Self::string(entries[level.next].key.as_bytes().unwrap_or_default(), alloc)
                                .and_then(|mut key| {
                                    // SAFETY: map, key and value were all made here in `alloc`.
                                    let inserted = unsafe {
                                        level.copy.insert(key.alias(), value.alias(), alloc).map(|_| ())
                                    };
                                    if inserted.is_err() {
                                        // SAFETY: not inserted, so this is the only handle.
                                        unsafe { key.destroy(alloc) };
                                    }
                                    inserted
                                })
                        }
                        // SAFETY: as for maps.
                        _ => unsafe { level.copy.push(value.alias(), alloc).map(|_| ()) },
                    };
                    if attached.is_err() {
                        // SAFETY: not attached, so this is the only handle.
                        unsafe { value.destroy(alloc) };
                        open.push(level);
                        return failed(open);
                    }
                    level.next += 1;
                }
                let child = match level.source.view() {
                    View::Array(items) => items.get(level.next),
                    View::Map(entries) => entries.get(level.next).map(|entry: &Entry| &entry.value),
                    _ => None,
                };
                match child {
                    Some(child) => {
                        open.push(level);
                        break child;
                    }
                    None => done = Some(level.copy),
                }
            };
        }
    }
}

//! The 16 bytes and their safe reading.

use core::mem::{align_of, offset_of, size_of};
use core::{fmt, ptr, slice};

/// Longest string that is stored inside the 16 bytes.
pub const MAX_SMALL_LEN: usize = 14;

pub(crate) mod tag {
    pub(crate) const INVALID: u8 = 0x00;
    pub(crate) const NULL: u8 = 0x01;
    pub(crate) const BOOL: u8 = 0x02;
    pub(crate) const SIGNED: u8 = 0x04;
    pub(crate) const UNSIGNED: u8 = 0x06;
    pub(crate) const FLOAT: u8 = 0x08;
    pub(crate) const STRING: u8 = 0x10;
    pub(crate) const LITERAL: u8 = 0x12;
    pub(crate) const SMALL: u8 = 0x14;
    pub(crate) const ARRAY: u8 = 0x20;
    pub(crate) const MAP: u8 = 0x40;
    pub(crate) const LARGE_ARRAY: u8 = 0xA0;
    pub(crate) const LARGE_MAP: u8 = 0xC0;
}

/// What an object is, storage forms folded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the whole meaning")]
pub enum Kind {
    Invalid,
    Null,
    Bool,
    Signed,
    Unsigned,
    Float,
    String,
    Array,
    Map,
}

// The `_zero` fields fill what would be padding, so that the objects we make are initialised through and
// through. Foreign objects need not be: read single fields, never a form as a whole.

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct RawBool {
    pub(crate) tag: u8,
    pub(crate) value: u8,
    pub(crate) _zero: [u8; 14],
}

#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub(crate) struct RawNumber {
    pub(crate) tag: u8,
    pub(crate) _zero: [u8; 7],
    pub(crate) bits: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct RawString {
    pub(crate) tag: u8,
    pub(crate) _zero: [u8; 3],
    pub(crate) len: u32,
    pub(crate) _align: [u64; 0],
    pub(crate) ptr: *mut u8,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct RawSmall {
    pub(crate) tag: u8,
    pub(crate) len: u8,
    pub(crate) bytes: [u8; MAX_SMALL_LEN],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct RawContainer {
    pub(crate) tag: u8,
    pub(crate) _zero: u8,
    pub(crate) len: u16,
    pub(crate) capacity: u16,
    pub(crate) _zeros: [u8; 2],
    pub(crate) _align: [u64; 0],
    pub(crate) ptr: *mut u8,
}

/// Bits 0-7 tag, 8-35 size, 36-63 capacity.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct RawLarge {
    pub(crate) head: u64,
    pub(crate) ptr: *mut u8,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) union Raw {
    pub(crate) tag: u8,
    pub(crate) boolean: RawBool,
    pub(crate) number: RawNumber,
    pub(crate) string: RawString,
    pub(crate) small: RawSmall,
    pub(crate) container: RawContainer,
    pub(crate) large: RawLarge,
}

/// One value, laid out as `ddwaf_object` of the C ABI: 16 bytes, 8-aligned.
///
/// A plain copy of the bytes: copying or dropping an `Object` neither clones nor frees what it points
/// to. [`Owned`](crate::Owned) is the one that frees. Every `Object` reachable from safe code is well
/// formed: its pointers cover its sizes for as long as it can be reached; the unsafe functions that
/// make objects out of foreign memory carry that promise.
#[repr(transparent)]
pub struct Object {
    pub(crate) raw: Raw,
}

/// One pair of a map: `ddwaf_object_kv` of the C ABI, 32 bytes. Keys are strings of any storage form.
#[repr(C)]
pub struct Entry {
    /// The key.
    pub key: Object,
    /// The value.
    pub value: Object,
}

const _: () = {
    assert!(cfg!(target_endian = "little"), "the large form's tag is the lowest byte of its head");
    assert!(size_of::<Object>() == 16 && align_of::<Object>() == 8);
    assert!(size_of::<Entry>() == 32 && offset_of!(Entry, value) == 16);
    assert!(offset_of!(RawString, len) == 4 && offset_of!(RawString, ptr) == 8);
    assert!(offset_of!(RawContainer, len) == 2 && offset_of!(RawContainer, capacity) == 4);
    assert!(offset_of!(RawContainer, ptr) == 8 && offset_of!(RawLarge, ptr) == 8);
    assert!(offset_of!(RawNumber, bits) == 8 && offset_of!(RawSmall, bytes) == 2);
};

// SAFETY: an object is data; all mutation goes through `&mut` or through unsafe functions whose
// callers promise exclusive access.
unsafe impl Send for Object {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Object {}

/// A safe look at an object. Strings are bytes: UTF-8 is usual, not promised.
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "the names are the whole meaning")]
pub enum View<'a> {
    Invalid,
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    String(&'a [u8]),
    Array(&'a [Object]),
    Map(&'a [Entry]),
}

impl Object {
    /// The value of a slot that nothing was written to.
    #[must_use]
    pub const fn invalid() -> Self {
        Self::number(tag::INVALID, 0)
    }

    /// Null.
    #[must_use]
    pub const fn null() -> Self {
        Self::number(tag::NULL, 0)
    }

    /// A boolean.
    #[must_use]
    pub const fn bool(value: bool) -> Self {
        Self { raw: Raw { boolean: RawBool { tag: tag::BOOL, value: value as u8, _zero: [0; 14] } } }
    }

    /// A signed integer.
    #[must_use]
    pub const fn signed(value: i64) -> Self {
        Self::number(tag::SIGNED, value as u64)
    }

    /// An unsigned integer.
    #[must_use]
    pub const fn unsigned(value: u64) -> Self {
        Self::number(tag::UNSIGNED, value)
    }

    /// A float.
    #[must_use]
    pub const fn float(value: f64) -> Self {
        Self::number(tag::FLOAT, value.to_bits())
    }

    /// A string that lives for ever; never copied, never freed.
    #[must_use]
    pub const fn literal(value: &'static [u8]) -> Self {
        Self::long_string(tag::LITERAL, value.as_ptr().cast_mut(), value.len() as u32)
    }

    /// A string stored inside the object, or `None` beyond [`MAX_SMALL_LEN`] bytes.
    #[must_use]
    pub fn small(value: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX_SMALL_LEN];
        bytes.get_mut(..value.len())?.copy_from_slice(value);
        Some(Self { raw: Raw { small: RawSmall { tag: tag::SMALL, len: value.len() as u8, bytes } } })
    }

    const fn number(tag: u8, bits: u64) -> Self {
        Self { raw: Raw { number: RawNumber { tag, _zero: [0; 7], bits } } }
    }

    /// A string outside the object; who owns `ptr` depends on the tag.
    pub(crate) const fn long_string(tag: u8, ptr: *mut u8, len: u32) -> Self {
        Self { raw: Raw { string: RawString { tag, _zero: [0; 3], len, _align: [], ptr } } }
    }

    pub(crate) fn tag(&self) -> u8 {
        // SAFETY: every form has the tag as its first byte, and every constructor writes it.
        unsafe { self.raw.tag }
    }

    /// The type byte of the ABI, storage form and all.
    #[must_use]
    pub fn type_code(&self) -> u8 {
        self.tag()
    }

    /// Whether this object owns memory of an allocator.
    #[must_use]
    pub fn owns_memory(&self) -> bool {
        matches!(self.tag(), tag::STRING | tag::ARRAY | tag::MAP | tag::LARGE_ARRAY | tag::LARGE_MAP)
    }

    /// The kind; unknown tags are [`Kind::Invalid`].
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.tag() {
            tag::NULL => Kind::Null,
            tag::BOOL => Kind::Bool,
            tag::SIGNED => Kind::Signed,
            tag::UNSIGNED => Kind::Unsigned,
            tag::FLOAT => Kind::Float,
            tag::STRING | tag::LITERAL | tag::SMALL => Kind::String,
            tag::ARRAY | tag::LARGE_ARRAY => Kind::Array,
            tag::MAP | tag::LARGE_MAP => Kind::Map,
            _ => Kind::Invalid,
        }
    }

    /// Pointer and length of a container's items.
    pub(crate) fn items(&self) -> (*mut u8, usize) {
        match self.tag() {
            // SAFETY: the tag says which form was written.
            tag::ARRAY | tag::MAP => unsafe { (self.raw.container.ptr, self.raw.container.len as usize) },
            // SAFETY: as above.
            tag::LARGE_ARRAY | tag::LARGE_MAP => unsafe {
                (self.raw.large.ptr, (self.raw.large.head >> 8) as usize & crate::MAX_CAPACITY)
            },
            _ => (ptr::null_mut(), 0),
        }
    }

    /// Looks at the value.
    #[inline]
    #[must_use]
    pub fn view(&self) -> View<'_> {
        match self.tag() {
            tag::NULL => View::Null,
            // SAFETY: the tag says which form was written (here and below).
            tag::BOOL => View::Bool(unsafe { self.raw.boolean.value } != 0),
            // SAFETY: see above.
            tag::SIGNED => View::Signed(unsafe { self.raw.number.bits } as i64),
            // SAFETY: see above.
            tag::UNSIGNED => View::Unsigned(unsafe { self.raw.number.bits }),
            // SAFETY: see above.
            tag::FLOAT => View::Float(f64::from_bits(unsafe { self.raw.number.bits })),
            tag::STRING | tag::LITERAL | tag::SMALL => View::String(self.bytes()),
            tag::ARRAY | tag::LARGE_ARRAY => {
                let (ptr, len) = self.items();
                View::Array(if ptr.is_null() || len == 0 {
                    &[]
                } else {
                    // SAFETY: a well-formed container's pointer covers `len` objects while it lives.
                    unsafe { slice::from_raw_parts(ptr.cast(), len) }
                })
            }
            tag::MAP | tag::LARGE_MAP => {
                let (ptr, len) = self.items();
                View::Map(if ptr.is_null() || len == 0 {
                    &[]
                } else {
                    // SAFETY: as for arrays, with pairs.
                    unsafe { slice::from_raw_parts(ptr.cast(), len) }
                })
            }
            _ => View::Invalid,
        }
    }

    /// Pointer and length of a string outside the object.
    pub(crate) fn long(&self) -> (*mut u8, usize) {
        match self.tag() {
            // SAFETY: the tag says which form was written.
            tag::STRING | tag::LITERAL => unsafe { (self.raw.string.ptr, self.raw.string.len as usize) },
            _ => (ptr::null_mut(), 0),
        }
    }

    /// Where the bytes of a string lie, and how many there are; `None` for other kinds. A short string lies
    /// inside the object; an empty one may be anywhere, or nowhere (null).
    #[inline]
    #[must_use]
    pub fn string_parts(&self) -> Option<(*const u8, usize)> {
        match self.tag() {
            tag::SMALL => {
                // SAFETY: the tag says that the small form was written.
                let len = usize::from(unsafe { self.raw.small.len }).min(MAX_SMALL_LEN);
                // SAFETY: as above; a pointer and not a reference, as the bytes after the length may be
                // uninitialised.
                Some((unsafe { &raw const self.raw.small.bytes }.cast(), len))
            }
            tag::STRING | tag::LITERAL => {
                let (start, len) = self.long();
                Some((start.cast_const(), len))
            }
            _ => None,
        }
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        match self.string_parts() {
            Some((start, len)) if !start.is_null() && len > 0 => {
                // SAFETY: a well-formed string's pointer covers its length while the object lives; a small
                // string's bytes are inside the object.
                unsafe { slice::from_raw_parts(start, len) }
            }
            _ => &[],
        }
    }

    /// The bytes of a string, `None` for other kinds.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        matches!(self.tag(), tag::STRING | tag::LITERAL | tag::SMALL).then(|| self.bytes())
    }

    /// The text of a string that is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_bytes().and_then(|bytes| core::str::from_utf8(bytes).ok())
    }

    /// The pairs of a map, `None` for other kinds.
    #[must_use]
    pub fn as_map(&self) -> Option<&[Entry]> {
        match self.view() {
            View::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of an array, `None` for other kinds.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self.view() {
            View::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The value of the first pair with this key; `None` for other kinds too.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<&Self> {
        self.as_map()?.iter().find(|entry| entry.key.as_bytes() == Some(key)).map(|entry| &entry.value)
    }

    /// Whether the object is a string stored on the heap (not inline, not literal).
    #[must_use]
    pub fn is_heap_string(&self) -> bool {
        self.tag() == tag::STRING
    }

    /// Where the object lies, as its identity while it lives.
    #[must_use]
    pub fn address(&self) -> usize {
        ptr::from_ref(self) as usize
    }

    /// A second handle on the same memory.
    ///
    /// # Safety
    /// Only one of the handles may free, and none may be used after that.
    #[must_use]
    pub unsafe fn alias(&self) -> Self {
        Self { raw: self.raw }
    }
}

impl fmt::Debug for Object {
    /// JSON, so that a failing test shows the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = alloc::vec::Vec::new();
        crate::json::write(self, &mut text);
        f.write_str(&alloc::string::String::from_utf8_lossy(&text))
    }
}

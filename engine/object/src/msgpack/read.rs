//! Bytes → object.

use super::{Error, ErrorKind};
use crate::pending::Pending;
use crate::{AllocRef, Object, Owned};
use alloc::vec::Vec;

/// The depth to which [`parse`] fills containers, the same as for JSON.
pub const MAX_DEPTH: usize = crate::json::MAX_DEPTH;

/// Reads one MessagePack document with the depth limit [`MAX_DEPTH`].
///
/// ```
/// use bartizan_object::{AllocRef, View, msgpack};
/// let value = msgpack::parse(b"\x81\xa2id\x93\x01\xff\xc0", AllocRef::global())?;
/// assert_eq!(format!("{value:?}"), r#"{"id":[1,-1,null]}"#);
/// # Ok::<(), msgpack::Error>(())
/// ```
///
/// # Errors
/// As [`parse_with_depth`].
pub fn parse(bytes: &[u8], alloc: AllocRef) -> Result<Owned, Error> {
    parse_with_depth(bytes, MAX_DEPTH, alloc)
}

/// Reads one MessagePack document. Containers nested deeper than `max_depth` (the root has depth 1) are
/// checked but left empty; their siblings survive.
///
/// # Errors
/// What is wrong with the bytes and where; [`ErrorKind::OutOfMemory`] if the allocator refused.
pub fn parse_with_depth(bytes: &[u8], max_depth: usize, alloc: AllocRef) -> Result<Owned, Error> {
    let mut reader =
        Reader { bytes, at: 0, max_depth, open: Vec::new(), pending: Pending::new(alloc), key: Vec::new() };
    reader.document()?;
    Ok(reader.pending.into_root())
}

/// A container whose items are still coming.
struct Open {
    /// Where its items start in `pending`.
    start: usize,
    /// Values still to come; a map's keys count.
    left: u64,
    is_map: bool,
}

enum Item<'a> {
    Plain(Object),
    String(&'a [u8]),
    Array(u32),
    Map(u32),
    Extension,
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// The next byte to look at.
    at: usize,
    max_depth: usize,
    open: Vec<Open>,
    pending: Pending,
    /// The text of a key that is no string.
    key: Vec<u8>,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<(), Error> {
        self.value()?;
        while let Some(open) = self.open.last_mut() {
            if open.left == 0 {
                self.close_container()?;
                continue;
            }
            open.left -= 1;
            if open.is_map && open.left % 2 == 1 {
                self.key()?;
            } else {
                self.value()?;
            }
        }
        if self.at < self.bytes.len() {
            return Err(Error { kind: ErrorKind::TrailingData, offset: self.at });
        }
        Ok(())
    }

    /// Reads a value, or the head of a container.
    fn value(&mut self) -> Result<(), Error> {
        let keep = self.keeps_items();
        let pushed = match self.item()? {
            Item::Array(len) => return self.open_container(false, u64::from(len)),
            Item::Map(len) => return self.open_container(true, 2 * u64::from(len)),
            _ if !keep => Ok(()),
            Item::Plain(value) => self.pending.push_plain(value),
            Item::Extension => self.pending.push_plain(Object::invalid()),
            Item::String(bytes) => self.pending.push_string(bytes),
        };
        pushed.map_err(Error::out_of_memory(self.at))
    }

    fn key(&mut self) -> Result<(), Error> {
        let (keep, start) = (self.keeps_items(), self.at);
        let bytes = match self.item()? {
            Item::String(bytes) => bytes,
            Item::Plain(scalar) => {
                self.key.clear();
                crate::json::write(&scalar, &mut self.key);
                &self.key
            }
            _ => return Err(Error { kind: ErrorKind::UnsupportedKey, offset: start }),
        };
        if keep {
            self.pending.push_string(bytes).map_err(Error::out_of_memory(start))?;
        }
        Ok(())
    }

    fn open_container(&mut self, is_map: bool, left: u64) -> Result<(), Error> {
        // Every item has at least one byte.
        if left > (self.bytes.len() - self.at) as u64 {
            return Err(Error { kind: ErrorKind::UnexpectedEnd, offset: self.bytes.len() });
        }
        self.open.try_reserve(1).map_err(|_| Error { kind: ErrorKind::OutOfMemory, offset: self.at })?;
        self.open.push(Open { start: self.pending.len(), left, is_map });
        Ok(())
    }

    /// Takes the innermost open container off; if its own parent keeps its items, it becomes a value.
    fn close_container(&mut self) -> Result<(), Error> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        if self.keeps_items() {
            let closed = if open.is_map {
                self.pending.close_map(open.start)
            } else {
                self.pending.close_array(open.start)
            };
            closed.map_err(Error::out_of_memory(self.at))?;
        }
        Ok(())
    }

    /// Whether what comes next is part of the result, and not below the depth limit.
    fn keeps_items(&self) -> bool {
        self.open.len() <= self.max_depth
    }

    /// Reads the next item up to where its own items start.
    fn item(&mut self) -> Result<Item<'a>, Error> {
        let start = self.at;
        let [first] = self.take()?;
        Ok(match first {
            0x00..=0x7f => Item::Plain(Object::unsigned(u64::from(first))),
            0x80..=0x8f => Item::Map(u32::from(first & 0x0f)),
            0x90..=0x9f => Item::Array(u32::from(first & 0x0f)),
            0xa0..=0xbf => self.string(u32::from(first & 0x1f))?,
            0xc0 => Item::Plain(Object::null()),
            0xc1 => return Err(Error { kind: ErrorKind::ReservedByte, offset: start }),
            0xc2 | 0xc3 => Item::Plain(Object::bool(first == 0xc3)),
            0xc4 | 0xd9 => {
                let len = u8::from_be_bytes(self.take()?);
                self.string(u32::from(len))?
            }
            0xc5 | 0xda => {
                let len = u16::from_be_bytes(self.take()?);
                self.string(u32::from(len))?
            }
            0xc6 | 0xdb => {
                let len = u32::from_be_bytes(self.take()?);
                self.string(len)?
            }
            0xc7 => {
                let len = u8::from_be_bytes(self.take()?);
                self.extension(u32::from(len))?
            }
            0xc8 => {
                let len = u16::from_be_bytes(self.take()?);
                self.extension(u32::from(len))?
            }
            0xc9 => {
                let len = u32::from_be_bytes(self.take()?);
                self.extension(len)?
            }
            0xca => Item::Plain(Object::float(f64::from(f32::from_be_bytes(self.take()?)))),
            0xcb => Item::Plain(Object::float(f64::from_be_bytes(self.take()?))),
            0xcc => Item::Plain(Object::unsigned(u64::from(u8::from_be_bytes(self.take()?)))),
            0xcd => Item::Plain(Object::unsigned(u64::from(u16::from_be_bytes(self.take()?)))),
            0xce => Item::Plain(Object::unsigned(u64::from(u32::from_be_bytes(self.take()?)))),
            0xcf => Item::Plain(Object::unsigned(u64::from_be_bytes(self.take()?))),
            0xd0 => integer(i64::from(i8::from_be_bytes(self.take()?))),
            0xd1 => integer(i64::from(i16::from_be_bytes(self.take()?))),
            0xd2 => integer(i64::from(i32::from_be_bytes(self.take()?))),
            0xd3 => integer(i64::from_be_bytes(self.take()?)),
            0xd4..=0xd8 => self.extension(1 << (first - 0xd4))?,
            0xdc => Item::Array(u32::from(u16::from_be_bytes(self.take()?))),
            0xdd => Item::Array(u32::from_be_bytes(self.take()?)),
            0xde => Item::Map(u32::from(u16::from_be_bytes(self.take()?))),
            0xdf => Item::Map(u32::from_be_bytes(self.take()?)),
            0xe0..=0xff => integer(i64::from(first as i8)),
        })
    }

    fn string(&mut self, len: u32) -> Result<Item<'a>, Error> {
        Ok(Item::String(self.take_slice(len as usize)?))
    }

    /// Passes over the type byte and the data of an extension.
    fn extension(&mut self, len: u32) -> Result<Item<'a>, Error> {
        let [_type] = self.take()?;
        self.take_slice(len as usize)?;
        Ok(Item::Extension)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let bytes = self.bytes[self.at..].first_chunk().ok_or(self.end())?;
        self.at += N;
        Ok(*bytes)
    }

    fn take_slice(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let bytes = self.bytes[self.at..].get(..len).ok_or(self.end())?;
        self.at += len;
        Ok(bytes)
    }

    fn end(&self) -> Error {
        Error { kind: ErrorKind::UnexpectedEnd, offset: self.bytes.len() }
    }
}

fn integer(value: i64) -> Item<'static> {
    Item::Plain(u64::try_from(value).map_or(Object::signed(value), Object::unsigned))
}
